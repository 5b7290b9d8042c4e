//! Invitations from a web server, and what they change here.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::Lab;
use common::raw::{Scripted, answer};
use common::tls::{Authority, Front, Proxy};
use daypass_core::edit::{Step, undo};
use daypass_core::invitation::{self, Suggestion};
use daypass_core::resolve::Origin;
use daypass_core::resolve::sso;
use daypass_core::{Error, Kind, Result};

struct Company {
    lab: Lab,
    server: Scripted,
    front: Front,
}

impl Company {
    fn answering(answers: &[&str]) -> Self {
        let (mut lab, authority) = (Lab::new(), Authority::new());
        let bundle = lab.put("ca.pem", &authority.pem);
        lab.house.set_var("AWS_CA_BUNDLE", bundle.to_str().unwrap());
        let server = Scripted::start(answers);
        let front = Front::before(&server.url, &authority, &["localhost", "127.0.0.1"]);
        Self { lab, server, front }
    }

    async fn fetch(&self, path: &str) -> Result<Vec<u8>> {
        invitation::fetch(&self.lab.aws(), &format!("{}{path}", self.front.url())).await
    }
}

fn file(body: &str) -> String {
    answer("200 OK", "", body)
}

fn to(location: &str) -> String {
    answer("302 Found", &format!("location: {location}\r\n"), "")
}

fn told(error: &Error) -> String {
    format!("{error}")
}

#[tokio::test]
async fn a_file_behind_a_redirect_over_the_company_s_own_authority() {
    let company = Company::answering(&[&to("/v2/disasters.toml"), &file("daypass_invitation = 1")]);
    let bytes = company.fetch("/disasters.toml").await.unwrap();
    assert_eq!(bytes, b"daypass_invitation = 1");
    assert_eq!(company.server.requests().len(), 2);
    assert!(company.front.handshakes() > 0);
}

#[tokio::test]
async fn a_redirect_to_http_is_not_followed() {
    let company = Company::answering(&[&to("http://127.0.0.1:1/x?secret=1")]);
    let error = company.fetch("/x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(told(&error).contains("http://127.0.0.1:1/x is not https"), "{error}");
    assert!(!told(&error).contains("secret"), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_is_said() {
    let round = to("/x");
    for (answers, why) in [
        (vec![answer("404 Not Found", "", "gone")], "answers 404"),
        (
            vec![round.clone(), round.clone(), round.clone(), round.clone(), round.clone(), round],
            "more than 5 redirects",
        ),
        (vec![file(&"x".repeat(invitation::MOST_BYTES + 1))], "larger than 64 KiB"),
    ] {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let error = Company::answering(&answers).fetch("/x").await.unwrap_err();
        assert!(told(&error).contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_stranger_s_certificate_ends_it() {
    let company = Company::answering(&[&file("x")]);
    let other = Lab::new();
    let error = invitation::fetch(&other.aws(), &company.front.url()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network, "{error}");
    assert!(company.server.requests().is_empty());
}

#[tokio::test]
async fn it_comes_through_the_proxy_that_is_set() {
    let mut company = Company::answering(&[&file("through")]);
    let at = company.front.at.clone();
    let proxy = Proxy::start(move |_| at.clone());
    company.lab.house.set_var("HTTPS_PROXY", &proxy.url);
    let bytes = invitation::fetch(&company.lab.aws(), "https://localhost/x").await.unwrap();
    assert_eq!(bytes, b"through");
    assert_eq!(proxy.lines(), ["CONNECT localhost:443"]);
}

#[test]
fn what_is_given_out_is_taken_in_and_taken_back() {
    let lab = Lab::new();
    let files = lab.files();
    let plan = sso::session(&files, "corp", Origin::Default).unwrap();
    let more = Suggestion {
        profiles: vec!["dev".to_owned()],
        text: Some("two\nlines and a \"quote\"".to_owned()),
        ..Suggestion::default()
    };
    let text = invitation::to_text(&files, &plan, &more).unwrap();
    let read = invitation::parse("x.toml", text.as_bytes()).unwrap();
    assert_eq!(read.session, "corp");
    assert_eq!(read.text.as_deref(), Some("two\nlines and a \"quote\""));
    let other = Lab::new();
    other.put(".aws/config", "# mine\n");
    let write = |step: &Step| {
        let outlook = invitation::outlook(&other.files(), &read).unwrap();
        invitation::write(&other.host, step, &outlook).unwrap();
    };
    write(&Step::new("configure sso"));
    assert!(other.files().config.text.contains("[profile dev]\nsso_session = corp\n"));
    let again = Step::new("configure sso");
    write(&again);
    assert!(again.is_empty(), "{}", again.diff());
    undo::undo(&other.host, &Step::new("configure undo"), 1).unwrap();
    assert_eq!(other.files().config.text, "# mine\n");
}

#[test]
fn another_s_session_and_profile_are_left_alone() {
    let lab = Lab::new();
    let text = "daypass_invitation = 1\n[sso_session]\nname = \"new\"\nstart_url = \"https://d-1.awsapps.com/start\"\nregion = \"eu-west-1\"\n[[profile]]\nname = \"dev\"\n";
    let read = invitation::parse("x.toml", text.as_bytes()).unwrap();
    let error = invitation::outlook(&lab.files(), &read).unwrap_err();
    assert!(told(&error).contains("there is another profile `dev` already"), "{error}");
    let clash = text.replace("\"new\"", "\"corp\"").replace("\"dev\"", "\"x\"");
    let read = invitation::parse("x.toml", clash.as_bytes()).unwrap();
    let error = invitation::outlook(&lab.files(), &read).unwrap_err();
    assert!(told(&error).contains("there is another sso-session `corp` already"), "{error}");
}
