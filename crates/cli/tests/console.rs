//! The console's page in a browser: who gets the link, and how the browser is told.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, finish, until};
use sandbox::Options;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;

/// A machine with browsers that write down how they were started.
fn machine() -> Machine {
    let mut machine = Machine::logged_in(Options::default());
    let bin = machine.root.path().join("browsers");
    fs::create_dir_all(&bin).expect("a directory");
    for name in ["firefox", "chromium", "usual"] {
        let path = bin.join(name);
        let script =
            "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" > ~/started.new\nmv ~/started.new ~/started\n";
        fs::write(&path, script).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let dir = bin.display().to_string();
    machine.set("BROWSER", &format!("{dir}/usual %s"));
    let daypass =
        std::path::Path::new(env!("CARGO_BIN_EXE_daypass")).parent().expect("a directory");
    machine.set("PATH", &format!("{dir}:{}:/usr/bin:/bin", daypass.display()));
    machine
}

/// The words the browser was started with, its program's name first.
fn started(machine: &Machine) -> Vec<String> {
    until("the browser starts", || machine.path("~/started").exists());
    let words = machine.read("~/started");
    fs::remove_file(machine.path("~/started")).expect("removed");
    let mut words: Vec<String> = words.lines().map(str::to_owned).collect();
    words[0] = words[0].rsplit('/').next().expect("a name").to_owned();
    words
}

/// What a server answers to GET, its head included.
fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").expect("an http address");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    let mut stream = TcpStream::connect(host).expect("a server");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn location(answer: &str) -> String {
    let line = answer.lines().find_map(|line| line.strip_prefix("location: "));
    line.unwrap_or_else(|| panic!("no way on: {answer}")).to_owned()
}

#[test]
fn the_browser_is_led_to_the_role_s_page() {
    let machine = machine();
    let job = machine.start_daypass("console --profile disasters-sso --service s3");
    let words = started(&machine);
    assert_eq!((words.len(), words[0].as_str()), (2, "usual"));
    assert!(words[1].starts_with("http://127.0.0.1:"), "{words:?}");
    assert!(!words[1].contains("SigninToken"), "{words:?}");
    assert!(get(&format!("{}x", words[1])).starts_with("HTTP/1.1 404"));
    let page = get(&location(&get(&words[1])));
    assert!(page.contains("AWSReservedSSO_Project-Power-User_"), "{page}");
    assert!(page.contains("https://console.aws.amazon.com/s3/home?region=us-east-1"), "{page}");
    let ended = finish(job).must_be(0);
    assert_eq!(ended.stdout, "");
    let told = "Opening the console as Project-Power-User in account 867530900000.\n";
    assert_eq!(ended.stderr, told);
}

#[test]
fn each_account_has_a_room_of_its_own() {
    let machine = machine();
    let opened = |words: &str| {
        let job = machine.start_daypass(&format!("console --profile disasters-sso {words}"));
        let words = started(&machine);
        let last = words.last().expect("an address").clone();
        let url = match last.split_once("&url=") {
            Some((_, rest)) => decoded(rest.split('&').next().expect("an address")),
            None => last,
        };
        location(&get(&url));
        finish(job).must_be(0);
        words
    };
    let words = opened("--browser chromium --browser-profile");
    assert_eq!(words[..2], ["chromium", "--profile-directory=867530900000"]);
    let words = opened("--browser firefox --browser-profile Work");
    assert_eq!(words[..3], ["firefox", "-P", "Work"]);
    let words = opened("--container");
    assert_eq!(words[..2], ["firefox", "--new-tab"]);
    assert!(words[2].starts_with("ext+granted-containers:name=867530900000&url=http"), "{words:?}");

    let looks =
        "daypass_container = Disasters & more\ndaypass_color = cyan\ndaypass_icon = briefcase\n";
    let config =
        machine.read("~/.aws/config").replace("[sso-session", &format!("{looks}[sso-session"));
    machine.write("~/.aws/config", &config);
    let words = opened("");
    let container = "ext+granted-containers:name=Disasters%20%26%20more&url=http";
    assert!(words[2].starts_with(container), "{words:?}");
    assert!(words[2].ends_with("&color=turquoise&icon=briefcase"), "{words:?}");
    assert_eq!(opened("--browser chromium --browser-profile x")[1], "--profile-directory=x");
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let code = u8::from_str_radix(&part[..2], 16).expect("a code");
        format!("{done}{}{}", char::from(code), &part[2..])
    })
}

#[test]
fn a_browser_that_cannot_be_started_is_no_wait() {
    let machine = machine();
    machine.write("~/no-program", "text");
    let browser = machine.path("~/no-program").display().to_string();
    let ended = machine.daypass(&format!("console --profile disasters-sso --browser {browser}"));
    let ended = ended.must_be(1);
    assert!(ended.stderr.contains("hint: `daypass console --print`"), "{}", ended.stderr);
}

#[test]
fn the_sdks_do_not_see_looks() {
    let machine = machine();
    let looks = "daypass_color = red\ndaypass_tags = prod,eu\n";
    let config =
        machine.read("~/.aws/config").replace("[sso-session", &format!("{looks}[sso-session"));
    machine.write("~/.aws/config", &config);
    machine.daypass("sts get-caller-identity --profile disasters-sso").must_be(0);
}
