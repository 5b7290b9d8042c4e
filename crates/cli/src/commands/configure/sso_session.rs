//! `configure sso-session`.

use super::SsoSession;
use crate::app::App;
use crate::prompt::Question;
use crate::report::Done;
use crate::wizard::session::{self, Current};
use crate::wizard::{Interview, Part};
use awsconfig::{FileKind, SectionName};
use daypass_core::edit::edit;
use daypass_core::names::SessionName;
use daypass_core::resolve::sso::shell_word;
use daypass_core::{Error, Kind, Result};

/// Asks for the four values and writes the section; no login.
pub fn run(app: &App, wanted: &SsoSession) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let mut interview = Interview::new(app.prompter());
    let panel = |name: &str| session::panel(&files, name);
    let name = interview.ask(&Part {
        flag: "--sso-session",
        given: wanted.session.sso_session.as_deref(),
        optional: false,
        question: Question {
            suggestions: files.config.parsed.sso_sessions().map(str::to_owned).collect(),
            note: Some(
                "A name of your choice for this login, such as your organization's.".to_owned(),
            ),
            check: &|name| {
                if name.is_empty() {
                    Err("A value is required".to_owned())
                } else {
                    session::check_name(name)
                }
            },
            panel: Some(&panel),
            ..Question::new("SSO session name:")
        },
    })?;
    let current = Current::of(&files, &SectionName::SsoSession(name.clone())).unwrap_or_default();
    let url = session::start_url(&mut interview, &files, &wanted.session, &current)?;
    let aws = app.aws(&chosen)?;
    let region = app.block_on(session::region(
        &mut interview,
        &aws,
        url.as_ref(),
        &wanted.session,
        &current,
    ))?;
    let scopes = session::scopes(&mut interview, &files, &wanted.session, &current)?;
    interview.complete()?;
    let (Some(url), Some(region)) = (url, region) else {
        return Err(Error::new(Kind::Bug, "an answer is missing"));
    };
    let name = SessionName::parse(&name)?;
    let plan = session::plan(Some(name.clone()), url, region, Some(scopes));
    let keys = session::keys(&plan);
    let pairs: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let section = SectionName::SsoSession(name.to_string());
    edit(&app.host, FileKind::Config, |document| document.set_many(&section, &pairs))?;
    app.ui.say(&format!(
        "\nCompleted configuring SSO session: {name}\n\
         Run the following to login and refresh access token for this session:\n\n\
         daypass sso login --sso-session {}",
        shell_word(name.as_str())
    ));
    Ok(Done::Well)
}
