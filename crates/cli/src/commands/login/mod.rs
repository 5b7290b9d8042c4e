//! `login`: make sure that somebody is logged in.

mod all;
mod one;
mod report;
mod snippets;
mod told;
mod way;

use crate::app::App;
use crate::invitation::ScreenFlags;
use crate::report::Done;
use clap::Args;
use daypass_core::files::Files;
use daypass_core::names::SessionName;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::{self, SessionPlan, shell_word};
use daypass_core::resolve::{Origin, Request};
use daypass_core::whereabouts::has_notebooks;
use daypass_core::{Error, Kind, Result};

/// Make sure that you are logged in; the browser opens only if it must
///
/// Asks the portal whether the login is still good, and does nothing if it is. What can
/// be renewed is renewed without a browser. Only else does it log in: in the browser, or,
/// where no browser can come back to this terminal, with a code; one line says why.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes of --check: 0 logged in, 4 a login is needed, 1 anything else.\n\n\
                        daypass login --profile NAME\n\
                        daypass login --check || daypass login --paste\n\
                        daypass login --all"
)]
pub struct Login {
    /// The sso-session to log in to, instead of the profile's
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub sso_session: Option<String>,
    /// Every sso-session of the config file, one after another
    #[arg(long)]
    pub all: bool,
    /// Log out first, at the portal too: a new login would else end when the old one does
    #[arg(long)]
    pub force: bool,
    /// Log in nowhere: only say by the exit code how it stands
    #[arg(long, conflicts_with_all = ["force", "snippets"])]
    pub check: bool,
    /// Show what a notebook needs: lines for boto3, s3fs and GDAL (by itself on a hub)
    #[arg(long)]
    pub snippets: bool,
    #[command(flatten)]
    pub way: way::WayFlags,
    #[command(flatten)]
    pub screen: ScreenFlags,
}

pub fn run(app: &App, wanted: &Login) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    if wanted.all {
        return all::run(app, wanted, &files, &chosen);
    }
    let plan = plan(&files, &chosen, &app.request, wanted.sso_session.as_deref())?;
    let outcome = one::make_sure(app, wanted, &files, &chosen, &plan)?;
    app.ui.note(&outcome.told(&plan, one::session_ends(app, &plan), app.host.now()));
    let name = plan.name.as_ref().map(SessionName::as_str);
    let row = report::Row { name, plan: Some(&plan), outcome: Ok(&outcome) };
    let shown = report::show(app, &chosen, &[row])?;
    if wanted.snippets || (outcome.is_new() && has_notebooks(&app.host.vars)) {
        snippets::show(app, &files, &chosen, &plan, wanted.snippets);
    }
    Ok(shown)
}

/// The login that is meant: by name, by profile, or the only one there is.
fn plan(
    files: &Files,
    chosen: &Chosen<'_>,
    request: &Request,
    session: Option<&str>,
) -> Result<SessionPlan> {
    if let Some(name) = session {
        let plan = sso::session(files, name, Origin::Flag("--sso-session"))?;
        return Ok(SessionPlan { profile: request.profile.clone(), ..plan });
    }
    let by_profile = sso::of_profile(&chosen.profile, &chosen.name.value);
    if chosen.name.origin != Origin::Default || by_profile.is_ok() {
        return by_profile;
    }
    let names: Vec<&str> = files.config.parsed.sso_sessions().collect();
    match names.as_slice() {
        [only] => sso::session(files, only, Origin::Default),
        [] => by_profile,
        [first, ..] => Err(Error::new(Kind::Config, "there are several sso-sessions to log in to")
            .because(format!("{} has: {}", files.config.shown, names.join(", ")))
            .hint(format!(
                "name one, as in `daypass login --sso-session {}`, or log in to each with --all",
                shell_word(first)
            ))),
    }
}
