//! What must hold on any file, tried on files made up of pieces that matter.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use awsconfig::{Document, EditError, FileKind, SectionName, parse, scan};
use common::{Row, profile, read};
use proptest::prelude::*;
use proptest::sample::select;

fn line() -> impl Strategy<Value = String> {
    let header = select(vec![
        "[default]",
        "[profile default]",
        "[profile a]",
        "[profile 'a']",
        "[profile \"a b\"]",
        "[profile b] # c",
        " [profile b]",
        "[plugins]",
        "[sso-session s]",
        "[DEFAULT]",
        "[profile it's]",
    ]);
    let entry = (
        select(vec!["", "", "", "", " ", "    ", "\t", "\u{a0}"]),
        select(vec!["region", "Output", "s3", "sts", "a b", "x", "\u{c4}"]),
        select(vec![" = ", "=", ":", " ="]),
        select(vec!["", "", "v", "w # x", "[y]", "a=b", "\u{2028}=", "\u{e9}"]),
    );
    let other =
        select(vec!["", "  ", "# c", "  # c", "; c = d", "  more", "  s = 1", "  t=2\u{c}u=3"]);
    prop_oneof![
        2 => header.prop_map(str::to_owned),
        5 => entry.prop_map(|(indent, key, delimiter, value)| format!("{indent}{key}{delimiter}{value}")),
        3 => other.prop_map(str::to_owned),
    ]
}

/// Files that parse: after each line that does not, the text goes on as if it were not there.
fn file() -> impl Strategy<Value = (FileKind, String)> {
    let ending = prop_oneof![20 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r")];
    let lines = prop::collection::vec((line(), ending), 0..14);
    let kind = prop_oneof![3 => Just(FileKind::Config), 1 => Just(FileKind::Credentials)];
    (kind, lines, any::<bool>()).prop_map(|(kind, lines, ended)| {
        let mut text = String::new();
        for (line, ending) in lines {
            let longer = format!("{text}{line}{ending}");
            if parse(kind, &longer).is_ok() {
                text = longer;
            }
        }
        let text = if ended { text } else { text.trim_end_matches(['\r', '\n']).to_owned() };
        (kind, text)
    })
}

fn section() -> impl Strategy<Value = SectionName> {
    select(vec!["default", "a", "b", "a b", "new", "it's", "p"]).prop_map(profile)
}

fn key() -> impl Strategy<Value = &'static str> {
    select(vec!["region", "output", "s3", "a b", "X", "new"])
}

fn value() -> impl Strategy<Value = &'static str> {
    select(vec!["", "v", "[x]", "a = b # c", "\"q\"", "%\t$"])
}

/// Those rows that are not about this key of this section.
fn others(kind: FileKind, text: &str, section: &SectionName, key: &str) -> Vec<Row> {
    let mut rows = read(kind, text).expect("a text that parses");
    rows.retain(|row| {
        let key = row[2].is_empty() || row[2] == key.to_lowercase();
        !(row[0] == "profile" && row[1] == section.name() && key)
    });
    rows
}

/// A new section inherits at once what is under `[DEFAULT]`, which is no one's mistake.
fn would_inherit(kind: FileKind, text: &str, section: &SectionName) -> bool {
    let parsed = parse(kind, text).expect("a text that parses");
    text.contains("[DEFAULT]") && parsed.section(section).is_none()
}

/// How many lines were put in and taken out, in one place.
fn difference(before: &str, after: &str) -> (usize, usize) {
    let [before, after] = [before, after].map(|t| t.replace("\r\n", "\n").replace('\r', "\n"));
    let before: Vec<&str> = before.lines().collect();
    let after: Vec<&str> = after.lines().collect();
    let same = |(a, b): &(&&str, &&str)| a == b;
    let top = before.iter().zip(&after).take_while(same).count();
    let rest = before[top..].iter().rev().zip(after[top..].iter().rev());
    let bottom = rest.take_while(same).count();
    (after.len() - top - bottom, before.len() - top - bottom)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None,
        max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_document_gives_its_text_back((kind, text) in file()) {
        let document = Document::parse(kind, &text).expect("a text that parses");
        prop_assert_eq!(document.to_text(), text);
        prop_assert!(!document.is_changed());
    }

    #[test]
    fn a_scan_reads_what_parse_reads((kind, text) in file(), more in section()) {
        let parsed = parse(kind, &text).expect("a text that parses");
        let names = parsed.sections().map(|(name, _)| name.clone()).chain([more]);
        let names: Vec<SectionName> = names.collect();
        for name in &names {
            let scanned = scan::scan(text.as_bytes(), kind, std::slice::from_ref(name)).expect("a scan");
            prop_assert_eq!(scanned.section(name), parsed.section(name));
        }
        let all = scan::scan(text.as_bytes(), kind, &names).expect("a scan");
        prop_assert!(all.sections().eq(parsed.sections()));
    }

    #[test]
    fn a_set_value_is_read_and_nothing_else_changes(
        (kind, text) in file(), section in section(), key in key(), value in value(),
    ) {
        prop_assume!(!would_inherit(kind, &text, &section));
        let mut document = Document::parse(kind, &text).expect("a text that parses");
        document.set(&section, key, value).expect("an edit");
        let after = document.to_text();
        let parsed = parse(kind, &after).expect("a text that parses");
        let got = parsed.section(&section).and_then(|s| s.get(&key.to_lowercase()));
        prop_assert_eq!(got.and_then(|v| v.as_str()), Some(value));
        prop_assert_eq!(others(kind, &after, &section, key), others(kind, &text, &section, key));
        let (put_in, taken_out) = difference(&text, &after);
        prop_assert!(put_in <= 2 && (taken_out == 0 || put_in <= 1), "{:?} {:?}", text, after);
        document.set(&section, key, value).expect("an edit");
        prop_assert_eq!(document.to_text(), after);
    }

    #[test]
    fn a_nested_value_is_read_and_nothing_else_changes(
        (kind, text) in file(), section in section(), key in key(), value in value(),
    ) {
        prop_assume!(!would_inherit(kind, &text, &section));
        let mut document = Document::parse(kind, &text).expect("a text that parses");
        match document.set_nested(&section, key, "s", value) {
            Ok(()) => {}
            Err(EditError::PlainValue { .. }) => return Ok(()),
            refused => prop_assert!(text.contains(['\u{c}', '\u{2028}']), "{:?}", refused),
        }
        let after = document.to_text();
        if document.is_changed() {
            let parsed = parse(kind, &after).expect("a text that parses");
            let got = parsed.section(&section).and_then(|s| s.nested(&key.to_lowercase(), "s"));
            prop_assert_eq!(got.and_then(|v| v.as_str()), Some(value));
        }
        prop_assert_eq!(others(kind, &after, &section, key), others(kind, &text, &section, key));
        let (put_in, taken_out) = difference(&text, &after);
        prop_assert!(put_in <= 3 && taken_out <= 1);
    }

    #[test]
    fn a_removed_key_is_gone_and_nothing_else(
        (kind, text) in file(), section in section(), key in key(),
    ) {
        prop_assume!(!text.contains("[DEFAULT]"));
        let mut document = Document::parse(kind, &text).expect("a text that parses");
        let there = parse(kind, &text).expect("a text that parses");
        let there = there.section(&section).is_some_and(|s| s.get(&key.to_lowercase()).is_some());
        prop_assert_eq!(document.remove(&section, key), there);
        let after = document.to_text();
        prop_assert_eq!(others(kind, &after, &section, key), others(kind, &text, &section, key));
        let parsed = parse(kind, &after).expect("a text that parses");
        let got = parsed.section(&section).and_then(|s| s.get(&key.to_lowercase()));
        prop_assert_eq!(got, None);
    }

    #[test]
    fn a_removed_section_is_gone_and_nothing_else((kind, text) in file(), section in section()) {
        let mut document = Document::parse(kind, &text).expect("a text that parses");
        document.remove_section(&section);
        let mut want = read(kind, &text).expect("a text that parses");
        want.retain(|row| !(row[0] == "profile" && row[1] == section.name()));
        prop_assert_eq!(read(kind, &document.to_text()), Some(want));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|(\\[[a-z '\"]{0,9}\\]|[ \ta-c=:#\n\r]){0,30}") {
        for kind in [FileKind::Config, FileKind::Credentials] {
            let _ = parse(kind, &text);
            let _ = scan::scan(text.as_bytes(), kind, &[profile("a")]);
        }
    }

    #[test]
    fn a_written_header_is_read_back(name in "[^\\]\\p{C}]{1,12}") {
        for name in [profile(&name), SectionName::SsoSession(name)] {
            let header = name.header_text(FileKind::Config);
            let inside = header.trim_start_matches('[').trim_end_matches(']');
            prop_assert_eq!(SectionName::parse_header(FileKind::Config, inside), name);
        }
    }
}
