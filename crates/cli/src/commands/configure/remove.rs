//! `configure remove`: a profile or an sso-session, with all that it left behind.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::report::Done;
use clap::Args;
use daypass_core::edit::Step;
use daypass_core::logout::LoggedOut;
use daypass_core::remove::{self, Survey, Target};
use daypass_core::resolve::connection;
use daypass_core::resolve::sso::shell_word;
use daypass_core::token::format_time;
use daypass_core::{Error, Kind, Result};

/// Remove a profile or an sso-session, with all that it left behind
///
/// With --profile NAME: its sections in ~/.aws/config and ~/.aws/credentials, its role
/// credentials in the store and in the AWS CLI's cache, its access key in the store. With
/// --sso-session NAME: the session and all profiles that use it, its login here and at
/// the portal, its client registration, and what is kept of its accounts. Shows what
/// would go, and asks. `daypass configure undo` brings back the sections, and nothing
/// else.
#[derive(Args, Debug)]
pub struct Remove {
    /// Remove this sso-session, and the profiles that use it
    #[arg(long, value_name = "NAME")]
    sso_session: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    changes: Changes,
}

pub fn run(app: &App, wanted: &Remove) -> Result<Done> {
    let files = app.files()?;
    let survey = remove::survey(&files, target(app, wanted)?)?;
    let preview = Step::shown_only("configure remove");
    survey.edit(&app.host, &preview)?;
    if wanted.changes.diff {
        changes::show(app, &preview)?;
        tell(app, &survey);
        return Ok(Done::Well);
    }
    if !wanted.yes {
        app.ui.complain(&changes::text(app, &preview.diff(), app.ui.stderr_terminal));
        tell(app, &survey);
        if !changes::confirm(app, "Remove all this? [y/N]:", "nothing was removed")? {
            return Ok(Done::Empty);
        }
    }
    let chosen = app.chosen(&files);
    let connection = connection::resolve(&app.request, &app.host, &chosen.profile)?;
    let aws = app.aws(&chosen);
    let done = app.block_on(survey.clear(&app.host, aws.as_ref(), &files, &connection))?;
    survey.edit(&app.host, &wanted.changes.step("configure remove"))?;
    report(app, &survey, &done);
    Ok(Done::Well)
}

fn target(app: &App, wanted: &Remove) -> Result<Target> {
    match (&app.global.profile, &wanted.sso_session) {
        (Some(profile), None) => Ok(Target::Profile(profile.clone())),
        (None, Some(session)) => Ok(Target::Session(session.clone())),
        (None, None) => Err(Error::new(Kind::Usage, "what is to be removed?")
            .because("a variable such as AWS_PROFILE is not taken for that")
            .hint("name it with --profile NAME or with --sso-session NAME")),
        (Some(_), Some(_)) => {
            Err(Error::new(Kind::Usage, "--profile and --sso-session cannot be given together")
                .hint("remove the one, then the other"))
        }
    }
}

/// What goes besides the lines of the diff, and whom that concerns.
fn tell(app: &App, survey: &Survey) {
    if let Some(login) = &survey.login {
        app.ui.note(&format!(
            "The login of {} ends, here and at the portal; its client registration and role credentials go too.",
            login.shown()
        ));
    }
    if let Some(error) = &survey.unknown_login {
        app.ui.note(&format!("warning: its login cannot be looked for: {error}"));
    }
    for key in &survey.keys {
        app.ui.note(&format!(
            "warning: the access key `{key}` goes out of the store, and may be nowhere else."
        ));
    }
    for (name, place) in &survey.dependents {
        app.ui.note(&format!("warning: profile `{name}` needs it: {place}"));
    }
}

fn report(app: &App, survey: &Survey, done: &LoggedOut) {
    app.ui.say(
        "Removed. `daypass configure undo` brings the sections back, but no login and no key.",
    );
    for line in &done.left {
        app.ui.note(&format!("warning: still there: {line}"));
    }
    for why in &done.unrevoked {
        app.ui.note(&format!(
            "warning: the portal could not be told ({why}): copies of the login stay valid until they expire."
        ));
    }
    if let Some(end) = done.roles_live_until.filter(|end| *end > app.host.now()) {
        app.ui.note(&format!(
            "Role credentials already issued stay valid until {}.",
            format_time(end)
        ));
    }
    if let Some(session) = &survey.idle_session {
        app.ui.note(&format!(
            "No profile uses the sso-session `{session}` any more: `daypass configure remove --sso-session {}` removes it.",
            shell_word(session)
        ));
    }
}
