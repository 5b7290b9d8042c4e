//! A transcript: prose, files, and commands with what they print.
//!
//! Fenced blocks do things:
//!
//! - with a path after the language (`ini ~/.aws/config`): the file is written;
//! - `toml world`: the sandbox starts anew with this world;
//! - `console`: `$ ` lines are given to a shell in ada's home directory (`> ` goes
//!   on with the line above), `export` and `unset` stay in force; what follows is
//!   standard output, lines with `2> ` are standard error, `[exit N]` is the code if
//!   it is not 0. `% ` lines steer the sandbox, see [`Stage::steer`].

use super::{Machine, Outcome, fixed};
use sandbox::{Fault, Options, RedirectStyle, World};
use std::time::Duration;

/// Runs a transcript and returns it with what happened in place of what was
/// expected.
pub fn play(text: &str) -> String {
    let mut stage = Stage { machine: Machine::new(), seen: 0 };
    let mut played = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        played += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        played += &stage.block(info, &block);
        played += "```\n";
    }
    played
}

struct Stage {
    machine: Machine,
    /// Requests that `% calls` has shown.
    seen: usize,
}

impl Stage {
    fn block(&mut self, info: &str, lines: &[&str]) -> String {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        match info.split_once(' ') {
            None if info == "console" => return self.console(lines),
            Some((_, "world")) => {
                self.seen = 0;
                self.machine.move_to(world(&text));
            }
            Some((_, place)) => self.machine.write(place, &text),
            None => {}
        }
        text
    }

    fn console(&mut self, lines: &[&str]) -> String {
        let mut steps = Vec::new();
        let mut lines = lines.iter().peekable();
        while let Some(line) = lines.next() {
            if let Some(words) = line.strip_prefix("% ") {
                steps.push(format!("{line}\n{}", self.steer(words)));
            } else if let Some(first) = line.strip_prefix("$ ") {
                let (mut shown, mut command) = (format!("{line}\n"), first.to_owned());
                while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                    shown += &format!("{more}\n");
                    command += &format!("\n{}", &more[2..]);
                }
                steps.push(shown + &self.command(&command));
            }
        }
        join(&steps)
    }

    fn command(&mut self, command: &str) -> String {
        if let Some(pair) = command.strip_prefix("export ") {
            let (name, value) = pair.split_once('=').expect("NAME=VALUE");
            self.machine.set(name, value);
            return String::new();
        }
        if let Some(name) = command.strip_prefix("unset ") {
            self.machine.unset(name);
            return String::new();
        }
        let outcome = self.machine.shell(command);
        shown(&self.machine, &outcome)
    }

    /// What the sandbox is told, in its own words.
    fn steer(&mut self, words: &str) -> String {
        let control = self.machine.control();
        let words: Vec<&str> = words.split(' ').collect();
        match *words.as_slice() {
            ["advance", by] => control.advance(duration(by)),
            ["age-tokens", by] => self.machine.age_tokens(duration(by)),
            ["forget-roles"] => self.machine.forget_roles(),
            ["browser", who] => self.machine.use_browser(who),
            ["revoke-sessions"] => control.revoke_sessions(),
            ["revoke-access-tokens"] => control.revoke_access_tokens(),
            ["revoke-role-credentials"] => control.revoke_role_credentials(),
            ["forget-registrations"] => control.forget_registrations(),
            ["unassign", user, account, set] => assert!(control.unassign(user, account, set)),
            ["fail-next", operation, status, times] => {
                control.fail_next(
                    operation,
                    Fault::Bare(number(status)),
                    usize::from(number(times)),
                );
            }
            ["fail-next", operation, status, code, times] => {
                let fault = Fault::Status(number(status), code.to_owned());
                control.fail_next(operation, fault, usize::from(number(times)));
            }
            ["drop-next", operation, times] => {
                control.fail_next(operation, Fault::DropBefore, usize::from(number(times)));
            }
            ["truncate-next", operation, times] => {
                control.fail_next(operation, Fault::Truncate, usize::from(number(times)));
            }
            ["redirect-style", style] => self.redirect(style),
            ["device-codes-live", seconds] => {
                let device_code_seconds = u64::from(number(seconds));
                control.set_options(Options { device_code_seconds, ..control.options() });
            }
            ["whole-pages"] => {
                control.set_options(Options { strict: false, ..control.options() });
            }
            ["no-refresh-tokens"] => self.drop_refresh_tokens(),
            ["calls"] => return self.calls(),
            ["clear-calls"] => drop(self.calls()),
            _ => panic!("no such direction: {words:?}"),
        }
        String::new()
    }

    fn redirect(&self, style: &str) {
        let redirect_style = match style {
            "silent" => RedirectStyle::Silent,
            "mute" => RedirectStyle::Mute,
            other => panic!("no such style: {other}"),
        };
        let control = self.machine.control();
        control.set_options(Options { redirect_style, ..control.options() });
    }

    /// As a client leaves them that registered without scopes.
    fn drop_refresh_tokens(&self) {
        for (path, mut value) in self.machine.tokens() {
            value.as_object_mut().expect("an object").remove("refreshToken");
            self.machine.write(&path.display().to_string(), &value.to_string());
        }
    }

    /// The requests since the last time, one a line.
    fn calls(&mut self) -> String {
        let journal = self.machine.control().journal();
        let fresh = journal.iter().skip(self.seen);
        let lines = fresh.map(|entry| match &entry.code {
            Some(code) => format!("{} {} {code}\n", entry.operation, entry.status),
            None => format!("{} {}\n", entry.operation, entry.status),
        });
        let text = lines.collect();
        self.seen = journal.len();
        text
    }
}

fn number(text: &str) -> u16 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn duration(text: &str) -> Duration {
    let (count, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => panic!("{text} is no duration"),
    };
    Duration::from_secs(u64::from(number(count)) * seconds)
}

fn world(text: &str) -> World {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
    World::load(file.path()).unwrap_or_else(|error| panic!("{error}"))
}

/// Standard output, standard error, and the code.
fn shown(machine: &Machine, outcome: &Outcome) -> String {
    let (stdout, stderr) =
        (fixed::words(machine, &outcome.stdout), fixed::words(machine, &outcome.stderr));
    let mut text = stdout.trim_end_matches('\n').to_owned();
    if !text.is_empty() {
        text.push('\n');
        if !stdout.ends_with('\n') {
            text += "[no newline at the end]\n";
        }
    }
    for line in stderr.lines() {
        text += format!("2> {line}").trim_end();
        text.push('\n');
    }
    match outcome.code() {
        0 => text,
        code => format!("{text}[exit {code}]\n"),
    }
}

/// Steps with output stand apart from what follows; silent ones do not.
fn join(steps: &[String]) -> String {
    let mut text = String::new();
    for (at, step) in steps.iter().enumerate() {
        text += step;
        let silent =
            step.lines().all(|l| l.starts_with("$ ") || l.starts_with("> ") || l.starts_with("% "));
        if at + 1 < steps.len() && !silent {
            text.push('\n');
        }
    }
    text
}
