//! `/authorize`: a browser sent by a client that wants an authorization code.

use url::Url;

use super::visit;
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::state::{AUTHORIZATION_CODE, AuthorizeRequest, Purpose, Registration};

/// Checks the request. While client and redirect URI are not known to be good,
/// errors are shown here; after that they go back to the client.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let registration = client(room, ask)?.clone();
    let redirect_uri = redirect_uri(&registration, ask)?;
    match request(&registration, &redirect_uri, ask) {
        Ok(request) => Ok(visit::begin(room, ask, Purpose::Authorize(request))),
        Err((error, text)) => {
            Ok(send_back(&redirect_uri, &failure(error, text, ask.parameter("state"))))
        }
    }
}

fn wrong(text: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", text)
}

fn client<'a>(room: &'a Room, ask: &Ask) -> Result<&'a Registration, Refusal> {
    let id = ask.parameter("client_id").ok_or_else(|| wrong("client_id is missing"))?;
    let registration =
        room.state.registrations.get(id).filter(|registration| room.now() < registration.expires);
    registration
        .ok_or_else(|| wrong("The application that sent you here is not registered, or no longer."))
}

fn redirect_uri(registration: &Registration, ask: &Ask) -> Result<String, Refusal> {
    let uri = ask.parameter("redirect_uri").ok_or_else(|| wrong("redirect_uri is missing"))?;
    let registered = registration.redirect_uris.iter().any(|registered| fits(registered, uri));
    if registered {
        Ok(uri.to_owned())
    } else {
        Err(wrong("redirect_uri is not one the application registered"))
    }
}

/// Whether `used` is `registered`, any port in it (RFC 8252, 7.3).
fn fits(registered: &str, used: &str) -> bool {
    let (Ok(registered), Ok(mut used)) = (Url::parse(registered), Url::parse(used)) else {
        return false;
    };
    if registered.port().is_none() && used.set_port(None).is_err() {
        return false;
    }
    registered == used
}

type Failure = (&'static str, &'static str);

fn request(
    registration: &Registration,
    redirect_uri: &str,
    ask: &Ask,
) -> Result<AuthorizeRequest, Failure> {
    if !registration.allows(AUTHORIZATION_CODE) {
        return Err((
            "unauthorized_client",
            "the client is not registered for authorization codes",
        ));
    }
    if ask.parameter("response_type") != Some("code") {
        return Err(("unsupported_response_type", "response_type is not code"));
    }
    let state = ask.parameter("state").filter(|state| !state.is_empty());
    let state = state.ok_or(("invalid_request", "state is missing"))?.to_owned();
    let (client_id, redirect_uri) = (registration.id.clone(), redirect_uri.to_owned());
    let (code_challenge, scopes) = (challenge(ask)?, scopes(registration, ask)?);
    Ok(AuthorizeRequest { client_id, redirect_uri, state, code_challenge, scopes })
}

fn challenge(ask: &Ask) -> Result<String, Failure> {
    if ask.parameter("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method is not S256"));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    let challenge = ask
        .parameter("code_challenge")
        .filter(|text| text.len() == 43 && text.bytes().all(allowed));
    challenge
        .map(str::to_owned)
        .ok_or(("invalid_request", "code_challenge is not a SHA-256 in base64url"))
}

/// The AWS CLI sends `scopes`, other clients `scope`; neither is all registered.
fn scopes(registration: &Registration, ask: &Ask) -> Result<Vec<String>, Failure> {
    let granted = registration.granted_scopes();
    let Some(asked) = ask.parameter("scopes").or_else(|| ask.parameter("scope")) else {
        return Ok(granted);
    };
    let asked: Vec<_> =
        asked.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if asked.is_empty() || asked.iter().any(|scope| !granted.contains(scope)) {
        return Err(("invalid_scope", "scopes are not among the registered ones"));
    }
    Ok(asked)
}

/// The parameters of a refusal.
pub(super) fn failure<'a>(
    error: &'a str,
    text: &'a str,
    state: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let parameters = [
        Some(("error", error)),
        Some(("error_description", text)),
        state.map(|state| ("state", state)),
    ];
    parameters.into_iter().flatten().collect()
}

/// Sends the browser to the client's redirect URI.
pub(super) fn send_back(redirect_uri: &str, parameters: &[(&str, &str)]) -> Answer {
    let Ok(mut url) = Url::parse(redirect_uri) else { return Answer::new(400) };
    url.query_pairs_mut().extend_pairs(parameters);
    Answer::redirect(302, url.as_str())
        .with("cache-control", "no-store")
        .with("referrer-policy", "no-referrer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_redirect_uri_is_free_if_none_was_registered() {
        let registered = "http://127.0.0.1/oauth/callback";
        assert!(fits(registered, "http://127.0.0.1:41005/oauth/callback"));
        for other in [
            "http://localhost:41005/oauth/callback",
            "http://127.0.0.1:41005/oauth/callback/",
            "http://127.0.0.1:41005/oauth/callback?x=1",
            "https://127.0.0.1:41005/oauth/callback",
            "http://127.0.0.2:41005/oauth/callback",
            "http://user@127.0.0.1:41005/oauth/callback",
        ] {
            assert!(!fits(registered, other), "{other}");
        }
        assert!(!fits("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"));
    }
}
