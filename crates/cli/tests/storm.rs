//! Storms: very many credential processes at once, on a login that has ended and no role
//! credentials, with some of them killed at every step; and a service that takes a
//! refresh token used twice for theft.
//!
//! `cargo xtask storm` runs them in full size: 20 rounds of 200 processes.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]
#![allow(clippy::print_stdout, reason = "what was skipped or counted must be seen")]

mod common;

use common::storm::{Chance, Clerk, Size, Storm};
use common::{CONFIG, Machine};
use sandbox::Options;
use std::fs;

/// Plays every round and says what it took.
fn weather(name: &str, machine: &Machine, clerk: Option<&Clerk>) {
    let (size, mut chance) = (Size::of_test(), Chance::of_test());
    for round in 0..size.rounds {
        let tally = Storm::new(machine, clerk, size.processes).round(round, &mut chance);
        println!("{name}, round {round}: {tally}");
    }
    machine.daypass("credential-process --profile disasters-sso").must_be(0);
}

fn machine() -> Machine {
    let options = Options::default();
    assert!(options.rotate_refresh_tokens && options.revoke_family_on_reuse);
    assert_eq!(options.refresh_grace_seconds, 0);
    Machine::logged_in(options)
}

fn sealed(policy: &str) -> Machine {
    let machine = machine();
    machine.daypass(&format!("vault on --sso-session disasters --policy {policy}")).must_be(0);
    machine
}

#[test]
fn of_a_token_in_the_shared_cache() {
    weather("shared", &machine(), None);
}

#[test]
fn of_a_sealed_token() {
    let machine = sealed("process");
    weather("process", &machine, None);
    assert_eq!(machine.tokens(), [], "nothing is left in plain text");
}

#[test]
fn of_a_sealed_token_with_its_mirror() {
    let machine = sealed("mirror");
    weather("mirror", &machine, None);
    let (_, mirror) = machine.tokens().pop().expect("the mirror");
    assert!(mirror["refreshToken"].is_null() && mirror["clientSecret"].is_null());
}

#[test]
fn while_another_tool_rewrites_the_shared_cache_in_place() {
    let clerk = Clerk::Copies;
    weather("shared, rewritten in place", &machine(), Some(&clerk));
}

#[test]
fn while_another_tool_logs_in_beside_sealed_tokens() {
    for policy in ["process", "mirror"] {
        let machine = sealed(policy);
        let foreign = foreign_login(&machine);
        let clerk = Clerk::Writes(foreign);
        weather(&format!("{policy}, another tool logs in"), &machine, Some(&clerk));
        // Its last word is taken in by whoever needs the login next.
        machine.forget_roles();
        machine.daypass("credential-process --profile disasters-sso").must_be(0);
        let secrets = machine.tokens().into_iter().filter(|(_, t)| !t["refreshToken"].is_null());
        assert_eq!(secrets.count(), 0, "{policy}: what it wrote is in the store");
    }
}

#[test]
fn on_a_home_directory_that_cannot_lock() {
    let machine = machine();
    let locks = machine.home().join(".aws/daypass/locks");
    fs::remove_dir_all(&locks).expect("the locks");
    fs::write(&locks, "").expect("a file");
    weather("no locks in the home directory", &machine, None);
}

/// What another tool would write, had somebody logged in with it.
fn foreign_login(machine: &Machine) -> String {
    let home = machine.root.path().join("home/other");
    fs::create_dir_all(home.join(".aws")).expect("a home");
    fs::write(home.join(".aws/config"), CONFIG).expect("written");
    let mut command = machine.command(env!("CARGO_BIN_EXE_daypass"));
    command.args(["sso", "login", "--sso-session", "disasters"]).env("HOME", &home);
    common::finish(machine.start(command)).must_be(0);
    let files = fs::read_dir(home.join(".aws/sso/cache")).expect("the cache");
    let texts = files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text"));
    texts.into_iter().find(|text| text.contains("accessToken")).expect("a token")
}
