//! `vault on` and `vault off`.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::commands::sso::login;
use crate::deliver::process_line;
use crate::report::Done;
use clap::{Args, ValueEnum};
use daypass_core::edit::Step;
use daypass_core::files::Files;
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::sso::{self, Keeping};
use daypass_core::sealing::{self, Sealed};
use daypass_core::{Error, Kind, Result};

/// How other programs come to credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// Profiles ask daypass by credential_process: nothing is left in plain text
    Process,
    /// Profiles stay as they are: the access token alone is in ~/.aws/sso/cache
    Mirror,
}

impl From<Policy> for sso::Policy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Process => sso::Policy::Process,
            Policy::Mirror => sso::Policy::Mirror,
        }
    }
}

/// Move an sso-session's login into the store, out of ~/.aws/sso/cache
///
/// The refresh token and the client secret are then never in plain text. With the
/// policy `process` the session's profiles get a `credential_process` line and no
/// program reads the login itself; with `mirror` they stay as they are, and the SDKs
/// find the access token, which ends within hours and which they cannot renew.
#[derive(Args, Debug)]
pub struct On {
    /// The sso-session [default: the profile's, or the only one]
    #[arg(long, value_name = "NAME")]
    sso_session: Option<String>,
    /// How other programs come to credentials
    #[arg(long, value_enum, value_name = "POLICY", default_value = "process")]
    policy: Policy,
    #[command(flatten)]
    changes: Changes,
}

/// Move an sso-session's login back to ~/.aws/sso/cache, where every SDK reads it
#[derive(Args, Debug)]
pub struct Off {
    /// The sso-session [default: the profile's, or the only one]
    #[arg(long, value_name = "NAME")]
    sso_session: Option<String>,
    #[command(flatten)]
    changes: Changes,
}

pub fn on(app: &App, wanted: &On) -> Result<Done> {
    let files = app.files()?;
    let plan = plan(app, &files, wanted.sso_session.as_deref())?;
    let step = wanted.changes.step("vault on");
    seal(app, &step, &files, &plan, wanted.policy.into())?;
    if step.writes() { Ok(Done::Well) } else { changes::show(app, &step) }
}

/// Seals the login of a session that the config file has, and says so.
/// A step that only shows says nothing.
pub fn seal(
    app: &App,
    step: &Step,
    files: &Files,
    plan: &SessionPlan,
    policy: sso::Policy,
) -> Result<()> {
    let line = |profile: &str| process_line::for_profile(profile);
    let done = app.block_on(sealing::on(&app.host, step, files, plan, policy, line))?;
    if !step.writes() {
        return Ok(());
    }
    app.ui.say(&match done.token {
        true => format!("The login of {} is sealed.", plan.shown()),
        false => format!("The next login of {} will be sealed.", plan.shown()),
    });
    app.ui.say(&rewritten(&done, policy));
    for profile in &done.legacy {
        app.ui.note(&format!(
            "warning: profile `{profile}` uses the same portal in the legacy form: its login stays \
             in plain text. Give it the sso-session with `daypass configure sso --profile {}`.",
            sso::shell_word(profile)
        ));
    }
    Ok(())
}

fn rewritten(done: &Sealed, policy: sso::Policy) -> String {
    let names = done.profiles.join(", ");
    match (policy, done.profiles.is_empty()) {
        (sso::Policy::Process, true) => "No profile had to be rewritten.".to_owned(),
        (sso::Policy::Process, false) => format!(
            "These profiles ask daypass for credentials now: {names}. `daypass vault off` undoes it."
        ),
        (sso::Policy::Mirror, _) => {
            "Profiles are read by every program as before; the access token is mirrored for them \
             whenever daypass runs."
                .to_owned()
        }
    }
}

pub fn off(app: &App, wanted: &Off) -> Result<Done> {
    let files = app.files()?;
    let plan = plan(app, &files, wanted.sso_session.as_deref())?;
    if plan.keeping == Keeping::Shared {
        return Err(Error::new(
            Kind::Config,
            format!("the login of {} is not sealed", plan.shown()),
        )
        .hint("see `daypass vault status`"));
    }
    let step = wanted.changes.step("vault off");
    let done = app.block_on(sealing::off(&app.host, &step, &files, &plan))?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    app.ui.say(&match done.token {
        true => format!("The login of {} is in ~/.aws/sso/cache again.", plan.shown()),
        false => format!("The next login of {} will be in ~/.aws/sso/cache.", plan.shown()),
    });
    if !done.profiles.is_empty() {
        app.ui.say(&format!("These profiles are as they were: {}.", done.profiles.join(", ")));
    }
    Ok(Done::Well)
}

/// The session that was named, the profile's, or the only one there is.
fn plan(app: &App, files: &Files, session: Option<&str>) -> Result<SessionPlan> {
    let chosen = app.chosen(files);
    let names: Vec<&str> = files.config.parsed.sso_sessions().collect();
    match (session, names.as_slice()) {
        (None, [only]) if chosen.profile.sso("sso_session").is_none() => {
            login::plan(files, &chosen, Some(only))
        }
        _ => login::plan(files, &chosen, session),
    }
}
