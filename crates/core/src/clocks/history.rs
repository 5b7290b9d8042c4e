//! `~/.aws/daypass/sessions.json`: what was seen of every login's sessions.
//!
//! No secret is in it: names, addresses and times. It is written by whoever has just
//! logged in, refreshed or been refused, and a machine on which it cannot be written
//! loses its estimates and nothing else.

use super::record::{Current, Life, Record, SeenUser};
use crate::files;
use crate::host::Host;
use crate::resolve::SessionPlan;
use crate::token::{format_time, parse_time};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Logins of so many portals are more than anybody has.
const MOST_LOGINS: usize = 100;

/// What is written down must not hold up whoever has work to do.
const LOCK_WAIT: Duration = Duration::from_millis(300);

/// Everything that was seen, login by login.
#[derive(Clone, Debug, Default)]
pub struct History(BTreeMap<String, Entry>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    portal: String,
    record: Record,
}

/// Where it is written down.
pub fn path(host: &Host) -> PathBuf {
    host.home.join(".aws").join("daypass").join("sessions.json")
}

impl History {
    /// Reads it; what cannot be read was not seen.
    pub fn load(host: &Host) -> Self {
        let file = files::read_small(&path(host)).ok().flatten();
        let value = file.and_then(|file| serde_json::from_slice(&file.bytes).ok());
        Self(value.as_ref().map(entries).unwrap_or_default())
    }

    /// What was seen of one login.
    pub fn of(&self, plan: &SessionPlan) -> Record {
        let found = self.0.get(&key(plan)).filter(|entry| entry.portal == portal(plan));
        found.map(|entry| entry.record.clone()).unwrap_or_default()
    }

    /// How long sessions of the portal's other logins lasted.
    pub fn others(&self, plan: &SessionPlan) -> Vec<Life> {
        let (key, portal) = (key(plan), portal(plan));
        let others = self.0.iter().filter(|(name, entry)| **name != key && entry.portal == portal);
        others.flat_map(|(_, entry)| entry.record.earlier.iter().copied()).collect()
    }

    fn text(&self) -> String {
        let logins: Map<String, Value> =
            self.0.iter().map(|(name, entry)| (name.clone(), written(entry))).collect();
        format!("{:#}\n", json!({ "version": 1, "logins": logins }))
    }

    /// Drops the logins that were not used for the longest time.
    fn shorten(&mut self) {
        while self.0.len() > MOST_LOGINS {
            let last_seen = |entry: &Entry| entry.record.current.as_ref().map(|c| c.alive);
            let oldest = self.0.iter().min_by_key(|(_, entry)| last_seen(entry));
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { return };
            self.0.remove(&name);
        }
    }
}

/// Writes down what was just seen of a login. A file that cannot be written is no
/// reason to fail.
pub(crate) fn note(host: &Host, plan: &SessionPlan, change: impl FnOnce(&mut Record)) {
    rewrite(host, |history| {
        let entry = history.0.entry(key(plan)).or_default();
        if entry.portal != portal(plan) {
            *entry = Entry { portal: portal(plan), ..Entry::default() };
        }
        change(&mut entry.record);
        if entry.record == Record::default() {
            history.0.remove(&key(plan));
        }
    });
}

/// Forgets one login altogether: it is being removed.
pub(crate) fn forget(host: &Host, plan: &SessionPlan) {
    rewrite(host, |history| drop(history.0.remove(&key(plan))));
}

/// Somebody has logged out of every login.
pub(crate) fn note_all_logged_out(host: &Host) {
    rewrite(host, |history| {
        history.0.values_mut().for_each(|entry| entry.record.logged_out());
    });
}

fn rewrite(host: &Host, change: impl FnOnce(&mut History)) {
    let Ok(_held) = host.locks.acquire("sessions", LOCK_WAIT) else {
        tracing::debug!("what was seen of a session is not written down: somebody else is at it");
        return;
    };
    let mut history = History::load(host);
    let before = history.0.clone();
    change(&mut history);
    if history.0 == before {
        return;
    }
    history.shorten();
    if let Err(error) = vault::write_private(&path(host), history.text().as_bytes()) {
        tracing::debug!(error = %error.source, "what was seen of a session is not written down");
    }
}

/// What a login is called in the file.
pub(super) fn key(plan: &SessionPlan) -> String {
    match &plan.name {
        Some(name) => format!("sso-session {name}"),
        None => format!("start-url {}", portal(plan)),
    }
}

fn portal(plan: &SessionPlan) -> String {
    plan.start_url.value.canonical().to_owned()
}

fn written(entry: &Entry) -> Value {
    let record = &entry.record;
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("portal", json!(entry.portal));
    if let Some(current) = &record.current {
        put("current", written_current(current));
    }
    if let Some(user) = &record.user {
        put("user", json!({ "name": user.name, "at": format_time(user.at) }));
    }
    if let Some(life) = record.token_life {
        put("tokenSeconds", json!(life.as_secs()));
    }
    let life = |life: &Life| json!([life.least.as_secs(), life.most.as_secs()]);
    put("earlierSeconds", record.earlier.iter().map(life).collect());
    Value::Object(map)
}

fn written_current(current: &Current) -> Value {
    let (after, before) = current.began.unzip();
    json!({
        "beganAfter": after.map(format_time),
        "beganBefore": before.map(format_time),
        "alive": format_time(current.alive),
        "tokenEnds": format_time(current.token_ends),
        "cut": current.cut,
        "refused": current.refused.map(format_time),
    })
}

fn entries(value: &Value) -> BTreeMap<String, Entry> {
    let logins = value.get("logins").and_then(Value::as_object);
    let entry = |(name, value): (&String, &Value)| Some((name.clone(), read(value)?));
    logins.into_iter().flatten().filter_map(entry).collect()
}

fn read(value: &Value) -> Option<Entry> {
    let seconds = |value: &Value| value.as_i64().map(SignedDuration::from_secs);
    let life = |pair: &Value| Some(Life { least: seconds(&pair[0])?, most: seconds(&pair[1])? });
    let earlier = value.get("earlierSeconds").and_then(Value::as_array);
    let record = Record {
        current: value.get("current").and_then(read_current),
        user: value.get("user").and_then(|user| {
            Some(SeenUser { name: user["name"].as_str()?.to_owned(), at: time(user, "at")? })
        }),
        token_life: value.get("tokenSeconds").and_then(seconds),
        earlier: earlier.into_iter().flatten().filter_map(life).collect(),
    };
    Some(Entry { portal: value.get("portal")?.as_str()?.to_owned(), record })
}

fn read_current(value: &Value) -> Option<Current> {
    Some(Current {
        began: time(value, "beganAfter").zip(time(value, "beganBefore")),
        alive: time(value, "alive")?,
        token_ends: time(value, "tokenEnds")?,
        cut: value.get("cut")?.as_bool()?,
        refused: time(value, "refused"),
    })
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value.get(key).and_then(Value::as_str).and_then(parse_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn history() -> History {
        let mut record = Record::default();
        record.logged_in(at(0), at(60));
        record.refused(at(55), at(60));
        record.logged_in(at(70), at(130));
        record.named("ada@example.com", at(75));
        let portal = "https://d-1.awsapps.com/start".to_owned();
        let mut other = Record::default();
        other.refreshed(at(1), at(2), at(3));
        other.refused(at(4), at(3));
        let entries = [("sso-session corp", record), ("start-url x", other)];
        let entry = |(name, record): (&str, Record)| {
            (name.to_owned(), Entry { portal: portal.clone(), record })
        };
        History(entries.into_iter().map(entry).collect())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = history().text();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(entries(&value), history().0);
    }

    #[test]
    fn what_is_no_history_was_not_seen() {
        for text in ["null", "[1]", "{\"logins\": 7}", "{\"logins\": {\"a\": {\"portal\": 1}}}"] {
            assert!(entries(&serde_json::from_str(text).unwrap()).is_empty(), "{text}");
        }
        let text = "{\"logins\": {\"a\": {\"portal\": \"p\", \"current\": {\"alive\": \"soon\"}, \
                    \"earlierSeconds\": [[1], [1, 2], \"x\"]}}}";
        let found = entries(&serde_json::from_str(text).unwrap());
        assert_eq!(found["a"].record.current, None);
        assert_eq!(found["a"].record.earlier.len(), 1);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut history = history();
        for index in 0..200 {
            history.0.insert(format!("sso-session {index}"), Entry::default());
        }
        history.shorten();
        assert_eq!(history.0.len(), MOST_LOGINS);
        assert!(history.0.contains_key("sso-session corp"), "what is in use stays");
    }
}
