//! `daypass serve`: the endpoint as programs and people meet it.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::ask::{Answer, ask, credentials};
use common::{CONFIG, Job, Machine, finish, until};
use sandbox::Options;
use std::path::PathBuf;
use std::process::Command;

/// A server that is ready, and what it has printed.
struct Serving {
    job: Job,
    lines: String,
}

impl Serving {
    fn start(machine: &Machine, options: &str) -> Self {
        let words = format!("serve --profile disasters-sso --format sh {options}");
        let job = machine.start_daypass(&words);
        until("it serves", || job.stderr().contains("# Serving until Ctrl-C"));
        Self { lines: job.stdout(), job }
    }

    fn variable(&self, name: &str) -> String {
        let start = format!("export {name}=");
        let value = self.lines.lines().find_map(|line| line.strip_prefix(&start));
        value.unwrap_or_else(|| panic!("no {name} in {}", self.lines)).to_owned()
    }

    fn uri(&self) -> String {
        self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    }

    fn token(&self) -> String {
        self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    }

    fn file(&self) -> PathBuf {
        PathBuf::from(self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    }

    fn at(&self, path: &str) -> String {
        let uri = self.uri();
        let end = uri.find("/creds/").expect("a path");
        format!("{}{path}", &uri[..end])
    }

    /// As an SDK asks.
    fn credentials(&self) -> Answer {
        credentials(&self.uri(), &self.token()).expect("it listens")
    }

    fn kill(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.job.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }
}

fn short(seconds: u64) -> Options {
    Options { role_credentials_seconds: Some(seconds), ..Options::default() }
}

#[test]
fn it_prints_what_leads_the_sdks_there_and_nothing_else_could() {
    let machine = Machine::logged_in(Options::default());
    let serving = Serving::start(&machine, "");
    assert!(serving.uri().starts_with("http://127.0.0.1:"));
    assert!(serving.uri().ends_with("/creds/disasters-sso"));
    assert_eq!(std::fs::read_to_string(serving.file()).expect("a file"), serving.token());
    assert_eq!(serving.variable("AWS_REGION"), "us-east-1");
    assert_eq!(serving.variable("AWS_EC2_METADATA_DISABLED"), "true");
    let unset = serving.lines.lines().next().expect("a line");
    assert!(unset.starts_with("unset AWS_ACCESS_KEY_ID "), "{unset}");
    assert!(unset.contains(" AWS_PROFILE ") && unset.contains(" AWS_ROLE_ARN"), "{unset}");
    let json = serving.credentials().json();
    for key in ["SecretAccessKey", "Token", "Expiration", "AccountId", "LastUpdated"] {
        assert!(json[key].is_string(), "{key} in {json}");
    }
    assert_eq!((&json["Code"], &json["Type"]), (&"Success".into(), &"AWS-HMAC".into()));
    assert!(json["Expiration"].as_str().expect("a time").ends_with('Z'));
    let pod = credentials(&serving.at("/v1/credentials"), &serving.token()).expect("it listens");
    assert_eq!(pod.key(), serving.credentials().key());
    let before = machine.control().count("GetRoleCredentials");
    for _ in 0..50 {
        serving.credentials().key();
    }
    assert_eq!(machine.control().count("GetRoleCredentials"), before, "it answers from memory");
}

#[test]
fn its_own_log_holds_no_secret() {
    let machine = Machine::logged_in(Options::default());
    let serving = Serving::start(&machine, "--debug");
    let json = serving.credentials().json();
    let said = serving.job.stderr();
    assert!(said.contains("/creds/disasters-sso"), "it logs requests: {said}");
    let secrets = ["SecretAccessKey", "Token"].map(|key| json[key].as_str().expect("text"));
    let shown = |secret: &&str| said.contains(*secret);
    assert!(!secrets.iter().any(shown) && !said.contains(&serving.token()), "{said}");
}

#[test]
fn a_default_profile_with_credentials_does_not_come_first() {
    let machine = Machine::logged_in(Options::default());
    let default = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n";
    machine.write("~/.aws/credentials", default);
    let serving = Serving::start(&machine, "");
    let copy = PathBuf::from(serving.variable("AWS_SHARED_CREDENTIALS_FILE"));
    assert!(!std::fs::read_to_string(&copy).expect("a copy").contains("AKIA"));
    serving.kill("-TERM");
    finish(serving.job).must_be(0);
    assert!(!copy.exists());
}

#[test]
fn whoever_is_not_meant_is_refused() {
    let machine = Machine::logged_in(Options::default());
    let serving = Serving::start(&machine, "");
    let (uri, token) = (serving.uri(), serving.token());
    let bearer = ("Authorization", token.as_str());
    let other = serving.at("/creds/other");
    for (method, uri, headers, status) in [
        ("GET", &uri, &[][..], 401),
        ("GET", &uri, &[("Authorization", "guess")], 401),
        ("GET", &uri, &[bearer, ("Host", "rebound.example")], 403),
        ("GET", &uri, &[bearer, ("Origin", "https://evil.example")], 403),
        ("POST", &uri, &[bearer], 405),
        ("PUT", &uri, &[bearer], 405),
        ("GET", &other, &[bearer], 404),
        ("GET", &serving.at("/latest/api/token"), &[bearer], 404),
    ] {
        let answer = ask(method, uri, headers).expect("it listens");
        assert_eq!(answer.status, status, "{method} {uri} {headers:?}");
        assert!(answer.json()["code"].is_string(), "{answer:?}");
        assert!(answer.head.to_lowercase().contains("cache-control: no-store"), "{answer:?}");
        assert!(!answer.body.contains("Secret") && !answer.body.contains(&token), "{answer:?}");
    }
    assert_eq!(serving.credentials().status, 200);
}

#[test]
fn credentials_are_renewed_before_they_end() {
    let machine = Machine::logged_in(short(6));
    let serving = Serving::start(&machine, "");
    let first = serving.credentials().key();
    until("there are new ones", || serving.credentials().key() != first);
    let second = serving.credentials().key();
    until("and again", || serving.credentials().key() != second);
}

#[test]
fn the_end_of_the_session_is_said_once_what_lives_is_served_and_then_it_ends() {
    let machine = Machine::logged_in(short(20));
    let serving = Serving::start(&machine, "");
    let key = serving.credentials().key();
    machine.control().revoke_sessions();
    let command = "hint: run `daypass sso login --sso-session disasters` in another terminal";
    until("it says so", || serving.job.stderr().contains(command));
    assert_eq!(serving.credentials().key(), key, "what lives is served");
    let ended = finish(serving.job).must_be(4);
    assert_eq!(ended.stderr.matches(command).count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("error: cannot get credentials for profile `disasters-sso`"));
    assert_eq!(ended.stdout, serving.lines);
}

#[test]
fn a_new_login_is_noticed_by_itself() {
    let machine = Machine::logged_in(short(30));
    let serving = Serving::start(&machine, "");
    let key = serving.credentials().key();
    machine.control().revoke_sessions();
    until("it says so", || serving.job.stderr().contains("in another terminal"));
    machine.daypass("sso login --sso-session disasters").must_be(0);
    until("it goes on", || serving.job.stderr().contains("are renewed again"));
    assert_ne!(serving.credentials().key(), key);
}

#[test]
fn a_client_that_comes_when_nothing_is_left_learns_the_command() {
    let machine = Machine::logged_in(short(3));
    // Long-lived keys beside it: they keep the server from ending.
    machine.write(
        "~/.aws/credentials",
        "[keys]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n",
    );
    let serving = Serving::start(&machine, "--profiles keys");
    let keys = credentials(&serving.at("/creds/keys"), &serving.token()).expect("it listens");
    assert_eq!((keys.key(), &keys.json()["Token"]), ("AKIAEXAMPLE".to_owned(), &"".into()));
    machine.control().revoke_sessions();
    until("nothing is left", || serving.credentials().status != 200);
    until("and it is known why", || serving.credentials().status == 403);
    let json = serving.credentials().json();
    assert_eq!(json["code"], "LoginNeeded");
    let message = json["message"].as_str().expect("a message");
    assert!(message.contains("run `daypass sso login --sso-session disasters`"), "{message}");
    assert!(!message.contains('\n'));
}

#[test]
fn each_named_profile_has_its_path_and_no_other_is_served() {
    let machine = Machine::logged_in(Options::default());
    let more = "[profile \"read only\"]\nsso_session = disasters\nsso_account_id = 867530900000\nsso_role_name = ReadOnlyAccess\n[profile admin]\nsso_session = disasters\nsso_account_id = 867530900000\nsso_role_name = Project-Admin\n";
    machine.write("~/.aws/config", &format!("{CONFIG}{more}"));
    let mut command = machine.command(env!("CARGO_BIN_EXE_daypass"));
    command.args(["serve", "--profile", "disasters-sso", "--format", "sh"]);
    command.args(["--profiles", "read only"]);
    let job = machine.start(command);
    until("it serves", || job.stderr().contains("# Profile read only: "));
    let serving = Serving { lines: job.stdout(), job };
    let ask = |path: &str| credentials(&serving.at(path), &serving.token()).expect("it listens");
    assert_ne!(ask("/creds/read%20only").key(), ask("/creds/disasters-sso").key());
    assert_eq!(ask("/creds/admin").status, 404, "nobody named it");
    let unknown = machine.daypass("serve --profile disasters-sso --profiles nobody").must_be(1);
    assert!(unknown.stderr.contains("The config profile (nobody) could not be found"));
}

#[test]
fn it_leaves_nothing_behind_however_it_is_asked_to_end() {
    let machine = Machine::logged_in(Options::default());
    for signal in ["-INT", "-TERM", "-HUP"] {
        let serving = Serving::start(&machine, "");
        let file = serving.file();
        assert!(file.exists());
        serving.kill(signal);
        finish(serving.job).must_be(0);
        assert!(!file.parent().expect("a directory").exists(), "{signal}");
    }
}

#[test]
fn what_a_killed_one_leaves_is_swept_by_the_next() {
    let machine = Machine::logged_in(Options::default());
    let serving = Serving::start(&machine, "");
    let file = serving.file();
    serving.kill("-KILL");
    finish(serving.job).must_be(128 + 9);
    let next = Serving::start(&machine, "");
    assert!(!file.parent().expect("a directory").exists());
    assert_eq!(next.credentials().status, 200);
}

#[test]
fn a_fixed_port_keeps_address_and_token_file_the_same() {
    let machine = Machine::logged_in(Options::default());
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    let taken = machine.daypass(&format!("serve --profile disasters-sso --port {port}")).must_be(1);
    assert!(taken.stderr.contains("hint: choose another --port"), "{}", taken.stderr);
    assert_eq!(taken.stdout, "");
    drop(free);
    let first = Serving::start(&machine, &format!("--port {port}"));
    let (uri, file, token) = (first.uri(), first.file(), first.token());
    first.kill("-TERM");
    finish(first.job).must_be(0);
    let second = Serving::start(&machine, &format!("--port {port}"));
    assert_eq!((second.uri(), second.file()), (uri, file));
    assert_ne!(second.token(), token, "but never the token");
}

#[test]
fn without_a_login_it_does_not_begin() {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    let refused = machine.daypass("serve --profile disasters-sso").must_be(4);
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.contains("hint: run `daypass sso login --sso-session disasters`"));
}

#[test]
fn the_metadata_service_takes_version_2_only() {
    let machine = Machine::logged_in(Options::default());
    let serving = Serving::start(&machine, "--imds");
    let base = serving.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let roles = format!("{base}/latest/meta-data/iam/security-credentials/");
    assert_eq!(ask("GET", &roles, &[]).expect("it listens").status, 401);
    let ttl = ("X-aws-ec2-metadata-token-ttl-seconds", "60");
    let begin = format!("{base}/latest/api/token");
    assert_eq!(ask("PUT", &begin, &[]).expect("it listens").status, 400);
    let forwarded = ask("PUT", &begin, &[ttl, ("X-Forwarded-For", "10.0.0.1")]);
    assert_eq!(forwarded.expect("it listens").status, 403);
    let session = ask("PUT", &begin, &[ttl]).expect("it listens").body;
    let header = ("X-aws-ec2-metadata-token", session.as_str());
    let role = ask("GET", &roles, &[header]).expect("it listens").body;
    assert_eq!(role, "disasters-sso");
    let answer = ask("GET", &format!("{roles}{role}"), &[header]).expect("it listens");
    assert_eq!(answer.key(), serving.credentials().key());
    let rebound = ask("GET", &roles, &[header, ("Host", "rebound.example")]);
    assert_eq!(rebound.expect("it listens").status, 403);
}

#[test]
fn a_recipe_names_what_is_served() {
    let machine = Machine::logged_in(Options::default());
    let job = machine.start_daypass("serve --profile disasters-sso --for compose");
    until("it serves", || job.stderr().contains("# Serving until Ctrl-C"));
    let text = job.stdout();
    assert!(text.starts_with("services:\n"), "{text}");
    assert!(text.contains("/creds/disasters-sso\"") && text.contains("/token\""), "{text}");
    assert!(job.stderr().contains("# With --port,"), "{}", job.stderr());
    assert!(!text.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN:"), "no token in a file: {text}");
}
