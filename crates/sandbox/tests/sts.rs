//! STS, and what it thinks of signatures.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::Duration;

use aws_credential_types::Credentials;
use common::signing::Signing;
use common::{Client, Reply, pkce_registration, send, text};
use jiff::SignedDuration;
use sandbox::world::IamKey;
use sandbox::{Options, World};

const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const PUBLISHER: &str = "arn:aws:iam::111111111111:role/disasters-publisher";
const ADA: &str = "arn:aws:sts::867530900000:assumed-role/AWSReservedSSO_Project-Power-User_0123456789abcdef/ada@example.com";

fn signed_in() -> (Client, Signing) {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let credentials = client.role_credentials(text(&token, "accessToken"));
    (client, Signing::with(&credentials, "sts", "us-east-1"))
}

fn call(client: &Client, signing: &Signing, body: &str) -> Reply {
    let form = signing.clone().header("content-type", "application/x-www-form-urlencoded");
    form.send(&client.running.endpoints().sts, "POST", "/", body)
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.xml("Code").unwrap_or_default())
}

#[test]
fn who_am_i() {
    let (client, signing) = signed_in();
    let reply = call(&client, &signing, IDENTITY);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.xml("Arn"), Some(ADA));
    assert_eq!(reply.xml("Account"), Some("867530900000"));
    assert!(
        reply
            .xml("UserId")
            .is_some_and(|id| id.starts_with("AROA") && id.ends_with(":ada@example.com"))
    );
    let entry = client.running.control().journal().pop().expect("an entry");
    assert_eq!(
        (entry.operation.as_str(), entry.region.as_deref()),
        ("GetCallerIdentity", Some("us-east-1"))
    );
    assert_eq!(entry.access_key_id.as_deref(), Some(signing.credentials.access_key_id()));
}

#[test]
fn a_presigned_question() {
    let (client, signing) = signed_in();
    let base = client.running.endpoints().sts;
    let target = signing.presign(&base, &format!("/?{IDENTITY}"), 60);
    assert_eq!(send(&base, "GET", &target, &[], "").xml("Arn"), Some(ADA));
    let forged = target.replace("Expires=60", "Expires=61");
    assert_eq!(error(&send(&base, "GET", &forged, &[], "")), (403, "SignatureDoesNotMatch"));
}

#[test]
fn signatures_that_do_not_count() {
    let (client, good) = signed_in();
    let keys = &good.credentials;
    let with = |id: &str, secret: &str, token: Option<&str>| {
        let credentials = Credentials::new(id, secret, token.map(str::to_owned), None, "test");
        let reply = call(&client, &Signing { credentials, ..good.clone() }, IDENTITY);
        (reply.status, reply.xml("Code").unwrap_or_default().to_owned())
    };
    let (id, secret, token) =
        (keys.access_key_id(), keys.secret_access_key(), keys.session_token());
    let refused = |code: &str| (403, code.to_owned());
    assert_eq!(with("ASIAAAAAAAAAAAAAAAAA", secret, token), refused("InvalidClientTokenId"));
    assert_eq!(with(id, "another", token), refused("SignatureDoesNotMatch"));
    assert_eq!(with(id, secret, None), refused("InvalidClientTokenId"));
    assert_eq!(with(id, secret, Some("another")), refused("InvalidClientTokenId"));
    assert_eq!(with(id, secret, token).0, 200);
}

#[test]
fn scopes_that_do_not_count() {
    let (client, good) = signed_in();
    for wrong in
        [Signing { region: "nowhere", ..good.clone() }, Signing { service: "s3", ..good.clone() }]
    {
        assert_eq!(error(&call(&client, &wrong, IDENTITY)), (403, "SignatureDoesNotMatch"));
    }
    assert_eq!(call(&client, &Signing { region: "eu-west-1", ..good }, IDENTITY).status, 200);
}

#[test]
fn unsigned_and_unknown_requests() {
    let (client, signing) = signed_in();
    let base = client.running.endpoints().sts;
    assert_eq!(
        error(&send(&base, "POST", "/", &[], IDENTITY)),
        (403, "MissingAuthenticationToken")
    );
    let malformed = [("authorization", "AWS4-HMAC-SHA256 x"), ("x-amz-date", "20260101T000000Z")];
    assert_eq!(
        error(&send(&base, "POST", "/", &malformed, IDENTITY)),
        (400, "IncompleteSignature")
    );
    assert_eq!(
        error(&call(&client, &signing, "Action=Dance&Version=2011-06-15")),
        (400, "InvalidAction")
    );
    assert_eq!(error(&call(&client, &signing, "Action=GetCallerIdentity")), (400, "InvalidAction"));
    assert_eq!(error(&call(&client, &signing, "Version=2011-06-15")), (400, "MissingAction"));
}

#[test]
fn credentials_expire_and_can_be_revoked() {
    let (client, signing) = signed_in();
    let control = client.running.control();
    control.advance(Duration::from_secs(8 * 3600 - 60));
    assert_eq!(call(&client, &signing, IDENTITY).status, 200, "signed by real time, hours later");
    control.advance(Duration::from_secs(61));
    assert_eq!(error(&call(&client, &signing, IDENTITY)), (403, "ExpiredToken"));
    control.revoke_role_credentials();
    assert_eq!(error(&call(&client, &signing, IDENTITY)), (403, "InvalidClientTokenId"));
}

#[test]
fn clocks_that_differ() {
    let (client, signing) = signed_in();
    let control = client.running.control();
    for minutes in [6, -6] {
        control.set_skew(SignedDuration::from_mins(minutes));
        let reply = call(&client, &signing, IDENTITY);
        assert_eq!(error(&reply), (403, "SignatureDoesNotMatch"), "{minutes}");
    }
    control.set_skew(SignedDuration::from_mins(4));
    assert_eq!(call(&client, &signing, IDENTITY).status, 200);
}

#[test]
fn roles_of_the_world_can_be_assumed() {
    let (client, signing) = signed_in();
    let assume = |rest: &str| {
        call(&client, &signing, &format!("Action=AssumeRole&Version=2011-06-15&{rest}"))
    };
    let reply = assume(&format!("RoleArn={PUBLISHER}&RoleSessionName=pub"));
    assert_eq!(reply.status, 200, "{reply:?}");
    let part = |name| reply.xml(name).expect(name).to_owned();
    let token = Some(part("SessionToken"));
    let credentials =
        Credentials::new(part("AccessKeyId"), part("SecretAccessKey"), token, None, "test");
    let identity = call(&client, &Signing { credentials, ..signing.clone() }, IDENTITY);
    assert_eq!(
        identity.xml("Arn"),
        Some("arn:aws:sts::111111111111:assumed-role/disasters-publisher/pub")
    );

    let long = assume(&format!("RoleArn={PUBLISHER}&RoleSessionName=pub&DurationSeconds=7200"));
    assert_eq!(error(&long), (400, "ValidationError"), "chained roles last an hour");
    assert_eq!(
        error(&assume(&format!("RoleArn={PUBLISHER}x&RoleSessionName=pub"))),
        (403, "AccessDenied")
    );
    assert_eq!(
        error(&assume(&format!("RoleArn={PUBLISHER}&RoleSessionName=a+b"))),
        (400, "ValidationError")
    );
    assert_eq!(error(&assume("RoleSessionName=pub")), (400, "ValidationError"));
}

#[test]
fn iam_users_keys_have_no_token() {
    let key = IamKey {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        user: "robot".into(),
        account: common::ACCOUNT.into(),
        ..IamKey::default()
    };
    let credentials =
        Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "test");
    let client =
        Client::of(World::guide().with_iam_key(key), Options::default(), &pkce_registration());
    let time = std::time::SystemTime::now();
    let signing = Signing {
        credentials,
        service: "sts",
        region: "us-east-1",
        time,
        headers: Vec::new(),
        host: None,
    };
    let reply = call(&client, &signing, IDENTITY);
    assert_eq!(reply.xml("Arn"), Some("arn:aws:iam::867530900000:user/robot"));
}

#[test]
fn a_world_behind_a_prefix_verifies_the_path_that_was_signed() {
    let (client, _) = signed_in();
    let key = IamKey {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        user: "robot".into(),
        account: "867530900000".into(),
        ..IamKey::default()
    };
    let (id, secret) = (key.access_key_id.clone(), key.secret_access_key.clone());
    let world = World::guide().with_iam_key(key);
    client.running.lodge("course", world, Options::default()).expect("a place");
    let credentials = Credentials::new(id, secret, None, None, "test");
    let empty = serde_json::json!({
        "accessKeyId": "x", "secretAccessKey": "x", "sessionToken": "x",
    });
    let sts = Signing { credentials, ..Signing::with(&empty, "sts", "us-east-1") };
    let form = sts.clone().header("content-type", "application/x-www-form-urlencoded");
    let base = client.running.endpoints().sts;
    // SDKs differ in whether they end the path with a slash.
    for path in ["/w/course", "/w/course/"] {
        let reply = form.send(&base, "POST", path, IDENTITY);
        assert_eq!(reply.xml("Account"), Some("867530900000"), "{path}: {reply:?}");
    }
    assert_eq!(error(&form.send(&base, "POST", "/", IDENTITY)).1, "InvalidClientTokenId");
    let s3 = Signing { service: "s3", region: "us-west-2", ..sts };
    let base = client.running.endpoints().s3;
    let listed = s3.send(&base, "GET", "/w/course/nasa-disasters?list-type=2&delimiter=%2F", "");
    assert_eq!(listed.all("Prefix").len(), 4, "{listed:?}");
    // Where the bucket is in the host, a key may look like a prefix.
    let host = base.replace("http://127.0.0.1", "nasa-disasters.localhost");
    let virtual_host = Signing { host: Some(host), ..s3 };
    let key = virtual_host.send(&base, "GET", "/w/course/x", "");
    assert_eq!(error(&key).1, "InvalidAccessKeyId", "the main world is asked: {key:?}");
}
