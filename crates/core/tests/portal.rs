//! Role credentials from the portal: refusals, storms, and what is said of them.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{ACCOUNT, Lab, PATIENCE, ROLE, raw, told};
use daypass_core::Kind;
use jiff::SignedDuration;
use sandbox::{Fault, Options};
use serde_json::json;

const HOUR: i64 = 3600;

#[tokio::test]
async fn a_profile_gives_its_role_s_credentials() {
    let lab = Lab::logged_in().await;
    let provided = lab.provide("dev").await.unwrap();
    assert_eq!(provided.method, "sso");
    assert_eq!(provided.credentials.account_id.as_deref(), Some(ACCOUNT));
    let left = provided.credentials.expiration.unwrap().duration_since(lab.host.now());
    assert!(left > SignedDuration::from_hours(7), "{left}");
    let region = daypass_core::names::Region::parse("us-west-2").unwrap();
    let who = lab.aws().caller_identity(&region, &provided.credentials).await.unwrap();
    assert!(who.arn.contains(ROLE), "{who:?}");
}

#[tokio::test]
async fn a_token_the_portal_refuses_is_refreshed_once() {
    let lab = Lab::logged_in().await;
    lab.control.revoke_access_tokens();
    lab.provide("dev").await.unwrap();
    assert_eq!(lab.refreshes(), 1);
    assert_eq!(lab.control.count("GetRoleCredentials"), 2);
    lab.forget_roles();
    lab.provide("dev").await.unwrap();
    assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (1, 3));
}

#[tokio::test]
async fn a_second_refusal_means_log_in() {
    for fault in [Fault::Status(401, "UnauthorizedException".into()), Fault::Bare(401)] {
        let lab = Lab::logged_in().await;
        lab.control.fail_next("GetRoleCredentials", fault, 2);
        let error = lab.provide("dev").await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded);
        assert!(error.message().contains("sso-session `corp`"), "{error}");
        assert_eq!(error.next_step(), Some("run `daypass sso login --sso-session corp`"));
        assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (1, 2));
    }
}

#[tokio::test]
async fn a_refused_token_of_an_ended_session_means_log_in() {
    let lab = Lab::logged_in().await;
    lab.control.revoke_sessions();
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert_eq!(error.message(), "the Identity Center session of sso-session `corp` has ended");
    assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (1, 1));
}

#[tokio::test]
async fn a_refused_token_without_a_refresh_token_means_log_in() {
    let lab = Lab::logged_in().await;
    lab.rewrite_token("corp", |token| drop(token.as_object_mut().unwrap().remove("refreshToken")));
    lab.control.revoke_access_tokens();
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
    assert_eq!(lab.refreshes(), 0);
}

#[tokio::test]
async fn a_refused_token_that_somebody_renewed_meanwhile_costs_no_refresh() {
    let lab = Lab::logged_in().await;
    let good = lab.token_json("corp")["accessToken"].clone();
    lab.rewrite_token("corp", |token| token["accessToken"] = json!("stale"));
    let hold = lab.control.hold("GetRoleCredentials");
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| common::block_on(lab.provide("dev")).map(drop));
        assert!(hold.wait_for(1, PATIENCE));
        lab.rewrite_token("corp", |token| token["accessToken"] = good);
        drop(hold);
        ours.join().unwrap().unwrap();
    });
    assert_eq!(lab.refreshes(), 0);
}

#[tokio::test]
async fn a_refused_token_and_no_network_is_the_network_s_fault() {
    let lab = Lab::logged_in().await;
    lab.control.revoke_access_tokens();
    lab.control.fail_next("CreateToken", Fault::DropBefore, 1);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network, "{error}");
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_named_with_its_account() {
    let lab = Lab::logged_in().await;
    lab.control.unassign("ada", ACCOUNT, ROLE);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let shown = told(&error);
    assert!(
        shown.contains("`Project-Power-User`") && shown.contains("in account 867530900000"),
        "{shown}"
    );
    assert!(shown.contains("ask your administrator"), "{shown}");
    assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (0, 1));
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_named() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &common::CONFIG.replace(ACCOUNT, "999999999999"));
    let error = lab.provide("dev").await.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("ResourceNotFoundException"), "{shown}");
    assert!(shown.contains("999999999999"), "{shown}");
}

#[tokio::test]
async fn a_storm_is_ridden_out_within_bounds() {
    let faults = [
        Fault::Status(429, "TooManyRequestsException".into()),
        Fault::Bare(429),
        Fault::Bare(503),
        Fault::Bare(500),
        Fault::DropBefore,
    ];
    for fault in faults {
        let lab = Lab::logged_in().await;
        lab.control.fail_next("GetRoleCredentials", fault.clone(), 2);
        lab.provide("dev").await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(lab.control.count("GetRoleCredentials"), 3, "{fault:?}");
    }
    let lab = Lab::logged_in().await;
    lab.control.fail_next("GetRoleCredentials", Fault::Bare(503), 9);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Service, "{error}");
    assert!(error.message().contains("(503)"), "{error}");
    assert_eq!(lab.control.count("GetRoleCredentials"), 3);
}

#[tokio::test]
async fn the_attempts_are_those_that_were_asked_for() {
    let mut lab = Lab::logged_in().await;
    lab.house.set_var("AWS_MAX_ATTEMPTS", "1");
    lab.control.fail_next("GetRoleCredentials", Fault::Bare(503), 1);
    lab.provide("dev").await.unwrap_err();
    assert_eq!(lab.control.count("GetRoleCredentials"), 1);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_the_service_s_fault() {
    let html = Fault::Reply(200, vec![], "<html>Please sign in to the hotel Wi-Fi</html>".into());
    let empty = Fault::Reply(200, vec![], "{}".into());
    for fault in [html, empty, Fault::Truncate] {
        let lab = Lab::logged_in().await;
        lab.control.fail_next("GetRoleCredentials", fault.clone(), 9);
        let error = lab.provide("dev").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Service, "{fault:?}: {error}");
        assert!(error.message().contains("makes no sense"), "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn an_unreachable_portal_is_named() {
    let mut lab = Lab::logged_in().await;
    lab.house.set_var("AWS_ENDPOINT_URL_SSO", &raw::nobody());
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network);
    assert!(error.message().contains("/federation/credentials\""), "no query: {error}");
}

#[tokio::test]
async fn a_wrong_clock_is_put_right_by_the_service_s_or_explained() {
    let mut lab = Lab::logged_in().await;
    let provided = lab.provide("dev").await.unwrap();
    let region = daypass_core::names::Region::parse("us-east-1").unwrap();
    // The SDK signs a second time by the time of the first answer.
    lab.control.set_skew(SignedDuration::from_mins(20));
    lab.aws().caller_identity(&region, &provided.credentials).await.unwrap();
    assert_eq!(lab.control.count("GetCallerIdentity"), 2);
    lab.house.set_var("AWS_MAX_ATTEMPTS", "1");
    for (skew, words) in
        [(20, "20 minutes behind that of AWS"), (-20, "20 minutes ahead of that of AWS")]
    {
        lab.control.set_skew(SignedDuration::from_mins(skew));
        let fault = lab.aws().caller_identity(&region, &provided.credentials).await.unwrap_err();
        let shown = told(&fault.into_error(lab.host.now()));
        assert!(shown.contains("this machine's clock is") && shown.contains(words), "{shown}");
    }
}

#[tokio::test]
async fn nobody_logged_in_is_told_which_command_helps() {
    let lab = Lab::new();
    for (profile, command) in [
        ("dev", "run `daypass sso login --sso-session corp`"),
        ("legacy", "run `daypass sso login --profile legacy`"),
    ] {
        let error = lab.provide(profile).await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded);
        assert!(error.message().starts_with("nobody is logged in to"), "{error}");
        assert_eq!(error.next_step(), Some(command));
    }
    assert!(lab.control.journal().is_empty(), "no request is made");
}

#[tokio::test]
async fn a_clock_far_behind_is_told_where_a_refresh_fails() {
    let lab = Lab::with(Options { access_token_seconds: 600, ..common::strict() });
    lab.login("corp").await;
    lab.wait(2 * HOUR);
    lab.control.revoke_sessions();
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
}
