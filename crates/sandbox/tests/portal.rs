//! The access portal.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::Duration;

use common::{ACCOUNT, Client, pkce_registration, text};
use sandbox::person::Person;
use sandbox::world::Mfa;
use sandbox::{Options, World};
use serde_json::Value;

fn signed_in(options: Options) -> (Client, String) {
    let client = Client::pkce(options);
    let token = text(&client.sign_in(), "accessToken").to_owned();
    (client, token)
}

/// All items of a listing, and the sizes of its pages.
fn all(client: &Client, token: &str, target: &str, list: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut items, mut sizes, mut next) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let separator = if target.contains('?') { '&' } else { '?' };
        let more = next.map(|next| {
            let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("{separator}next_token={encoded}")
        });
        let reply = client.portal("GET", &format!("{target}{}", more.unwrap_or_default()), token);
        assert_eq!(reply.status, 200, "{reply:?}");
        let page = reply.json()[list].as_array().expect("a list").clone();
        sizes.push(page.len());
        items.extend(page);
        match reply.json()["nextToken"].as_str() {
            Some(token) => next = Some(token.to_owned()),
            None => return (items, sizes),
        }
    }
}

#[test]
fn accounts_and_roles_come_in_pages() {
    let (client, token) = signed_in(Options::default());
    let (accounts, sizes) = all(&client, &token, "/assignment/accounts", "accountList");
    assert_eq!(sizes, [2, 1]);
    assert_eq!(accounts[0]["accountId"], ACCOUNT);
    assert_eq!(accounts[0]["accountName"], "Disasters");
    assert_eq!(accounts[0]["emailAddress"], "disasters@example.com");
    let target = format!("/assignment/roles?account_id={ACCOUNT}");
    let (roles, _) = all(&client, &token, &target, "roleList");
    let names: Vec<_> = roles.iter().map(|role| text(role, "roleName")).collect();
    assert_eq!(names, ["Project-Admin", "Project-Power-User", "ReadOnlyAccess"]);
    assert!(roles.iter().all(|role| role["accountId"] == ACCOUNT));
}

#[test]
fn max_result_is_honoured_and_checked() {
    let (client, token) = signed_in(Options::default());
    let (_, sizes) = all(&client, &token, "/assignment/accounts?max_result=1", "accountList");
    assert_eq!(sizes, [1, 1, 1]);
    for bad in ["0", "101", "x"] {
        let reply = client.portal("GET", &format!("/assignment/accounts?max_result={bad}"), &token);
        assert_eq!(reply.error(), (400, "InvalidRequestException"), "{bad}");
    }
}

#[test]
fn pages_can_be_empty() {
    let (client, token) = signed_in(Options { empty_pages: true, ..Options::default() });
    let (accounts, sizes) = all(&client, &token, "/assignment/accounts", "accountList");
    assert_eq!((accounts.len(), sizes), (3, vec![0, 2, 0, 1]));
}

#[test]
fn page_tokens_fit_one_listing_only() {
    let (client, token) = signed_in(Options { page_size: 1, ..Options::default() });
    let reply = client.portal("GET", "/assignment/accounts", &token);
    let next: String =
        url::form_urlencoded::byte_serialize(text(&reply.json(), "nextToken").as_bytes()).collect();
    let other = format!("/assignment/roles?account_id={ACCOUNT}&next_token={next}");
    assert_eq!(client.portal("GET", &other, &token).error(), (400, "InvalidRequestException"));
    let forged = format!("/assignment/accounts?next_token={next}9");
    assert_eq!(client.portal("GET", &forged, &token).error(), (400, "InvalidRequestException"));
}

#[test]
fn five_thousand_accounts() {
    let world = World::guide().with_many_accounts(5000);
    let client = Client::of(world, Options::default(), &pkce_registration());
    let token = text(&client.sign_in(), "accessToken").to_owned();
    let (accounts, sizes) =
        all(&client, &token, "/assignment/accounts?max_result=100", "accountList");
    assert_eq!((accounts.len(), sizes.len()), (5003, 51));
}

#[test]
fn role_credentials_live_as_long_as_the_permission_set_says() {
    let (client, token) = signed_in(Options::default());
    let now = client.running.control().now().as_millisecond();
    let credentials = client.role_credentials(&token);
    let life = credentials["expiration"].as_i64().expect("milliseconds") - now;
    assert!((8 * 3_600_000..8 * 3_600_000 + 60_000).contains(&life), "{life}");
    assert!(text(&credentials, "accessKeyId").starts_with("ASIA"));
    assert_eq!(text(&credentials, "secretAccessKey").len(), 40);
    assert!(text(&credentials, "sessionToken").len() > 500);
}

#[test]
fn who_gets_no_role_credentials() {
    let (client, token) = signed_in(Options::default());
    let ask = |account: &str, role: &str| {
        let target = format!("/federation/credentials?account_id={account}&role_name={role}");
        let reply = client.portal("GET", &target, &token);
        (reply.status, reply.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(ask(ACCOUNT, "Administrator"), (403, "No access".to_owned()), "assigned elsewhere");
    assert_eq!(ask(ACCOUNT, "Nothing").0, 403);
    assert_eq!(ask("999999999999", "ReadOnlyAccess").0, 404);
    assert_eq!(ask("12", "ReadOnlyAccess").0, 400);
    assert_eq!(ask(ACCOUNT, "").0, 400);
    assert!(client.running.control().unassign("ada", ACCOUNT, "ReadOnlyAccess"));
    assert_eq!(ask(ACCOUNT, "ReadOnlyAccess").0, 403);
}

#[test]
fn errors_have_the_portals_shape() {
    let (client, token) = signed_in(Options::default());
    let target = format!("/federation/credentials?account_id={ACCOUNT}&role_name=Nothing");
    let reply = client.portal("GET", &target, &token);
    assert_eq!(reply.error(), (403, "ForbiddenException"));
    assert_eq!(reply.json()["__type"], "com.amazonaws.switchboard.portal#ForbiddenException");
    let reply = client.portal("GET", "/assignment/accounts", "nonsense");
    assert_eq!(reply.error(), (401, "UnauthorizedException"));
    assert_eq!(client.portal("GET", "/client/register", &token).status, 404);
}

#[test]
fn too_many_requests() {
    let (client, token) =
        signed_in(Options { portal_requests_per_second: Some(3), ..Options::default() });
    client.running.control().freeze();
    let ask = || client.portal("GET", "/assignment/accounts", &token).status;
    assert_eq!([ask(), ask(), ask(), ask()], [200, 200, 200, 429]);
    client.running.control().advance(Duration::from_secs(1));
    assert_eq!(ask(), 200);
}

#[test]
fn logout_ends_access_and_refresh_but_not_role_credentials() {
    let client = Client::pkce(Options::default());
    let signed_in = client.sign_in();
    let token = text(&signed_in, "accessToken");
    client.role_credentials(token);
    let reply = client.portal("POST", "/logout", token);
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(client.portal("GET", "/assignment/accounts", token).status, 401);
    assert_eq!(client.portal("POST", "/logout", token).status, 401);
    assert_eq!(
        client.refresh(text(&signed_in, "refreshToken")).error(),
        (400, "InvalidGrantException")
    );
}

/// The company's world, with `user` signed in.
fn at_the_company(user: &str, password: &str) -> (Client, String) {
    let world = World::company();
    let known = world.users.iter().find(|known| known.name == user);
    let secret = known.and_then(|known| match &known.mfa {
        Mfa::Registered(secret) => Some(secret.clone()),
        _ => None,
    });
    let mut registration = pkce_registration();
    registration["issuerUrl"] = world.start_url.as_str().into();
    let client = Client::of(world, Options::default(), &registration);
    let person = Person::allowing(user).with_password(password);
    let person = secret.into_iter().fold(person, Person::with_totp);
    let reply = client.exchange(&client.authorize(&person, &[]));
    let token = text(&reply.json(), "accessToken").to_owned();
    (client, token)
}

#[test]
fn groups_give_access_and_a_suspended_account_gives_none() {
    let (client, token) = at_the_company("katherine", "trajectories");
    let (accounts, _) = all(&client, &token, "/assignment/accounts", "accountList");
    let ids: Vec<_> = accounts.iter().map(|account| text(account, "accountId")).collect();
    assert_eq!(ids, ["100000000008", "100000000009", "100000000012"]);
    assert_eq!(accounts[2].get("accountName"), None, "suspended accounts have no name");
    let (roles, _) = all(&client, &token, "/assignment/roles?account_id=100000000009", "roleList");
    let names: Vec<_> = roles.iter().map(|role| text(role, "roleName")).collect();
    assert_eq!(names, ["ReadOnlyAccess", "PowerUserAccess"]);
    for target in [
        "/assignment/roles?account_id=100000000012",
        "/federation/credentials?account_id=100000000012&role_name=ReadOnlyAccess",
        "/federation/credentials?account_id=100000000001&role_name=ReadOnlyAccess",
    ] {
        assert_eq!(client.portal("GET", target, &token).error(), (403, "ForbiddenException"));
    }
}

#[test]
fn what_a_group_has_can_be_taken_away() {
    let (client, token) = at_the_company("grace", "nanoseconds");
    let target = "/federation/credentials?account_id=100000000011&role_name=DeveloperAccess";
    assert_eq!(client.portal("GET", target, &token).status, 200);
    let control = client.running.control();
    assert!(!control.unassign("grace", "100000000011", "DeveloperAccess"), "it is the group's");
    assert!(control.unassign_group("engineers", "100000000011", "DeveloperAccess"));
    assert_eq!(client.portal("GET", target, &token).error(), (403, "ForbiddenException"));
}
