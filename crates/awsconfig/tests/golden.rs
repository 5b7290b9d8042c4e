//! The edits of the AWS CLI and ours, on the same files.
//!
//! `golden/make.py` makes the AWS CLI's part anew, `golden/make_edits.py` the list of edits
//! made up by chance.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use awsconfig::{Document, FileKind, SectionName};
use common::{profile, unescape};

struct Case<'a> {
    name: &'a str,
    edits: Vec<[&'a str; 4]>,
    parts: Vec<(&'a str, String)>,
}

impl Case<'_> {
    fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(n, _)| *n == name).map(|(_, text)| text.as_str())
    }

    fn kind(&self) -> FileKind {
        match self.edits.first() {
            Some(["credentials", ..]) => FileKind::Credentials,
            _ => FileKind::Config,
        }
    }
}

fn cases(file: &str) -> Vec<Case<'_>> {
    file.split("=== ").skip(1).map(case).collect()
}

fn case(block: &str) -> Case<'_> {
    let mut pieces = block.split("--- ");
    let mut head = pieces.next().unwrap_or_default().lines();
    let name = head.next().unwrap_or_default();
    Case {
        name,
        edits: head.filter_map(|line| fields(line.strip_prefix("edit: ")?)).collect(),
        parts: pieces.filter_map(|p| p.split_once('\n')).map(|(n, t)| (n, decode(t))).collect(),
    }
}

fn fields(edit: &str) -> Option<[&str; 4]> {
    edit.splitn(4, " | ").collect::<Vec<_>>().try_into().ok()
}

fn decode(text: &str) -> String {
    text.strip_suffix("\n\\ no newline\n").unwrap_or(text).to_owned()
}

fn section(kind: &str, name: &str) -> SectionName {
    let name = name.to_owned();
    match kind {
        "sso-session" => SectionName::SsoSession(name),
        "services" => SectionName::Services(name),
        "other" => SectionName::Other(name),
        _ => SectionName::Profile(name),
    }
}

fn edited(case: &Case<'_>, before: &str) -> String {
    let mut document = Document::parse(case.kind(), before).expect(case.name);
    for [kind, name, key, value] in &case.edits {
        let section = section(kind, name);
        let done = match key.split_once('.') {
            Some((key, sub)) => document.set_nested(&section, key, sub, value),
            None => document.set(&section, key, value),
        };
        done.expect(case.name);
    }
    document.to_text()
}

fn check(file: &str, endings: impl Fn(&str) -> String) {
    for case in cases(file) {
        let before = endings(case.part("before").expect(case.name));
        let after = endings(case.part("after").expect(case.name));
        assert_eq!(edited(&case, &before), after, "{}", case.name);
    }
}

/// An empty file has no line endings to keep.
fn without_new_files(file: &str) -> String {
    let old = |block: &&str| !block.contains("--- before\n---");
    file.split("=== ").skip(1).filter(old).map(|block| format!("=== {block}")).collect()
}

const SAME: &str = include_str!("golden/same.txt");
const BETTER: &str = include_str!("golden/better.txt");

#[test]
fn byte_for_byte_what_the_aws_cli_makes() {
    check(SAME, str::to_owned);
}

#[test]
fn right_where_the_aws_cli_is_not() {
    check(BETTER, str::to_owned);
    for case in cases(BETTER) {
        assert_ne!(case.part("after"), case.part("aws"), "{}: no difference now", case.name);
    }
}

#[test]
fn crlf_files_stay_crlf() {
    for file in [SAME, BETTER] {
        check(&without_new_files(file), |text| text.replace('\n', "\r\n"));
    }
}

#[test]
fn byte_for_byte_on_files_made_up_by_chance() {
    for line in include_str!("golden/edits.txt").lines() {
        let fields: Vec<String> = line.split('\t').map(unescape).collect();
        let [before, name, key, sub, after] = fields.as_slice() else {
            panic!("five fields: {line}")
        };
        let mut document = Document::parse(FileKind::Config, before).expect("a file that parses");
        let done = match sub.as_str() {
            "" => document.set(&profile(name), key, "V W"),
            sub => document.set_nested(&profile(name), key, sub, "V W"),
        };
        assert_eq!(done, Ok(()), "{before:?}");
        assert_eq!(&document.to_text(), after, "{before:?}");
    }
}
