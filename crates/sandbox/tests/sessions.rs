//! GetSessionToken, MFA, and chains of roles.

#![allow(clippy::disallowed_methods, reason = "requests are signed by the real clock")]

mod common;

use std::time::SystemTime;

use aws_credential_types::Credentials;
use common::signing::Signing;
use common::{Client, Reply, pkce_registration};
use jiff::SignedDuration;
use sandbox::world::{IamKey, MfaDevice, Role};
use sandbox::{Options, World};

const ACCOUNT: &str = "867530900000";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SERIAL: &str = "arn:aws:iam::867530900000:mfa/robot";

fn key(id: &str, mfa: bool) -> IamKey {
    let mfa = mfa.then(|| MfaDevice { serial: SERIAL.into(), code: "123456".into() });
    let (access_key_id, secret_access_key) = (id.into(), SECRET.into());
    IamKey { access_key_id, secret_access_key, user: "robot".into(), account: ACCOUNT.into(), mfa }
}

fn role(name: &str, trusts: &[&str]) -> Role {
    Role {
        name: name.into(),
        account: ACCOUNT.into(),
        trusts: trusts.iter().map(|&trusted| trusted.into()).collect(),
        external_id: None,
        mfa: false,
        max_session_duration: SignedDuration::from_hours(12),
    }
}

fn client() -> Client {
    let role_arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let world = World::guide()
        .with_iam_key(key("AKIAPLAIN00000000000", false))
        .with_iam_key(key("AKIAMFA0000000000000", true))
        .with_role(role("first", &[ACCOUNT]))
        .with_role(role("second", &[&role_arn("first")]))
        .with_role(role("third", &[&role_arn("second")]))
        .with_role(Role { mfa: true, ..role("guarded", &[ACCOUNT]) })
        .with_role(Role { external_id: Some("x-1".into()), ..role("external", &[ACCOUNT]) });
    Client::of(world, Options::default(), &pkce_registration())
}

fn signing(id: &str, secret: &str, token: Option<&str>) -> Signing {
    let credentials = Credentials::new(id, secret, token.map(str::to_owned), None, "test");
    let (time, headers, host) = (SystemTime::now(), Vec::new(), None);
    Signing { credentials, service: "sts", region: "us-east-1", time, headers, host }
}

fn call(client: &Client, signing: &Signing, action: &str, rest: &str) -> Reply {
    let form = signing.clone().header("content-type", "application/x-www-form-urlencoded");
    let body = format!("Action={action}&Version=2011-06-15{rest}");
    form.send(&client.running.endpoints().sts, "POST", "/", &body)
}

/// The temporary keys of an answer.
fn keys(reply: &Reply) -> Signing {
    assert_eq!(reply.status, 200, "{reply:?}");
    let part = |name| reply.xml(name).expect("a part of the credentials");
    signing(part("AccessKeyId"), part("SecretAccessKey"), reply.xml("SessionToken"))
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.xml("Code").unwrap_or_default())
}

fn assume(client: &Client, signing: &Signing, name: &str, rest: &str) -> Reply {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    call(client, signing, "AssumeRole", &format!("&RoleArn={arn}&RoleSessionName=test{rest}"))
}

#[test]
fn a_user_gets_temporary_keys() {
    let client = client();
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    let reply = call(&client, &plain, "GetSessionToken", "");
    let temporary = keys(&reply);
    let expires = reply.xml("Expiration").and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let life = expires.expect("a time").duration_since(client.running.control().now());
    assert!((43_100..=43_200).contains(&life.as_secs()), "12 hours: {life:?}");
    let identity = call(&client, &temporary, "GetCallerIdentity", "");
    assert_eq!(identity.xml("Arn"), Some("arn:aws:iam::867530900000:user/robot"));
    let again = call(&client, &temporary, "GetSessionToken", "");
    assert_eq!(error(&again), (403, "AccessDenied"));
    // Not a chain: the keys are a user's.
    keys(&assume(&client, &temporary, "first", "&DurationSeconds=43200"));
}

#[test]
fn durations_have_bounds() {
    let client = client();
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    for bad in ["899", "129601", "soon", "-1"] {
        let rest = format!("&DurationSeconds={bad}");
        let reply = call(&client, &plain, "GetSessionToken", &rest);
        assert_eq!(error(&reply), (400, "ValidationError"), "{bad}");
    }
    for good in ["900", "129600"] {
        keys(&call(&client, &plain, "GetSessionToken", &format!("&DurationSeconds={good}")));
    }
}

#[test]
fn role_sessions_cannot_ask() {
    let client = client();
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    let first = keys(&assume(&client, &plain, "first", ""));
    let reply = call(&client, &first, "GetSessionToken", "");
    assert_eq!(error(&reply), (403, "AccessDenied"));
}

#[test]
fn mfa_is_checked_strictly() {
    let client = client();
    let guarded = signing("AKIAMFA0000000000000", SECRET, None);
    let code = |serial: &str, code: &str| {
        let rest = format!("&SerialNumber={serial}&TokenCode={code}");
        call(&client, &guarded, "GetSessionToken", &rest)
    };
    assert_eq!(error(&call(&client, &guarded, "GetSessionToken", "")), (403, "AccessDenied"));
    assert_eq!(error(&code(SERIAL, "654321")), (403, "AccessDenied"));
    assert_eq!(error(&code(SERIAL, "")), (403, "AccessDenied"));
    assert_eq!(error(&code(&format!("{SERIAL}2"), "123456")), (403, "AccessDenied"));
    assert_eq!(error(&code(SERIAL, "12345")), (400, "ValidationError"));
    assert_eq!(error(&code("x", "123456")), (400, "ValidationError"));
    keys(&code(SERIAL, "123456"));
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    let rest = format!("&SerialNumber={SERIAL}&TokenCode=123456");
    let other = call(&client, &plain, "GetSessionToken", &rest);
    assert_eq!(error(&other), (403, "AccessDenied"), "another key's device");
}

#[test]
fn a_role_that_asks_for_mfa() {
    let client = client();
    let user = signing("AKIAMFA0000000000000", SECRET, None);
    let proof = format!("&SerialNumber={SERIAL}&TokenCode=123456");
    assert_eq!(error(&assume(&client, &user, "guarded", "")), (403, "AccessDenied"));
    keys(&assume(&client, &user, "guarded", &proof));
    let session = keys(&call(&client, &user, "GetSessionToken", &proof));
    keys(&assume(&client, &session, "guarded", ""));
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    let unproven = keys(&call(&client, &plain, "GetSessionToken", ""));
    assert_eq!(error(&assume(&client, &unproven, "guarded", "")), (403, "AccessDenied"));
}

#[test]
fn chains_go_link_by_link_for_an_hour_each() {
    let client = client();
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    let rest = "&SourceIdentity=ada&DurationSeconds=43200";
    let first = keys(&assume(&client, &plain, "first", rest));
    assert_eq!(error(&assume(&client, &first, "third", "")), (403, "AccessDenied"));
    let long = assume(&client, &first, "second", "&DurationSeconds=3601");
    assert_eq!(error(&long), (400, "ValidationError"));
    let second = keys(&assume(&client, &first, "second", "&DurationSeconds=3600"));
    let third = assume(&client, &second, "third", "");
    assert_eq!(third.xml("SourceIdentity"), Some("ada"), "it stays through the chain");
    let renamed = assume(&client, &second, "third", "&SourceIdentity=eve");
    assert_eq!(error(&renamed), (403, "AccessDenied"));
}

#[test]
fn external_ids_and_session_policies() {
    let client = client();
    let plain = signing("AKIAPLAIN00000000000", SECRET, None);
    assert_eq!(error(&assume(&client, &plain, "external", "")), (403, "AccessDenied"));
    let wrong = assume(&client, &plain, "external", "&ExternalId=x-2");
    assert_eq!(error(&wrong), (403, "AccessDenied"));
    keys(&assume(&client, &plain, "external", "&ExternalId=x-1"));
    let narrowed = assume(&client, &plain, "first", "&Policy=%7B%7D");
    assert_eq!(error(&narrowed), (400, "MalformedPolicyDocument"));
}

#[test]
fn mfa_in_a_world_file() {
    let world = |mfa: &str, trusts: &str| {
        let text = format!(
            r#"
[organization]
start_url = "https://d-1111111111.awsapps.com/start"
region = "eu-west-1"
[[account]]
id = "111111111111"
[[iam_key]]
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key = "x"
user = "robot"
account = "111111111111"
{mfa}
[[role]]
name = "r"
account = "111111111111"
mfa = true
trusts = ["{trusts}"]
"#
        );
        World::from_toml(&text, "w.toml").map_err(|error| error.to_string())
    };
    let device = "mfa_serial = \"arn:aws:iam::111111111111:mfa/robot\"\nmfa_code = \"000000\"";
    let good = world(device, "arn:aws:iam::111111111111:role/x").expect("a world");
    assert_eq!(good.iam_keys[0].mfa.as_ref().map(|mfa| mfa.code.as_str()), Some("000000"));
    let error = |mfa, trusts| world(mfa, trusts).expect_err("a wrong world");
    let alone = error("mfa_code = \"000000\"", "111111111111");
    assert_eq!(alone, "w.toml:12: `mfa_serial` and `mfa_code` come together");
    let short = error("mfa_serial = \"x\"\nmfa_code = \"1\"", "111111111111");
    assert_eq!(short, "w.toml:13: MFA code `1` is not 6 digits");
    assert!(error("", "arn:aws:iam::1:role/x").ends_with("account ID `1` is not 12 digits"));
    assert!(error("", "arn:aws:iam::111111111111:group/x").ends_with("a user or role"));
}
