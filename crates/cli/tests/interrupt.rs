//! Ctrl-C and the like, at the moments when they could cost something.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{CONFIG, Machine, PATIENCE, finish, until};
use sandbox::Options;
use std::process::{Command, Stdio};
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

/// Standard input is a pipe to which nobody writes, and which nobody closes.
#[test]
fn the_wait_for_a_pasted_address_ends_with_a_signal() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let machine = Machine::new();
        machine.write("~/.aws/config", CONFIG);
        let mut command = machine.command(env!("CARGO_BIN_EXE_daypass"));
        command.args(["login", "--paste", "--no-browser"]).stdin(Stdio::piped());
        let job = machine.start(command);
        until("it asks for the address", || job.stderr().contains("paste it here"));
        send(signal, job.child.id());
        finish(job).must_be(code);
    }
}
