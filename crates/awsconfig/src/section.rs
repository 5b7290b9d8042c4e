//! A section's keys and values.

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::text;

/// One section as botocore sees it, with the keys of `[DEFAULT]` after its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    pub(crate) header_line: usize,
    pub(crate) entries: Vec<(String, Value)>,
}

impl Section {
    /// The value of a key, which is given in lower case.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// The value of a key in a nested block: `nested("s3", "addressing_style")`.
    ///
    /// Nested keys keep their case.
    #[must_use]
    pub fn nested(&self, key: &str, sub: &str) -> Option<&Value> {
        self.get(key)?.nested()?.get(sub)
    }

    /// The 1-based line of the header.
    #[must_use]
    pub fn header_line(&self) -> usize {
        self.header_line
    }

    pub(crate) fn without_lines(mut self) -> Section {
        self.header_line = 0;
        self.entries.iter_mut().for_each(|(_, value)| value.forget_lines());
        self
    }

    /// The keys in file order, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The 1-based line of the key.
    pub line: usize,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Plain(String),
    Nested(Nested),
}

impl Value {
    pub(crate) fn plain(line: usize, text: &str) -> Value {
        Value { line, body: Body::Plain(text.to_owned()) }
    }

    fn forget_lines(&mut self) {
        self.line = 0;
        if let Body::Nested(nested) = &mut self.body {
            nested.entries.iter_mut().for_each(|(_, value)| value.line = 0);
        }
    }

    /// The text, unless this is a nested block. Lines of a continued value are joined by
    /// `\n`, each without the blanks around it.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.body {
            Body::Plain(text) => Some(text),
            Body::Nested(_) => None,
        }
    }

    /// The nested block, if this is one.
    #[must_use]
    pub fn nested(&self) -> Option<&Nested> {
        match &self.body {
            Body::Plain(_) => None,
            Body::Nested(nested) => Some(nested),
        }
    }
}

/// The keys under a key, one level deep. A key that stands twice counts the second time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nested {
    entries: Vec<(String, Value)>,
}

impl Nested {
    /// The value of a key, case-sensitive. Always plain.
    #[must_use]
    pub fn get(&self, sub: &str) -> Option<&Value> {
        self.entries.iter().find(|(k, _)| k == sub).map(|(_, value)| value)
    }

    /// All keys with their values, in file order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn insert(&mut self, sub: &str, value: Value) {
        match self.entries.iter_mut().find(|(k, _)| k == sub) {
            Some((_, slot)) => *slot = value,
            None => self.entries.push((sub.to_owned(), value)),
        }
    }
}

/// The lines of a value before anyone asked whether they are a text or a nested block.
#[derive(Debug, Clone)]
pub(crate) struct RawValue {
    pub(crate) line: usize,
    parts: Vec<(usize, String)>,
}

impl RawValue {
    pub(crate) fn new(line: usize, first: &str) -> RawValue {
        RawValue { line, parts: vec![(line, first.to_owned())] }
    }

    /// Adds a continuation line, or a blank one as "".
    pub(crate) fn push(&mut self, line: usize, text: &str) {
        self.parts.push((line, text.to_owned()));
    }

    /// Botocore's rule: a value that begins with a line break is a nested block.
    pub(crate) fn read(&self) -> Result<Value, SyntaxError> {
        let [(_, first), more @ ..] = self.parts.as_slice() else {
            return Ok(Value::plain(self.line, ""));
        };
        let more_text = more.iter().any(|(_, text)| !text.is_empty());
        let body = if first.is_empty() && more_text {
            Body::Nested(read_nested(more)?)
        } else {
            Body::Plain(self.joined())
        };
        Ok(Value { line: self.line, body })
    }

    fn joined(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|(_, text)| text.as_str()).collect();
        text::strip_end(&parts.join("\n")).to_owned()
    }
}

fn read_nested(parts: &[(usize, String)]) -> Result<Nested, SyntaxError> {
    let mut nested = Nested::default();
    for (line, part) in parts {
        for piece in part.split(text::is_inner_break).map(text::strip) {
            if piece.is_empty() {
                continue;
            }
            let (sub, value) = split_nested(piece)
                .ok_or_else(|| SyntaxErrorKind::NestedWithoutEquals.at(*line))?;
            nested.insert(sub, Value::plain(*line, value));
        }
    }
    Ok(nested)
}

/// `sub = value` of a nested line; here a `:` is no delimiter.
pub(crate) fn split_nested(content: &str) -> Option<(&str, &str)> {
    let (sub, value) = content.split_once('=')?;
    Some((text::strip(sub), text::strip(value)))
}
