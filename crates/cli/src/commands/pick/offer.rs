//! The picker, offered to a person whose command lacks a profile.

use super::{Ask, Catalog, name_of, pick};
use crate::app::App;
use crate::args::Command;
use crate::deliver;
use daypass_core::frecency::{self, Used};
use daypass_core::provide::Provider;
use daypass_core::resolve::sso::shell_word;
use daypass_core::resolve::{CredentialPlan, Origin, credentials};
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;

/// The name of a profile, if the command lacks one and somebody at a terminal picks one.
///
/// Only where standard input, output and error are all terminals: in a pipe, and to a
/// script, the command says what it always said. A single profile is asked about as
/// well: nobody has named it.
///
/// # Errors
/// The person left.
pub fn offered(app: &App, command: &Command) -> Result<Option<String>> {
    let ui = app.ui;
    let has_person = ui.stdin_terminal && ui.stdout_terminal && ui.stderr_terminal;
    if !has_person || !needs_one(command) || app.request.no_sign_request {
        return Ok(None);
    }
    let Ok(files) = app.files() else { return Ok(None) };
    let chosen = deliver::chosen(app, &files);
    let plan = credentials::plan(&app.host, &chosen);
    let lacks = matches!(plan, Ok(CredentialPlan::Surroundings));
    if chosen.name.origin != Origin::Default || !lacks {
        return Ok(None);
    }
    let catalog = Catalog::of(&app.host, &files);
    // An instance or a container may have a role of its own, which only asking tells.
    if catalog.entries().is_empty() || has_surroundings(app) {
        return Ok(None);
    }
    let title = "no profile is named: choose one";
    let picked = pick(app, &catalog, Ask { title, query: String::new(), plain: false })?;
    let name = name_of(app, &files, picked)?;
    frecency::note(&app.host, Used::Profile(&name));
    app.ui.note(&format!("Using `--profile {}`.", shell_word(&name)));
    Ok(Some(name))
}

/// The commands that use a profile's credentials.
fn needs_one(command: &Command) -> bool {
    matches!(
        command,
        Command::Sts(_)
            | Command::S3(_)
            | Command::Exec(_)
            | Command::Console(_)
            | Command::Env(_)
            | Command::Whoami(_)
    )
}

fn has_surroundings(app: &App) -> bool {
    let ask = || {
        let files = app.files()?;
        let aws = app.aws(&app.chosen(&files))?;
        let ask_code = |_: &str| Err(Error::new(Kind::Profile, "there is no device to ask for"));
        let (host, at_least) = (&app.host, SignedDuration::ZERO);
        let provider = Provider { host, aws: &aws, region: None, ask_code: &ask_code, at_least };
        app.block_on(provider.provide(&CredentialPlan::Surroundings)).map(drop)
    };
    let found: Result<()> = ask();
    // Who pressed Ctrl-C meanwhile does not want to be asked more.
    !found.is_err_and(|error| matches!(error.kind(), Kind::Config | Kind::Network))
}
