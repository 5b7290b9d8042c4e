//! Someone at a terminal.

use super::Machine;
use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};

pub const ENTER: &str = "\r";

/// Someone at a terminal of 100 columns and 30 rows.
pub struct Talk(PtySession);

impl Talk {
    pub fn start(machine: &Machine, words: &str) -> Self {
        Self::on(machine, words, "cols 100 rows 30", true)
    }

    /// Someone who sees what the terminal is told, too.
    pub fn start_raw(machine: &Machine, words: &str) -> Self {
        Self::raw(machine, words, "cols 100 rows 30")
    }

    /// The same on another screen, escape sequences and all.
    pub fn raw(machine: &Machine, words: &str, size: &str) -> Self {
        Self::on(machine, words, size, false)
    }

    fn on(machine: &Machine, words: &str, size: &str, strip: bool) -> Self {
        let mut command = machine.command("/bin/sh");
        command.env("TERM", "xterm").env("NO_COLOR", "1").stdin(std::process::Stdio::inherit());
        command.args(["-c", &format!("stty {size}; exec daypass {words}")]);
        let options = Options::new().timeout_ms(Some(30_000)).strip_ansi_escape_codes(strip);
        Self(spawn_with_options(command, options).expect("a terminal"))
    }

    /// Reads on until these words are on the screen; what came before them.
    #[track_caller]
    pub fn see(&mut self, words: &str) -> String {
        let seen = self.0.exp_string(words);
        seen.unwrap_or_else(|error| panic!("`{words}` does not come: {error}"))
    }

    #[track_caller]
    pub fn press(&mut self, keys: &str) {
        self.0.send(keys).and_then(|_| self.0.flush()).expect("a terminal");
    }

    #[track_caller]
    pub fn control(&mut self, letter: char) {
        self.0.send_control(letter).expect("a terminal");
    }

    /// As a system that shuts down does it.
    pub fn terminate(&mut self) {
        let signal = rexpect::process::Signal::SIGTERM;
        self.0.process_mut().signal(signal).expect("a child");
    }

    /// Answers a question.
    #[track_caller]
    pub fn answer(&mut self, question: &str, text: &str) {
        self.see(question);
        self.press(&format!("{text}{ENTER}"));
    }

    /// Waits for the end; what came before it.
    #[track_caller]
    pub fn end(mut self, code: i32) -> String {
        let rest = self.0.exp_eof().expect("it ends");
        let status = format!("{:?}", self.0.process().wait().expect("a child"));
        assert!(status.ends_with(&format!(", {code})")), "{status}: {rest}");
        rest
    }
}
