//! STS (query protocol, 2011-06-15): who am I, sessions of IAM users, and roles of
//! the world.

mod assume_role;
mod mfa;
mod session_token;

use jiff::{SignedDuration, Timestamp};

use super::auth::{Caller, Dialect, authenticate};
use super::xml::Xml;
use crate::clock::moved;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{Key, Principal};

const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
const OPERATIONS: [&str; 3] = ["GetCallerIdentity", "AssumeRole", "GetSessionToken"];

/// The parameters: a POST's form or a GET's query.
fn parameters(ask: &Ask) -> Vec<(String, String)> {
    if ask.method == ::http::Method::POST { ask.form() } else { ask.query.clone() }
}

pub(super) fn operation(ask: &Ask) -> String {
    let parameters = parameters(ask);
    let known = OPERATIONS.into_iter().find(|name| first(&parameters, "Action") == Some(name));
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
        "AssumeRole" => assume_role::assume_role(room, &caller, &parameters),
        "GetSessionToken" => session_token::get_session_token(room, &caller, &parameters),
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

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}

fn access_denied(message: impl Into<String>) -> Refusal {
    Refusal::new(403, "AccessDenied", message)
}

/// A fault of one parameter, as all AWS services word it.
fn constraint(value: &str, member: &str, rule: &str) -> Refusal {
    let text = "1 validation error detected: Value";
    invalid(&format!("{text} '{value}' at '{member}' failed to satisfy constraint: {rule}"))
}

/// `DurationSeconds` within its bounds; nothing if it was not asked for.
fn duration_seconds(
    parameters: &[(String, String)],
    most: i64,
) -> Result<Option<SignedDuration>, Refusal> {
    let Some(asked) = first(parameters, "DurationSeconds") else { return Ok(None) };
    let wrong = |rule: &str| Err(constraint(asked, "durationSeconds", rule));
    match asked.parse::<i64>() {
        Ok(seconds) if seconds < 900 => {
            wrong("Member must have value greater than or equal to 900")
        }
        Ok(seconds) if seconds > most => {
            wrong(&format!("Member must have value less than or equal to {most}"))
        }
        Ok(seconds) => Ok(Some(SignedDuration::from_secs(seconds))),
        Err(_) => wrong("Member must be a whole number"),
    }
}

/// Temporary keys: told to the client once, known to the sandbox from now on.
struct Issued {
    id: String,
    key: Key,
    expires: Timestamp,
}

impl Issued {
    fn to(principal: Principal, now: Timestamp, life: SignedDuration) -> Self {
        let expires = moved(now, life);
        let (secret, token) = (random::secret_access_key(), Some(random::session_token()));
        let key = Key { secret, session_token: token, expires: Some(expires), principal };
        Self { id: random::access_key_id(), key, expires }
    }

    fn write(&self, xml: &mut Xml) {
        let expiration = self.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        xml.open("Credentials", "").text("AccessKeyId", &self.id);
        xml.text("SecretAccessKey", &self.key.secret);
        xml.maybe("SessionToken", self.key.session_token.as_deref());
        xml.text("Expiration", &expiration).close("Credentials");
    }
}
