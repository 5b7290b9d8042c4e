//! `sso logout`.

use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::aws::Aws;
use daypass_core::logout::{self, LoggedOut};
use daypass_core::resolve::Origin;
use daypass_core::resolve::sso;
use daypass_core::token::format_time;
use daypass_core::{Error, Kind, Result};

/// Log out: of every sso-session, or of one
///
/// Without --sso-session this ends every session whose token lies in
/// ~/.aws/sso/cache, other tools' too, as the AWS CLI does.
#[derive(Args, Debug)]
pub struct Logout {
    /// End only this sso-session
    #[arg(long, value_name = "NAME")]
    pub sso_session: Option<String>,
}

pub fn run(app: &App, wanted: &Logout) -> Result<Done> {
    let done = match &wanted.sso_session {
        None => everywhere(app)?,
        Some(name) => of_session(app, name)?,
    };
    if let Some(end) = done.roles_live_until.filter(|end| *end > app.host.now()) {
        app.ui.note(&format!(
            "Role credentials already issued stay valid until {}.",
            format_time(end)
        ));
    }
    // The AWS CLI is silent; a person at a terminal wonders.
    if app.ui.stdout_terminal && done.left.is_empty() {
        app.ui.note(match done.tokens {
            0 => "Nobody was logged in.",
            _ => "Logged out.",
        });
    }
    failures(&done).map_or(Ok(Done::Well), Err)
}

/// A broken file, a profile that is gone or a missing certificate keeps nobody
/// logged in on this machine.
fn everywhere(app: &App) -> Result<LoggedOut> {
    let services = services(app);
    let done = app.block_on(async { Ok(logout::all(&app.host, services.as_ref()).await) })?;
    match services {
        Err(error) if done.tokens == 0 => Err(error),
        _ => Ok(done),
    }
}

/// A profile has nothing to say here but how to reach the portal; one that was
/// named on the command line should exist all the same.
fn services(app: &App) -> Result<Aws> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    if matches!(chosen.name.origin, Origin::Flag(_)) {
        chosen.must_exist()?;
    }
    app.aws(&chosen)
}

fn of_session(app: &App, name: &str) -> Result<LoggedOut> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let plan = sso::session(&files, name, Origin::Flag("--sso-session"))?;
    let aws = app.aws(&chosen);
    app.block_on(async { Ok(logout::one(&app.host, aws.as_ref(), &files, &plan).await) })
}

fn failures(done: &LoggedOut) -> Option<Error> {
    if !done.left.is_empty() {
        let error = Error::new(Kind::Store, "not everything could be removed from this machine");
        return Some(done.left.iter().fold(error, |error, line| error.because(line.clone())));
    }
    if done.unrevoked.is_empty() {
        return None;
    }
    let error = Error::new(
        Kind::Network,
        "the tokens are removed from this machine, but the portal could not be told",
    );
    let error = done.unrevoked.iter().fold(error, |error, line| error.because(line.clone()));
    Some(error.hint("copies of them, if there are any, stay valid until they expire: sign out on the portal's web page to end them"))
}
