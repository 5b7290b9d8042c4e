//! A question while it is open: keys go in, an answer comes out. No terminal.

use super::complete::Completion;
use super::keys::Key;
use super::line::Line;
use super::paint::{Ink, Row};
use super::{PromptError, Question};

/// What a key led to.
#[derive(Debug)]
pub enum Step<T> {
    /// The prompt stays open.
    Open,
    /// It was answered.
    Done(T),
    /// It was left.
    Left(PromptError),
}

/// An open question.
pub struct Asking<'q> {
    question: &'q Question<'q>,
    line: Line,
    completion: Option<Completion>,
    refusal: Option<String>,
}

impl<'q> Asking<'q> {
    /// Opens the question with nothing typed.
    pub fn new(question: &'q Question<'q>) -> Self {
        Self { question, line: Line::default(), completion: None, refusal: None }
    }

    /// The line typed so far.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Takes one key.
    pub fn press(&mut self, key: &Key) -> Step<String> {
        match key {
            Key::Interrupt => return Step::Left(PromptError::Interrupted),
            Key::EndOrDelete if self.line.is_empty() => return Step::Left(PromptError::EndOfInput),
            Key::Enter => return self.accept(),
            Key::Tab | Key::Down => self.complete(Completion::next),
            Key::BackTab | Key::Up => self.complete(Completion::previous),
            Key::Redraw => {}
            key => self.edit(key),
        }
        Step::Open
    }

    fn accept(&mut self) -> Step<String> {
        let value = self.question.value(&self.line.text());
        match (self.question.check)(&value) {
            Ok(()) => Step::Done(value),
            Err(why) => {
                self.refusal = Some(why);
                Step::Open
            }
        }
    }

    fn edit(&mut self, key: &Key) {
        if self.line.press(key) {
            self.refusal = None;
            self.completion = None;
        }
    }

    fn complete(&mut self, step: fn(&mut Completion) -> &str) {
        let typed = self.line.text();
        let fresh = || Completion::of(&typed, &self.question.suggestions);
        let completion = self.completion.get_or_insert_with(fresh);
        self.line.replace(step(completion));
        self.refusal = None;
    }

    /// What stands below the question just now.
    pub fn below(&self) -> Vec<Row> {
        let refusal = self.refusal.iter().map(|why| Row::new(Ink::Alert, why));
        let offers = self.offers();
        let offers = offers.iter().map(|offers| Row::new(Ink::Faint, offers));
        let note = self.question.note.iter().map(|note| Row::new(Ink::Faint, note));
        refusal.chain(offers).chain(note).chain(self.panel()).collect()
    }

    fn offers(&self) -> Option<String> {
        if self.line.is_empty() {
            return None;
        }
        match &self.completion {
            Some(completion) => completion.offers(),
            None => Completion::of(&self.line.text(), &self.question.suggestions).offers(),
        }
    }

    fn panel(&self) -> Vec<Row> {
        let value = self.question.value(&self.line.text());
        let lines = self.question.panel.map_or_else(Vec::new, |panel| panel(&value));
        lines.iter().map(|line| Row::new(Ink::Plain, line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(question: &Question, keys: &[Key]) -> (Vec<Row>, Step<String>) {
        let mut asking = Asking::new(question);
        let mut last = Step::Open;
        for key in keys {
            last = asking.press(key);
        }
        (asking.below(), last)
    }

    fn paste(text: &str) -> Key {
        Key::Paste(text.to_owned())
    }

    fn required(value: &str) -> Result<(), String> {
        match value {
            "" => Err("A value is required".to_owned()),
            _ => Ok(()),
        }
    }

    fn region() -> Question<'static> {
        let suggestions = ["us-east-1", "us-west-2", "eu-west-1"];
        Question {
            note: Some("where Identity Center lives".to_owned()),
            suggestions: suggestions.map(str::to_owned).to_vec(),
            check: &required,
            ..Question::new("SSO region [None]:")
        }
    }

    #[test]
    fn enter_takes_the_stripped_line_or_the_default() {
        let question = Question { default: Some("json".to_owned()), ..Question::new("x:") };
        let (_, step) = ask(&question, &[paste("text"), Key::Char(' '), Key::Enter]);
        assert!(matches!(step, Step::Done(value) if value == "text"));
        let (_, step) = ask(&question, &[Key::Char(' '), Key::Enter]);
        assert!(matches!(step, Step::Done(value) if value == "json"));
        let (_, step) = ask(&Question::new("x:"), &[Key::Enter]);
        assert!(matches!(step, Step::Done(value) if value.is_empty()));
    }

    #[test]
    fn a_refusal_shows_until_the_next_edit() {
        let question = region();
        let (below, step) = ask(&question, &[Key::Enter]);
        assert!(matches!(step, Step::Open));
        assert_eq!(below[0], Row::new(Ink::Alert, "A value is required"));
        assert_eq!(below[1], Row::new(Ink::Faint, "where Identity Center lives"));
        let (below, _) = ask(&question, &[Key::Enter, Key::Redraw]);
        assert_eq!(below.len(), 2);
        let (below, _) = ask(&question, &[Key::Enter, Key::Char('z')]);
        assert_eq!(below.len(), 1);
    }

    #[test]
    fn leaving() {
        let question = region();
        let (_, step) = ask(&question, &[Key::Char('a'), Key::Interrupt]);
        assert!(matches!(step, Step::Left(PromptError::Interrupted)));
        let (_, step) = ask(&question, &[Key::EndOrDelete]);
        assert!(matches!(step, Step::Left(PromptError::EndOfInput)));
        let (_, step) = ask(&question, &[Key::Char('a'), Key::EndOrDelete]);
        assert!(matches!(step, Step::Open));
    }

    #[test]
    fn tab_completes_and_goes_round() {
        let question = region();
        let taken = |keys: &[Key]| match ask(&question, keys).1 {
            Step::Done(value) => value,
            step => format!("{step:?}"),
        };
        assert_eq!(taken(&[paste("us-w"), Key::Tab, Key::Enter]), "us-west-2");
        assert_eq!(taken(&[paste("west"), Key::Tab, Key::Tab, Key::Enter]), "eu-west-1");
        assert_eq!(taken(&[Key::Tab, Key::BackTab, Key::BackTab, Key::Enter]), "eu-west-1");
        assert_eq!(taken(&[paste("zz"), Key::Tab, Key::Enter]), "zz");
        assert_eq!(taken(&[paste("us-e"), Key::Tab, Key::Backspace, Key::Enter]), "us-east-");
    }

    #[test]
    fn the_panel_follows_the_value() {
        let panel = |value: &str| vec![format!("session {value}")];
        let question = Question { panel: Some(&panel), ..Question::new("x:") };
        let (below, _) = ask(&question, &[paste("corp")]);
        assert_eq!(below, [Row::new(Ink::Plain, "session corp")]);
    }
}
