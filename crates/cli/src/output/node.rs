//! The tree every format prints: a JSON value whose parts have an identity.
//!
//! A query can put the same object into its result twice; the AWS CLI's YAML then
//! prints an anchor and an alias. Shared [`Rc`]s keep that knowledge, which a
//! [`serde_json::Value`] loses. Scalars print as Python prints them, since that is
//! what text and table output are made of.

use std::rc::Rc;

use serde_json::{Number, Value};

/// A shared part of a tree.
pub(super) type Link = Rc<Node>;

/// One JSON value; maps keep their order.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Link>),
    Map(Vec<(String, Link)>),
}

impl Node {
    pub(super) fn new(value: &Value) -> Link {
        Rc::new(match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Number(n) => Self::number(n),
            Value::String(s) => Self::Text(s.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::new).collect()),
            Value::Object(map) => {
                Self::Map(map.iter().map(|(k, v)| (k.clone(), Self::new(v))).collect())
            }
        })
    }

    fn number(number: &Number) -> Self {
        number.as_i128().map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Int)
    }

    pub(super) fn text(text: impl Into<String>) -> Link {
        Rc::new(Self::Text(text.into()))
    }

    pub(super) fn get(&self, key: &str) -> Option<&Link> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Pairs in the order of their keys; nothing when this is no map.
    pub(super) fn sorted(&self) -> Vec<&(String, Link)> {
        let Self::Map(pairs) = self else {
            return Vec::new();
        };
        let mut pairs: Vec<_> = pairs.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    pub(super) fn is_empty_map(&self) -> bool {
        matches!(self, Self::Map(pairs) if pairs.is_empty())
    }

    /// What Python's `bool(x)` says.
    pub(super) fn truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(b) => *b,
            Self::Int(i) => *i != 0,
            Self::Float(f) => *f != 0.0,
            Self::Text(s) => !s.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(pairs) => !pairs.is_empty(),
        }
    }

    /// Python's name for the type, as its error messages spell it.
    pub(super) fn python_type(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::List(_) => "list",
            Self::Map(_) => "dict",
        }
    }

    /// What Python's `str(x)` says: text as it is, everything else as [`Self::repr`].
    pub(super) fn display(&self) -> String {
        match self {
            Self::Text(s) => s.clone(),
            other => other.repr(),
        }
    }

    /// What Python's `repr(x)` says.
    pub(super) fn repr(&self) -> String {
        match self {
            Self::Null => "None".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Int(i) => i.to_string(),
            Self::Float(f) => float(*f),
            Self::Text(s) => quote(s),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.repr()).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(pairs) => {
                let pairs: Vec<_> =
                    pairs.iter().map(|(k, v)| format!("{}: {}", quote(k), v.repr())).collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }
}

/// A float as Python writes it: shortest digits, an exponent below 1e-4 and from 1e16.
pub(super) fn float(f: f64) -> String {
    if !f.is_finite() {
        return f.to_string().to_lowercase();
    }
    let scientific = format!("{f:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if f != 0.0 && !(-4..16).contains(&exponent) {
        return format!("{digits}e{exponent:+03}");
    }
    let plain = f.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c == '\\' || c == mark => out.extend(['\\', c]),
            _ if printable(c) => out.push(c),
            _ => out.push_str(&numbered(c)),
        }
    }
    out.push(mark);
    out
}

fn numbered(c: char) -> String {
    match u32::from(c) {
        n @ 0..=0xff => format!("\\x{n:02x}"),
        n @ 0x100..=0xffff => format!("\\u{n:04x}"),
        n => format!("\\U{n:08x}"),
    }
}

/// Controls, separators, format and private characters: what Python's `repr` spells out.
fn printable(c: char) -> bool {
    !matches!(u32::from(c),
        0..=0x1f | 0x7f..=0xa0 | 0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x1680
        | 0x180e | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000
        | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xfffe | 0xffff | 0xe0000..)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1.5, "1.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (f, want) in cases {
            assert_eq!(float(f), want);
        }
    }

    #[test]
    fn containers_print_as_in_python() {
        let node = Node::new(&json!({"a": [1, null, true], "it's": "say \"it's\"\n\u{202e}"}));
        let want = r#"{'a': [1, None, True], "it's": 'say "it\'s"\n\u202e'}"#;
        assert_eq!(node.repr(), want);
    }
}
