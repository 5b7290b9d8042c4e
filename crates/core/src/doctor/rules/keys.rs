//! Keys in the credentials file: left over, pasted, halved.

use super::super::finding::{Finding, Severity};
use super::super::mend::{Change, Mend};
use super::super::scene::Scene;
use super::super::simulate::key_kind;
use crate::resolve::Origin;
use crate::resolve::profile::Profile;
use awsconfig::{FileKind, SectionName};

const KEYS: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// The profiles that have a key in the credentials file: name, ID, place.
fn all(scene: &Scene) -> Vec<(String, String, Origin)> {
    let found = scene.files.credentials.parsed.profiles().filter_map(|name| {
        let id = scene.profile(name).credentials_only(KEYS[0])?;
        Some((name.to_owned(), id.value.to_owned(), id.origin))
    });
    found.collect()
}

fn removal(name: &str) -> Change {
    Change::Remove {
        kind: FileKind::Credentials,
        section: SectionName::Profile(name.to_owned()),
        keys: KEYS.map(str::to_owned).to_vec(),
    }
}

/// Whether the profile gets credentials in another way, which these keys get in the way of.
fn has_another_way(profile: &Profile<'_>) -> bool {
    let keys = ["sso_session", "sso_account_id", "credential_process", "role_arn"];
    keys.iter().any(|key| profile.get(key).is_some())
}

fn severity(scene: &Scene, name: &str) -> Severity {
    if scene.chosen().name.value == name { Severity::Broken } else { Severity::Risk }
}

/// Keys beside another way to get credentials.
pub(super) fn leftover(scene: &Scene) -> Vec<Finding> {
    let fits = |(name, id, _): &&(String, String, Origin)| {
        has_another_way(&scene.profile(name)) && !id.starts_with("ASIA")
    };
    let found = all(scene);
    let finding = |(name, id, origin): &(String, String, Origin)| {
        let what = format!("{} stands beside the login of profile `{name}`", key_kind(id));
        let why = "the Go tools, JavaScript and C++ take the key, the AWS CLI, boto3 and Rust \
                   the login: the same profile is two identities. A key that has leaked stays \
                   valid until it is deactivated at AWS";
        Finding::new("leftover-keys", severity(scene, name), what, why).at([origin.clone()]).fix(
            Mend::safe([removal(name)]).losing(
                "the secret key goes to the backup only: AWS shows it to nobody a second time",
            ),
        )
    };
    found.iter().filter(fits).map(finding).collect()
}

/// Temporary keys that somebody pasted.
pub(super) fn temporary(scene: &Scene) -> Vec<Finding> {
    let finding = |(name, id, origin): (String, String, Origin)| {
        let profile = scene.profile(&name);
        let token = profile.credentials_only(KEYS[2]).or_else(|| profile.credentials_only(KEYS[3]));
        if !id.starts_with("ASIA") && token.is_none() {
            return None;
        }
        let what = format!("temporary keys are pasted into profile `{name}`");
        let why = if token.is_some() { PASTED } else { WITHOUT_TOKEN };
        let severity = match has_another_way(&profile) {
            true => severity(scene, &name),
            false => Severity::Risk,
        };
        let finding = Finding::new("temporary-keys", severity, what, why).at([origin]);
        Some(finding.fix(Mend::safe([removal(&name)])))
    };
    all(scene).into_iter().filter_map(finding).collect()
}

const PASTED: &str = "they end within hours and nobody renews them; until then they hide the \
                      profile's login from the Go tools, JavaScript and C++, and afterwards \
                      AWS says that the security token is invalid";
const WITHOUT_TOKEN: &str = "a key that begins with ASIA has three parts, and AWS refuses it without its session \
     token. aws-vault and tools like it keep two parts only: temporary keys can never work there";

/// An ID without its secret, or a secret without its ID.
pub(super) fn half(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let (id, secret) = (profile.get(KEYS[0]), profile.get(KEYS[1]));
        let (there, gone) = match (id, secret) {
            (Some(id), None) => (id, KEYS[1]),
            (None, Some(secret)) => (secret, KEYS[0]),
            _ => return None,
        };
        let what = format!("profile `{name}` has no {gone} beside what is at {}", there.origin);
        let why = "the AWS CLI and boto3 stop with `Partial credentials found`, the Go tools \
                   refuse the whole file";
        let finding = Finding::new("half-key", severity(scene, name), what, why);
        let kind = match profile.credentials_only(KEYS[0]).or(profile.credentials_only(KEYS[1])) {
            Some(_) => FileKind::Credentials,
            None => FileKind::Config,
        };
        let keys = [KEYS[0], KEYS[1]].map(str::to_owned).to_vec();
        let section = SectionName::Profile(name.to_owned());
        let change = Change::Remove { kind, section, keys };
        Some(finding.at([there.origin.clone()]).fix(Mend::asking([change])))
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}
