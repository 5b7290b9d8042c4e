//! The process that serves one command: it begins before it, and ends after it.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::ask::{ask, credentials};
use common::{CONFIG, Machine, finish, until};
use sandbox::Options;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What `exec` would become: something that runs until it is told not to.
fn command() -> Child {
    Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a command")
}

/// The line an attendant of the process `pid` begins with.
fn attend(machine: &Machine, pid: u32) -> Value {
    let words = format!("attend --pid {pid} --profile disasters-sso");
    // The starting process waits for the line, not for the end of the output.
    let job = machine.start_daypass(&words);
    until("the attendant is ready", || job.stdout().ends_with('\n'));
    let line = finish(job).must_be(0).stdout;
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn text(letter: &Value, key: &str) -> String {
    letter[key].as_str().unwrap_or_else(|| panic!("no {key} in {letter}")).to_owned()
}

/// Everything an attendant had is gone.
fn is_over(letter: &Value) -> bool {
    let file = PathBuf::from(text(letter, "tokenFile"));
    ask("GET", &text(letter, "uri"), &[]).is_none() && !file.parent().expect("its own").exists()
}

#[test]
fn it_serves_its_command_and_ends_after_it() {
    let machine = Machine::logged_in(Options::default());
    let mut child = command();
    let letter = attend(&machine, child.id());
    let (uri, token) = (text(&letter, "uri"), text(&letter, "token"));
    assert_eq!(std::fs::read_to_string(text(&letter, "tokenFile")).expect("a file"), token);
    assert!(credentials(&uri, &token).expect("an answer").key().starts_with("ASIA"));
    assert_eq!(credentials(&uri, "guess").expect("an answer").status, 401);
    assert!(!is_over(&letter));
    drop(child.stdin.take());
    until("the attendant ends", || is_over(&letter));
    child.wait().expect("a child");
}

#[test]
fn it_ends_though_its_command_is_killed_and_nobody_takes_note() {
    let machine = Machine::logged_in(Options::default());
    let mut child = command();
    let letter = attend(&machine, child.id());
    child.kill().expect("SIGKILL");
    // The child is not waited for yet: what is left of it counts as dead.
    until("the attendant ends", || is_over(&letter));
    child.wait().expect("a child");
}

#[test]
fn what_the_command_leaves_running_does_not_keep_it() {
    let machine = Machine::logged_in(Options::default());
    let mut shell = machine.command("/bin/sh");
    // The daemon reads from a pipe of ours: it ends when we close it.
    shell.args(["-c", "exec 3<&0; cat <&3 & echo $!; read line"]);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
    let letter = attend(&machine, child.id());
    let stdin = child.stdin.take();
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    until("the attendant ends", || is_over(&letter));
    let mut pid = String::new();
    let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
    said.read_line(&mut pid).expect("its ID");
    assert!(Path::new("/proc").join(pid.trim()).exists(), "the daemon lives");
    drop(stdin);
    until("the daemon ends", || said.read(&mut [0]).is_ok_and(|read| read == 0));
}

#[test]
fn it_is_no_child_of_the_command_and_has_no_terminal() {
    let machine = Machine::logged_in(Options::default());
    let mut child = command();
    let letter = attend(&machine, child.id());
    let pid = attendant_of(&letter);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    let (parent, session, terminal) = (fields[1], fields[3], fields[4]);
    assert_ne!(parent, child.id().to_string());
    assert_ne!(parent, std::process::id().to_string());
    assert_eq!(session, pid, "a session of its own");
    assert_eq!(terminal, "0", "no controlling terminal");
    let shown = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let token = text(&letter, "token");
    for file in ["cmdline", "environ"] {
        assert!(!String::from_utf8_lossy(&shown(file)).contains(&token), "{file}");
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    until("the attendant ends", || is_over(&letter));
}

/// Its process ID is in its directory's name.
fn attendant_of(letter: &Value) -> String {
    let file = text(letter, "tokenFile");
    let dir = Path::new(&file).parent().and_then(Path::file_name).expect("a directory");
    dir.to_string_lossy().split('-').nth(1).expect("an ID").to_owned()
}

#[test]
fn what_a_killed_attendant_leaves_is_swept_by_the_next() {
    let machine = Machine::logged_in(Options::default());
    let mut child = command();
    let first = attend(&machine, child.id());
    let pid = attendant_of(&first);
    let killed = Command::new("kill").args(["-KILL", &pid]).status();
    assert!(killed.expect("kill").success());
    until("it is dead", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
    });
    let second = attend(&machine, child.id());
    assert!(is_over(&first));
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    until("the attendant ends", || is_over(&second));
}

#[test]
fn a_login_that_ends_is_told_on_the_terminal_and_its_return_too() {
    let options = Options { role_credentials_seconds: Some(24), ..Options::default() };
    let machine = Machine::logged_in(options);
    let mut child = command();
    // As on a terminal: `exec` hands standard error over only then.
    let job =
        machine.start_daypass(&format!("attend --pid {} --profile disasters-sso", child.id()));
    until("the attendant is ready", || job.stdout().ends_with('\n'));
    let letter: Value = serde_json::from_str(&job.stdout()).expect("a letter");
    let (uri, token) = (text(&letter, "uri"), text(&letter, "token"));
    let first = credentials(&uri, &token).expect("an answer").key();
    machine.control().revoke_sessions();
    until("it says so", || job.stderr().contains("in another terminal"));
    assert_eq!(credentials(&uri, &token).expect("an answer").key(), first);
    until("nothing is left", || credentials(&uri, &token).expect("it stays").status != 200);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    until("it goes on", || credentials(&uri, &token).expect("it stays").status == 200);
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    until("the attendant ends", || is_over(&letter));
    let said = finish(job).must_be(0).stderr;
    assert_eq!(said.matches("hint: run `daypass sso login").count(), 1, "{said}");
    assert!(said.contains("are renewed again"), "{said}");
}

#[test]
fn what_stands_in_the_way_is_told_before_the_command_begins() {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    let mut child = command();
    let letter = attend(&machine, child.id());
    assert_eq!(letter["error"]["kind"], "login-needed", "{letter}");
    let hint = letter["error"]["hint"].as_str().expect("a hint");
    assert!(hint.contains("daypass sso login --sso-session disasters"), "{hint}");
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
}

#[test]
fn a_command_that_has_ended_meanwhile_is_not_served() {
    let machine = Machine::logged_in(Options::default());
    let mut child = command();
    let pid = child.id();
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    let words = format!("attend --pid {pid} --profile disasters-sso --apart");
    assert_eq!(finish(machine.start_daypass(&words)).must_be(0).stderr, "");
}
