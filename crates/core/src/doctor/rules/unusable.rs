//! The profile in force ends in an error, and no other rule has said why.

use super::super::finding::{Finding, Severity};
use super::super::order;
use super::super::scene::Scene;
use super::super::simulate::{End, simulate};
use crate::Error;
use crate::resolve::credentials;

/// Broken findings that are about something else than what the profile says.
const OF_THE_WORLD: [&str; 9] = [
    "login-needed",
    "role-gone",
    "clock",
    "store-key",
    "cache-torn",
    "ca-bundle",
    "endpoint-override",
    "endpoint-gone",
    "start-url-http",
];

/// What the others have found explains it better, if it is about the profile.
pub(in crate::doctor) fn unusable(scene: &Scene, found: &[Finding]) -> Option<Finding> {
    let chosen = scene.chosen();
    let explains = |finding: &Finding| {
        finding.severity == Severity::Broken && !OF_THE_WORLD.contains(&finding.id)
    };
    if !chosen.profile.exists() || found.iter().any(explains) {
        return None;
    }
    let why = "the AWS CLI and boto3 fail with it, and so do most of the other tools";
    let finding = |what: String| {
        let what = format!("profile {} cannot be used: {what}", chosen.shown());
        Finding::new("unusable-profile", Severity::Broken, what, why)
    };
    let lint = "daypass configure lint";
    if let Some(error) = own(scene) {
        return Some(finding(error.to_string()).run(command(&error).unwrap_or(lint)));
    }
    let boto3 = order::all().iter().find(|tool| tool.id == "boto3")?;
    let answer = simulate(scene, boto3);
    let End::Fails(reason) = &answer.end else { return None };
    let origins = answer.decisive().map(|line| line.origins.clone()).unwrap_or_default();
    Some(finding(reason.clone()).at(origins).run(lint))
}

/// What daypass itself says. Of `aws login`, which it does not read, others know more.
fn own(scene: &Scene) -> Option<Error> {
    let chosen = scene.chosen();
    if chosen.profile.get("login_session").is_some() {
        return None;
    }
    credentials::plan(&scene.host, &chosen).err()
}

/// The command in a hint such as "run `daypass …`".
fn command(error: &Error) -> Option<&str> {
    error.next_step()?.strip_prefix("run `")?.strip_suffix('`')
}
