//! Logins on a pseudo-terminal: what it is told beside text, and what it is not shown.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::talk::{ENTER, Talk};
use common::{CONFIG, Machine};
use sandbox::Options;

/// A full block and an upper half, byte by byte as the pseudo-terminal is read.
const FULL: &str = "\u{e2}\u{96}\u{88}";
const UPPER: &str = "\u{e2}\u{96}\u{80}";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    machine
}

/// What stands between two words of the screen.
#[track_caller]
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before}: {text:?}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("{after}: {text:?}")).0
}

#[test]
fn a_device_code_is_large_linked_copied_and_there_as_text() {
    let mut machine = machine();
    machine.set("JUPYTERHUB_USER", "ada");
    let mut talk = Talk::raw(&machine, "login --profile disasters-sso", "cols 100 rows 30");
    talk.see("no browser can reach this terminal here (JupyterHub) -> device code");
    let seen = talk.see("Only approve the code that you see here");
    let link = between(&seen, "\x1b]8;;", "\x1b\\");
    assert!(seen.contains(&format!("\x1b\\{link}\x1b]8;;\x1b\\")), "{seen:?}");
    let copied = STANDARD.decode(between(&seen, "\x1b]52;c;", "\x07")).expect("base 64");
    let code = String::from_utf8(copied).expect("text");
    assert!(seen.contains(&format!("\r\n{code}\r\n")), "{code} {seen:?}");
    assert!(link.ends_with(&code) && seen.contains(FULL), "{seen:?}");
    assert!(!seen.contains(UPPER), "no picture: it has no room on this screen");
    machine.shell(&format!("daypass sandbox approve '{link}'")).must_be(0);
    talk.see("Logged in to sso-session `disasters`");
    talk.see("boto3.Session(profile_name=\"disasters-sso\")");
    talk.see("s3fs.S3FileSystem(profile=\"disasters-sso\")");
    talk.see("gdal.SetConfigOption(\"AWS_PROFILE\", \"disasters-sso\")");
    talk.end(0);
}

#[test]
fn plain_words_are_nothing_but_words() {
    let machine = machine();
    for (flags, term) in [("--plain --use-device-code", "xterm"), ("--use-device-code", "dumb")] {
        let words = format!("login --force --no-browser {flags}");
        let screen = format!("cols 100 rows 60; export TERM={term}");
        let mut talk = Talk::raw(&machine, &words, &screen);
        let seen = talk.see("Only approve the code that you see here");
        assert!(seen.is_ascii() && !seen.contains('\x1b'), "{seen:?}");
        talk.control('c');
        talk.end(130);
    }
}

#[test]
fn a_picture_is_shown_where_it_has_room() {
    let machine = machine();
    let words = "login --use-device-code --no-browser --no-copy";
    let mut talk = Talk::raw(&machine, words, "cols 100 rows 60");
    let picture = talk.see("Open this page in any browser, on any device:");
    assert!(picture.lines().filter(|line| line.contains(UPPER)).count() > 10, "{picture}");
    let seen = talk.see("Only approve the code that you see here");
    assert!(!seen.contains("\x1b]52"), "{seen:?}");
    talk.control('c');
    talk.end(130);
}

#[test]
fn an_address_is_pasted_and_not_shown() {
    let mut machine = machine();
    machine.set("SSH_CONNECTION", "192.0.2.7 50000 198.51.100.4 22");
    let mut talk = Talk::raw(&machine, "login --paste", "cols 100 rows 30");
    let seen = talk.see("Only allow a request of `daypass-disasters`");
    let link = between(&seen, "\x1b]8;;", "\x1b\\").to_owned();
    talk.see("The address, not shown:");
    let approve = format!("daypass sandbox approve --print-redirect '{link}'");
    let address = machine.shell(&approve).must_be(0).stdout.trim().to_owned();
    let code = between(&address, "code=", "&").to_owned();
    // Half of it first, as from a terminal that has wrapped the line.
    talk.press(&format!("\x1b[200~{}\x1b[201~{ENTER}", &address[..60]));
    talk.see("copy the whole");
    talk.press(&format!("\x1b[200~{address}\x1b[201~"));
    talk.see(&format!("({} characters)", address.len()));
    talk.press(ENTER);
    let rest = talk.see("Logged in to sso-session `disasters`");
    assert!(!rest.contains(&code), "{rest}");
    assert!(!talk.end(0).contains(&code));
    assert_eq!(machine.tokens().len(), 1);
}

#[test]
fn ctrl_c_ends_the_wait_for_an_address() {
    let machine = machine();
    let mut talk = Talk::start(&machine, "login --paste --no-browser");
    talk.see("The address, not shown:");
    talk.control('c');
    talk.end(130);
    assert!(machine.tokens().is_empty());
}

/// As clients leave them that registered without scopes.
fn drop_refresh_tokens(machine: &Machine) {
    for (path, mut value) in machine.tokens() {
        value.as_object_mut().expect("an object").remove("refreshToken");
        machine.write(&path.display().to_string(), &value.to_string());
    }
}

#[test]
fn whoever_runs_a_command_hears_that_its_login_ends_soon() {
    let machine = Machine::logged_in(Options { access_token_seconds: 612, ..Options::default() });
    drop_refresh_tokens(&machine);
    let mut talk = Talk::start(&machine, "exec --profile disasters-sso -- cat");
    talk.see("note: the login of sso-session `disasters` ends at");
    talk.see("`daypass login --force --sso-session disasters` makes a new one.");
    talk.see("daypass: the login of sso-session `disasters` ends at");
    talk.see("it is noticed here by itself");
    talk.control('d');
    talk.end(0);
    // A script hears nothing.
    let outcome = machine.daypass("exec --profile disasters-sso -- true").must_be(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}

#[test]
fn keys_that_end_while_a_command_runs_are_told_of_too() {
    let options = Options { role_credentials_seconds: Some(300), ..Options::default() };
    let machine = Machine::logged_in(options);
    let mut talk = Talk::start(&machine, "exec --env --profile disasters-sso -- cat");
    talk.see("note: the keys end at");
    talk.see("daypass: the keys of this command end at");
    talk.control('d');
    talk.end(0);
}

#[test]
fn a_program_that_has_the_whole_screen_gets_a_bell_and_one_line() {
    let machine = Machine::logged_in(Options { access_token_seconds: 612, ..Options::default() });
    drop_refresh_tokens(&machine);
    // It takes the screen before the attendant can say anything.
    let words = "exec --profile disasters-sso -- sh -c 'read line; stty sane'";
    let mut talk = Talk::raw(&machine, words, "cols 100 rows 30 -icanon");
    talk.see("note: the login of");
    talk.see("\x07\x1b7\x1b[999;1H\x1b[2K\x1b[7mdaypass: the login of");
    talk.see("\x1b[0m\x1b8");
    talk.press("\n");
    talk.end(0);
}
