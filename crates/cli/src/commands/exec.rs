//! `exec`: a command with a profile's credentials, in daypass's place.

mod launch;

use crate::app::App;
use crate::deliver::forewarn::{self, End};
use crate::deliver::lifetime::{self, Job};
use crate::deliver::variables::Settings;
use crate::deliver::{self, attendant, name_to_keep, private_files};
use crate::report::Done;
use crate::vars;
use clap::{Args, ValueHint};
use daypass_core::credentials::RoleCredentials;
use daypass_core::files::Files;
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::{CredentialPlan, Origin, SessionPlan, credentials, profile};
use daypass_core::token::SsoToken;
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};
use std::ffi::OsString;
use std::path::Path;

/// Run a command with a profile's credentials
///
/// Gets the credentials first, and then becomes the command: its exit code, its signals
/// and its terminal are its own. Ends with code 4 when a login is needed, 126 when the
/// command cannot be run, and 127 when there is none of that name.
///
/// By default the command is served its credentials on an address of this machine, and
/// never outlives them. Programs that cannot ask there (GDAL before 3.8, s3cmd, samtools)
/// need `--env`.
///
/// Variables that could lead the command to other credentials are removed: left-over
/// keys, AWS_PROFILE, the role of a hub or cluster, other containers.
#[derive(Args, Debug, Default)]
#[command(after_help = "daypass exec --profile NAME -- terraform apply\n\
                        daypass exec --profile NAME --min-ttl 6h -- python train.py\n\n\
                        Without a command, on a terminal, it starts your shell.")]
pub struct Exec {
    /// Refuse to start a job of this length (6h, 90m, 3600) if it could not finish
    #[arg(long, value_name = "TIME", value_parser = lifetime::parse, value_hint = ValueHint::Other)]
    pub(super) min_ttl: Option<SignedDuration>,
    /// Serve the command its credentials, renewed for as long as it runs (the default)
    #[arg(long, conflicts_with = "env")]
    pub(super) server: bool,
    /// Give the command keys in its environment, good until the role session ends
    #[arg(long)]
    pub(super) env: bool,
    /// The command and its arguments; options after it are its own
    #[arg(trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(super) words: Vec<OsString>,
}

impl Exec {
    /// To run these words.
    pub fn of(words: Vec<OsString>) -> Self {
        Self { words, ..Self::default() }
    }
}

pub fn run(app: &App, wanted: &Exec) -> Result<Done> {
    launch::keep_private();
    let signals = launch::Signals::watch();
    let words = words(app, wanted)?;
    let files = app.files()?;
    let chosen = deliver::chosen(app, &files);
    refuse_circle(&app.host, &chosen.name.value)?;
    let plan = credentials::plan(&app.host, &chosen)?;
    let start = Start { app, files: &files, chosen: &chosen, plan: &plan, takes: wanted.min_ttl };
    let (mut settings, expires_at) =
        if wanted.env { start.with_keys()? } else { start.served()? };
    start.complete(&mut settings)?;
    app.note_use(&chosen);
    start.forewarn(wanted, expires_at);
    announce(app, wanted, &chosen, expires_at);
    let program = Path::new(&words[0]).file_name().unwrap_or_default().to_string_lossy();
    app.host.trail.started(app.host.now(), &chosen.name.value, &program);
    launch::launch(app, &words, &settings, &signals)
}

/// What is known before the command's environment is made.
struct Start<'a> {
    app: &'a App,
    files: &'a Files,
    chosen: &'a Chosen<'a>,
    plan: &'a CredentialPlan,
    takes: Option<SignedDuration>,
}

/// What the command finds, and when the credentials of the moment end.
type Made = (Settings, Option<Timestamp>);

impl Start<'_> {
    fn with_keys(&self) -> Result<Made> {
        let keys = self.credentials()?;
        if let Some(job) = self.job(keys.expiration) {
            job.must_fit_credentials().map_err(|error| match self.plan {
                CredentialPlan::Static(_) => error,
                _ => error.hint("without `--env` they are renewed for as long as the job runs"),
            })?;
        }
        Ok((Settings::of_keys(&keys), keys.expiration))
    }

    fn served(&self) -> Result<Made> {
        // The attendant finds them in the store. A code is asked for here or nowhere,
        // since that has no terminal; and how long a role session is, only a new one tells.
        if self.takes.is_some() || lifetime::asks_a_person(self.plan) {
            self.credentials()?;
        }
        let endpoint = attendant::start(&self.named())?;
        if let Some(job) = self.job(endpoint.expires_at) {
            let login = self.login()?;
            let unknown = job.must_fit_login(login.as_ref().map(|(plan, token)| (*plan, token)))?;
            let end = End::of(self.app, self.files, self.plan);
            let doubt = end.and_then(|end| end.doubt(job.takes, job.expires_at, job.now));
            doubt.or(unknown).iter().for_each(|what| self.app.ui.note(&format!("note: {what}")));
        }
        let mut settings = Settings::served(&endpoint);
        if let Some(copies) = private_files::without_default(self.files)? {
            let dir = endpoint.token_file.parent().unwrap_or(&endpoint.token_file);
            copies.write(dir, &mut settings)?;
        }
        Ok((settings, endpoint.expires_at))
    }

    /// On a terminal, a line where an end is near; scripts want silence, and have
    /// `--min-ttl`.
    fn forewarn(&self, wanted: &Exec, expires_at: Option<Timestamp>) {
        if !self.app.ui.stderr_terminal {
            return;
        }
        let now = self.app.host.now();
        let line = match wanted.env {
            true => forewarn::keys_at_start(expires_at, now),
            false => {
                let end = End::of(self.app, self.files, self.plan);
                end.and_then(|end| end.at_start(expires_at, now))
            }
        };
        line.iter().for_each(|line| self.app.ui.note(line));
        if let Some(end) = expires_at.filter(|_| wanted.env) {
            attendant::watch_keys(end);
        }
    }

    fn credentials(&self) -> Result<RoleCredentials> {
        let aws = self.app.aws(self.chosen)?;
        let at_least = self.takes.unwrap_or_default();
        let provided = self.app.credentials_for(at_least, &aws, self.chosen);
        Ok(self.app.block_on(provided)?.credentials)
    }

    /// For the attendant, which knows the command line only.
    fn named(&self) -> App {
        let mut app = self.app.clone();
        if self.chosen.name.origin != Origin::Default {
            app.global.profile = Some(self.chosen.name.value.clone());
            app.request = app.global.request();
        }
        app
    }

    fn login(&self) -> Result<Option<(&SessionPlan, SsoToken)>> {
        let Some(role) = lifetime::login(self.plan) else { return Ok(None) };
        let aws = self.app.aws(self.chosen)?;
        let keeper = TokenKeeper::new(&self.app.host, &aws, &role.session);
        self.app.block_on(keeper.current()).map(|token| Some((&role.session, token)))
    }

    fn job(&self, expires_at: Option<Timestamp>) -> Option<Job<'_>> {
        let (now, profile) = (self.app.host.now(), self.chosen.shown());
        Some(Job { takes: self.takes?, plan: self.plan, expires_at, now, profile })
    }

    /// What both ways of delivery set.
    fn complete(&self, settings: &mut Settings) -> Result<()> {
        let (request, host) = (&self.app.request, &self.app.host);
        if let Some(region) = profile::region(request, host, &self.chosen.profile)? {
            settings.region(region.value.as_str());
        }
        if let Some(name) = name_to_keep(self.chosen, self.plan)
            && self.app.lines.is_none()
        {
            settings.profile(name);
        }
        Ok(())
    }
}

fn words(app: &App, wanted: &Exec) -> Result<Vec<OsString>> {
    if !wanted.words.is_empty() {
        return Ok(wanted.words.clone());
    }
    let on_a_terminal = app.ui.stdin_terminal && app.ui.stdout_terminal;
    match vars::shell().filter(|_| on_a_terminal) {
        Some(shell) => Ok(vec![shell]),
        None => Err(Error::new(Kind::Usage, "the command is missing")
            .hint("write it behind the options: `daypass exec --profile NAME -- COMMAND`")),
    }
}

/// Scripts want silence; who gets a shell wants to know that it is another one.
fn announce(app: &App, wanted: &Exec, chosen: &Chosen<'_>, expires_at: Option<Timestamp>) {
    let profile = chosen.shown();
    let left = expires_at.map(|end| lifetime::words(end.duration_since(app.host.now())));
    let left = match (left, wanted.env) {
        (None, _) => "they do not expire".to_owned(),
        (Some(left), true) => format!("for {left}"),
        (Some(left), false) => format!("for {left}, and renewed"),
    };
    tracing::debug!(%profile, %left, "the command's credentials");
    if wanted.words.is_empty() {
        app.ui.note(&format!(
            "A shell with the credentials of profile {profile} ({left}): leave it with `exit`."
        ));
    }
}
