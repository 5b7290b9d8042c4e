//! A menu while it is open: keys go in, a row comes out. No terminal.

use super::asking::Step;
use super::filter::Index;
use super::keys::Key;
use super::line;
use super::paint::{Ink, Row, Size};
use super::{Menu, PromptError, cells};

const MOST_ROWS: usize = 10;

/// An open menu.
pub struct Picking<'m> {
    menu: &'m Menu,
    index: Index,
    filter: String,
    /// The rows that match, and which of them is marked and which shown first.
    matches: Vec<usize>,
    at: usize,
    top: usize,
    height: usize,
}

impl<'m> Picking<'m> {
    /// Opens the menu on its start row.
    pub fn new(menu: &'m Menu, size: Size) -> Self {
        let mut picking = Self {
            menu,
            index: Index::new(&menu.rows),
            filter: String::new(),
            matches: (0..menu.rows.len()).collect(),
            at: menu.start.min(menu.rows.len().saturating_sub(1)),
            top: 0,
            height: 1,
        };
        picking.resize(size);
        picking.centre();
        picking
    }

    /// Fits the window to the screen, below the title and above the count.
    pub fn resize(&mut self, size: Size) {
        self.height = size.rows.saturating_sub(2).clamp(1, MOST_ROWS);
        self.scroll();
    }

    /// Takes one key.
    pub fn press(&mut self, key: &Key) -> Step<usize> {
        match key {
            Key::Interrupt => return Step::Left(PromptError::Interrupted),
            Key::EndOrDelete if self.filter.is_empty() => {
                return Step::Left(PromptError::EndOfInput);
            }
            Key::Enter => return self.marked().map_or(Step::Open, Step::Done),
            Key::Char(_) | Key::Paste(_) => self.narrow(key),
            Key::Backspace | Key::DeleteWord | Key::DeleteToStart | Key::Escape => self.widen(key),
            key => self.walk(key),
        }
        Step::Open
    }

    fn marked(&self) -> Option<usize> {
        self.matches.get(self.at).copied()
    }

    fn narrow(&mut self, key: &Key) {
        match key {
            Key::Char(c) if !cells::is_harmful(*c) => self.filter.push(*c),
            Key::Paste(text) => self.filter.push_str(&cells::clean(&line::one_line(text))),
            _ => {}
        }
        self.search();
    }

    fn widen(&mut self, key: &Key) {
        match key {
            Key::Backspace => drop(self.filter.pop()),
            Key::DeleteWord => {
                let words = self.filter.trim_end();
                let kept = words.rfind(' ').map_or(0, |at| at + 1);
                self.filter.truncate(kept);
            }
            _ => self.filter.clear(),
        }
        self.search();
    }

    /// The marked row stays marked as long as it matches.
    fn search(&mut self) {
        let marked = self.marked();
        self.matches = self.index.matching(&self.filter);
        let found = marked.and_then(|row| self.matches.binary_search(&row).ok());
        self.at = found.unwrap_or(0);
        self.centre();
    }

    fn walk(&mut self, key: &Key) {
        let Some(last) = self.matches.len().checked_sub(1) else {
            return;
        };
        self.at = match key {
            Key::Up => self.at.checked_sub(1).unwrap_or(last),
            Key::Down if self.at == last => 0,
            Key::Down => self.at + 1,
            Key::PageUp => self.at.saturating_sub(self.height),
            Key::PageDown => last.min(self.at + self.height),
            Key::Home => 0,
            Key::End => last,
            _ => self.at,
        };
        self.scroll();
    }

    fn centre(&mut self) {
        self.top = self.at.saturating_sub(self.height / 2);
        self.scroll();
    }

    /// Shows the marked row and leaves no empty room at the end.
    fn scroll(&mut self) {
        let least = (self.at + 1).saturating_sub(self.height);
        let most = self.matches.len().saturating_sub(self.height);
        self.top = self.top.clamp(least, self.at).min(most.max(least));
    }

    /// What is on the screen just now.
    pub fn view(&self) -> Vec<Row> {
        let shown = self.matches.iter().enumerate().skip(self.top).take(self.height);
        let row = |(at, &row): (usize, &usize)| self.row(at == self.at, &self.menu.rows[row]);
        shown.map(row).chain(self.count()).collect()
    }

    fn row(&self, marked: bool, text: &str) -> Row {
        match marked {
            true => Row::new(Ink::Marked, &format!("> {text}")),
            false => Row::new(Ink::Plain, &format!("  {text}")),
        }
    }

    /// The line below the rows; a short menu without a filter needs none.
    fn count(&self) -> Option<Row> {
        let (some, all) = (self.matches.len(), self.menu.rows.len());
        let filter = cells::cut_front(&self.filter, 16);
        let text = match (self.filter.is_empty(), some) {
            (true, _) if all <= self.height => return None,
            (true, _) => format!("  {} of {all} (type to filter)", self.at + 1),
            (false, 0) => format!("  none of {all} match: {filter}"),
            (false, 1) => format!("  1 of {all} matches: {filter}"),
            (false, _) => format!("  {some} of {all} match: {filter}"),
        };
        Some(Row::new(Ink::Faint, &text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size { cols: 80, rows: 24 };

    fn menu(rows: usize, start: usize) -> Menu {
        let row = |n| format!("Team-{n:04}, team{n}@example.com ({:012})", n * 7);
        Menu { title: String::new(), rows: (0..rows).map(row).collect(), start }
    }

    fn view(picking: &Picking) -> Vec<String> {
        picking.view().iter().map(|row| row.text().to_owned()).collect()
    }

    fn marked(picking: &Picking) -> String {
        let shown = view(picking);
        let mut marks = shown.iter().filter(|row| row.starts_with("> "));
        let mark = marks.next().expect("a row is marked").clone();
        assert!(marks.next().is_none());
        mark[2..].split(',').next().unwrap_or_default().to_owned()
    }

    fn press(picking: &mut Picking, keys: &[Key]) {
        for key in keys {
            assert!(matches!(picking.press(key), Step::Open));
        }
    }

    fn paste(text: &str) -> Key {
        Key::Paste(text.to_owned())
    }

    #[test]
    fn a_short_menu_is_just_its_rows() {
        let roles = Menu {
            title: String::new(),
            rows: vec!["Project-Power-User".to_owned(), "ReadOnly\x1b[2JAccess".to_owned()],
            start: 0,
        };
        let picking = Picking::new(&roles, SCREEN);
        assert_eq!(view(&picking), ["> Project-Power-User", "  ReadOnly\u{fffd}[2JAccess"]);
    }

    #[test]
    fn the_start_row_is_marked_and_in_sight() {
        for start in [0, 1, 9, 2500, 4995, 4999, 9999] {
            let menu = menu(5000, start);
            let picking = Picking::new(&menu, SCREEN);
            assert_eq!(marked(&picking), format!("Team-{:04}", start.min(4999)));
            assert_eq!(view(&picking).len(), 11);
        }
    }

    #[test]
    fn moves_and_wraps() {
        let menu = menu(25, 0);
        let mut picking = Picking::new(&menu, SCREEN);
        let mut after = |keys: &[Key]| {
            press(&mut picking, keys);
            marked(&picking)
        };
        assert_eq!(after(&[Key::Up]), "Team-0024");
        assert_eq!(after(&[Key::Down]), "Team-0000");
        assert_eq!(after(&[Key::PageDown]), "Team-0010");
        assert_eq!(after(&[Key::PageDown, Key::PageDown]), "Team-0024");
        assert_eq!(after(&[Key::PageUp, Key::Up]), "Team-0013");
        assert_eq!(after(&[Key::Home]), "Team-0000");
        assert_eq!(after(&[Key::End]), "Team-0024");
    }

    #[test]
    fn typing_filters_and_backspace_widens() {
        let menu = menu(5000, 1234);
        let mut picking = Picking::new(&menu, SCREEN);
        press(&mut picking, &[paste("123")]);
        assert_eq!(marked(&picking), "Team-1234");
        press(&mut picking, &[paste(" TEAM-4123")]);
        assert_eq!(marked(&picking), "Team-4123");
        assert_eq!(view(&picking).last().unwrap(), "  1 of 5000 matches: 123 TEAM-4123");
        press(&mut picking, &[Key::DeleteWord, Key::Backspace]);
        assert_eq!(marked(&picking), "Team-4123");
        press(&mut picking, &[Key::Escape]);
        assert_eq!(view(&picking).last().unwrap(), "  4124 of 5000 (type to filter)");
        assert!(matches!(picking.press(&Key::Enter), Step::Done(4123)));
    }

    #[test]
    fn no_match_chooses_nothing() {
        let menu = menu(3, 1);
        let mut picking = Picking::new(&menu, SCREEN);
        press(&mut picking, &[paste("zzz"), Key::Enter, Key::Down, Key::PageUp, Key::End]);
        assert_eq!(view(&picking), ["  none of 3 match: zzz"]);
        press(&mut picking, &[Key::DeleteToStart]);
        assert_eq!(view(&picking).len(), 3);
    }

    #[test]
    fn leaving() {
        let menu = menu(3, 0);
        let mut picking = Picking::new(&menu, SCREEN);
        press(&mut picking, &[Key::Char('t'), Key::EndOrDelete, Key::Backspace]);
        assert!(matches!(picking.press(&Key::EndOrDelete), Step::Left(PromptError::EndOfInput)));
        assert!(matches!(picking.press(&Key::Interrupt), Step::Left(PromptError::Interrupted)));
    }

    #[test]
    fn small_screens_show_fewer_rows() {
        let menu = menu(50, 30);
        let mut picking = Picking::new(&menu, SCREEN);
        for rows in [5, 3, 1, 24] {
            picking.resize(Size { cols: 40, rows });
            assert_eq!(marked(&picking), "Team-0030");
            assert!(view(&picking).len() <= rows.max(2));
        }
    }

    #[test]
    fn no_rows_at_all() {
        let menu = menu(0, 0);
        let mut picking = Picking::new(&menu, SCREEN);
        press(&mut picking, &[Key::Enter, Key::Up, Key::Down, Key::Char('x')]);
    }
}
