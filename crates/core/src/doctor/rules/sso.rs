//! Profiles of IAM Identity Center that do not hang together.

use super::super::finding::{Finding, Severity};
use super::super::mend::{Change, Mend};
use super::super::scene::Scene;
use crate::resolve::Sourced;
use crate::resolve::sso::{self, shell_word};
use awsconfig::{FileKind, SectionName};

fn in_force(scene: &Scene, name: &str) -> Severity {
    if scene.chosen().name.value == name { Severity::Broken } else { Severity::Risk }
}

fn in_config(name: &str, keys: &[&str]) -> Change {
    Change::Remove {
        kind: FileKind::Config,
        section: SectionName::Profile(name.to_owned()),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    }
}

/// The names of the sso-sessions there are.
fn known(scene: &Scene) -> Vec<&str> {
    scene.files.config.parsed.sso_sessions().collect()
}

/// A profile whose sso-session is not there.
pub(super) fn unknown_session(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let session = profile.get("sso_session")?;
        if known(scene).contains(&session.value) {
            return None;
        }
        let what =
            format!("profile `{name}` names sso-session `{}`, which is not there", session.value);
        let why = "every tool fails with this profile; C++ refuses the whole file";
        let found = Finding::new("no-such-session", in_force(scene, name), what, why)
            .at([session.origin.clone()]);
        Some(found.run(cure(scene, name, &session)))
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}

/// The session it meant, if there is only one that it can be; else a new one.
fn cure(scene: &Scene, profile: &str, wanted: &Sourced<&str>) -> String {
    match known(scene).as_slice() {
        [only] => format!(
            "daypass configure set sso_session {} --profile {}",
            shell_word(only),
            shell_word(profile)
        ),
        _ => format!("daypass configure sso-session # and name it {}", shell_word(wanted.value)),
    }
}

/// A session or a profile that lacks what it needs.
pub(super) fn incomplete(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let any = ["sso_session", "sso_account_id", "sso_role_name"];
        let first = any.iter().find_map(|key| profile.get(key))?;
        let session = profile.get("sso_session").map(|found| found.value);
        if session.is_some_and(|session| !known(scene).contains(&session)) {
            return None;
        }
        let missing = missing(scene, name)?;
        let what = format!("profile `{name}` lacks {missing}");
        let why = "the tools disagree on half a profile: most fail, some go on to credentials \
                   of somebody else";
        let command = match profile.get("credential_process") {
            Some(_) => None,
            None => Some(format!("daypass configure sso --profile {}", shell_word(name))),
        };
        let mut found = Finding::new("half-profile", in_force(scene, name), what, why)
            .at([first.origin.clone()]);
        found.command = command;
        Some(found)
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}

fn missing(scene: &Scene, name: &str) -> Option<String> {
    let profile = scene.profile(name);
    let needed = ["sso_account_id", "sso_role_name"];
    let mut missing: Vec<&str> =
        needed.into_iter().filter(|key| profile.sso(key).is_none()).collect();
    let section =
        profile.get("sso_session").map(|found| SectionName::SsoSession(found.value.to_owned()));
    for key in ["sso_start_url", "sso_region"] {
        let there = match &section {
            Some(section) => {
                scene.files.config.parsed.section(section).is_some_and(|s| s.get(key).is_some())
            }
            None => profile.get(key).is_some(),
        };
        if !there {
            missing.push(key);
        }
    }
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// What the sso-session says, said again in the profile.
pub(super) fn doubled(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let session = profile.get("sso_session")?;
        let said: Vec<&str> = ["sso_start_url", "sso_region"]
            .into_iter()
            .filter(|key| profile.config_only(key).is_some())
            .collect();
        let first = profile.config_only(said.first()?)?;
        let agrees = sso::of_profile(&profile, name).is_ok();
        let (severity, why) = match agrees {
            true => (Severity::Risk, "the SDK for Rust takes this for a contradiction and fails"),
            false => (
                in_force(scene, name),
                "they contradict each other, and every tool but JavaScript fails",
            ),
        };
        let what = format!(
            "profile `{name}` says {} again, beside sso-session `{}`",
            said.join(" and "),
            session.value
        );
        let found = Finding::new("said-twice", severity, what, why).at([first.origin]);
        Some(found.fix(Mend::safe([in_config(name, &said)])))
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}

/// A login and a program in one profile.
pub(super) fn two_kinds(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let process = profile.config_only("credential_process")?;
        profile.get("sso_account_id").or_else(|| profile.get("sso_role_name"))?;
        let what = format!("profile `{name}` has both a login and a credential_process");
        let why = "the AWS CLI, boto3, Go and Rust take the login, JavaScript, C++ and the CRT \
                   the program: the same profile is two identities";
        let found =
            Finding::new("two-kinds", in_force(scene, name), what, why).at([process.origin]);
        Some(found.fix(Mend::safe([in_config(name, &["credential_process"])])))
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}
