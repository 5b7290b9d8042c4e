//! Plan → credentials for everything that is not Identity Center alone: keys,
//! programs, assumed roles, token files.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::raw::{Scripted, answer};
use common::{House, Lab, told};
use daypass_core::credentials::Provided;
use daypass_core::names::Region;
use daypass_core::provide::{CHAIN, Provider};
use daypass_core::resolve::{Request, credentials, profile};
use daypass_core::{Error, Kind, Result};
use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use vault::Secret;

const GOOD: &str = r#"{"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "hush",
  "SessionToken": "token", "Expiration": "2099-01-01T00:00:00Z", "AccountId": "111111111111"}"#;

/// A house whose profile `p` has a program: a shell script with this text.
fn with_script(script: &str) -> House {
    let house = House::new([]);
    let path = house.put("bin/get keys", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let command = format!("\"{}\" 'two words' plain", path.display());
    house.put(".aws/config", &format!("[profile p]\ncredential_process = {command}\n"));
    house
}

fn says(text: &str) -> House {
    with_script(&format!("cat <<'END'\n{text}\nEND"))
}

#[tokio::test]
async fn keys_of_variables_come_with_their_end() {
    let mut house = House::new([]);
    house.set_var("AWS_ACCESS_KEY_ID", "AKIA");
    house.set_var("AWS_SECRET_ACCESS_KEY", "hush");
    house.set_var("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00+02:00");
    let provided = house.provide_for(&Request::default()).await.unwrap();
    assert_eq!(provided.method, "env");
    let end = provided.credentials.expiration.unwrap();
    assert_eq!(end.to_string(), "2098-12-31T22:00:00Z");
}

#[tokio::test]
async fn a_program_is_run_without_a_shell_and_its_answer_read() {
    let provided = says(GOOD).provide("p").await.unwrap();
    assert_eq!(provided.method, "custom-process");
    let credentials = provided.credentials;
    assert_eq!(credentials.access_key_id, "AKIA");
    assert_eq!(credentials.secret_access_key.expose(), "hush");
    assert_eq!(credentials.session_token.unwrap().expose(), "token");
    assert_eq!(credentials.expiration.unwrap().to_string(), "2099-01-01T00:00:00Z");
    assert_eq!(credentials.account_id.as_deref(), Some("111111111111"));
    let checks = "[ \"$#:$1:$2\" = '2:two words:plain' ] || exit 9\nread nothing && exit 8\n";
    let house = with_script(&format!("{checks}cat <<'END'\n{GOOD}\nEND"));
    house.provide("p").await.unwrap();
}

#[tokio::test]
async fn a_program_that_fails_is_heard() {
    let house =
        with_script("echo 'hush' ; printf 'no \\033[31mnetwork\\n\\nreally\\n' >&2; exit 3");
    let error = house.provide("p").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Profile);
    let shown = told(&error);
    assert!(shown.contains("no [31mnetwork; really"), "{shown}");
    assert!(shown.contains("~/.aws/config:2"), "{shown}");
    assert!(!shown.contains("hush") && !shown.contains('\u{1b}'), "{shown:?}");
    let shown = told(&with_script("exit 1").provide("p").await.unwrap_err());
    assert!(shown.contains("failed without a word"), "{shown}");
    let shown = told(&with_script("kill -9 $$").provide("p").await.unwrap_err());
    assert!(shown.contains("failed without a word"), "{shown}");
}

#[tokio::test]
async fn a_program_may_talk_a_lot_on_the_other_channel() {
    let much = "i=0; while [ $i -lt 3000 ]; do echo 'some progress that nobody asked for' >&2; i=$((i+1)); done";
    let house = with_script(&format!("{much}\ncat <<'END'\n{GOOD}\nEND"));
    house.provide("p").await.unwrap();
}

#[tokio::test]
async fn garbage_of_a_program_is_not_repeated() {
    let answers = [
        "",
        "hush",
        r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "hush", "Expiration": 7}"#,
        "{}",
        "[1]",
        r#"{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "hush"}"#,
        r#"{"Version": 1, "AccessKeyId": "A"}"#,
        r#"{"Version": 1, "AccessKeyId": 7, "SecretAccessKey": "hush"}"#,
        r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "hush", "Expiration": "soon"}"#,
    ];
    for text in answers {
        let error = says(text).provide("p").await.unwrap_err();
        let shown = told(&error);
        assert!(shown.contains("its output is not the JSON of credentials, version 1"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}

#[tokio::test]
async fn what_cannot_be_run_is_named() {
    let house = House::new([]);
    let run = async |command: &str| {
        house.put(".aws/config", &format!("[profile p]\ncredential_process = {command}\n"));
        told(&house.provide("p").await.unwrap_err())
    };
    let shown = run("/nowhere/at-all --x").await;
    assert!(shown.contains("cannot run `/nowhere/at-all`: No such file"), "{shown}");
    let shown = run("unbalanced \"quote").await;
    assert!(shown.contains("cannot be split into words"), "{shown}");
    let shown = run("''").await;
    assert!(shown.contains("cannot run ``"), "{shown}");
}

#[tokio::test]
async fn a_program_that_asks_for_its_own_profile_ends() {
    let mut house =
        with_script(&format!("[ \"${CHAIN}\" = 'first,p' ] || exit 7\ncat <<'END'\n{GOOD}\nEND"));
    house.set_var(CHAIN, "first");
    house.provide("p").await.unwrap();
    house.set_var(CHAIN, "first,p");
    let error = house.provide("p").await.unwrap_err();
    assert!(told(&error).contains("first -> p -> p"), "{error}");
    house.set_var(CHAIN, "a,b,c,d");
    let error = house.provide("p").await.unwrap_err();
    assert!(told(&error).contains("Maximum recursive"), "{error}");
}

/// Asks for a code as the terminal would, and remembers for which device.
async fn with_code(
    lab: &Lab,
    name: &str,
    code: Result<Secret<String>>,
) -> (Result<Provided>, Vec<String>) {
    let asked = RefCell::new(Vec::new());
    let ask_code = |serial: &str| {
        asked.borrow_mut().push(serial.to_owned());
        code.clone()
    };
    let files = lab.files();
    let request = Request { profile: Some(name.to_owned()), ..Request::default() };
    let chosen = profile::choose(&request, &lab.host, &files);
    let plan = credentials::plan(&lab.host, &chosen).unwrap();
    let aws = lab.aws();
    let provider = Provider {
        host: &lab.host,
        aws: &aws,
        region: None,
        ask_code: &ask_code,
        at_least: jiff::SignedDuration::ZERO,
    };
    let provided = provider.provide(&plan).await;
    (provided, asked.into_inner())
}

const PUBLISHER: &str = "\n[profile publisher]\nsource_profile = dev\nregion = us-west-2\n\
     role_arn = arn:aws:iam::111111111111:role/disasters-publisher\nrole_session_name = ada\n";

#[tokio::test]
async fn a_role_is_assumed_with_identity_center_s_credentials() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{}{PUBLISHER}", common::CONFIG));
    let provided = lab.provide("publisher").await.unwrap();
    assert_eq!(provided.method, "assume-role");
    assert_eq!(provided.credentials.account_id.as_deref(), Some("111111111111"));
    let region = Region::parse("us-east-1").unwrap();
    let who = lab.aws().caller_identity(&region, &provided.credentials).await.unwrap();
    assert_eq!(who.arn, "arn:aws:sts::111111111111:assumed-role/disasters-publisher/ada");
    let journal = lab.control.journal();
    let assumed = journal.iter().find(|entry| entry.operation == "AssumeRole").unwrap();
    assert_eq!(assumed.region.as_deref(), Some("us-west-2"), "the profile's region");
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_denied_in_the_service_s_words() {
    let lab = Lab::logged_in().await;
    let other = PUBLISHER.replace("disasters-publisher", "secret-role");
    lab.put(".aws/config", &format!("{}{other}", common::CONFIG));
    let error = lab.provide("publisher").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("not authorized to perform: sts:AssumeRole"), "{error}");
}

#[tokio::test]
async fn a_chain_without_a_login_names_the_login() {
    let lab = Lab::new();
    lab.put(".aws/config", &format!("{}{PUBLISHER}", common::CONFIG));
    let error = lab.provide("publisher").await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert_eq!(error.next_step(), Some("run `daypass sso login --sso-session corp`"));
    assert_eq!(lab.control.count("AssumeRole"), 0);
}

#[tokio::test]
async fn the_hour_of_a_chain_is_explained() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", &format!("{}{PUBLISHER}duration_seconds = 7200\n", common::CONFIG));
    let shown = told(&lab.provide("publisher").await.unwrap_err());
    assert!(shown.contains("duration_seconds is 7200"), "{shown}");
    assert!(shown.contains("lasts 3600 seconds at most"), "{shown}");
}

#[tokio::test]
async fn the_code_of_a_device_is_asked_for_and_sent() {
    let mut lab = Lab::logged_in().await;
    let serial = "arn:aws:iam::867530900000:mfa/ada";
    lab.put(".aws/config", &format!("{}{PUBLISHER}mfa_serial = {serial}\n", common::CONFIG));
    let nobody = Error::new(Kind::Usage, "nobody is here to be asked");
    let (provided, asked) = with_code(&lab, "publisher", Err(nobody)).await;
    assert_eq!(provided.unwrap_err().message(), "nobody is here to be asked");
    assert_eq!(asked, [serial]);
    assert_eq!(lab.control.count("AssumeRole"), 0);
    // A person of Identity Center has no device at IAM.
    let (provided, _) = with_code(&lab, "publisher", Ok(Secret::from("123456"))).await;
    assert_eq!(provided.unwrap_err().kind(), Kind::Denied);
    // What goes over the wire.
    let denied = answer(
        "403 Forbidden",
        "content-type: text/xml\r\n",
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed</Message></Error></ErrorResponse>",
    );
    let sts = Scripted::start(&[&denied]);
    lab.house.set_var("AWS_ENDPOINT_URL_STS", &sts.url);
    let (provided, _) = with_code(&lab, "publisher", Ok(Secret::from("654321"))).await;
    let shown = told(&provided.unwrap_err());
    assert!(shown.contains("MultiFactorAuthentication failed"), "{shown}");
    assert!(!shown.contains("654321"), "{shown}");
    let request = &sts.requests()[0];
    assert!(
        request.contains("SerialNumber=arn%3Aaws%3Aiam%3A%3A867530900000%3Amfa%2Fada"),
        "{request}"
    );
    assert!(request.contains("TokenCode=654321"), "{request}");
}

#[tokio::test]
async fn a_token_file_is_exchanged_without_a_signature() {
    let mut lab = Lab::new();
    let body = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hush</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let sts = Scripted::start(&[&answer("200 OK", "content-type: text/xml\r\n", body)]);
    lab.house.set_var("AWS_ENDPOINT_URL_STS", &sts.url);
    lab.put("token", "the-web-token\n");
    let web = "[profile web]\nrole_arn = arn:aws:iam::111111111111:role/web\n\
               web_identity_token_file = ~/token\nrole_session_name = hub\n";
    lab.put(".aws/config", web);
    let provided = lab.provide("web").await.unwrap();
    assert_eq!(provided.method, "assume-role-with-web-identity");
    assert_eq!(provided.credentials.access_key_id, "ASIA");
    let request = &sts.requests()[0];
    assert!(
        request.contains("WebIdentityToken=the-web-token&")
            || request.ends_with("WebIdentityToken=the-web-token"),
        "{request}"
    );
    assert!(!request.to_lowercase().contains("authorization:"), "{request}");
    for text in ["", " \n"] {
        lab.put("token", text);
        let shown = told(&lab.provide("web").await.unwrap_err());
        assert!(shown.contains("absent or empty") && shown.contains("~/.aws/config:3"), "{shown}");
    }
    assert_eq!(sts.requests().len(), 1);
}

#[tokio::test]
async fn nothing_anywhere_says_what_to_do() {
    let mut house = House::new([]);
    house.set_var("AWS_EC2_METADATA_DISABLED", "true");
    let error = house.provide_for(&Request::default()).await.unwrap_err();
    assert_eq!(error.message(), "Unable to locate credentials");
    assert!(error.next_step().unwrap().contains("daypass configure sso"));
}
