//! `RegisterClient`.

use serde::Deserialize;
use serde_json::json;
use url::{Host, Url};

use super::{input, invalid, refusal, required};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::services::regions;
use crate::state::{AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, Registration};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    client_name: Option<String>,
    client_type: Option<String>,
    scopes: Option<Vec<String>>,
    redirect_uris: Option<Vec<String>>,
    grant_types: Option<Vec<String>>,
    issuer_url: Option<String>,
    entitled_application_arn: Option<String>,
}

pub(super) fn register_client(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let input: Input = input(ask)?;
    let registration = check(room, ask, input)?;
    let body = json!({
        "clientId": registration.id,
        "clientSecret": registration.secret,
        "clientIdIssuedAt": room.now().as_second(),
        "clientSecretExpiresAt": registration.expires.as_second(),
        "authorizationEndpoint": null,
        "tokenEndpoint": null,
    });
    room.state.registrations.insert(registration.id.clone(), registration);
    Ok(Answer::json(200, &body))
}

fn check(room: &mut Room, ask: &Ask, input: Input) -> Result<Registration, Refusal> {
    let name = required(input.client_name, "clientName")?;
    if required(input.client_type, "clientType")? != "public" {
        return Err(refusal("InvalidClientMetadataException", "clientType is not public"));
    }
    if input.entitled_application_arn.is_some() {
        return Err(invalid("the sandbox has no applications"));
    }
    let grant_types = input.grant_types.unwrap_or_default();
    room.journal.subject(grant_types.join(" "));
    check_grant_types(&grant_types)?;
    let scopes = input.scopes.unwrap_or_default();
    check_scopes(&scopes)?;
    let redirect_uris = input.redirect_uris.unwrap_or_default();
    redirect_uris.iter().try_for_each(|uri| check_redirect_uri(uri))?;
    if let Some(issuer) = &input.issuer_url {
        check_issuer(room, ask, issuer)?;
    }
    if grant_types.iter().any(|grant| grant == AUTHORIZATION_CODE) {
        required(input.issuer_url, "issuerUrl")?;
        required(redirect_uris.first().cloned(), "redirectUris")?;
    }
    let expires = after(room.now(), room.options.registration_seconds);
    let (id, secret) = (random::id(), random::client_secret());
    Ok(Registration { id, secret, name, scopes, grant_types, redirect_uris, expires })
}

/// Known ones, and not both ways of signing in: the real service answers 500.
fn check_grant_types(grants: &[String]) -> Result<(), Refusal> {
    let known = [AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN];
    if let Some(other) = grants.iter().find(|grant| !known.contains(&grant.as_str())) {
        return Err(refusal(
            "UnsupportedGrantTypeException",
            &format!("there is no grant type {other}"),
        ));
    }
    let asks = |grant: &str| grants.iter().any(|asked| asked == grant);
    if asks(AUTHORIZATION_CODE) && asks(DEVICE_CODE) {
        return Err(Refusal::new(
            500,
            "InternalServerException",
            "device_code and authorization_code together",
        ));
    }
    Ok(())
}

/// `service:resource:action`, lower case, each once.
fn check_scopes(scopes: &[String]) -> Result<(), Refusal> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.*".contains(&b))
    };
    let fine = |scope: &String| scope.contains(':') && scope.split(':').all(part);
    match scopes.iter().find(|scope| !fine(scope)) {
        Some(scope) => Err(refusal("InvalidScopeException", &format!("`{scope}` is not a scope"))),
        None => Ok(()),
    }
}

/// `http://127.0.0.1/PATH`, with no port, or with the one that will be used.
fn check_redirect_uri(uri: &str) -> Result<(), Refusal> {
    let fine = Url::parse(uri).is_ok_and(|url| {
        let loopback = url.host() == Some(Host::Ipv4([127, 0, 0, 1].into()));
        url.scheme() == "http" && loopback && url.fragment().is_none() && url.query().is_none()
    });
    let text = format!("`{uri}` is not http://127.0.0.1 with a path");
    if fine { Ok(()) } else { Err(refusal("InvalidRedirectUriException", &text)) }
}

fn check_issuer(room: &Room, ask: &Ask, issuer: &str) -> Result<(), Refusal> {
    if room.world.is_start_url(issuer) && !regions::is_elsewhere(room, ask) {
        return Ok(());
    }
    Err(invalid("issuerUrl is not this organization's start URL"))
}
