//! TLS, AWS's own host names, and whom the sandbox does not impersonate.

mod common;

use std::net::TcpStream;

use common::tls::send_as;
use common::{Reply, START_URL, pkce_registration};
use sandbox::{Options, Running, Sandbox, StartError, World};

fn named() -> Running {
    let options = Options {
        tls: true,
        names_port: Some(0),
        vanity_host: Some("login.disasters.example".into()),
        isolated: true,
        ..Options::default()
    };
    Sandbox::start_blocking(World::guide(), options).expect("it starts")
}

fn get(running: &Running, name: &str, target: &str) -> std::io::Result<Reply> {
    let authority = running.certificate_authority().expect("an authority");
    let port = running.names_port().expect("a port for names");
    send_as(name, port, authority, "GET", target, &[], "")
}

#[test]
fn every_name_has_its_service_and_its_certificate() {
    let running = named();
    for (name, target, status, code) in [
        ("oidc.us-east-1.amazonaws.com", "/nothing", 404, "UnknownOperationException"),
        (
            "portal.sso.us-east-1.amazonaws.com",
            "/assignment/accounts",
            401,
            "UnauthorizedException",
        ),
        ("sts.amazonaws.com", "/?Action=GetCallerIdentity&Version=2011-06-15", 403, ""),
        ("sts.eu-west-1.amazonaws.com", "/?Action=GetCallerIdentity&Version=2011-06-15", 403, ""),
        ("s3.us-west-2.amazonaws.com", "/", 403, ""),
        ("nasa-disasters.s3.us-west-2.amazonaws.com", "/", 403, ""),
        ("d-9067c5bbc5.awsapps.com", "/style.css", 200, ""),
    ] {
        let reply = get(&running, name, target).expect(name);
        assert_eq!(reply.status, status, "{name} {reply:?}");
        assert_eq!(reply.header("x-amzn-errortype").unwrap_or_default(), code, "{name}");
    }
    let journal = running.control().journal();
    let operations: Vec<_> = journal.iter().map(|entry| entry.operation.as_str()).collect();
    let expected = [
        "Unknown",
        "ListAccounts",
        "GetCallerIdentity",
        "GetCallerIdentity",
        "ListBuckets",
        "ListObjects",
        "Style",
    ];
    assert_eq!(operations, expected);
}

#[test]
fn the_vanity_name_leads_to_the_start_url() {
    let running = named();
    let reply = get(&running, "login.disasters.example", "/").expect("an answer");
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), Some(START_URL.trim_end_matches("/#")));
}

#[test]
fn in_isolation_the_endpoints_are_awss_own() {
    let running = named();
    assert_eq!(running.endpoints().sso_oidc, "https://oidc.us-east-1.amazonaws.com");
    let names = running.environment().into_iter().map(|(name, _)| name);
    let names: Vec<_> = names.filter(|name| name.starts_with("AWS_")).collect();
    assert_eq!(names, ["AWS_EC2_METADATA_DISABLED"], "no client is told where anything is");
}

#[test]
fn services_without_names_speak_tls_too() {
    let options = Options { tls: true, ..Options::default() };
    let running = Sandbox::start_blocking(World::guide(), options).expect("it starts");
    let authority = running.certificate_authority().expect("an authority");
    let endpoint = running.endpoints().sso_oidc;
    let port = endpoint.strip_prefix("https://127.0.0.1:").expect("an address");
    let port = port.parse().expect("a port");
    let body = pkce_registration().to_string();
    let headers = [("content-type", "application/json")];
    for name in ["127.0.0.1", "localhost"] {
        let path = "/client/register";
        let reply = send_as(name, port, authority, "POST", path, &headers, &body).expect(name);
        assert_eq!(reply.status, 200, "{name} {reply:?}");
    }
    let plain = common::send(
        &endpoint.replace("https", "http"),
        "POST",
        "/client/register",
        &headers,
        &body,
    );
    assert_ne!(plain.status, 200, "no plain http on the same port");
}

#[test]
fn other_names_get_no_certificate_and_no_answer() {
    let running = named();
    assert!(get(&running, "example.com", "/").is_err());
    assert!(get(&running, "aws.amazon.com", "/").is_err());
    let port = running.names_port().expect("a port");
    let authority = running.certificate_authority().expect("an authority");
    let mixed = [("host", "portal.example.com")];
    let reply = send_as("s3.us-west-2.amazonaws.com", port, authority, "GET", "/", &mixed, "");
    assert_eq!(reply.expect("a handshake").status, 421);
}

#[test]
fn two_sandboxes_do_not_vouch_for_each_other() {
    let (one, other) = (named(), named());
    let authority = other.certificate_authority().expect("an authority");
    let port = one.names_port().expect("a port");
    let reply = send_as("sts.amazonaws.com", port, authority, "GET", "/", &[], "");
    assert!(reply.is_err(), "{reply:?}");
}

#[test]
fn a_client_that_says_nothing_keeps_nobody_waiting() {
    let running = named();
    let port = running.names_port().expect("a port");
    let silent = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    assert_eq!(get(&running, "d-9067c5bbc5.awsapps.com", "/style.css").expect("OK").status, 200);
    drop(silent);
}

#[test]
fn names_need_tls() {
    for options in [
        Options { names_port: Some(0), ..Options::default() },
        Options { isolated: true, ..Options::default() },
    ] {
        let error = Sandbox::start_blocking(World::guide(), options).expect_err("no TLS");
        assert!(matches!(error, StartError::Plain), "{error}");
    }
}

#[test]
fn nobody_is_told_to_be_aws() {
    let name = || "oidc.us-east-1.amazonaws.com".to_owned();
    for options in [
        Options { host_names: vec![name()], ..Options::default() },
        Options { vanity_host: Some(name()), ..Options::default() },
    ] {
        let error = Sandbox::start_blocking(World::guide(), options).expect_err("a name of AWS's");
        assert!(matches!(&error, StartError::NotOurs(known) if *known == name()), "{error}");
    }
}

#[test]
fn names_it_was_told_are_answered_in_endpoints_too() {
    let options = Options { host_names: vec!["sandbox.internal".into()], ..Options::default() };
    let running = Sandbox::start_blocking(World::guide(), options).expect("it starts");
    let endpoint = running.endpoints().sso_oidc;
    let port = endpoint.strip_prefix("http://sandbox.internal:").expect("the name");
    let base = format!("http://127.0.0.1:{port}");
    let told = [("host", "sandbox.internal")];
    assert_eq!(common::send(&base, "GET", "/style.css", &told, "").status, 200);
    let other = [("host", "other.internal")];
    assert_eq!(common::send(&base, "GET", "/style.css", &other, "").status, 421);
}
