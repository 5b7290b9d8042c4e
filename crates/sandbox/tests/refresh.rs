//! Refreshing, rotation, and the end of sessions.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::Duration;

use common::{Client, text};
use sandbox::Options;

const REFUSED: (u16, &str) = (400, "InvalidGrantException");

fn signed_in(options: Options) -> (Client, String) {
    let client = Client::pkce(options);
    let token = text(&client.sign_in(), "refreshToken").to_owned();
    (client, token)
}

fn works(client: &Client, access_token: &str) -> bool {
    client.portal("GET", "/assignment/accounts", access_token).status == 200
}

#[test]
fn tokens_rotate_and_reuse_ends_the_family() {
    let (client, first) = signed_in(Options::default());
    let second = client.refresh(&first).json();
    assert!(works(&client, text(&second, "accessToken")));
    assert_ne!(text(&second, "refreshToken"), first);
    assert_eq!(client.refresh(&first).error(), REFUSED);
    assert!(!works(&client, text(&second, "accessToken")), "the family is gone");
    assert_eq!(client.refresh(text(&second, "refreshToken")).error(), REFUSED);
}

#[test]
fn reuse_can_be_harmless_to_the_rest() {
    let (client, first) =
        signed_in(Options { revoke_family_on_reuse: false, ..Options::default() });
    let second = client.refresh(&first).json();
    assert_eq!(client.refresh(&first).error(), REFUSED);
    assert_eq!(client.refresh(text(&second, "refreshToken")).status, 200);
}

#[test]
fn grace_covers_a_lost_answer() {
    let (client, first) = signed_in(Options { refresh_grace_seconds: 60, ..Options::default() });
    assert_eq!(client.refresh(&first).status, 200);
    assert_eq!(client.refresh(&first).status, 200, "within the grace");
    client.running.control().advance(Duration::from_secs(61));
    assert_eq!(client.refresh(&first).error(), REFUSED);
}

#[test]
fn without_rotation_the_old_one_stays() {
    let (client, first) = signed_in(Options { rotate_refresh_tokens: false, ..Options::default() });
    let second = client.refresh(&first).json();
    assert!(second["refreshToken"].is_null());
    assert_eq!(client.refresh(&first).status, 200);
}

#[test]
fn the_answer_can_omit_the_refresh_token() {
    let (client, first) =
        signed_in(Options { omit_refresh_token_on_refresh: true, ..Options::default() });
    assert!(client.refresh(&first).json()["refreshToken"].is_null());
    assert_eq!(client.refresh(&first).status, 200, "then the old one stays good");
}

#[test]
fn access_tokens_expire_and_sessions_end() {
    let options =
        Options { access_token_seconds: 3600, session_seconds: 5400, ..Options::default() };
    let (client, first) = signed_in(options);
    let control = client.running.control();
    control.advance(Duration::from_secs(3590));
    let second = client.refresh(&first).json();
    let life = second["expiresIn"].as_u64().expect("seconds");
    assert!((1..=1810).contains(&life), "no token outlives its session: {life}");
    control.advance(Duration::from_secs(1810));
    assert!(!works(&client, text(&second, "accessToken")));
    assert_eq!(client.refresh(text(&second, "refreshToken")).error(), REFUSED);
}

#[test]
fn an_access_token_can_die_before_its_session() {
    let client = Client::pkce(Options { access_token_seconds: 60, ..Options::default() });
    let token = client.sign_in();
    client.running.control().advance(Duration::from_secs(60));
    assert!(!works(&client, text(&token, "accessToken")));
    let token = client.refresh(text(&token, "refreshToken")).json();
    assert!(works(&client, text(&token, "accessToken")));
}

#[test]
fn another_client_cannot_refresh() {
    let (mut client, token) = signed_in(Options::default());
    let owner = (client.id.clone(), client.secret.clone());
    let other = client.register(&common::pkce_registration()).json();
    (client.id, client.secret) =
        (text(&other, "clientId").into(), text(&other, "clientSecret").into());
    assert_eq!(client.refresh(&token).error(), REFUSED);
    (client.id, client.secret) = owner;
    assert_eq!(client.refresh(&token).status, 200, "and has not spoilt it");
}

#[test]
fn revoked_access_tokens_can_be_refreshed_revoked_sessions_cannot() {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let control = client.running.control();
    control.revoke_access_tokens();
    assert!(!works(&client, text(&token, "accessToken")));
    let token = client.refresh(text(&token, "refreshToken")).json();
    assert!(works(&client, text(&token, "accessToken")));
    control.revoke_sessions();
    assert!(!works(&client, text(&token, "accessToken")));
    assert_eq!(client.refresh(text(&token, "refreshToken")).error(), REFUSED);
}

#[test]
fn knobs_turn_while_it_runs() {
    let (client, first) = signed_in(Options::default());
    let control = client.running.control();
    control.set_options(Options { access_token_seconds: 60, ..control.options() });
    assert_eq!(client.refresh(&first).json()["expiresIn"], 60);
}
