//! `sandbox`: a practice Identity Center on this machine.

pub mod child;
mod ctl;
mod isolated;
mod network;
mod practice;
mod server;

use crate::app::App;
use crate::report::Done;
use clap::{Args, Subcommand};
use daypass_core::{Error, Kind, Result};
pub use practice::{Browser, Practice, start};
use sandbox::TotpSecret;
use sandbox::person::{Decision, Person, PersonError};
use server::Server;
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
    server: Box<Server>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a command in a sandbox of its own, with a throw-away home directory
    Exec(Exec),
    /// Play the person at the browser: sign in at a login's address, and allow it
    Approve(Approve),
    /// Steer a running sandbox: its clock, faults, devices, tokens; read its journal
    #[command(subcommand)]
    Ctl(ctl::Command),
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
    server: Box<Server>,
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
    /// Print the address that the browser is sent back to, and do not go there: what one
    /// pastes at `daypass login --paste`
    #[arg(long)]
    print_redirect: bool,
    /// Whom to trust for https [default: `AWS_CA_BUNDLE`, as the sandbox prints it]
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
}

pub fn run(app: &App, wanted: Sandbox) -> Result<Done> {
    match wanted.command {
        None => serve(app, &wanted.server),
        Some(Command::Exec(wanted)) => exec(app, &wanted),
        Some(Command::Approve(wanted)) => approve(app, &wanted),
        Some(Command::Ctl(wanted)) => ctl::run(app, &wanted),
    }
}

fn serve(app: &App, wanted: &Server) -> Result<Done> {
    let world = wanted.world()?;
    let running = wanted.start()?;
    let seed = wanted.seed(&running);
    let notes = network::notes(&running, &running.control().options());
    let practice = Practice::new(running, Browser::Own, &[])?;
    let served = app.block_on(async {
        invite(app, &world, &practice)?;
        notes.iter().for_each(|note| app.ui.note(note));
        note_seed(app, seed);
        std::future::pending::<Result<Done>>().await
    });
    served.or_else(
        |error| {
            if error.kind() == Kind::Interrupted { Ok(Done::Well) } else { Err(error) }
        },
    )
}

/// The lines for another terminal, and what can be done there.
fn invite(app: &App, world: &sandbox::World, practice: &Practice) -> Result<()> {
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
    app.ui.note(&format!("# The access portal, for a browser: {}", practice.access_portal()));
    app.ui.note(
        "#   daypass sandbox ctl journal --follow   (what each client does; `ctl --help` for more)",
    );
    Ok(())
}

fn exec(app: &App, wanted: &Exec) -> Result<Done> {
    if wanted.isolated {
        return isolated::outer();
    }
    let browser = if wanted.browser { Browser::Own } else { Browser::Scripted };
    let person = wanted.server.person(wanted.user.as_deref())?;
    if !wanted.inside {
        let running = wanted.server.start()?;
        note_seed(app, wanted.server.seed(&running));
        return Practice::new(running, browser, &person)?.run(app, &wanted.words);
    }
    isolated::raise_network()?;
    let running = wanted.server.start_as(network::alone(wanted.server.options()))?;
    note_seed(app, wanted.server.seed(&running));
    let practice = Practice::new(running, browser, &person)?;
    isolated::take_over(&practice.place(), practice.authority())?;
    practice.run(app, &wanted.words)
}

fn note_seed(app: &App, seed: Option<u64>) {
    if let Some(seed) = seed {
        app.ui.note(&format!("# chance began with --seed {seed}"));
    }
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
    let outcome = match wanted.print_redirect {
        true => person.address_after(&url).map(|address| format!("{address}\n")),
        false => person.visit(&url).map(|_| String::new()),
    };
    let text = outcome.map_err(|error| {
        let failed = Error::new(Kind::Service, "the sandbox's pages could not be gone through")
            .because(error.to_string());
        what_is_missing(wanted, &error).into_iter().fold(failed, Error::hint)
    })?;
    app.print(&text)
}

fn what_is_missing(wanted: &Approve, error: &PersonError) -> Option<&'static str> {
    match error {
        PersonError::Refused { path, .. } if path.ends_with("/sign-in") => {
            Some("the world's file has the users: give `--user NAME` and `--password PASSWORD`")
        }
        PersonError::Refused { path, .. } if path.ends_with("/mfa") => Some(
            "the user has an authenticator app: give what it knows with `--mfa-secret SECRET`; a code works once",
        ),
        _ if wanted.url.contains("/device") && wanted.code.is_none() => {
            Some("in the device flow give the code as well: `approve URL CODE`")
        }
        _ => None,
    }
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
