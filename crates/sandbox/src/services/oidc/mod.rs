//! sso-oidc (2019-06-10) and the web pages that belong to it.

mod device;
mod grants;
mod iam;
mod register;
mod token;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{UNKNOWN, federation, regions};
use crate::http::{Answer, Ask, Refusal};
use crate::pages;
use crate::room::Room;
use crate::state::Registration;

pub(super) fn operation(ask: &Ask) -> &'static str {
    match (ask.method.as_str(), ask.path.as_str()) {
        ("POST", "/client/register") => "RegisterClient",
        ("POST", "/device_authorization") => "StartDeviceAuthorization",
        ("POST", "/token") if ask.parameter("aws_iam").is_some() => "CreateTokenWithIAM",
        ("POST", "/token") => "CreateToken",
        _ => federation::operation(ask).or_else(|| pages::operation(ask)).unwrap_or(UNKNOWN),
    }
}

pub(super) fn answer(room: &mut Room, operation: &str, ask: &Ask) -> Result<Answer, Refusal> {
    match operation {
        "RegisterClient" => register::register_client(room, ask),
        "StartDeviceAuthorization" => device::start_device_authorization(room, ask),
        "CreateToken" => token::create_token(room, ask),
        "CreateTokenWithIAM" => iam::create_token_with_iam(room, ask),
        "GetSigninToken" | "ConsoleLogin" => federation::answer(room, operation, ask),
        UNKNOWN => pages::elsewhere(room, ask)
            .ok_or_else(|| Refusal::new(404, "UnknownOperationException", "there is nothing here")),
        page => pages::answer(room, page, ask),
    }
}

/// Errors of operations as JSON, errors of pages as pages.
pub(super) fn refuse(operation: &str, refusal: Refusal) -> Answer {
    if pages::is_page(operation) || ["GetSigninToken", "ConsoleLogin"].contains(&operation) {
        return pages::refuse(refusal);
    }
    let refusal = with_reason(refusal);
    let mut body =
        json!({ "error": rfc_error(&refusal.code), "error_description": refusal.message });
    for (name, value) in &refusal.details {
        body[*name] = Value::from(value.as_str());
    }
    let answer = Answer::json(refusal.status, &body).with("x-amzn-errortype", &refusal.code);
    refusal.finish(answer.with("cache-control", "no-store"))
}

/// A fault that a test asks for can name its reason: `Exception:Reason`.
fn with_reason(mut refusal: Refusal) -> Refusal {
    match refusal.code.split_once(':').map(|(code, reason)| (code.to_owned(), reason.to_owned())) {
        Some((code, reason)) => {
            refusal.code = code;
            refusal.detail("reason", reason)
        }
        None => refusal,
    }
}

/// The error's name in RFC 6749 and RFC 8628: `InvalidGrantException` is
/// `invalid_grant`.
fn rfc_error(code: &str) -> String {
    let name = code.strip_suffix("Exception").unwrap_or(code);
    let mut error = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !error.is_empty() {
            error.push('_');
        }
        error.push(letter.to_ascii_lowercase());
    }
    error
}

/// 400 with this error.
fn refusal(code: &str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}

fn invalid(message: &str) -> Refusal {
    refusal("InvalidRequestException", message)
}

/// Reads a JSON body; members the API does not have are errors here.
fn input<T: DeserializeOwned>(ask: &Ask) -> Result<T, Refusal> {
    let content_type = ask.header("content-type").unwrap_or_default();
    if content_type.split(';').next().is_none_or(|kind| kind.trim() != "application/json") {
        return Err(invalid("content-type is not application/json"));
    }
    serde_json::from_slice(&ask.body)
        .map_err(|error| invalid(&format!("the body is not as it should be: {error}")))
}

fn required(member: Option<String>, name: &str) -> Result<String, Refusal> {
    let member = member.filter(|text| !text.is_empty());
    member.ok_or_else(|| invalid(&format!("{name} is missing")))
}

/// The registration of these client credentials. Each region has its own.
fn client(room: &Room, ask: &Ask, id: &str, secret: &str) -> Result<Registration, Refusal> {
    let wrong = |text| Refusal::new(401, "InvalidClientException", text);
    let registration =
        room.state.registrations.get(id).filter(|registration| registration.secret == secret);
    let registration = registration.filter(|_| !regions::is_elsewhere(room, ask));
    let registration = registration.ok_or_else(|| wrong("no client has this ID and secret"))?;
    if room.now() >= registration.expires {
        return Err(wrong("the client secret has expired"));
    }
    Ok(registration.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_names() {
        assert_eq!(rfc_error("AuthorizationPendingException"), "authorization_pending");
        assert_eq!(rfc_error("InvalidGrantException"), "invalid_grant");
        assert_eq!(rfc_error("SlowDownException"), "slow_down");
        assert_eq!(rfc_error("InternalServerException"), "internal_server");
    }

    #[test]
    fn descriptions_stand_beside_the_error() {
        let answer = refuse("CreateToken", invalid("x").detail("reason", "KMS_NotFoundException"));
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let expected = json!({"error": "invalid_request", "error_description": "x", "reason": "KMS_NotFoundException"});
        assert_eq!(body, expected);
        assert_eq!(answer.headers["x-amzn-errortype"], "InvalidRequestException");
    }
}
