//! What the portal has said so far, as a file that grows by lines.
//!
//! Everything that is learnt is one line, written at once, so that a listing that is
//! killed goes on where it was. A line that is half written is passed over; the next
//! listing begins by writing the file anew.

use super::{Directory, Listed};
use crate::aws::portal::Account;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// One thing that was learnt.
#[derive(Clone, Debug)]
pub(super) enum Note {
    /// Somebody began to list, or tried to.
    Tried(Timestamp),
    /// The accounts that follow are the whole list, if its end follows as well.
    Begin(Timestamp),
    /// One of them.
    Account(Account),
    /// These were all.
    End(Timestamp),
    /// The roles of an account.
    Roles(String, Vec<String>, Timestamp),
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// When the list of accounts was begun that is whole.
    listed_at: Option<Timestamp>,
    accounts: BTreeMap<String, Account>,
    /// A list that is not whole yet.
    begun: Option<(Timestamp, BTreeMap<String, Account>)>,
    roles: HashMap<String, (Vec<String>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl Ledger {
    /// Reads a file; what makes no sense is passed over.
    pub fn read(bytes: &[u8]) -> Self {
        let mut ledger = Self::default();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.filter_map(parse).flatten().for_each(|note| ledger.learn(note));
        ledger
    }

    pub fn learn(&mut self, note: Note) {
        match note {
            Note::Tried(at) => self.tried_at = self.tried_at.max(Some(at)),
            Note::Begin(at) => self.begun = Some((at, BTreeMap::new())),
            Note::Account(account) => {
                let accounts = match &mut self.begun {
                    Some((_, accounts)) => accounts,
                    None => &mut self.accounts,
                };
                accounts.insert(account.id.clone(), account);
            }
            Note::End(_) => {
                if let Some((at, accounts)) = self.begun.take() {
                    (self.listed_at, self.accounts) = (Some(at), accounts);
                }
            }
            Note::Roles(id, roles, at) => {
                self.roles.insert(id, (roles, at));
            }
        }
    }

    /// The file that says the same, without what is no longer so.
    pub fn to_text(&self, title: &Value) -> String {
        let mut text = format!("{title}\n");
        if let Some(at) = self.tried_at {
            text += &Note::Tried(at).line();
        }
        // A list that was broken off, beside a whole one: the whole one stays.
        let (at, whole) = match (self.listed_at, &self.begun) {
            (Some(at), _) => (Some(at), true),
            (None, Some((at, _))) => (Some(*at), false),
            (None, None) => (None, false),
        };
        let Some(at) = at else { return text };
        text += &Note::Begin(at).line();
        for account in self.known().values() {
            let mut line = account_line(account);
            if let Some((roles, at)) = self.roles.get(&account.id) {
                line["roles"] = json!(roles);
                line["at"] = json!(at.as_second());
            }
            text += &format!("{line}\n");
        }
        if whole {
            text += &Note::End(at).line();
        }
        text
    }

    /// The accounts of a whole list, or of the part there is.
    fn known(&self) -> &BTreeMap<String, Account> {
        match (&self.listed_at, &self.begun) {
            (None, Some((_, accounts))) => accounts,
            _ => &self.accounts,
        }
    }

    /// Whether all accounts have been listed since then.
    pub fn is_listed_since(&self, since: Timestamp) -> bool {
        self.listed_at.is_some_and(|at| at >= since)
    }

    /// Whether an account's roles have been asked since then.
    pub fn has_roles_since(&self, id: &str, since: Timestamp) -> bool {
        self.roles.get(id).is_some_and(|(_, at)| *at >= since)
    }

    /// The accounts that are known.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.known().values()
    }

    /// When somebody last tried to list.
    pub fn tried_at(&self) -> Option<Timestamp> {
        self.tried_at
    }

    /// The list as others see it; `None` where nothing is known.
    pub fn directory(&self, now: Timestamp) -> Option<Directory> {
        let begun = self.begun.as_ref().map(|(at, _)| *at);
        let mut as_of = self.listed_at.or(begun)?;
        let mut asked = 0;
        let mut accounts: Vec<Listed> = Vec::with_capacity(self.known().len());
        for account in self.known().values() {
            let roles = self.roles.get(&account.id);
            if let Some((_, at)) = roles {
                as_of = as_of.min(*at);
                asked += 1;
            }
            accounts.push(Listed {
                id: account.id.clone(),
                name: account.name.clone(),
                email: account.email.clone(),
                roles: roles.map(|(roles, _)| roles.clone()).unwrap_or_default(),
                asked: roles.is_some(),
            });
        }
        let all_accounts = self.listed_at.is_some();
        let complete = all_accounts && asked == accounts.len();
        accounts.sort_by_cached_key(Listed::sort_key);
        let age = now.duration_since(as_of).max(jiff::SignedDuration::ZERO);
        Some(Directory { accounts, as_of, age, listed_at: self.listed_at, all_accounts, complete })
    }
}

impl Note {
    /// The line of the file, with its end.
    pub fn line(&self) -> String {
        let value = match self {
            Note::Tried(at) => json!({ "tried": at.as_second() }),
            Note::Begin(at) => json!({ "list": "begin", "at": at.as_second() }),
            Note::End(at) => json!({ "list": "end", "at": at.as_second() }),
            Note::Account(account) => account_line(account),
            Note::Roles(id, roles, at) => {
                json!({ "of": id, "roles": roles, "at": at.as_second() })
            }
        };
        format!("{value}\n")
    }
}

fn account_line(account: &Account) -> Value {
    let mut line = json!({ "id": account.id });
    for (key, text) in [("name", &account.name), ("email", &account.email)] {
        if let Some(text) = text {
            line[key] = json!(text);
        }
    }
    line
}

/// A line's one or two notes.
fn parse(line: &[u8]) -> Option<Vec<Note>> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let time = |key: &str| Timestamp::from_second(value.get(key)?.as_i64()?).ok();
    if let Some(at) = time("tried") {
        return Some(vec![Note::Tried(at)]);
    }
    match text("list").as_deref() {
        Some("begin") => return Some(vec![Note::Begin(time("at")?)]),
        Some("end") => return Some(vec![Note::End(time("at")?)]),
        _ => {}
    }
    let roles = |id: String| {
        let names = value.get("roles")?.as_array()?.iter().filter_map(Value::as_str);
        Some(Note::Roles(id, names.map(str::to_owned).collect(), time("at")?))
    };
    if let Some(id) = text("of") {
        return Some(vec![roles(id)?]);
    }
    let id = text("id")?;
    let account = Account { id: id.clone(), name: text("name"), email: text("email") };
    Some(std::iter::once(Note::Account(account)).chain(roles(id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn account(id: &str) -> Note {
        Note::Account(Account { id: id.into(), name: Some(format!("N {id}")), email: None })
    }

    fn roles(id: &str, second: i64) -> Note {
        Note::Roles(id.into(), vec!["Admin".into()], at(second))
    }

    fn text(notes: &[Note]) -> String {
        notes.iter().map(Note::line).collect()
    }

    #[test]
    fn a_listing_that_was_broken_off_is_usable_and_said_to_be_partial() {
        let file = text(&[Note::Begin(at(10)), account("1"), account("2"), roles("1", 12)]);
        let cut = &file.as_bytes()[..file.len() - 5];
        let whole = Ledger::read(file.as_bytes()).directory(at(20)).unwrap();
        assert!(!whole.complete && !whole.all_accounts);
        assert_eq!(whole.accounts.iter().map(|a| a.asked).collect::<Vec<_>>(), [true, false]);
        let torn = Ledger::read(cut).directory(at(20)).unwrap();
        assert_eq!(torn.accounts.iter().filter(|a| a.asked).count(), 0, "half a line is none");
    }

    #[test]
    fn a_new_list_replaces_the_old_one_at_its_end_and_not_before() {
        let old = [Note::Begin(at(1)), account("1"), Note::End(at(2)), roles("1", 3)];
        let new = [Note::Begin(at(9)), account("2")];
        let mut ledger = Ledger::read(text(&[&old[..], &new[..]].concat()).as_bytes());
        let before = ledger.directory(at(10)).unwrap();
        assert!(before.complete);
        assert_eq!(before.accounts[0].id, "1");
        ledger.learn(Note::End(at(11)));
        let after = ledger.directory(at(12)).unwrap();
        assert_eq!((after.accounts[0].id.as_str(), after.complete), ("2", false));
        assert_eq!(after.as_of, at(9));
    }

    #[test]
    fn the_file_that_is_written_anew_says_the_same() {
        let notes = [Note::Tried(at(1)), Note::Begin(at(2)), account("1"), account("2")];
        let ends = [Note::End(at(3)), roles("1", 4), roles("gone", 4)];
        for notes in [notes.to_vec(), [&notes[..], &ends[..]].concat()] {
            let ledger = Ledger::read(text(&notes).as_bytes());
            let again = Ledger::read(ledger.to_text(&json!({"version": 1})).as_bytes());
            assert_eq!(again.directory(at(9)), ledger.directory(at(9)));
            assert_eq!(again.tried_at(), Some(at(1)));
            assert!(!again.roles.contains_key("gone"));
        }
    }

    #[test]
    fn the_age_is_that_of_the_oldest_part() {
        let notes = [Note::Begin(at(50)), account("1"), Note::End(at(51)), roles("1", 20)];
        let directory = Ledger::read(text(&notes).as_bytes()).directory(at(100)).unwrap();
        assert_eq!((directory.as_of, directory.age.as_secs()), (at(20), 80));
        assert_eq!(Ledger::read(b"not json\n\xff\xfe\n{}\n").directory(at(1)), None);
    }
}
