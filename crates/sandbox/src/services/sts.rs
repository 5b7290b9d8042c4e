//! STS (query protocol, 2011-06-15): who am I, and roles of the world.

use jiff::{SignedDuration, Timestamp};

use super::auth::{Caller, Dialect, authenticate};
use super::xml::Xml;
use crate::clock::moved;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{Key, Principal};
use crate::world::Role;

const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
/// Longest session of a role assumed by a role (role chaining).
const CHAINED: SignedDuration = SignedDuration::from_hours(1);

/// The parameters: a POST's form or a GET's query.
fn parameters(ask: &Ask) -> Vec<(String, String)> {
    if ask.method == ::http::Method::POST { ask.form() } else { ask.query.clone() }
}

pub(super) fn operation(ask: &Ask) -> String {
    let parameters = parameters(ask);
    let known = ["GetCallerIdentity", "AssumeRole"]
        .into_iter()
        .find(|name| first(&parameters, "Action") == Some(name));
    known.unwrap_or(super::UNKNOWN).to_owned()
}

pub(super) fn answer(room: &mut Room, operation: &str, ask: &Ask) -> Result<Answer, Refusal> {
    if ask.path != "/" {
        return Err(Refusal::new(404, "UnknownOperationException", "the only path is /"));
    }
    let parameters = parameters(ask);
    let action = first(&parameters, "Action").ok_or_else(|| {
        Refusal::new(400, "MissingAction", "The request must contain the parameter Action.")
    })?;
    let version = first(&parameters, "Version").unwrap_or_default();
    let caller = authenticate(room, ask, Dialect::Sts)?;
    if operation == super::UNKNOWN || version != VERSION {
        let text = format!("Could not find operation {action} for version {version}");
        return Err(Refusal::new(400, "InvalidAction", text));
    }
    match operation {
        "AssumeRole" => assume_role(room, &caller, &parameters),
        _ => Ok(get_caller_identity(&caller)),
    }
}

pub(super) fn refuse(refusal: Refusal) -> Answer {
    let mut xml = Xml::new();
    xml.open("ErrorResponse", NAMESPACE).open("Error", "").text("Type", "Sender");
    xml.text("Code", &refusal.code).text("Message", &refusal.message).close("Error");
    let body = xml.text("RequestId", &random::request_id()).close("ErrorResponse").finish();
    let answer = Answer::xml(refusal.status, "text/xml", body);
    refusal.finish(answer)
}

fn get_caller_identity(caller: &Caller) -> Answer {
    let Principal { account, arn, user_id, .. } = &caller.principal;
    respond("GetCallerIdentity", |xml| {
        xml.text("Arn", arn).text("UserId", user_id).text("Account", account);
    })
}

fn respond(operation: &str, result: impl FnOnce(&mut Xml)) -> Answer {
    let mut xml = Xml::new();
    xml.open(&format!("{operation}Response"), NAMESPACE).open(&format!("{operation}Result"), "");
    result(&mut xml);
    xml.close(&format!("{operation}Result")).open("ResponseMetadata", "");
    xml.text("RequestId", &random::request_id()).close("ResponseMetadata");
    Answer::xml(200, "text/xml", xml.close(&format!("{operation}Response")).finish())
}

fn assume_role(
    room: &mut Room,
    caller: &Caller,
    parameters: &[(String, String)],
) -> Result<Answer, Refusal> {
    let required =
        |name| first(parameters, name).ok_or_else(|| invalid(&format!("{name} is missing")));
    let (arn, name) = (required("RoleArn")?, required("RoleSessionName")?);
    check_session_name(name)?;
    room.journal.subject(arn);
    let role = assumable(room, caller, arn, first(parameters, "ExternalId"))?;
    let duration = duration(role, caller, first(parameters, "DurationSeconds"))?;
    let expires = moved(room.now(), duration);
    let key = issue(role, name, expires);
    let id = random::access_key_id();
    let answer = describe(&id, &key, expires);
    room.state.keys.insert(id, key);
    Ok(answer)
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}

fn check_session_name(name: &str) -> Result<(), Refusal> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    let fine = (2..=64).contains(&name.len()) && name.bytes().all(allowed);
    if fine {
        Ok(())
    } else {
        Err(invalid("RoleSessionName is not 2 to 64 of A-Z a-z 0-9 _+=,.@-"))
    }
}

fn assumable<'a>(
    room: &'a Room,
    caller: &Caller,
    arn: &str,
    external_id: Option<&str>,
) -> Result<&'a Role, Refusal> {
    let mut roles = room.world.roles.iter();
    let role =
        roles.find(|role| format!("arn:aws:iam::{}:role/{}", role.account, role.name) == arn);
    let trusted = role.filter(|role| role.trusts.contains(&caller.principal.account));
    let admitted = trusted
        .filter(|role| role.external_id.is_none() || role.external_id.as_deref() == external_id);
    admitted.ok_or_else(|| {
        let who = &caller.principal.arn;
        let text =
            format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Refusal::new(403, "AccessDenied", text)
    })
}

fn duration(role: &Role, caller: &Caller, asked: Option<&str>) -> Result<SignedDuration, Refusal> {
    let Some(asked) = asked else { return Ok(CHAINED) };
    let asked = asked.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    let asked = SignedDuration::from_secs(
        asked.ok_or_else(|| invalid("DurationSeconds is not 900 to 43200"))?,
    );
    if caller.principal.arn.contains(":assumed-role/") && asked > CHAINED {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(invalid(text));
    }
    if asked > role.max_session_duration {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(asked)
}

fn issue(role: &Role, session_name: &str, expires: Timestamp) -> Key {
    let principal = Principal {
        account: role.account.clone(),
        arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name),
        user_id: format!("{}:{session_name}", random::role_id(&role.account, &role.name)),
        deny: Vec::new(),
    };
    let (secret, session_token) = (random::secret_access_key(), Some(random::session_token()));
    Key { secret, session_token, expires: Some(expires), principal }
}

fn describe(id: &str, key: &Key, expires: Timestamp) -> Answer {
    respond("AssumeRole", |xml| {
        xml.open("AssumedRoleUser", "").text("AssumedRoleId", &key.principal.user_id);
        xml.text("Arn", &key.principal.arn).close("AssumedRoleUser").open("Credentials", "");
        xml.text("AccessKeyId", id).text("SecretAccessKey", &key.secret);
        xml.maybe("SessionToken", key.session_token.as_deref());
        xml.text("Expiration", &expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .close("Credentials");
    })
}
