//! One conversation: every question by option, by default, or by asking.

use super::stopped;
use crate::prompt::{Menu, Prompter, Question};
use daypass_core::{Error, Kind, Result};

/// Asks, unless an option has answered. Without a person it takes defaults, and
/// collects the options that are missing instead of hanging.
pub struct Interview {
    prompter: Box<dyn Prompter>,
    missing: Vec<&'static str>,
    /// Options that a later step may need; only a login will tell.
    later: Vec<&'static str>,
}

/// A question together with the option that answers it.
pub struct Part<'q> {
    /// `--sso-region`.
    pub flag: &'static str,
    /// What the option said.
    pub given: Option<&'q str>,
    /// Whether an empty answer will do.
    pub optional: bool,
    /// The question.
    pub question: Question<'q>,
}

impl Interview {
    /// Starts a conversation.
    pub fn new(prompter: Box<dyn Prompter>) -> Self {
        Self { prompter, missing: Vec::new(), later: Vec::new() }
    }

    /// Whether somebody answers.
    pub fn is_interactive(&self) -> bool {
        self.prompter.is_interactive()
    }

    /// Announces an option that a menu will be in need of, unless there is only
    /// one row in it.
    pub fn may_need(&mut self, flag: &'static str, given: Option<&str>) {
        self.later.extend(given.is_none().then_some(flag));
    }

    /// A line of the conversation.
    pub fn say(&mut self, line: &str) {
        self.prompter.say(line);
    }

    /// The answer to a question; empty where nobody could be asked and there is
    /// no default: [`complete`](Self::complete) then names the option.
    ///
    /// # Errors
    /// An option's value that the question's check refuses; Ctrl-C.
    pub fn ask(&mut self, part: &Part<'_>) -> Result<String> {
        if let Some(given) = part.given {
            return self.take(part, given.trim());
        }
        if self.is_interactive() {
            return self.prompter.text(&part.question).map_err(stopped);
        }
        match &part.question.default {
            Some(default) => Ok(default.clone()),
            None => {
                if !part.optional {
                    self.missing.push(part.flag);
                }
                Ok(String::new())
            }
        }
    }

    fn take(&mut self, part: &Part<'_>, given: &str) -> Result<String> {
        (part.question.check)(given).map_err(|why| {
            Error::new(Kind::Usage, format!("the value of {} cannot be used", part.flag))
                .because(why)
        })?;
        if self.is_interactive() {
            self.prompter.say(&format!("{} {given}", part.question.label));
        }
        Ok(given.to_owned())
    }

    /// The row that was chosen from several.
    ///
    /// # Errors
    /// Nobody to choose: the option is named, with what there is to choose from.
    pub fn choose(&mut self, flag: &str, names: &[String], menu: &Menu) -> Result<usize> {
        if self.is_interactive() {
            return self.prompter.choose(menu).map_err(stopped);
        }
        const ENOUGH: usize = 20;
        let shown: Vec<&str> = names.iter().take(ENOUGH).map(String::as_str).collect();
        let more = if names.len() > ENOUGH { ", …" } else { "" };
        Err(Error::new(
            Kind::Usage,
            format!("there is no terminal to choose on: {flag} is missing"),
        )
        .because(format!("there are {}: {}{more}", names.len(), shown.join(", ")))
        .hint(format!("run the command again with {}", self.from(flag))))
    }

    /// The option, and those that would be found missing after it.
    fn from(&self, flag: &str) -> String {
        let after = self.later.iter().skip_while(|later| **later != flag).skip(1);
        let others: Vec<&str> = after.copied().collect();
        match others.is_empty() {
            true => flag.to_owned(),
            false => format!("{flag}, and {} unless there is only one", others.join(" and ")),
        }
    }

    /// Insists that every question had an answer.
    ///
    /// # Errors
    /// [`Kind::Usage`] naming all missing options.
    pub fn complete(&self) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let mut flags = self.missing.join(", ");
        if !self.later.is_empty() {
            flags += &format!(", and {} unless there is only one", self.later.join(" and "));
        }
        Err(Error::new(
            Kind::Usage,
            format!("there is no terminal to ask on, and these options are missing: {flags}"),
        )
        .hint("give them on the command line; `--help` says what each one means"))
    }
}
