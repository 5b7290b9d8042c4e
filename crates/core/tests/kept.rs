//! Long-lived access keys in the store, and the sessions made from them.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, told};
use daypass_core::kept::{self, AccessKey};
use daypass_core::provide::Provider;
use daypass_core::resolve::{Request, credentials, profile};
use daypass_core::{Error, Kind, Result};
use sandbox::{Options, World};
use std::cell::Cell;
use vault::{Secret, Store as _};

const KEYS: &str = r#"
[organization]
start_url = "https://d-9067c5bbc5.awsapps.com/start"
region = "us-east-1"
[[account]]
id = "111111111111"
[[role]]
name = "publisher"
account = "111111111111"
trusts = ["111111111111"]
[[iam_key]]
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
user = "robot"
account = "111111111111"
[[iam_key]]
access_key_id = "AKIAIOSFODNN8EXAMPLE"
secret_access_key = "wJalrXUtnFEMI/K8MDENG/bPxRfiCYEXAMPLEKEY"
user = "ada"
account = "111111111111"
mfa_serial = "arn:aws:iam::111111111111:mfa/ada"
mfa_code = "123456"
"#;

const CONFIG: &str = "\
[profile robot]
daypass_keys = robot
credential_process = /usr/bin/daypass credential-process --profile robot
[profile ada]
daypass_keys = ada
daypass_mfa_serial = arn:aws:iam::111111111111:mfa/ada
[profile publisher]
role_arn = arn:aws:iam::111111111111:role/publisher
source_profile = robot
";

async fn lab() -> Lab {
    let world = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(world.path(), KEYS).unwrap();
    let lab = Lab::of(World::load(world.path()).unwrap(), Options::default());
    lab.put(".aws/config", CONFIG);
    for (name, digit) in [("robot", '7'), ("ada", '8')] {
        let id = format!("AKIAIOSFODNN{digit}EXAMPLE");
        let secret = format!("wJalrXUtnFEMI/K{digit}MDENG/bPxRfiCYEXAMPLEKEY");
        let key = AccessKey::parse(&id, Secret::from(secret), false).unwrap();
        kept::add(&lab.host, name, &key).await.unwrap();
    }
    lab
}

/// Provides with somebody at hand who knows a code; how often they were asked.
async fn with_code(lab: &Lab, name: &str, code: &str) -> (Result<String>, usize) {
    let files = lab.files();
    let request = Request { profile: Some(name.to_owned()), ..Request::default() };
    let chosen = profile::choose(&request, &lab.host, &files);
    let plan = credentials::plan(&lab.host, &chosen).unwrap();
    let asked = Cell::new(0);
    let ask_code = |_: &str| {
        asked.set(asked.get() + 1);
        Ok(Secret::from(code))
    };
    let aws = lab.aws();
    let provider = Provider {
        host: &lab.host,
        aws: &aws,
        region: None,
        ask_code: &ask_code,
        at_least: jiff::SignedDuration::ZERO,
    };
    let provided = provider.provide(&plan).await;
    (provided.map(|provided| provided.credentials.access_key_id), asked.get())
}

#[tokio::test]
async fn a_session_is_handed_out_and_never_the_key() {
    let lab = lab().await;
    let provided = lab.provide("robot").await.unwrap();
    let keys = provided.credentials;
    assert!(keys.access_key_id.starts_with("ASIA") && keys.session_token.is_some());
    let left = keys.expiration.unwrap().duration_since(lab.host.now());
    assert_eq!(left.as_hours(), 11);
    assert_eq!(lab.provide("robot").await.unwrap().credentials.access_key_id, keys.access_key_id);
    assert_eq!(lab.control.count("GetSessionToken"), 1);
}

#[tokio::test]
async fn a_chain_starts_from_a_kept_key() {
    let lab = lab().await;
    lab.provide("publisher").await.unwrap();
    lab.provide("publisher").await.unwrap();
    assert_eq!((lab.control.count("GetSessionToken"), lab.control.count("AssumeRole")), (1, 1));
}

#[tokio::test]
async fn the_device_s_code_is_asked_for_once_a_session() {
    let lab = lab().await;
    let (refused, asked) = with_code(&lab, "ada", "000000").await;
    assert_eq!((refused.unwrap_err().kind(), asked), (Kind::Denied, 1));
    let (key, asked) = with_code(&lab, "ada", "123456").await;
    assert_eq!(asked, 1);
    let (again, asked) = with_code(&lab, "ada", "123456").await;
    assert_eq!((again.unwrap(), asked), (key.unwrap(), 0));
}

#[tokio::test]
async fn a_log_out_leaves_kept_keys_alone_and_removing_one_ends_its_sessions() {
    let lab = lab().await;
    lab.provide("robot").await.unwrap();
    daypass_core::logout::all(&lab.host, Ok(&lab.aws())).await;
    lab.provide("robot").await.unwrap();
    assert_eq!(lab.control.count("GetSessionToken"), 1);
    assert!(kept::remove(&lab.host, "robot").await.unwrap());
    assert!(!kept::remove(&lab.host, "robot").await.unwrap());
    let error: Error = lab.provide("robot").await.unwrap_err();
    assert_eq!(error.next_step(), Some("put it there again with `daypass vault add robot`"));
    assert!(told(&error).contains("~/.aws/config:2"), "{}", told(&error));
    assert_eq!(lab.host.store.names().unwrap().len(), 1, "ada's key");
}

#[tokio::test]
async fn a_key_that_aws_does_not_know_is_named() {
    let lab = lab().await;
    let key = AccessKey::parse("AKIAIOSFODNN9EXAMPLE", Secret::from("x"), false).unwrap();
    kept::add(&lab.host, "robot", &key).await.unwrap();
    let shown = told(&lab.provide("robot").await.unwrap_err());
    assert!(shown.contains("deactivated or deleted"), "{shown}");
    assert!(shown.contains("daypass vault add robot"), "{shown}");
}
