//! Hosts named for a region, CreateTokenWithIAM, and errors with a reason.
#![allow(clippy::disallowed_methods, reason = "requests are signed by the real clock")]

mod common;

use common::signing::Signing;
use common::{ACCOUNT, Client, Reply, START_URL, pkce_registration, send, text};
use sandbox::{Fault, Options};
use serde_json::{Value, json};

const HERE: &str = "oidc.us-east-1.amazonaws.com";
const ELSEWHERE: &str = "oidc.eu-west-1.amazonaws.com";
const APPLICATION: &str = "arn:aws:sso::867530900000:application/ssoins-1/apl-1";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

fn oidc(client: &Client, host: &str, path: &str, body: &Value) -> Reply {
    let headers = [("host", host), ("content-type", "application/json")];
    send(&client.running.endpoints().sso_oidc, "POST", path, &headers, &body.to_string())
}

#[test]
fn another_region_knows_neither_organization_nor_client() {
    let client = Client::device(Options::default());
    let start = json!({
        "clientId": client.id, "clientSecret": client.secret, "startUrl": START_URL,
    });
    assert_eq!(oidc(&client, HERE, "/device_authorization", &start).status, 200);
    let reply = oidc(&client, ELSEWHERE, "/device_authorization", &start);
    assert_eq!(reply.error(), (401, "InvalidClientException"));
    let reply = oidc(&client, ELSEWHERE, "/client/register", &pkce_registration());
    assert_eq!(reply.error(), (400, "InvalidRequestException"));
    assert_eq!(oidc(&client, HERE, "/client/register", &pkce_registration()).status, 200);
}

#[test]
fn another_regions_portal_does_not_know_the_token() {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let base = client.running.endpoints().sso;
    let list = |host: &str| {
        let bearer = text(&token, "accessToken");
        let headers = [("host", host), ("x-amz-sso_bearer_token", bearer)];
        send(&base, "GET", "/assignment/accounts", &headers, "").status
    };
    assert_eq!(list("portal.sso.us-east-1.amazonaws.com"), 200);
    assert_eq!(list("portal.sso.eu-west-1.amazonaws.com"), 401);
}

#[test]
fn a_regions_host_wants_its_own_regions_signature() {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let keys = client.role_credentials(text(&token, "accessToken"));
    let ask = |host: &str, region: &'static str| {
        let signing = Signing { host: Some(host.into()), ..Signing::with(&keys, "sts", region) };
        let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
        signing.send(&client.running.endpoints().sts, "GET", target, "").status
    };
    assert_eq!(ask("sts.eu-west-1.amazonaws.com", "eu-west-1"), 200);
    assert_eq!(ask("sts.eu-west-1.amazonaws.com", "us-east-1"), 403);
    assert_eq!(ask("sts.amazonaws.com", "us-east-1"), 200);
    assert_eq!(ask("sts.amazonaws.com", "eu-west-1"), 403);
}

#[test]
fn tokens_with_iam_need_a_signature_and_an_application() {
    let client = Client::pkce(Options::default());
    let token = client.sign_in();
    let keys = client.role_credentials(text(&token, "accessToken"));
    let ask = |host: &str, body: Value| {
        let signing = Signing::with(&keys, "sso-oauth", "us-east-1");
        let region = if host == HERE { "us-east-1" } else { "eu-west-1" };
        let signing = Signing { host: Some(host.into()), region, ..signing };
        let signing = signing.header("content-type", "application/json");
        let base = client.running.endpoints().sso_oidc;
        signing.send(&base, "POST", "/token?aws_iam=t", &body.to_string())
    };
    let good = json!({ "clientId": APPLICATION, "grantType": EXCHANGE });
    let refused = |reply: &Reply| (reply.status, reply.error().1.to_owned());
    let expect = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(refused(&ask(HERE, good.clone())), expect(401, "InvalidClientException"));
    let device = json!({ "clientId": APPLICATION, "grantType": common::DEVICE_GRANT });
    assert_eq!(refused(&ask(HERE, device)), expect(400, "UnsupportedGrantTypeException"));
    let nameless = json!({ "clientId": ACCOUNT, "grantType": EXCHANGE });
    assert_eq!(refused(&ask(HERE, nameless)), expect(400, "InvalidRequestException"));
    let unsigned = client.oidc("/token?aws_iam=t", &good);
    assert_eq!(refused(&unsigned), expect(400, "AccessDeniedException"));
    let moved = ask(ELSEWHERE, good);
    assert_eq!(refused(&moved), expect(400, "InvalidRequestRegionException"));
    assert_eq!(moved.json()["region"], "us-east-1");
    assert_eq!(moved.json()["endpoint"], "https://oidc.us-east-1.amazonaws.com");
}

#[test]
fn an_error_that_is_asked_for_can_have_a_reason() {
    let client = Client::pkce(Options::default());
    let code = "AccessDeniedException:KMS_AccessDeniedException".to_owned();
    client.running.control().fail_next("CreateToken", Fault::Status(400, code), 1);
    let reply = client.refresh("any");
    assert_eq!(reply.error(), (400, "AccessDeniedException"));
    assert_eq!(reply.json()["error"], "access_denied");
    assert_eq!(reply.json()["reason"], "KMS_AccessDeniedException");
}
