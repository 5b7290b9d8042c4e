//! Broken homes: `doctor` names the cause first, and its command mends it.
//!
//! A directory of `homes/` is a home directory with a story, `case.toml`:
//!
//! - `setup`: what happens in the home before it is looked at, line by line, without the
//!   case's variables; `unassign`: roles that an administrator takes away then;
//! - `first`: the finding that must come first; the command it names is run in a shell
//!   that has the case's `variables`;
//! - `works`: what works in that shell afterwards;
//! - `left`: findings that may be left, besides notes;
//! - `tool`: what a tool would pick before and after.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::Machine;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    story: String,
    first: String,
    setup: Vec<String>,
    works: String,
    #[serde(default)]
    left: Vec<String>,
    #[serde(default)]
    unassign: Vec<String>,
    tool: Option<Tool>,
    variables: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    before: String,
    after: String,
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/homes")
}

/// Copies a home into the machine's.
fn move_in(machine: &Machine, from: &Path, to: &str) {
    for entry in fs::read_dir(from).expect("a home") {
        let entry = entry.expect("an entry");
        let place = format!("{to}/{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => move_in(machine, &entry.path(), &place),
            false => machine.write(&place, &fs::read_to_string(entry.path()).expect("text")),
        }
    }
}

fn report(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What the tool would do: the source it picks, or how else it ends.
fn pick(report: &Value, tool: &str) -> String {
    let tools = report["Tools"].as_array().expect("a list");
    let found = tools.iter().find(|row| row["Tool"] == tool).expect("the tool");
    let source = found["Source"].as_str().or(found["End"].as_str());
    source.expect("a word").to_owned()
}

fn is_mended(name: &str) {
    let place = directory().join(name);
    let text = fs::read_to_string(place.join("case.toml")).expect("a case");
    let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!case.story.trim().is_empty());
    let mut machine = Machine::new();
    move_in(&machine, &place.join("home"), "~");
    for line in &case.setup {
        machine.shell(line).must_be(0);
    }
    for role in &case.unassign {
        assert!(machine.control().unassign("ada", "867530900000", role), "{role}");
        machine.forget_roles();
    }
    case.variables.iter().for_each(|(name, value)| machine.set(name, value));

    let before = report(&machine.daypass("doctor --output json").must_be(1).stdout);
    let first = &before["Findings"][0];
    assert_eq!(first["Id"], case.first.as_str(), "{name}: {before:#}");
    let command = first["Command"].as_str().expect("a command");
    let script = format!(
        "{command} >&2 && daypass doctor --output json; printf '\\n'; {{ {}; }} >&2",
        case.works
    );
    let outcome = machine.shell(&script);
    assert_eq!(outcome.code(), 0, "{name}: {command}: {outcome:#?}");

    let after = report(&outcome.stdout);
    let serious: Vec<&Value> = after["Findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["Severity"] != "note")
        .collect();
    for finding in serious {
        let id = finding["Id"].as_str().expect("an id");
        assert!(case.left.iter().any(|left| left == id), "{name}: {command}: {finding:#}");
    }
    if let Some(tool) = &case.tool {
        assert_eq!(pick(&before, &tool.name), tool.before, "{name}: before");
        assert_eq!(pick(&after, &tool.name), tool.after, "{name}: after");
    }
}

macro_rules! homes {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                is_mended(stringify!($name));
            }
        )*

        #[test]
        fn every_home_is_visited() {
            let mut names: Vec<String> = fs::read_dir(directory())
                .expect("the directory")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

homes! {
    aws_vault_and_temporary_keys
    certificates_moved
    empty_profile
    endpoint_left_behind
    hub_role
    key_twice
    keys_have_ended
    keys_in_variables
    leftover_keys
    lost_store_key
    merge_conflict
    misspelt_profile
    moved_program
    nobody_is_logged_in
    open_file
    pasted_keys
    profile_without_prefix
    renamed_session
    role_taken_away
    said_twice
    sandbox_left_behind
    session_ended
    start_url_spellings
    swapped_regions
    torn_cache
    two_kinds
    two_names
}
