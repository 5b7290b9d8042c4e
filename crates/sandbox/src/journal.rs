//! What was asked and how it was answered, to look at. No secrets.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::faults::Fault;
use crate::http::Ask;

/// Entries kept; older ones are forgotten, but stay counted.
const MOST_ENTRIES: usize = 100_000;
/// Letters kept of what a client calls itself.
const MOST_LETTERS: usize = 200;

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Counts from 1.
    pub id: u64,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// The operation by its AWS name, or `Unknown`.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// HTTP status; 0 when the connection was dropped instead.
    pub status: u16,
    /// The error's name, e.g. `InvalidGrantException`.
    pub code: Option<String>,
    /// What it was about: grant type, account and role, bucket; never a secret.
    pub subject: Option<String>,
    /// The region the request was signed for.
    pub region: Option<String>,
    /// The access key ID that signed the request.
    pub access_key_id: Option<String>,
    /// What the client calls itself: its `User-Agent`.
    pub client: Option<String>,
    /// What was made to go wrong.
    pub fault: Option<String>,
}

impl Entry {
    /// Whether the request was granted: an answer below 400.
    pub fn ok(&self) -> bool {
        (1..400).contains(&self.status)
    }
}

/// How often an operation was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// All requests.
    pub requests: usize,
    /// Those that were granted.
    pub ok: usize,
}

/// The requests since the start.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    counts: BTreeMap<String, Count>,
    last: u64,
    next: Notes,
}

/// What a service says about the request in hand, before it is entered.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) subject: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
}

/// What can be seen of a request from outside.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    method: String,
    path: String,
    client: Option<String>,
    fault: Option<String>,
}

impl Asked {
    pub(crate) fn of(ask: &Ask, fault: Option<&Fault>) -> Self {
        let client = ask.header("user-agent").map(|text| text.chars().take(MOST_LETTERS).collect());
        let (method, path) = (ask.method.to_string(), ask.path.clone());
        Self { method, path, client, fault: fault.map(Fault::name) }
    }
}

impl Journal {
    /// Says what the request in hand is about.
    pub(crate) fn subject(&mut self, subject: impl Into<String>) {
        self.next.subject = Some(subject.into());
    }

    /// Says who signed the request in hand, and for which region.
    pub(crate) fn signer(&mut self, access_key_id: &str, region: &str) {
        self.next.access_key_id = Some(access_key_id.to_owned());
        self.next.region = Some(region.to_owned());
    }

    pub(crate) fn enter(
        &mut self,
        at: Timestamp,
        operation: &str,
        status: u16,
        code: Option<String>,
        asked: Asked,
    ) {
        let Notes { subject, region, access_key_id } = std::mem::take(&mut self.next);
        let Asked { method, path, client, fault } = asked;
        let (operation, id) = (operation.to_owned(), self.last + 1);
        #[rustfmt::skip]
        let entry = Entry { id, at, operation, method, path, status, code, subject, region, access_key_id, client, fault };
        self.last = id;
        self.count(&entry);
        if self.entries.len() == MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    fn count(&mut self, entry: &Entry) {
        // Not `entry()`: it would want a name of its own for every request.
        if !self.counts.contains_key(&entry.operation) {
            self.counts.insert(entry.operation.clone(), Count::default());
        }
        if let Some(count) = self.counts.get_mut(&entry.operation) {
            count.requests += 1;
            count.ok += usize::from(entry.ok());
        }
    }

    /// The entries with an ID above `id`, oldest first.
    pub(crate) fn since(&self, id: u64) -> impl Iterator<Item = &Entry> {
        let start = self.entries.partition_point(|entry| entry.id <= id);
        self.entries.range(start..)
    }

    /// The ID of the last entry.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn counts(&self) -> &BTreeMap<String, Count> {
        &self.counts
    }

    pub(crate) fn of(&self, operation: &str) -> Count {
        self.counts.get(operation).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_belong_to_one_request() {
        let mut journal = Journal::default();
        journal.subject("refresh_token");
        journal.enter(Timestamp::UNIX_EPOCH, "CreateToken", 400, None, Asked::default());
        journal.enter(Timestamp::UNIX_EPOCH, "CreateToken", 200, None, Asked::default());
        let entries: Vec<_> = journal.since(0).collect();
        assert_eq!(entries[0].subject.as_deref(), Some("refresh_token"));
        assert_eq!(entries[1].subject, None);
        assert_eq!(journal.of("CreateToken"), Count { requests: 2, ok: 1 });
        assert_eq!(journal.since(1).count(), 1);
        assert_eq!(journal.since(2).count(), 0);
    }

    #[test]
    fn old_entries_are_forgotten_and_stay_counted() {
        let mut journal = Journal::default();
        for _ in 0..MOST_ENTRIES + 5 {
            journal.enter(Timestamp::UNIX_EPOCH, "Logout", 200, None, Asked::default());
        }
        assert_eq!(journal.of("Logout").requests, MOST_ENTRIES + 5);
        assert_eq!(journal.since(0).count(), MOST_ENTRIES);
        assert_eq!(journal.since(0).next().map(|entry| entry.id), Some(6));
    }
}
