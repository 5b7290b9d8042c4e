//! Logging in with an authorization code: a browser, its pages, and the token's
//! file at the end.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::browser::Invited;
use common::{House, Lab, START_URL, ada, sha1, told};
use daypass_core::Kind;
use daypass_core::login::{self, LoggedIn};
use daypass_core::oidc::registration::Flow;
use sandbox::person::{Person, PersonError};
use sandbox::{Fault, Options};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn by_code<T: Send + 'static>(
    lab: &Lab,
    errand: impl FnOnce(Invited) -> T + Send + 'static,
) -> (daypass_core::Result<LoggedIn>, Option<T>) {
    lab.login_with(&lab.session("corp"), Flow::Code, errand).await
}

#[tokio::test]
async fn the_token_file_is_as_the_aws_cli_writes_it() {
    let lab = Lab::new();
    let (outcome, page) = by_code(&lab, ada).await;
    let token = outcome.unwrap().token;
    assert!(page.unwrap().unwrap().contains("You are logged in"));
    let text = lab.token_text("corp");
    let json: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "startUrl",
            "region",
            "accessToken",
            "expiresAt",
            "clientId",
            "clientSecret",
            "registrationExpiresAt",
            "refreshToken"
        ]
    );
    assert_eq!(json["startUrl"], START_URL, "as the config file spells it");
    assert_eq!(json["region"], "us-east-1");
    assert_eq!(json["accessToken"], token.access_token.expose().as_str());
    for key in ["expiresAt", "registrationExpiresAt"] {
        let time = json[key].as_str().unwrap();
        assert!(time.len() == 20 && time.ends_with('Z'), "{key} is {time}");
    }
    assert!(text.starts_with("{\"startUrl\": \"https") && !text.ends_with('\n'), "{text}");
    assert_eq!(mode(&lab.cached("corp")), 0o600);
    assert_eq!(mode(&lab.host.sso_cache()), 0o700);
    let registration = "{\"region\": \"us-east-1\", \"scopes\": [\"sso:account:access\"], \
         \"session_name\": \"corp\", \"startUrl\": \"https://d-9067c5bbc5.awsapps.com/start/#\", \
         \"tool\": \"botocore\"}";
    let mut expected = [format!("{}.json", sha1("corp")), format!("{}.json", sha1(registration))];
    expected.sort();
    assert_eq!(lab.cache_names(), expected, "nothing else is left there");
}

#[tokio::test]
async fn a_loose_old_file_and_a_link_are_private_and_in_place_afterwards() {
    let lab = Lab::new();
    let elsewhere = lab.put("elsewhere/token.json", "old");
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o666)).unwrap();
    fs::create_dir_all(lab.host.sso_cache()).unwrap();
    symlink(&elsewhere, lab.cached("corp")).unwrap();
    lab.login("corp").await;
    assert!(fs::symlink_metadata(lab.cached("corp")).unwrap().is_symlink());
    assert_eq!(mode(&elsewhere), 0o600);
    assert!(lab.token_json("corp")["accessToken"].is_string());
}

#[tokio::test]
async fn what_cannot_be_written_is_said_before_the_browser_opens() {
    for (what, obstacle) in [("a directory", true), ("no directory", false)] {
        let lab = Lab::new();
        match obstacle {
            true => fs::create_dir_all(lab.cached("corp")).unwrap(),
            false => drop(lab.put(".aws/sso/cache", "a file")),
        }
        let (outcome, invited) = by_code(&lab, ada).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::Store, "{what}: {error}");
        assert!(error.to_string().contains(&*lab.cached("corp").to_string_lossy()), "{error}");
        assert!(invited.is_none(), "{what}");
        assert_eq!(lab.control.count("RegisterClient"), 0, "{what}");
    }
}

#[tokio::test]
async fn the_browser_is_told_of_success_only_after_the_exchange() {
    let lab = Lab::new();
    let hold = lab.control.hold("CreateToken");
    let file = lab.cached("corp");
    let (outcome, page) = by_code(&lab, move |invited| {
        let (tell, told) = mpsc::channel();
        let browser = std::thread::spawn(move || tell.send(ada(invited)).unwrap());
        assert!(hold.wait_for(1, common::PATIENCE), "the code is redeemed");
        assert!(told.try_recv().is_err(), "a page before the token");
        assert!(!file.exists());
        drop(hold);
        browser.join().unwrap();
        told.recv().unwrap()
    })
    .await;
    outcome.unwrap();
    assert!(page.unwrap().unwrap().contains("You are logged in"));
}

#[tokio::test]
async fn a_failing_exchange_shows_the_failure_and_leaves_no_token() {
    let faults = [
        Fault::Status(400, "InvalidGrantException".into()),
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Truncate,
    ];
    for fault in faults {
        let lab = Lab::new();
        lab.control.fail_next("CreateToken", fault.clone(), 1);
        let (outcome, page) = by_code(&lab, ada).await;
        let error = outcome.unwrap_err();
        let Some(Err(PersonError::Refused { status, page, .. })) = page else {
            panic!("{fault:?}: {page:?}")
        };
        assert_eq!(status, 502);
        assert!(page.contains("did not succeed"), "{page}");
        assert!(!lab.cached("corp").exists(), "{fault:?}");
        assert!(error.next_step().is_some(), "{error}");
        assert_eq!(lab.control.count("CreateToken"), 1, "a code is sent once: {fault:?}");
        assert_eq!(lab.cache_names().len(), 1, "the registration alone stays");
    }
}

#[tokio::test]
async fn what_the_service_refused_without_effect_is_tried_again() {
    let lab = Lab::new();
    lab.control.fail_next("CreateToken", Fault::Bare(503), 1);
    lab.control.fail_next("CreateToken", Fault::Bare(429), 1);
    by_code(&lab, ada).await.0.unwrap();
    assert_eq!(lab.control.count("CreateToken"), 3);
}

#[tokio::test]
async fn a_failed_login_leaves_the_old_token_alone() {
    let lab = Lab::logged_in().await;
    let before = lab.token_text("corp");
    lab.control.fail_next("CreateToken", Fault::Status(401, "InvalidClientException".into()), 9);
    let (outcome, _) = by_code(&lab, ada).await;
    outcome.unwrap_err();
    assert_eq!(lab.token_text("corp"), before);
}

#[tokio::test]
async fn a_denial_in_the_browser_reaches_the_terminal_in_the_service_s_words() {
    let lab = Lab::new();
    let deny = |invited: Invited| Person::denying("ada").visit(&invited.link);
    let (outcome, page) = by_code(&lab, deny).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginFailed);
    assert!(error.to_string().contains("the person denied the request (access_denied)"), "{error}");
    let Some(Err(PersonError::Refused { status: 403, page, .. })) = page else {
        panic!("{page:?}")
    };
    assert!(page.contains("the person denied the request"), "{page}");
    assert_eq!(lab.control.count("CreateToken"), 0);
}

#[tokio::test]
async fn words_from_the_browser_cannot_drive_the_terminal() {
    let lab = Lab::new();
    let (outcome, page) = by_code(&lab, |invited| {
        let state = invited.parameter("state");
        let words = "error=x%1b%5d0&error_description=%1b%5b2J%0a%3Cb%3Egone";
        invited.ask("GET", &invited.target(&format!("state={state}&{words}")))
    })
    .await;
    let shown = told(&outcome.unwrap_err());
    assert!(shown.contains("[2J<b>gone"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let page = page.unwrap().body;
    assert!(page.contains("&lt;b&gt;gone") && !page.contains('\u{1b}'), "{page:?}");
}

#[tokio::test]
async fn strangers_get_a_plain_answer_and_the_wait_goes_on() {
    let lab = Lab::new();
    let (outcome, page) = by_code(&lab, |invited| {
        let (state, at) = (invited.parameter("state"), invited.callback());
        let good = invited.target(&format!("code=x&state={state}"));
        let strays = [
            ("GET", "/favicon.ico?error=x".to_owned()),
            ("GET", "/".to_owned()),
            ("GET", format!("/oauth/callback/?code=x&state={state}")),
            ("GET", invited.target("code=x&state=wrong")),
            ("GET", invited.target("error=access_denied&state=wrong")),
            ("GET", invited.target("error=access_denied")),
            ("GET", invited.target("code=x&state=")),
            ("GET", invited.target(&format!("state={state}"))),
            ("POST", good.clone()),
            ("OPTIONS", good.clone()),
            ("HEAD", good.clone()),
        ];
        for (method, target) in strays {
            let reply = invited.ask(method, &target);
            assert_eq!(reply.status, 400, "{method} {target}");
            assert!(!reply.head.to_lowercase().contains("access-control"), "{}", reply.head);
            assert!(method == "HEAD" || reply.body.contains("not the answer"), "{}", reply.body);
        }
        for host in ["", "host: evil.example\r\n", "host: 127.0.0.1\r\n", "host: 127.0.0.1:1\r\n"] {
            let request = format!("GET {good} HTTP/1.1\r\n{host}connection: close\r\n\r\n");
            assert_eq!(common::raw::send(&at, &request).status, 400, "{host}");
        }
        assert_eq!(common::raw::send(&at, "nonsense\r\n\r\n").status, 400);
        ada(invited)
    })
    .await;
    outcome.unwrap();
    assert!(page.unwrap().unwrap().contains("You are logged in"));
}

#[tokio::test]
async fn connections_that_say_nothing_hold_nobody_up() {
    use std::io::Write as _;
    let lab = Lab::new();
    let (outcome, page) = by_code(&lab, |invited| {
        let open = |text: &str| {
            let mut stream = std::net::TcpStream::connect(invited.callback()).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            stream
        };
        let texts = ["", "G", "GET /oauth/callback?code=x", "GET / HTTP/1.1\r\nhost: x\r\n"];
        let quiet: Vec<_> = texts.iter().cycle().take(40).map(|text| open(text)).collect();
        // They outlive the login.
        (ada(invited), quiet)
    })
    .await;
    outcome.unwrap();
    assert!(page.unwrap().0.unwrap().contains("You are logged in"));
}

#[tokio::test]
async fn one_answer_counts_and_the_second_is_told_so() {
    let lab = Lab::new();
    let hold = lab.control.hold("CreateToken");
    let (outcome, second) = by_code(&lab, move |invited| {
        let again = invited.clone();
        let browser = std::thread::spawn(move || ada(invited));
        assert!(hold.wait_for(1, common::PATIENCE));
        let state = again.parameter("state");
        let reply = again.ask("GET", &again.target(&format!("code=stolen&state={state}")));
        drop(hold);
        browser.join().unwrap().unwrap();
        reply
    })
    .await;
    outcome.unwrap();
    assert!(second.unwrap().body.contains("answered already"));
    assert_eq!(lab.control.count("CreateToken"), 1);
}

#[tokio::test]
async fn only_this_machine_s_first_address_listens() {
    let lab = Lab::new();
    let (outcome, _) = by_code(&lab, |invited| {
        let port = invited.callback().split_once(':').unwrap().1.to_owned();
        for other in ["127.0.0.2", "[::1]"] {
            std::net::TcpStream::connect(format!("{other}:{port}")).unwrap_err();
        }
        ada(invited).unwrap()
    })
    .await;
    outcome.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_named_before_anybody_is_asked() {
    let lab = Lab::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = login::Options { flow: Flow::Code, redirect_port: Some(port), paste: false };
    let mut nobody = common::browser::Errand::new(|_| ());
    let plan = lab.session("corp");
    let login = login::login(&lab.host, &lab.aws(), &plan, options, &mut nobody).await;
    let error = login.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginFailed);
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    assert!(error.next_step().unwrap().contains("--use-device-code"), "{error:?}");
    assert!(nobody.done().is_none());
    assert_eq!(lab.control.count("RegisterClient"), 0);
}

#[tokio::test]
async fn a_fixed_port_is_used() {
    let lab = Lab::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let options = login::Options { flow: Flow::Code, redirect_port: Some(port), paste: false };
    let mut browser = common::browser::Errand::new(move |invited| {
        assert_eq!(invited.callback(), format!("127.0.0.1:{port}"));
        ada(invited).unwrap()
    });
    let plan = lab.session("corp");
    login::login(&lab.host, &lab.aws(), &plan, options, &mut browser).await.unwrap();
    assert!(browser.done().is_some());
}

#[tokio::test]
async fn a_registration_is_used_again_until_it_is_forgotten_or_ends() {
    let lab = Lab::new();
    lab.login("corp").await;
    lab.login("corp").await;
    assert_eq!(lab.control.count("RegisterClient"), 1);
    lab.control.forget_registrations();
    lab.login("corp").await;
    assert_eq!(lab.control.count("RegisterClient"), 2, "registered anew, once");
    // A quarter of an hour before its end it is not begun with.
    lab.pass(90 * 24 * 3600 - 800);
    lab.login("corp").await;
    assert_eq!(lab.control.count("RegisterClient"), 3);
}

#[tokio::test]
async fn a_registration_file_that_is_none_is_replaced() {
    let lab = Lab::new();
    lab.login("corp").await;
    let token = lab.cached("corp");
    let files = lab.cache_names().into_iter().map(|name| lab.host.sso_cache().join(name));
    let registration = files.into_iter().find(|path| *path != token).unwrap();
    for garbage in ["", "[1]", "7", "{\"clientId\": \"x\"}", "{\"clientId\": 3, \"exp", "\u{0}"] {
        fs::write(&registration, garbage).unwrap();
        lab.login("corp").await;
        assert!(fs::read_to_string(&registration).unwrap().contains("clientSecret"), "{garbage}");
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_named() {
    let mut house = House::new([]);
    house.set_var("AWS_ENDPOINT_URL_SSO_OIDC", &common::raw::nobody());
    let plan = house.session("corp");
    let (outcome, invited) = house.login_with(&plan, Flow::Code, ada).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::Network);
    assert!(error.message().contains("/client/register"), "{error}");
    assert!(invited.is_none());
}

#[tokio::test]
async fn a_wrong_region_or_start_url_is_told_with_its_origin() {
    let lab = Lab::new();
    let other = common::CONFIG.replace("d-9067c5bbc5", "d-0000000000");
    lab.put(".aws/config", &other);
    let (outcome, _) = by_code(&lab, ada).await;
    let shown = told(&outcome.unwrap_err());
    assert!(shown.contains("sso_region is us-east-1 (~/.aws/config:3)"), "{shown}");
}

#[tokio::test]
async fn a_link_too_old_ends_at_the_sign_in_page_and_a_second_try_succeeds() {
    let lab = Lab::with(Options { authorization_code_seconds: 1, ..common::strict() });
    let control = lab.control.clone();
    let (outcome, _) = by_code(&lab, move |invited| {
        let hold = control.hold("CreateToken");
        let browser = std::thread::spawn(move || ada(invited));
        assert!(hold.wait_for(1, common::PATIENCE));
        control.advance(Duration::from_secs(2));
        drop(hold);
        browser.join().unwrap()
    })
    .await;
    let shown = told(&outcome.unwrap_err());
    assert!(shown.contains("the authorization code has expired"), "{shown}");
    assert!(shown.contains("run the command again"), "{shown}");
    lab.login("corp").await;
}
