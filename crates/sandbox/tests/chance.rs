//! Faults of every kind, by name and by chance, and the freedoms of `strict`.

mod common;

use common::{ACCOUNT, Client, ROLE, Reply, text};
use sandbox::{Control, Fault, FaultKind, Options, Rate};
use serde_json::json;

fn always(control: &Control, kind: FaultKind) {
    control.clear_faults();
    control.fail_sometimes(Rate { kind, percent: 100.0, operation: None });
}

fn accounts(client: &Client, token: &str) -> Reply {
    client.portal("GET", "/assignment/accounts", token)
}

#[test]
fn bodies_that_are_spoilt() {
    let client = Client::pkce(Options::default());
    let (token, control) =
        (text(&client.sign_in(), "accessToken").to_owned(), client.running.control());
    let good = accounts(&client, &token);
    always(&control, FaultKind::Garbage);
    let garbage = accounts(&client, &token);
    assert!(garbage.status == 200 && garbage.json().is_null(), "{garbage:?}");
    always(&control, FaultKind::CutOff);
    let cut = accounts(&client, &token);
    assert_eq!(cut.header("content-length"), good.header("content-length"));
    assert!(cut.body.len() < good.body.len() && good.body.starts_with(&cut.body), "{cut:?}");
    always(&control, FaultKind::Drip);
    assert_eq!(accounts(&client, &token).body, good.body);
    let faults: Vec<_> = control.journal().into_iter().filter_map(|entry| entry.fault).collect();
    assert_eq!(faults, ["garbage", "cut-off", "drip"]);
}

#[test]
fn storms_speak_each_services_language() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    let endpoints = client.running.endpoints();
    always(&control, FaultKind::TooMany);
    assert_eq!(accounts(&client, "x").error(), (429, "TooManyRequestsException"));
    let sts = common::send(&endpoints.sts, "GET", "/?Action=GetCallerIdentity", &[], "");
    assert_eq!((sts.status, sts.xml("Code")), (400, Some("Throttling")));
    let s3 = common::send(&endpoints.s3, "GET", "/", &[], "");
    assert_eq!((s3.status, s3.xml("Code")), (503, Some("SlowDown")));
    always(&control, FaultKind::Internal);
    assert_eq!(client.refresh("x").error(), (500, "InternalServerException"));
}

#[test]
fn what_a_request_relies_on_is_gone() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    let signed_in = client.sign_in();
    let token = text(&signed_in, "accessToken");
    control.fail_next("ListAccounts", Fault::RevokedToken, 1);
    assert_eq!(accounts(&client, token).error(), (401, "UnauthorizedException"));
    assert_eq!(accounts(&client, token).status, 401, "it stays revoked");
    assert_eq!(client.refresh(text(&signed_in, "refreshToken")).status, 200, "the session goes on");
    control.fail_next("CreateToken", Fault::ForgottenClient, 1);
    assert_eq!(client.refresh("x").error(), (401, "InvalidClientException"));
}

#[test]
fn codes_expire_and_people_deny() {
    let client = Client::device(Options::default());
    let control = client.running.control();
    for (fault, error) in [
        (Fault::ExpiredCode, "ExpiredTokenException"),
        (Fault::DeniedUser, "AccessDeniedException"),
    ] {
        let device = client.start_device();
        assert!(control.approve_device(text(&device, "userCode")));
        control.fail_next("CreateToken", fault, 1);
        assert_eq!(client.poll(text(&device, "deviceCode")).error(), (400, error));
    }
}

#[test]
fn a_clock_that_is_wrong_for_one_request() {
    let client = Client::pkce(Options::default());
    let control = client.running.control();
    control.fail_next("ListAccounts", FaultKind::Skew.fault(), 1);
    let (skewed, right) = (accounts(&client, "x"), accounts(&client, "x"));
    assert_ne!(
        skewed.header("date").map(|date| &date[..22]),
        right.header("date").map(|date| &date[..22]),
        "20 minutes apart"
    );
    assert_eq!(control.clock().skew.as_secs(), 0);
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let run = |seed| {
        let client = Client::pkce(Options { seed: Some(seed), ..Options::default() });
        let rate = "503:ListAccounts=30".parse().expect("a rate");
        client.running.control().fail_sometimes(rate);
        (0..40).map(|_| accounts(&client, "x").status).collect::<Vec<_>>()
    };
    let statuses = run(7);
    assert_eq!(statuses, run(7));
    assert!(statuses.contains(&503) && statuses.contains(&401), "{statuses:?}");
}

#[test]
fn strict_takes_every_freedom() {
    let client = Client::pkce(Options { strict: true, seed: Some(1), ..Options::default() });
    let token = text(&client.sign_in(), "accessToken").to_owned();
    let target = format!("/assignment/roles?account_id={ACCOUNT}&max_result=3");
    let pages: Vec<_> = (0..30).map(|_| client.portal("GET", &target, &token).json()).collect();
    let size = |page: &serde_json::Value| page["roleList"].as_array().map_or(0, Vec::len);
    assert!((1..=3).all(|wanted| pages.iter().any(|page| size(page) == wanted)), "all sizes");
    assert!(pages.iter().all(|page| page.as_object().is_some_and(|all| all.len() > 2)));
    let credentials = client.role_credentials(&token);
    assert!(credentials["accessKeyId"].is_string(), "{ROLE}: {credentials}");
}

#[test]
fn strict_tells_a_device_to_slow_down_once_at_most() {
    let options = Options { strict: true, seed: Some(3), ..Options::default() };
    let client = Client::device(options);
    let control = client.running.control();
    let mut slowed = 0;
    for _ in 0..20 {
        let device = client.start_device();
        let polls = (0..4).map(|_| {
            control.advance(std::time::Duration::from_secs(10));
            client.poll(text(&device, "deviceCode")).json()["error"].clone()
        });
        let slow = polls.filter(|error| *error == json!("slow_down")).count();
        assert!(slow <= 1, "{slow}");
        slowed += slow;
    }
    assert!(slowed > 0, "it happens now and then");
}
