//! `AssumeRole`: from any principal that the role trusts, in chains of any depth.

use jiff::SignedDuration;

use super::{Issued, access_denied, constraint, duration_seconds, invalid, mfa, respond};
use crate::http::{Answer, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::services::auth::Caller;
use crate::state::Principal;
use crate::world::Role;

/// Longest session of a role assumed by a role (role chaining), and the life of
/// every session if none is asked for.
const CHAINED: SignedDuration = SignedDuration::from_hours(1);
const MOST_SECONDS: i64 = 43_200;

pub(super) fn assume_role(
    room: &mut Room,
    caller: &Caller,
    parameters: &[(String, String)],
) -> Result<Answer, Refusal> {
    let (arn, name) = (required(parameters, "RoleArn")?, required(parameters, "RoleSessionName")?);
    check_name("roleSessionName", name)?;
    check_parameters(parameters)?;
    room.journal.subject(arn);
    let life = duration_seconds(parameters, MOST_SECONDS)?;
    let mfa = mfa::proven(room, caller, parameters)? || caller.principal.mfa;
    let role = assumable(room, caller, arn, first(parameters, "ExternalId"), mfa)?;
    let life = session_life(role, caller, life)?;
    let source = source_identity(caller, first(parameters, "SourceIdentity"))?;
    let unchained = !caller.principal.arn.contains(":assumed-role/");
    let principal = Principal { unchained, ..principal(role, name, source) };
    let issued = Issued::to(principal, room.now(), life);
    let answer = describe(&issued);
    let now = room.now();
    room.state.keep_key(issued.id, issued.key, now);
    Ok(answer)
}

fn required<'a>(parameters: &'a [(String, String)], name: &str) -> Result<&'a str, Refusal> {
    let value = first(parameters, name).filter(|value| !value.is_empty());
    value.ok_or_else(|| invalid(&format!("{name} is missing")))
}

fn check_name(member: &str, name: &str) -> Result<(), Refusal> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    if (2..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let rule = "Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}";
    Err(constraint(name, member, rule))
}

/// What would change the session's permissions, in a way the sandbox does not
/// evaluate, is refused rather than passed over.
fn check_parameters(parameters: &[(String, String)]) -> Result<(), Refusal> {
    let narrowing = |name: &str| {
        name == "Policy" || name.starts_with("PolicyArns.") || name.starts_with("ProvidedContexts.")
    };
    match parameters.iter().find(|(name, _)| narrowing(name)) {
        Some((name, _)) => Err(Refusal::new(
            400,
            "MalformedPolicyDocument",
            format!("the sandbox evaluates no session policies or contexts: {name}"),
        )),
        None => Ok(()),
    }
}

/// The role, if it exists and trusts the caller; the refusal does not tell which.
fn assumable<'a>(
    room: &'a Room,
    caller: &Caller,
    arn: &str,
    external_id: Option<&str>,
    mfa: bool,
) -> Result<&'a Role, Refusal> {
    let mut roles = room.world.roles.iter();
    let role =
        roles.find(|role| format!("arn:aws:iam::{}:role/{}", role.account, role.name) == arn);
    let admitted = role.filter(|role| {
        role.trusts.iter().any(|trusted| trusts(trusted, &caller.principal))
            && (role.external_id.is_none() || role.external_id.as_deref() == external_id)
            && (mfa || !role.mfa)
    });
    admitted.ok_or_else(|| {
        let who = &caller.principal.arn;
        access_denied(format!(
            "User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        ))
    })
}

/// A trusted account, IAM user, or role in any of its sessions.
fn trusts(trusted: &str, principal: &Principal) -> bool {
    if trusted == principal.account || trusted == principal.arn {
        return true;
    }
    let role = trusted.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    let Some((account, name)) = role else { return false };
    // The role's path is not part of its sessions' names.
    let name = name.rsplit('/').next().unwrap_or(name);
    principal.arn.starts_with(&format!("arn:aws:sts::{account}:assumed-role/{name}/"))
}

fn session_life(
    role: &Role,
    caller: &Caller,
    asked: Option<SignedDuration>,
) -> Result<SignedDuration, Refusal> {
    let Some(asked) = asked else { return Ok(CHAINED) };
    if caller.principal.arn.contains(":assumed-role/") && asked > CHAINED {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(invalid(text));
    }
    if asked > role.max_session_duration {
        let text =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(invalid(text));
    }
    Ok(asked)
}

/// A source identity stays as it is through a whole chain.
fn source_identity(caller: &Caller, asked: Option<&str>) -> Result<Option<String>, Refusal> {
    let known = caller.principal.source_identity.as_deref();
    let Some(asked) = asked else { return Ok(known.map(str::to_owned)) };
    check_name("sourceIdentity", asked)?;
    if known.is_some_and(|known| known != asked) {
        let who = &caller.principal.arn;
        return Err(access_denied(format!(
            "User: {who} is not authorized to perform: sts:SetSourceIdentity: it is set already"
        )));
    }
    Ok(Some(asked.to_owned()))
}

fn principal(role: &Role, session_name: &str, source_identity: Option<String>) -> Principal {
    Principal {
        account: role.account.clone(),
        arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name),
        user_id: format!("{}:{session_name}", random::role_id(&role.account, &role.name)),
        source_identity,
        ..Principal::default()
    }
}

fn describe(issued: &Issued) -> Answer {
    let principal = &issued.key.principal;
    respond("AssumeRole", |xml| {
        xml.maybe("SourceIdentity", principal.source_identity.as_deref());
        xml.open("AssumedRoleUser", "").text("AssumedRoleId", &principal.user_id);
        xml.text("Arn", &principal.arn).close("AssumedRoleUser");
        issued.write(xml);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_role_trusts() {
        let arn = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_0123/ada";
        let ada =
            Principal { account: "111111111111".into(), arn: arn.into(), ..Principal::default() };
        let role = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123";
        for trusted in ["111111111111", arn, role] {
            assert!(trusts(trusted, &ada), "{trusted}");
        }
        for other in ["222222222222", "arn:aws:iam::111111111111:role/AWSReservedSSO_Admin_01"] {
            assert!(!trusts(other, &ada), "{other}");
        }
    }
}
