//! What botocore reads in a few hundred odd files, and what we read.
//!
//! `golden/make_reads.py` makes the list anew.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use awsconfig::{FileKind, parse, scan};
use common::{Row, rows, unescape};

const READ: &str = include_str!("golden/reads.txt");

struct Case {
    kind: FileKind,
    text: String,
    /// `None` for a file that is refused.
    rows: Option<Vec<Row>>,
}

fn cases(file: &str) -> Vec<Case> {
    file.split("case\t").skip(1).map(case).collect()
}

fn case(block: &str) -> Case {
    let (head, rows) = block.split_once('\n').unwrap_or((block, ""));
    let (kind, text) = head.split_once('\t').unwrap_or((head, ""));
    let kind = if kind == "config" { FileKind::Config } else { FileKind::Credentials };
    let refused = rows.trim_end() == "error";
    let row = |line: &str| {
        line.split('\t').map(unescape).collect::<Vec<_>>().try_into().expect("five fields")
    };
    let rows = (!refused).then(|| rows.lines().map(row).collect());
    Case { kind, text: unescape(text), rows }
}

/// Botocore has one map a type, and drops headers with a type but not one name.
fn in_botocores_order(mut rows: Vec<Row>) -> Vec<Row> {
    let types = ["profile", "sso-session", "services"];
    rows.retain(|row| row[0] != "other" || !types.iter().any(|t| row[1].starts_with(t)));
    rows.sort_by_key(|row| types.iter().position(|t| *t == row[0]).unwrap_or(types.len()));
    rows
}

#[test]
fn reads_what_botocore_reads() {
    for case in cases(READ) {
        let got = parse(case.kind, &case.text).ok().map(|p| in_botocores_order(rows(&p)));
        assert_eq!(got, case.rows, "{:?}", case.text);
    }
}

#[test]
fn a_scan_reads_the_same() {
    for case in cases(READ) {
        let Ok(parsed) = parse(case.kind, &case.text) else {
            continue;
        };
        for (name, section) in parsed.sections() {
            let scanned = scan::scan(case.text.as_bytes(), case.kind, std::slice::from_ref(name));
            let scanned = scanned.expect("a file that parses");
            assert_eq!(scanned.section(name), Some(section), "{:?}", case.text);
            assert_eq!(scanned.sections().count(), 1);
        }
    }
}
