//! The one door to the terminal's two streams.
//!
//! Standard output carries what was asked for, standard error the talk. A reader
//! that closes the pipe early has what it wanted: that is no failure.

use crate::output::clean;
use std::io::{self, IsTerminal, Write};

/// Who is there to read and to answer.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    /// Standard output is a terminal.
    pub stdout_terminal: bool,
    /// Standard input is a terminal.
    pub stdin_terminal: bool,
    /// Standard error is a terminal.
    pub stderr_terminal: bool,
}

impl Ui {
    /// Looks at the streams.
    pub fn detect() -> Self {
        Self {
            stdout_terminal: io::stdout().is_terminal(),
            stdin_terminal: io::stdin().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
        }
    }

    /// Writes what was asked for, as it is.
    ///
    /// # Errors
    /// The stream's own, but for a closed pipe.
    pub fn print(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a line of the AWS CLI's conversation, which goes to standard output.
    pub fn say(&self, line: &str) {
        let _ = self.print(&format!("{}\n", self.shown(line)));
    }

    /// Reads a line of standard input, its line feed removed.
    ///
    /// # Errors
    /// The stream's own, and its end.
    pub fn read_line(&self) -> io::Result<String> {
        let mut line = String::new();
        match io::stdin().read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    /// Writes a line of talk to standard error.
    pub fn note(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{}", clean(line));
    }

    /// Writes text that is ready for standard error.
    pub fn complain(&self, text: &str) {
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn shown(&self, line: &str) -> String {
        line.split('\n').map(|part| clean(part).into_owned()).collect::<Vec<_>>().join("\n")
    }
}
