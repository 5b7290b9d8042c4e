//! `credential-process`: the contract between SDKs and programs that have
//! credentials (AWS SDKs and Tools Reference Guide, "Process credential provider").

use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::{CredentialPlan, Origin, credentials};
use daypass_core::{Error, Kind, Result};

/// Print a profile's credentials for `credential_process`
///
/// For AWS SDKs, which run it as a profile of ~/.aws/config tells them:
///
///     credential_process = /usr/local/bin/daypass credential-process --profile NAME
///
/// Prints one line of JSON and nothing else. It never asks and never opens a browser:
/// when a login is needed it says so in one line and ends with code 4.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CredentialProcess {}

pub fn run(app: &App, _: &CredentialProcess) -> Result<Done> {
    let files = app.files()?;
    let mut chosen = app.chosen(&files);
    refuse_circle(&app.host, &chosen.name.value)?;
    // Whoever runs this wants that profile, whatever keys lie in the environment.
    chosen.must_exist()?;
    chosen.name.origin = Origin::Flag("--profile");
    let plan = credentials::plan(&app.host, &chosen)?;
    if matches!(plan, CredentialPlan::Surroundings) {
        let message = format!("profile {} has no credentials of its own", chosen.shown());
        return Err(Error::new(Kind::Profile, message)
            .hint("give it some with `daypass configure sso --profile NAME`"));
    }
    let aws = app.aws(&chosen)?;
    let provided = app.block_on(app.credentials(&aws, &chosen))?;
    app.print(provided.credentials.as_process_output().expose())
}
