//! A profile for a role that has none.

use crate::app::App;
use crate::deliver::process_line;
use crate::prompt::Question;
use crate::wizard;
use awsconfig::{FileKind, SectionName};
use daypass_core::edit::{self, Step};
use daypass_core::files::Files;
use daypass_core::resolve::Profile;
use daypass_core::resolve::sso::{Keeping, RolePlan};
use daypass_core::{Error, Kind, Result, sealing};

/// Asks what it is to be called, writes it, and returns its name.
pub fn write(app: &App, files: &Files, role: &RolePlan) -> Result<String> {
    let Some(session) = &role.session.name else {
        return Err(Error::new(Kind::Bug, "a listed role has no sso-session"));
    };
    let name = ask(app, files, role)?;
    let region = region(files, role);
    let keys = [
        ("sso_session", session.as_str()),
        ("sso_account_id", role.account_id.as_str()),
        ("sso_role_name", role.role_name.as_str()),
        ("region", region.as_str()),
    ];
    let step = Step::new("pick");
    let section = SectionName::Profile(name.clone());
    let edited =
        edit::edit(&app.host, &step, FileKind::Config, |doc| doc.set_many(&section, &keys))?;
    if let Keeping::Sealed(policy) = role.session.keeping {
        let line = |profile: &str| process_line::for_profile(profile);
        let files = edit::files(&app.host, &step)?;
        app.block_on(sealing::on(&app.host, &step, &files, &role.session, policy, line))?;
    }
    app.ui.note(&format!(
        "Wrote profile `{name}`, region {region}, to {}; `daypass configure undo` takes it back.",
        edited.shown
    ));
    Ok(name)
}

fn ask(app: &App, files: &Files, role: &RolePlan) -> Result<String> {
    const PLAIN: &str = "Use letters, digits and _-/.%@:+ only: some programs know no other names";
    let usual = format!("{}-{}", role.role_name, role.account_id);
    let check = |name: &str| match name {
        _ if !awsconfig::is_portable_name(name) => Err(PLAIN.to_owned()),
        _ if Profile::named(files, name).exists() => {
            Err(format!("There is a profile {name} already"))
        }
        _ => Ok(()),
    };
    let question = Question {
        note: Some("The role has no profile: this writes one. Ctrl-C changes nothing.".to_owned()),
        check: &check,
        default: Some(usual.clone()),
        ..Question::new(format!("Profile name [{usual}]:"))
    };
    app.prompter().text(&question).map_err(wizard::stopped)
}

/// What another profile of the session has, else where Identity Center is.
fn region(files: &Files, role: &RolePlan) -> String {
    let session = role.session.name.as_ref().map(|name| name.as_str());
    let of_profile = |name| {
        let profile = Profile::named(files, name);
        let fits = profile.sso("sso_session").is_some_and(|found| Some(found.value) == session);
        profile.get("region").filter(|_| fits).map(|found| found.value.to_owned())
    };
    let found = files.config.parsed.profiles().find_map(of_profile);
    found.unwrap_or_else(|| role.session.region.value.to_string())
}
