//! Faults, held requests, and starting and stopping.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::net::TcpStream;
use std::time::Duration;

use common::{Client, text};
use sandbox::{Fault, Options, Sandbox, StartError, World};
use serde_json::json;

#[test]
fn errors_on_demand_have_the_services_shape() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    control.fail_next("CreateToken", Fault::Status(500, "InternalServerException".into()), 2);
    for _ in 0..2 {
        let reply = client.refresh("x");
        assert_eq!(reply.error(), (500, "InternalServerException"));
        assert_eq!(reply.json()["error"], "internal_server");
    }
    assert_eq!(client.refresh("x").error(), (400, "InvalidGrantException"));
    control.fail_next("ListAccounts", Fault::Status(429, "TooManyRequestsException".into()), 1);
    let reply = client.portal("GET", "/assignment/accounts", "x");
    assert_eq!(reply.json()["__type"], "com.amazonaws.switchboard.portal#TooManyRequestsException");
    control.fail_next("ListAccounts", Fault::Bare(503), 1);
    let reply = client.portal("GET", "/assignment/accounts", "x");
    assert_eq!((reply.status, reply.body.as_str()), (503, ""));
    let later = Fault::Reply(429, vec![("Retry-After".into(), "3".into())], "<html>".into());
    control.fail_next("ListAccounts", later, 1);
    let reply = client.portal("GET", "/assignment/accounts", "x");
    assert_eq!((reply.header("retry-after"), reply.body.as_str()), (Some("3"), "<html>"));
}

#[test]
fn an_answer_lost_after_its_effect() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    let first = text(&client.sign_in(), "refreshToken").to_owned();
    control.fail_next("CreateToken", Fault::DropBefore, 1);
    assert_eq!(client.refresh(&first).status, 0);
    control.fail_next("CreateToken", Fault::DropAfter, 1);
    assert_eq!(client.refresh(&first).status, 0, "this one rotated");
    assert_eq!(client.refresh(&first).error(), (400, "InvalidGrantException"));
    assert_eq!((control.count("CreateToken"), control.count_ok("CreateToken")), (4, 1));
}

#[test]
fn a_truncated_answer_is_no_json() {
    let client = Client::pkce(Options::default());
    client.running.control().fail_next("RegisterClient", Fault::Truncate, 1);
    let reply = client.register(&common::device_registration());
    assert_eq!(reply.status, 200);
    assert!(reply.json().is_null() && !reply.body.is_empty());
}

#[test]
fn held_requests_arrive_together() {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let refresh_token = text(&token, "refreshToken");
    let hold = client.running.control().hold("CreateToken");
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let both = [
            scope.spawn(|| client.refresh(refresh_token)),
            scope.spawn(|| client.refresh(refresh_token)),
        ];
        assert!(hold.wait_for(2, Duration::from_secs(30)));
        drop(hold);
        both.map(|one| one.join().expect("an answer").status).into()
    });
    assert!(statuses == [200, 400] || statuses == [400, 200], "{statuses:?}");
}

#[test]
fn many_at_once_stand_side_by_side_and_stop() {
    let one = Sandbox::start_blocking(World::guide(), Options::default()).expect("it starts");
    let other = Sandbox::start_blocking(World::guide(), Options::default()).expect("it starts");
    let endpoints = one.endpoints();
    assert_ne!(endpoints, other.endpoints());
    let variables = one.environment();
    assert!(variables.contains(&("AWS_ENDPOINT_URL_SSO".into(), endpoints.sso.clone())));
    let address = endpoints.sso.replace("http://", "");
    assert!(TcpStream::connect(&address).is_ok());
    drop(one);
    assert!(TcpStream::connect(&address).is_err(), "dropping it stops it");
}

#[test]
fn a_taken_port_is_an_error_that_says_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let error = Sandbox::start_blocking(World::guide(), Options { port, ..Options::default() });
    assert!(matches!(error, Err(StartError::Listen { port: named, .. }) if named == port));
}

#[test]
fn answers_carry_the_sandboxs_date() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    control.freeze();
    control.advance(Duration::from_secs(36 * 3600));
    let now = control.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    assert_eq!(client.refresh("x").header("date"), Some(now.as_str()));
}

#[test]
fn other_content_types_are_refused() {
    let client = Client::pkce(Options::default());
    let base = client.running.endpoints().sso_oidc;
    let body = json!({ "clientName": "x", "clientType": "public" }).to_string();
    let reply =
        common::send(&base, "POST", "/client/register", &[("content-type", "text/plain")], &body);
    assert_eq!(reply.error(), (400, "InvalidRequestException"));
}
