//! The questions a setup command asks a person, and the three ways to ask them:
//! on a terminal, line by line, and from a script in tests.
//!
//! Questions are drawn on standard output when that is a terminal and on standard
//! error otherwise, so `daypass configure sso > log` still shows them. Lines of
//! [`Prompter::say`] always go to standard output, as the AWS CLI's do.

mod asking;
mod cells;
mod complete;
mod filter;
pub mod finding;
mod keys;
mod line;
mod paint;
mod pasted;
mod picking;
mod plain;
mod screen;
#[cfg(test)]
pub mod scripted;
mod terminal;

use std::io::{self, Write};
use vault::Secret;

pub use pasted::pasted;
pub use plain::PlainPrompter;
pub use screen::{Pressed, Screen};
pub use terminal::TerminalPrompter;

/// Accepts or refuses the final value of an answer; the text says why not.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Lines shown below a question for the value typed so far.
pub type Panel<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// One question answered by a line of text.
pub struct Question<'a> {
    /// The whole label as it stays on the screen, without the final blank:
    /// `SSO start URL [None]:`.
    pub label: String,
    /// The value an empty answer stands for.
    pub default: Option<String>,
    /// One line of help shown below the question while it is open.
    pub note: Option<String>,
    /// Values offered while typing; Tab takes them. In a list with commas they
    /// complete the last item.
    pub suggestions: Vec<String>,
    /// Asked about the final value; a refusal is shown and the question stays open.
    pub check: Check<'a>,
    /// More lines below the question, made anew for every value typed.
    pub panel: Option<Panel<'a>>,
}

impl Question<'_> {
    /// A question that takes any answer, to be refined field by field.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            default: None,
            note: None,
            suggestions: Vec::new(),
            check: &|_| Ok(()),
            panel: None,
        }
    }

    /// What an entered line means: blanks stripped, empty stands for the default.
    fn value(&self, entered: &str) -> String {
        match (entered.trim(), &self.default) {
            ("", Some(default)) => default.clone(),
            (entered, _) => entered.to_owned(),
        }
    }
}

/// A choice of one row out of several.
pub struct Menu {
    /// Stays on the screen above the rows: `There are 3 roles available to you.`
    pub title: String,
    /// One line each, shown in this order.
    pub rows: Vec<String>,
    /// The row preselected, which an empty answer takes.
    pub start: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Ctrl-C: the command ends with 130.
    #[error("interrupted")]
    Interrupted,
    /// Ctrl-D, or the input is at its end.
    #[error("the input ended before the question was answered")]
    EndOfInput,
    /// The system asked the process to end.
    #[error("terminated")]
    Terminated,
    /// There is nobody to ask.
    #[error("there is no terminal to ask on")]
    NotATerminal,
    /// The terminal failed.
    #[error("cannot use the terminal")]
    Io(#[from] io::Error),
}

/// Someone who can be asked.
pub trait Prompter {
    /// Asks for a line of text; the answer has passed the question's check.
    fn text(&mut self, question: &Question) -> Result<String, PromptError>;

    /// Asks for one of the menu's rows; answers with its index.
    fn choose(&mut self, menu: &Menu) -> Result<usize, PromptError>;

    /// Asks for one of very many rows; answers with its index.
    fn find(&mut self, finder: &finding::Finder) -> Result<usize, PromptError> {
        let rows = finder.fitting();
        self.choose(&finder.menu(&rows)).map(|at| rows[at])
    }

    /// Tells something, one line.
    fn say(&mut self, line: &str);

    /// Whether a person answers.
    fn is_interactive(&self) -> bool;
}

/// The prompter that fits where we run. `term` is the value of `TERM`; a terminal
/// that cannot move its cursor, or no terminal, is asked line by line. Whether to
/// ask at all without a person is the caller's choice: see
/// [`Prompter::is_interactive`].
pub fn for_terminal(term: Option<&str>, no_color: bool) -> Box<dyn Prompter> {
    let capable = match term {
        None | Some("") => cfg!(windows),
        Some(term) => term != "dumb",
    };
    match TerminalPrompter::new(no_color) {
        Ok(prompter) if capable => Box::new(prompter),
        _ => Box::new(PlainPrompter::new()),
    }
}

/// Asks on the terminal for something that is not shown while it is typed.
///
/// # Errors
/// [`PromptError`]: nobody to ask, or no answer.
pub fn secret(label: &str) -> Result<Secret<String>, PromptError> {
    match rpassword::prompt_password(label) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(PromptError::EndOfInput),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(PromptError::Interrupted),
        Err(error) => Err(PromptError::Io(error)),
    }
}

/// A line for whoever reads standard output; that nobody does is no failure.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{}", cells::clean(line));
}
