//! JSON as Python's `json` module writes it.

use super::clean::is_risky;
use super::node::{Link, Node, float};

/// Four blanks a level, letters beyond ASCII as they are, one final line feed.
///
/// `terminal`: also escape what JSON allows but a terminal would obey.
pub(super) fn pretty(node: &Node, terminal: bool) -> String {
    let escape = if terminal { is_risky } else { never };
    let mut writer = Writer { out: String::new(), indent: Some(0), escape };
    writer.node(node);
    writer.out + "\n"
}

/// One line without blanks, ASCII only: the value of the query function `to_string`.
pub(super) fn compact(node: &Node) -> String {
    let mut writer = Writer { out: String::new(), indent: None, escape: |c| !c.is_ascii() };
    writer.node(node);
    writer.out
}

fn never(_: char) -> bool {
    false
}

struct Writer {
    out: String,
    /// The current level; none for compact output.
    indent: Option<usize>,
    escape: fn(char) -> bool,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Null => self.out.push_str("null"),
            Node::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Node::Int(i) => self.out.push_str(&i.to_string()),
            Node::Float(f) => self.float(*f),
            Node::Text(s) => self.text(s),
            Node::List(items) => self.block('[', ']', items, |w, item: &Link| w.node(item)),
            Node::Map(pairs) => self.block('{', '}', pairs, |w, (key, value)| {
                w.text(key);
                w.out.push_str(if w.indent.is_some() { ": " } else { ":" });
                w.node(value);
            }),
        }
    }

    fn block<T>(&mut self, open: char, close: char, parts: &[T], write: fn(&mut Self, &T)) {
        self.out.push(open);
        self.indent = self.indent.map(|level| level + 1);
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.line_break();
            write(self, part);
        }
        self.indent = self.indent.map(|level| level - 1);
        if !parts.is_empty() {
            self.line_break();
        }
        self.out.push(close);
    }

    fn line_break(&mut self) {
        if let Some(level) = self.indent {
            self.out.push('\n');
            self.out.push_str(&"    ".repeat(level));
        }
    }

    fn float(&mut self, f: f64) {
        self.out.push_str(&match f {
            _ if f.is_nan() => "NaN".into(),
            f64::INFINITY => "Infinity".into(),
            f64::NEG_INFINITY => "-Infinity".into(),
            _ => float(f),
        });
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                _ if c < ' ' || (self.escape)(c) => self.numbered(c),
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn numbered(&mut self, c: char) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_terminal_gets_escapes_for_what_it_would_obey() {
        let node = Node::new(&json!("é\u{1b}\u{7f}\u{9b}\u{202e}"));
        assert_eq!(pretty(&node, true), "\"é\\u001b\\u007f\\u009b\\u202e\"\n");
        assert_eq!(pretty(&node, false), "\"é\\u001b\u{7f}\u{9b}\u{202e}\"\n");
    }

    #[test]
    fn compact_output_is_ascii() {
        let node = Node::new(&json!({"a": ["é😀", 1.0, true, null], "b": {}}));
        let want = r#"{"a":["\u00e9\ud83d\ude00",1.0,true,null],"b":{}}"#;
        assert_eq!(compact(&node), want);
    }
}
