//! The composition root: options, files, connection and printer, put together
//! once and handed to the command.

use crate::args::{self, Cli, Color, Command, Global};
use crate::commands;
use crate::output::{Format, Query, Renderer};
use crate::report::{self, Done, Manners};
use crate::ui::Ui;
use crate::vars;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use daypass_core::aws::Aws;
use daypass_core::credentials::Provided;
use daypass_core::files::Files;
use daypass_core::frecency::{self, Used};
use daypass_core::host::Host;
use daypass_core::provide::Provider;
use daypass_core::resolve::profile::{self, Chosen, Profile};
use daypass_core::resolve::sso::RolePlan;
use daypass_core::resolve::{CredentialPlan, Origin, Request, Sourced, connection, credentials};
use daypass_core::whereabouts::{self, Place};
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;
use serde_json::Value;
use std::process::ExitCode;
use vault::Secret;

/// What a command needs of its surroundings.
#[derive(Clone)]
pub struct App {
    pub host: Host,
    pub ui: Ui,
    pub global: Global,
    pub request: Request,
    pub manners: Manners,
    /// Lines that stand at the end of the config file for this one command: a profile
    /// that is in no file.
    pub lines: Option<String>,
}

/// Parses the command line, runs the command, and reports how it ended.
pub fn run() -> ExitCode {
    let words = with_a_command(vars::arguments());
    let (cli, delivery) = match parse(&words) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&words, &error),
    };
    start_log(cli.global.debug);
    let (manners, asked) = (cli.command.manners(), cli.global.output);
    if cli.command.holds_secrets() {
        vault::harden();
    }
    let ui = Ui::detect();
    match execute(cli, ui, &delivery) {
        Ok(done) => done.into(),
        Err(error) => {
            ui.complain(&report::text(&error, asked, manners));
            ExitCode::from(report::code(error.kind(), manners))
        }
    }
}

/// Whoever types the name alone on a terminal wants to know where they stand; a script
/// has forgotten something, and is told how to go on.
fn with_a_command(mut words: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let ui = Ui::detect();
    if words.len() == 1 && ui.stdout_terminal && ui.stdin_terminal {
        words.push("status".into());
    }
    words
}

/// The options, and the command's name with its parts, as the audit trail has it.
fn parse(words: &[std::ffi::OsString]) -> Result<(Cli, String), clap::Error> {
    let mut command = Cli::command();
    let mut matches = command.try_get_matches_from_mut(words)?;
    let (mut names, mut inner) = (Vec::new(), &matches);
    while let Some((name, more)) = inner.subcommand() {
        names.push(name);
        inner = more;
    }
    let delivery = names.join(" ");
    let cli = Cli::from_arg_matches_mut(&mut matches);
    Ok((cli.map_err(|error| error.format(&mut command))?, delivery))
}

fn execute(cli: Cli, ui: Ui, delivery: &str) -> Result<Done> {
    let (request, manners) = (cli.global.request(), cli.command.manners());
    let mut host = vars::host(cli.files(), passphrase::asker(ui, manners))?;
    host.trail = host.trail.of_command(delivery);
    let lines = cli.command.lines();
    let app = App { host, ui, request, manners, global: cli.global, lines };
    let picked = commands::pick::offered(&app, &cli.command)?;
    let app = picked.map_or_else(|| app.clone(), |name| app.with_profile(&name));
    let done = app.execute(cli.command)?;
    if manners != Manners::Process {
        commands::vault::announce(&app);
    }
    Ok(done)
}

/// Help and version are no errors; anything else is the user's words.
fn refuse(words: &[std::ffi::OsString], error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if commands::help::asked_with_a_word(words) {
        return ExitCode::SUCCESS;
    }
    let manners = args::manners_of_words(words);
    let asked = args::asks_for_json(words).then_some(Format::Json);
    match (asked, manners) {
        (None, Manners::AwsCli | Manners::Daypass) => drop(error.print()),
        _ => Ui::detect().complain(&report::text(&usage(error), asked, manners)),
    }
    ExitCode::from(report::code(Kind::Usage, manners))
}

/// The first paragraph is what is wrong; of the rest, the tip is worth keeping.
fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let mut parts = text.trim().split("\n\n").map(str::trim);
    let what = parts.next().unwrap_or_default().trim_start_matches("error: ");
    let lines: Vec<&str> = what.lines().map(str::trim).collect();
    let tip = parts.find_map(|part| part.strip_prefix("tip: "));
    Error::new(Kind::Usage, lines.join(" ")).hint(tip.unwrap_or("`--help` says what can be given"))
}

/// Our own steps, and nothing of the SDK's: it logs requests with their tokens.
fn start_log(debug: bool) {
    if debug {
        let filter = tracing_subscriber::EnvFilter::new("off,daypass=debug,daypass_core=debug");
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .without_time()
            .init();
    }
}

impl App {
    fn execute(&self, command: Command) -> Result<Done> {
        match command {
            Command::Configure(command) => commands::configure::run(self, command),
            Command::Sso(command) => commands::sso::run(self, command),
            Command::Login(command) => commands::login::run(self, &command),
            Command::Sts(command) => commands::sts::run(self, &command),
            Command::S3(command) => commands::s3::run(self, &command),
            Command::Status(status) => commands::status::run(self, &status),
            Command::Whoami(whoami) => commands::whoami::run(self, &whoami),
            Command::Tour(tour) => commands::tour::run(self, &tour),
            Command::Sandbox(command) => commands::sandbox::run(self, command),
            Command::Vault(command) => commands::vault::run(self, &command),
            Command::CredentialProcess(command) => {
                commands::credential_process::run(self, &command)
            }
            Command::Exec(command) => commands::exec::run(self, &command),
            Command::Env(command) => commands::env::run(self, &command),
            Command::Console(command) => commands::console::run(self, &command),
            Command::Invite(invite) => commands::invite::run(self, &invite),
            Command::Pick(command) => commands::pick::run(self, &command),
            Command::Serve(serve) => commands::serve::run(self, &serve),
            Command::ListAccounts(wanted) => commands::reach::lists::accounts(self, &wanted),
            Command::ListRoles(wanted) => commands::reach::lists::roles(self, &wanted),
            Command::RunAs(wanted) => commands::reach::run_as::run(self, &wanted),
            Command::Profiles(command) => commands::reach::profiles::run(self, &command),
            Command::RefreshAccounts(wanted) => commands::reach::refresh::run(self, &wanted),
            Command::Attend(attend) => commands::attend::run(self, &attend),
            Command::Doctor(doctor) => commands::doctor::run(self, &doctor),
            Command::Migrate(wanted) => commands::migrate::run(self, &wanted),
            Command::Audit(command) => commands::audit::run(self, &command),
            Command::Use(wanted) => commands::shell::switch::run(self, &wanted),
            Command::ShellInit(shell) => commands::shell::init::run(self, &shell),
            Command::Completion(shell) => commands::shell::init::completion(self, &shell),
            Command::Help(wanted) => commands::help::run(self, &wanted),
            Command::Man(wanted) => commands::man::run(self, &wanted),
            Command::Complete(wanted) => commands::complete::run(self, &wanted),
        }
    }

    /// Runs a command's asynchronous part; Ctrl-C ends it.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(
            |error| Error::new(Kind::Bug, "cannot start the runtime").because(error.to_string()),
        )?;
        let outcome = runtime.block_on(self.until_stopped(work));
        runtime.shutdown_background();
        outcome
    }

    /// A refresh that is under way is waited for: the token it has spent would be
    /// lost. A second Ctrl-C does not wait.
    async fn until_stopped<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = std::pin::pin!(work);
        // In this order: what the work prints may tell somebody to send a signal.
        let stopped = tokio::select! {
            biased;
            stopped = signals::any() => stopped,
            outcome = &mut work => return outcome,
        };
        while self.host.critical.is_busy() {
            tokio::select! {
                _ = &mut work => break,
                again = signals::any() => return Err(again),
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
            }
        }
        Err(stopped)
    }

    /// Waits for a refresh that another thread is in the middle of: see
    /// [`daypass_core::critical`].
    pub fn settle(&self) {
        const STEP: std::time::Duration = std::time::Duration::from_millis(20);
        const STEPS: u32 = 75 * 50;
        for _ in 0..STEPS {
            if !self.host.critical.is_busy() {
                return;
            }
            std::thread::sleep(STEP);
        }
    }

    /// The same, as if this profile had been named.
    #[must_use]
    pub fn with_profile(&self, name: &str) -> Self {
        let mut app = self.clone();
        app.global.profile = Some(name.to_owned());
        app.request = app.global.request();
        app
    }

    /// Notes that the profile in force is used, for whoever picks one next.
    pub fn note_use(&self, chosen: &Chosen<'_>) {
        // Lines of a command's own are no profile that could be picked.
        if self.lines.is_none() && chosen.profile.exists() {
            frecency::note(&self.host, Used::Profile(&chosen.name.value));
        }
    }

    /// The same of a role without a profile.
    pub fn note_role(&self, role: &RolePlan) {
        let Some(session) = &role.session.name else { return };
        let (account, name) = (role.account_id.as_str(), role.role_name.as_str());
        let used = Used::Role { session: session.as_str(), account, role: name };
        frecency::note(&self.host, used);
    }

    /// Where we run, as far as a browser is concerned.
    pub fn place(&self) -> Place {
        whereabouts::detect(&self.host.vars, &vars::signs())
    }

    /// The user's two files.
    pub fn files(&self) -> Result<Files> {
        let files = Files::load(&self.host)?;
        match &self.lines {
            Some(lines) => files.with_lines(lines),
            None => Ok(files),
        }
    }

    /// The profile in force.
    pub fn chosen<'f>(&self, files: &'f Files) -> Chosen<'f> {
        let chosen = profile::choose(&self.request, &self.host, files);
        tracing::debug!(profile = %chosen.name.value, origin = %chosen.name.origin, "the profile in force");
        chosen
    }

    /// The services, reached as options, variables and the profile say.
    pub fn aws(&self, chosen: &Chosen<'_>) -> Result<Aws> {
        let connection = connection::resolve(&self.request, &self.host, &chosen.profile)?;
        self.aws_with(connection)
    }

    /// The services, for a command whose `--endpoint-url` moves `service`.
    pub fn aws_for(&self, service: connection::Service, chosen: &Chosen<'_>) -> Result<Aws> {
        let mut connection = connection::resolve(&self.request, &self.host, &chosen.profile)?;
        if let Some(url) = &self.request.endpoint_url {
            connection.override_endpoint(service, url);
        }
        self.aws_with(connection)
    }

    fn aws_with(&self, connection: connection::Connection) -> Result<Aws> {
        if !connection.verify_tls {
            self.ui.note(
                "warning: --no-verify-ssl: anybody between you and AWS can read your credentials",
            );
        }
        Aws::new(connection, self.host.clock.clone())
    }

    /// The credentials of the profile in force.
    pub fn credentials(
        &self,
        aws: &Aws,
        chosen: &Chosen<'_>,
    ) -> impl Future<Output = Result<Provided>> {
        self.credentials_for(SignedDuration::ZERO, aws, chosen)
    }

    /// The same, living that long at least if new ones do.
    pub async fn credentials_for(
        &self,
        at_least: SignedDuration,
        aws: &Aws,
        chosen: &Chosen<'_>,
    ) -> Result<Provided> {
        let plan = credentials::plan(&self.host, chosen)?;
        Box::pin(self.credentials_by(&plan, at_least, aws, chosen)).await
    }

    /// The same by a plan, which need not be the profile's own.
    pub async fn credentials_by(
        &self,
        plan: &CredentialPlan,
        at_least: SignedDuration,
        aws: &Aws,
        chosen: &Chosen<'_>,
    ) -> Result<Provided> {
        let region = profile::region(&self.request, &self.host, &chosen.profile)?.map(|r| r.value);
        let ask = |serial: &str| self.ask_code(serial);
        let (host, region) = (&self.host, region.as_ref());
        let provider = Provider { host, aws, region, ask_code: &ask, at_least };
        let doing = || format!("cannot get credentials for profile {}", chosen.shown());
        let mut provided = provider.provide(plan).await;
        if provided.as_ref().is_err_and(|error| error.kind() == Kind::LoginNeeded)
            && let Some(moved) = self.moved(chosen, plan)
        {
            provided = provider.provide(&moved).await;
        }
        if let Ok(provided) = &provided {
            self.host.trail.issued(self.host.now(), &chosen.name.value, plan, provided);
        }
        provided.map_err(|error| match error.kind() {
            Kind::LoginNeeded => error.while_doing(doing()),
            _ => error,
        })
    }

    /// The plan anew, if `vault on` or `vault off` has moved the login to another place
    /// since the config file was read.
    fn moved(&self, chosen: &Chosen<'_>, plan: &CredentialPlan) -> Option<CredentialPlan> {
        let files = self.files().ok()?;
        let profile = Profile::named(&files, &chosen.name.value);
        let again = credentials::plan(&self.host, &Chosen { profile, ..chosen.clone() }).ok()?;
        (again.keeping() != plan.keeping()).then_some(again)
    }

    fn ask_code(&self, serial: &str) -> Result<Secret<String>> {
        let needed =
            || Error::new(Kind::Profile, format!("the role needs an MFA code for {serial}"));
        if self.manners == Manners::Process {
            return Err(needed().because("a credential process asks nobody").hint(
                "run `daypass sts get-caller-identity` with the same profile on a terminal: \
                 what it gets is kept, sealed, until it ends",
            ));
        }
        if !self.ui.stdin_terminal {
            return Err(needed().because("there is no terminal to ask for it on"));
        }
        let mut prompter = self.prompter();
        let question = crate::prompt::Question::new(format!("Enter MFA code for {serial}:"));
        prompter.text(&question).map(Secret::new).map_err(crate::wizard::stopped)
    }

    /// Someone to ask.
    pub fn prompter(&self) -> Box<dyn crate::prompt::Prompter> {
        let no_color = self.host.vars.get("NO_COLOR").is_some() || self.global.color == Color::Off;
        crate::prompt::for_terminal(self.host.vars.get("TERM"), no_color)
    }

    /// Whether `--output` or `--query` asks for data; otherwise people read it.
    pub fn wants_data(&self) -> bool {
        self.global.output.is_some() || self.global.query.is_some()
    }

    /// How results are printed: `--output`, `AWS_DEFAULT_OUTPUT`, the profile's
    /// `output`, json.
    pub fn renderer(&self, chosen: &Chosen<'_>) -> Result<Renderer> {
        let format = match self.global.output {
            Some(format) => format,
            None => self.configured_format(chosen)?,
        };
        self.renderer_of(format)
    }

    /// The same without a look at the profile, whose file may be what is wrong.
    pub fn plain_renderer(&self) -> Result<Renderer> {
        self.renderer_of(self.global.output.unwrap_or(Format::Json))
    }

    fn renderer_of(&self, format: Format) -> Result<Renderer> {
        let query = self.global.query.as_deref().map(Query::compile).transpose();
        let query = query.map_err(|error| Error::new(Kind::Usage, error.to_string()))?;
        let mut renderer = Renderer::new(format, query);
        renderer.terminal = self.ui.stdout_terminal;
        renderer.color = self.has_color(self.ui.stdout_terminal);
        renderer.columns = self.columns();
        Ok(renderer)
    }

    /// What sentences for a person are written on.
    pub fn sheet(&self) -> commands::status::Paper {
        let colour = self.has_color(self.ui.stdout_terminal);
        commands::status::Paper { columns: self.columns(), colour }
    }

    /// Whether a stream that is or is not a terminal gets colours.
    pub fn has_color(&self, terminal: bool) -> bool {
        match self.global.color {
            Color::On => true,
            Color::Off => false,
            Color::Auto => terminal && self.host.vars.get("NO_COLOR").is_none(),
        }
    }

    /// The terminal's own size: like the AWS CLI, deaf to the variable `COLUMNS`.
    fn columns(&self) -> usize {
        const USUAL: usize = 80;
        let size = self.ui.stdout_terminal.then(crossterm::terminal::size);
        size.and_then(Result::ok).map_or(USUAL, |(columns, _)| columns.into())
    }

    fn configured_format(&self, chosen: &Chosen<'_>) -> Result<Format> {
        let name = "AWS_DEFAULT_OUTPUT";
        let variable =
            self.host.vars.get(name).map(|text| Sourced::new(text, Origin::Variable(name)));
        let Some(found) = variable.or_else(|| chosen.profile.get("output")) else {
            return Ok(Format::Json);
        };
        found.value.parse().map_err(|error: crate::output::UnknownFormat| {
            Error::new(Kind::Profile, error.to_string())
                .because(format!("it comes from {}", found.origin))
                .hint("set `output` to json, yaml, yaml-stream, text, table or off")
        })
    }

    /// Prints the result of an operation.
    pub fn show(&self, renderer: &Renderer, operation: &str, value: &Value) -> Result<Done> {
        let text = renderer
            .render(operation, value)
            .map_err(|e| Error::new(Kind::Profile, e.to_string()))?;
        self.print(&text)
    }

    /// Prints text that is ready.
    pub fn print(&self, text: &str) -> Result<Done> {
        self.ui.print(text).map(|()| Done::Well).map_err(|error| {
            Error::new(Kind::Store, "cannot write to standard output").because(error.to_string())
        })
    }
}

mod passphrase {
    //! The store's passphrase, where it has one.

    use crate::prompt;
    use crate::report::Manners;
    use crate::ui::Ui;
    use std::sync::Arc;
    use vault::{Ask, Purpose, Secret};

    /// Asks on the terminal; a credential process asks nobody.
    pub fn asker(ui: Ui, manners: Manners) -> Ask {
        let may_ask = ui.stdin_terminal && manners != Manners::Process;
        Arc::new(move |purpose| match purpose {
            _ if !may_ask => None,
            Purpose::Unlock => prompt::secret("Passphrase of daypass' store: ").ok(),
            Purpose::Choose => choose(ui),
        })
    }

    /// Until both are alike: whoever mistypes one would never open the store again.
    fn choose(ui: Ui) -> Option<Secret<String>> {
        loop {
            let first = prompt::secret("New passphrase of daypass' store: ").ok()?;
            let again = prompt::secret("The same again: ").ok()?;
            if first == again {
                return Some(first);
            }
            ui.note("The two are not the same.");
        }
    }
}

mod signals {
    //! The requests to end.

    use daypass_core::Error;

    /// Waits for Ctrl-C, or for what a system that shuts down sends.
    #[cfg(unix)]
    pub async fn any() -> Error {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            () = heard(SignalKind::interrupt()) => super::interrupted(),
            () = heard(SignalKind::terminate()) => super::terminated(),
            () = heard(SignalKind::hangup()) => super::hung_up(),
        }
    }

    /// Never, if whoever started us wants it ignored.
    #[cfg(unix)]
    async fn heard(kind: tokio::signal::unix::SignalKind) {
        let ignored = crate::vars::is_ignored(kind.as_raw_value());
        match (!ignored).then(|| tokio::signal::unix::signal(kind)) {
            Some(Ok(mut signal)) => drop(signal.recv().await),
            _ => std::future::pending().await,
        }
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub async fn any() -> Error {
        let _ = tokio::signal::ctrl_c().await;
        super::interrupted()
    }
}

/// Ctrl-C.
pub fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted")
}

/// The system shuts down, or somebody wants us to end.
#[cfg(unix)]
pub fn terminated() -> Error {
    Error::new(Kind::Terminated, "terminated")
}

#[cfg(unix)]
pub fn hung_up() -> Error {
    Error::new(Kind::Terminated, "the terminal is gone")
}
