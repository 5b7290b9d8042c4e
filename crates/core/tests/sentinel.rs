//! No secret is shown: not by an error, not by `{:?}`, not by our log. (The SDK's
//! own log shows bearer tokens to whoever asks for it: it must stay switched off.)
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, ada, told};
use daypass_core::files::Files;
use daypass_core::oidc::registration::Flow;
use daypass_core::resolve::{Request, credentials, profile};
use daypass_core::token::cache::TokenKey;
use sandbox::Fault;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tracing::field::Field;
use tracing::span;

const HOUR: i64 = 3600;
const SENTINEL: &str = "SENTINEL0SENTINEL0SENTINEL";

/// Keeps everything that is logged, by whomever.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

impl Ear {
    fn hear(&self, target: &str, field: &Field, value: &dyn std::fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{target} {field}={value:?}").unwrap();
    }

    /// What was logged by crates whose name begins so.
    fn heard(&self, from: &str) -> String {
        let all = self.0.lock().unwrap();
        all.lines().filter(|line| line.starts_with(from)).collect::<Vec<_>>().join("\n")
    }
}

impl tracing::Subscriber for Ear {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let target = span.metadata().target();
        span.record(&mut |f: &Field, v: &dyn std::fmt::Debug| self.hear(target, f, v));
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut |f: &Field, v: &dyn std::fmt::Debug| self.hear("span", f, v));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let target = event.metadata().target();
        event.record(&mut |f: &Field, v: &dyn std::fmt::Debug| self.hear(target, f, v));
    }
}

/// Every secret of the token's file.
fn secrets(lab: &Lab) -> Vec<String> {
    let json = lab.token_json("corp");
    let keys = ["accessToken", "refreshToken", "clientSecret"];
    keys.iter().filter_map(|key| json[*key].as_str().map(str::to_owned)).collect()
}

fn assert_clean(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "a secret is shown in:\n{text}");
    }
}

#[tokio::test]
async fn a_whole_life_is_logged_without_a_secret() {
    let ear = Ear::default();
    let guard = tracing::subscriber::set_default(ear.clone());
    let lab = Lab::new();
    let plan = lab.session("corp");
    let (outcome, url) = lab
        .login_with(&plan, Flow::Code, |invited| {
            let state = invited.parameter("state");
            ada(invited).unwrap();
            state
        })
        .await;
    let shown = format!("{:?}", outcome.unwrap());
    let mut known = secrets(&lab);
    assert_eq!(known.len(), 3);
    assert_clean(&shown, &known);
    known.push(url.unwrap());
    lab.pass(2 * HOUR);
    let provided = lab.provide("dev").await.unwrap();
    known.extend(secrets(&lab));
    let role = &provided.credentials;
    known.push(role.secret_access_key.expose().clone());
    known.push(role.session_token.as_ref().unwrap().expose().clone());
    assert_clean(&format!("{provided:?}"), &known);
    lab.pass(2 * HOUR);
    for fault in [Fault::Status(400, "InvalidGrantException".into()), Fault::DropBefore] {
        lab.control.fail_next("CreateToken", fault, 1);
        lab.forget_roles();
        let error = lab.provide("dev").await.unwrap_err();
        assert_clean(&format!("{} {error:?}", told(&error)), &known);
    }
    daypass_core::logout::all(&lab.host, Ok(&lab.aws())).await;
    drop(guard);
    let heard = ear.heard("daypass");
    assert!(heard.contains("refresh"), "something is logged:\n{heard}");
    assert_clean(&heard, &known);
}

#[tokio::test]
async fn an_answer_that_echoes_a_secret_does_not_show_it() {
    let lab = Lab::logged_in().await;
    lab.pass(2 * HOUR);
    let known = secrets(&lab);
    let body = format!("{{\"accessToken\": [\"{SENTINEL}\"], \"refreshToken\": \"{SENTINEL}\"}}");
    lab.control.fail_next("CreateToken", Fault::Reply(200, vec![], body), 1);
    let error = lab.provide("dev").await.unwrap_err();
    let shown = format!("{} {error:?}", told(&error));
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert_clean(&shown, &known);
}

#[tokio::test]
async fn keys_in_files_and_variables_are_not_shown_by_any_type() {
    let mut lab = Lab::new();
    for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        lab.house.set_var(name, SENTINEL);
    }
    lab.house.set_var("AWS_ACCESS_KEY_ID", "AKIA");
    lab.house.set_var("HTTPS_PROXY", &format!("http://ada:{SENTINEL}@127.0.0.1:1"));
    let keys = format!("aws_access_key_id = AKIA\naws_secret_access_key = {SENTINEL}\n");
    lab.put(".aws/credentials", &format!("[keys]\n{keys}"));
    lab.put(".aws/config", &format!("[default]\naws_session_token = {SENTINEL}\n{keys}"));
    let files = Files::load(&lab.host).unwrap();
    let mut shown = format!("{:?}\n{files:?}\n", lab.host);
    for name in [None, Some("keys".to_owned())] {
        let request = Request { profile: name, ..Request::default() };
        let chosen = profile::choose(&request, &lab.host, &files);
        let plan = credentials::plan(&lab.host, &chosen).unwrap();
        writeln!(shown, "{chosen:?}\n{plan:?}").unwrap();
        let provided = lab.provide_for(&request).await.unwrap();
        writeln!(shown, "{provided:?}").unwrap();
        assert_eq!(provided.credentials.secret_access_key.expose(), SENTINEL);
    }
    let connection = lab.connection(&Request::default()).unwrap();
    writeln!(shown, "{connection:?}\n{:?}", lab.aws()).unwrap();
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert!(shown.contains("127.0.0.1:1"), "where the proxy is may be shown: {shown}");
}

#[tokio::test]
async fn broken_files_are_named_by_line_without_content() {
    let lab = Lab::new();
    for text in [
        format!("[default]\naws_secret_access_key = {SENTINEL}\naws_secret_access_key = x\n"),
        format!("[default\naws_secret_access_key = {SENTINEL}\n"),
        format!("{SENTINEL}\n"),
        format!("[default]\n{SENTINEL}\n"),
        format!("[default]\n = {SENTINEL}\n"),
        format!("[default]\nx =\n  {SENTINEL}\n"),
    ] {
        lab.put(".aws/credentials", &text);
        match Files::load(&lab.host) {
            Ok(files) => assert!(!format!("{files:?}").contains(SENTINEL), "{files:?}"),
            Err(error) => {
                let shown = format!("{} {error:?}", told(&error));
                assert!(!shown.contains(SENTINEL), "{shown}");
                assert!(shown.contains("line"), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_torn_token_is_not_quoted() {
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    let lab = Lab::new();
    lab.put(
        &format!(".aws/sso/cache/{}.json", common::sha1("corp")),
        &format!("{{\"accessToken\": \"{SENTINEL}\", \"expiresAt\": \"{SENTINEL}\""),
    );
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert!(!format!("{} {error:?}", told(&error)).contains(SENTINEL));
    let key = TokenKey::Session(daypass_core::names::SessionName::parse("corp").unwrap());
    assert!(!format!("{:?}", key.load(&lab.host.sso_cache())).contains(SENTINEL));
    assert!(!ear.heard("daypass").contains(SENTINEL));
}
