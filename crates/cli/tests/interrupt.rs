//! Ctrl-C and the like, at the moments when they could cost something.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, PATIENCE, finish};
use sandbox::Options;
use std::process::Command;
use std::time::Duration;

const WHO: &str = "sts get-caller-identity --profile disasters-sso --query Account";

fn send(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill");
    assert!(sent.success());
}

/// The refresh token is spent and its successor on the way when the signal comes.
fn survives(signal: &str, code: i32) {
    let machine = Machine::logged_in(Options::default());
    let control = machine.control();
    machine.age_tokens(Duration::from_secs(5400));
    let before = machine.tokens();
    let hold = control.hold("CreateToken");
    let job = machine.start_daypass(WHO);
    assert!(hold.wait_for(1, PATIENCE), "nobody refreshes");
    send(signal, job.child.id());
    drop(hold);
    finish(job).must_be(code);
    assert_ne!(machine.tokens(), before, "the new token is on disk");
    machine.daypass(WHO).must_be(0);
}

#[test]
fn ctrl_c_waits_for_a_spent_refresh_token() {
    survives("-INT", 130);
}

#[test]
fn so_does_the_end_of_the_system() {
    survives("-TERM", 143);
}
