//! What is in one of the places.

use super::super::order::{Order, Source, Sso};
use super::super::scene::Scene;
use crate::resolve::profile::Profile;
use crate::resolve::{Origin, Sourced};
use crate::token::decide::{Decision, decide};

/// What is in a place.
#[derive(Debug)]
pub enum Look {
    /// Nothing.
    Absent,
    /// Something that is used: what, and where it was said.
    There(String, Vec<Origin>),
    /// Something that stops the tool: why, and where.
    Bad(String, Vec<Origin>),
}

pub(super) fn look(
    scene: &Scene,
    order: &Order,
    profile: &Profile<'_>,
    name: &str,
    source: Source,
) -> Look {
    if source.is_of_profile() && !order.files.files {
        return Look::Absent;
    }
    match source {
        Source::Variables => variables(scene),
        Source::HubRole => hub_role(scene),
        Source::AssumedRole if order.stumbles_over_roles => stumble(profile),
        Source::AssumedRole => assumed_role(scene, profile, name),
        Source::TokenFileRole => token_file(profile),
        Source::IdentityCenter => identity_center(scene, order.sso, profile, name),
        Source::CredentialsFile => keys(|key| profile.credentials_only(key)),
        Source::ConfigFile => keys(|key| profile.config_only(key)),
        Source::Files => keys(|key| profile.get(key)),
        Source::Process => single(profile.get("credential_process"), program),
        Source::ConsoleLogin => single(profile.get("login_session"), str::to_owned),
        Source::Container => container(scene, false),
        Source::ContainerWithFile => container(scene, true),
        Source::Instance => Look::Absent,
    }
}

fn variables(scene: &Scene) -> Look {
    let vars = &scene.host.vars;
    let id = vars.get("AWS_ACCESS_KEY_ID");
    let secret = vars.get("AWS_SECRET_ACCESS_KEY");
    match (id, secret) {
        (Some(id), Some(_)) => {
            Look::There(key_kind(id), vec![Origin::Variable("AWS_ACCESS_KEY_ID")])
        }
        _ => Look::Absent,
    }
}

/// What the first letters of an access key say, with its last four.
pub(crate) fn key_kind(id: &str) -> String {
    let tail: String = id.chars().skip(id.chars().count().saturating_sub(4)).collect();
    let kind = match id.get(..4) {
        Some("ASIA") => "a temporary key",
        Some("AKIA") => "a long-lived key",
        _ => "a key",
    };
    format!("{kind} …{tail}")
}

fn hub_role(scene: &Scene) -> Look {
    let vars = &scene.host.vars;
    match (vars.get("AWS_WEB_IDENTITY_TOKEN_FILE"), vars.get("AWS_ROLE_ARN")) {
        (Some(_), Some(role)) => Look::There(
            role.to_owned(),
            ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"].map(Origin::Variable).to_vec(),
        ),
        _ => Look::Absent,
    }
}

fn assumed_role(scene: &Scene, profile: &Profile<'_>, name: &str) -> Look {
    let Some(role) = profile.get("role_arn") else { return Look::Absent };
    if profile.get("web_identity_token_file").is_some() {
        return Look::Absent;
    }
    match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(source), None) if source.value != name && !scene.profile(source.value).exists() => {
            let why = format!(
                "there is no profile `{}`, which source_profile names",
                source.value.escape_debug()
            );
            Look::Bad(why, vec![source.origin])
        }
        (Some(source), None) if goes_round(scene, name) => {
            let why = "the source_profile keys go round in a circle";
            Look::Bad(why.to_owned(), vec![source.origin])
        }
        (Some(source), None) => {
            let says = format!("{} by way of profile {}", role.value, source.value);
            Look::There(says, vec![role.origin, source.origin])
        }
        (None, Some(source)) => {
            let says = format!("{} by way of {}", role.value, source.value);
            Look::There(says, vec![role.origin, source.origin])
        }
        (Some(both), Some(_)) => {
            let why = "source_profile and credential_source exclude each other";
            Look::Bad(why.to_owned(), vec![both.origin])
        }
        (None, None) => Look::Absent,
    }
}

/// Whether one source_profile leads to the next for ever. Keys end such a chain, those of
/// the first profile where it names itself.
fn goes_round(scene: &Scene, name: &str) -> bool {
    let mut seen = vec![name.to_owned()];
    while let Some(last) = seen.last() {
        let profile = scene.profile(last);
        let Some(next) = profile.get("role_arn").and(profile.get("source_profile")) else {
            return false;
        };
        let is_end = seen.len() > 1 || next.value == last.as_str();
        if is_end && matches!(keys(|key| profile.get(key)), Look::There(..)) {
            return false;
        }
        let next = next.value.to_owned();
        if seen.contains(&next) {
            return true;
        }
        seen.push(next);
    }
    false
}

fn stumble(profile: &Profile<'_>) -> Look {
    let role = profile.get("role_arn").filter(|_| profile.get("source_profile").is_some());
    let why = "it does not assume roles of profiles, and takes nothing else from such a profile";
    role.map_or(Look::Absent, |role| Look::Bad(why.to_owned(), vec![role.origin]))
}

fn token_file(profile: &Profile<'_>) -> Look {
    match (profile.get("web_identity_token_file"), profile.get("role_arn")) {
        (Some(file), Some(role)) => {
            Look::There(role.value.to_owned(), vec![role.origin, file.origin])
        }
        _ => Look::Absent,
    }
}

const SSO: [&str; 5] =
    ["sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];

fn identity_center(scene: &Scene, rule: Sso, profile: &Profile<'_>, name: &str) -> Look {
    let found = SSO.map(|key| profile.get(key));
    let said = found.each_ref().map(Option::is_some);
    let origins: Vec<Origin> = found.iter().flatten().map(|value| value.origin.clone()).collect();
    if !begins(rule, said) {
        return Look::Absent;
    }
    let [session, account, role, url, region] = said;
    if rule == Sso::AnyExclusive && session && (url || region) {
        let why = "sso_start_url stands beside sso_session, which it takes for a contradiction";
        return Look::Bad(why.to_owned(), origins);
    }
    if rule == Sso::ByUrl && session {
        let why = "it looks for the login of an sso-session in the wrong file (mended in 3.12)";
        return Look::Bad(why.to_owned(), origins);
    }
    if session && !account && !role && matches!(rule, Sso::AnyOrSession | Sso::WholeOrSession) {
        return Look::There("no role in no account, which the portal refuses".to_owned(), origins);
    }
    match crate::resolve::sso::role(profile, name) {
        Ok(plan) => {
            let login = login_state(scene, &plan);
            Look::There(format!("{} in {}{login}", plan.role_name, plan.account_id), origins)
        }
        Err(error) => Look::Bad(error.message().to_owned(), origins),
    }
}

/// Whether the keys that are there make it a profile of IAM Identity Center for this tool.
fn begins(rule: Sso, [session, account, role, url, region]: [bool; 5]) -> bool {
    let whole = (session || (url && region)) && account && role;
    match rule {
        Sso::Unknown => false,
        Sso::LegacyOnly => !session && url,
        Sso::AccountOrRole => account || role,
        Sso::Any | Sso::AnyOrSession | Sso::AnyExclusive => {
            session || account || role || url || region
        }
        Sso::Whole | Sso::ByUrl => whole,
        Sso::WholeOrSession => whole || session,
    }
}

/// What is known of the login that pays for it.
fn login_state(scene: &Scene, plan: &crate::resolve::RolePlan) -> &'static str {
    let found = plan.session.token_key().load(&scene.host.sso_cache());
    match decide(found.token(), scene.host.now()) {
        Decision::Use | Decision::Refresh => "",
        Decision::Login(_) => ", once somebody is logged in",
    }
}

fn keys<'a>(read: impl Fn(&str) -> Option<Sourced<&'a str>>) -> Look {
    match (read("aws_access_key_id"), read("aws_secret_access_key")) {
        (Some(id), Some(secret)) => Look::There(key_kind(id.value), vec![id.origin, secret.origin]),
        _ => Look::Absent,
    }
}

fn single(found: Option<Sourced<&str>>, show: impl Fn(&str) -> String) -> Look {
    match found {
        Some(found) => Look::There(show(found.value), vec![found.origin]),
        None => Look::Absent,
    }
}

/// The program alone: its arguments may hold secrets.
fn program(words: &str) -> String {
    words.split_whitespace().next().unwrap_or_default().to_owned()
}

fn container(scene: &Scene, with_file: bool) -> Look {
    let vars = &scene.host.vars;
    let names = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let Some((name, value)) = vars.first(&names) else { return Look::Absent };
    let variable = if name == names[0] { names[0] } else { names[1] };
    if with_file
        && variable == names[1]
        && vars.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").is_none()
    {
        return Look::Absent;
    }
    Look::There(value.to_owned(), vec![Origin::Variable(variable)])
}
