//! Turning rows and lines into what is written to the terminal. Pure text.

use super::cells::{self, Cell};
use super::line::Line;

/// The size of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
}

/// How a row looks where colour is wanted; never its only meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// As the terminal writes.
    Plain,
    /// Help.
    Faint,
    /// A refusal.
    Alert,
    /// The row under the marker.
    Marked,
}

impl Ink {
    fn code(self) -> Option<u8> {
        match self {
            Self::Plain => None,
            Self::Faint => Some(2),
            Self::Alert => Some(31),
            Self::Marked => Some(36),
        }
    }
}

/// One row below a question, or of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    ink: Ink,
    text: String,
    tint: Option<Tint>,
}

/// A part of a row in a colour of its own: how many characters stand before it, how
/// many it has, and the colour's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tint {
    before: usize,
    length: usize,
    code: u8,
}

impl Row {
    /// A row of text from anywhere, made harmless.
    pub fn new(ink: Ink, text: &str) -> Self {
        Self { ink, text: cells::clean(text), tint: None }
    }

    /// With a part in a colour of its own.
    #[must_use]
    pub fn with_tint(mut self, before: usize, length: usize, code: u8) -> Self {
        self.tint = Some(Tint { before, length, code });
        self
    }

    /// The row's text.
    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Never fills the last column: a full row would wrap on some terminals and
    /// not on others.
    fn painted(&self, cols: usize, colour: bool) -> String {
        let text = cells::cut(&self.text, cols.saturating_sub(1));
        let inked = |text: &str| match self.ink.code() {
            Some(code) if colour && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        };
        let Some(tint) = self.tint.filter(|_| colour) else { return inked(&text) };
        let part = |from: usize, length: usize| -> String {
            text.chars().skip(from).take(length).collect()
        };
        let tinted = part(tint.before, tint.length);
        let rest = part(tint.before + tint.length, usize::MAX);
        let (before, code) = (inked(&part(0, tint.before)), tint.code);
        format!("{before}\x1b[{code}m{tinted}\x1b[0m{}", inked(&rest))
    }
}

/// Clearing follows drawing over: a clear from the screen's first cell would make
/// some terminals keep a copy of the screen in their history.
const CLEAR_DOWN: &str = "\x1b[J";
const CLEAR_RIGHT: &str = "\x1b[K";

fn up(rows: usize) -> String {
    match rows {
        // Terminals read a zero as a one.
        0 => String::new(),
        rows => format!("\x1b[{rows}A"),
    }
}

fn right(cols: usize) -> String {
    match cols {
        0 => String::new(),
        cols => format!("\x1b[{cols}C"),
    }
}

/// Rows drawn from the cursor's row down; the cursor comes back to where it was,
/// so that a screen of any new size can be drawn over them.
pub fn menu(rows: &[Row], size: Size, colour: bool) -> String {
    let painted: Vec<String> = rows.iter().map(|row| row.painted(size.cols, colour)).collect();
    let back = up(rows.len().saturating_sub(1));
    let drawn = painted.join(&format!("{CLEAR_RIGHT}\r\n"));
    format!("\r{drawn}{CLEAR_DOWN}\r{back}")
}

/// Takes the rows of [`menu`] away.
pub fn erase_menu() -> String {
    format!("\r{CLEAR_DOWN}")
}

/// A question on the screen: what was drawn before the cursor, since its height
/// depends on how wide the screen is when it has to be drawn over.
#[derive(Default)]
pub struct Drawn {
    before: String,
}

impl Drawn {
    /// Draws the open question over what was drawn before.
    pub fn draw(
        &mut self,
        label: &str,
        line: &Line,
        below: &[Row],
        size: Size,
        colour: bool,
    ) -> String {
        let below = &below[..below.len().min(size.rows / 2)];
        let shown = Shown::fit(label, line, Size { rows: size.rows - below.len(), ..size });
        let (cursor, end) = (shown.cursor(size.cols), shown.end(size.cols));
        let mut out = self.rewind(size.cols);
        out.push_str(&shown.whole());
        if end.col == 0 {
            // Makes terminals wrap that only do so at the next character.
            out.push_str(" \r");
        }
        out.push_str(CLEAR_DOWN);
        for row in below {
            out.push_str("\r\n");
            out.push_str(&row.painted(size.cols, colour));
        }
        out.push('\r');
        out.push_str(&up(end.row + below.len() - cursor.row));
        out.push_str(&right(cursor.col));
        self.before = shown.before;
        out
    }

    /// What stays on the screen: label and answer on a line of their own.
    pub fn finish(&self, label: &str, answer: &str, size: Size) -> String {
        let gap = if answer.is_empty() { "" } else { " " };
        format!("{}{label}{gap}{answer}{CLEAR_DOWN}\n", self.rewind(size.cols))
    }

    /// Takes the question away.
    pub fn erase(&self, size: Size) -> String {
        format!("{}{CLEAR_DOWN}", self.rewind(size.cols))
    }

    fn rewind(&self, cols: usize) -> String {
        let rows = cells::after(self.before.chars(), cols).row;
        format!("\r{}", up(rows))
    }
}

/// The part of a question that fits the screen, around the cursor.
struct Shown {
    before: String,
    behind: String,
}

impl Shown {
    fn fit(label: &str, line: &Line, size: Size) -> Self {
        // One column a row may be lost to a wide character, one is the cursor's.
        let room = size.rows * size.cols.saturating_sub(1);
        let label = format!("{} ", cells::cut(label, room / 2));
        let taken = label.chars().map(cells::width_of).sum::<usize>() + 1;
        let room = room.saturating_sub(taken);
        let (before, behind) = line.chars().split_at(line.cursor());
        let kept = fitting(before.iter().rev(), room);
        let before = &before[before.len() - kept..];
        let used: usize = before.iter().map(|c| cells::width_of(*c)).sum();
        let behind = &behind[..fitting(behind.iter(), room - used)];
        Self {
            before: label.chars().chain(before.iter().copied()).collect(),
            behind: behind.iter().collect(),
        }
    }

    fn whole(&self) -> String {
        format!("{}{}", self.before, self.behind)
    }

    fn cursor(&self, cols: usize) -> Cell {
        cells::after(self.before.chars(), cols)
    }

    fn end(&self, cols: usize) -> Cell {
        cells::after(self.before.chars().chain(self.behind.chars()), cols)
    }
}

/// How many of the characters fit the room.
fn fitting<'c>(chars: impl Iterator<Item = &'c char>, room: usize) -> usize {
    let mut left = room;
    let fits = |c: &&char| {
        let width = cells::width_of(**c);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    chars.take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::super::keys::Key;
    use super::*;

    const WIDE: Size = Size { cols: 80, rows: 24 };

    fn line(text: &str) -> Line {
        let mut line = Line::default();
        line.replace(text);
        line
    }

    #[test]
    fn a_question_is_its_label_and_its_line() {
        let mut drawn = Drawn::default();
        let out = drawn.draw("SSO region [None]:", &line("us"), &[], WIDE, false);
        assert_eq!(out, "\rSSO region [None]: us\x1b[J\r\x1b[21C");
        let out = drawn.finish("SSO region [None]:", "us-east-1", WIDE);
        assert_eq!(out, "\rSSO region [None]: us-east-1\x1b[J\n");
        assert_eq!(drawn.finish("SSO region [None]:", "", WIDE), "\rSSO region [None]:\x1b[J\n");
    }

    #[test]
    fn rows_below_leave_the_cursor_in_the_line() {
        let below = [Row::new(Ink::Alert, "A value is\x1b required")];
        let out = Drawn::default().draw("x:", &line(""), &below, WIDE, false);
        assert_eq!(out, "\rx: \x1b[J\r\nA value is\u{fffd} required\r\x1b[1A\x1b[3C");
    }

    #[test]
    fn wrapped_lines_are_drawn_over_from_their_first_row() {
        let narrow = Size { cols: 10, rows: 24 };
        let mut drawn = Drawn::default();
        let out = drawn.draw("label:", &line("abc"), &[], narrow, false);
        assert_eq!(out, "\rlabel: abc \r\x1b[J\r");
        let out = drawn.draw("label:", &line("abcd"), &[], narrow, false);
        assert_eq!(out, "\r\x1b[1Alabel: abcd\x1b[J\r\x1b[1C");
    }

    #[test]
    fn the_cursor_stays_on_a_small_screen() {
        let small = Size { cols: 10, rows: 3 };
        let mut long = line(&"0123456789".repeat(9));
        for key in [Key::Left, Key::Home, Key::Right, Key::End] {
            long.press(&key);
            let shown = Shown::fit("a label longer than the screen is wide", &long, small);
            assert!(shown.end(small.cols).row < small.rows, "{}", shown.whole());
        }
        let none = Size { cols: 1, rows: 1 };
        Drawn::default().draw("label:", &long, &[Row::new(Ink::Plain, "x")], none, true);
    }

    #[test]
    fn colour_is_only_added() {
        let row = Row::new(Ink::Alert, "no");
        assert_eq!(row.painted(80, false), "no");
        assert_eq!(row.painted(80, true), "\x1b[31mno\x1b[0m");
        assert_eq!(Row::new(Ink::Plain, "0123456789").painted(10, true), "012345...");
    }

    #[test]
    fn menus_return_to_their_first_row() {
        let rows = [Row::new(Ink::Plain, "> a"), Row::new(Ink::Plain, "  b")];
        assert_eq!(menu(&rows, WIDE, false), "\r> a\x1b[K\r\n  b\x1b[J\r\x1b[1A");
        assert_eq!(menu(&rows[..1], WIDE, false), "\r> a\x1b[J\r");
    }
}
