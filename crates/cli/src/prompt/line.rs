//! The line being typed: its characters, the cursor, and what keys do to them.

use super::cells;
use super::keys::Key;

/// A line under edit. The cursor never stands inside a character and the marks
/// that belong to it.
#[derive(Clone, Debug, Default)]
pub struct Line {
    chars: Vec<char>,
    cursor: usize,
}

impl Line {
    /// The text as typed so far.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// The characters, for whoever lays them out.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// How many characters stand before the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Puts the text in place of all, with the cursor after it.
    pub fn replace(&mut self, text: &str) {
        self.chars = text.chars().collect();
        self.cursor = self.chars.len();
    }

    /// Does what an editing key does; false for keys that do not edit.
    pub fn press(&mut self, key: &Key) -> bool {
        match key {
            Key::Char(c) => self.insert(*c),
            Key::Paste(text) => self.paste(text),
            Key::Backspace => self.delete(self.before(), self.cursor),
            Key::Delete | Key::EndOrDelete => self.delete(self.cursor, self.behind()),
            Key::DeleteWord => self.delete(self.word_before(), self.cursor),
            Key::DeleteToStart => self.delete(0, self.cursor),
            Key::DeleteToEnd => self.delete(self.cursor, self.chars.len()),
            _ => return self.walk(key),
        }
        true
    }

    fn walk(&mut self, key: &Key) -> bool {
        self.cursor = match key {
            Key::Left => self.before(),
            Key::Right => self.behind(),
            Key::WordLeft => self.word_before(),
            Key::WordRight => self.word_behind(),
            Key::Home => 0,
            Key::End => self.chars.len(),
            _ => return false,
        };
        true
    }

    fn insert(&mut self, c: char) {
        if !cells::is_harmful(c) {
            self.chars.insert(self.cursor, c);
            self.cursor += 1;
        }
    }

    /// Line breaks in a paste never accept anything: at its ends they are dropped,
    /// inside they become blanks, as an address broken over two lines shows.
    fn paste(&mut self, text: &str) {
        for piece in one_line(text).chars() {
            self.insert(piece);
        }
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.chars.drain(from..to);
        self.cursor = from;
    }

    fn before(&self) -> usize {
        let base = |&at: &usize| cells::width_of(self.chars[at]) > 0;
        (0..self.cursor).rev().find(base).unwrap_or(0)
    }

    fn behind(&self) -> usize {
        let end = self.chars.len();
        let base = |&at: &usize| cells::width_of(self.chars[at]) > 0;
        (self.cursor + 1..end).find(base).unwrap_or(end)
    }

    fn word_before(&self) -> usize {
        let mut at = self.cursor;
        while at > 0 && self.chars[at - 1].is_whitespace() {
            at -= 1;
        }
        while at > 0 && !self.chars[at - 1].is_whitespace() {
            at -= 1;
        }
        at
    }

    fn word_behind(&self) -> usize {
        let mut at = self.cursor;
        let end = self.chars.len();
        while at < end && self.chars[at].is_whitespace() {
            at += 1;
        }
        while at < end && !self.chars[at].is_whitespace() {
            at += 1;
        }
        at
    }
}

/// Pasted text on one line.
pub fn one_line(text: &str) -> String {
    let text = text.trim_matches(['\r', '\n']).replace('\t', " ");
    if !text.contains(['\r', '\n']) {
        return text;
    }
    let lines = text.split(['\r', '\n']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line after the keys, with `|` where the cursor stands.
    fn typed(keys: &[Key]) -> String {
        let mut line = Line::default();
        for key in keys {
            line.press(key);
        }
        let mut chars = line.chars.clone();
        chars.insert(line.cursor, '|');
        chars.into_iter().collect()
    }

    fn paste(text: &str) -> Key {
        Key::Paste(text.to_owned())
    }

    #[test]
    fn moves_and_inserts() {
        assert_eq!(typed(&[paste("us-east"), Key::Home, Key::Char('x')]), "x|us-east");
        assert_eq!(typed(&[paste("ac"), Key::Left, Key::Char('b'), Key::End]), "abc|");
        assert_eq!(
            typed(&[paste("one two"), Key::WordLeft, Key::WordLeft, Key::WordRight]),
            "one| two"
        );
        assert_eq!(typed(&[Key::Left, Key::Right, Key::Char('a')]), "a|");
    }

    #[test]
    fn deletes() {
        assert_eq!(typed(&[Key::Backspace, Key::Delete, Key::DeleteWord]), "|");
        assert_eq!(typed(&[paste("abc"), Key::Backspace, Key::Home, Key::Delete]), "|b");
        assert_eq!(typed(&[paste("one two  "), Key::DeleteWord]), "one |");
        assert_eq!(typed(&[paste("abcd"), Key::Left, Key::DeleteToStart]), "|d");
        assert_eq!(typed(&[paste("abcd"), Key::Left, Key::DeleteToEnd]), "abc|");
        assert_eq!(typed(&[paste("ab"), Key::Home, Key::EndOrDelete]), "|b");
    }

    #[test]
    fn marks_stay_with_their_letter() {
        assert_eq!(typed(&[paste("ae\u{301}"), Key::Backspace]), "a|");
        assert_eq!(typed(&[paste("e\u{301}b"), Key::Home, Key::Right]), "e\u{301}|b");
        assert_eq!(typed(&[paste("e\u{301}b"), Key::Home, Key::Delete]), "|b");
    }

    #[test]
    fn a_paste_is_one_harmless_line() {
        assert_eq!(typed(&[paste("https://x/start/#\r\n")]), "https://x/start/#|");
        assert_eq!(typed(&[paste("one"), paste(" two\t")]), "one two |");
        assert_eq!(typed(&[paste("one\ntwo\r\n\r\nthree\n")]), "one two three|");
        assert_eq!(typed(&[paste("a\x1b[2Jb\0")]), "a[2Jb|");
        assert_eq!(typed(&[Key::Char('\u{7}'), Key::Char('x')]), "x|");
    }

    #[test]
    fn other_keys_do_not_edit() {
        let mut line = Line::default();
        assert!(!line.press(&Key::Enter));
        assert!(!line.press(&Key::PageUp));
        assert!(line.is_empty());
    }
}
