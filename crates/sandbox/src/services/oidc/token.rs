//! `CreateToken`: the request, and the answer to a grant that was good.

use serde::Deserialize;
use serde_json::json;

use super::{client, grants, input, refusal, required};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::state::{
    AUTHORIZATION_CODE, AccessToken, DEVICE_CODE, REFRESH_TOKEN, RefreshToken, Registration,
    Session,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Input {
    client_id: Option<String>,
    client_secret: Option<String>,
    grant_type: Option<String>,
    pub(super) device_code: Option<String>,
    pub(super) code: Option<String>,
    pub(super) refresh_token: Option<String>,
    scope: Option<Vec<String>>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<String>,
}

/// What a grant was good for.
pub(super) struct Granted {
    /// The session's ID.
    pub(super) session: String,
    /// Whether the answer carries a (new) refresh token.
    pub(super) with_refresh_token: bool,
}

pub(super) fn create_token(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let input: Input = input(ask)?;
    let id = required(input.client_id.clone(), "clientId")?;
    let registration =
        client(room, ask, &id, &required(input.client_secret.clone(), "clientSecret")?)?;
    let grant = required(input.grant_type.clone(), "grantType")?;
    room.journal.subject(&grant);
    if ![AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN].contains(&grant.as_str()) {
        return Err(refusal("UnsupportedGrantTypeException", "there is no such grant type"));
    }
    if !registration.allows(&grant) {
        return Err(refusal(
            "UnauthorizedClientException",
            "the client is not registered for this grant type",
        ));
    }
    check_scope(&registration, input.scope.as_deref())?;
    let granted = match grant.as_str() {
        AUTHORIZATION_CODE => grants::authorization_code(room, &registration, input),
        DEVICE_CODE => grants::device_code(room, &registration, input),
        _ => grants::refresh_token(room, &registration, input),
    }?;
    Ok(issue(room, &granted))
}

fn check_scope(registration: &Registration, asked: Option<&[String]>) -> Result<(), Refusal> {
    let granted = registration.granted_scopes();
    let beyond = asked.unwrap_or_default().iter().find(|scope| !granted.contains(scope));
    match beyond {
        Some(scope) => {
            Err(refusal("InvalidScopeException", &format!("`{scope}` is not registered")))
        }
        None => Ok(()),
    }
}

/// A session that begins now.
pub(super) fn begin_session(
    room: &mut Room,
    registration: &Registration,
    user: String,
    scopes: Vec<String>,
) -> Granted {
    let ends = after(room.now(), room.options.session_seconds);
    let session =
        Session { user, client_id: registration.id.clone(), scopes, ends, revoked: false };
    let id = random::id();
    room.state.sessions.insert(id.clone(), session);
    Granted { session: id, with_refresh_token: registration.refreshes() }
}

fn issue(room: &mut Room, granted: &Granted) -> Answer {
    let now = room.now();
    let ends = room.state.sessions.get(&granted.session).map_or(now, |session| session.ends);
    let expires = after(now, room.options.access_token_seconds).min(ends);
    let token = random::access_token();
    let mut body = json!({
        "accessToken": token,
        "tokenType": "Bearer",
        "expiresIn": expires.duration_since(now).as_secs(),
    });
    let session = granted.session.clone();
    room.state
        .access_tokens
        .insert(token, AccessToken { session: session.clone(), expires, revoked: false });
    if granted.with_refresh_token {
        let token = random::refresh_token();
        body["refreshToken"] = json!(token);
        room.state.refresh_tokens.insert(token, RefreshToken { session, spent: None });
    }
    Answer::json(200, &body).with("cache-control", "no-store").with("pragma", "no-cache")
}
