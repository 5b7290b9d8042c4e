//! Secrets go where they must and nowhere else: sentinels are looked for in every
//! output, every file and every child's words.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]
#![allow(clippy::print_stderr, reason = "what was skipped or counted must be seen")]

mod common;

use common::{CONFIG, Machine, Outcome, PATIENCE, finish, until};
use daypass_core::store::Store;
use sandbox::Options;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::Store as _;

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
        self.learn_sealed();
    }

    /// Reads the store, whose key the test has as well.
    fn learn_sealed(&mut self) {
        const WORDS: [&str; 6] = [
            "accessToken",
            "refreshToken",
            "clientSecret",
            "secretAccessKey",
            "SecretAccessKey",
            "SessionToken",
        ];
        let store = Store::in_home(&self.machine.home());
        for name in store.names().unwrap_or_default() {
            let body = store.load(&name).expect("a store").expect("a record");
            let text = String::from_utf8_lossy(body.expose()).into_owned();
            let values = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            for value in values.filter(Value::is_object) {
                let found = WORDS.iter().filter_map(|word| value[*word].as_str());
                self.sentinels.extend(found.map(str::to_owned));
            }
        }
    }

    /// Runs a command that is there to print credentials, on standard output.
    fn run_discloser(&mut self, words: &str) {
        let outcome = self.machine.daypass(words).must_be(0);
        self.learn();
        self.hold(&format!("stderr of `{words}`"), &outcome.stderr);
    }

    /// Every file of the home directory, and of the places of locks and keys.
    fn search_everywhere(&self) {
        let user = fs::metadata(self.machine.root.path()).map(|meta| meta.uid()).unwrap_or(0);
        let mut places = vec![self.machine.root.path().to_owned()];
        let outside = [
            format!("/run/user/{user}/daypass"),
            format!("/tmp/daypass-{user}"),
            format!("/dev/shm/daypass-{user}"),
        ];
        places.extend(outside.map(PathBuf::from));
        for path in places.iter().flat_map(|place| files(place)) {
            let bytes = fs::read(&path).unwrap_or_default();
            self.hold(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        }
    }

    /// The command line and the variables of every process that we may look at.
    #[cfg(target_os = "linux")]
    fn search_processes(&self) {
        let entries = fs::read_dir("/proc").expect("processes").flatten();
        for path in entries.map(|entry| entry.path()) {
            for what in ["cmdline", "environ"] {
                let bytes = fs::read(path.join(what)).unwrap_or_default();
                self.hold(&path.join(what).display().to_string(), &String::from_utf8_lossy(&bytes));
            }
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

const COMMANDS: [&str; 21] = [
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
    "status --output json --online",
    "status",
    "status --prompt --profile disasters-sso",
    "whoami --profile disasters-sso --output json",
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

/// The rest of the commands, with the login sealed from here on.
const SEALED: [&str; 9] = [
    "vault status",
    "vault list",
    "vault list --output json",
    "vault use key-file --key-file ~/key",
    "vault use memory-dir",
    "sts get-caller-identity --profile disasters-sso",
    "sts get-caller-identity --profile publisher",
    "configure list --profile disasters-sso",
    "exec --profile disasters-sso -- true",
];

const DISCLOSERS: [&str; 3] = [
    "credential-process --profile disasters-sso",
    "env --profile disasters-sso",
    "configure export-credentials --profile publisher",
];

/// With the policy `process` nothing is in plain text, anywhere.
#[test]
fn a_sealed_login_is_in_no_file_no_output_and_no_log() {
    let mut guard = Guard::new();
    fs::remove_file(guard.machine.home().join(".aws/credentials")).expect("removed");
    guard.run("sso login --profile disasters-sso").must_be(0);
    guard.run("vault on --sso-session disasters --debug").must_be(0);
    for debug in ["", " --debug"] {
        for words in DISCLOSERS {
            guard.machine.age_tokens(Duration::from_secs(5400));
            guard.run_discloser(&format!("{words}{debug}"));
        }
        for words in SEALED {
            let split = words.replace("~", &guard.machine.home().display().to_string());
            let (command, rest) = split.split_once(" -- ").unwrap_or((&split, ""));
            let rest = if rest.is_empty() { String::new() } else { format!(" -- {rest}") };
            guard.run(&format!("{command}{debug}{rest}")).must_be(0);
        }
        guard.search_everywhere();
    }
    guard.machine.control().fail_next("CreateToken", sandbox::Fault::Bare(500), 9);
    guard.machine.age_tokens(Duration::from_secs(5400));
    guard.run("credential-process --profile disasters-sso --debug");
    guard.machine.control().clear_faults();
    guard.run("sso login --profile disasters-sso --debug").must_be(0);
    assert!(guard.sentinels.len() > 16, "{}", guard.sentinels.len());
    guard.search_everywhere();
}

#[cfg(target_os = "linux")]
#[test]
fn no_process_shows_a_secret_to_the_others() {
    let mut guard = Guard::new();
    fs::remove_file(guard.machine.home().join(".aws/credentials")).expect("removed");
    guard.run("sso login --profile disasters-sso").must_be(0);
    guard.run("vault on --sso-session disasters").must_be(0);
    guard.run_discloser(DISCLOSERS[0]);
    let mut child = guard.machine.start_daypass(
        "exec --profile disasters-sso -- sh -c echo${IFS}ready;exec${IFS}sleep${IFS}60",
    );
    child.says("ready");
    let mut server = guard.machine.start_daypass("serve --profile disasters-sso");
    until("it serves", || !server.stdout().is_empty() || !server.stderr().is_empty());
    guard.search_processes();
    guard.hold("what serve says", &(server.stdout() + &server.stderr()));
    for job in [&mut child, &mut server] {
        job.child.kill().expect("it runs");
    }
    finish(child);
    finish(server);
    guard.search_everywhere();
}

/// While a secret is in memory there is no core dump, and nobody but root looks into it.
#[cfg(target_os = "linux")]
#[test]
fn the_memory_of_a_process_is_its_own() {
    let machine = Machine::logged_in(Options::default());
    machine.daypass("vault use key-file --key-file ~/key").must_be(0);
    let is_root = fs::metadata("/proc/self").expect("processes").uid() == 0;
    let drop = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let as_other = |words: &[&str]| {
        let mut command = machine.command(if is_root { "setpriv" } else { words[0] });
        if is_root {
            command.args(drop).args(words);
        } else {
            command.args(&words[1..]);
        }
        command
    };
    if is_root {
        let root = machine.root.path().display();
        machine.shell(&format!("chown -R 65534:65534 {root}")).must_be(0);
        if !as_other(&["true"]).status().is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: no setpriv to become somebody else with");
            return;
        }
    }
    let hold = machine.control().hold("GetRoleCredentials");
    let daypass = env!("CARGO_BIN_EXE_daypass");
    let job =
        machine.start(as_other(&[daypass, "credential-process", "--profile", "disasters-sso"]));
    assert!(hold.wait_for(1, PATIENCE), "nobody asks: {}", job.stderr());
    let pid = job.child.id();
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let mut idle = as_other(&["sleep", "60"]).spawn().expect("a child");
    let read = |pid: u32, what: &str| {
        let path = format!("/proc/{pid}/{what}");
        finish(machine.start(as_other(&["head", "-c", "1", &path]))).code() == 0
    };
    until("sleep can be looked at", || read(idle.id(), "environ"));
    for what in ["environ", "mem", "maps", "auxv"] {
        assert!(!read(pid, what), "/proc/{pid}/{what} can be read");
    }
    idle.kill().and_then(|()| idle.wait()).expect("ended");
    std::mem::drop(hold);
    finish(job).must_be(0);
}
