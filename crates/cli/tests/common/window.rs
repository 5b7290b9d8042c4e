//! A terminal that is drawn on: what a person would see there.

use super::{Machine, until};
use rexpect::process::PtyProcess;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// A terminal of some size, with a program on it.
pub struct Window {
    /// Ends what runs there when it is dropped.
    _process: PtyProcess,
    code: std::path::PathBuf,
    keys: std::fs::File,
    seen: Arc<Mutex<vt100::Parser>>,
    tty: String,
}

impl Window {
    /// Starts what a shell makes of a line, on a screen of so many columns and rows.
    pub fn start(machine: &Machine, line: &str, cols: u16, rows: u16) -> Self {
        Self::with(machine, line, cols, rows, &[("TERM", "xterm"), ("NO_COLOR", "1")])
    }

    /// The same with variables of its own.
    pub fn with(
        machine: &Machine,
        line: &str,
        cols: u16,
        rows: u16,
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = machine.command("/bin/sh");
        command.stdin(std::process::Stdio::inherit()).envs(variables.iter().copied());
        for old in ["~/tty", "~/code"] {
            let _ = std::fs::remove_file(machine.path(old));
        }
        let begin = format!("stty cols {cols} rows {rows}; tty > ~/tty.new; mv ~/tty.new ~/tty");
        // What is written just before the last program ends may never be seen: somebody
        // stays until everything was looked at.
        let end = "echo $? > ~/code.new; mv ~/code.new ~/code; read -r _";
        command.args(["-c", &format!("{begin}; ({line}); {end}")]);
        let process = PtyProcess::new(command).expect("a terminal");
        let mut output = process.get_file_handle().expect("the terminal");
        let keys = process.get_file_handle().expect("the terminal");
        let seen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 100)));
        let parser = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                parser.lock().unwrap_or_else(PoisonError::into_inner).process(&bytes[..length]);
            }
        });
        until("the terminal has its size", || machine.path("~/tty").exists());
        let tty = machine.read("~/tty").trim().to_owned();
        let code = machine.path("~/code");
        Self { _process: process, code, keys, seen, tty }
    }

    /// What is on the screen, without blank lines at its end.
    pub fn text(&self) -> String {
        let text = self.parser().screen().contents();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        format!("{}\n", lines.join("\n").trim_end())
    }

    /// What is on the screen, its colours as escape sequences.
    pub fn formatted(&self) -> String {
        String::from_utf8_lossy(&self.parser().screen().contents_formatted()).into_owned()
    }

    /// Column and row of the cursor.
    pub fn cursor(&self) -> (u16, u16) {
        let (row, col) = self.parser().screen().cursor_position();
        (col, row)
    }

    fn parser(&self) -> std::sync::MutexGuard<'_, vt100::Parser> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until these words are on the screen.
    #[track_caller]
    pub fn see(&self, words: &str) {
        self.wait(&format!("`{words}`"), |text| text.contains(words));
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let deadline = std::time::Instant::now() + super::PATIENCE;
        while !is_so(&self.text()) {
            assert!(std::time::Instant::now() < deadline, "{what} does not come:\n{}", self.text());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[track_caller]
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Another size, as when a window is drawn smaller.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.parser().screen_mut().set_size(rows, cols);
        let words = ["-F", &self.tty, "cols", &cols.to_string(), "rows", &rows.to_string()];
        let done = std::process::Command::new("stty").args(words).status();
        assert!(done.is_ok_and(|status| status.success()), "stty");
    }

    /// Waits for the end, and returns the code.
    #[track_caller]
    pub fn end(&mut self) -> i32 {
        until(&format!("it ends:\n{}", self.text()), || self.code.exists());
        let code = std::fs::read_to_string(&self.code).expect("a code");
        code.trim().parse().expect("a number")
    }
}
