//! The pages for people, by hand: who gets through, and what a stranger cannot do.
#![allow(clippy::disallowed_methods, reason = "a phone reads the real clock")]

mod common;

use std::time::Duration;

use common::{Client, Reply, device_registration, pkce_registration, send, text};
use sandbox::person::{Person, PersonError};
use sandbox::world::Mfa;
use sandbox::{Options, TotpSecret, World};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const ACCOUNT: &str = "111111111111";

fn secret() -> TotpSecret {
    SECRET.parse().expect("a secret")
}

/// Grace has a password and an app, mary has to register one, ada has nothing.
fn world() -> World {
    World::new("https://d-9067c5bbc5.awsapps.com/start", "us-east-1")
        .with_user("grace")
        .with_sign_in("correct horse", Mfa::Registered(secret()))
        .with_user("mary")
        .with_sign_in("battery staple", Mfa::Required)
        .with_user("ada")
        .with_account(ACCOUNT, "Research & <Development>")
        .with_permission_set("Analyst", 1)
        .with_assignment("ada", ACCOUNT, &["Analyst"])
        .with_assignment("grace", ACCOUNT, &["Analyst"])
}

fn client() -> Client {
    Client::of(world(), Options::default(), &pkce_registration())
}

/// A browser with one cookie.
struct Browser {
    base: String,
    cookie: String,
}

impl Browser {
    fn new(client: &Client) -> Self {
        Self { base: client.running.endpoints().sso_oidc, cookie: String::new() }
    }

    fn ask(&mut self, method: &str, target: &str, body: &str) -> Reply {
        let target = target.strip_prefix(&self.base).unwrap_or(target);
        let reply = send(&self.base, method, target, &[("cookie", &self.cookie)], body);
        if let Some(cookie) = reply.header("set-cookie") {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        let here = |to: &&str| to.starts_with('/') || to.starts_with(&self.base);
        match reply.header("location").filter(here).map(str::to_owned) {
            Some(to) => self.ask("GET", &to, ""),
            None => reply,
        }
    }

    fn open(&mut self, target: &str) -> Reply {
        self.ask("GET", target, "")
    }

    /// Sends the first form of a page with these fields added.
    fn submit(&mut self, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let (action, body) = filled(page, fields);
        self.ask("POST", &action, &body)
    }

    /// Signs in at the page of a link.
    fn sign_in(&mut self, link: &str, user: &str, password: &str) -> Reply {
        let page = self.open(link);
        self.submit(&page, &[("user", user), ("password", password)])
    }
}

/// The main form's action, and its hidden fields with others added.
fn filled(page: &Reply, fields: &[(&str, &str)]) -> (String, String) {
    let (_, main) = page.body.split_once("<main").expect("a main part");
    let (_, form) = main.split_once("<form").unwrap_or_else(|| panic!("no form in {main}"));
    let attribute = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for input in form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\"")) {
        let name = attribute(input, "name").expect("a name");
        body.append_pair(&name, &attribute(input, "value").expect("a value"));
    }
    body.extend_pairs(fields);
    (attribute(form, "action").expect("an action"), body.finish())
}

fn heading(page: &Reply) -> &str {
    let (_, rest) = page.body.split_once("<h1>").unwrap_or_else(|| panic!("no heading: {page:?}"));
    rest.split('<').next().unwrap_or_default()
}

fn code(secret: &TotpSecret) -> String {
    secret.code(jiff::Timestamp::now())
}

#[test]
fn a_password_opens_and_a_wrong_one_does_not() {
    let client = client();
    let mut browser = Browser::new(&client);
    for (user, password) in [("grace", "wrong"), ("grace", ""), ("nobody", "correct horse")] {
        let page = browser.sign_in("/start", user, password);
        assert_eq!((page.status, heading(&page)), (401, "Sign in"), "{user} {password}");
        assert!(page.body.contains("role=\"alert\""), "it is read out");
    }
    let page = browser.sign_in("/start", "grace", "correct horse");
    assert_eq!(heading(&page), "Enter the code");
    assert_eq!(heading(&browser.open("/start")), "Sign in", "a password is not enough");
}

#[test]
fn a_code_works_once() {
    let client = client();
    let mut browser = Browser::new(&client);
    let page = browser.sign_in("/start", "grace", "correct horse");
    let code = code(&secret());
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(heading(&browser.submit(&page, &[("code", &spaced)])), "Your AWS accounts");
    let mut other = Browser::new(&client);
    let page = other.sign_in("/start", "grace", "correct horse");
    let page = other.submit(&page, &[("code", &code)]);
    assert_eq!((page.status, heading(&page)), (401, "Enter the code"));
    assert!(page.body.contains("was used before"));
}

#[test]
fn codes_go_by_the_sandbox_s_clock_and_by_real_time() {
    let client = client();
    client.running.control().advance(Duration::from_secs(3 * 3600));
    for at in [client.running.control().now(), jiff::Timestamp::now()] {
        let mut browser = Browser::new(&client);
        let page = browser.sign_in("/start", "grace", "correct horse");
        let page = browser.submit(&page, &[("code", &secret().code(at))]);
        assert_eq!(heading(&page), "Your AWS accounts", "{at}");
    }
}

#[test]
fn a_wrong_clock_refuses_right_codes() {
    let client = client();
    let control = client.running.control();
    for (minutes, status) in [(20, 401), (-20, 401), (0, 200)] {
        control.set_skew(jiff::SignedDuration::from_mins(minutes));
        let mut browser = Browser::new(&client);
        let page = browser.sign_in("/start", "grace", "correct horse");
        let page = browser.submit(&page, &[("code", &code(&secret()))]);
        assert_eq!(page.status, status, "{minutes} minutes");
    }
}

#[test]
fn the_journal_says_who_and_keeps_what_was_typed() {
    let client = client();
    let mut browser = Browser::new(&client);
    browser.sign_in("/start", "correct horse", "typed into the wrong field");
    let page = browser.sign_in("/start", "grace", "correct horse");
    browser.submit(&page, &[("code", &code(&secret()))]);
    let journal = client.running.control().journal();
    let of = |operation: &str| {
        let posts = journal.iter().filter(|entry| entry.operation == operation);
        posts.filter_map(|entry| entry.subject.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("SignIn"), ["grace"]);
    assert_eq!(of("Mfa"), ["grace"]);
    let all = format!("{journal:?}");
    assert!(!all.contains("correct horse") && !all.contains("wrong field"), "{all}");
}

#[test]
fn five_wrong_attempts_end_a_visit() {
    let client = client();
    let mut browser = Browser::new(&client);
    let mut page = browser.sign_in("/start", "grace", "correct horse");
    for _ in 0..4 {
        page = browser.submit(&page, &[("code", "000000x")]);
        assert_eq!(page.status, 401);
    }
    let form = filled(&page, &[("code", &code(&secret()))]);
    assert_eq!(browser.submit(&page, &[("code", "x")]).status, 403);
    assert_eq!(browser.ask("POST", &form.0, &form.1).status, 403, "the right code comes too late");
}

#[test]
fn whoever_must_registers_an_app_and_is_asked_for_its_code_from_then_on() {
    let client = client();
    let mary = Person::allowing("mary").with_password("battery staple");
    let link = |client: &Client| client.authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    assert_eq!(client.exchange(&client.authorize(&mary, &[])).status, 200);
    let registered = mary.totp().expect("the person has registered an app");
    let stranger = Person::allowing("mary").with_password("battery staple");
    let refused = stranger.visit(&link(&client)).expect_err("the stranger has no app");
    assert!(matches!(refused, PersonError::Refused { status: 401, .. }), "{refused}");
    let again = stranger.with_totp(registered);
    assert_eq!(client.exchange(&client.authorize(&again, &[])).status, 200);
}

#[test]
fn an_app_is_registered_and_removed_in_the_portal() {
    let client = client();
    let mut browser = Browser::new(&client);
    browser.sign_in("/start", "ada", "");
    let page = browser.open("/start/mfa");
    let page = browser.submit(&page, &[("change", "register")]);
    assert_eq!(heading(&page), "Register an authenticator app");
    let (_, rest) = page.body.split_once("id=\"secret\">").expect("the secret in plain text");
    let secret: TotpSecret = rest.split('<').next().and_then(|s| s.parse().ok()).expect("a secret");
    assert_eq!(browser.submit(&page, &[("code", "123")]).status, 401);
    assert_eq!(heading(&Browser::new(&client).sign_in("/start", "ada", "")), "Your AWS accounts");
    assert_eq!(heading(&browser.submit(&page, &[("code", &code(&secret))])), "Your AWS accounts");
    assert_eq!(heading(&Browser::new(&client).sign_in("/start", "ada", "")), "Enter the code");
    let page = browser.open("/start/mfa");
    browser.submit(&page, &[("change", "remove")]);
    assert_eq!(heading(&Browser::new(&client).sign_in("/start", "ada", "")), "Your AWS accounts");
}

#[test]
fn a_form_works_in_the_browser_it_was_given_to_only() {
    let client = client();
    let mut browser = Browser::new(&client);
    let page = browser.open("/start");
    let (action, form) = filled(&page, &[("user", "ada")]);
    let mut stranger = Browser::new(&client);
    assert_eq!(stranger.ask("POST", &action, &form).status, 403);
    stranger.open("/start");
    assert_eq!(stranger.ask("POST", &action, &form).status, 403);
    let forged = form.replace("csrf=", "csrf=x");
    assert_eq!(browser.ask("POST", &action, &forged).status, 403);
    assert_eq!(browser.ask("POST", &action, &form).status, 200);
}

#[test]
fn every_form_wants_its_token() {
    let client = client();
    let mut browser = Browser::new(&client);
    browser.sign_in("/start", "ada", "");
    for path in ["/sign-in", "/mfa", "/consent", "/device", "/start/mfa", "/sign-out"] {
        let page = browser.ask("POST", path, "user_code=BCDF-GHJK&decision=allow&change=remove");
        assert_eq!(page.status, 403, "{path}");
    }
    assert_eq!(heading(&browser.open("/start")), "Your AWS accounts", "nobody was signed out");
}

#[test]
fn signing_in_changes_the_cookie() {
    let client = client();
    let mut browser = Browser::new(&client);
    browser.open("/start");
    let planted = browser.cookie.clone();
    browser.sign_in("/start", "ada", "");
    assert_ne!(browser.cookie, planted);
    let mut thief = Browser { base: browser.base.clone(), cookie: planted };
    assert_eq!(heading(&thief.open("/start")), "Sign in");
}

#[test]
fn a_browser_that_is_signed_in_is_asked_for_consent_only_until_it_signs_out() {
    let client = client();
    let mut browser = Browser::new(&client);
    let portal = browser.sign_in("/start", "ada", "");
    let link = client.authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    let consent = browser.open(&link);
    assert_eq!(heading(&consent), "Allow a test to access your data?");
    let (_, rest) = portal.body.split_once("name=\"csrf\" value=\"").expect("a token");
    let csrf = rest.split('"').next().unwrap_or_default();
    let page = browser.ask("POST", "/sign-out", &format!("csrf={csrf}"));
    assert_eq!(heading(&page), "You are signed out");
    assert_eq!(browser.submit(&consent, &[("decision", "allow")]).status, 403);
    assert_eq!(heading(&browser.open(&link)), "Sign in");
}

#[test]
fn somebody_else_goes_on_with_a_visit() {
    let client = client();
    let mut browser = Browser::new(&client);
    browser.sign_in("/start", "ada", "");
    let link = client.authorize_url("http://127.0.0.1:1/oauth/callback", &[]);
    let consent = browser.open(&link);
    assert!(consent.body.contains("(<bdi>ada</bdi>)"));
    let (_, form) = filled(&consent, &[]);
    let page = browser.ask("POST", "/sign-out", &form);
    assert_eq!(heading(&page), "Sign in");
    let page = browser.submit(&page, &[("user", "grace"), ("password", "correct horse")]);
    let page = browser.submit(&page, &[("code", &code(&secret()))]);
    assert!(page.body.contains("(<bdi>grace</bdi>)"), "{}", page.body);
    let mut stranger = Browser::new(&client);
    let portal = stranger.sign_in("/start", "ada", "");
    let (_, rest) = portal.body.split_once("name=\"csrf\" value=\"").expect("a token");
    let csrf = rest.split('"').next().unwrap_or_default();
    let (_, form) = filled(&page, &[]);
    let visit = form.split('&').next().unwrap_or_default();
    let out = stranger.ask("POST", "/sign-out", &format!("{visit}&csrf={csrf}"));
    assert_eq!(heading(&out), "You are signed out", "no other browser's visit is gone on with");
    assert!(browser.submit(&page, &[("decision", "deny")]).status == 302);
}

#[test]
fn people_who_type_an_address_find_the_portal_and_programs_an_error() {
    let client = client();
    let base = client.running.endpoints().sso_oidc;
    let html = [("accept", "text/html,*/*;q=0.8")];
    assert_eq!(send(&base, "GET", "/", &html, "").header("location"), Some("/start"));
    let page = send(&base, "GET", "/nowhere", &html, "");
    assert_eq!((page.status, heading(&page)), (404, "There is nothing here"));
    let program = send(&base, "GET", "/", &[], "");
    assert_eq!(program.error(), (404, "UnknownOperationException"));
}

#[test]
fn sign_ins_and_visits_end() {
    let client = client();
    let control = client.running.control();
    let mut browser = Browser::new(&client);
    let page = browser.open("/start");
    control.advance(Duration::from_secs(16 * 60));
    assert_eq!(browser.submit(&page, &[("user", "ada")]).status, 403);
    browser.sign_in("/start", "ada", "");
    assert_eq!(heading(&browser.open("/start")), "Your AWS accounts");
    control.advance(Duration::from_secs(8 * 3600));
    assert_eq!(heading(&browser.open("/start")), "Sign in");
}

#[test]
fn pages_are_framed_cached_and_scripted_by_nobody() {
    let client = client();
    let page = Browser::new(&client).open("/start");
    let policy = page.header("content-security-policy").expect("a policy");
    for part in
        ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self';", "base-uri 'none'"]
    {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(page.body.contains("This is not AWS."));
    for inline in ["<style", "style=", "onclick", "http://", "https://"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    let base = client.running.endpoints().sso_oidc;
    let cookie = send(&base, "GET", "/device", &[], "");
    let cookie = cookie.header("set-cookie").expect("a cookie");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
}

#[test]
fn the_portal_shows_accounts_roles_and_keys_that_work() {
    let client = client();
    let mut browser = Browser::new(&client);
    let portal = browser.sign_in("/start/", "ada", "");
    assert!(portal.body.contains("Research &amp; &lt;Development&gt;"), "names are escaped");
    assert!(portal.body.contains("Analyst"));
    let ways = format!("account_id={ACCOUNT}&role_name=Analyst");
    let keys = browser.open(&format!("/start/keys?{ways}"));
    assert!(keys.body.contains("export AWS_ACCESS_KEY_ID=&quot;ASIA"));
    assert!(keys.body.contains("$Env:AWS_SECRET_ACCESS_KEY="));
    assert!(keys.body.contains("SET AWS_SESSION_TOKEN="));
    assert!(keys.body.contains(&format!("[{ACCOUNT}_Analyst]")));
    let console = browser.open(&format!("/start/console?{ways}"));
    assert!(console.body.contains(":assumed-role/AWSReservedSSO_Analyst_"), "{}", console.body);
    for path in ["keys", "console"] {
        let other = format!("/start/{path}?account_id={ACCOUNT}&role_name=Other");
        assert_eq!(browser.open(&other).status, 403);
        assert_eq!(
            heading(&Browser::new(&client).open(&format!("/start/{path}?{ways}"))),
            "Sign in"
        );
    }
}

#[test]
fn a_large_portal_is_searched_and_turned() {
    let world = World::new("https://d-9067c5bbc5.awsapps.com/start", "us-east-1")
        .with_user("ada")
        .with_permission_set("Analyst", 1)
        .with_many_accounts(60);
    let client = Client::of(world, Options::default(), &pkce_registration());
    let mut browser = Browser::new(&client);
    let page = browser.sign_in("/start", "ada", "");
    assert!(page.body.contains("60 accounts") && page.body.contains("rel=\"next\""));
    assert_eq!(page.body.matches("<section").count(), 25);
    let last = browser.open("/start?search=&from=50");
    assert_eq!(last.body.matches("<section").count(), 10);
    let found = browser.open("/start?search=PROJECT+00007");
    assert_eq!(found.body.matches("<section").count(), 1);
    assert!(found.body.contains("1 of 60 accounts"));
    assert!(browser.open("/start?from=x").body.contains("60 accounts"));
}

#[test]
fn device_codes_are_typed_linked_and_refused() {
    let client = Client::of(world(), Options::default(), &device_registration());
    let mut browser = Browser::new(&client);
    let device = client.start_device();
    let user_code = text(&device, "userCode");
    let wrong = browser.open("/device");
    let wrong = browser.submit(&wrong, &[("user_code", "BCDF-GHJX")]);
    assert_eq!((wrong.status, heading(&wrong)), (400, "Enter the code"));
    let typed = user_code.to_lowercase().replace('-', " ");
    let page = browser.submit(&wrong, &[("user_code", &typed)]);
    let page = browser.submit(&page, &[("user", "ada")]);
    assert!(page.body.contains(user_code), "the code is there to compare");
    assert_eq!(heading(&browser.submit(&page, &[("decision", "allow")])), "Request approved");
    let linked = browser.open(text(&device, "verificationUriComplete"));
    assert_eq!(heading(&linked), "Confirm the code");
    let late = browser.submit(&linked, &[]);
    assert!(late.status == 400 && late.body.contains("answered already"), "{late:?}");
    client.running.control().advance(Duration::from_secs(601));
    assert!(browser.submit(&linked, &[]).body.contains("has expired"));
}
