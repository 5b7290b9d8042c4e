//! Role credentials are fetched once, sealed, and handed out while they live.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{CONFIG, House, Lab, block_on, told};
use daypass_core::Kind;
use daypass_core::resolve::Request;
use daypass_core::store::Store;
use jiff::{SignedDuration, Timestamp};
use sandbox::{Fault, Options};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use vault::Store as _;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

const CHAIN: &str = "\n[profile publisher]\nsource_profile = dev\n\
     role_arn = arn:aws:iam::111111111111:role/disasters-publisher\nrole_session_name = ada\n";

fn fetched(lab: &Lab) -> usize {
    lab.control.count("GetRoleCredentials")
}

async fn key_of(lab: &Lab, profile: &str) -> String {
    lab.provide(profile).await.unwrap().credentials.access_key_id
}

async fn logged_in_with(options: Options) -> Lab {
    let lab = Lab::with(options);
    lab.login("corp").await;
    lab
}

fn fast(house: &House, profile: &str) -> Option<String> {
    house.fast(profile)
}

#[tokio::test]
async fn the_portal_is_asked_once_while_they_live() {
    let lab = Lab::logged_in().await;
    let key = key_of(&lab, "dev").await;
    lab.pass(8 * HOUR - 21 * MINUTE);
    assert_eq!((key_of(&lab, "dev").await, fetched(&lab)), (key.clone(), 1));
    lab.pass(2 * MINUTE);
    lab.login("corp").await;
    assert_ne!(key_of(&lab, "dev").await, key);
    assert_eq!(fetched(&lab), 2);
}

#[tokio::test]
async fn who_needs_them_longer_gets_new_ones() {
    let lab = Lab::logged_in().await;
    let key = key_of(&lab, "dev").await;
    lab.pass(2 * HOUR);
    let dev = Request { profile: Some("dev".to_owned()), ..Request::default() };
    let for_hours = async |hours| {
        let at_least = SignedDuration::from_hours(hours);
        lab.provide_living(at_least, &dev).await.unwrap().credentials.access_key_id
    };
    assert_eq!((for_hours(5).await, fetched(&lab)), (key.clone(), 1));
    let renewed = for_hours(7).await;
    assert_ne!(renewed, key);
    assert_eq!(key_of(&lab, "dev").await, renewed, "the new ones are kept");
    assert_eq!(fetched(&lab), 2);
    // There are none that live so long: the newest are handed out, and judged by who asked.
    assert_ne!(for_hours(9).await, renewed);
    lab.control.fail_next("GetRoleCredentials", Fault::Bare(500), 9);
    for_hours(9).await;
}

#[tokio::test]
async fn short_sessions_are_not_fetched_by_every_command() {
    let options = Options { role_credentials_seconds: Some(900), ..Options::default() };
    let lab = logged_in_with(options).await;
    let key = key_of(&lab, "dev").await;
    lab.pass(7 * MINUTE);
    assert_eq!((key_of(&lab, "dev").await, fetched(&lab)), (key.clone(), 1));
    lab.pass(MINUTE);
    assert_ne!(key_of(&lab, "dev").await, key);
    assert_eq!(fetched(&lab), 2);
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_fetches() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let keys: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..30).map(|_| scope.spawn(|| block_on(key_of(&lab, "dev")))).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!((lab.refreshes(), fetched(&lab)), (1, 1));
}

#[tokio::test]
async fn what_still_lives_serves_while_the_network_is_down() {
    let lab = Lab::logged_in().await;
    let key = key_of(&lab, "dev").await;
    lab.pass(8 * HOUR - 10 * MINUTE);
    for fault in [Fault::DropBefore, Fault::Bare(503), Fault::Bare(429)] {
        lab.control.fail_next("CreateToken", fault.clone(), 1);
        lab.control.fail_next("GetRoleCredentials", fault, 1);
        assert_eq!(key_of(&lab, "dev").await, key);
    }
    lab.pass(11 * MINUTE);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{}", told(&error));
}

#[tokio::test]
async fn a_busy_portal_is_waited_for() {
    let lab = Lab::logged_in().await;
    lab.control.fail_next("GetRoleCredentials", Fault::Bare(429), 5);
    lab.provide("dev").await.unwrap();
    assert_eq!(fetched(&lab), 6);
}

#[tokio::test]
async fn a_number_of_attempts_that_was_set_is_kept() {
    let mut lab = Lab::logged_in().await;
    lab.house.set_var("AWS_MAX_ATTEMPTS", "2");
    lab.control.fail_next("GetRoleCredentials", Fault::Bare(429), 5);
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!((error.kind(), fetched(&lab)), (Kind::Service, 2), "{}", told(&error));
}

#[tokio::test]
async fn what_is_got_beside_a_log_out_is_not_kept() {
    let lab = Lab::logged_in().await;
    let hold = lab.control.hold("GetRoleCredentials");
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| block_on(lab.provide("dev")));
        assert!(hold.wait_for(1, std::time::Duration::from_secs(30)));
        fs::remove_file(lab.cached("corp")).unwrap();
        drop(hold);
        asking.join().unwrap().unwrap();
    });
    let names = lab.host.store.names().unwrap();
    assert!(names.iter().all(|name| !name.as_str().starts_with("role.")), "{names:?}");
}

#[tokio::test]
async fn what_a_log_out_has_removed_meanwhile_does_not_serve() {
    let lab = Lab::logged_in().await;
    key_of(&lab, "dev").await;
    lab.pass(8 * HOUR - 10 * MINUTE);
    lab.control.fail_next("CreateToken", Fault::Bare(503), 5);
    let hold = lab.control.hold("CreateToken");
    let outcome = std::thread::scope(|scope| {
        let asking = scope.spawn(|| block_on(lab.provide("dev")));
        assert!(hold.wait_for(1, std::time::Duration::from_secs(30)));
        lab.forget_roles_only();
        drop(hold);
        asking.join().unwrap()
    });
    assert!(outcome.is_err(), "{:?}", outcome.map(|provided| provided.method));
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_not_hidden_by_what_is_kept() {
    let lab = Lab::logged_in().await;
    key_of(&lab, "dev").await;
    lab.pass(8 * HOUR - 10 * MINUTE);
    lab.login("corp").await;
    key_of(&lab, "dev").await;
    lab.control.unassign("ada", common::ACCOUNT, common::ROLE);
    key_of(&lab, "dev").await;
    lab.pass(8 * HOUR - 10 * MINUTE);
    lab.login("corp").await;
    let error = lab.provide("dev").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{}", told(&error));
}

#[tokio::test]
async fn a_chain_is_kept_as_a_whole() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{CONFIG}{CHAIN}"));
    let key = key_of(&lab, "publisher").await;
    assert_eq!(key_of(&lab, "publisher").await, key);
    assert_eq!((fetched(&lab), lab.control.count("AssumeRole")), (1, 1));
    lab.pass(HOUR - 10 * MINUTE);
    assert_ne!(key_of(&lab, "publisher").await, key);
    assert_eq!((fetched(&lab), lab.control.count("AssumeRole")), (1, 2));
}

#[tokio::test]
async fn the_fast_lane_finds_what_the_engine_has_kept() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{CONFIG}{CHAIN}"));
    for profile in ["dev", "publisher"] {
        assert_eq!(fast(&lab, profile), None);
        let provided = lab.provide(profile).await.unwrap();
        let said = fast(&lab, profile);
        assert_eq!(
            said.as_deref(),
            Some(provided.credentials.as_process_output().expose().as_str())
        );
    }
    let line = fast(&lab, "dev").unwrap();
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(line.ends_with("}\n") && line.lines().count() == 1, "one line");
    assert_eq!((&value["Version"], &value["AccountId"]), (&1.into(), &common::ACCOUNT.into()));
    assert!(value["Expiration"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn the_fast_lane_is_silent_where_anything_is_otherwise() {
    let mut lab = Lab::logged_in().await;
    lab.provide("dev").await.unwrap();
    assert!(fast(&lab, "dev").is_some());
    let others = [
        CONFIG.replace("Project-Power-User", "ReadOnlyAccess"),
        CONFIG.replace("awsapps.com/start/#", "awsapps.com/other"),
        CONFIG.replacen("sso_region = us-east-1", "sso_region = us-east-2", 1),
        CONFIG.replace("[profile dev]", "[profile dev]\nservices = x"),
        CONFIG.replace("[profile dev]", "[profile dev]\nsso_region = us-east-1"),
        CONFIG.replace("[profile dev]", "[profile dev]\nrole_arn = arn:aws:iam::1:role/x"),
        format!("{CONFIG}[profile dev]\nregion = x\n"),
        CONFIG.replace("[sso-session corp]", "[sso-session corps]"),
    ];
    for text in others {
        lab.put(".aws/config", &text);
        assert_eq!(fast(&lab, "dev"), None, "{text}");
    }
    lab.put(".aws/config", CONFIG);
    let keys = lab.put(".aws/credentials", "[dev]\naws_access_key_id = AKIA\n");
    assert_eq!(fast(&lab, "dev"), None);
    fs::write(keys, "[dev]\nregion = us-west-2\n[other]\naws_access_key_id = AKIA\n").unwrap();
    assert!(fast(&lab, "dev").is_some());
    lab.house.set_var("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1");
    assert_eq!(fast(&lab, "dev"), None);
}

#[tokio::test]
async fn the_fast_lane_hands_out_nothing_that_ends_soon() {
    let lab = Lab::logged_in().await;
    lab.provide("dev").await.unwrap();
    lab.house.wait(8 * HOUR - 21 * MINUTE);
    assert!(fast(&lab, "dev").is_some());
    lab.house.wait(2 * MINUTE);
    assert_eq!(fast(&lab, "dev"), None);
}

#[tokio::test]
async fn a_log_out_by_another_tool_ends_what_is_kept() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{CONFIG}{CHAIN}"));
    for profile in ["dev", "publisher"] {
        lab.provide(profile).await.unwrap();
        assert!(fast(&lab, profile).is_some());
    }
    fs::remove_file(lab.cached("corp")).unwrap();
    for profile in ["dev", "publisher"] {
        assert_eq!(fast(&lab, profile), None);
        let error = lab.provide(profile).await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded, "{}", told(&error));
    }
}

#[tokio::test]
async fn a_login_sweeps_what_has_ended() {
    let lab = Lab::logged_in().await;
    lab.login("lab").await;
    lab.provide("lab").await.unwrap();
    lab.pass(13 * HOUR);
    lab.login("corp").await;
    assert_eq!(lab.host.store.names().unwrap(), []);
}

#[tokio::test]
async fn a_lost_key_costs_a_fetch_and_no_error() {
    let lab = Lab::logged_in().await;
    let key = key_of(&lab, "dev").await;
    fs::remove_file(lab.home.path().join("key")).unwrap();
    let again = common::store_in(lab.home.path());
    let lab = Lab { house: lab.house.with_store(again), ..lab };
    assert_ne!(key_of(&lab, "dev").await, key);
    assert_eq!(fetched(&lab), 2);
    key_of(&lab, "dev").await;
    assert_eq!(fetched(&lab), 2);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_costs_nobody_their_credentials() {
    let lab = Lab::logged_in().await;
    let records = Store::place(lab.home.path()).join("records");
    let _ = fs::remove_dir_all(&records);
    // A file where the directory should be: it stops root, too.
    fs::write(&records, "").unwrap();
    fs::set_permissions(&records, fs::Permissions::from_mode(0o400)).unwrap();
    lab.provide("dev").await.unwrap();
    lab.provide("dev").await.unwrap();
    assert_eq!(fetched(&lab), 2);
}

#[tokio::test]
async fn a_damaged_record_is_made_anew() {
    let lab = Lab::logged_in().await;
    key_of(&lab, "dev").await;
    let records = Store::place(lab.home.path()).join("records");
    for entry in fs::read_dir(&records).unwrap() {
        fs::write(entry.unwrap().path(), "not a record").unwrap();
    }
    key_of(&lab, "dev").await;
    assert_eq!(fetched(&lab), 2);
    assert!(fast(&lab, "dev").is_some());
}

#[tokio::test]
async fn no_secret_is_in_the_store_s_files() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{CONFIG}{CHAIN}"));
    let mut known = Vec::new();
    for profile in ["dev", "publisher"] {
        let keys = lab.provide(profile).await.unwrap().credentials;
        known.push(keys.secret_access_key.expose().clone());
        known.push(keys.session_token.unwrap().expose().clone());
        known.push(keys.access_key_id);
    }
    known.extend([common::ACCOUNT.to_owned(), common::ROLE.to_owned(), "corp".to_owned()]);
    let place = Store::place(lab.home.path());
    let mut read = 0;
    for dir in [place.clone(), place.join("records")] {
        for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()) {
            let Ok(bytes) = fs::read(entry.path()) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            read += 1;
            assert!(known.iter().all(|word| !text.contains(word)), "{}", entry.path().display());
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0);
        }
    }
    assert!(read >= 3, "settings and two records");
    let _: Timestamp = lab.host.now();
}
