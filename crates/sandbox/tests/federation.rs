//! The console's sign-in: credentials, a token, a page.
#![allow(clippy::disallowed_methods, reason = "requests are signed by the real clock")]

mod common;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use common::signing::Signing;
use common::{ACCOUNT, Client, Reply, pkce_registration, send, text};
use sandbox::world::IamKey;
use sandbox::{Options, World};
use serde_json::{Value, json};

const ADA: &str = "arn:aws:sts::867530900000:assumed-role/AWSReservedSSO_Project-Power-User_0123456789abcdef/ada@example.com";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CONSOLE: &str = "https://us-west-2.console.aws.amazon.com/s3/home";

fn signed_in() -> (Client, Value) {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let keys = client.role_credentials(text(&token, "accessToken"));
    let session = json!({
        "sessionId": keys["accessKeyId"],
        "sessionKey": keys["secretAccessKey"],
        "sessionToken": keys["sessionToken"],
    });
    (client, session)
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn federation(client: &Client, parameters: &[(&str, &str)]) -> Reply {
    let target = format!("/federation?{}", encoded(parameters));
    send(&client.running.endpoints().signin, "GET", &target, &[], "")
}

fn token(client: &Client, session: &Value) -> String {
    let session = session.to_string();
    let reply = federation(client, &[("Action", "getSigninToken"), ("Session", &session)]);
    assert_eq!(reply.status, 200, "{reply:?}");
    text(&reply.json(), "SigninToken").to_owned()
}

fn login(client: &Client, token: &str, destination: &str) -> Reply {
    let parameters =
        [("Action", "login"), ("Destination", destination), ("SigninToken", token), ("Issuer", "")];
    federation(client, &parameters)
}

#[test]
fn the_link_leads_to_a_page_that_says_who_one_is() {
    let (client, session) = signed_in();
    let page = login(&client, &token(&client, &session), CONSOLE);
    assert_eq!(page.status, 200, "{page:?}");
    for expected in [ADA, CONSOLE, "This is not AWS"] {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    let journal = client.running.control().journal();
    let last = journal.last().expect("an entry");
    assert_eq!((last.operation.as_str(), last.subject.as_deref()), ("ConsoleLogin", Some(ADA)));
}

#[test]
fn a_token_can_be_asked_for_by_post() {
    let (client, session) = signed_in();
    let session = session.to_string();
    let form = encoded(&[("Action", "getSigninToken"), ("Session", &session)]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let base = client.running.endpoints().signin;
    let reply = send(&base, "POST", "/federation", &headers, &form);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(text(&reply.json(), "SigninToken").len() > 100);
}

#[test]
fn sessions_that_do_not_count() {
    let (client, session) = signed_in();
    let refused = |session: &str| {
        let parameters = [("Action", "getSigninToken"), ("Session", session)];
        let reply = federation(&client, &parameters);
        assert!(!reply.body.contains(SECRET), "no secret comes back");
        reply.status
    };
    for (member, value) in [
        ("sessionId", "ASIAAAAAAAAAAAAAAAAA"),
        ("sessionKey", SECRET),
        ("sessionToken", "another"),
        ("more", "x"),
    ] {
        let mut changed = session.clone();
        changed[member] = json!(value);
        assert_eq!(refused(&changed.to_string()), 400, "{member}");
    }
    assert_eq!(refused("not json"), 400);
    client.running.control().advance(Duration::from_secs(8 * 3600 + 1));
    assert_eq!(refused(&session.to_string()), 400, "expired");
}

#[test]
fn a_link_is_good_for_a_quarter_of_an_hour() {
    let (client, session) = signed_in();
    let token = token(&client, &session);
    client.running.control().advance(Duration::from_secs(14 * 60));
    assert_eq!(login(&client, &token, CONSOLE).status, 200);
    client.running.control().advance(Duration::from_secs(61));
    assert_eq!(login(&client, &token, CONSOLE).status, 400);
    assert_eq!(login(&client, "another", CONSOLE).status, 400);
}

#[test]
fn links_lead_to_the_console_only() {
    let (client, session) = signed_in();
    let token = token(&client, &session);
    for elsewhere in ["https://example.com/", "http://console.aws.amazon.com/", "javascript:1"] {
        assert_eq!(login(&client, &token, elsewhere).status, 400, "{elsewhere}");
    }
}

#[test]
fn a_length_is_for_roles_assumed_with_a_users_own_keys() {
    let key = IamKey {
        access_key_id: "AKIAPLAIN00000000000".into(),
        secret_access_key: SECRET.into(),
        user: "robot".into(),
        account: ACCOUNT.into(),
        ..IamKey::default()
    };
    let world = World::guide().with_iam_key(key);
    let client = Client::of(world, Options::default(), &pkce_registration());
    let signing = Signing {
        credentials: Credentials::new("AKIAPLAIN00000000000", SECRET, None, None, "test"),
        service: "sts",
        region: "us-east-1",
        time: SystemTime::now(),
        headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
        host: None,
    };
    let role = "arn:aws:iam::111111111111:role/disasters-publisher";
    let body = format!("Action=AssumeRole&Version=2011-06-15&RoleSessionName=pub&RoleArn={role}");
    let reply = signing.send(&client.running.endpoints().sts, "POST", "/", &body);
    let part = |name| reply.xml(name).expect("a part");
    let session = json!({
        "sessionId": part("AccessKeyId"),
        "sessionKey": part("SecretAccessKey"),
        "sessionToken": part("SessionToken"),
    });
    let asked = |session: &Value, seconds: &str| {
        let session = session.to_string();
        let action = ("Action", "getSigninToken");
        let asked = [action, ("SessionDuration", seconds), ("Session", &session)];
        federation(&client, &asked).status
    };
    assert_eq!(asked(&session, "43200"), 200);
    assert_eq!(asked(&session, "899"), 400);
    let (chained, session) = signed_in();
    let session = session.to_string();
    let action = ("Action", "getSigninToken");
    let refused =
        federation(&chained, &[action, ("SessionDuration", "3600"), ("Session", &session)]);
    assert_eq!(refused.status, 400);
}
