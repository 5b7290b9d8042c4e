//! Variables that decide more than people think.

use super::super::finding::{Finding, Severity, export, unset};
use super::super::scene::Scene;
use super::super::simulate::key_kind;
use crate::resolve::Origin;
use crate::token::parse_time;

const KEYS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
];

/// Those of the names that are set, in the order given.
fn set<'n>(scene: &Scene, names: &[&'n str]) -> Vec<&'n str> {
    names.iter().copied().filter(|name| scene.raw(name).is_some()).collect()
}

pub(super) fn empty_profile(scene: &Scene) -> Vec<Finding> {
    let empty = |name: &&str| scene.raw(name) == Some("");
    let names: Vec<&str> =
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].into_iter().filter(empty).collect();
    let Some(first) = names.first() else { return Vec::new() };
    let what = format!("{first} is set, and empty");
    let why = "the AWS CLI and boto3 look for a profile without a name and fail, the other \
               tools take it for unset: the same shell works in one and not in the other";
    vec![
        Finding::new("empty-profile", Severity::Broken, what, why)
            .at(names.iter().map(|name| Origin::Variable(known(name))))
            .run(unset(&names)),
    ]
}

fn known(name: &str) -> &'static str {
    if name == "AWS_PROFILE" { "AWS_PROFILE" } else { "AWS_DEFAULT_PROFILE" }
}

/// Kubernetes gives every pod of a hub a role. It beats `AWS_PROFILE` in most tools.
pub(super) fn hub_role(scene: &Scene) -> Vec<Finding> {
    const PAIR: [&str; 2] = ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    let vars = &scene.host.vars;
    let (Some(role), Some(_)) = (vars.get(PAIR[0]), vars.get(PAIR[1])) else { return Vec::new() };
    let chosen = scene.chosen();
    let told = matches!(chosen.name.origin, Origin::Flag(_));
    let (severity, what) = match chosen.profile.exists() {
        true if told => (
            Severity::Risk,
            format!("the hub's role {role} is in force where no option names a profile"),
        ),
        true => (
            Severity::Broken,
            format!("the hub's role {role} is in force, and not profile {}", chosen.shown()),
        ),
        false => (Severity::Note, format!("the hub's role {role} is in force")),
    };
    let why = "boto3, s3fs, the Go tools and Java take these two variables before a profile \
               that AWS_PROFILE names, so that Python works as the hub and not as you; only \
               `--profile` and `profile_name=` beat them there";
    vec![
        Finding::new("hub-role", severity, what, why)
            .at(PAIR.map(Origin::Variable))
            .run(unset(&PAIR)),
    ]
}

pub(super) fn keys(scene: &Scene) -> Vec<Finding> {
    let vars = &scene.host.vars;
    let Some(id) = vars.get(KEYS[0]) else { return Vec::new() };
    let named = set(scene, &KEYS);
    let origin = Origin::Variable(KEYS[0]);
    let token = vars.first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
    let finding = |id, severity, what: String, why: &str| {
        vec![Finding::new(id, severity, what, why).at([origin.clone()]).run(unset(&named))]
    };
    if id.starts_with("ASIA") && token.is_none() {
        let what = format!("{} is in the variables without its session token", key_kind(id));
        return finding("key-without-token", Severity::Broken, what, WITHOUT_TOKEN);
    }
    let ended = vars.get(KEYS[4]).and_then(parse_time).is_some_and(|end| end <= scene.host.now());
    if ended {
        let what = format!("{} in the variables has ended", key_kind(id));
        return finding("env-keys-ended", Severity::Broken, what, SNAPSHOT);
    }
    let chosen = scene.chosen();
    if !chosen.profile.exists() {
        let what = format!("{} is in the variables", key_kind(id));
        return finding("env-keys", Severity::Note, what, SNAPSHOT);
    }
    let told = matches!(chosen.name.origin, Origin::Flag(_));
    let severity = if told { Severity::Risk } else { Severity::Broken };
    let what = format!("{} in the variables hides profile {}", key_kind(id), chosen.shown());
    finding("env-keys", severity, what, HIDES)
}

const WITHOUT_TOKEN: &str = "a key that begins with ASIA is one of three parts, and AWS refuses it without the third. \
     aws-vault keeps two parts only, so temporary keys can never work from there";
const SNAPSHOT: &str = "keys in variables are a snapshot: they are never renewed, and every \
                        tool but the SDK for JavaScript takes them before any profile";
const HIDES: &str = "every tool but the SDK for JavaScript takes keys in variables before the \
                     profile that AWS_PROFILE names, and never renews them";

const ENDPOINTS: [&str; 5] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_S3",
];

/// What a sandbox or LocalStack that has ended leaves behind.
pub(super) fn endpoints(scene: &Scene) -> Vec<Finding> {
    let dead: Vec<_> =
        scene.seen.silent.iter().filter(|silent| ENDPOINTS.contains(&silent.variable)).collect();
    let named: Vec<&str> = dead.iter().map(|silent| silent.variable).collect();
    let Some(dead) = dead.first() else { return Vec::new() };
    let what = format!("{} leads to {}, where nobody answers", dead.variable, dead.url);
    let why = "the calls of every tool go there instead of to AWS: a sandbox that has ended \
               leaves its variables behind in the shell";
    vec![
        Finding::new("endpoint-override", Severity::Broken, what, why)
            .at([Origin::Variable(dead.variable)])
            .run(unset(&named)),
    ]
}

const CONTAINER: [&str; 4] = [
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

pub(super) fn container(scene: &Scene) -> Vec<Finding> {
    let dead = scene.seen.silent.iter().find(|silent| silent.variable == CONTAINER[0]);
    let Some(dead) = dead else { return Vec::new() };
    let what = format!("the credentials endpoint {} does not answer", dead.url);
    let why = "tools without a profile ask it for credentials, and fail or hang; the `daypass \
               serve` or `exec` it belonged to has ended";
    vec![
        Finding::new("endpoint-gone", Severity::Broken, what, why)
            .at([Origin::Variable(CONTAINER[0])])
            .run(unset(&set(scene, &CONTAINER))),
    ]
}

pub(super) fn certificates(scene: &Scene) -> Vec<Finding> {
    let vars = &scene.host.vars;
    let names = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"];
    let dead = names.iter().find_map(|name| {
        let path = vars.get(name)?;
        (!scene.host.expand(path).exists()).then_some((*name, path))
    });
    let Some((name, path)) = dead else { return Vec::new() };
    let what = format!("{name} names {path}, which is not there");
    let why = "the AWS CLI, boto3 and daypass trust only the certificates of that file: no \
               connection can be made";
    vec![
        Finding::new("ca-bundle", Severity::Broken, what, why)
            .at([Origin::Variable(name)])
            .run(unset(&[name])),
    ]
}

pub(super) fn default_profile(scene: &Scene) -> Vec<Finding> {
    let vars = &scene.host.vars;
    let Some(default) = vars.get("AWS_DEFAULT_PROFILE") else { return Vec::new() };
    let profile = vars.get("AWS_PROFILE");
    if profile == Some(default) {
        return Vec::new();
    }
    let (severity, what, command) = match profile {
        Some(profile) => (
            Severity::Broken,
            format!("AWS_DEFAULT_PROFILE says `{default}`, AWS_PROFILE says `{profile}`"),
            unset(&["AWS_DEFAULT_PROFILE"]),
        ),
        None => (
            Severity::Risk,
            format!("AWS_DEFAULT_PROFILE names `{default}`, and AWS_PROFILE nothing"),
            format!("{}; {}", export("AWS_PROFILE", default), unset(&["AWS_DEFAULT_PROFILE"])),
        ),
    };
    let why = "boto3 and GDAL ask AWS_DEFAULT_PROFILE first, the AWS CLI and Go last, \
               JavaScript, Java and Rust never: one shell, several identities";
    vec![
        Finding::new("default-profile", severity, what, why)
            .at([Origin::Variable("AWS_DEFAULT_PROFILE")])
            .run(command),
    ]
}

/// A proxy that stands between a program and the machine it runs on.
pub(super) fn proxy(scene: &Scene) -> Vec<Finding> {
    let vars = &scene.host.vars;
    let Some((name, _)) = vars.first(&["HTTP_PROXY", "http_proxy"]) else { return Vec::new() };
    let excepted = vars.first(&["NO_PROXY", "no_proxy"]).map_or("", |(_, value)| value);
    let missing: Vec<&str> = ["127.0.0.1", "169.254.169.254", "169.254.170.2"]
        .into_iter()
        .filter(|host| !excepted.split(',').any(|part| part.trim() == *host || part.trim() == "*"))
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let all: Vec<&str> =
        Some(excepted).filter(|text| !text.is_empty()).into_iter().chain(missing).collect();
    let origin = if name == "HTTP_PROXY" { "HTTP_PROXY" } else { "http_proxy" };
    let what = format!("{name} is in force for addresses of this machine");
    let why = "requests to a local credentials endpoint and to the instance's metadata would \
               go to the proxy, with their tokens";
    vec![
        Finding::new("proxy", Severity::Risk, what, why)
            .at([Origin::Variable(origin)])
            .run(export("NO_PROXY", &all.join(","))),
    ]
}
