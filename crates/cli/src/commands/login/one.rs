//! One login, made sure of.

use super::Login;
use super::told::Outcome;
use super::way;
use crate::app::App;
use crate::commands::sso::login::write_region;
use daypass_core::aws::Aws;
use daypass_core::clocks::Survey;
use daypass_core::files::Files;
use daypass_core::login;
use daypass_core::login::standing::{Standing, standing};
use daypass_core::logout;
use daypass_core::oidc::registration::Flow;
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::profile::Chosen;
use daypass_core::token::SsoToken;
use daypass_core::{Error, Kind, Result};
use jiff::Timestamp;

/// Nothing, a refresh, or a login: whichever is the least that will do.
///
/// # Errors
/// With `--check`, that a login is needed; the login's own; that the portal could not be
/// asked, though the token lives.
pub fn make_sure(
    app: &App,
    wanted: &Login,
    files: &Files,
    chosen: &Chosen<'_>,
    plan: &SessionPlan,
) -> Result<Outcome> {
    let aws = app.aws(chosen)?;
    if wanted.force {
        // What would stop the new login is met before the old one is ended.
        let way = way::choose(app, &wanted.way, &wanted.screen, files, plan)?;
        can_begin_anew(app, &aws, plan, way.options.flow)?;
        log_out(app, &aws, files, plan)?;
        return log_in(app, way, &aws, plan);
    }
    let stands = app.block_on(standing(&app.host, &aws, plan));
    let why = match stands.map_err(|error| unable(error, plan))? {
        Standing::Valid { token, refreshed: false } => return Ok(Outcome::Valid(token)),
        Standing::Valid { token, refreshed: true } => return Ok(Outcome::Refreshed(token)),
        Standing::Unasked { token, why } => return Err(unasked(app, plan, &token, &why)),
        Standing::Needed(why) => why,
    };
    if wanted.check {
        return Err(in_our_words(&why, plan));
    }
    tracing::debug!(%why, "a login is needed");
    log_in(app, way::choose(app, &wanted.way, &wanted.screen, files, plan)?, &aws, plan)
}

fn log_in(app: &App, mut way: way::Chosen<'_>, aws: &Aws, plan: &SessionPlan) -> Result<Outcome> {
    if let Some(reason) = &way.reason {
        app.ui.note(reason);
    }
    let work = login::login(&app.host, aws, plan, way.options, &mut way.host);
    let done = app.block_on(work)?;
    if let Some(region) = done.moved_to {
        write_region(app, plan, &region)?;
        app.ui.note(&format!("The SSO region of {} is now {region}.", plan.shown()));
    }
    Ok(Outcome::LoggedIn(done.token))
}

/// Whether both the service that logs in and the portal that logs out can be reached:
/// without the first there would be no login at all, without the second no new session.
fn can_begin_anew(app: &App, aws: &Aws, plan: &SessionPlan, flow: Flow) -> Result<()> {
    let untouched = |error: Error| error.because(format!("{} was not logged out", plan.shown()));
    app.block_on(login::rehearse(&app.host, aws, plan, flow)).map_err(untouched)?;
    match app.block_on(standing(&app.host, aws, plan)) {
        Ok(Standing::Unasked { token, why }) => Err(untouched(unasked(app, plan, &token, &why))),
        Err(error) if matches!(error.kind(), Kind::Network | Kind::Service | Kind::Interrupted) => {
            Err(untouched(unable(error, plan)))
        }
        // A login that is broken in some other way is what a new one is for.
        Ok(Standing::Valid { .. } | Standing::Needed(_)) | Err(_) => Ok(()),
    }
}

/// While the portal's session goes on, a new login is a part of it, and ends with it.
fn log_out(app: &App, aws: &Aws, files: &Files, plan: &SessionPlan) -> Result<()> {
    let work = async { Ok(logout::one(&app.host, Ok(aws), files, plan).await) };
    let done = app.block_on(work)?;
    if let Some(left) = done.left.first() {
        return Err(Error::new(Kind::Store, format!("cannot log out of {} first", plan.shown()))
            .because(left.clone()));
    }
    if done.tokens == 0 {
        return Ok(());
    }
    app.ui.note(&format!(
        "Logged out of {} first: a new login would end when the old one does.",
        plan.shown()
    ));
    if let Some(why) = done.unrevoked.first() {
        app.ui.note(&format!("The portal could not be told, so the new one may end early: {why}"));
    }
    Ok(())
}

/// The same as `daypass login` for the login at hand.
fn again(plan: &SessionPlan) -> String {
    plan.login_command().replace("daypass sso login", "daypass login")
}

fn in_our_words(why: &Error, plan: &SessionPlan) -> Error {
    let error = Error::new(why.kind(), why.message());
    let error = why.causes().iter().fold(error, |error, cause| error.because(cause.clone()));
    error.hint(format!("run `{}`", again(plan)))
}

fn unable(error: Error, plan: &SessionPlan) -> Error {
    match error.kind() {
        Kind::Network | Kind::Service => {
            error.while_doing(format!("cannot find out how the login of {} stands", plan.shown()))
        }
        _ => error,
    }
}

fn unasked(app: &App, plan: &SessionPlan, token: &SsoToken, why: &Error) -> Error {
    let message = format!("the portal could not be asked about {}", plan.shown());
    let error = Error::new(why.kind(), message).because(why.message());
    let error = why.causes().iter().fold(error, |error, cause| error.because(cause.clone()));
    let until = super::told::until(token.expires_at, app.host.now());
    error.because(format!("by its own clock the access token lives {until}"))
        .hint("what uses the login can be tried all the same; the network, or the service, is what is missing")
}

/// When the session behind a login should end, as far as earlier ones tell.
pub fn session_ends(app: &App, plan: &SessionPlan) -> Option<Timestamp> {
    let files = app.files().ok()?;
    Survey::new(&app.host, &files, &app.request).of_plan(plan).end.expected()
}
