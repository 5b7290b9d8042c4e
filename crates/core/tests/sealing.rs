//! Logins in the encrypted store: moved in, used, refreshed, shared with other tools,
//! and moved out again.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{CONFIG, Lab, ada, block_on, told};
use daypass_core::edit::Step;
use daypass_core::oidc::registration::Flow;
use daypass_core::resolve::sso::Policy;
use daypass_core::sealing::{self, Sealed};
use daypass_core::store::Store;
use daypass_core::{Kind, Result};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use vault::Store as _;

const HOUR: i64 = 3600;

fn line(profile: &str) -> Result<String> {
    Ok(format!("/usr/bin/daypass credential-process --profile {profile}"))
}

fn step() -> Step {
    Step::new("vault")
}

async fn seal(lab: &Lab, policy: Policy) -> Sealed {
    let plan = lab.session("corp");
    sealing::on(&lab.host, &step(), &lab.files(), &plan, policy, line).await.unwrap()
}

async fn unseal(lab: &Lab) -> Sealed {
    let plan = lab.session("corp");
    sealing::off(&lab.host, &step(), &lab.files(), &plan).await.unwrap()
}

fn config(lab: &Lab) -> String {
    fs::read_to_string(lab.home.path().join(".aws/config")).unwrap()
}

/// What the shared cache says of the session; `None` without a file.
fn mirror(lab: &Lab) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(lab.cached("corp")).ok()?).ok()
}

/// Every file below the home directory.
fn files_below(dir: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => files_below(entry, found),
            false => found.push(entry),
        }
    }
}

fn assert_nowhere(lab: &Lab, secrets: &[String]) {
    let mut files = Vec::new();
    files_below(lab.home.path().to_owned(), &mut files);
    for path in files {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", path.display());
    }
}

/// The refresh token and the client secret, as they lie in the shared cache now.
fn secrets(lab: &Lab) -> Vec<String> {
    let token = lab.token_json("corp");
    ["refreshToken", "clientSecret"].map(|key| token[key].as_str().unwrap().to_owned()).into()
}

#[tokio::test]
async fn with_the_policy_process_nothing_is_left_in_plain_text() {
    let lab = Lab::logged_in().await;
    let mut known = secrets(&lab);
    known.push(lab.token_json("corp")["accessToken"].as_str().unwrap().to_owned());
    let done = seal(&lab, Policy::Process).await;
    assert!(done.token);
    assert_eq!((done.profiles, done.legacy), (vec!["dev".to_owned()], vec!["legacy".to_owned()]));
    assert_nowhere(&lab, &known);
    assert_eq!(lab.cache_names(), Vec::<String>::new());
    let text = config(&lab);
    assert!(text.contains("daypass_sso_session = corp\n"), "{text}");
    let section = text.split("[profile dev]").nth(1).unwrap().split('[').next().unwrap();
    assert!(section.lines().all(|line| !line.starts_with("sso_")), "{section}");
    assert!(section.contains(&line("dev").unwrap()), "{section}");
    lab.provide("dev").await.unwrap();
}

#[tokio::test]
async fn the_fast_lane_knows_sealed_logins() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    lab.provide("dev").await.unwrap();
    assert!(lab.fast("dev").is_some());
    lab.host.store.remove(&hot::Family::of_session("corp").record("token")).unwrap();
    assert_eq!(lab.fast("dev"), None);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{}", told(&error));
}

#[tokio::test]
async fn a_sealed_token_is_refreshed_in_the_store() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    for round in 1..=3 {
        lab.pass(2 * HOUR);
        lab.forget_roles_only();
        lab.provide("dev").await.unwrap();
        assert_eq!(lab.refreshes(), round);
    }
    assert_eq!(lab.cache_names(), Vec::<String>::new());
}

#[tokio::test]
async fn of_many_who_find_it_ended_one_refreshes() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    lab.pass(2 * HOUR);
    std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..20).map(|_| scope.spawn(|| block_on(lab.provide("dev")).unwrap())).collect();
        asked.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    });
    assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (1, 1));
}

#[tokio::test]
async fn the_mirror_has_the_access_token_and_nothing_that_renews_it() {
    let lab = Lab::logged_in().await;
    let known = secrets(&lab);
    seal(&lab, Policy::Mirror).await;
    assert_nowhere(&lab, &known);
    assert!(config(&lab).contains("\nsso_session = corp\n"));
    let keys: Vec<String> = mirror(&lab).unwrap().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["startUrl", "region", "accessToken", "expiresAt"]);
    let before = mirror(&lab).unwrap()["accessToken"].clone();
    lab.provide("dev").await.unwrap();
    // The role's credentials live on for hours, and the token does not.
    lab.pass(2 * HOUR);
    lab.provide("dev").await.unwrap();
    assert_eq!((lab.refreshes(), lab.control.count("GetRoleCredentials")), (1, 1));
    let after = mirror(&lab).unwrap();
    assert_ne!(after["accessToken"], before);
    let ends: jiff::Timestamp = after["expiresAt"].as_str().unwrap().parse().unwrap();
    assert!(ends.duration_since(lab.host.now()).as_mins() > 15);
    fs::remove_file(lab.cached("corp")).unwrap();
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(mirror(&lab).unwrap(), after);
}

#[tokio::test]
async fn off_brings_everything_back_byte_for_byte() {
    for policy in [Policy::Process, Policy::Mirror] {
        let lab = Lab::logged_in().await;
        lab.put(".aws/config", &format!("# mine\n{CONFIG}"));
        let (text, token) = (config(&lab), lab.token_text("corp"));
        let files = lab.cache_names();
        seal(&lab, policy).await;
        let done = unseal(&lab).await;
        assert!(done.token);
        assert_eq!((config(&lab), lab.token_text("corp")), (text, token));
        assert_eq!(lab.cache_names(), files);
        let records = lab.host.store.names().unwrap();
        assert!(records.iter().all(|name| name.as_str().starts_with("role.")), "{records:?}");
        lab.pass(2 * HOUR);
        lab.provide("dev").await.unwrap();
        assert_eq!(lab.refreshes(), 1);
    }
}

#[tokio::test]
async fn from_one_policy_to_the_other() {
    let lab = Lab::logged_in().await;
    let text = config(&lab);
    seal(&lab, Policy::Process).await;
    let done = seal(&lab, Policy::Mirror).await;
    assert_eq!(done.profiles, ["dev"]);
    assert!(mirror(&lab).is_some());
    seal(&lab, Policy::Process).await;
    assert_eq!(mirror(&lab), None);
    unseal(&lab).await;
    assert_eq!(config(&lab), text);
}

#[tokio::test]
async fn what_a_killed_tool_has_half_written_does_not_lie_there_for_good() {
    let lab = Lab::logged_in().await;
    let whole = lab.token_text("corp");
    let known = secrets(&lab);
    seal(&lab, Policy::Process).await;
    fs::write(lab.cached("corp"), &whole[..whole.len() - 2]).unwrap();
    lab.token(&lab.session("corp")).await.unwrap();
    assert!(lab.cached("corp").exists(), "somebody may be writing it");
    lab.pass(2 * 60);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_nowhere(&lab, &known);
}

#[tokio::test]
async fn what_another_tool_writes_is_taken_in() {
    for policy in [Policy::Process, Policy::Mirror] {
        let lab = Lab::logged_in().await;
        // As if another tool logged in later: a whole token with a longer life.
        let theirs = lab.token_text("corp");
        seal(&lab, policy).await;
        let mut theirs: Value = serde_json::from_str(&theirs).unwrap();
        theirs["expiresAt"] = "2099-01-01T00:00:00Z".into();
        theirs["refreshToken"] = "SENTINEL-refresh".into();
        lab.put(&format!(".aws/sso/cache/{}.json", common::sha1("corp")), &theirs.to_string());
        let token = lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(token.refresh_token.unwrap().expose(), "SENTINEL-refresh");
        assert_nowhere(&lab, &["SENTINEL-refresh".to_owned()]);
        assert_eq!(mirror(&lab).is_some(), policy == Policy::Mirror);
    }
}

#[tokio::test]
async fn an_older_token_of_another_tool_does_not_win() {
    let lab = Lab::logged_in().await;
    let mut theirs = lab.token_json("corp");
    seal(&lab, Policy::Process).await;
    let own = lab.token(&lab.session("corp")).await.unwrap();
    theirs["expiresAt"] = "2020-01-01T00:00:00Z".into();
    theirs["accessToken"] = "old".into();
    lab.put(&format!(".aws/sso/cache/{}.json", common::sha1("corp")), &theirs.to_string());
    let token = lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(token.access_token, own.access_token);
    assert_eq!(mirror(&lab), None);
}

#[tokio::test]
async fn a_login_goes_straight_into_the_store() {
    let lab = Lab::new();
    seal(&lab, Policy::Process).await;
    let plan = lab.session("corp");
    lab.login_with(&plan, Flow::Code, ada).await.0.unwrap();
    assert_eq!(lab.cache_names(), Vec::<String>::new());
    lab.provide("dev").await.unwrap();
    // The registration is in the store, too: the next login needs no new one.
    lab.login_with(&plan, Flow::Code, ada).await.0.unwrap();
    assert_eq!(lab.control.count("RegisterClient"), 1);
}

#[tokio::test]
async fn a_log_out_ends_what_is_in_the_store() {
    for policy in [Policy::Process, Policy::Mirror] {
        for all in [true, false] {
            let lab = Lab::logged_in().await;
            seal(&lab, policy).await;
            lab.provide("dev").await.unwrap();
            let done = match all {
                true => daypass_core::logout::all(&lab.host, Ok(&lab.aws())).await,
                false => {
                    let plan = lab.session("corp");
                    let aws = lab.aws();
                    daypass_core::logout::one(&lab.host, Ok(&aws), &lab.files(), &plan).await
                }
            };
            assert!(done.tokens > 0 && done.left.is_empty(), "{done:?}");
            assert!(done.unrevoked.is_empty() && done.roles_live_until.is_some(), "{done:?}");
            assert_eq!(lab.control.count_ok("Logout"), 1);
            assert_eq!(mirror(&lab), None);
            let error = lab.provide("dev").await.unwrap_err();
            assert_eq!(error.kind(), Kind::LoginNeeded, "{}", told(&error));
        }
    }
}

#[tokio::test]
async fn the_log_out_of_one_session_leaves_the_other_in_the_store() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    lab.login("lab").await;
    lab.provide("lab").await.unwrap();
    let plan = lab.session("lab");
    let aws = lab.aws();
    daypass_core::logout::one(&lab.host, Ok(&aws), &lab.files(), &plan).await;
    lab.token(&lab.session("corp")).await.unwrap();
    let error = lab.provide("lab").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
}

#[tokio::test]
async fn a_lost_key_means_log_in() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    // A place that is empty, as the kernel keyring after a restart.
    fs::write(lab.home.path().join("key"), "").unwrap();
    let store = Store::in_home(lab.home.path());
    let lab = Lab { house: lab.house.with_store(store), ..lab };
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert_eq!(error.next_step(), Some("run `daypass sso login --sso-session corp`"));
    let plan = lab.session("corp");
    lab.login_with(&plan, Flow::Code, ada).await.0.unwrap();
    lab.provide("dev").await.unwrap();
}

#[tokio::test]
async fn a_key_out_of_reach_is_an_error_with_a_cure_and_changes_nothing() {
    let lab = Lab::logged_in().await;
    seal(&lab, Policy::Process).await;
    fs::remove_file(lab.home.path().join("key")).unwrap();
    fs::create_dir(lab.home.path().join("key")).unwrap();
    let store = common::unopened_store(lab.home.path());
    let lab = Lab { house: lab.house.with_store(store), ..lab };
    let text = config(&lab);
    for _ in 0..2 {
        let error = lab.provide("dev").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Store, "{}", told(&error));
        assert!(
            error.next_step().is_some_and(|hint| hint.contains("daypass vault use")),
            "{}",
            told(&error)
        );
    }
    let plan = lab.session("corp");
    sealing::off(&lab.host, &step(), &lab.files(), &plan).await.unwrap_err();
    assert_eq!(config(&lab), text);
}

#[tokio::test]
async fn what_cannot_be_sealed_is_refused_and_nothing_changed() {
    let lab = Lab::logged_in().await;
    let text = CONFIG.replace("[profile dev]", "[profile dev]\ncredential_process = mine");
    lab.put(".aws/config", &text);
    let plan = lab.session("corp");
    let refused = sealing::on(&lab.host, &step(), &lab.files(), &plan, Policy::Process, line).await;
    let shown = told(&refused.unwrap_err());
    assert!(shown.contains("~/.aws/config:12") && shown.contains("of its own"), "{shown}");
    let legacy = lab.of_profile("legacy");
    let refused =
        sealing::on(&lab.host, &step(), &lab.files(), &legacy, Policy::Process, line).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Config);
    assert_eq!(config(&lab), text);
    assert!(mirror(&lab).unwrap()["refreshToken"].is_string());
}
