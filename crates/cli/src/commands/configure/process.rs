//! `configure process`: a profile for programs that can only run a program.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::deliver::process_line;
use crate::report::Done;
use awsconfig::{FileKind, SectionName, is_portable_name};
use clap::Args;
use daypass_core::edit::edit;
use daypass_core::resolve::profile::Profile;
use daypass_core::resolve::{CredentialPlan, credentials};
use daypass_core::{Error, Kind, Result};

/// Make a profile that gets another one's credentials from daypass
///
/// Some programs cannot assume roles, and some cannot use IAM Identity Center; nearly
/// all can run a credential process. The new profile has just that: with --profile
/// naming a chain of roles, the chain becomes one plain profile.
#[derive(Args, Debug)]
pub struct Process {
    /// The new profile
    #[arg(value_name = "NEW")]
    name: String,
    #[command(flatten)]
    changes: Changes,
}

pub fn run(app: &App, wanted: &Process) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let source = &chosen.name.value;
    refuse(&chosen, &credentials::plan(&app.host, &chosen)?)?;
    if Profile::named(&files, &wanted.name).exists() {
        return Err(Error::new(
            Kind::Config,
            format!("there is a profile `{}` already", wanted.name),
        )
        .hint("choose another name: what it has would win in some programs and lose in others"));
    }
    if !is_portable_name(&wanted.name) {
        return Err(Error::new(
            Kind::Config,
            format!("not every program finds a profile `{}`", wanted.name),
        )
        .hint("use letters, digits and _-/.%@:+ only"));
    }
    let line = process_line::for_profile(source)?;
    let mut pairs = vec![("credential_process", line.as_str())];
    let kept = ["region", "output", "default_s3_uri"];
    let values = kept.map(|key| (key, chosen.profile.get(key).map(|found| found.value)));
    pairs.extend(values.into_iter().filter_map(|(key, value)| Some((key, value?))));
    let section = SectionName::Profile(wanted.name.clone());
    let step = wanted.changes.step("configure process");
    edit(&app.host, &step, FileKind::Config, |document| document.set_many(&section, &pairs))?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    app.ui.say(&format!(
        "Profile `{}` has the credentials of {} now.",
        wanted.name,
        chosen.shown()
    ));
    Ok(Done::Well)
}

/// Credentials that are not the profile's own would be others for every caller.
fn refuse(
    chosen: &daypass_core::resolve::profile::Chosen<'_>,
    plan: &CredentialPlan,
) -> Result<()> {
    match plan {
        CredentialPlan::Surroundings => Err(Error::new(
            Kind::Profile,
            format!("profile {} has no credentials of its own", chosen.shown()),
        )
        .hint("name one that has, with --profile")),
        CredentialPlan::Static(_) => Err(Error::new(
            Kind::Config,
            format!("profile {} has keys in plain text", chosen.shown()),
        )
        .hint("every program reads those by itself; `daypass vault add NAME --from-credentials-file` seals them")),
        _ => Ok(()),
    }
}
