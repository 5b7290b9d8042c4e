//! The trail summed up.

use super::read::Entry;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What rows are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The profile.
    Profile,
    /// The account and the role.
    Role,
    /// The name of the process that asked.
    Parent,
    /// The hour, in UTC.
    Hour,
}

/// How often credentials were handed out, by whatever was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The values of what rows are told apart by, in that order.
    pub key: Vec<String>,
    /// How often.
    pub issues: usize,
    /// The commands that did.
    pub deliveries: BTreeSet<String>,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

/// A stretch of the trail, summed up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Most issues first.
    pub rows: Vec<Row>,
    /// How often anything else happened.
    pub others: BTreeMap<String, usize>,
}

/// Sums up; the key of a row is made of `by`.
pub fn report<'e>(entries: impl Iterator<Item = &'e Entry>, by: &[By]) -> Report {
    let mut rows: BTreeMap<Vec<String>, Row> = BTreeMap::new();
    let mut others = BTreeMap::new();
    for entry in entries {
        if entry.text("event") != "issue" {
            *others.entry(entry.text("event").to_owned()).or_default() += 1;
            continue;
        }
        let key: Vec<String> = by.iter().map(|by| value(entry, *by)).collect();
        let row = rows.entry(key.clone()).or_insert_with(|| Row {
            key,
            issues: 0,
            deliveries: BTreeSet::new(),
            first: entry.at,
            last: entry.at,
        });
        row.issues += 1;
        row.deliveries.insert(entry.text("delivery").to_owned());
        row.first = row.first.min(entry.at);
        row.last = row.last.max(entry.at);
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    match by.contains(&By::Hour) {
        true => rows.sort_by_key(|row| row.first),
        false => rows.sort_by_key(|row| std::cmp::Reverse(row.issues)),
    }
    Report { rows, others }
}

fn value(entry: &Entry, by: By) -> String {
    match by {
        By::Profile => entry.text("profile").to_owned(),
        By::Role => match (entry.text("account"), entry.text("role")) {
            ("", role) => role.to_owned(),
            (account, role) => format!("{account}/{role}"),
        },
        By::Parent => match entry.text("parent") {
            "" => "?".to_owned(),
            parent => parent.to_owned(),
        },
        By::Hour => entry.at.strftime("%Y-%m-%dT%H:00Z").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::parse;
    use super::*;

    fn entries() -> Vec<Entry> {
        let issue = |time: &str, profile: &str, parent: &str| {
            format!(
                r#"{{"time":"2026-11-26T{time}:00Z","event":"issue","delivery":"exec","profile":"{profile}","parent":"{parent}"}}"#
            )
        };
        let lines = [
            issue("09:12", "a", "python3"),
            issue("09:13", "a", "python3"),
            issue("10:00", "a", "terraform"),
            r#"{"time":"2026-11-26T10:00:00Z","event":"login"}"#.to_owned(),
        ];
        lines.iter().map(|line| parse(line.as_bytes()).unwrap()).collect()
    }

    #[test]
    fn issues_are_counted_by_what_was_asked_for() {
        let entries = entries();
        let found = report(entries.iter(), &[By::Profile, By::Parent]);
        let rows: Vec<_> = found.rows.iter().map(|row| (row.key.join(" "), row.issues)).collect();
        assert_eq!(rows, [("a python3".to_owned(), 2), ("a terraform".to_owned(), 1)]);
        assert_eq!(found.others.get("login"), Some(&1));
        let hours = report(entries.iter(), &[By::Hour]);
        let keys: Vec<_> = hours.rows.iter().map(|row| row.key[0].as_str()).collect();
        assert_eq!(keys, ["2026-11-26T09:00Z", "2026-11-26T10:00Z"]);
    }
}
