//! `exec` on a real system: signals, terminals, what children and neighbours see.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{CONFIG, Job, Machine, finish, until};
use rexpect::session::{PtySession, spawn_with_options};
use sandbox::Options;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

const KEYS: &str = "exec --env --profile disasters-sso --";
const SERVED: &str = "exec --profile disasters-sso --";
const BOTH: [&str; 2] = [KEYS, SERVED];

fn send(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// `exec` of a script in a file, which says `ready` when it is.
fn start(machine: &Machine, exec: &str, script: &str) -> Job {
    machine.write("~/script", script);
    let job = machine.start_daypass(&format!("{exec} sh script"));
    job.says("ready");
    job
}

#[test]
fn a_signal_to_the_pid_reaches_the_command_itself() {
    let machine = Machine::logged_in(Options::default());
    let script = "trap 'echo caught; exit 7' TERM\necho ready $$\nwhile :; do sleep 0.05; done\n";
    for exec in BOTH {
        let job = start(&machine, exec, script);
        let pid = job.child.id();
        assert!(job.stdout().contains(&format!("ready {pid}\n")), "it is the same process");
        send("TERM", pid);
        let outcome = finish(job).must_be(7);
        assert!(outcome.stdout.ends_with("caught\n"), "{outcome:?}");
    }
}

#[test]
fn a_command_that_catches_nothing_dies_of_the_signal() {
    let machine = Machine::logged_in(Options::default());
    for exec in BOTH {
        for (name, code) in
            [("TERM", 143), ("INT", 130), ("HUP", 129), ("PIPE", 141), ("KILL", 137)]
        {
            let job = start(&machine, exec, "echo ready\nexec sleep 600\n");
            send(name, job.child.id());
            assert_eq!(finish(job).code(), code, "{name}");
        }
    }
}

#[test]
fn signals_that_are_ignored_stay_ignored() {
    let machine = Machine::logged_in(Options::default());
    for exec in BOTH {
        let line = format!(
            "trap '' HUP INT; daypass {exec} sh -c 'kill -HUP $$; kill -INT $$; echo alive'"
        );
        let outcome = machine.shell(&line).must_be(0);
        assert_eq!(outcome.stdout, "alive\n", "as under nohup");
    }
}

#[test]
fn a_signal_while_credentials_are_fetched_keeps_the_command_from_starting() {
    let machine = Machine::logged_in(Options::default());
    for exec in BOTH {
        let hold = machine.control().hold("GetRoleCredentials");
        let job = machine.start_daypass(&format!("{exec} echo started"));
        assert!(hold.wait_for(1, common::PATIENCE), "nobody asks for credentials");
        send("TERM", job.child.id());
        let outcome = finish(job).must_be(143);
        drop(hold);
        assert_eq!(outcome.stdout, "");
    }
}

/// The words of every process on this machine.
fn all_words() -> String {
    let entries = fs::read_dir("/proc").expect("/proc");
    let paths = entries.map(|entry| entry.expect("an entry").path().join("cmdline"));
    paths
        .map(|path| {
            String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned() + "\n"
        })
        .collect()
}

#[test]
fn no_secret_is_in_the_words_of_any_process() {
    let machine = Machine::logged_in(Options::default());
    for (exec, names) in [
        (KEYS, ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].as_slice()),
        (SERVED, ["AWS_CONTAINER_AUTHORIZATION_TOKEN"].as_slice()),
    ] {
        let job = start(&machine, exec, "env > seen\necho ready\nexec sleep 600\n");
        let seen = machine.read("~/seen");
        for name in names {
            let found = seen.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            let secret = found.unwrap_or_else(|| panic!("{name} is not set"));
            assert!(secret.len() > 20);
            assert!(!all_words().contains(secret), "{name}");
        }
        send("KILL", job.child.id());
        finish(job);
    }
}

#[test]
fn debug_names_what_is_removed_and_no_value() {
    let mut machine = Machine::logged_in(Options::default());
    machine.set("AWS_SECURITY_TOKEN", "LEFT-OVER-SECRET");
    machine.set("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/hub");
    for exec in BOTH {
        let outcome = machine.daypass(&format!("--debug {exec} env")).must_be(0);
        for name in ["AWS_SECURITY_TOKEN", "AWS_ROLE_ARN"] {
            let line = outcome.stderr.lines().find(|line| line.contains(name));
            let line = line.unwrap_or_else(|| panic!("{name} is not named: {outcome:?}"));
            assert!(line.contains("a variable is removed"), "{line}");
        }
        let secrets = outcome.stdout.lines().filter_map(|line| line.split_once('='));
        let secrets = secrets.filter(|(name, _)| name.contains("TOKEN") || name.contains("SECRET"));
        for secret in secrets.map(|(_, value)| value).chain(["LEFT-OVER-SECRET"]) {
            assert!(!outcome.stderr.contains(secret), "{outcome:?}");
        }
    }
}

#[test]
fn nothing_is_left_when_the_command_has_ended() {
    let machine = Machine::logged_in(Options::default());
    machine.write("~/.aws/credentials", "[default]\naws_access_key_id = AKIA\n");
    let job = start(&machine, SERVED, "env > seen\necho ready\nexec sleep 600\n");
    let seen = machine.read("~/seen");
    let places: Vec<_> = ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONFIG_FILE"]
        .iter()
        .map(|name| seen.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')))
        .map(|path| std::path::PathBuf::from(path.expect("it is set")))
        .collect();
    for path in &places {
        let mode = fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let attendant = format!("--pid={}", job.child.id());
    assert!(all_words().contains(&attendant));
    send("KILL", job.child.id());
    finish(job);
    let dir = places[0].parent().expect("a directory");
    until("the attendant is gone", || !all_words().contains(&attendant) && !dir.exists());
}

#[test]
fn the_command_s_limits_are_its_user_s_and_not_daypass_s() {
    let machine = Machine::logged_in(Options::default());
    let script = "ulimit -c\nulimit -Hc\ngrep -E \"^(SigIgn|SigBlk|SigCgt|Seccomp|NoNewPrivs)\" /proc/self/status\nls -l /proc/$$/fd > fds\ngrep -E 'socket:|pipe:|anon_inode:' fds || echo none\n";
    machine.write("~/limits", script);
    let without = machine.shell("exec sh limits").must_be(0);
    for exec in BOTH {
        let with = machine.shell(&format!("exec daypass {exec} sh limits")).must_be(0);
        assert_eq!(without_glibc_s_own(&without.stdout), without_glibc_s_own(&with.stdout));
    }
}

/// The lines without the signals 32 and 33, which glibc takes for itself in every
/// program that has had a thread.
fn without_glibc_s_own(lines: &str) -> Vec<String> {
    let masked = |line: &str| {
        let digits = line.strip_prefix("SigIgn:\t")?;
        let bits = u64::from_str_radix(digits, 16).expect("a mask");
        Some(format!("SigIgn {:x}", bits & !(3 << 31)))
    };
    lines.lines().map(|line| masked(line).unwrap_or_else(|| line.to_owned())).collect()
}

#[test]
fn standard_input_is_the_command_s_to_the_last_byte() {
    let machine = Machine::logged_in(Options::default());
    for exec in BOTH {
        let line = format!("head -c 1000000 /dev/zero | daypass {exec} wc -c");
        let outcome = machine.shell(&line).must_be(0);
        assert_eq!((outcome.stdout.trim(), outcome.stderr.as_str()), ("1000000", ""));
    }
}

#[test]
fn a_large_environment_goes_through() {
    let mut machine = Machine::logged_in(Options::default());
    for number in 0..500 {
        machine.set(&format!("LARGE_{number}"), &"x".repeat(2000));
    }
    for exec in BOTH {
        let outcome = machine.daypass(&format!("{exec} sh -c env")).must_be(0);
        assert_eq!(outcome.stdout.lines().filter(|line| line.starts_with("LARGE_")).count(), 500);
    }
}

/// A job in the background of a script, as cron and CI start them.
#[test]
fn nobody_at_the_terminal_is_no_hindrance() {
    let machine = Machine::logged_in(Options::default());
    for exec in BOTH {
        let line = format!("setsid daypass {exec} sh -c 'echo here' </dev/null");
        assert_eq!(machine.shell(&line).must_be(0).stdout, "here\n");
    }
}

/// A person at a real shell, with its job control.
struct Terminal(PtySession);

impl Terminal {
    fn open(machine: &Machine) -> Self {
        let mut command = machine.command("/bin/bash");
        command.args(["--norc", "--noprofile", "-i"]).env("PS1", "ada> ").env("TERM", "dumb");
        command.stdin(Stdio::inherit());
        let options = rexpect::reader::Options::new().timeout_ms(Some(60_000));
        let mut terminal = Self(spawn_with_options(command, options).expect("a terminal"));
        terminal.see("ada> ");
        terminal
    }

    #[track_caller]
    fn see(&mut self, words: &str) {
        self.0.exp_string(words).unwrap_or_else(|error| panic!("`{words}` does not come: {error}"));
    }

    #[track_caller]
    fn enter(&mut self, line: &str) {
        self.0.send_line(line).expect("a terminal");
    }

    #[track_caller]
    fn control(&mut self, key: char) {
        self.0.send_control(key).expect("a terminal");
    }
}

#[test]
fn ctrl_c_is_for_the_command() {
    let machine = Machine::logged_in(Options::default());
    machine.write(
        "~/script",
        "trap 'echo cau''ght; exit 5' INT\necho rea''dy\nwhile :; do sleep 0.05; done\n",
    );
    let mut terminal = Terminal::open(&machine);
    for exec in BOTH {
        terminal.enter(&format!("daypass {exec} sh script; echo code=$?"));
        terminal.see("ready");
        terminal.control('c');
        terminal.see("caught");
        terminal.see("code=5");
    }
    terminal.enter("exit");
}

#[test]
fn a_stopped_command_goes_on_in_the_foreground() {
    let machine = Machine::logged_in(Options::default());
    machine.write("~/script", "echo rea''dy\nread line\necho got:$line\n");
    let mut terminal = Terminal::open(&machine);
    for exec in BOTH {
        terminal.enter(&format!("daypass {exec} sh script"));
        terminal.see("ready");
        terminal.control('z');
        terminal.see("Stopped");
        terminal.see("ada> ");
        terminal.enter("jobs");
        terminal.see("Stopped");
        terminal.enter("fg");
        terminal.see("sh script");
        terminal.enter("hello");
        terminal.see("got:hello");
        terminal.see("ada> ");
    }
    terminal.enter("exit");
}

#[test]
fn without_a_command_a_terminal_gets_the_user_s_shell() {
    let mut machine = Machine::logged_in(Options::default());
    machine.set("SHELL", "/bin/sh");
    let mut terminal = Terminal::open(&machine);
    terminal.enter("daypass exec --profile disasters-sso");
    terminal.see("A shell with the credentials of profile `disasters-sso`");
    terminal.enter("echo it=$DAYPASS_PROFILE");
    terminal.see("it=disasters-sso");
    terminal.enter("exit 3");
    terminal.enter("echo code=$?");
    terminal.see("code=3");
    terminal.enter("exit");
}

#[test]
fn a_terminal_is_warned_of_the_secrets_it_shows() {
    let machine = Machine::logged_in(Options::default());
    let mut terminal = Terminal::open(&machine);
    terminal.enter("daypass env --profile disasters-sso 2>said; cat said | tr a-z A-Z");
    terminal.see("THESE LINES ARE SECRET");
    terminal.enter("exit");
}

#[test]
fn a_file_that_cannot_be_read_is_no_reason_to_start() {
    let machine = Machine::logged_in(Options::default());
    machine.write("~/.aws/config", &format!("{CONFIG}nonsense\n"));
    let outcome = machine.daypass(&format!("{KEYS} echo started")).must_be(1);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("line "), "{outcome:?}");
}
