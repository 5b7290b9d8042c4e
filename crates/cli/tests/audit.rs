//! The audit trail: every credential that is handed out has its line, whole, and no line
//! costs anybody their credentials.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, finish};
use sandbox::Options;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const PROCESS: &str = "credential-process --profile disasters-sso";
const TRAIL: &str = "~/.aws/daypass/audit.jsonl";

fn trail(machine: &Machine) -> Vec<Value> {
    let text = machine.read(TRAIL);
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn events(machine: &Machine) -> Vec<String> {
    let name = |line: Value| line["event"].as_str().expect("an event").to_owned();
    trail(machine).into_iter().map(name).collect()
}

#[test]
fn both_lanes_write_the_same_line_and_no_secret() {
    let machine = Machine::logged_in(Options::default());
    // The second is answered by the fast lane.
    let printed = [(); 2].map(|()| machine.daypass(PROCESS).must_be(0).stdout);
    machine.daypass("sso logout").must_be(0);
    assert_eq!(events(&machine), ["login", "issue", "issue", "logout"]);
    let lines = trail(&machine);
    let keys: Value = serde_json::from_str(&printed[0]).expect("JSON");
    let id = keys["AccessKeyId"].as_str().expect("an ID");
    for line in &lines[1..3] {
        assert_eq!(line["delivery"], "credential-process");
        assert_eq!(line["profile"], "disasters-sso");
        assert_eq!((&line["source"], &line["session"]), (&"sso".into(), &"disasters".into()));
        assert_eq!(line["account"], "867530900000");
        assert_eq!(line["role"], "Project-Power-User");
        assert_eq!(line["key"], id[id.len() - 4..]);
        assert_eq!(line["expires"], keys["Expiration"]);
        assert_eq!(line["parentPid"], std::process::id());
        assert_eq!(line["terminal"], false);
    }
    let names =
        |line: &Value| line.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&lines[1]), names(&lines[2]));
    let text = machine.read(TRAIL);
    for secret in ["SecretAccessKey", "SessionToken", "AccessKeyId"] {
        assert!(!text.contains(keys[secret].as_str().expect(secret)), "{secret} in {text}");
    }
    let mode = fs::metadata(machine.path(TRAIL)).expect("the trail").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn many_processes_at_once_write_whole_lines() {
    let machine = Machine::logged_in(Options::default());
    machine.daypass(PROCESS).must_be(0);
    let jobs: Vec<_> = (0..40).map(|_| machine.start_daypass(PROCESS)).collect();
    for outcome in jobs.into_iter().map(finish) {
        outcome.must_be(0);
    }
    assert_eq!(events(&machine).iter().filter(|event| *event == "issue").count(), 41);
}

#[test]
fn a_trail_that_cannot_be_written_costs_nobody_anything_and_is_said() {
    let machine = Machine::logged_in(Options::default());
    let before = machine.daypass(PROCESS).must_be(0).stdout;
    fs::remove_file(machine.path(TRAIL)).expect("removed");
    fs::create_dir(machine.path(TRAIL)).expect("a directory in its way");
    let after = machine.daypass(PROCESS).must_be(0);
    assert_eq!((after.stdout, after.stderr), (before, String::new()));
    machine.daypass("sts get-caller-identity --profile disasters-sso").must_be(0);
    let status = machine.daypass("audit status").must_be(1);
    assert!(status.stderr.contains("audit.jsonl"), "{}", status.stderr);
    fs::remove_dir(machine.path(TRAIL)).expect("removed");
    // A pipe that nobody reads would hold up whoever opens it.
    machine.shell("mkfifo ~/.aws/daypass/audit.jsonl").must_be(0);
    machine.daypass(PROCESS).must_be(0);
}

#[test]
fn whoever_wants_no_trail_has_none() {
    let mut machine = Machine::logged_in(Options::default());
    let kept = events(&machine).len();
    machine.set("DAYPASS_AUDIT", "off");
    (0..2).for_each(|_| drop(machine.daypass(PROCESS).must_be(0)));
    let status = machine.daypass("audit status").must_be(0);
    assert!(status.stdout.contains("DAYPASS_AUDIT is off"), "{}", status.stdout);
    machine.unset("DAYPASS_AUDIT");
    machine.daypass("audit off").must_be(0);
    (0..2).for_each(|_| drop(machine.daypass(PROCESS).must_be(0)));
    assert_eq!(events(&machine).len(), kept);
    machine.daypass("audit on").must_be(0);
    machine.daypass(PROCESS).must_be(0);
    assert_eq!(events(&machine).len(), kept + 1);
}

/// A table has an end, and so has what a query is asked of.
#[test]
fn what_has_no_end_is_printed_in_no_format_that_needs_one() {
    let machine = Machine::logged_in(Options::default());
    for words in ["--output yaml", "--output table", "--query [0]", "--output json --query [0]"] {
        let outcome = machine.daypass(&format!("audit tail -f {words}")).must_be(2);
        assert!(outcome.stderr.contains("--follow"), "{words}: {outcome:#?}");
        assert_eq!(outcome.stdout, "", "{words}");
    }
}

#[test]
fn a_follower_is_told_at_once() {
    let machine = Machine::logged_in(Options::default());
    let follower = machine.start_daypass("audit tail -f -n 1 --output json");
    follower.says("\"event\":\"login\"");
    machine.daypass(PROCESS).must_be(0);
    follower.says("\"delivery\":\"credential-process\"");
}

/// As a disk that was full leaves it.
#[test]
fn a_line_that_was_cut_short_is_counted_and_passed_over() {
    let machine = Machine::logged_in(Options::default());
    let text = machine.read(TRAIL) + "{\"time\":\"2026-11-2\n";
    machine.write(TRAIL, &text);
    let tail = machine.daypass("audit tail").must_be(0);
    assert_eq!(tail.stdout.lines().count(), 1, "{}", tail.stdout);
    assert!(tail.stderr.contains("1 lines of the trail cannot be read"), "{}", tail.stderr);
}

/// Whoever reads the trail finds each of its members explained.
#[test]
fn every_member_is_in_the_schema() {
    let machine = Machine::logged_in(Options::default());
    machine.daypass(PROCESS).must_be(0);
    machine.daypass("exec --env --profile disasters-sso -- true").must_be(0);
    machine.age_tokens(std::time::Duration::from_secs(5400));
    machine.daypass(PROCESS).must_be(0);
    machine.shell("printf 'AKIAIOSFODNN7EXAMPLE\\nx\\n' | daypass vault add robot --until-restart");
    machine.daypass("sso logout").must_be(0);
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/audit.schema.json")).expect("JSON");
    let known = schema["properties"].as_object().expect("members");
    let named = schema["properties"]["event"]["enum"].as_array().expect("events");
    for line in trail(&machine) {
        assert!(named.contains(&line["event"]), "{line}");
        let members = line.as_object().expect("an object");
        members.keys().for_each(|key| assert!(known.contains_key(key), "{key} in {line}"));
        for key in schema["required"].as_array().expect("names") {
            assert!(members.contains_key(key.as_str().expect("a name")), "{key} in {line}");
        }
    }
    let mut seen = events(&machine);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), named.len(), "{seen:?}");
}
