//! Keys that move: asked for on a terminal, working afterwards, and nowhere in plain text.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::Machine;
use common::talk::{ENTER, Talk};
use sandbox::{Options, World};
use std::fs;
use std::path::{Path, PathBuf};

const ID: &str = "AKIAIOSFODNN8EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K8MDENG/bPxRfiCYEXAMPLEKEY";
const WHO: &str = "sts get-caller-identity --profile robot --query Account";

const KEYS: &str = r#"
[organization]
start_url = "https://d-9067c5bbc5.awsapps.com/start"
region = "us-east-1"
[[account]]
id = "111111111111"
[[iam_key]]
access_key_id = "AKIAIOSFODNN8EXAMPLE"
secret_access_key = "wJalrXUtnFEMI/K8MDENG/bPxRfiCYEXAMPLEKEY"
user = "ada"
account = "111111111111"
"#;

/// A key in the credentials file, and once more in a shell of each kind.
fn machine() -> Machine {
    let world = tempfile::NamedTempFile::new().expect("a file");
    fs::write(world.path(), KEYS).expect("written");
    let machine = Machine::with(World::load(world.path()).expect("a world"), Options::default());
    machine.daypass("vault use key-file --key-file ~/key").must_be(0);
    let file = format!("[robot]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
    machine.write("~/.aws/credentials", &file);
    machine.write("~/.aws/config", "[profile robot]\nregion = us-east-1\n");
    let shell = format!("export AWS_ACCESS_KEY_ID={ID} AWS_SECRET_ACCESS_KEY='{SECRET}'\n");
    machine.write("~/.profile", &shell);
    let fish = format!("set -gx AWS_ACCESS_KEY_ID {ID}\nset -gx AWS_SECRET_ACCESS_KEY {SECRET}\n");
    machine.write("~/.config/fish/config.fish", &fish);
    let powershell =
        format!("$env:AWS_ACCESS_KEY_ID = \"{ID}\"\n$env:AWS_SECRET_ACCESS_KEY = \"{SECRET}\"\n");
    machine.write("~/.config/powershell/profile.ps1", &powershell);
    machine
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn holders(machine: &Machine) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains(SECRET)
    };
    files(&machine.home()).into_iter().filter(holds).collect()
}

#[test]
fn a_key_is_asked_about_and_works_from_the_store() {
    let machine = machine();
    machine.daypass(WHO).must_be(0);
    let mut talk = Talk::start(&machine, "migrate");
    let mut screen = talk.see(&format!("Access key {ID} at ~/.aws/credentials:2:"));
    talk.press(ENTER);
    screen += &talk.see("The lines of start-up files");
    talk.press(ENTER);
    screen += &talk.see("configure undo");
    screen += &talk.end(0);
    assert!(!screen.contains(SECRET), "{screen}");
    assert!(screen.contains("update-access-key"), "{screen}");
    assert_eq!(holders(&machine), Vec::<PathBuf>::new(), "in plain text still");
    let who = machine.daypass(WHO).must_be(0);
    assert_eq!(who.stdout, "\"111111111111\"\n");
    assert!(machine.read("~/.config/fish/config.fish").contains("set -gx AWS_PROFILE robot"));
    assert!(machine.read("~/.profile").contains("export AWS_PROFILE=robot"));
    assert!(
        machine.read("~/.config/powershell/profile.ps1").contains("$env:AWS_PROFILE = \"robot\"")
    );
}

#[test]
fn an_undo_brings_every_file_back() {
    let machine = machine();
    let before = holders(&machine);
    let texts: Vec<String> =
        before.iter().map(|path| fs::read_to_string(path).expect("text")).collect();
    machine.daypass("migrate --yes --comment-out").must_be(0);
    assert_eq!(holders(&machine), Vec::<PathBuf>::new());
    machine.daypass("configure undo").must_be(0);
    let after: Vec<String> =
        before.iter().map(|path| fs::read_to_string(path).expect("text")).collect();
    assert_eq!((before.len(), after), (4, texts));
}

#[test]
fn what_is_shown_has_no_secret_in_it() {
    let machine = machine();
    for words in ["migrate --dry-run --comment-out", "migrate --dry-run --output json", "migrate"] {
        let outcome = machine.daypass(words);
        assert!(!(outcome.stdout + &outcome.stderr).contains(SECRET), "{words}");
    }
    assert_eq!(holders(&machine).len(), 4);
}

#[test]
fn whoever_stops_half_way_has_changed_nothing() {
    let machine = machine();
    let mut talk = Talk::start(&machine, "migrate");
    talk.see("Access key");
    talk.press(ENTER);
    talk.see("The lines of start-up files");
    talk.control('c');
    talk.end(130);
    assert_eq!(holders(&machine).len(), 4);
    assert!(!machine.read("~/.aws/config").contains("daypass_keys"));
}

#[test]
fn every_key_of_a_file_goes_and_what_is_part_of_a_longer_command_stays() {
    let machine = machine();
    let other = "AKIAIOSFODNN9EXAMPLE";
    let pair = |id: &str, secret: &str| {
        format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n")
    };
    let joined = "AWS_ACCESS_KEY_ID=AKIAIOSFODNN6EXAMPLE \\\nAWS_SECRET_ACCESS_KEY=other true\n";
    machine.write("~/.env", &[pair(other, SECRET), pair(ID, SECRET), "X=1\n".into()].concat());
    machine.write("~/.bashrc", joined);
    let outcome = machine.daypass("migrate --yes --comment-out").must_be(0);
    assert_eq!(holders(&machine), Vec::<PathBuf>::new(), "in plain text still");
    let text = machine.read("~/.env");
    assert_eq!((text.matches("\nAWS_PROFILE=").count(), text.lines().count()), (2, 7), "{text}");
    assert_eq!(machine.read("~/.bashrc"), joined);
    assert!(outcome.stdout.contains("~/.bashrc:1  stays: part of a"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("AKIAIOSFODNN6EXAMPLE: it stays"), "{}", outcome.stdout);
}

#[test]
fn no_key_takes_the_place_of_another() {
    let machine = machine();
    let other = "AKIAIOSFODNN9EXAMPLE";
    let config =
        format!("[profile robot]\naws_access_key_id = {other}\naws_secret_access_key = other\n");
    machine.write("~/.aws/config", &config);
    let before = machine.read("~/.aws/credentials");
    let outcome = machine.daypass("migrate --yes").must_be(0);
    assert!(outcome.stdout.contains(&format!("{ID}: it stays")), "{}", outcome.stdout);
    assert!(outcome.stdout.contains(&format!("{other} stands in the same")), "{}", outcome.stdout);
    assert_eq!(
        (machine.read("~/.aws/credentials"), machine.read("~/.aws/config")),
        (before, config)
    );

    // One that the store has by that name is in the way too.
    machine.write("~/.aws/config", "[profile robot]\nregion = us-east-1\n");
    machine.daypass("migrate --yes").must_be(0);
    let file = format!("[robot]\naws_access_key_id = {other}\naws_secret_access_key = other\n");
    machine.write("~/.aws/credentials", &file);
    machine.write("~/.aws/config", "[profile robot]\nregion = us-east-1\n");
    let outcome = machine.daypass("migrate --yes").must_be(0);
    assert!(outcome.stdout.contains(&format!("the store has {ID}")), "{}", outcome.stdout);
    assert_eq!(machine.read("~/.aws/credentials"), file);
    assert!(machine.daypass("vault list").must_be(0).stdout.contains(ID));
}
