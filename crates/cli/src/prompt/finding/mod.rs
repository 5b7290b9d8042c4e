//! One row out of very many, found by typing: keys go in, a row comes out. No terminal.

mod columns;
mod search;

pub use columns::{STAYS, Weight};
pub use search::{Hit, Index};

use super::asking::Step;
use super::keys::Key;
use super::line::Line;
use super::paint::{Ink, Row, Size};
use super::{Menu, PromptError};

const MOST_ROWS: usize = 15;

/// What is to be found.
pub struct Finder {
    /// What is asked for; shown as long as nothing is typed.
    pub title: String,
    /// In the order in which they are shown to who has typed nothing.
    pub rows: Vec<Find>,
    /// How columns give way, one for each cell.
    pub weights: Vec<Weight>,
    /// What is typed already.
    pub query: String,
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// What is shown, in columns. The first one has the row's colour.
    pub cells: Vec<String>,
    /// What the first cell says where the two beside it have given way.
    pub stand_in: Option<String>,
    /// What is searched, the weightiest first.
    pub fields: Vec<String>,
    /// The colour's code on a terminal.
    pub color: Option<u8>,
    /// What it is worth before a word is typed; a word's place is worth up to 120.
    pub bonus: i32,
}

impl Finder {
    /// The rows that fit what is typed, the likeliest first; all of them where none does.
    pub fn fitting(&self) -> Vec<usize> {
        let hits = Index::new(&self.rows).search(&self.query, None);
        match hits.is_empty() {
            true => (0..self.rows.len()).collect(),
            false => hits.iter().map(|hit| hit.row).collect(),
        }
    }

    /// Some of the rows as a menu, for those who are asked line by line.
    pub fn menu(&self, rows: &[usize]) -> Menu {
        let row = |at: &usize| {
            let cells = self.rows[*at].cells.iter().map(String::as_str);
            cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(", ")
        };
        Menu { title: self.title.clone(), rows: rows.iter().map(row).collect(), start: 0 }
    }
}

/// An open finder.
pub struct Finding<'f> {
    finder: &'f Finder,
    index: Index,
    line: Line,
    hits: Vec<Hit>,
    at: usize,
    top: usize,
    size: Size,
    height: usize,
    helps: bool,
}

impl<'f> Finding<'f> {
    pub fn new(finder: &'f Finder, size: Size) -> Self {
        let index = Index::new(&finder.rows);
        let mut line = Line::default();
        line.replace(&finder.query);
        let hits = index.search(&finder.query, None);
        let (at, top, height, helps) = (0, 0, 1, false);
        let mut finding = Self { finder, index, line, hits, at, top, size, height, helps };
        finding.resize(size);
        finding
    }

    /// The query.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Fits the rows into the lower half of the screen, above the count.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.height = (size.rows / 2).saturating_sub(1).clamp(1, MOST_ROWS);
        self.scroll();
    }

    /// Takes one key.
    pub fn press(&mut self, key: &Key) -> Step<usize> {
        if self.helps && !matches!(key, Key::Redraw | Key::Interrupt) {
            self.helps = false;
            return Step::Open;
        }
        match key {
            Key::Interrupt => return Step::Left(PromptError::Interrupted),
            Key::EndOrDelete | Key::Escape if self.line.is_empty() => {
                return Step::Left(PromptError::Interrupted);
            }
            Key::Escape => self.type_over(""),
            Key::Enter => return self.marked().map_or(Step::Open, Step::Done),
            // No name of a role, an account or a profile has one.
            Key::Help | Key::Char('?') => self.helps = true,
            Key::Up | Key::BackTab | Key::Down | Key::Tab => self.step(key),
            Key::PageUp | Key::PageDown | Key::Home | Key::End => self.leap(key),
            key => self.edit(key),
        }
        Step::Open
    }

    fn marked(&self) -> Option<usize> {
        self.hits.get(self.at).map(|hit| hit.row)
    }

    fn type_over(&mut self, text: &str) {
        self.line.replace(text);
        self.search(None);
    }

    fn edit(&mut self, key: &Key) {
        let before = self.line.text();
        if self.line.press(key) && self.line.text() != before {
            let known = std::mem::take(&mut self.hits);
            let has_grown = self.line.text().starts_with(&before);
            self.search(has_grown.then_some(&known));
        }
    }

    fn search(&mut self, among: Option<&[Hit]>) {
        self.hits = self.index.search(&self.line.text(), among);
        (self.at, self.top) = (0, 0);
    }

    fn step(&mut self, key: &Key) {
        let Some(last) = self.hits.len().checked_sub(1) else { return };
        self.at = match key {
            Key::Up | Key::BackTab => self.at.checked_sub(1).unwrap_or(last),
            _ if self.at == last => 0,
            _ => self.at + 1,
        };
        self.scroll();
    }

    fn leap(&mut self, key: &Key) {
        let Some(last) = self.hits.len().checked_sub(1) else { return };
        self.at = match key {
            Key::PageUp => self.at.saturating_sub(self.height),
            Key::PageDown => last.min(self.at + self.height),
            Key::Home => 0,
            _ => last,
        };
        self.scroll();
    }

    fn scroll(&mut self) {
        let least = (self.at + 1).saturating_sub(self.height);
        self.top = self.top.clamp(least, self.at.max(least));
    }

    /// What is below the query.
    pub fn below(&self) -> Vec<Row> {
        if self.helps {
            return HELP
                .iter()
                .take(self.height + 1)
                .map(|text| Row::new(Ink::Faint, text))
                .collect();
        }
        let shown: Vec<&Find> = self.shown().map(|hit| &self.finder.rows[hit.row]).collect();
        // The marker takes two columns, and the last one stays free.
        let lines = columns::lines(&shown, &self.finder.weights, self.size.cols.saturating_sub(3));
        let rows = lines.iter().zip(shown).enumerate();
        let rows = rows.map(|(nth, (line, find))| self.row(self.top + nth == self.at, line, find));
        rows.chain([Row::new(Ink::Faint, &self.count())]).collect()
    }

    fn shown(&self) -> impl Iterator<Item = &Hit> {
        self.hits.iter().skip(self.top).take(self.height)
    }

    fn row(&self, marked: bool, line: &str, find: &Find) -> Row {
        let (mark, ink) = if marked { ("> ", Ink::Marked) } else { ("  ", Ink::Plain) };
        let name = find.cells.first().map_or(0, |cell| cell.chars().count());
        let row = Row::new(ink, &format!("{mark}{line}"));
        match find.color {
            Some(code) => row.with_tint(mark.len(), name, code),
            None => row,
        }
    }

    fn count(&self) -> String {
        let (some, all) = (self.hits.len(), self.index.len());
        match (self.line.is_empty(), some) {
            (true, _) => format!("  {all} - {} (? for help)", self.finder.title),
            (false, 0) => format!("  none of {all}: Esc clears, ? for help"),
            (false, _) => format!("  {some} of {all}"),
        }
    }
}

const HELP: [&str; 7] = [
    "  Type some letters of the name, the account, its ID, the role or a tag.",
    "  Several words, in any order: each must be there.",
    "  Up, Down, Ctrl-P, Ctrl-N, Tab   the row before, the next one",
    "  PageUp, PageDown, Home, End     further",
    "  Enter                           take the marked row",
    "  Ctrl-W, Ctrl-U, Esc             take back a word, all; Esc again leaves",
    "  Ctrl-C leaves. Any key closes this help.",
];

#[cfg(test)]
mod tests;
