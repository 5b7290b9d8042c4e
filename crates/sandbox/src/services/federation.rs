//! The console's sign-in (`signin.aws.amazon.com/federation`): credentials for a
//! token, the token for a page that says who one is.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::clock::moved;
use crate::http::{Answer, Ask, Refusal, first};
use crate::pages;
use crate::random;
use crate::room::Room;
use crate::state::{Key, Principal, SigninToken};

/// How long a token is good for signing in.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Longest console session that can be asked for, and its life if none is.
const MOST_SECONDS: i64 = 43_200;
const SESSION: SignedDuration = SignedDuration::from_hours(1);

/// Where the access portal's links lead.
const CONSOLE: &str = "https://console.aws.amazon.com/";
/// Where a login may lead.
const CONSOLES: [&str; 4] =
    ["aws.amazon.com", "amazonaws.cn", "amazonaws-us-gov.com", "amazonaws-eusc.eu"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Session {
    session_id: String,
    session_key: String,
    session_token: String,
}

pub(super) fn operation(ask: &Ask) -> Option<&'static str> {
    if ask.path != "/federation" {
        return None;
    }
    match (ask.method.as_str(), first(&parameters(ask), "Action")) {
        ("GET" | "POST", Some("getSigninToken")) => Some("GetSigninToken"),
        ("GET", Some("login")) => Some("ConsoleLogin"),
        _ => None,
    }
}

/// Of the query and of a form.
fn parameters(ask: &Ask) -> Vec<(String, String)> {
    let form = ask.method == ::http::Method::POST;
    ask.query.iter().cloned().chain(form.then(|| ask.form()).into_iter().flatten()).collect()
}

pub(super) fn answer(room: &mut Room, operation: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let parameters = parameters(ask);
    match operation {
        "GetSigninToken" => signin_token(room, &parameters),
        _ => login(room, &parameters),
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(400, "InvalidRequest", text)
}

fn signin_token(room: &mut Room, parameters: &[(String, String)]) -> Result<Answer, Refusal> {
    let session = first(parameters, "Session").ok_or_else(|| invalid("Session is missing"))?;
    let session: Session = serde_json::from_str(session).map_err(|_| {
        invalid("Session is not a JSON object of sessionId, sessionKey and sessionToken")
    })?;
    let now = room.now();
    let key = key_of(room, &session, now)?;
    let life = session_life(&key, parameters)?;
    room.journal.subject(&key.principal.arn);
    let token = issue(room, key.principal, moved(now, life));
    Ok(Answer::json(200, &json!({ "SigninToken": token })).with("cache-control", "no-store"))
}

/// A token for a console session that ends then.
fn issue(room: &mut Room, principal: Principal, ends: Timestamp) -> String {
    let token = random::session_token();
    let known = SigninToken { principal, expires: moved(room.now(), TOKEN_LIFE), ends };
    room.state.signin_tokens.insert(token.clone(), known);
    token
}

/// The link by which the access portal signs a role in to the console.
pub(crate) fn login_link(room: &mut Room, key: Key) -> String {
    let ends = key.expires.unwrap_or_else(|| room.now());
    let token = issue(room, key.principal, ends);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("Action", "login").append_pair("Issuer", &room.world.start_url);
    query.append_pair("Destination", CONSOLE).append_pair("SigninToken", &token);
    format!("{}/federation?{}", room.endpoints.signin, query.finish())
}

/// The key, if the session's parts are those of a role's credentials.
fn key_of(room: &Room, session: &Session, now: Timestamp) -> Result<Key, Refusal> {
    let key = room.state.keys.get(&session.session_id).filter(|key| {
        key.secret == session.session_key
            && key.session_token.as_ref() == Some(&session.session_token)
    });
    let key = key.ok_or_else(|| invalid("the credentials in Session are not valid"))?;
    if key.expires.is_some_and(|expires| now >= expires) {
        return Err(invalid("the credentials in Session have expired"));
    }
    if !key.principal.arn.contains(":assumed-role/") {
        return Err(invalid("a console session needs the credentials of a role"));
    }
    Ok(key.clone())
}

/// Only who assumed the role with a user's own keys may ask for a length.
fn session_life(key: &Key, parameters: &[(String, String)]) -> Result<SignedDuration, Refusal> {
    let Some(asked) = first(parameters, "SessionDuration") else { return Ok(SESSION) };
    if !key.principal.unchained {
        return Err(invalid(
            "SessionDuration cannot be asked for with a chained role's credentials",
        ));
    }
    let asked = asked.parse().ok().filter(|seconds| (900..=MOST_SECONDS).contains(seconds));
    let asked = asked.ok_or_else(|| invalid("SessionDuration is not 900 to 43200"))?;
    Ok(SignedDuration::from_secs(asked))
}

fn login(room: &mut Room, parameters: &[(String, String)]) -> Result<Answer, Refusal> {
    let part = |name| first(parameters, name);
    let destination = part("Destination").ok_or_else(|| invalid("Destination is missing"))?;
    let token = part("SigninToken").ok_or_else(|| invalid("SigninToken is missing"))?;
    if !is_console(destination) {
        return Err(invalid("Destination is not a page of the console"));
    }
    if part("Issuer").is_some_and(|issuer| !issuer.is_empty() && Url::parse(issuer).is_err()) {
        return Err(invalid("Issuer is not a URL"));
    }
    let now = room.now();
    let known = room.state.signin_tokens.get(token).filter(|known| now < known.expires);
    let known =
        known.cloned().ok_or_else(|| invalid("the SigninToken is not valid, or too old"))?;
    room.journal.subject(&known.principal.arn);
    Ok(pages::federated(&known.principal, destination, known.ends))
}

fn is_console(destination: &str) -> bool {
    Url::parse(destination).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let under = |domain: &&str| {
            host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        url.scheme() == "https" && CONSOLES.iter().any(under)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_login_may_lead() {
        for good in [
            "https://console.aws.amazon.com/",
            "https://us-west-2.console.aws.amazon.com/s3/home?region=us-west-2",
            "https://console.amazonaws.cn/",
        ] {
            assert!(is_console(good), "{good}");
        }
        for bad in [
            "http://console.aws.amazon.com/",
            "https://console.aws.amazon.com.example/",
            "https://xaws.amazon.com/",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_console(bad), "{bad}");
        }
    }
}
