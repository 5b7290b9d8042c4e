//! The management, and worlds beside the main one.

mod common;

use common::{ACCOUNT, Client, ROLE, Reply, START_URL, pkce_registration, send, text};
use sandbox::person::Person;
use sandbox::{Options, Running, Sandbox, World};
use serde_json::{Value, json};

/// A request with the token that the environment has.
fn ask(environment: &[(String, String)], method: &str, path: &str, body: &Value) -> Reply {
    let variable = |wanted: &str| {
        let found = environment.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).expect("the variable is there")
    };
    let url = variable("DAYPASS_SANDBOX_CTL_URL");
    let rest = url.find("/w/").map_or("", |at| &url[at..]);
    let base = url.strip_suffix(rest).expect("a suffix");
    let bearer = format!("Bearer {}", variable("DAYPASS_SANDBOX_CTL_TOKEN"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(base, method, &format!("{rest}{path}"), &headers, &body)
}

fn ctl(running: &Running, method: &str, path: &str, body: Value) -> Reply {
    ask(&running.environment(), method, path, &body)
}

fn started() -> Running {
    Sandbox::start_blocking(World::guide(), Options::default()).expect("it starts")
}

#[test]
fn nobody_gets_in_without_the_token() {
    let running = started();
    let base = running.manage_url().to_owned();
    let good = format!("Bearer {}", running.manage_token());
    let status = |headers: &[(&str, &str)]| send(&base, "GET", "/clock", headers, "").status;
    assert_eq!(status(&[("authorization", &good)]), 200);
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[("authorization", "Bearer x")]), 401);
    assert_eq!(status(&[("authorization", &good.replace("Bearer", "Basic"))]), 401);
    assert_eq!(status(&[("authorization", &good), ("origin", "http://evil.example")]), 403);
    assert_eq!(status(&[("authorization", &good), ("host", "evil.example")]), 421);
    assert_eq!(send(&base, "GET", "/openapi.json", &[], "").status, 200);
    assert!(base.starts_with("http://127.0.0.1:"), "{base}");
}

#[test]
fn the_clock_moves_and_tokens_age() {
    let client = Client::pkce(Options::default());
    let token = text(&client.sign_in(), "accessToken").to_owned();
    let status = |token: &str| client.portal("GET", "/assignment/accounts", token).status;
    assert_eq!(status(&token), 200);
    let clock = ctl(&client.running, "POST", "/clock/advance", json!({ "seconds": 3601 }));
    assert_eq!(clock.json()["advanced_seconds"], 3601, "{clock:?}");
    ctl(&client.running, "POST", "/clock/advance", json!({ "seconds": 1.0 }));
    assert_eq!(status(&token), 401);
    assert_eq!(ctl(&client.running, "POST", "/clock/freeze", json!(null)).json()["frozen"], true);
    let now = |reply: Reply| text(&reply.json(), "now").to_owned();
    let first = now(ctl(&client.running, "GET", "/clock", json!(null)));
    assert_eq!(now(ctl(&client.running, "GET", "/clock", json!(null))), first);
    assert_eq!(ctl(&client.running, "POST", "/clock/thaw", json!(null)).json()["frozen"], false);
    let skewed = ctl(&client.running, "PUT", "/clock/skew", json!({ "seconds": -60 }));
    assert_eq!(skewed.json()["skew_seconds"], -60);
    for bad in [json!({ "seconds": -1 }), json!({ "seconds": 1.5 }), json!({}), json!({ "s": 1 })] {
        assert_eq!(ctl(&client.running, "POST", "/clock/advance", bad).status, 400);
    }
}

#[test]
fn devices_are_approved_and_denied() {
    let client = Client::device(Options::default());
    let (one, other) = (client.start_device(), client.start_device());
    let waiting = ctl(&client.running, "GET", "/devices", json!(null)).json();
    assert_eq!(waiting["devices"].as_array().map(Vec::len), Some(2));
    assert_eq!(waiting["devices"][0]["client"], "a test");
    let path = |device: &Value, verb| format!("/devices/{}/{verb}", text(device, "userCode"));
    let nobody = ctl(&client.running, "POST", &path(&one, "approve"), json!({ "user": "eve" }));
    assert_eq!(nobody.status, 404);
    let approved = ctl(&client.running, "POST", &path(&one, "approve"), json!({ "user": "ada" }));
    assert_eq!(approved.status, 200, "{approved:?}");
    assert_eq!(client.poll(text(&one, "deviceCode")).status, 200);
    assert_eq!(ctl(&client.running, "POST", &path(&one, "approve"), json!(null)).status, 404);
    assert_eq!(ctl(&client.running, "POST", &path(&other, "deny"), json!(null)).status, 200);
    assert_eq!(client.poll(text(&other, "deviceCode")).error().1, "AccessDeniedException");
}

#[test]
fn faults_come_when_asked_for() {
    let client = Client::pkce(Options { seed: Some(42), ..Options::default() });
    let token = text(&client.sign_in(), "accessToken").to_owned();
    let status = || client.portal("GET", "/assignment/accounts", &token).status;
    let fault = json!({ "kind": "503", "operation": "ListAccounts", "times": 1 });
    let faults = ctl(&client.running, "POST", "/faults", fault).json();
    assert_eq!(faults["seed"], 42);
    assert_eq!(faults["waiting"], json!([{ "operation": "ListAccounts", "fault": "503" }]));
    assert_eq!((status(), status()), (503, 200));
    ctl(&client.running, "POST", "/faults", json!({ "kind": "drop-before", "percent": 100 }));
    assert_eq!(status(), 0);
    ctl(&client.running, "DELETE", "/faults", json!(null));
    assert_eq!(status(), 200);
    for bad in [
        json!({ "kind": "flood", "percent": 1 }),
        json!({ "kind": "503" }),
        json!({ "kind": "503", "percent": 101 }),
        json!({ "kind": "503", "times": 1 }),
        json!({ "kind": "503", "times": 0, "operation": "Logout" }),
        json!({ "kind": "503", "percent": 1, "times": 1, "operation": "Logout" }),
    ] {
        assert_eq!(ctl(&client.running, "POST", "/faults", bad.clone()).status, 400, "{bad}");
    }
}

#[test]
fn lives_end() {
    let client = Client::pkce(Options::default());
    let token = text(&client.sign_in(), "accessToken").to_owned();
    let target = format!("/federation/credentials?role_name={ROLE}&account_id={ACCOUNT}");
    let status = || client.portal("GET", &target, &token).status;
    let assignment = json!({ "user": "ada", "account": ACCOUNT, "permission_set": ROLE });
    assert_eq!(ctl(&client.running, "POST", "/unassign", assignment.clone()).status, 200);
    assert_eq!(ctl(&client.running, "POST", "/unassign", assignment).status, 404);
    assert_eq!(status(), 403);
    let revoke = |body| ctl(&client.running, "POST", "/revoke", body).status;
    assert_eq!(revoke(json!({ "what": "sessions", "user": "eve" })), 404);
    assert_eq!(revoke(json!({ "what": "sessions", "user": null })), 400);
    assert_eq!(revoke(json!({ "what": "registrations", "user": "ada" })), 400);
    assert_eq!(revoke(json!({ "what": "everything" })), 400);
    assert_eq!(revoke(json!({ "what": "access_tokens", "user": "ada" })), 200);
    assert_eq!(status(), 401);
}

#[test]
fn the_journal_says_what_each_client_did_and_no_secret() {
    let client = Client::pkce(Options::default());
    let signed_in = client.sign_in();
    let token = text(&signed_in, "accessToken");
    let base = client.running.endpoints().sso;
    let headers = [("x-amz-sso_bearer_token", token), ("user-agent", "aws-cli/2.38.5 x")];
    send(&base, "GET", "/assignment/accounts?max_result=1", &headers, "");
    let journal = ctl(&client.running, "GET", "/journal?operation=ListAccounts", json!(null));
    let entry = &journal.json()["entries"][0];
    assert_eq!(entry["client"], "aws-cli/2.38.5 x");
    assert_eq!((&entry["status"], &entry["path"]), (&json!(200), &json!("/assignment/accounts")));
    let whole = ctl(&client.running, "GET", "/journal", json!(null)).body;
    for secret in [token, text(&signed_in, "refreshToken"), &client.secret] {
        assert!(!whole.contains(secret), "a secret is in the journal");
    }
    let next = journal.json()["next"].as_u64().expect("a number");
    let later = ctl(&client.running, "GET", &format!("/journal?since={next}"), json!(null)).json();
    assert_eq!(later["entries"], json!([]));
    let counters = ctl(&client.running, "GET", "/counters", json!(null)).json();
    assert_eq!(counters["operations"]["ListAccounts"], json!({ "requests": 1, "ok": 1 }));
    for bad in ["since=x", "since=-1", "limit=0", "limit=10001"] {
        let reply = ctl(&client.running, "GET", &format!("/journal?{bad}"), json!(null));
        assert_eq!(reply.status, 400, "{bad}");
    }
}

#[test]
fn knobs_are_turned_while_it_runs() {
    let running = started();
    let options = ctl(&running, "PATCH", "/options", json!({ "access_token_seconds": 60 })).json();
    assert_eq!(options["access_token_seconds"], 60);
    assert_eq!(running.control().options().access_token_seconds, 60);
    assert_eq!(ctl(&running, "PATCH", "/options", json!({ "port": 1 })).status, 400);
    assert_eq!(ctl(&running, "PATCH", "/options", json!([])).status, 400);
}

#[test]
fn what_is_not_there() {
    let running = started();
    assert_eq!(ctl(&running, "GET", "/nothing", json!(null)).status, 404);
    let wrong = ctl(&running, "POST", "/clock", json!({}));
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET")));
}

/// Signs ada in at the world of this environment, and asks for her accounts.
fn log_in(environment: &[(String, String)]) -> (String, u16) {
    let at = |wanted: &str| {
        let found = environment.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).expect("the variable is there")
    };
    let (oidc, portal) = (at("AWS_ENDPOINT_URL_SSO_OIDC"), at("AWS_ENDPOINT_URL_SSO"));
    let split = |url: &str| {
        let at = url.find("/w/").expect("a prefix");
        (url[..at].to_owned(), url[at..].to_owned())
    };
    let post = |path: &str, body: &Value| {
        let ((base, prefix), kind) = (split(&oidc), [("content-type", "application/json")]);
        send(&base, "POST", &format!("{prefix}{path}"), &kind, &body.to_string()).json()
    };
    let client = post("/client/register", &pkce_registration());
    let (id, secret) = (text(&client, "clientId"), text(&client, "clientSecret"));
    let (uri, callback) = common::callback();
    let parameters = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", &uri),
        ("state", "s"),
        ("code_challenge_method", "S256"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("scopes", "sso:account:access"),
    ];
    let link = url::Url::parse_with_params(&format!("{oidc}/authorize"), parameters);
    Person::allowing("ada").visit(link.expect("a URL").as_str()).expect("ada gets through");
    let answered = callback.join().expect("the callback is called");
    let code = answered.iter().find(|(name, _)| name == "code").map(|(_, code)| code.clone());
    let body = json!({
        "clientId": id,
        "clientSecret": secret,
        "grantType": "authorization_code",
        "code": code,
        "redirectUri": uri,
        "codeVerifier": common::VERIFIER,
    });
    let token = text(&post("/token", &body), "accessToken").to_owned();
    let (base, prefix) = split(&portal);
    let bearer = [("x-amz-sso_bearer_token", token.as_str())];
    let listed = send(&base, "GET", &format!("{prefix}/assignment/accounts"), &bearer, "");
    (token, listed.status)
}

#[test]
fn a_world_of_its_own_has_its_own_state_clock_and_journal() {
    let running = started();
    let create = |body| ctl(&running, "POST", "/worlds", body);
    let made = create(json!({ "name": "course", "options": { "access_token_seconds": 60 } }));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(create(json!({ "name": "course" })).status, 409);
    let environment: Vec<(String, String)> = serde_json::from_value::<
        std::collections::BTreeMap<_, _>,
    >(made.json()["environment"].clone())
    .expect("names and values")
    .into_iter()
    .collect();
    let (token, listed) = log_in(&environment);
    assert_eq!(listed, 200);
    let main = running.endpoints().sso;
    let bearer = [("x-amz-sso_bearer_token", token.as_str())];
    assert_eq!(send(&main, "GET", "/assignment/accounts", &bearer, "").status, 401);
    assert_eq!(running.control().count("CreateToken"), 0);
    assert_eq!(running.control().count("ListAccounts"), 1, "the refused one");
    let here = |method, path, body| ask(&environment, method, path, &body);
    let counters = here("GET", "/counters", json!(null)).json();
    assert_eq!(counters["operations"]["ListAccounts"]["ok"], 1);
    let clock = here("POST", "/clock/advance", json!({ "seconds": 61 })).json();
    assert_eq!(clock["advanced_seconds"], 61);
    assert_eq!(ctl(&running, "GET", "/clock", json!(null)).json()["advanced_seconds"], 0);
    let there = send(&main, "GET", "/w/course/assignment/accounts", &bearer, "");
    assert_eq!(there.status, 401, "the token has aged there");
    assert_eq!(ctl(&running, "DELETE", "/worlds/course", json!(null)).status, 204);
    assert_eq!(ctl(&running, "DELETE", "/worlds/course", json!(null)).status, 404);
    assert_eq!(send(&main, "GET", "/w/course/assignment/accounts", &bearer, "").status, 404);
}

#[test]
fn a_worlds_token_opens_that_world_only() {
    let running = started();
    let one = running.lodge("one", World::company(), Options::default()).expect("a place");
    let other = running.lodge("other", World::guide(), Options::default()).expect("a place");
    assert_eq!(ask(&one.environment(), "GET", "/world", &json!(null)).status, 200);
    let mut mixed = one.environment();
    let url = other.environment().into_iter().find(|(name, _)| name.ends_with("CTL_URL"));
    let url = url.expect("it has an address");
    mixed.retain(|(name, _)| *name != url.0);
    mixed.push(url);
    assert_eq!(ask(&mixed, "GET", "/world", &json!(null)).status, 401);
    let worlds = ask(&one.environment(), "GET", "/worlds", &json!(null));
    assert_eq!(worlds.status, 403, "{worlds:?}");
    assert_eq!(ctl(&running, "GET", "/w/one/world", json!(null)).json()["region"], "eu-central-1");
    assert_eq!(ctl(&running, "GET", "/w/none/world", json!(null)).status, 404);
    assert!(running.evict("one"));
    assert!(!running.evict("one"));
}

#[test]
fn a_world_from_toml_is_checked() {
    let running = started();
    let world =
        "[organization]\nstart_url = \"https://d-1.awsapps.com/start\"\nregion = \"eu-west-1\"\n";
    let create =
        |name, toml: &str| ctl(&running, "POST", "/worlds", json!({ "name": name, "toml": toml }));
    assert_eq!(create("mine", world).json()["region"], "eu-west-1");
    let wrong = create("other", &world.replace("eu-west-1", "europe"));
    assert_eq!(wrong.status, 400);
    assert_eq!(text(&wrong.json(), "message"), "toml:3: `europe` is not a region");
    assert_eq!(create("Mine", world).status, 400, "no such name");
    let shown = ctl(&running, "GET", "/worlds", json!(null)).json();
    assert_eq!(shown["worlds"].as_array().map(Vec::len), Some(1));
    assert_ne!(START_URL, shown["worlds"][0]["start_url"]);
}
