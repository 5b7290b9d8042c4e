//! Keeping a token alive: when it is refreshed, by whom, and what is done when
//! that fails.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{House, Lab, PATIENCE, block_on, raw, told};
use daypass_core::Kind;
use daypass_core::host::Host;
use daypass_core::token::refresh::TokenKeeper;
use sandbox::{Fault, Options};
use serde_json::json;
use std::sync::Barrier;
use std::time::Duration;

const HOUR: i64 = 3600;

fn invalid_grant() -> Fault {
    Fault::Status(400, "InvalidGrantException".into())
}

fn stored(lab: &House, key: &str) -> String {
    lab.token_json("corp")[key].as_str().unwrap_or("none").to_owned()
}

/// What a thread of its own makes of the token, as another process would.
fn elsewhere(house: &House, host: Host) -> daypass_core::Result<String> {
    let (plan, aws) = (house.session("corp"), house.aws());
    let keeper = TokenKeeper::new(&host, &aws, &plan);
    block_on(keeper.current()).map(|token| token.access_token.expose().clone())
}

#[tokio::test]
async fn a_token_that_lives_long_enough_is_not_refreshed() {
    let lab = Lab::logged_in().await;
    let before = lab.token_text("corp");
    lab.pass(HOUR - 1210);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 0);
    assert_eq!(lab.token_text("corp"), before);
}

#[tokio::test]
async fn one_that_is_due_is_refreshed_once() {
    for age in [HOUR - 1190, HOUR - 1, HOUR + 1, 3 * HOUR] {
        let lab = Lab::logged_in().await;
        let (old, refresh) = (stored(&lab, "accessToken"), stored(&lab, "refreshToken"));
        lab.pass(age);
        let token = lab.token(&lab.session("corp")).await.unwrap();
        assert_ne!(token.access_token.expose(), &old);
        assert_eq!(stored(&lab, "accessToken"), *token.access_token.expose());
        assert_ne!(stored(&lab, "refreshToken"), refresh, "rotated");
        assert_eq!(stored(&lab, "startUrl"), common::START_URL);
        lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(lab.refreshes(), 1, "at {age}");
        assert_eq!(lab.cache_names().len(), 2, "nothing is left beside the files");
    }
}

#[tokio::test]
async fn a_short_lived_token_is_not_refreshed_by_every_command() {
    let lab = Lab::with(Options { access_token_seconds: 600, ..common::strict() });
    lab.login("corp").await;
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 0);
    lab.pass(301);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let lab = Lab::with(Options { omit_refresh_token_on_refresh: true, ..common::strict() });
    lab.login("corp").await;
    let refresh = stored(&lab, "refreshToken");
    for _ in 0..2 {
        lab.pass(HOUR);
        lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(stored(&lab, "refreshToken"), refresh);
    }
    assert_eq!(lab.refreshes(), 2);
}

#[tokio::test]
async fn many_at_once_refresh_once() {
    const MANY: usize = 12;
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let hold = lab.control.hold("CreateToken");
    let start = Barrier::new(MANY + 1);
    let tokens: Vec<String> = std::thread::scope(|scope| {
        let commands: Vec<_> = (0..MANY)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    elsewhere(&lab, lab.host.clone()).unwrap()
                })
            })
            .collect();
        start.wait();
        assert!(hold.wait_for(1, PATIENCE));
        lab.until_at_lock("corp", MANY);
        drop(hold);
        commands.into_iter().map(|command| command.join().unwrap()).collect()
    });
    assert_eq!(lab.control.count("CreateToken"), 2, "one login, one refresh");
    assert!(tokens.iter().all(|token| *token == stored(&lab, "accessToken")));
}

#[tokio::test]
async fn tasks_of_one_process_refresh_once() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let (plan, aws) = (lab.session("corp"), lab.aws());
    let keeper = TokenKeeper::new(&lab.host, &aws, &plan);
    let (a, b, c) = tokio::join!(keeper.current(), keeper.current(), keeper.current());
    let tokens = [a, b, c].map(|token| token.unwrap().access_token.expose().clone());
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn two_sessions_do_not_wait_for_one_another() {
    let lab = Lab::logged_in().await;
    lab.login("lab").await;
    lab.pass(2 * HOUR);
    // Somebody refreshes `lab` and takes for ever.
    let _busy = lab.host.locks.acquire(&lab.lock_name("lab"), Duration::ZERO).unwrap();
    let before = lab.token_text("lab");
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 1);
    assert_eq!(lab.token_text("lab"), before);
}

#[tokio::test]
async fn a_token_that_another_process_refreshes_meanwhile_is_used() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let lock = lab.host.locks.acquire(&lab.lock_name("corp"), Duration::ZERO).unwrap();
    assert!(lock.is_held());
    let token = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| elsewhere(&lab, lab.host.clone()));
        lab.until_at_lock("corp", 2);
        lab.rewrite_token("corp", |token| {
            token["accessToken"] = json!("theirs");
            token["expiresAt"] = json!("2099-01-01T00:00:00Z");
        });
        drop(lock);
        waiting.join().unwrap().unwrap()
    });
    assert_eq!(token, "theirs");
    assert_eq!(lab.refreshes(), 0);
}

#[tokio::test]
async fn a_lock_that_nobody_releases_costs_no_living_token() {
    let lab = Lab::logged_in().await;
    let _busy = lab.host.locks.acquire(&lab.lock_name("corp"), Duration::ZERO).unwrap();
    let (plan, aws) = (lab.session("corp"), lab.aws());
    let keeper =
        TokenKeeper::new(&lab.host, &aws, &plan).waiting_at_most(Duration::from_millis(20));
    lab.pass(HOUR - 600);
    let token = keeper.current().await.unwrap();
    assert_eq!(*token.access_token.expose(), stored(&lab, "accessToken"));
    let refused = keeper.after_refusal(&token).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Store, "{refused}");
    lab.pass(HOUR);
    let shown = told(&keeper.current().await.unwrap_err());
    assert!(shown.contains("cannot refresh the login of sso-session `corp`"), "{shown}");
    assert!(shown.contains("another process has held") && shown.contains("lsof"), "{shown}");
    assert_eq!(lab.refreshes(), 0);
}

#[tokio::test]
async fn where_nothing_can_be_locked_a_token_is_still_refreshed() {
    let lab = Lab::logged_in().await;
    let file = lab.put("a-file", "");
    let host = Host { locks: vault::LockPlaces::new([file]), ..lab.host.clone() };
    lab.pass(2 * HOUR);
    let (plan, aws) = (lab.session("corp"), lab.aws());
    TokenKeeper::new(&host, &aws, &plan).current().await.unwrap();
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn a_refresh_token_that_another_tool_spent_first_means_read_again() {
    for life in [HOUR - 600, 2 * HOUR] {
        let lab = Lab::logged_in().await;
        lab.pass(life);
        let hold = lab.control.hold("CreateToken");
        lab.control.fail_next("CreateToken", invalid_grant(), 1);
        let token = std::thread::scope(|scope| {
            let ours = scope.spawn(|| elsewhere(&lab, lab.host.clone()));
            assert!(hold.wait_for(1, PATIENCE));
            lab.rewrite_token("corp", |token| {
                token["accessToken"] = json!("theirs");
                token["refreshToken"] = json!("their next");
                token["expiresAt"] = json!("2099-01-01T00:00:00Z");
            });
            drop(hold);
            ours.join().unwrap().unwrap()
        });
        assert_eq!(token, "theirs");
        assert_eq!(stored(&lab, "refreshToken"), "their next", "their file is not touched");
        assert_eq!(lab.refreshes(), 1);
    }
}

#[tokio::test]
async fn a_refused_refresh_costs_no_living_token() {
    let lab = Lab::logged_in().await;
    lab.pass(HOUR - 600);
    lab.control.revoke_sessions();
    let before = lab.token_text("corp");
    let token = lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(*token.access_token.expose(), stored(&lab, "accessToken"));
    assert_eq!(lab.token_text("corp"), before);
}

#[tokio::test]
async fn an_ended_session_names_the_command_to_run() {
    let lab = Lab::logged_in().await;
    lab.pass(9 * HOUR);
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert_eq!(error.message(), "the Identity Center session of sso-session `corp` has ended");
    assert_eq!(error.next_step(), Some("run `daypass sso login --sso-session corp`"));
    assert!(lab.cached("corp").exists(), "nothing is deleted");
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn a_forgotten_registration_ends_in_a_login_not_in_a_riddle() {
    let lab = Lab::logged_in().await;
    lab.control.forget_registrations();
    lab.pass(2 * HOUR);
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert!(error.to_string().contains("InvalidClientException"), "{error}");
}

#[tokio::test]
async fn a_lost_answer_is_not_asked_for_twice() {
    for (fault, effect) in [(Fault::DropBefore, false), (Fault::DropAfter, true)] {
        let lab = Lab::logged_in().await;
        let before = lab.token_text("corp");
        lab.pass(HOUR - 600);
        lab.control.fail_next("CreateToken", fault.clone(), 1);
        let token = lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(*token.access_token.expose(), stored(&lab, "accessToken"), "the living one");
        assert_eq!((lab.refreshes(), lab.token_text("corp")), (1, before));
        // Dead, the truth is told: the network's fault, or the end of the session.
        lab.pass(HOUR);
        lab.control.fail_next("CreateToken", fault, 1);
        let error = lab.token(&lab.session("corp")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Network, "{error}");
        assert!(error.message().contains("cannot refresh the login"), "{error}");
        let next = lab.token(&lab.session("corp")).await;
        match effect {
            false => drop(next.unwrap()),
            true => assert_eq!(next.unwrap_err().kind(), Kind::LoginNeeded),
        }
    }
}

#[tokio::test]
async fn an_unreachable_service_costs_no_living_token() {
    let mut lab = Lab::logged_in().await;
    lab.house.set_var("AWS_ENDPOINT_URL_SSO_OIDC", &raw::nobody());
    lab.pass(HOUR - 600);
    lab.token(&lab.session("corp")).await.unwrap();
    lab.pass(HOUR);
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network);
    assert!(error.to_string().contains("/token\""), "{error}");
}

#[tokio::test]
async fn a_service_in_trouble_is_asked_again_but_not_for_ever() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    lab.control.fail_next("CreateToken", Fault::Bare(503), 1);
    lab.control.fail_next("CreateToken", Fault::Status(429, "TooManyRequestsException".into()), 1);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 3);
    lab.pass(2 * HOUR);
    lab.control.fail_next("CreateToken", Fault::Bare(503), 9);
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Service, "{error}");
    assert_eq!(lab.refreshes(), 6);
}

#[tokio::test]
async fn a_legacy_token_under_another_spelling_is_found_and_renewed_in_place() {
    let lab = Lab::new();
    let (plain, hashed) =
        ("https://d-9067c5bbc5.awsapps.com/start", "https://d-9067c5bbc5.awsapps.com/start/#");
    lab.login("corp").await;
    std::fs::rename(lab.cached("corp"), lab.cached(hashed)).unwrap();
    let plan = lab.of_profile("legacy");
    let token = lab.token(&plan).await.unwrap();
    assert_eq!(lab.token_json(hashed)["accessToken"], token.access_token.expose().as_str());
    lab.pass(2 * HOUR);
    // A process of the other spelling is at it: the lock is that of the file.
    let lock = lab.host.locks.acquire(&lab.lock_name(hashed), Duration::ZERO).unwrap();
    let aws = lab.aws();
    let keeper = TokenKeeper::new(&lab.host, &aws, &plan);
    let impatient = keeper.waiting_at_most(Duration::from_millis(20));
    impatient.current().await.unwrap_err();
    assert_eq!(lab.refreshes(), 0);
    drop(lock);
    let token = impatient.current().await.unwrap();
    assert_eq!(lab.token_json(hashed)["accessToken"], token.access_token.expose().as_str());
    assert!(!lab.cached(plain).exists());
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn the_token_of_another_portal_is_not_used() {
    let lab = Lab::logged_in().await;
    lab.rewrite_token("corp", |token| {
        token["startUrl"] = json!("https://d-0000000000.awsapps.com/start");
    });
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
}

#[tokio::test]
async fn a_living_token_does_not_wait_for_another_s_refresh() {
    let lab = Lab::logged_in().await;
    let _busy = lab.host.locks.acquire(&lab.lock_name("corp"), Duration::ZERO).unwrap();
    lab.pass(HOUR - 600);
    // With its usual patience this would wait for more than a minute.
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 0);
}
