//! The console's sign-in: asked by POST, and a link that leads to the role's page.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{House, Lab, ROLE, raw};
use daypass_core::aws::Aws;
use daypass_core::console::{self, Page};
use daypass_core::credentials::RoleCredentials;
use daypass_core::partition::Partition;
use jiff::SignedDuration;
use sandbox::Fault;
use vault::Secret;

async fn signed_in() -> (Lab, Aws, RoleCredentials) {
    let lab = Lab::logged_in().await;
    let credentials = lab.provide("dev").await.unwrap().credentials;
    let aws = lab.aws();
    (lab, aws, credentials)
}

/// The page behind an http address.
fn visit(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    raw::send(host, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
        .body
}

#[tokio::test]
async fn a_role_s_credentials_buy_a_link_to_its_console() {
    let (lab, aws, credentials) = signed_in().await;
    let base = aws.signin_base(Partition::commercial());
    assert_eq!(base, lab.sandbox.endpoints().signin);
    let token = aws.signin_token(&base, &credentials, None).await.unwrap();
    let address = Page::Bucket("maps/a b/").address(Partition::commercial(), None).unwrap();
    let link = console::link(&base, Some("https://d-1.awsapps.com/start"), &address, &token);
    let page = visit(link.expose());
    assert!(page.contains(&format!("AWSReservedSSO_{ROLE}_")), "{page}");
    assert!(
        page.contains("https://console.aws.amazon.com/s3/buckets/maps?prefix=a+b%2F"),
        "{page}"
    );
    let asked = lab.control.journal();
    let entry = asked.iter().find(|entry| entry.operation == "GetSigninToken").unwrap();
    assert_eq!((entry.method.as_str(), entry.path.as_str()), ("POST", "/federation"));
}

#[tokio::test]
async fn a_fault_of_the_service_is_waited_out() {
    let (lab, aws, credentials) = signed_in().await;
    lab.control.fail_next("GetSigninToken", Fault::Bare(503), 1);
    let base = aws.signin_base(Partition::commercial());
    aws.signin_token(&base, &credentials, None).await.unwrap();
    assert_eq!(lab.control.count("GetSigninToken"), 2);
}

#[tokio::test]
async fn what_the_sign_in_refuses_is_asked_once_and_tells_no_secret() {
    let (lab, aws, credentials) = signed_in().await;
    let base = aws.signin_base(Partition::commercial());
    let session = SignedDuration::from_hours(1);
    let fault = aws.signin_token(&base, &credentials, Some(session)).await.unwrap_err();
    assert_eq!(fault.answer().unwrap().status, 400, "a duration is not for this role");
    let mut wrong = credentials.clone();
    wrong.secret_access_key = Secret::from("SENTINEL");
    let fault = aws.signin_token(&base, &wrong, None).await.unwrap_err();
    assert!(!format!("{fault:?}").contains("SENTINEL"));
    assert_eq!(lab.control.count("GetSigninToken"), 2);
}

#[tokio::test]
async fn a_partition_is_asked_at_its_own_host() {
    let aws = House::new([]).aws();
    let partition = Partition::of_arn("arn:aws-us-gov:iam::1:role/x").unwrap();
    assert_eq!(aws.signin_base(partition), "https://signin.amazonaws-us-gov.com");
}
