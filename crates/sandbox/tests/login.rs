//! Signing in through the pages with an authorization code.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::Duration;

use common::{Client, Reply, START_URL, VERIFIER, pkce_registration, text};
use sandbox::Options;
use sandbox::person::{Person, PersonError};
use serde_json::{Value, json};

fn client() -> Client {
    Client::pkce(Options::default())
}

#[test]
fn allowing_leads_to_a_token_for_the_portal() {
    let client = client();
    let callback = client.authorize(&Person::allowing("ada"), &[]);
    assert_eq!(callback.parameter("state"), Some("the state"));
    let token = client.exchange(&callback).json();
    assert_eq!(token["tokenType"], "Bearer");
    assert_eq!(token["expiresIn"], 3600);
    assert!(text(&token, "refreshToken").starts_with("aor"));
    let accounts =
        client.portal("GET", "/assignment/accounts?max_result=100", text(&token, "accessToken"));
    assert_eq!(accounts.json()["accountList"].as_array().map(Vec::len), Some(3));
    assert_eq!(client.running.control().count_ok("CreateToken"), 1);
}

#[test]
fn denying_tells_the_client_why() {
    let callback = client().authorize(&Person::denying("ada"), &[]);
    assert_eq!(callback.parameter("error"), Some("access_denied"));
    assert!(callback.parameter("error_description").is_some());
    assert_eq!(callback.parameter("state"), Some("the state"));
    assert_eq!(callback.parameter("code"), None);
}

#[test]
fn strangers_do_not_get_in() {
    let url = client().authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    // The sandbox of that link is gone with its client.
    assert!(matches!(Person::allowing("ada").visit(&url), Err(PersonError::Network { .. })));
    let client = client();
    let url = client.authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    let refused = Person::allowing("nobody").visit(&url).expect_err("there is no such user");
    assert!(matches!(refused, PersonError::Refused { status: 401, .. }), "{refused}");
}

#[test]
fn a_request_that_is_wrong_goes_back_to_the_client() {
    let client = client();
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("state", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("scopes", "sso:account:access codewhisperer:completions", "invalid_scope"),
    ] {
        let callback = client.authorize(&Person::allowing("ada"), &[(name, value)]);
        assert_eq!(callback.parameter("error"), Some(error), "{name}={value}");
    }
}

#[test]
fn a_redirect_uri_that_was_not_registered_gets_nothing() {
    let client = client();
    for uri in [
        "http://127.0.0.1:1/other",
        "http://localhost:1/oauth/callback",
        "https://example.com/oauth/callback",
    ] {
        let url = client.authorize_url(uri, &[]);
        let error = Person::allowing("ada").visit(&url).expect_err(uri);
        assert!(matches!(error, PersonError::Refused { status: 400, .. }), "{uri}: {error}");
    }
}

#[test]
fn a_code_is_bound_to_its_verifier_and_redirect_uri() {
    let client = client();
    let callback = client.authorize(&Person::allowing("ada"), &[]);
    let good = json!({
        "grantType": "authorization_code",
        "code": callback.parameter("code"),
        "redirectUri": callback.redirect_uri,
        "codeVerifier": VERIFIER,
    });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        client.token(body)
    };
    let other = VERIFIER.replace('d', "e");
    assert_eq!(with("codeVerifier", json!(other)).error(), (400, "InvalidGrantException"));
    assert_eq!(with("codeVerifier", json!("short")).error(), (400, "InvalidRequestException"));
    assert_eq!(with("codeVerifier", Value::Null).error(), (400, "InvalidRequestException"));
    let without_port = json!("http://127.0.0.1/oauth/callback");
    assert_eq!(with("redirectUri", without_port).error(), (400, "InvalidGrantException"));
    assert_eq!(with("scope", json!(["a:b"])).error(), (400, "InvalidScopeException"));
    assert_eq!(client.token(good).status, 200);
}

#[test]
fn a_code_seen_twice_takes_its_tokens_back() {
    let client = client();
    let callback = client.authorize(&Person::allowing("ada"), &[]);
    let token = client.exchange(&callback).json();
    let access = text(&token, "accessToken");
    assert_eq!(client.portal("GET", "/assignment/accounts", access).status, 200);
    assert_eq!(client.exchange(&callback).error(), (400, "InvalidGrantException"));
    assert_eq!(client.portal("GET", "/assignment/accounts", access).status, 401);
}

#[test]
fn codes_and_registrations_expire_and_can_be_forgotten() {
    let client = client();
    let control = client.running.control();
    let callback = client.authorize(&Person::allowing("ada"), &[]);
    control.advance(Duration::from_secs(301));
    assert_eq!(client.exchange(&callback).error(), (400, "InvalidGrantException"));
    let callback = client.authorize(&Person::allowing("ada"), &[]);
    control.forget_registrations();
    assert_eq!(client.exchange(&callback).error(), (401, "InvalidClientException"));
    let url = client.authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    assert!(matches!(
        Person::allowing("ada").visit(&url),
        Err(PersonError::Refused { status: 400, .. })
    ));

    let client = Client::pkce(Options { registration_seconds: 100, ..Options::default() });
    client.running.control().advance(Duration::from_secs(101));
    assert_eq!(client.refresh("x").error(), (401, "InvalidClientException"));
}

#[test]
fn registrations_are_checked() {
    let client = client();
    let with = |changes: &[(&str, Value)]| -> Reply {
        let mut body = pkce_registration();
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        client.register(&body)
    };
    for (name, value, error) in [
        ("clientName", Value::Null, (400, "InvalidRequestException")),
        ("clientType", json!("confidential"), (400, "InvalidClientMetadataException")),
        (
            "redirectUris",
            json!(["http://localhost/oauth/callback"]),
            (400, "InvalidRedirectUriException"),
        ),
        (
            "redirectUris",
            json!(["https://127.0.0.1/oauth/callback"]),
            (400, "InvalidRedirectUriException"),
        ),
        ("redirectUris", json!([]), (400, "InvalidRequestException")),
        ("scopes", json!(["sso account"]), (400, "InvalidScopeException")),
        (
            "issuerUrl",
            json!("https://d-0000000000.awsapps.com/start"),
            (400, "InvalidRequestException"),
        ),
        ("grantTypes", json!(["password"]), (400, "UnsupportedGrantTypeException")),
        (
            "grantTypes",
            json!(["authorization_code", common::DEVICE_GRANT]),
            (500, "InternalServerException"),
        ),
        ("redirectURIs", json!([]), (400, "InvalidRequestException")),
    ] {
        assert_eq!(with(&[(name, value.clone())]).error(), error, "{name} = {value}");
    }
    for url in [
        START_URL,
        "https://d-9067c5bbc5.awsapps.com/start",
        "https://d-9067c5bbc5.awsapps.com/start#/",
    ] {
        assert_eq!(with(&[("issuerUrl", json!(url))]).status, 200, "{url}");
    }
}

#[test]
fn errors_say_it_in_both_languages() {
    let reply = client().refresh("x");
    assert_eq!(reply.error(), (400, "InvalidGrantException"));
    assert_eq!(reply.json()["error"], "invalid_grant");
    assert!(reply.json()["error_description"].is_string());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("date").is_some_and(|date| date.ends_with(" GMT")));
}
