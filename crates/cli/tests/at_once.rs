//! Many processes and one refresh token, which works once: spent twice, it ends the
//! session of all of them.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, PATIENCE, finish, until};
use sandbox::{Control, Options};
use std::path::PathBuf;
use std::time::Duration;

const WHO: &str = "sts get-caller-identity --profile disasters-sso --query Account";
const AN_HOUR_AND_A_HALF: Duration = Duration::from_secs(5400);

/// Grants of CreateToken to a refresh token.
fn refreshes(control: &Control) -> usize {
    let journal = control.journal();
    let asked = journal.iter().filter(|entry| entry.operation == "CreateToken");
    asked.filter(|entry| entry.subject.as_deref() == Some("refresh_token")).count()
}

#[test]
fn twenty_processes_refresh_once() {
    let machine = Machine::logged_in(Options::default());
    let control = machine.control();
    machine.age_tokens(AN_HOUR_AND_A_HALF);
    let hold = control.hold("CreateToken");
    let jobs: Vec<_> = (0..20).map(|_| machine.start_daypass(WHO)).collect();
    assert!(hold.wait_for(1, PATIENCE), "nobody refreshes");
    drop(hold);
    for outcome in jobs.into_iter().map(finish) {
        assert_eq!(outcome.must_be(0).stdout, "\"867530900000\"\n");
    }
    assert_eq!(refreshes(&control), 1);
    assert_eq!(control.count_ok("GetRoleCredentials"), 1);
}

/// Who has read the config file before the login is moved asks in the old place for it.
#[test]
fn a_login_that_moves_is_found_by_all_who_wait_for_it() {
    let machine = Machine::logged_in(Options::default());
    let control = machine.control();
    for words in ["vault on", "vault on --policy mirror", "vault on", "vault off"] {
        machine.age_tokens(AN_HOUR_AND_A_HALF);
        let before = refreshes(&control);
        let hold = control.hold("CreateToken");
        let mut jobs = vec![machine.start_daypass(WHO)];
        assert!(hold.wait_for(1, PATIENCE), "nobody refreshes");
        let moving = machine.start_daypass(words);
        jobs.extend((0..8).map(|_| machine.start_daypass(WHO)));
        drop(hold);
        finish(moving).must_be(0);
        for outcome in jobs.into_iter().map(finish) {
            outcome.must_be(0);
        }
        assert_eq!(refreshes(&control), before + 1, "{words}");
    }
}

#[test]
fn a_refused_token_is_renewed_once_for_all() {
    let machine = Machine::logged_in(Options::default());
    let control = machine.control();
    control.revoke_access_tokens();
    let hold = control.hold("GetRoleCredentials");
    let jobs: Vec<_> = (0..8).map(|_| machine.start_daypass(WHO)).collect();
    assert!(hold.wait_for(1, PATIENCE), "nobody asks");
    drop(hold);
    for outcome in jobs.into_iter().map(finish) {
        outcome.must_be(0);
    }
    assert_eq!(refreshes(&control), 1);
}

#[test]
fn a_process_killed_in_its_refresh_is_no_obstacle() {
    let machine = Machine::logged_in(Options::default());
    let control = machine.control();
    machine.age_tokens(AN_HOUR_AND_A_HALF);
    let before = machine.tokens();
    let hold = control.hold("CreateToken");
    let mut killed = machine.start_daypass(WHO);
    assert!(hold.wait_for(1, PATIENCE), "nobody refreshes");
    killed.child.kill().expect("SIGKILL");
    assert_eq!(finish(killed).code(), 128 + 9);
    assert_eq!(machine.tokens(), before, "the old token is whole");
    let next = machine.start_daypass(WHO);
    assert!(hold.wait_for(2, PATIENCE), "the lock outlives its holder");
    drop(hold);
    finish(next).must_be(0);
    assert_eq!(machine.tokens().len(), 1);
    for path in leftovers(&machine) {
        let bytes = std::fs::read(&path).expect("a file");
        let blank = bytes.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(blank, "{} holds something", path.display());
    }
    machine.daypass(WHO).must_be(0);
}

/// Files in the cache that are neither token nor registration: the room that was
/// taken for a token, by somebody who was killed.
fn leftovers(machine: &Machine) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(machine.home().join(".aws/sso/cache")).expect("the cache");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_none_or(|end| end != "json")).collect()
}

#[test]
fn a_login_and_a_logout_beside_refreshes_leave_no_torn_file() {
    let machine = Machine::logged_in(Options::default());
    machine.age_tokens(AN_HOUR_AND_A_HALF);
    let login = machine.start_daypass("sso login --sso-session disasters");
    let jobs: Vec<_> = (0..6).map(|_| machine.start_daypass(WHO)).collect();
    finish(login).must_be(0);
    for outcome in jobs.into_iter().map(finish) {
        outcome.must_be(0);
    }
    machine.daypass("sso logout").must_be(0);
    until("the token is gone", || machine.tokens().is_empty());
    let refused = machine.daypass(WHO).must_be(255);
    assert!(refused.stderr.contains("nobody is logged in"), "{}", refused.stderr);
}
