//! What goes back over the wire.

use super::shelf::Held;
use crate::output::clean;
use bytes::Bytes;
use daypass_core::{Error, Kind};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// An answer, whole.
pub type Reply = Response<Full<Bytes>>;

fn reply(status: StatusCode, kind: &'static str, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// Plain text, as the instance's metadata are.
pub fn text(body: String) -> Reply {
    reply(StatusCode::OK, "text/plain", body)
}

/// JSON.
pub fn json(value: &Value) -> Reply {
    reply(StatusCode::OK, "application/json", value.to_string())
}

/// The credentials as every SDK reads them, for both dialects.
pub fn credentials(held: &Held, now: Timestamp) -> Reply {
    let found = &held.credentials;
    // SDKs want both fields, even for keys that have neither: those are asked for
    // again after an hour, and an empty token is sent by none.
    let end = found.expiration.unwrap_or(now + SignedDuration::from_hours(1));
    let token = found.session_token.as_ref().map_or("", |token| token.expose());
    let mut body = Map::new();
    let mut put = |key: &str, value: &str| body.insert(key.to_owned(), json!(value));
    put("Code", "Success");
    put("Type", "AWS-HMAC");
    put("LastUpdated", &time(held.since));
    put("AccessKeyId", &found.access_key_id);
    put("SecretAccessKey", found.secret_access_key.expose());
    put("Token", token);
    put("Expiration", &time(end));
    if let Some(account) = &found.account_id {
        put("AccountId", account);
    }
    json(&Value::Object(body))
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An error in the form that SDKs show: a code and one line.
pub fn refusal(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = json!({"code": code, "message": message});
    reply(status, "application/json", body.to_string())
}

/// No credentials, and why: the line stands alone, since an SDK shows it alone.
pub fn failure(error: &Error) -> Reply {
    let (status, code) = match error.kind() {
        // Final until somebody acts: an SDK that tries again only loses time.
        Kind::LoginNeeded | Kind::LoginFailed => (StatusCode::FORBIDDEN, "LoginNeeded"),
        Kind::Denied => (StatusCode::FORBIDDEN, "AccessDenied"),
        Kind::Network | Kind::Service | Kind::Interrupted | Kind::Terminated => {
            (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "ConfigurationError"),
    };
    let hint = error.next_step().map(|hint| format!(": {hint}")).unwrap_or_default();
    let line = format!("{error}{hint}").replace('\n', " ");
    refusal(status, code, &clean(&line))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{body, credentials as some, time as at};
    use super::*;

    #[test]
    fn keys_without_an_end_get_one_since_sdks_want_it() {
        let mut keys = some(None);
        (keys.session_token, keys.account_id) = (None, None);
        let held = Held { credentials: keys, since: at(0) };
        let json = body(credentials(&held, at(0)));
        assert_eq!(json["Expiration"], "1970-01-01T01:00:00Z");
        assert_eq!(json["Token"], "");
        assert!(json.get("AccountId").is_none());
    }

    #[test]
    fn a_failure_is_one_line_with_the_command() {
        let error = Error::new(Kind::LoginNeeded, "cannot get credentials for profile `dev`")
            .because("the session has\nended\u{1b}[2J")
            .hint("run `daypass sso login --sso-session corp`");
        let reply = failure(&error);
        assert_eq!(reply.status(), 403);
        let json = body(reply);
        assert_eq!(json["code"], "LoginNeeded");
        assert_eq!(
            json["message"],
            "cannot get credentials for profile `dev`: the session has ended\u{fffd}[2J: \
             run `daypass sso login --sso-session corp`"
        );
    }
}
