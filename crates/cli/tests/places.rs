//! The places of the store's key, with the real program on the real machine.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what was skipped or counted must be seen"
)]

mod common;

use common::{Machine, finish};
use daypass_core::store::Store;
use sandbox::Options;
use std::process::Command;
use std::time::Duration;
use vault::{RecordName, Secret, Store as _};

const PROCESS: &str = "credential-process --profile disasters-sso";

fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn key_line(machine: &Machine) -> String {
    let status = machine.daypass("vault status").must_be(0).stdout;
    status.lines().nth(1).expect("the key").to_owned()
}

/// What was fetched once is found by the next process, without another fetch.
#[track_caller]
fn keeps(machine: &Machine) {
    machine.daypass(PROCESS).must_be(0);
    let fetched = machine.control().count_ok("GetRoleCredentials");
    let output = machine.daypass(PROCESS).must_be(0);
    assert_eq!(output.stderr, "");
    assert_eq!(machine.control().count_ok("GetRoleCredentials"), fetched);
}

#[test]
fn without_a_choice_it_is_the_kernel_s_keyring() {
    let machine = Machine::logged_in(Options::default());
    keeps(&machine);
    match key_line(&machine).as_str() {
        "key: kernel-keyring, at hand" => {}
        other => {
            skipped("this machine has no kernel keyring");
            assert_eq!(other, "key: memory-dir, at hand");
        }
    }
}

/// Forbids the kernel's keyrings to what it becomes, as container runtimes do.
const JAIL: &str = "\
import ctypes, os, platform, struct, sys
first = {'x86_64': 248, 'aarch64': 217}[platform.machine()]
code = [(0x20, 0, 0, 0)]
code += [(0x15, 3 - n, 0, first + n) for n in range(3)]
code += [(0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x00050001)]
code = b''.join(struct.pack('HBBI', *line) for line in code)
text = ctypes.create_string_buffer(code)
class Program(ctypes.Structure):
    _fields_ = [('count', ctypes.c_ushort), ('code', ctypes.c_void_p)]
program = Program(len(code) // 8, ctypes.addressof(text))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0, ctypes.get_errno()
os.execvp(sys.argv[1], sys.argv[1:])
";

#[test]
fn where_keyrings_are_forbidden_it_is_a_directory_in_memory() {
    let machine = Machine::logged_in(Options::default());
    let jailed = |words: &str| {
        let mut command = machine.command("python3");
        command.args(["-c", JAIL, env!("CARGO_BIN_EXE_daypass")]).args(words.split(' '));
        finish(machine.start(command))
    };
    if !has("python3") {
        return skipped("no python3 to forbid system calls with");
    }
    jailed(PROCESS).must_be(0);
    let status = jailed("vault status").must_be(0).stdout;
    assert!(status.contains("key: memory-dir, at hand"), "{status}");
    jailed(PROCESS).must_be(0);
    assert_eq!(machine.control().count_ok("GetRoleCredentials"), 1);
    // A choice that does not work is never replaced by a weaker one.
    let refused = jailed("vault use kernel-keyring").must_be(1);
    assert!(refused.stderr.contains("the system forbids it"), "{}", refused.stderr);
    assert!(refused.stderr.contains("daypass vault use memory-dir"), "{}", refused.stderr);
}

#[test]
fn a_file_and_a_command_hold_it_too() {
    let machine = Machine::logged_in(Options::default());
    machine.daypass("vault on").must_be(0);
    machine.write("~/seed", "0123456789abcdef0123456789abcdef");
    for (place, words) in
        [("key-file", "--key-file ~/key"), ("key-command", "-- cat ~/seed"), ("memory-dir", "")]
    {
        machine.shell(&format!("daypass vault use {place} {words}")).must_be(0);
        assert_eq!(key_line(&machine), format!("key: {place}, at hand"));
        machine.forget_roles();
        keeps(&machine);
    }
}

#[test]
fn the_desktop_s_secret_service_holds_it_too() {
    if !has("dbus-run-session") || !has("gnome-keyring-daemon") {
        return skipped("dbus-run-session and gnome-keyring-daemon are not installed");
    }
    let machine = Machine::logged_in(Options::default());
    machine.daypass("vault on").must_be(0);
    let script = format!(
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 77
         daypass vault use secret-service --no-cache && daypass {PROCESS} >/dev/null &&
         daypass {PROCESS} >/dev/null && daypass vault status"
    );
    let mut command = machine.command("dbus-run-session");
    let user = tempfile::tempdir().expect("a directory");
    command.args(["--", "sh", "-c", &script]);
    for name in ["XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, user.path());
    }
    let outcome = finish(machine.start(command)).must_be(0);
    assert!(outcome.stdout.contains("key: secret-service, at hand"), "{}", outcome.stdout);
    assert_eq!(machine.control().count_ok("GetRoleCredentials"), 1);
    // Outside, there is no bus: said at once, and how to go on.
    let status = machine.daypass("vault status").must_be(1);
    assert!(status.stdout.contains("out of reach"), "{}", status.stdout);
    assert!(status.stderr.contains("unlock the desktop's keyring"), "{}", status.stderr);
    let refused = machine.daypass(PROCESS).must_be(1);
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("daypass vault use"), "{}", refused.stderr);
}

#[test]
fn a_lost_key_means_one_login() {
    for loss in ["unlink", "revoke"] {
        let machine = Machine::logged_in(Options::default());
        machine.daypass("vault on").must_be(0);
        keeps(&machine);
        let settings = machine.read("~/.aws/daypass/vault/vault.toml");
        let slot = settings.lines().find_map(|line| line.strip_prefix("slot = "));
        let slot = slot.expect("a slot").trim_matches('"');
        let ring = if loss == "unlink" { " @u" } else { "" };
        let lose = format!("keyctl {loss} $(keyctl search @u user daypass:{slot}){ring}");
        if machine.shell(&lose).code() != 0 {
            return skipped("no keyctl, or no kernel keyring");
        }
        for _ in 0..2 {
            let refused = machine.daypass(PROCESS).must_be(4);
            assert!(refused.stderr.contains("nobody is logged in"), "{}", refused.stderr);
        }
        machine.daypass("sso login --sso-session disasters").must_be(0);
        keeps(&machine);
        assert_eq!(key_line(&machine), "key: kernel-keyring, at hand");
    }
}

#[test]
fn records_that_move_survive_a_kill_at_any_moment() {
    let machine = Machine::logged_in(Options::default());
    machine.daypass("vault use key-file --key-file ~/key").must_be(0);
    machine.daypass("vault on").must_be(0);
    let store = Store::in_home(&machine.home());
    for number in 0..60 {
        let name = RecordName::parse(&format!("keys.{number}")).expect("a name");
        store.save(&name, &Secret::new(vec![number; 900])).expect("saved");
    }
    let mut killed = 0;
    for round in 0..12 {
        let mut moving =
            machine.start_daypass(&format!("vault use key-file --key-file ~/key{round}"));
        std::thread::sleep(Duration::from_millis(5 + round * 6));
        moving.child.kill().expect("SIGKILL");
        killed += u32::from(finish(moving).code() == 128 + 9);
        let store = Store::in_home(&machine.home());
        assert_eq!(store.names().expect("names").len(), 61 + 1, "round {round}");
        for number in 0..60 {
            let name = RecordName::parse(&format!("keys.{number}")).expect("a name");
            let body = store.load(&name).expect("a store").expect("a record");
            assert_eq!(*body.expose(), vec![number; 900], "round {round}");
        }
    }
    println!("{killed} of 12 were killed");
    machine.daypass("vault use key-file --key-file ~/last").must_be(0);
    machine.daypass(PROCESS).must_be(0);
}
