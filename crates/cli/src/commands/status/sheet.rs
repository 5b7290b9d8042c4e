//! Headings and rows of `label: value`, which read well on a screen and in a screen
//! reader. Colour is never the only carrier of a meaning.

use crate::output::clean;
use unicode_width::UnicodeWidthStr;

/// Columns of a row's label, its colon included.
const LABEL: usize = 14;

/// Where the value of a row begins.
const INDENT: usize = LABEL + 3;

/// How something is coloured, where there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// All is well.
    Good,
    /// It will do for now.
    Fair,
    /// Somebody must act.
    Bad,
}

/// How wide the sheet is, and whether it has colour.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub columns: usize,
    pub colour: bool,
}

/// Text in the making.
pub struct Sheet<'p> {
    paper: &'p Paper,
    text: String,
}

impl<'p> Sheet<'p> {
    pub fn new(paper: &'p Paper) -> Self {
        Self { paper, text: String::new() }
    }

    /// A heading, one blank line after what came before; its last part is coloured.
    pub fn heading(&mut self, front: &str, state: &str, ink: Ink) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let state = clean(state);
        let state = match (self.paper.colour, ink) {
            (false, _) => state.into_owned(),
            (true, Ink::Good) => format!("\x1b[32m{state}\x1b[0m"),
            (true, Ink::Fair) => format!("\x1b[33m{state}\x1b[0m"),
            (true, Ink::Bad) => format!("\x1b[31m{state}\x1b[0m"),
        };
        let front = clean(front);
        let front = match self.paper.colour {
            true => format!("\x1b[1m{front}\x1b[0m"),
            false => front.into_owned(),
        };
        self.text += &format!("{front}: {state}\n");
    }

    /// A row below it, wrapped between words.
    pub fn row(&mut self, label: &str, value: &str) {
        let front = format!("  {:<LABEL$} ", format!("{label}:"));
        self.wrap(&front, &" ".repeat(INDENT), value);
    }

    /// A line that stands by itself.
    pub fn line(&mut self, text: &str) {
        self.wrap("", "", text);
    }

    /// An entry below a heading.
    pub fn entry(&mut self, text: &str) {
        self.wrap("  ", "    ", text);
    }

    fn wrap(&mut self, front: &str, indent: &str, value: &str) {
        let value = clean(value);
        let width = self.paper.columns.clamp(40, 100) - 1;
        let mut line = front.to_owned();
        let mut is_empty = true;
        for word in value.split(' ') {
            if !is_empty && line.width() + 1 + word.width() > width {
                self.text += line.trim_end();
                self.text.push('\n');
                line = indent.to_owned();
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line += word;
            is_empty = false;
        }
        self.text += line.trim_end();
        self.text.push('\n');
    }

    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_wrapped_below_their_value() {
        let paper = Paper { columns: 44, colour: false };
        let mut sheet = Sheet::new(&paper);
        sheet.heading("sso-session a", "logged in", Ink::Good);
        sheet.row("session", "one two three four five six seven");
        sheet.row("portal", "https://a-word-that-is-too-long.example.com/start");
        assert_eq!(
            sheet.finish(),
            "sso-session a: logged in\n  \
             session:       one two three four five\n                 six seven\n  \
             portal:        https://a-word-that-is-too-long.example.com/start\n"
        );
    }

    #[test]
    fn nobody_s_text_steers_the_terminal() {
        let paper = Paper { columns: 80, colour: true };
        let mut sheet = Sheet::new(&paper);
        sheet.heading("a\u{1b}[2J", "b\u{202e}", Ink::Bad);
        sheet.row("user", "c\rd");
        let text = sheet.finish();
        assert!(!text.contains("\u{1b}[2J") && !text.contains('\r') && !text.contains('\u{202e}'));
        assert!(text.contains("\u{1b}[31mb\u{fffd}\u{1b}[0m"), "{text:?}");
    }
}
