//! `sandbox`: a practice Identity Center on this machine.

pub mod child;
mod isolated;
mod network;
mod practice;

use crate::app::App;
use crate::report::Done;
use clap::{Args, Subcommand, ValueEnum};
use daypass_core::{Error, Kind, Result};
pub use practice::{Browser, Practice, start};
use sandbox::person::{Decision, Person};
use sandbox::world::Mfa;
use sandbox::{Options, RedirectStyle, TotpSecret, World};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A practice Identity Center on this machine, for trying things out and for tests
///
/// Serves the login, the portal, STS and an S3 bucket on 127.0.0.1, in memory, and
/// prints the environment that sends daypass, the AWS CLI and the SDKs there, with a
/// throw-away home directory, so that your own files stay as they are.
/// It has nothing to do with AWS: no account is needed, none is touched.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sandbox {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a command in a sandbox of its own, with a throw-away home directory
    Exec(Exec),
    /// Play the person at the browser: sign in at a login's address, and allow it
    Approve(Approve),
}

/// What the server is like.
#[derive(Args, Debug, Clone)]
pub struct Server {
    /// First of four ports in a row [default: free ones]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Who and what exists: `guide`, `company`, `huge` (5,000 accounts), or a TOML file
    #[arg(long, value_name = "WORLD", default_value = "guide")]
    world: PathBuf,
    /// Life of an access token
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().access_token_seconds)]
    access_token_life: u64,
    /// Life of a login: how long refreshing works
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().session_seconds)]
    session_life: u64,
    /// Life of role credentials [default: the permission set's]
    #[arg(long, value_name = "SECONDS")]
    role_credentials_life: Option<u64>,
    /// Let refresh tokens be used again and again
    #[arg(long)]
    no_rotation: bool,
    /// Items on a portal page when the client does not ask for a number
    #[arg(long, value_name = "COUNT", default_value_t = Options::default().page_size)]
    portal_page_size: usize,
    /// Put an empty page before every portal page
    #[arg(long)]
    empty_pages: bool,
    /// How S3 answers a request for another region's bucket
    #[arg(long, value_name = "STYLE", default_value = "permanent")]
    redirect_style: Redirects,
    /// Portal requests a second, beyond which it answers 429; 0 for no limit
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    portal_rate: usize,
    #[command(flatten)]
    network: network::Network,
}

/// The ways in which S3 is known to send a client to a bucket's region.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Redirects {
    /// 301, the region in header and body
    Permanent,
    /// 307, the region in the header
    Temporary,
    /// 400, the region in the body only
    Malformed,
    /// 301 without a region: HeadBucket tells it
    Silent,
    /// 301 without a region, and HeadBucket does not tell it either
    Mute,
}

impl From<Redirects> for RedirectStyle {
    fn from(wanted: Redirects) -> Self {
        match wanted {
            Redirects::Permanent => RedirectStyle::Permanent,
            Redirects::Temporary => RedirectStyle::Temporary,
            Redirects::Malformed => RedirectStyle::Malformed,
            Redirects::Silent => RedirectStyle::Silent,
            Redirects::Mute => RedirectStyle::Mute,
        }
    }
}

#[derive(Args, Debug)]
struct Exec {
    /// Open your own browser instead of a scripted person
    #[arg(long)]
    browser: bool,
    /// Who the scripted person signs in as [default: the world's first user]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Run it in a network of its own, where AWS's host names lead to the sandbox and
    /// nothing else exists: for clients whose endpoints cannot be changed (Linux)
    #[arg(long, conflicts_with_all = ["port", "tls", "names_port", "allow_network_access"])]
    isolated: bool,
    /// Run it in the network that `--isolated` has made
    #[arg(long, hide = true, conflicts_with = "isolated")]
    inside: bool,
    #[command(flatten)]
    server: Server,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    words: Vec<OsString>,
}

#[derive(Args, Debug)]
struct Approve {
    /// The address that a login on the sandbox shows
    url: String,
    /// The code it shows with it, in the device flow
    code: Option<String>,
    /// The name to sign in with
    #[arg(long, default_value = "ada")]
    user: String,
    /// Their password, if the world gives them one
    #[arg(long, default_value = "", hide_default_value = true)]
    password: String,
    /// What their authenticator app knows, if they have one: base 32
    #[arg(long, value_name = "SECRET")]
    mfa_secret: Option<TotpSecret>,
    /// Choose Deny instead of Allow
    #[arg(long)]
    deny: bool,
    /// Whom to trust for https [default: `AWS_CA_BUNDLE`, as the sandbox prints it]
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
}

pub fn run(app: &App, wanted: Sandbox) -> Result<Done> {
    match wanted.command {
        None => serve(app, &wanted.server),
        Some(Command::Exec(wanted)) => exec(app, &wanted),
        Some(Command::Approve(wanted)) => approve(app, &wanted),
    }
}

impl Server {
    fn world(&self) -> Result<World> {
        let built_in = self.world.to_str().and_then(World::built_in);
        built_in.map_or_else(|| World::load(&self.world), Ok).map_err(|error| {
            Error::new(Kind::Config, "cannot use the world of the sandbox")
                .because(error.to_string())
                .hint("`--world` takes a TOML file, or one of guide, company and huge")
        })
    }

    /// The words by which `approve` signs in as that user, or as the first one.
    fn person(&self, name: Option<&str>) -> Result<Vec<String>> {
        let world = self.world()?;
        let mut users = world.users.iter();
        let user = match name {
            Some(name) => users.find(|user| user.name == name),
            None => users.next(),
        };
        let name = name.or(user.map(|user| user.name.as_str())).unwrap_or_default();
        let mut words = vec![format!("--user={name}")];
        words.extend(user.and_then(|user| Some(format!("--password={}", user.password.as_ref()?))));
        if let Some(Mfa::Registered(secret)) = user.map(|user| &user.mfa) {
            words.push(format!("--mfa-secret={secret}"));
        }
        Ok(words)
    }

    fn start(&self) -> Result<sandbox::Running> {
        start(self.world()?, self.options())
    }

    fn options(&self) -> Options {
        self.network.apply(Options {
            port: self.port,
            access_token_seconds: self.access_token_life,
            session_seconds: self.session_life,
            role_credentials_seconds: self.role_credentials_life,
            rotate_refresh_tokens: !self.no_rotation,
            page_size: self.portal_page_size.max(1),
            empty_pages: self.empty_pages,
            redirect_style: self.redirect_style.into(),
            portal_requests_per_second: Some(self.portal_rate).filter(|rate| *rate > 0),
            ..Options::default()
        })
    }
}

fn serve(app: &App, wanted: &Server) -> Result<Done> {
    let world = wanted.world()?;
    let practice = Practice::new(wanted.start()?, Browser::Own, &[])?;
    app.print(&practice.lines())?;
    app.ui.note(
        "# The sandbox runs until Ctrl-C. Paste the lines above into another terminal: it is a",
    );
    app.ui.note(
        "# practice shell from then on, with a home directory that ends with the sandbox. There:",
    );
    let user = world.users.first().map_or("nobody", |user| &user.name);
    app.ui.note(&format!(
        "#   daypass configure sso   (start URL {}, SSO region {}, user {user})",
        world.start_url, world.region
    ));
    app.block_on(async { std::future::pending::<Result<Done>>().await }).or_else(|error| {
        if error.kind() == Kind::Interrupted { Ok(Done::Well) } else { Err(error) }
    })
}

fn exec(app: &App, wanted: &Exec) -> Result<Done> {
    if wanted.isolated {
        return isolated::outer();
    }
    let browser = if wanted.browser { Browser::Own } else { Browser::Scripted };
    let person = wanted.server.person(wanted.user.as_deref())?;
    if !wanted.inside {
        return Practice::new(wanted.server.start()?, browser, &person)?.run(app, &wanted.words);
    }
    isolated::raise_network()?;
    let running = start(wanted.server.world()?, network::alone(wanted.server.options()))?;
    let practice = Practice::new(running, browser, &person)?;
    isolated::look_names_up_here(&practice.place())?;
    practice.run(app, &wanted.words)
}

fn approve(app: &App, wanted: &Approve) -> Result<Done> {
    let decision = if wanted.deny { Decision::Deny } else { Decision::Allow };
    let person = Person::new(&wanted.user, decision).with_password(&wanted.password);
    let person = wanted.mfa_secret.iter().cloned().fold(person, Person::with_totp);
    let person = match authority(app, wanted) {
        Some(file) => person.trusting(&file).map_err(|error| unreadable(&file, &error))?,
        None => person,
    };
    let url = match &wanted.code {
        Some(code) => format!("{}?user_code={code}", wanted.url),
        None => wanted.url.clone(),
    };
    person.visit(&url).map(|_| Done::Well).map_err(|error| {
        let failed = Error::new(Kind::Service, "the sandbox's pages could not be gone through")
            .because(error.to_string());
        match wanted.url.contains("/device") && wanted.code.is_none() {
            false => failed,
            true => failed.hint("in the device flow give the code as well: `approve URL CODE`"),
        }
    })
}

/// A file is needed for https only; then it is the one that clients are told of.
fn authority(app: &App, wanted: &Approve) -> Option<PathBuf> {
    let told = || app.host.vars.get("AWS_CA_BUNDLE").map(PathBuf::from);
    let file = wanted.authority.clone().or_else(told);
    file.filter(|_| wanted.url.starts_with("https:"))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    let what = format!("cannot read the certificate authority `{}`", file.display());
    Error::new(Kind::Config, what).because(error.to_string())
}
