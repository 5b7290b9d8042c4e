//! Answers written down beforehand, for tests of whoever asks.

use std::collections::VecDeque;

use super::{Menu, PromptError, Prompter, Question};

/// What the script does when it is asked.
pub enum Answer {
    /// Types this and presses Enter. At a menu: the first row that contains the
    /// text; empty takes the start row.
    Line(String),
    /// Presses Ctrl-C.
    Interrupt,
    /// Presses Ctrl-D.
    End,
}

impl From<&str> for Answer {
    fn from(line: &str) -> Self {
        Self::Line(line.to_owned())
    }
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A question was answered.
    Text {
        /// Its label.
        label: String,
        /// Its default.
        default: Option<String>,
        /// The value taken.
        value: String,
    },
    /// An answer did not pass the check; the question stayed open.
    Refused {
        /// The question's label.
        label: String,
        /// The check's text.
        why: String,
    },
    /// A menu was answered.
    Menu {
        /// Its title.
        title: String,
        /// All its rows.
        rows: Vec<String>,
        /// The row that was preselected.
        start: usize,
        /// The row taken.
        taken: usize,
    },
    /// A line was told.
    Said(String),
}

impl Asked {
    fn label(&self) -> Option<&str> {
        match self {
            Self::Text { label, .. } => Some(label),
            Self::Menu { title, .. } => Some(title),
            Self::Refused { .. } | Self::Said(_) => None,
        }
    }
}

/// Gives its answers in order, then behaves as an input at its end.
pub struct ScriptedPrompter {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
    interactive: bool,
}

impl ScriptedPrompter {
    /// A person who will give these answers.
    pub fn new<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> Self {
        Self {
            answers: answers.into_iter().map(Into::into).collect(),
            asked: Vec::new(),
            interactive: true,
        }
    }

    /// The same answers, but from a pipe.
    pub fn not_interactive(mut self) -> Self {
        self.interactive = false;
        self
    }

    /// Everything that was asked, refused and said so far.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// The labels and titles asked so far, answered ones only.
    pub fn labels(&self) -> Vec<&str> {
        self.asked.iter().filter_map(Asked::label).collect()
    }

    /// The answers nobody asked for.
    pub fn left(&self) -> usize {
        self.answers.len()
    }

    fn next(&mut self) -> Result<String, PromptError> {
        match self.answers.pop_front() {
            Some(Answer::Line(line)) => Ok(line),
            Some(Answer::Interrupt) => Err(PromptError::Interrupted),
            Some(Answer::End) | None => Err(PromptError::EndOfInput),
        }
    }
}

impl Prompter for ScriptedPrompter {
    fn text(&mut self, question: &Question) -> Result<String, PromptError> {
        loop {
            let value = question.value(&self.next()?);
            let label = question.label.clone();
            if let Err(why) = (question.check)(&value) {
                self.asked.push(Asked::Refused { label, why });
                continue;
            }
            let default = question.default.clone();
            self.asked.push(Asked::Text { label, default, value: value.clone() });
            return Ok(value);
        }
    }

    fn choose(&mut self, menu: &Menu) -> Result<usize, PromptError> {
        let line = self.next()?;
        let taken = match line.as_str() {
            "" => menu.start,
            part => menu
                .rows
                .iter()
                .position(|row| row.contains(part))
                .ok_or(PromptError::EndOfInput)?,
        };
        self.asked.push(Asked::Menu {
            title: menu.title.clone(),
            rows: menu.rows.clone(),
            start: menu.start,
            taken,
        });
        Ok(taken)
    }

    fn say(&mut self, line: &str) {
        self.asked.push(Asked::Said(line.to_owned()));
    }

    fn is_interactive(&self) -> bool {
        self.interactive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_answer_keeps_the_question_open() {
        let check = |value: &str| match value {
            "" => Err("A value is required".to_owned()),
            _ => Ok(()),
        };
        let question = Question { check: &check, ..Question::new("SSO region [None]:") };
        let mut script = ScriptedPrompter::new(["", " us-east-1 "]);
        assert_eq!(script.text(&question).unwrap(), "us-east-1");
        assert!(
            matches!(&script.asked()[0], Asked::Refused { why, .. } if why == "A value is required")
        );
        assert_eq!(script.labels(), ["SSO region [None]:"]);
    }

    #[test]
    fn the_default_is_taken_and_menus_go_by_text() {
        let question =
            Question { default: Some("json".to_owned()), ..Question::new("Format [json]:") };
        let menu = Menu {
            title: "There are 2 roles available to you.".to_owned(),
            rows: vec!["Admin".to_owned(), "ReadOnly".to_owned()],
            start: 0,
        };
        let mut script = ScriptedPrompter::new(["", "Read", ""]);
        assert_eq!(script.text(&question).unwrap(), "json");
        assert_eq!(script.choose(&menu).unwrap(), 1);
        assert_eq!(script.choose(&menu).unwrap(), 0);
        assert!(matches!(script.choose(&menu), Err(PromptError::EndOfInput)));
    }

    #[test]
    fn keys_that_end_the_conversation() {
        let mut script = ScriptedPrompter::new([Answer::Interrupt, Answer::End]).not_interactive();
        let question = Question::new("x:");
        assert!(matches!(script.text(&question), Err(PromptError::Interrupted)));
        assert!(matches!(script.text(&question), Err(PromptError::EndOfInput)));
        assert!(!script.is_interactive());
        assert_eq!(script.left(), 0);
    }
}
