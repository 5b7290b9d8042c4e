//! A stale list is made anew by a process that nobody waits for. It ends by itself, one
//! at a time, never asks anybody, and says nothing.

use super::Login;
use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::directory;
use daypass_core::resolve::SessionPlan;
use daypass_core::{Error, Kind, Result};
use std::process::{Command, Stdio};
use std::time::Duration;

/// List accounts and roles for later
#[derive(Args, Debug)]
pub struct RefreshAccounts {
    #[command(flatten)]
    login: Login,
}

/// Longer than 10,000 accounts take.
const LIMIT: Duration = Duration::from_secs(20 * 60);

pub fn run(app: &App, wanted: &RefreshAccounts) -> Result<Done> {
    leave_the_terminal();
    let files = app.files()?;
    let plan = super::login(app, &files, wanted.login.sso_session.as_deref())?;
    let aws = app.aws(&app.chosen(&files))?;
    app.block_on(async {
        let work = directory::refresh(&app.host, &aws, &plan);
        tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|_| {
            Err(Error::new(Kind::Network, "the accounts could not be listed in time"))
        })
    })?;
    Ok(Done::Well)
}

/// Starts it where a list is stale; true if it was started.
pub fn if_due(app: &App, plan: &SessionPlan) -> bool {
    directory::is_refresh_due(&app.host, plan) && start(app, plan).is_ok()
}

fn start(app: &App, plan: &SessionPlan) -> std::io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("refresh-accounts").args(words(app, plan));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}

/// What leads to the same login over the same network.
fn words(app: &App, plan: &SessionPlan) -> Vec<String> {
    let global = &app.global;
    let named = match (&plan.name, &plan.profile) {
        (Some(name), _) => Some(format!("--sso-session={name}")),
        (None, profile) => profile.as_ref().map(|name| format!("--profile={name}")),
    };
    let mut words: Vec<String> = named.into_iter().collect();
    // How the portal is reached may depend on the profile as well.
    let profile = global.profile.as_ref().filter(|_| plan.name.is_some());
    words.extend(profile.map(|name| format!("--profile={name}")));
    words.extend(global.ca_bundle.as_ref().map(|file| format!("--ca-bundle={file}")));
    words.extend(global.no_verify_ssl.then(|| "--no-verify-ssl".to_owned()));
    words
}

/// The terminal may be closed long before this has ended.
#[cfg(unix)]
fn leave_the_terminal() {
    // It fails for the leader of a process group only, which is out of reach already.
    let _ = rustix::process::setsid();
}

#[cfg(not(unix))]
fn leave_the_terminal() {}
