//! `exec`: a command with a profile's credentials, in daypass's place.

mod launch;

use crate::app::App;
use crate::deliver::lifetime::{self, Job};
use crate::deliver::variables::Settings;
use crate::deliver::{self, name_to_keep};
use crate::report::Done;
use crate::vars;
use clap::{Args, ValueHint};
use daypass_core::credentials::RoleCredentials;
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::{CredentialPlan, credentials, profile};
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;
use std::ffi::OsString;

/// Run a command with a profile's credentials
///
/// Gets the credentials first, and then becomes the command: its exit code, its signals
/// and its terminal are its own. Ends with code 4 when a login is needed, 126 when the
/// command cannot be run, and 127 when there is none of that name.
///
/// Variables that could lead the command to other credentials are removed: left-over
/// keys, AWS_PROFILE, the role of a hub or cluster, other containers.
#[derive(Args, Debug)]
#[command(after_help = "daypass exec --profile NAME -- terraform apply\n\
                        daypass exec --profile NAME --min-ttl 6h -- python train.py\n\n\
                        Without a command, on a terminal, it starts your shell.")]
pub struct Exec {
    /// Refuse to start a job of this length (6h, 90m, 3600) if it could not finish
    #[arg(long, value_name = "TIME", value_parser = lifetime::parse, value_hint = ValueHint::Other)]
    min_ttl: Option<SignedDuration>,
    /// Give the command keys in its environment, good until the role session ends
    #[arg(long)]
    env: bool,
    /// The command and its arguments; options after it are its own
    #[arg(trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    words: Vec<OsString>,
}

pub fn run(app: &App, wanted: &Exec) -> Result<Done> {
    launch::keep_private();
    let signals = launch::Signals::watch();
    let words = words(app, wanted)?;
    let files = app.files()?;
    let chosen = deliver::chosen(app, &files);
    refuse_circle(&app.host, &chosen.name.value)?;
    let plan = credentials::plan(&app.host, &chosen)?;
    let aws = app.aws(&chosen)?;
    let provided = app.block_on(app.credentials(&aws, &chosen))?;
    if let Some(takes) = wanted.min_ttl {
        job(app, takes, &chosen, &plan, &provided.credentials).must_fit_credentials()?;
    }
    let mut settings = Settings::of_keys(&provided.credentials);
    shared(app, &chosen, &plan, &mut settings)?;
    announce(app, wanted, &chosen, &provided.credentials);
    launch::launch(app, &words, &settings, &signals)
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

fn job<'a>(
    app: &App,
    takes: SignedDuration,
    chosen: &Chosen<'_>,
    plan: &'a CredentialPlan,
    credentials: &'a RoleCredentials,
) -> Job<'a> {
    Job { takes, plan, credentials, now: app.host.now(), profile: chosen.shown() }
}

/// What both ways of delivery set.
fn shared(
    app: &App,
    chosen: &Chosen<'_>,
    plan: &CredentialPlan,
    settings: &mut Settings,
) -> Result<()> {
    if let Some(region) = profile::region(&app.request, &app.host, &chosen.profile)? {
        settings.region(region.value.as_str());
    }
    if let Some(name) = name_to_keep(chosen, plan) {
        settings.profile(name);
    }
    Ok(())
}

/// Scripts want silence; who gets a shell wants to know that it is another one.
fn announce(app: &App, wanted: &Exec, chosen: &Chosen<'_>, credentials: &RoleCredentials) {
    let profile = chosen.shown();
    let left = credentials.expiration.map(|end| end.duration_since(app.host.now()));
    let left = left.map_or("they do not expire".to_owned(), lifetime::words);
    tracing::debug!(%profile, %left, "the command's credentials");
    if wanted.words.is_empty() {
        app.ui.note(&format!(
            "A shell with the credentials of profile {profile} ({left}): leave it with `exit`."
        ));
    }
}
