//! Secrets go where they must and nowhere else: sentinels are looked for in every
//! output, every file and every child's words.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{CONFIG, Machine, Outcome};
use sandbox::Options;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Long-lived keys that the home has from the start.
const STATIC: &str = "wJalrXUtnFEMISENTINELbPxRfiCYEXAMPLEKEY0";
const KEYS: [&str; 4] = ["accessToken", "refreshToken", "clientSecret", "deviceCode"];

/// A machine, and every secret seen on it so far.
struct Guard {
    machine: Machine,
    sentinels: BTreeSet<String>,
}

impl Guard {
    fn new() -> Self {
        let mut machine = Machine::with(sandbox::World::guide(), Options::default());
        machine.write("~/.aws/config", &format!("{CONFIG}{MORE}"));
        machine.write(
            "~/.aws/credentials",
            &format!("[robot]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {STATIC}\n"),
        );
        let spy = machine.root.path().join("bin/spy");
        let allow = machine.root.path().join("bin/allow");
        let log = machine.root.path().join("children");
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" >> {log}\nenv >> {log}\nexec {allow} \"$@\"\n",
            log = log.display(),
            allow = allow.display()
        );
        fs::write(&spy, script).expect("a script");
        fs::set_permissions(&spy, fs::Permissions::from_mode(0o755)).expect("a program");
        machine.set("BROWSER", &format!("{} %s", spy.display()));
        Self { machine, sentinels: BTreeSet::from([STATIC.to_owned()]) }
    }

    /// Runs a command and holds all it leaves against all secrets known by then.
    fn run(&mut self, words: &str) -> Outcome {
        self.learn();
        let outcome = self.machine.daypass(words);
        self.learn();
        for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            self.hold(&format!("{stream} of `{words}`"), text);
        }
        outcome
    }

    /// The credentials that a command is there to print are secrets from now on.
    fn disclose(&mut self, words: &str, pointers: [&str; 2]) {
        let outcome = self.machine.daypass(words).must_be(0);
        let value: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        for pointer in pointers {
            let secret = value.pointer(pointer).and_then(Value::as_str).expect("a secret");
            self.sentinels.insert(secret.to_owned());
        }
        self.hold(&format!("stderr of `{words}`"), &outcome.stderr);
    }

    /// Reads the cache for tokens and client secrets.
    fn learn(&mut self) {
        for path in files(&self.machine.home().join(".aws/sso/cache")) {
            let text = fs::read_to_string(&path).expect("a cache file");
            let value: Value = serde_json::from_str(&text).expect("JSON");
            let found = KEYS.iter().filter_map(|key| value[*key].as_str());
            self.sentinels.extend(found.map(str::to_owned));
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }

    #[track_caller]
    fn hold(&self, place: &str, text: &str) {
        for secret in &self.sentinels {
            assert!(!text.contains(secret.as_str()), "{place} holds a secret:\n{text}");
        }
        for code in ["?code=", "&code="] {
            assert!(!text.contains(code), "{place} holds a code:\n{text}");
        }
    }

    /// Every file on the machine but those that are there for it.
    fn search_files(&self) {
        let cache = self.machine.home().join(".aws/sso/cache");
        let credentials = self.machine.home().join(".aws/credentials");
        for path in files(self.machine.root.path()) {
            if path.starts_with(&cache) || path == credentials {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
            self.hold(&path.display().to_string(), &text);
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

const MORE: &str = "[profile device]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start
sso_region = us-east-1
sso_account_id = 867530900000
sso_role_name = ReadOnlyAccess
region = us-east-1
[profile publisher]
role_arn = arn:aws:iam::111111111111:role/disasters-publisher
source_profile = disasters-sso
region = us-east-1
[profile through]
credential_process = daypass configure export-credentials --profile disasters-sso
region = us-east-1
[profile broken]
credential_process = sh -c 'daypass configure export-credentials --profile disasters-sso; exit 3'
region = us-east-1
";

const COMMANDS: [&str; 17] = [
    "sso login --profile disasters-sso",
    "sso login --profile device",
    "configure sso --sso-session disasters --sso-account-id 867530900000 --sso-role-name ReadOnlyAccess --profile again",
    "configure list --profile disasters-sso",
    "configure list --profile robot",
    "configure list-profiles",
    "sts get-caller-identity --profile disasters-sso",
    "sts get-caller-identity --profile device",
    "sts get-caller-identity --profile publisher",
    "sts get-caller-identity --profile through",
    "sts get-caller-identity --profile broken",
    "sts get-caller-identity --profile robot --region us-east-1",
    "s3 ls --profile disasters-sso",
    "s3 ls nasa-disasters --profile disasters-sso",
    "sso list-accounts --profile disasters-sso",
    "sso list-account-roles --account-id 867530900000 --profile disasters-sso",
    "sso logout --sso-session disasters",
];

#[test]
fn no_command_says_a_secret() {
    let mut guard = Guard::new();
    for debug in ["", " --debug"] {
        for words in COMMANDS {
            guard.run(&format!("{words}{debug}"));
            if words.starts_with("sso login") {
                guard.disclose(
                    &format!("configure export-credentials --profile disasters-sso{debug}"),
                    ["/SecretAccessKey", "/SessionToken"],
                );
            }
        }
    }
    assert!(guard.sentinels.len() > 12, "{:?}", guard.sentinels.len());
    guard.search_files();
}

#[test]
fn no_error_says_a_secret() {
    let mut guard = Guard::new();
    let control = guard.machine.control();
    guard.run("sso login --profile disasters-sso").must_be(0);
    guard.disclose(
        "sso get-role-credentials --account-id 867530900000 --role-name ReadOnlyAccess --profile disasters-sso --debug",
        ["/roleCredentials/secretAccessKey", "/roleCredentials/sessionToken"],
    );
    let who = "sts get-caller-identity --profile disasters-sso --debug";
    for operation in ["GetRoleCredentials", "GetCallerIdentity"] {
        for fault in faults() {
            control.fail_next(operation, fault, 3);
            guard.run(who);
            control.clear_faults();
        }
    }
    for fault in faults() {
        control.fail_next("CreateToken", fault, 3);
        guard.machine.age_tokens(Duration::from_secs(5400));
        guard.run(who);
        control.clear_faults();
        guard.run("sso login --profile disasters-sso --debug");
    }
    guard.search_files();
}

/// Among them a service that sends back what it was sent.
fn faults() -> Vec<sandbox::Fault> {
    use sandbox::Fault::{Bare, DropAfter, DropBefore, Status, Truncate};
    vec![
        Bare(500),
        Status(400, "InvalidGrantException".to_owned()),
        DropBefore,
        DropAfter,
        Truncate,
    ]
}

#[test]
fn an_umask_of_zero_opens_no_file() {
    let guard = Guard::new();
    let outcome = guard.machine.shell("umask 0; daypass sso login --profile disasters-sso --debug");
    outcome.must_be(0);
    let aws = guard.machine.home().join(".aws/sso/cache");
    for path in files(&aws).into_iter().chain([aws.clone(), aws.join("..")]) {
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}
