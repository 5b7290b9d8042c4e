//! Profiles for everything: killed half way, twice at once, on hostile names; and the list
//! that is made anew in the background.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use awsconfig::{FileKind, SectionName, is_portable_name};
use common::{Machine, PATIENCE, finish};
use sandbox::{Options, World};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Sixty accounts with two roles each; the guide's three have five.
fn crowd() -> Machine {
    let mut world = World::guide();
    for number in 0..60 {
        let id = format!("{}", 400_000_000_000_u64 + number);
        world = world.with_account(&id, &format!("Team {number:02}"));
        world = world.with_assignment("ada", &id, &["ReadOnlyAccess", "Project-Admin"]);
    }
    let limit = Options { portal_requests_per_second: Some(20), ..Options::default() };
    logged_in(world, limit)
}

fn logged_in(world: World, options: Options) -> Machine {
    let machine = Machine::with(world, options.clone());
    // One page for each question, so that questions can be counted.
    machine.control().set_options(Options { strict: false, page_size: 100, ..options });
    machine.write("~/.aws/config", common::CONFIG);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    machine
}

fn profiles(machine: &Machine) -> Vec<String> {
    let parsed = awsconfig::parse(FileKind::Config, &machine.read("~/.aws/config")).unwrap();
    parsed.profiles().map(str::to_owned).collect()
}

fn list_file(machine: &Machine) -> PathBuf {
    let mut entries = std::fs::read_dir(machine.path("~/.aws/daypass/accounts")).unwrap();
    entries.next().unwrap().unwrap().path()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn who_is_killed_half_way_goes_on_from_there() {
    let machine = crowd();
    let control = machine.control();
    let mut job = machine.start_daypass("profiles populate");
    until("it lists", || control.count_ok("ListAccountRoles") >= 20);
    job.child.kill().unwrap();
    job.child.wait().unwrap();
    let before = profiles(&machine);
    assert_eq!(before.len(), 1, "nothing is written half: {before:?}");
    let part = machine.daypass("list-accounts --output json --query length(accounts)").must_be(0);
    assert_eq!(part.stdout.trim(), "63");
    machine.daypass("profiles populate").must_be(0);
    assert_eq!(profiles(&machine).len(), 1 + 125);
    let asked = control.count_ok("ListAccountRoles");
    assert!((63..=63 + 10).contains(&asked), "those in flight are lost at most: {asked}");
    assert_eq!(control.count_ok("ListAccounts"), 1);
}

#[test]
fn two_at_once_ask_once_and_write_once() {
    let machine = crowd();
    let control = machine.control();
    let hold = control.hold("ListAccountRoles");
    let one = machine.start_daypass("profiles populate");
    assert!(hold.wait_for(1, PATIENCE));
    let other = machine.start_daypass("profiles populate");
    drop(hold);
    finish(one).must_be(0);
    finish(other).must_be(0);
    assert_eq!(profiles(&machine).len(), 1 + 125);
    assert_eq!(control.count_ok("ListAccountRoles"), 63);
    let again = machine.daypass("profiles populate").must_be(0);
    assert!(again.stderr.contains("125 as they were"), "{}", again.stderr);
}

#[test]
fn a_stale_list_is_shown_and_made_anew_meanwhile() {
    let machine = logged_in(World::guide(), Options::default());
    machine.daypass("list-roles").must_be(0);
    let file = list_file(&machine);
    let text = std::fs::read_to_string(&file).unwrap();
    let old: String = text.lines().map(|line| aged(line) + "\n").collect();
    std::fs::write(&file, &old).unwrap();
    let shown = machine.daypass("list-roles").must_be(0);
    assert!(shown.stderr.contains("2 d old; a new one is being made"), "{}", shown.stderr);
    assert_eq!(shown.stdout.lines().count(), 6);
    until("the list is made anew", || machine.daypass("list-roles").must_be(0).stderr.is_empty());
}

/// A line of the list as it was two days ago.
fn aged(line: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
    for key in ["at", "tried"] {
        if let Some(at) = value.get(key).and_then(serde_json::Value::as_i64) {
            value[key] = serde_json::json!(at - 2 * 86_400);
        }
    }
    value.to_string()
}

#[test]
fn names_that_somebody_else_has_chosen_harm_nobody() {
    let names = [
        "=HYPERLINK(\"https://evil.example\")",
        "x]\n[profile stolen]\ncredential_process = evil",
        "\u{1b}[31mred\u{202e}",
        "default",
        "Sandbox",
        "sandbox",
        "日本",
    ];
    let mut world = World::guide();
    for (number, name) in names.iter().enumerate() {
        let id = format!("{}", 500_000_000_000_u64 + number as u64);
        world = world.with_account(&id, name);
        world = world.with_assignment("ada", &id, &["ReadOnlyAccess"]);
    }
    let machine = logged_in(world, Options::default());
    let csv = machine.daypass("list-accounts --csv").must_be(0);
    assert!(csv.stdout.contains("\"'=HYPERLINK(\"\"https"), "{}", csv.stdout);
    for template in ["{account_name|slug}.{role}", "{account_name}"] {
        machine.write("~/.aws/config", common::CONFIG);
        machine.daypass(&format!("profiles populate --name {template}")).must_be(0);
        let made = profiles(&machine);
        let text = machine.read("~/.aws/config");
        assert!(made.iter().all(|name| is_portable_name(name) && name != "default"), "{made:?}");
        assert!(!made.contains(&"stolen".to_owned()) && !text.contains("= evil"), "{text}");
        let mut unique: Vec<String> = made.iter().map(|name| name.to_lowercase()).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), made.len(), "{made:?}");
    }
}

#[test]
fn profiles_of_style_process_work_and_the_sdks_see_one_provider() {
    let machine = logged_in(World::guide(), Options::default());
    machine.daypass("profiles populate --style process --role Project-Power-User").must_be(0);
    let name = "disasters.Project-Power-User";
    let given = machine.daypass(&format!("credential-process --profile {name}")).must_be(0);
    assert!(given.stdout.contains("SecretAccessKey"));
    let parsed = awsconfig::parse(FileKind::Config, &machine.read("~/.aws/config")).unwrap();
    let section = parsed.section(&SectionName::Profile(name.to_owned())).unwrap();
    assert!(section.keys().all(|key| !key.starts_with("sso_")));
    let sealed = machine.daypass("profiles populate --role Project-Power-User").must_be(0);
    assert!(sealed.stderr.contains("1 changed"), "back to the usual style: {}", sealed.stderr);
    machine.daypass(&format!("sts get-caller-identity --profile {name}")).must_be(0);
}
