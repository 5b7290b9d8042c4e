//! The emitter: where lines begin, what stands between the tokens, where long text folds.

use serde_json::Value;

use super::scalar::{Style, is_break, style, takes_escape};
use crate::output::python::{number, sorted};

const STEP: usize = 2;
const FOLD: usize = 80;
/// A longer key is written after a question mark.
const LONGEST_KEY: usize = 128;

pub(super) struct Emitter {
    out: String,
    terminal: bool,
    column: usize,
    /// None outside of every collection.
    indent: Option<usize>,
    /// A blank or a line break was written last.
    after_blank: bool,
    /// Only indentation and indicators stand on this line so far.
    at_indent: bool,
}

/// What the value is part of.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Item,
    Value,
    Key,
}

impl Emitter {
    pub(super) fn new(terminal: bool) -> Self {
        Self {
            out: String::new(),
            terminal,
            column: 0,
            indent: None,
            after_blank: true,
            at_indent: true,
        }
    }

    pub(super) fn document(mut self, root: &Value) -> String {
        self.value(root, Place::Item);
        self.new_line();
        self.out
    }

    fn value(&mut self, value: &Value, place: Place) {
        match value {
            Value::Array(items) if items.is_empty() => self.empty("[", "]"),
            Value::Object(map) if map.is_empty() => self.empty("{", "}"),
            Value::Array(items) => self.list(items, place),
            Value::Object(_) => self.map(value),
            Value::String(text) => self.text(text, place),
            Value::Null => self.plain("null", false),
            Value::Bool(b) => self.plain(if *b { "true" } else { "false" }, false),
            Value::Number(n) => self.plain(&number(n), false),
        }
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, true, false);
        self.indicator(close, false, false, false);
    }

    fn list(&mut self, items: &[Value], place: Place) {
        let outer = self.indent;
        if place != Place::Value || self.at_indent {
            self.indent = Some(outer.map_or(0, |indent| indent + STEP));
        }
        for item in items {
            self.new_line();
            self.indicator("-", true, false, true);
            self.value(item, Place::Item);
        }
        self.indent = outer;
    }

    fn map(&mut self, map: &Value) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(0, |indent| indent + STEP));
        for (key, value) in sorted(map) {
            self.new_line();
            if key.len() <= LONGEST_KEY && !key.contains(is_break) {
                self.text(key, Place::Key);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.text(key, Place::Value);
                self.new_line();
                self.indicator(":", true, false, true);
            }
            self.value(value, Place::Value);
        }
        self.indent = outer;
    }

    fn text(&mut self, text: &str, place: Place) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(STEP, |indent| indent + STEP));
        let folds = place != Place::Key;
        match style(text, self.terminal) {
            Style::Plain => self.plain(text, folds),
            Style::Single => self.single_quoted(text, folds),
            Style::Double => self.double_quoted(text, folds),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str, folds: bool) {
        if !self.after_blank {
            self.put(' ');
        }
        let mut after_space = false;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let space = c == ' ';
            if space && folds && !after_space && self.column > FOLD && rest.peek() != Some(&' ') {
                self.new_line();
            } else {
                self.put(c);
                self.at_indent &= space;
            }
            after_space = space;
        }
        self.after_blank = false;
        self.at_indent = false;
    }

    fn single_quoted(&mut self, text: &str, folds: bool) {
        self.indicator("'", true, false, false);
        let (mut after_space, mut after_break) = (false, false);
        let mut rest = text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let next = rest.peek().map(|&(_, next)| next);
            let inside = at > 0 && next.is_some_and(|next| next != ' ');
            if c == ' ' && folds && !after_space && self.column > FOLD && inside {
                self.new_line();
            } else if is_break(c) {
                self.line_break(c, after_break);
            } else if c == ' ' {
                self.put(c);
            } else {
                if after_break {
                    self.new_line();
                }
                if c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.at_indent = false;
            }
            after_space = c == ' ';
            after_break = is_break(c);
        }
        if after_break {
            self.new_line();
        }
        self.indicator("'", false, false, false);
    }

    fn double_quoted(&mut self, text: &str, folds: bool) {
        self.indicator("\"", true, false, false);
        let mut after_space = false;
        let mut rest = text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let next = rest.peek().map(|&(_, next)| next);
            let inside = at > 0 && next.is_some();
            if takes_escape(c, self.terminal) {
                escape(c).chars().for_each(|c| self.put(c));
            } else if c == ' ' && folds && !after_space && self.column > FOLD && inside {
                self.new_line();
                if next == Some(' ') {
                    self.put('\\');
                }
            } else {
                self.put(c);
            }
            after_space = c == ' ';
        }
        self.indicator("\"", false, false, false);
    }

    /// A line feed inside quotes is an empty line; each further one adds a line.
    fn line_break(&mut self, c: char, after_break: bool) {
        if c == '\n' && !after_break {
            self.put('\n');
        }
        self.put(c);
        self.column = 0;
        self.at_indent = true;
    }

    fn new_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let fresh = self.column < indent || (self.column == indent && self.after_blank);
        if !self.at_indent || !fresh {
            self.put('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.after_blank = true;
        self.at_indent = true;
    }

    fn indicator(&mut self, mark: &str, blank_before: bool, blank: bool, indents: bool) {
        if blank_before && !self.after_blank {
            self.put(' ');
        }
        mark.chars().for_each(|c| self.put(c));
        self.after_blank = blank;
        self.at_indent &= indents;
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column = if c == '\n' { 0 } else { self.column + 1 };
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => return numbered(c),
    };
    format!("\\{short}")
}

fn numbered(c: char) -> String {
    match u32::from(c) {
        n @ 0..=0xff => format!("\\x{n:02X}"),
        n @ 0x100..=0xffff => format!("\\u{n:04X}"),
        n => format!("\\U{n:08X}"),
    }
}
