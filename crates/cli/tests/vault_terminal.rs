//! What the vault asks and says on a terminal, and nowhere else.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]
#![allow(clippy::print_stderr, reason = "what was skipped or counted must be seen")]

mod common;

use common::talk::{ENTER, Talk};
use common::{Machine, Outcome};
use sandbox::{Options, World};

const SECRET: &str = "wJalrXUtnFEMI/K8MDENG/bPxRfiCYEXAMPLEKEY";
const DEVICE: &str = "arn:aws:iam::111111111111:mfa/ada";
const WHO: &str = "sts get-caller-identity --profile disasters-sso --query Account";
const ANNOUNCED: &str = "Credentials are kept sealed on this machine";

const KEYS: &str = r#"
[organization]
start_url = "https://d-9067c5bbc5.awsapps.com/start"
region = "us-east-1"
[[account]]
id = "111111111111"
[[role]]
name = "publisher"
account = "111111111111"
trusts = ["111111111111"]
[[iam_key]]
access_key_id = "AKIAIOSFODNN8EXAMPLE"
secret_access_key = "wJalrXUtnFEMI/K8MDENG/bPxRfiCYEXAMPLEKEY"
user = "ada"
account = "111111111111"
mfa_serial = "arn:aws:iam::111111111111:mfa/ada"
mfa_code = "123456"
"#;

/// A machine with a key in a file, in a world of long-lived keys.
fn with_keys() -> Machine {
    let world = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(world.path(), KEYS).expect("written");
    let machine = Machine::with(World::load(world.path()).expect("a world"), Options::default());
    machine.daypass("vault use key-file --key-file ~/key").must_be(0);
    machine
}

fn add_key(machine: &Machine, words: &str) -> String {
    let mut talk = Talk::start(machine, words);
    talk.answer("AWS Access Key ID:", "AKIAIOSFODNN8EXAMPLE");
    let mut screen = talk.see("AWS Secret Access Key: ");
    talk.press(&format!("{SECRET}{ENTER}"));
    screen += &talk.see("is sealed.");
    screen + &talk.end(0)
}

#[test]
fn a_long_lived_key_is_asked_for_and_its_secret_is_not_shown() {
    let machine = with_keys();
    let screen = add_key(&machine, &format!("vault add ada --mfa-serial {DEVICE}"));
    assert!(!screen.contains("wJalr"), "{screen}");
    assert!(machine.read("~/.aws/config").contains("daypass_keys = ada"));
}

#[test]
fn a_temporary_key_is_refused_before_its_secret_is_asked_for() {
    let machine = with_keys();
    let mut talk = Talk::start(&machine, "vault add ada");
    talk.answer("AWS Access Key ID:", "ASIAIOSFODNN8EXAMPLE");
    let rest = talk.end(1);
    assert!(rest.contains("temporary") && !rest.contains("Secret Access Key:"), "{rest}");
    assert_eq!(machine.read("~/.aws/config"), "");
}

#[test]
fn a_code_is_asked_for_on_a_terminal_and_never_by_a_credential_process() {
    let machine = with_keys();
    add_key(&machine, "vault add ada");
    let config = machine.read("~/.aws/config");
    let chain = format!(
        "[profile chained]\nrole_arn = arn:aws:iam::111111111111:role/publisher\n\
         source_profile = ada\nmfa_serial = {DEVICE}\nregion = us-east-1\n"
    );
    machine.write("~/.aws/config", &(config + &chain));
    let refused = Talk::start(&machine, "credential-process --profile chained").end(1);
    assert!(refused.contains("needs an MFA code") && !refused.contains("Enter MFA"), "{refused}");
    let unasked = machine.daypass("sts get-caller-identity --profile chained").must_be(255);
    assert!(unasked.stderr.contains("there is no terminal"), "{}", unasked.stderr);
    let mut talk = Talk::start(&machine, "sts get-caller-identity --profile chained --query Arn");
    talk.answer(&format!("Enter MFA code for {DEVICE}:"), "123456");
    talk.see("assumed-role/publisher");
    talk.end(0);
    // What the code has bought is kept.
    machine.daypass("credential-process --profile chained").must_be(0);
}

#[test]
fn the_key_s_place_is_announced_once_and_to_people_only() {
    let machine = Machine::logged_in(Options::default());
    let piped = machine.daypass(WHO).must_be(0);
    assert_eq!(piped.stderr, "");
    let process = Talk::start(&machine, "credential-process --profile disasters-sso").end(0);
    assert!(!process.contains("sealed"), "{process}");
    let (first, second) = (Talk::start(&machine, WHO).end(0), Talk::start(&machine, WHO).end(0));
    assert!(first.contains(ANNOUNCED) && first.contains("vault use"), "{first}");
    assert!(!second.contains(ANNOUNCED), "{second}");
}

/// A machine whose key is sealed by a passphrase, or none where the kernel keeps no
/// copy of it.
fn with_passphrase(flags: &str) -> Machine {
    let machine = Machine::logged_in(Options::default());
    machine.daypass("credential-process --profile disasters-sso").must_be(0);
    let mut talk = Talk::start(&machine, &format!("vault use passphrase{flags}"));
    talk.answer("New passphrase of daypass' store: ", "correct horse");
    talk.answer("The same again: ", "correct horse");
    talk.see("The key is in passphrase now; 1 record was sealed anew.");
    let rest = talk.end(0);
    assert!(!rest.contains("horse"), "{rest}");
    machine
}

fn process(machine: &Machine) -> Outcome {
    machine.daypass("credential-process --profile disasters-sso")
}

#[test]
fn two_passphrases_that_differ_are_asked_for_again() {
    let machine = with_keys();
    let mut talk = Talk::start(&machine, "vault use passphrase");
    talk.answer("New passphrase of daypass' store: ", "correct horse");
    talk.answer("The same again: ", "correct hose");
    talk.see("The two are not the same.");
    talk.answer("New passphrase of daypass' store: ", "");
    talk.answer("The same again: ", "");
    talk.see("an empty passphrase protects nothing");
    talk.end(1);
    assert!(machine.read("~/.aws/daypass/vault/vault.toml").contains("key-file"));
}

#[test]
fn an_uncached_passphrase_is_asked_for_each_time_and_never_by_a_credential_process() {
    let machine = with_passphrase(" --no-cache");
    let mut talk = Talk::start(&machine, "vault list");
    talk.answer("Passphrase of daypass' store: ", "correct horse");
    talk.see("role credentials");
    talk.end(0);
    // It cannot keep what it gets, and serves all the same.
    let fetched = machine.control().count_ok("GetRoleCredentials");
    process(&machine).must_be(0);
    assert_eq!(machine.control().count_ok("GetRoleCredentials"), fetched + 1);
    let mut talk = Talk::start(&machine, "vault list");
    talk.answer("Passphrase of daypass' store: ", "wrong");
    let rest = talk.end(1);
    assert!(rest.contains("hint"), "{rest}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_cached_passphrase_is_asked_for_once() {
    let machine = with_passphrase("");
    let settings = machine.read("~/.aws/daypass/vault/vault.toml");
    let slot = settings.lines().find_map(|line| line.strip_prefix("slot = ")).expect("a slot");
    let forget =
        format!("keyctl unlink $(keyctl search @u user daypass:{}) @u", slot.trim_matches('"'));
    if machine.shell(&forget).code() != 0 {
        eprintln!("SKIPPED: no keyctl, or no kernel keyring");
        return;
    }
    let mut talk = Talk::start(&machine, "vault list");
    talk.answer("Passphrase of daypass' store: ", "correct horse");
    talk.see("role credentials");
    talk.end(0);
    let again = Talk::start(&machine, "vault list").end(0);
    assert!(again.contains("role credentials") && !again.contains("Passphrase"), "{again}");
    let fetched = machine.control().count_ok("GetRoleCredentials");
    process(&machine).must_be(0);
    assert_eq!(machine.control().count_ok("GetRoleCredentials"), fetched, "the copy serves");
}
