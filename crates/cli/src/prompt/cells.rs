//! Text as a terminal shows it: made harmless, measured, cut and wrapped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: &str = "...";

/// The text with everything a terminal might obey instead of show made visible:
/// control characters, line separators and the marks that reverse the writing
/// direction.
pub fn clean(text: &str) -> String {
    let shown = |c| if is_harmful(c) { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// Whether a character can move the cursor, start a command or reorder a line.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The columns a character takes; none when it joins the one before it.
pub fn width_of(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The text in at most `cols` columns, with dots in place of what does not fit.
pub fn cut(text: &str, cols: usize) -> String {
    if text.width() <= cols {
        return text.to_owned();
    }
    let dots = &ELLIPSIS[..cols.min(ELLIPSIS.len())];
    let mut left = cols - dots.len();
    let fits = |c: &char| {
        let fits = width_of(*c) <= left;
        left = left.saturating_sub(width_of(*c));
        fits
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push_str(dots);
    kept
}

/// The end of the text in at most `cols` columns.
pub fn cut_front(text: &str, cols: usize) -> String {
    if text.width() <= cols {
        return text.to_owned();
    }
    let mut left = cols.saturating_sub(ELLIPSIS.len());
    let fits = |&(_, c): &(usize, char)| {
        let fits = width_of(c) <= left;
        left = left.saturating_sub(width_of(c));
        fits
    };
    let from = text.char_indices().rev().take_while(fits).last();
    let tail = from.map_or("", |(at, _)| &text[at..]);
    format!("{}{tail}", &ELLIPSIS[..cols.min(ELLIPSIS.len())])
}

/// A place on the screen, counted from where a block of text began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Rows below the first.
    pub row: usize,
    /// Columns from the left margin.
    pub col: usize,
}

/// Where the cursor stands after the text, on a screen `cols` wide that wraps.
pub fn after(text: impl Iterator<Item = char>, cols: usize) -> Cell {
    let mut cell = Cell::default();
    for c in text {
        let width = width_of(c);
        if cell.col + width > cols {
            cell = Cell { row: cell.row + 1, col: 0 };
        }
        cell.col += width;
    }
    if cell.col >= cols {
        cell = Cell { row: cell.row + 1, col: 0 };
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_survives() {
        let hostile = "a\x1b[2Jb\r\nc\u{9b}31m\u{7f}\u{202e}d\0\u{2028}\u{2066}\u{85}";
        let shown = clean(hostile);
        assert!(!shown.chars().any(is_harmful));
        assert_eq!(shown.chars().filter(|c| c.is_ascii_lowercase()).count(), 5);
        assert_eq!(clean("Katastrophen-Übung 災害 👩‍🚀"), "Katastrophen-Übung 災害 👩‍🚀");
    }

    #[test]
    fn long_rows_end_in_dots_and_never_exceed() {
        assert_eq!(cut("ReadOnlyAccess", 14), "ReadOnlyAccess");
        assert_eq!(cut("ReadOnlyAccess", 13), "ReadOnlyAc...");
        assert_eq!(cut("災害災害", 8), "災害災害");
        assert_eq!(cut("災害災害", 7), "災害...");
        assert_eq!(cut("災害災害", 6), "災...");
        for cols in 0..12 {
            assert!(cut("e\u{301}災x災害災害災", cols).width() <= cols);
            assert!(cut_front("e\u{301}災x災害災害災", cols).width() <= cols);
        }
        assert_eq!(cut("abcdef", 2), "..");
        assert_eq!(cut_front("abcdef", 5), "...ef");
    }

    #[test]
    fn the_cursor_wraps_as_terminals_do() {
        let at = |text: &str, cols| {
            let cell = after(text.chars(), cols);
            (cell.row, cell.col)
        };
        assert_eq!(at("", 10), (0, 0));
        assert_eq!(at("abc", 10), (0, 3));
        assert_eq!(at("abcdefghij", 10), (1, 0));
        assert_eq!(at("abcdefghijk", 10), (1, 1));
        assert_eq!(at("abcd災", 5), (1, 2));
        assert_eq!(at("e\u{301}", 10), (0, 1));
    }
}
