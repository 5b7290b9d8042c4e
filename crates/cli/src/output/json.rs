//! JSON as Python's `json` module writes it.

use serde_json::Value;

use super::clean::is_risky;
use super::python::number;

/// Four blanks a level, letters beyond ASCII as they are, one final line feed.
///
/// `terminal`: also escape what JSON allows but a terminal would obey.
pub(super) fn pretty(value: &Value, terminal: bool) -> String {
    let escape = if terminal { is_risky } else { never };
    let mut writer = Writer { out: String::new(), indent: 0, escape };
    writer.value(value);
    writer.out + "\n"
}

fn never(_: char) -> bool {
    false
}

struct Writer {
    out: String,
    /// The current level.
    indent: usize,
    escape: fn(char) -> bool,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Number(n) => self.out.push_str(&number(n)),
            Value::String(s) => self.text(s),
            Value::Array(items) => self.block("[]", items, |w, item| w.value(item)),
            Value::Object(map) => self.block("{}", map, |w, (key, value)| {
                w.text(key);
                w.out.push_str(": ");
                w.value(value);
            }),
        }
    }

    fn block<P: IntoIterator>(&mut self, ends: &str, parts: P, write: fn(&mut Self, P::Item)) {
        let (open, close) = ends.split_at(1);
        self.out.push_str(open);
        self.indent += 1;
        let mut comma = "";
        for part in parts {
            self.out.push_str(comma);
            self.line_break();
            write(self, part);
            comma = ",";
        }
        self.indent -= 1;
        if !comma.is_empty() {
            self.line_break();
        }
        self.out.push_str(close);
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"    ".repeat(self.indent));
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
        let value = json!("é\u{1b}\u{7f}\u{9b}\u{202e}");
        assert_eq!(pretty(&value, true), "\"é\\u001b\\u007f\\u009b\\u202e\"\n");
        assert_eq!(pretty(&value, false), "\"é\\u001b\u{7f}\u{9b}\u{202e}\"\n");
    }
}
