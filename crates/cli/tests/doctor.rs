//! `doctor`: its manual, its schema, its secrets.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::Machine;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn manual() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor.md")
}

/// The table between its two marks; `UPDATE_TRANSCRIPTS=1` writes it.
#[test]
fn the_manual_has_the_table_of_the_program() {
    const MARKS: (&str, &str) = ("<!-- daypass doctor --orders -->\n", "<!-- end -->\n");
    let text = fs::read_to_string(manual()).expect("the manual");
    let table = Machine::new().daypass("doctor --orders").must_be(0).stdout;
    let (before, rest) = text.split_once(MARKS.0).expect("a mark");
    let (old, after) = rest.split_once(MARKS.1).expect("a mark");
    if old != table && std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        let text = format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1);
        fs::write(manual(), text).expect("written");
        return;
    }
    assert_eq!(old, table, "UPDATE_TRANSCRIPTS=1 writes it");
}

/// Whoever meets a finding finds it in the manual.
#[test]
fn the_manual_knows_every_finding_of_the_rules() {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../core/src/doctor/rules");
    let text = fs::read_to_string(manual()).expect("the manual");
    let mut seen = 0;
    for entry in fs::read_dir(rules).expect("the rules") {
        let source = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        for id in ids(&source) {
            assert!(text.contains(&format!("| `{id}` |")), "{id} is not in docs/doctor.md");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

/// What stands first behind `Finding::new(`.
fn ids(source: &str) -> Vec<String> {
    let starts = source.split("Finding::new(").skip(1);
    let first = starts.filter_map(|rest| rest.trim_start().strip_prefix('"'));
    first.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
}

const KEYS: &str = "[disasters-sso]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = A-SECRET-OF-THE-FILE
[half]
aws_access_key_id = AKIAIOSFODNN7EXAMPLF
";

/// A home with much that is wrong.
fn wreck() -> Machine {
    let mut machine = Machine::new();
    machine.write("~/.aws/config", common::CONFIG);
    machine.write("~/.aws/credentials", KEYS);
    machine.write("~/.aws/sso/cache/x.json", "{\"accessToken\": \"A-SECRET-TOKEN\"");
    machine.set("AWS_PROFILE", "disasters-sso");
    machine.set("AWS_SESSION_TOKEN", "A-SECRET-VARIABLE");
    machine.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
    machine.set("AWS_SECRET_ACCESS_KEY", "A-SECRET-KEY");
    machine
}

#[test]
fn what_is_printed_fits_the_schema_and_holds_no_secret() {
    let machine = wreck();
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/doctor.schema.json")).expect("JSON");
    for words in ["doctor --output json", "doctor --output json --for boto3,obstore --offline"] {
        let text = machine.daypass(words).must_be(1).stdout;
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(common::schema::misfits(&schema, &value), [""; 0]);
        assert!(value["Findings"].as_array().is_some_and(|found| found.len() > 3), "{value:#}");
    }
    for words in [
        "doctor",
        "doctor --for go",
        "doctor --output json",
        "doctor --debug",
        "doctor --fix --diff",
    ] {
        let outcome = machine.daypass(words);
        assert!(!format!("{outcome:?}").contains("A-SECRET"), "{words}: {outcome:#?}");
    }
}

#[test]
fn what_is_mended_can_be_taken_back() {
    let machine = wreck();
    machine.daypass("doctor --fix=leftover-keys").must_be(0);
    assert!(!machine.read("~/.aws/credentials").contains("[disasters-sso]"));
    machine.daypass("configure undo").must_be(0);
    assert_eq!(machine.read("~/.aws/credentials"), KEYS);
}

/// What is done is talk; standard output has the findings that are left.
#[test]
fn a_program_that_mends_reads_data_only() {
    let machine = wreck();
    let outcome = machine.daypass("doctor --offline --fix=leftover-keys --output json").must_be(0);
    let value: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let findings = value["Findings"].as_array().expect("a list");
    assert!(findings.iter().all(|finding| finding["Id"] != "leftover-keys"), "{value:#}");
    assert!(outcome.stderr.contains("leftover-keys: "), "{outcome:#?}");
}

#[test]
fn a_diff_is_one_of_what_would_be_mended() {
    let outcome = Machine::new().daypass("doctor --offline --diff").must_be(2);
    assert!(outcome.stderr.contains("--fix"), "{outcome:#?}");
}

#[test]
fn what_is_not_safe_wants_to_be_asked_for() {
    let machine = wreck();
    let outcome = machine.daypass("doctor --fix=half-key").must_be(2);
    assert!(outcome.stderr.contains("--yes"), "{outcome:#?}");
    assert_eq!(machine.read("~/.aws/credentials"), KEYS);
    machine.daypass("doctor --fix=half-key --yes").must_be(0);
    assert!(!machine.read("~/.aws/credentials").contains("[half]"));
}

/// Else the tests would say what the machine they run on has.
#[test]
fn the_programs_of_the_real_machine_are_out_of_sight() {
    let machine = Machine::new();
    let said = machine.shell("command -v aws && aws --version && gdal-config --version");
    let said = said.must_be(0).stdout;
    assert!(said.starts_with(&machine.root.path().display().to_string()), "{said}");
    assert!(said.contains("aws-cli/2.") && said.ends_with("\n3.12.0\n"), "{said}");
}

/// What one mend has renamed, the next one does not miss; and what is left is what is
/// wrong afterwards.
#[test]
fn what_is_left_is_looked_for_after_mending() {
    let mut machine = Machine::logged_in(sandbox::Options::default());
    machine.set("AWS_PROFILE", "disasters-sso");
    let spoil = "cd ~/.aws/sso/cache && for f in *.json; do echo '}' >> $f; done; \
                 echo x > zz.json; chmod 644 *.json";
    machine.shell(spoil).must_be(0);
    let outcome = machine.daypass("doctor --fix --yes --offline").must_be(0);
    assert!(outcome.stdout.contains("is whole again"), "{outcome:#?}");
    assert!(outcome.stdout.contains("zz.json.broken now"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("login-needed"), "{outcome:#?}");
    machine.shell("test -z \"$(find ~/.aws/sso/cache -type f -perm /077)\"").must_be(0);
}

/// The first finding: its ID and its command.
fn first(machine: &Machine) -> (String, String) {
    let said = machine.daypass("doctor --offline --output json").must_be(1).stdout;
    let value: Value = serde_json::from_str(&said).expect("JSON");
    let word = |key: &str| value["Findings"][0][key].as_str().unwrap_or_default().to_owned();
    assert!(!said.contains("no-such-profile") && !said.contains("no-profile"), "{said}");
    (word("Id"), word("Command"))
}

/// Of a file that nobody can read, nobody knows which profiles it has.
#[test]
fn a_file_out_of_reach_is_the_cause_and_not_its_profiles() {
    let mut machine = Machine::new();
    machine.write("~/.aws/config", common::CONFIG);
    machine.set("AWS_CONFIG_FILE", "/nope/x");
    let gone = ("file-gone".to_owned(), "unset AWS_CONFIG_FILE".to_owned());
    assert_eq!(first(&machine), gone);
    machine.set("AWS_PROFILE", "disasters-sso");
    assert_eq!(first(&machine), gone);
    machine.set("AWS_CONFIG_FILE", "~/.aws");
    assert_eq!(first(&machine).0, "file-unreadable");
}

/// What the table ends in for the profile in force is no reason to call it well.
#[test]
fn a_profile_that_ends_in_an_error_is_a_finding() {
    const ROLE: &str = "role_arn = arn:aws:iam::867530900000:role/r\nsource_profile =";
    let session = common::CONFIG.replace("disasters-sso", "p");
    let mut machine = Machine::new();
    machine.set("AWS_PROFILE", "p");
    for (config, said) in [
        (session.replace("= 867530900000", "= \"867530900000\""), "~/.aws/config:"),
        (format!("[profile p]\n{ROLE} nosrc\n"), "nosrc"),
        (format!("[profile p]\n{ROLE} q\n[profile q]\n{ROLE} p\n"), "circle: p → q → p"),
        (session.replace("/start/#", "/start # comment"), "~/.aws/config:"),
    ] {
        machine.write("~/.aws/config", &config);
        assert_eq!(first(&machine).0, "unusable-profile", "{config}");
        let words = "doctor --offline --query Findings[0].What --output text";
        let what = machine.daypass(words).must_be(1).stdout;
        assert!(what.contains(said), "{what}");
        let table = "doctor --offline --for boto3 --query Tools[0].End --output text";
        assert_eq!(machine.daypass(table).must_be(1).stdout, "fails\n", "{config}");
    }
}

/// A program that hangs, or is no program, costs an answer and no more.
#[test]
fn old_programs_are_noticed_and_hanging_ones_are_left() {
    let mut machine = Machine::logged_in(sandbox::Options::default());
    machine.set("AWS_PROFILE", "disasters-sso");
    let script = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = machine.root.path().join("old").join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    };
    script("aws", "echo aws-cli/1.22.34 Python/3.10.12");
    script("gdal-config", "echo 3.6.2");
    script("python3", "exec sleep 1000");
    let place = machine.root.path().join("old").display().to_string();
    let daypass = env!("CARGO_BIN_EXE_daypass");
    let line = |tool| format!("PATH={place}:$PATH {daypass} doctor --for {tool} --output json");
    let said = machine.shell(&line("gdal")).must_be(0).stdout;
    let value: Value = serde_json::from_str(&said).expect("JSON");
    let ids: Vec<&str> = value["Findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["Id"].as_str())
        .collect();
    assert_eq!(ids, ["aws-cli-1", "old-gdal"]);
    assert_eq!(value["Findings"][0]["Command"], Value::Null, "nothing of ours mends it");
    let said = machine.shell(&line("aws-cli")).must_be(1).stdout;
    let value: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(value["Findings"][0]["Severity"], "risk");
}

/// Services whose clock is another one say so with every answer.
#[test]
fn a_clock_that_is_wrong_is_noticed() {
    let mut machine = Machine::logged_in(sandbox::Options::default());
    machine.set("AWS_PROFILE", "disasters-sso");
    machine.control().advance(std::time::Duration::from_secs(20 * 60));
    let outcome = machine.daypass("doctor --query Findings[0].[Id,What] --output text").must_be(1);
    assert!(outcome.stdout.starts_with("clock\t"), "{outcome:#?}");
    assert!(outcome.stdout.contains("minutes behind"), "{outcome:#?}");
    machine.daypass("doctor --offline").must_be(0);
}
