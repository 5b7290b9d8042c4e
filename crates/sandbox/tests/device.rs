//! Signing in with a device code.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::Duration;

use common::{Client, device_registration, pkce_registration, text};
use sandbox::person::{Person, PersonError};
use sandbox::{Options, World};
use serde_json::{Value, json};

#[test]
fn pending_until_the_person_allows() {
    let client = Client::device(Options::default());
    let device = client.start_device();
    let code = text(&device, "deviceCode");
    assert_eq!(client.poll(code).error(), (400, "AuthorizationPendingException"));
    let page =
        Person::allowing("ada").visit(text(&device, "verificationUriComplete")).expect("a page");
    assert!(page.contains("Request approved"));
    let token = client.poll(code);
    assert_eq!(token.status, 200);
    assert!(token.json()["refreshToken"].is_string());
    client.running.control().advance(Duration::from_secs(10));
    assert_eq!(client.poll(code).error(), (400, "InvalidGrantException"));
}

#[test]
fn denied_by_the_person() {
    let client = Client::device(Options::default());
    let device = client.start_device();
    Person::denying("ada").visit(text(&device, "verificationUriComplete")).expect("a page");
    let reply = client.poll(text(&device, "deviceCode"));
    assert_eq!(reply.error(), (400, "AccessDeniedException"));
    assert_eq!(reply.json()["error"], "access_denied");
}

#[test]
fn decided_by_the_test() {
    let client = Client::device(Options::default());
    let control = client.running.control();
    let (one, other) = (client.start_device(), client.start_device());
    assert_eq!(control.pending_user_codes().len(), 2);
    assert!(control.approve_device(&text(&one, "userCode").to_lowercase().replace('-', "")));
    assert!(control.deny_device(text(&other, "userCode")));
    assert!(!control.approve_device(text(&other, "userCode")), "it is decided");
    assert_eq!(client.poll(text(&one, "deviceCode")).status, 200);
    assert_eq!(client.poll(text(&other, "deviceCode")).error(), (400, "AccessDeniedException"));
}

#[test]
fn polling_too_fast_slows_down_for_good() {
    let client = Client::device(Options { device_interval_seconds: 5, ..Options::default() });
    let control = client.running.control();
    control.freeze();
    let device = client.start_device();
    let code = text(&device, "deviceCode");
    let wait = |seconds| control.advance(Duration::from_secs(seconds));
    assert_eq!(device["interval"], 5);
    for _ in 0..2 {
        assert_eq!(
            client.poll(code).error(),
            (400, "AuthorizationPendingException"),
            "two are free"
        );
    }
    assert_eq!(client.poll(code).error(), (400, "SlowDownException"));
    wait(7);
    assert_eq!(client.poll(code).error(), (400, "SlowDownException"), "the interval is 10 now");
    wait(15);
    assert_eq!(client.poll(code).error(), (400, "AuthorizationPendingException"));
}

#[test]
fn codes_expire() {
    let client = Client::device(Options::default());
    let device = client.start_device();
    assert_eq!(device["expiresIn"], 600);
    client.running.control().advance(Duration::from_secs(600));
    assert_eq!(client.poll(text(&device, "deviceCode")).error(), (400, "ExpiredTokenException"));
    let late = Person::allowing("ada").visit(text(&device, "verificationUriComplete"));
    assert!(matches!(late, Err(PersonError::Refused { status: 400, .. })), "{late:?}");
}

#[test]
fn what_is_refused() {
    let client = Client::device(Options::default());
    let start = |changes: Value| {
        let mut body = json!({ "clientId": client.id, "clientSecret": client.secret, "startUrl": common::START_URL });
        body.as_object_mut()
            .expect("an object")
            .extend(changes.as_object().expect("an object").clone());
        client.oidc("/device_authorization", &body)
    };
    assert_eq!(start(json!({ "clientSecret": "x" })).error(), (401, "InvalidClientException"));
    assert_eq!(
        start(json!({ "startUrl": "https://x.awsapps.com/start" })).error(),
        (400, "InvalidRequestException")
    );
    assert_eq!(client.poll("x").error(), (400, "InvalidGrantException"));
    let code = json!({ "grantType": "authorization_code", "code": "x" });
    assert_eq!(client.token(code).error(), (400, "UnauthorizedClientException"));
    assert_eq!(
        client.token(json!({ "grantType": "password" })).error(),
        (400, "UnsupportedGrantTypeException")
    );

    let client = Client::of(World::guide(), Options::default(), &pkce_registration());
    assert_eq!(client.poll("x").error(), (400, "UnauthorizedClientException"));
}

#[test]
fn another_clients_code_is_no_code() {
    let client = Client::device(Options::default());
    let device = client.start_device();
    let other = client.register(&device_registration()).json();
    let body = json!({
        "clientId": other["clientId"],
        "clientSecret": other["clientSecret"],
        "grantType": common::DEVICE_GRANT,
        "deviceCode": device["deviceCode"],
    });
    assert_eq!(client.oidc("/token", &body).error(), (400, "InvalidGrantException"));
}

#[test]
fn scopes_decide_about_refreshing_and_the_portal() {
    let token = |scopes: Value| {
        let mut registration = device_registration();
        registration["scopes"] = scopes;
        let client = Client::of(World::guide(), Options::default(), &registration);
        let device = client.start_device();
        client.running.control().approve_device(text(&device, "userCode"));
        let token = client.poll(text(&device, "deviceCode")).json();
        let accounts = client.portal("GET", "/assignment/accounts", text(&token, "accessToken"));
        (token["refreshToken"].is_string(), accounts.status)
    };
    assert_eq!(token(Value::Null), (false, 200), "no scopes: access, no refresh token");
    assert_eq!(token(json!(["sso:account:access"])), (true, 200));
    assert_eq!(token(json!(["codewhisperer:completions"])), (false, 401), "no access to accounts");
}
