//! What was used, how often and how lately: so that what people use comes first.
//!
//! Kept in `~/.aws/daypass/used.json`, 0600, and never worth failing or waiting for. The
//! commands people type note what they use; a credential process does not, since tools
//! ask those all day.

use crate::files;
use crate::host::Host;
use crate::lock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// More than anybody uses; the least used go first.
const MOST: usize = 500;

/// When all counts together are more, all are made smaller: what was used much long ago
/// is forgotten.
const MOST_TOGETHER: f64 = 4000.0;

/// What was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used<'a> {
    /// A profile, by its name.
    Profile(&'a str),
    /// A role of an account, without a profile.
    Role {
        /// The sso-session.
        session: &'a str,
        /// The account ID.
        account: &'a str,
        /// The role's name.
        role: &'a str,
    },
}

impl Used<'_> {
    fn key(self) -> String {
        match self {
            Used::Profile(name) => format!("profile {name}"),
            Used::Role { session, account, role } => format!("role {session}/{account}/{role}"),
        }
    }
}

/// What is known of all uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage(HashMap<String, Count>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Count {
    times: f64,
    last: i64,
}

impl Usage {
    /// What is on the disk; nothing where that cannot be read.
    pub fn load(host: &Host) -> Self {
        let file = files::read_small(&place(host)).ok().flatten();
        file.map(|file| Self::parse(&file.bytes)).unwrap_or_default()
    }

    /// How much something is in use: the count, weighed by how long ago the last use is.
    pub fn score(&self, used: Used<'_>, now: Timestamp) -> f64 {
        self.0.get(&used.key()).map_or(0.0, |count| count.weight(now))
    }

    fn parse(bytes: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let used = value["used"].as_object().cloned().unwrap_or_default();
        let count = |value: &Value| {
            let times =
                value["times"].as_f64().filter(|times| times.is_finite() && *times > 0.0)?;
            Some(Count { times, last: value["last"].as_i64()? })
        };
        Self(used.iter().filter_map(|(key, value)| Some((key.clone(), count(value)?))).collect())
    }

    fn add(&mut self, used: Used<'_>, now: Timestamp) {
        let count = self.0.entry(used.key()).or_insert(Count { times: 0.0, last: 0 });
        *count = Count { times: count.times + 1.0, last: now.as_second() };
        let all: f64 = self.0.values().map(|count| count.times).sum();
        if all > MOST_TOGETHER {
            self.0.values_mut().for_each(|count| count.times *= 0.9);
        }
        if self.0.len() > MOST {
            let weigh =
                |(key, count): (&String, &Count)| (count.weight(now), count.last, key.clone());
            let mut all: Vec<(f64, i64, String)> = self.0.iter().map(weigh).collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
            for (_, _, key) in all.drain(MOST..) {
                self.0.remove(&key);
            }
        }
    }

    fn to_text(&self) -> String {
        let mut keys: Vec<&String> = self.0.keys().collect();
        keys.sort();
        let used = keys.into_iter().map(|key| {
            let count = self.0[key];
            (key.clone(), json!({ "times": count.times, "last": count.last }))
        });
        format!("{:#}\n", json!({ "version": 1, "used": used.collect::<Map<_, _>>() }))
    }
}

impl Count {
    fn weight(self, now: Timestamp) -> f64 {
        let since = SignedDuration::from_secs(now.as_second().saturating_sub(self.last));
        let factor = match since {
            since if since < SignedDuration::from_hours(1) => 4.0,
            since if since < SignedDuration::from_hours(24) => 2.0,
            since if since < SignedDuration::from_hours(24 * 7) => 1.0,
            since if since < SignedDuration::from_hours(24 * 30) => 0.5,
            _ => 0.25,
        };
        self.times * factor
    }
}

/// Notes a use. Whatever stands in the way, the use itself is more important: a count
/// that is lost is no harm.
pub fn note(host: &Host, used: Used<'_>) {
    let path = place(host);
    let Ok(_lock) = lock::config(host, &path, Duration::from_millis(200)) else { return };
    let mut usage = Usage::load(host);
    usage.add(used, host.now());
    if let Err(error) = vault::write_private(&path, usage.to_text().as_bytes()) {
        tracing::debug!(%error, "the use was not noted");
    }
}

fn place(host: &Host) -> PathBuf {
    host.home.join(".aws").join("daypass").join("used.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn lately_counts_more_than_often_long_ago() {
        let (old, new) = (Used::Profile("old"), Used::Profile("new"));
        let mut usage = Usage::default();
        (0..10).for_each(|hour| usage.add(old, at(hour)));
        usage.add(new, at(2000));
        assert!(usage.score(new, at(2000)) > usage.score(old, at(2000)));
        assert!(usage.score(old, at(11)) > 0.0);
        assert!(usage.score(Used::Profile("never"), at(2000)) == 0.0);
    }

    #[test]
    fn it_is_read_as_it_was_written_and_nonsense_is_nothing() {
        let role = Used::Role { session: "s", account: "000000000001", role: "Admin" };
        let mut usage = Usage::default();
        usage.add(role, at(1));
        usage.add(Used::Profile("a \"b\""), at(2));
        assert_eq!(Usage::parse(usage.to_text().as_bytes()), usage);
        for bad in
            ["", "[]", "{\"used\":7}", "{\"used\":{\"profile x\":{\"times\":-1,\"last\":0}}}"]
        {
            assert_eq!(Usage::parse(bad.as_bytes()), Usage::default(), "{bad}");
        }
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut usage = Usage::default();
        for n in 0..2 * MOST {
            usage.add(Used::Profile(&format!("p{n}")), at(i64::try_from(n).unwrap()));
        }
        (0..9000).for_each(|_| usage.add(Used::Profile("much"), at(1)));
        assert!(usage.0.len() <= MOST, "{}", usage.0.len());
        assert!(usage.0.values().map(|count| count.times).sum::<f64>() <= MOST_TOGETHER + 1.0);
    }
}
