//! `sts get-caller-identity`.

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::clocks;
use daypass_core::explain;
use daypass_core::resolve::CredentialPlan;
use daypass_core::resolve::connection::Service;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::shell_word;
use daypass_core::resolve::{credentials, profile};
use daypass_core::{Error, Kind, Result};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which user or role your credentials belong to
    GetCallerIdentity,
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    match command {
        Command::GetCallerIdentity => get_caller_identity(app),
    }
}

fn get_caller_identity(app: &App) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let renderer = app.renderer(&chosen)?;
    // What the credentials lack is said first, as the AWS CLI does.
    let plan = credentials::plan(&app.host, &chosen)?;
    let Some(region) = profile::region(&app.request, &app.host, &chosen.profile)? else {
        return Err(no_region(&chosen));
    };
    let aws = app.aws_for(Service::Sts, &chosen)?;
    let identity = app.block_on(async {
        let provided = app.credentials(&aws, &chosen).await?;
        let answered = aws.caller_identity(&region.value, &provided.credentials).await;
        answered.map_err(|fault| {
            explain::signed(fault, app.host.now(), &chosen, Some(&provided), Some(&region.value))
        })
    })?;
    if let CredentialPlan::Sso(role) = &plan {
        clocks::note_user(&app.host, &role.session, &identity.arn);
    }
    let value =
        json!({"UserId": identity.user_id, "Account": identity.account, "Arn": identity.arn});
    app.show(&renderer, "GetCallerIdentity", &value)
}

fn no_region(chosen: &Chosen<'_>) -> Error {
    let profile = shell_word(&chosen.name.value);
    Error::new(Kind::Config, "You must specify a region.")
        .because(format!(
            "neither --region, AWS_REGION nor profile {} names one",
            chosen.shown()
        ))
        .hint(format!(
            "add --region us-east-1, or write it down: `daypass configure set region us-east-1 --profile {profile}`"
        ))
}
