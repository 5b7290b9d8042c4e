//! The picker on a terminal: what is on the screen, and what keys do.
//!
//! `UPDATE_SCREENS=1 cargo test -p daypass --test picker` writes the pictures in
//! `screens/` anew; look at them before you keep them.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::talk::ENTER;
use common::window::Window;
use common::{Machine, listing};
use sandbox::{Options, World};
use std::fs;
use std::path::PathBuf;

const CONFIG: &str = "[profile disasters-sso]
sso_session = disasters
sso_account_id = 867530900000
sso_role_name = Project-Power-User
region = us-west-2
daypass_tags = daily
[profile disasters-admin]
sso_session = disasters
sso_account_id = 867530900000
sso_role_name = Project-Admin
daypass_color = red
daypass_tags = careful,prod
[profile publisher]
role_arn = arn:aws:iam::111111111111:role/disasters-publisher
source_profile = disasters-sso
[sso-session disasters]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
";

const ESCAPE: &str = "\x1b";
const DOWN: &str = "\x1b[B";

/// Ada's machine: logged in, and all that she reaches was listed.
fn machine() -> Machine {
    of(World::guide())
}

fn of(world: World) -> Machine {
    let machine = Machine::with(world, Options::default());
    machine.write("~/.aws/config", CONFIG);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    listing::list(&machine, "disasters");
    machine
}

/// The screen as it is kept in `screens/`.
#[track_caller]
fn looks_like(screen: &Window, name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/{name}.txt"));
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        fs::write(&path, screen.text()).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    screen.wait(&format!("the screen of {name}.txt:\n{expected}"), |text| text == expected);
}

#[test]
fn the_list_the_words_and_the_help() {
    let machine = machine();
    let mut screen = Window::start(&machine, "exec daypass pick", 80, 24);
    screen.see("(? for help)");
    looks_like(&screen, "pick_all");
    screen.press("admin 8675");
    screen.see("> admin 8675");
    screen.wait("fewer rows", |text| !text.contains("publisher"));
    looks_like(&screen, "pick_words");
    assert_eq!(screen.cursor().0, 12, "the cursor is behind the words");
    screen.press("?");
    screen.see("Ctrl-C leaves");
    looks_like(&screen, "pick_help");
    screen.press("x");
    screen.wait("the list again", |text| !text.contains("Ctrl-C leaves"));
    screen.press("\x17\x15zzz");
    screen.see("none of");
    looks_like(&screen, "pick_none");
}

#[test]
fn narrow_screens_and_a_window_that_is_drawn_smaller() {
    let machine = machine();
    let mut screen = Window::start(&machine, "exec daypass pick", 80, 24);
    screen.see("(? for help)");
    screen.resize(46, 14);
    screen.wait("a narrow list", |text| {
        text.contains("(? for help)") && text.lines().all(|line| line.chars().count() < 46)
    });
    screen.press(DOWN);
    screen.see("> disasters-sso");
    looks_like(&screen, "pick_narrow");
    screen.press("\x03");
    assert_eq!(screen.end(), 130);
}

#[test]
fn the_name_goes_to_standard_output_and_the_list_away() {
    let machine = machine();
    let line = "name=$(daypass pick); echo \"[$name] $?\"";
    let mut screen = Window::start(&machine, line, 80, 24);
    screen.see("(? for help)");
    screen.press(&format!("careful{ENTER}"));
    screen.wait("the name alone", |text| text == "[disasters-admin] 0\n");
    let mut screen = Window::start(&machine, line, 80, 24);
    screen.see("(? for help)");
    screen.press("\x03");
    screen.see("[] 130");
}

#[test]
fn escape_leaves_an_empty_line_and_the_terminal_is_itself_again() {
    let machine = machine();
    let mut screen =
        Window::start(&machine, "stty -g > a; daypass pick; echo left $?; stty -g > b", 80, 24);
    screen.see("(? for help)");
    screen.press("x");
    screen.see("> x");
    screen.press(ESCAPE);
    screen.see("(? for help)");
    screen.press(ESCAPE);
    screen.see("left 130");
    assert_eq!(screen.end(), 0);
    assert_eq!(machine.read("~/a"), machine.read("~/b"));
}

#[test]
fn colours_come_from_the_config_file_and_are_never_needed() {
    let machine = machine();
    let screen = Window::with(&machine, "exec daypass pick", 80, 24, &[("TERM", "xterm")]);
    screen.see("(? for help)");
    assert!(screen.formatted().contains("\x1b[31mdisasters-admin"), "{:?}", screen.formatted());
    let screen = Window::start(&machine, "exec daypass pick", 80, 24);
    screen.see("(? for help)");
    assert!(!screen.formatted().contains("[31m"));
}

#[test]
fn a_role_without_a_profile_is_given_one() {
    let machine = machine();
    let mut screen = Window::start(&machine, "name=$(daypass pick); echo \"[$name]\"", 80, 24);
    screen.see("(? for help)");
    screen.press(&format!("readonly 8675{ENTER}"));
    screen.see("Profile name [ReadOnlyAccess-867530900000]:");
    screen.press(&format!("disasters-sso{ENTER}"));
    screen.see("There is a profile disasters-sso already");
    screen.press(&format!("\x15disasters-read{ENTER}"));
    screen.see("[disasters-read]");
    let written = "[profile disasters-read]\nsso_session = disasters\nsso_account_id = 867530900000\n\
                   sso_role_name = ReadOnlyAccess\nregion = us-west-2\n";
    assert!(machine.read("~/.aws/config").contains(written), "{}", machine.read("~/.aws/config"));
    machine.daypass("sts get-caller-identity --profile disasters-read").must_be(0);
}

#[test]
fn what_is_picked_is_used_with_or_without_a_profile() {
    let machine = machine();
    let who = "--exec sh -c 'daypass sts get-caller-identity --query Arn --region us-east-1'";
    for (words, role) in [("careful", "Project-Admin"), ("readonly 8675", "ReadOnlyAccess")] {
        let mut screen = Window::start(&machine, &format!("daypass pick {who}"), 100, 24);
        screen.see("(? for help)");
        screen.press(&format!("{words}{ENTER}"));
        screen.see(&format!("AWSReservedSSO_{role}_"));
        assert_eq!(screen.end(), 0);
    }
    let mut screen = Window::start(&machine, "daypass pick --env > lines", 100, 24);
    screen.see("(? for help)");
    screen.press(&format!("readonly 8675{ENTER}"));
    assert_eq!(screen.end(), 0);
    assert!(machine.read("~/lines").contains("export AWS_SESSION_TOKEN="));
    assert_eq!(machine.read("~/.aws/config"), CONFIG);
}

#[test]
fn one_of_two_thousand_roles_in_a_few_letters() {
    let machine = Machine::with(World::guide().with_many_accounts(2000), Options::default());
    machine.write("~/.aws/config", CONFIG);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    let role = &World::guide().permission_sets[0].name;
    listing::list_many(&machine, "disasters", role);
    let mut screen = Window::start(&machine, "exec daypass pick --env > lines", 80, 24);
    screen.see("(? for help)");
    screen.press("01234");
    screen.see("  1 of 2");
    screen.see("Project 01234");
    screen.press(ENTER);
    assert_eq!(screen.end(), 0);
    assert!(machine.read("~/lines").contains("export AWS_ACCOUNT_ID=100000001234"));
}

#[test]
fn what_is_used_comes_first() {
    let machine = machine();
    machine.daypass("env --profile publisher --format json").must_be(0);
    machine.daypass("env --profile publisher --format json").must_be(0);
    machine.daypass("exec --env --profile disasters-sso -- true").must_be(0);
    machine.daypass("credential-process --profile disasters-admin").must_be(0);
    let screen = Window::start(&machine, "exec daypass pick", 80, 24);
    screen.see("(? for help)");
    let text = screen.text();
    let place = |name: &str| text.find(name).unwrap_or_else(|| panic!("{name}: {text}"));
    assert!(place("publisher") < place("disasters-sso"));
    assert!(place("disasters-sso") < place("disasters-admin"));
    let used = machine.read("~/.aws/daypass/used.json");
    assert!(!used.contains("disasters-admin"), "a credential process counts nothing: {used}");
    use std::os::unix::fs::PermissionsExt as _;
    let mode =
        fs::metadata(machine.path("~/.aws/daypass/used.json")).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn line_by_line_for_those_who_cannot_see_a_screen() {
    for (line, variables) in [
        ("exec daypass pick --plain", [("TERM", "xterm")]),
        ("exec daypass pick", [("TERM", "dumb")]),
    ] {
        let machine = machine();
        let mut screen = Window::with(&machine, line, 100, 30, &variables);
        screen.see("Number, or part of the name [1]:");
        assert!(screen.text().contains("   1) disasters-admin, "), "{}", screen.text());
        screen.press(&format!("publisher{ENTER}"));
        assert_eq!(screen.end(), 0);
        // This terminal echoes nothing: the name is daypass's.
        screen.wait("the name", |text| text.ends_with("[1]: publisher\n"));
    }
}

#[test]
fn line_by_line_only_what_fits_is_listed() {
    let machine = machine();
    let mut screen = Window::start(&machine, "exec daypass pick --plain project", 100, 30);
    screen.see("Number, or part of the name [1]:");
    assert!(screen.text().contains("disasters-admin, "), "{}", screen.text());
    assert!(!screen.text().contains("ReadOnlyAccess"), "{}", screen.text());
    screen.press(&format!("disasters-admin{ENTER}"));
    assert_eq!(screen.end(), 0);
    let mut screen = Window::start(&machine, "exec daypass pick --plain nosuchthing", 100, 30);
    screen.see("nothing fits `nosuchthing`");
    assert_eq!(screen.end(), 1);
}

#[test]
fn a_command_that_lacks_a_profile_offers_them() {
    let machine = machine();
    let who = "daypass sts get-caller-identity --query Arn --region us-east-1";
    let mut screen = Window::start(&machine, &format!("exec {who}"), 100, 24);
    screen.see("no profile is named: choose one");
    screen.press(&format!("daily{ENTER}"));
    screen.see("Using `--profile disasters-sso`.");
    screen.see("AWSReservedSSO_Project-Power-User_");
    assert_eq!(screen.end(), 0);

    let mut screen = Window::start(&machine, &format!("exec {who}"), 100, 24);
    screen.see("no profile is named: choose one");
    screen.press("\x03");
    assert_eq!(screen.end(), 130);
}

#[test]
fn nothing_is_offered_in_a_pipe_or_to_a_credential_process() {
    let machine = machine();
    for (line, said) in [
        (
            "daypass sts get-caller-identity --region us-east-1 | cat; echo end",
            "Unable to locate credentials",
        ),
        ("daypass sts get-caller-identity --region us-east-1 < /dev/null; echo end $?", "end 253"),
        ("daypass credential-process; echo end", "daypass: "),
        ("daypass s3 ls --profile none; echo end $?", "could not be found"),
    ] {
        let screen = Window::start(&machine, line, 160, 24);
        screen.see("end");
        assert!(screen.text().contains(said), "{line}: {}", screen.text());
        assert!(!screen.text().contains("choose one"), "{line}: {}", screen.text());
    }
}
