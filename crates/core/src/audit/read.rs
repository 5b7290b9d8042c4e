//! What the trail says.

use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::token::parse_time;
use hot::trail;
use jiff::Timestamp;
use serde_json::Value;

/// One event.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// All its members.
    pub value: Value,
}

impl Entry {
    fn is_issue_of(&self, account: &str, role: &str) -> bool {
        self.text("event") == "issue"
            && self.text("account") == account
            && self.text("role") == role
    }

    /// A member's text; empty where it has none.
    pub fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The trail of this machine, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What could be read.
    pub entries: Vec<Entry>,
    /// How many lines could not: a full disk cuts them short.
    pub broken: usize,
}

/// Reads the trail and the older one before it.
///
/// # Errors
/// [`Kind::Store`] where a file is there and cannot be read.
pub fn load(host: &Host) -> Result<Loaded> {
    let place = trail::place(&host.home);
    let mut loaded = Loaded::default();
    for path in [vault::older(&place), place] {
        let bytes = vault::read_private(&path).map_err(|error| {
            Error::new(Kind::Store, format!("cannot read `{}`", host.shorten(&path)))
                .because(error.to_string())
        })?;
        loaded.take(&bytes.unwrap_or_default());
    }
    // Processes write when they are done, not when they looked at the clock.
    loaded.entries.sort_by_key(|entry| entry.at);
    Ok(loaded)
}

impl Loaded {
    fn take(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match parse(line) {
                Some(entry) => self.entries.push(entry),
                None => self.broken += 1,
            }
        }
    }
}

/// When credentials for a role were last handed out, as far as the trail goes back.
pub fn last_issue(host: &Host, account: &str, role: &str) -> Option<Timestamp> {
    let loaded = load(host).ok()?;
    loaded.entries.iter().rev().find(|entry| entry.is_issue_of(account, role)).map(|entry| entry.at)
}

/// Reads one line.
pub fn parse(line: &[u8]) -> Option<Entry> {
    let value: Value = serde_json::from_slice(line).ok().filter(Value::is_object)?;
    let at = parse_time(value.get("time")?.as_str()?)?;
    Some(Entry { at, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_costs_no_other() {
        let mut loaded = Loaded::default();
        loaded.take(
            b"{\"time\":\"2026-11-26T09:12:00Z\",\"event\":\"login\"}\n\
              {\"time\":\"2026-11-26T09:13:00Z\",\"ev\n\
              {\"time\":\"2026-11-26T09:14:00Z\",\"event\":\"logout\"}\n",
        );
        let events: Vec<_> = loaded.entries.iter().map(|entry| entry.text("event")).collect();
        assert_eq!((events, loaded.broken), (vec!["login", "logout"], 1));
    }
}
