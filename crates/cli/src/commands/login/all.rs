//! Every sso-session of the config file.

use super::report::{self, Row};
use super::told::Outcome;
use super::{Login, one};
use crate::app::App;
use crate::report::{Done, Manners, text};
use daypass_core::files::Files;
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::{self, SessionPlan};
use daypass_core::{Error, Kind, Result};

/// One of them, and what came of it.
struct Visit {
    name: String,
    plan: Option<SessionPlan>,
    outcome: Result<Outcome>,
}

/// One after another: two browsers at once would be answered for each other. One that
/// fails does not stop those behind it.
pub fn run(app: &App, wanted: &Login, files: &Files, chosen: &Chosen<'_>) -> Result<Done> {
    let names: Vec<&str> = files.config.parsed.sso_sessions().collect();
    if names.is_empty() {
        return Err(Error::new(Kind::Config, format!("{} has no sso-session", files.config.shown))
            .hint("make one with `daypass configure sso`"));
    }
    let mut done = Vec::new();
    for name in names {
        let this = of_session(app, wanted, files, chosen, name);
        if let Err(error) = &this.outcome
            && matches!(error.kind(), Kind::Interrupted | Kind::Terminated)
        {
            return Err(error.clone());
        }
        tell(app, &this);
        done.push(this);
    }
    let rows = done.iter().map(|one| Row {
        name: Some(&one.name),
        plan: one.plan.as_ref(),
        outcome: one.outcome.as_ref(),
    });
    let shown = report::show(app, chosen, &rows.collect::<Vec<_>>())?;
    failure(&done).map_or(Ok(shown), Err)
}

fn of_session(app: &App, wanted: &Login, files: &Files, chosen: &Chosen<'_>, name: &str) -> Visit {
    let plan = sso::session(files, name, Origin::Flag("--all"));
    let (plan, outcome) = match plan {
        Ok(plan) => {
            let outcome = one::make_sure(app, wanted, files, chosen, &plan);
            (Some(plan), outcome)
        }
        Err(error) => (None, Err(error)),
    };
    Visit { name: name.to_owned(), plan, outcome }
}

fn tell(app: &App, one: &Visit) {
    match (&one.outcome, &one.plan) {
        (Ok(outcome), Some(plan)) => {
            app.ui.note(&outcome.told(plan, one::session_ends(app, plan), app.host.now()));
        }
        (Err(error), _) => app.ui.complain(&text(error, None, Manners::Daypass)),
        (Ok(_), None) => {}
    }
}

/// The last word. A login that is needed counts for the exit code only if that is all
/// that is wrong.
fn failure(done: &[Visit]) -> Option<Error> {
    let failed: Vec<_> =
        done.iter().filter_map(|one| Some((&one.name, one.outcome.as_ref().err()?))).collect();
    let (_, first) = failed.first()?;
    let kind = match failed.iter().all(|(_, error)| error.kind() == Kind::LoginNeeded) {
        true => Kind::LoginNeeded,
        false => failed
            .iter()
            .map(|(_, error)| error.kind())
            .find(|kind| *kind != Kind::LoginNeeded)
            .unwrap_or(first.kind()),
    };
    let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
    let what = format!("not logged in to {} of {} sso-sessions", failed.len(), done.len());
    Some(Error::new(kind, what).because(names.join(", ")))
}
