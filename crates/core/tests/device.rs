//! Logging in with a device code. The sandbox's clock is real here: it answers
//! `slow_down` to whoever polls too early.
//!
//! Here polls are counted: no sandbox says `slow_down` of its own accord.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::browser::Invited;
use common::{Lab, ada, told};
use daypass_core::login::LoggedIn;
use daypass_core::oidc::registration::Flow;
use daypass_core::{Kind, Result};
use sandbox::person::Person;
use sandbox::{Control, Fault, Options};

async fn by_device<T: Send + 'static>(
    lab: &Lab,
    errand: impl FnOnce(Invited) -> T + Send + 'static,
) -> (Result<LoggedIn>, Option<T>) {
    lab.login_with(&lab.session("corp"), Flow::Device, errand).await
}

/// The errors CreateToken answered with, in order.
fn answers(control: &Control) -> Vec<String> {
    let journal = control.journal();
    let polls = journal.iter().filter(|entry| entry.operation == "CreateToken");
    polls.map(|entry| entry.code.clone().unwrap_or_else(|| entry.status.to_string())).collect()
}

#[tokio::test]
async fn a_person_approves() {
    let lab = Lab::with(Options::default());
    let (outcome, page) = by_device(&lab, ada).await;
    let token = outcome.unwrap().token;
    assert!(page.unwrap().unwrap().contains("Request approved"));
    assert_eq!(answers(&lab.control), ["200"], "the first poll comes after the interval");
    assert_eq!(lab.token_json("corp")["accessToken"], token.access_token.expose().as_str());
    assert!(lab.token_json("corp")["refreshToken"].is_string(), "the session has scopes");
    lab.provide("dev").await.unwrap();
}

#[tokio::test]
async fn a_legacy_profile_s_token_is_named_by_its_start_url() {
    let lab = Lab::with(Options::default());
    let plan = lab.of_profile("legacy");
    lab.login_with(&plan, Flow::Device, ada).await.0.unwrap();
    let json = lab.token_json("https://d-9067c5bbc5.awsapps.com/start");
    assert_eq!(json["startUrl"], "https://d-9067c5bbc5.awsapps.com/start");
    lab.provide("legacy").await.unwrap();
}

#[tokio::test]
async fn a_denial_is_the_service_s_answer() {
    let lab = Lab::with(Options::default());
    let (outcome, _) =
        by_device(&lab, |invited| Person::denying("ada").visit(&invited.link).unwrap()).await;
    let error = outcome.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("AccessDeniedException") && shown.contains("denied"), "{shown}");
    assert!(!lab.cached("corp").exists());
    assert_eq!(lab.control.count("CreateToken"), 1);
}

#[tokio::test]
async fn a_code_that_has_ended_at_the_service_ends_the_wait() {
    let lab = Lab::with(Options::default());
    let control = lab.control.clone();
    let (outcome, _) =
        by_device(&lab, move |_| control.advance(std::time::Duration::from_secs(601))).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginFailed);
    assert!(error.message().contains("has expired"), "{error}");
    assert_eq!(answers(&lab.control), ["ExpiredTokenException"]);
}

#[tokio::test]
async fn a_service_that_never_says_expired_is_not_asked_for_ever() {
    let lab = Lab::with(Options { device_code_seconds: 2, ..Options::default() });
    lab.control.fail_next(
        "CreateToken",
        Fault::Status(400, "AuthorizationPendingException".into()),
        9,
    );
    let (outcome, _) = by_device(&lab, |_| ()).await;
    assert!(outcome.unwrap_err().message().contains("has expired"));
    // The second poll may just not have begun when the code's life is over.
    assert!((1..=2).contains(&lab.control.count("CreateToken")));
}

#[tokio::test]
async fn a_slow_down_is_obeyed_for_good() {
    let lab = Lab::with(Options::default());
    lab.control.fail_next("CreateToken", Fault::Status(400, "SlowDownException".into()), 1);
    let (outcome, _) = by_device(&lab, ada).await;
    outcome.unwrap();
    assert_eq!(answers(&lab.control), ["SlowDownException", "200"]);
    let journal = lab.control.journal();
    let polls: Vec<_> =
        journal.iter().filter(|entry| entry.operation == "CreateToken").map(|e| e.at).collect();
    assert!(polls[1].duration_since(polls[0]).as_secs() >= 6, "one second, and five more");
}

#[tokio::test]
async fn what_passes_during_polling_is_survived() {
    let lab = Lab::with(Options::default());
    for fault in [Fault::Bare(500), Fault::Bare(429), Fault::DropBefore] {
        lab.control.fail_next("CreateToken", fault, 1);
    }
    by_device(&lab, ada).await.0.unwrap();
    assert_eq!(lab.control.count_ok("CreateToken"), 1);
}

#[tokio::test]
async fn the_browser_s_flow_and_this_one_do_not_share_a_registration() {
    let lab = Lab::with(Options::default());
    by_device(&lab, ada).await.0.unwrap();
    by_device(&lab, ada).await.0.unwrap();
    assert_eq!(lab.control.count("RegisterClient"), 1, "used again");
    lab.login("corp").await;
    assert_eq!(lab.control.count("RegisterClient"), 2);
}

#[tokio::test]
async fn a_forgotten_registration_is_made_anew_once() {
    let lab = Lab::with(Options::default());
    by_device(&lab, ada).await.0.unwrap();
    lab.control.forget_registrations();
    by_device(&lab, ada).await.0.unwrap();
    assert_eq!(lab.control.count("RegisterClient"), 2);
    let refused = Fault::Status(401, "InvalidClientException".into());
    lab.control.fail_next("StartDeviceAuthorization", refused, 9);
    let (outcome, invited) = by_device(&lab, ada).await;
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("InvalidClientException"), "{error}");
    assert!(invited.is_none());
    assert_eq!(lab.control.count("RegisterClient"), 3, "once, not for ever");
}

#[tokio::test]
async fn a_wrong_start_url_is_told_with_the_region_s_origin() {
    let lab = Lab::with(Options::default());
    lab.put(".aws/config", &common::CONFIG.replace("d-9067c5bbc5", "d-0000000000"));
    let shown = told(&by_device(&lab, ada).await.0.unwrap_err());
    assert!(shown.contains("sso_region is us-east-1 (~/.aws/config:3)"), "{shown}");
}
