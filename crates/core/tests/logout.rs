//! Logging out: at the portal, and on this machine whatever the portal says.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, block_on, raw, sha1};
use daypass_core::Kind;
use daypass_core::logout::{self, LoggedOut};
use daypass_core::oidc::registration::Flow;
use sandbox::Fault;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

const HOUR: i64 = 3600;

/// A role's file as the AWS CLI leaves it.
fn role_file(lab: &Lab, key: &str, ends: &str) -> PathBuf {
    let text = json!({
        "ProviderType": "sso",
        "Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": ends},
    });
    lab.put(&format!(".aws/cli/cache/{}.json", sha1(key)), &text.to_string())
}

fn session_key(role: &str, session: &str) -> String {
    format!(
        "{{\"accountId\":\"867530900000\",\"roleName\":\"{role}\",\"sessionName\":\"{session}\"}}"
    )
}

fn legacy_key(url: &str) -> String {
    format!(
        "{{\"accountId\":\"867530900000\",\"roleName\":\"ReadOnlyAccess\",\"startUrl\":\"{url}\"}}"
    )
}

async fn one(lab: &Lab, session: &str) -> LoggedOut {
    logout::one(&lab.host, Ok(&lab.aws()), &lab.files(), &lab.session(session)).await
}

async fn all(lab: &Lab) -> LoggedOut {
    logout::all(&lab.host, Ok(&lab.aws())).await
}

#[tokio::test]
async fn one_session_ends_and_the_other_stays() {
    let lab = Lab::logged_in().await;
    lab.login("lab").await;
    let dev = role_file(&lab, &session_key("Project-Power-User", "corp"), "2026-11-23T01:13:55Z");
    let other = role_file(&lab, &session_key("ReadOnlyAccess", "lab"), "2026-11-23T01:13:55Z");
    let registrations = lab.cache_names().len() - 2;
    let done = one(&lab, "corp").await;
    assert_eq!((done.tokens, done.unrevoked.len(), done.left.len()), (1, 0, 0), "{done:?}");
    assert_eq!(done.roles_live_until.unwrap().to_string(), "2026-11-23T01:13:55Z");
    assert!(!lab.cached("corp").exists() && !dev.exists());
    assert!(lab.cached("lab").exists() && other.exists());
    assert_eq!(lab.cache_names().len(), registrations + 1, "registrations stay");
    assert_eq!(lab.control.count_ok("Logout"), 1);
    lab.provide("lab").await.unwrap();
    lab.provide("dev").await.unwrap_err();
}

#[tokio::test]
async fn all_ends_every_session_other_tools_too() {
    let lab = Lab::logged_in().await;
    lab.login("lab").await;
    let text = lab.token_text("lab");
    lab.put(".aws/sso/cache/of-another-tool.json", &text);
    lab.put(".aws/sso/cache/no-region.json", "{\"accessToken\": \"x\"}");
    let role = role_file(&lab, &session_key("Anything", "else"), "2026-11-23T01:13:55Z");
    role_file(&lab, "a later one", "2026-11-23T04:00:00+01:00");
    let keys = lab.put(".aws/cli/cache/keys.json", "{\"Credentials\": {\"AccessKeyId\": \"A\"}}");
    let assumed = lab.put(".aws/cli/cache/role.json", "{\"ProviderType\": \"assume-role\"}");
    let done = all(&lab).await;
    assert_eq!((done.tokens, done.left.len()), (4, 0), "{done:?}");
    assert!(done.unrevoked.iter().all(|why| why.contains("no-region.json")), "{done:?}");
    assert_eq!(done.unrevoked.len(), 1, "{done:?}");
    assert_eq!(done.roles_live_until.unwrap().to_string(), "2026-11-23T03:00:00Z");
    assert!(!role.exists() && keys.exists() && assumed.exists());
    assert_eq!(lab.cache_names().len(), 2, "the registrations");
    assert_eq!(lab.control.count("Logout"), 2, "two sessions, one of them in two files");
}

#[tokio::test]
async fn of_a_token_in_two_files_the_one_that_can_be_renewed_is_ended() {
    let lab = Lab::logged_in().await;
    let mut bare: serde_json::Value = serde_json::from_str(&lab.token_text("corp")).unwrap();
    bare.as_object_mut().unwrap().remove("refreshToken");
    lab.put(".aws/sso/cache/0-mirror.json", &bare.to_string());
    lab.pass(2 * 3600);
    let done = all(&lab).await;
    assert_eq!((done.tokens, done.unrevoked.len()), (2, 0), "{done:?}");
    assert_eq!(lab.control.count_ok("Logout"), 1, "what has ended is renewed to be ended");
}

#[tokio::test]
async fn a_portal_that_cannot_be_reached_keeps_nothing_here() {
    let mut lab = Lab::logged_in().await;
    lab.house.set_var("AWS_ENDPOINT_URL_SSO", &raw::nobody());
    let done = all(&lab).await;
    assert_eq!((done.tokens, done.left.len()), (1, 0));
    assert!(!lab.cached("corp").exists());
    let [why] = &done.unrevoked[..] else { panic!("{done:?}") };
    assert!(why.starts_with("us-east-1: Could not connect"), "{why}");
}

#[tokio::test]
async fn a_portal_in_trouble_is_asked_a_few_times_and_told_of() {
    let lab = Lab::logged_in().await;
    lab.control.fail_next("Logout", Fault::Bare(503), 9);
    let done = one(&lab, "corp").await;
    assert_eq!((done.tokens, done.unrevoked.len()), (1, 1), "{done:?}");
    assert_eq!(lab.control.count("Logout"), 3);
    assert!(!lab.cached("corp").exists());
}

#[tokio::test]
async fn a_token_that_is_revoked_already_needs_no_words() {
    let lab = Lab::logged_in().await;
    lab.control.revoke_sessions();
    let done = one(&lab, "corp").await;
    assert_eq!((done.tokens, done.unrevoked.len()), (1, 0), "{done:?}");
}

#[tokio::test]
async fn a_logged_out_session_cannot_be_refreshed() {
    let lab = Lab::logged_in().await;
    let text = lab.token_text("corp");
    one(&lab, "corp").await;
    fs::write(lab.cached("corp"), text).unwrap();
    lab.provide("dev").await.unwrap_err();
    lab.pass(2 * HOUR);
    lab.provide("dev").await.unwrap_err();
}

#[tokio::test]
async fn neighbours_of_any_shape_stay_and_disturb_nobody() {
    let lab = Lab::logged_in().await;
    let texts = ["[1]", "7", "null", "\"accessToken\"", "{\"accessToken\": 7}", "{\"acc", ""];
    for dir in ["sso", "cli"] {
        for (nth, text) in texts.iter().enumerate() {
            lab.put(&format!(".aws/{dir}/cache/{nth}.json"), text);
        }
        lab.put(&format!(".aws/{dir}/cache/notes.txt"), "{\"accessToken\": \"x\"}");
        let cache = lab.home.path().join(format!(".aws/{dir}/cache"));
        fs::create_dir(cache.join("directory.json")).unwrap();
        std::os::unix::fs::symlink("nowhere", cache.join("dangling.json")).unwrap();
    }
    let before = lab.cache_names().len();
    let done = all(&lab).await;
    assert_eq!((done.tokens, done.left.len()), (1, 0), "{done:?}");
    assert_eq!(lab.cache_names().len(), before - 1);
}

#[tokio::test]
async fn nothing_to_do_is_fine() {
    let lab = Lab::new();
    assert_eq!(all(&lab).await.tokens, 0);
    assert_eq!(one(&lab, "corp").await.tokens, 0);
    assert!(lab.control.journal().is_empty());
}

#[tokio::test]
async fn a_legacy_login_ends_under_all_its_spellings() {
    let lab = Lab::new();
    let spelled = "https://d-9067c5bbc5.awsapps.com/start/#";
    let plain = "https://d-9067c5bbc5.awsapps.com/start";
    let other = "[profile twin]\nsso_start_url = https://d-9067c5bbc5.awsapps.com/start/#\n\
                 sso_region = us-east-1\nsso_account_id = 867530900000\nsso_role_name = ReadOnlyAccess\n";
    lab.put(".aws/config", &format!("{}\n{other}", common::CONFIG));
    let plan = lab.of_profile("legacy");
    lab.login_with(&plan, Flow::Device, common::ada).await.0.unwrap();
    fs::copy(lab.cached(plain), lab.cached(spelled)).unwrap();
    lab.login("corp").await;
    let files =
        [role_file(&lab, &legacy_key(plain), ""), role_file(&lab, &legacy_key(spelled), "")];
    let session = role_file(&lab, &session_key("ReadOnlyAccess", "corp"), "");
    let done = logout::one(&lab.host, Ok(&lab.aws()), &lab.files(), &plan).await;
    assert_eq!(done.tokens, 2, "{done:?}");
    assert!(files.iter().all(|file| !file.exists()), "{files:?}");
    assert!(lab.cached("corp").exists() && session.exists());
}

#[tokio::test]
async fn a_refresh_under_way_is_awaited_and_its_token_ended() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let hold = lab.control.hold("CreateToken");
    std::thread::scope(|scope| {
        let refresh = scope.spawn(|| block_on(lab.token(&lab.session("corp"))).map(drop));
        assert!(hold.wait_for(1, common::PATIENCE));
        let logout = scope.spawn(|| block_on(all(&lab)));
        lab.until_at_lock("corp", 2);
        drop(hold);
        refresh.join().unwrap().unwrap();
        assert_eq!(logout.join().unwrap().tokens, 1);
    });
    assert!(!lab.cached("corp").exists());
    assert_eq!(lab.control.count_ok("Logout"), 1, "the new token, not the dead one");
}

#[tokio::test]
async fn what_somebody_else_removed_meanwhile_is_no_error() {
    let lab = Lab::logged_in().await;
    let lock = lab.host.locks.acquire(&lab.lock_name("corp"), std::time::Duration::ZERO).unwrap();
    let done = std::thread::scope(|scope| {
        let logout = scope.spawn(|| block_on(all(&lab)));
        lab.until_at_lock("corp", 2);
        fs::remove_file(lab.cached("corp")).unwrap();
        drop(lock);
        logout.join().unwrap()
    });
    assert_eq!((done.unrevoked.len(), done.left.len()), (0, 0), "{done:?}");
}

#[tokio::test]
async fn a_login_whose_access_token_has_ended_is_revoked_all_the_same() {
    let lab = Lab::logged_in().await;
    let copy = lab.token_text("corp");
    lab.pass(2 * HOUR);
    let done = all(&lab).await;
    assert_eq!((done.tokens, done.unrevoked.len()), (1, 0), "{done:?}");
    fs::write(lab.cached("corp"), copy).unwrap();
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
}

#[tokio::test]
async fn without_any_service_this_machine_is_cleaned_first() {
    let lab = Lab::logged_in().await;
    let error = daypass_core::Error::new(Kind::Profile, "no such bundle");
    let done = logout::all(&lab.host, Err(&error)).await;
    assert_eq!((done.tokens, done.left.len()), (1, 0), "{done:?}");
    assert_eq!(done.unrevoked, ["no such bundle"]);
    assert!(!lab.cached("corp").exists());
}
