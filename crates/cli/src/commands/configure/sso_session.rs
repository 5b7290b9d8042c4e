//! `configure sso-session`.

use super::{SsoSession, borrowed};
use crate::app::App;
use crate::commands::changes;
use crate::report::Done;
use crate::wizard::session::Current;
use crate::wizard::{Interview, login};
use awsconfig::{FileKind, SectionName};
use daypass_core::Result;
use daypass_core::edit::edit;
use daypass_core::resolve::sso::shell_word;

/// Asks for the four values and writes the section; no login.
pub fn run(app: &App, wanted: &SsoSession) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let aws = app.aws(&chosen)?;
    let flags = &wanted.session;
    let mut interview = Interview::new(app.prompter());
    let name = login::ask_name(&mut interview, &files, flags)?;
    let section = SectionName::SsoSession(name.clone());
    let current = Current::of(&files, &section).unwrap_or_default();
    let login =
        app.block_on(login::details(&mut interview, &aws, &files, flags, &current, &name))?;
    let step = wanted.changes.step("configure sso-session");
    edit(&app.host, &step, FileKind::Config, |document| {
        document.set_many(&section, &borrowed(&login.keys))
    })?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    app.ui.say(&format!(
        "\nCompleted configuring SSO session: {name}\n\
         Run the following to login and refresh access token for this session:\n\n\
         daypass sso login --sso-session {}",
        shell_word(&name)
    ));
    Ok(Done::Well)
}
