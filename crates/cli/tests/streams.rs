//! The tour, the sandbox as a program, and readers that go away.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, finish};
use sandbox::Options;
use std::process::Command;

fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(status.expect("kill").success());
}

#[test]
fn the_tour_runs_to_its_end() {
    let machine = Machine::new();
    let tour = machine.daypass("tour").must_be(0);
    assert!(tour.stdout.contains("PRE browseui/"), "{}", tour.stdout);
    assert!(tour.stdout.contains("That is all."), "{}", tour.stdout);
    assert_eq!(tour.stderr, "");
    let left = std::fs::read_dir(machine.home().join(".aws")).expect("the home").count();
    assert_eq!(left, 0, "the tour touches none of your files");
}

#[test]
fn the_sandbox_serves_until_ctrl_c() {
    let machine = Machine::new();
    for how in ["INT", "TERM"] {
        let job = machine.start_daypass("sandbox");
        job.says("AWS_ENDPOINT_URL_S3=");
        signal(job.child.id(), how);
        let outcome = finish(job);
        let code = if how == "INT" { 0 } else { 128 + 15 };
        assert_eq!(outcome.code(), code, "{outcome:?}");
        let exports = outcome.stdout.lines().filter(|line| line.starts_with("export AWS_"));
        assert_eq!(exports.count(), 6, "{}", outcome.stdout);
    }
}

#[test]
fn the_printed_environment_is_good_for_a_login() {
    let machine = Machine::new();
    let job = machine.start_daypass("sandbox --port 0");
    job.says("AWS_EC2_METADATA_DISABLED=");
    machine.write("~/environment", &job.stdout());
    machine.write("~/.aws/config", common::CONFIG);
    // The practice shell has a home of its own: the profile has to come along.
    let line = "cp ~/.aws/config ~/config; mine=$HOME; . ~/environment; \
                mkdir ~/.aws && mv $mine/config ~/.aws/ && echo $HOME > $mine/practice && \
                daypass sso login --profile disasters-sso && \
                daypass sts get-caller-identity --profile disasters-sso --query Account";
    let outcome = machine.shell(line).must_be(0);
    assert!(outcome.stdout.ends_with("\"867530900000\"\n"), "{}", outcome.stdout);
    assert!(machine.control().journal().is_empty(), "it was the other sandbox's login");
    signal(job.child.id(), "INT");
    finish(job).must_be(0);
    let practice = machine.read("~/practice");
    assert!(!std::path::Path::new(practice.trim()).exists(), "{practice} is left");
    assert!(machine.tokens().is_empty(), "the real home has no token");
}

#[test]
fn a_child_s_end_is_passed_on() {
    let machine = Machine::new();
    for (line, code) in
        [("exit 0", 0), ("exit 42", 42), ("kill -KILL $$", 137), ("kill -INT $$", 130)]
    {
        let outcome = machine.shell(&format!("daypass sandbox exec -- sh -c '{line}'"));
        assert_eq!(outcome.code(), code, "{line}: {outcome:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let machine = Machine::logged_in(Options::default());
    for words in [
        "completion zsh",
        "tour",
        "s3 ls nasa-disasters --recursive --page-size 1 --profile disasters-sso",
        "sso list-accounts --profile disasters-sso",
        "configure list --profile disasters-sso",
        "sandbox exec -- sh -c 'exit 0'",
        "--help",
    ] {
        let line = format!("{{ daypass {words}; echo $? > code; }} | head -n 1");
        let outcome = machine.shell(&line).must_be(0);
        assert_eq!(outcome.stderr, "", "{words}");
        assert_eq!(machine.read("~/code"), "0\n", "{words}");
    }
}

#[test]
fn ctrl_c_at_a_waiting_login_ends_it() {
    let mut machine = Machine::new();
    machine.use_browser("nobody");
    machine.write("~/.aws/config", common::CONFIG);
    for words in
        ["sso login --profile disasters-sso", "sso login --profile disasters-sso --use-device-code"]
    {
        let job = machine.start_daypass(words);
        job.says("http://");
        signal(job.child.id(), "INT");
        let outcome = finish(job).must_be(130);
        assert_eq!(
            outcome.stderr.trim_end_matches('\n').lines().filter(|l| l.contains("error")).count(),
            0
        );
        assert!(machine.tokens().is_empty());
    }
}

/// As with the AWS CLI, and not only where `--output` stands beside it.
#[test]
fn a_query_alone_asks_for_data() {
    let machine = Machine::logged_in(Options::default());
    for (words, wanted) in [
        ("doctor --offline --query Findings[0].Id", "\"no-profile\"\n"),
        ("audit tail --query [0].event", "\"login\"\n"),
        ("audit report --query Rows", "[]\n"),
        ("audit status --query Kept", "true\n"),
        ("configure undo --list --query Steps", "[]\n"),
        ("migrate --dry-run --query length(@)>`0`", "true\n"),
        ("status --check --query type(@)", "\"object\"\n"),
        ("profiles populate --query length(added)>`0`", "true\n"),
        ("console --profile disasters-sso --print --query type(Url)", "\"string\"\n"),
        ("vault status --query type(@)", "\"object\"\n"),
        ("vault list --query type(Records)", "\"array\"\n"),
    ] {
        assert_eq!(machine.daypass(words).stdout, wanted, "{words}");
    }
}
