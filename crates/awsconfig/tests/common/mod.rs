//! What the integration tests share.
#![allow(dead_code, reason = "no test uses all of it")]

use awsconfig::{FileKind, Parsed, Section, SectionName, Value};

/// Section type, name, key, sub-key or nothing, value.
pub type Row = [String; 5];

/// A row for every section, and one for every key.
pub fn rows(parsed: &Parsed) -> Vec<Row> {
    parsed.sections().flat_map(|(name, section)| section_rows(name, section)).collect()
}

fn section_rows(name: &SectionName, section: &Section) -> Vec<Row> {
    let kind = match name {
        SectionName::Profile(_) => "profile",
        SectionName::SsoSession(_) => "sso-session",
        SectionName::Services(_) => "services",
        SectionName::Other(_) => "other",
    };
    let mut rows = Vec::new();
    let mut add = |key: &str, sub: &str, value: &Value| {
        let value = value.as_str().expect("a plain value");
        rows.push([kind, name.name(), key, sub, value].map(str::to_owned));
    };
    for key in section.keys() {
        let value = section.get(key).expect("a key that is listed");
        match value.nested() {
            Some(nested) => nested.iter().for_each(|(sub, value)| add(key, sub, value)),
            None => add(key, "", value),
        }
    }
    rows.insert(0, [kind, name.name(), "", "", ""].map(str::to_owned));
    rows
}

pub fn profile(name: &str) -> SectionName {
    SectionName::Profile(name.to_owned())
}

/// The rows of a text, or nothing if it does not parse.
pub fn read(kind: FileKind, text: &str) -> Option<Vec<Row>> {
    awsconfig::parse(kind, text).ok().map(|parsed| rows(&parsed))
}

/// Undoes `\u{...}`.
pub fn unescape(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').expect("a closed escape");
        let code = u32::from_str_radix(code, 16).expect("a hexadecimal escape");
        plain.push(char::from_u32(code).expect("a character"));
        plain.push_str(rest);
    }
    plain
}
