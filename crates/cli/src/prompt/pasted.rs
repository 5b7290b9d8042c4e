//! A long line that is pasted and not shown.

use std::io::{self, BufRead, IsTerminal, Read};

use super::keys::Key;
use super::terminal::Hidden;
use super::{PromptError, cells};
use vault::Secret;

/// Longer than any address; what is longer was pasted by mistake.
const LIMIT: usize = 64 * 1024;

/// Asks for a line that may be longer than a terminal's own lines can be (4095 bytes),
/// says how much came, and shows nothing of it. Without a terminal it reads a line of
/// standard input, on a thread of its own: a pipe may never say anything, and signals
/// must be heard meanwhile. (A terminal's keys are read here, where Ctrl-C is one of them.)
///
/// # Errors
/// [`PromptError`]: nobody to ask, or no answer.
pub async fn pasted(label: &str) -> Result<Secret<String>, PromptError> {
    match Hidden::open() {
        Ok(mut terminal) => on(&mut terminal, label),
        Err(PromptError::NotATerminal) => {
            let read = tokio::task::spawn_blocking(from_pipe).await;
            read.unwrap_or_else(|error| Err(PromptError::Io(error.into())))
        }
        Err(error) => Err(error),
    }
}

/// What a hidden line needs of a terminal.
pub trait Keys {
    /// Draws the line anew.
    fn show(&mut self, line: &str) -> io::Result<()>;
    /// Waits for a key.
    fn next(&mut self) -> Result<Key, PromptError>;
    /// Whether more is coming at once, faster than anybody types.
    fn is_in_a_burst(&mut self) -> io::Result<bool>;
}

fn on(terminal: &mut dyn Keys, label: &str) -> Result<Secret<String>, PromptError> {
    let mut line = Secret::new(String::with_capacity(LIMIT));
    let label = cells::clean(label);
    loop {
        if !terminal.is_in_a_burst()? {
            terminal.show(&format!("{label}{}", told(line.expose().len())))?;
        }
        match terminal.next()? {
            Key::Char(c) => put(&mut line, c.encode_utf8(&mut [0; 4])),
            Key::Paste(text) => put(&mut line, Secret::new(text).expose()),
            // A terminal without bracketed paste types what it is given, its line feeds too.
            Key::Enter if terminal.is_in_a_burst()? => {}
            Key::Enter => return Ok(line),
            Key::Interrupt => return Err(PromptError::Interrupted),
            Key::EndOrDelete if line.expose().is_empty() => return Err(PromptError::EndOfInput),
            Key::Backspace | Key::DeleteToStart | Key::DeleteWord | Key::Escape => {
                line = Secret::new(String::with_capacity(LIMIT));
            }
            _ => {}
        }
    }
}

/// Never beyond the room it has: a text that moves in memory leaves a copy behind.
fn put(line: &mut Secret<String>, text: &str) {
    let mut whole = String::with_capacity(LIMIT);
    if line.expose().len() + text.len() <= LIMIT {
        whole.push_str(line.expose());
        whole.push_str(text);
    }
    *line = Secret::new(whole);
}

fn told(length: usize) -> String {
    match length {
        0 => String::new(),
        1 => "(1 character)".to_owned(),
        more => format!("({more} characters)"),
    }
}

fn from_pipe() -> Result<Secret<String>, PromptError> {
    if io::stdin().is_terminal() {
        return super::secret("");
    }
    let mut text = Vec::with_capacity(LIMIT);
    let read = io::stdin().lock().take(LIMIT as u64).read_until(b'\n', &mut text);
    let line = Secret::new(text);
    read?;
    match std::str::from_utf8(line.expose()) {
        Ok("") => Err(PromptError::EndOfInput),
        Ok(text) => Ok(Secret::from(text)),
        Err(_) => Ok(Secret::from("?")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Keys that come one by one, or (`None` between two of them) after a pause.
    struct Script {
        keys: VecDeque<Option<Key>>,
        shown: Vec<String>,
    }

    impl Keys for Script {
        fn show(&mut self, line: &str) -> io::Result<()> {
            self.shown.push(line.to_owned());
            Ok(())
        }

        fn next(&mut self) -> Result<Key, PromptError> {
            while let Some(next) = self.keys.pop_front() {
                if let Some(key) = next {
                    return Ok(key);
                }
            }
            Err(PromptError::EndOfInput)
        }

        fn is_in_a_burst(&mut self) -> io::Result<bool> {
            Ok(matches!(self.keys.front(), Some(Some(_))))
        }
    }

    fn ask(keys: Vec<Option<Key>>) -> (Result<String, PromptError>, Vec<String>) {
        let mut script = Script { keys: keys.into(), shown: Vec::new() };
        let line = on(&mut script, "Address: ").map(|line| line.expose().clone());
        (line, script.shown)
    }

    #[test]
    fn what_is_pasted_is_counted_and_not_shown() {
        let paste = Some(Key::Paste("http://127.0.0.1/?code=s3cret".to_owned()));
        let (line, shown) = ask(vec![None, paste, None, Some(Key::Enter)]);
        assert_eq!(line.unwrap(), "http://127.0.0.1/?code=s3cret");
        assert_eq!(shown, ["Address: ", "Address: (29 characters)"]);
    }

    #[test]
    fn a_paste_that_is_typed_may_have_line_feeds() {
        let mut keys: Vec<_> = "ab".chars().map(|c| Some(Key::Char(c))).collect();
        keys.extend([Some(Key::Enter), Some(Key::Char('c')), None, Some(Key::Enter)]);
        assert_eq!(ask(keys).0.unwrap(), "abc");
    }

    #[test]
    fn it_can_be_taken_back_and_left() {
        let typed = |c| Some(Key::Char(c));
        let keys = vec![typed('a'), Some(Key::Backspace), typed('b'), None, Some(Key::Enter)];
        assert_eq!(ask(keys).0.unwrap(), "b");
        assert!(matches!(ask(vec![Some(Key::Interrupt)]).0, Err(PromptError::Interrupted)));
        assert!(matches!(ask(vec![Some(Key::EndOrDelete)]).0, Err(PromptError::EndOfInput)));
        let flood = Some(Key::Paste("x".repeat(LIMIT + 1)));
        assert_eq!(ask(vec![flood, None, Some(Key::Enter)]).0.unwrap(), "");
    }
}
