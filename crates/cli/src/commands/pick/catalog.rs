//! Everything that can be picked: the profiles, and the roles of all accounts that have
//! no profile yet.

use super::entry::Entry;
use crate::prompt::finding::{Find, STAYS, Weight};
use daypass_core::directory::{self, Directory, Listed};
use daypass_core::files::Files;
use daypass_core::frecency::Usage;
use daypass_core::host::Host;
use daypass_core::names::{AccountId, RoleName};
use daypass_core::resolve::look::Look;
use daypass_core::resolve::sso::{self, RolePlan};
use daypass_core::resolve::{Origin, Profile, SessionPlan};
use std::collections::{HashMap, HashSet};

/// What can be picked, the most used first.
pub struct Catalog {
    entries: Vec<Entry>,
    /// The logins whose roles may be among them, by the sso-session's name.
    sessions: HashMap<String, SessionPlan>,
}

/// How columns give way, from the highest on: name, account, ID, role, tags, session.
const WEIGHTS: [Weight; 6] = [STAYS, 1, 2, STAYS, 3, 4];

impl Catalog {
    /// Of the files, and of what is known of the accounts without asking anybody.
    pub fn of(host: &Host, files: &Files) -> Self {
        let sessions: HashMap<String, SessionPlan> = files
            .config
            .parsed
            .sso_sessions()
            .filter_map(|name| {
                Some((name.to_owned(), sso::session(files, name, Origin::Answer).ok()?))
            })
            .collect();
        let known: Vec<(&str, Directory)> = sessions
            .iter()
            .filter_map(|(name, plan)| Some((name.as_str(), directory::cached(host, plan)?)))
            .collect();
        let mut entries = profiles(files, &Accounts::of(&known));
        let have: HashSet<_> = entries.iter().map(Entry::role_key).collect();
        let roles: Vec<Entry> =
            roles(&known).filter(|entry| !have.contains(&entry.role_key())).collect();
        entries.extend(roles);
        let (usage, now) = (Usage::load(host), host.now());
        entries.iter_mut().for_each(|entry| entry.count(&usage, now));
        entries.sort_by_cached_key(Entry::order);
        Self { entries, sessions }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What stands behind a role without a profile.
    pub fn plan(&self, entry: &Entry) -> Option<RolePlan> {
        let session = self.sessions.get(&entry.session)?.clone();
        let account_id = AccountId::parse(&entry.id).ok()?;
        Some(RolePlan { session, account_id, role_name: RoleName::parse(&entry.role).ok()? })
    }

    /// The rows of a finder; sessions are shown where there are several.
    pub fn rows(&self) -> Vec<Find> {
        let named = self.entries.iter().map(|entry| &entry.session).filter(|name| !name.is_empty());
        let several = named.collect::<HashSet<_>>().len() > 1;
        let most = self.entries.first().map_or(0.0, |entry| entry.used);
        self.entries.iter().map(|entry| entry.row(several, most)).collect()
    }

    pub fn weights() -> Vec<Weight> {
        WEIGHTS.to_vec()
    }
}

/// Names and addresses by account ID.
struct Accounts<'a>(HashMap<&'a str, &'a Listed>);

impl<'a> Accounts<'a> {
    fn of(known: &'a [(&str, Directory)]) -> Self {
        let all = known.iter().flat_map(|(_, directory)| &directory.accounts);
        Self(all.map(|listed| (listed.id.as_str(), listed)).collect())
    }

    fn named(&self, id: &str) -> (String, String) {
        self.0.get(id).map(|listed| named(listed)).unwrap_or_default()
    }
}

/// An account's name and address, as far as it has them.
fn named(listed: &Listed) -> (String, String) {
    let title = listed.title();
    let name = if title == listed.id { "" } else { title };
    (name.to_owned(), listed.email.clone().unwrap_or_default())
}

fn profiles(files: &Files, accounts: &Accounts<'_>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let names = files.config.parsed.profiles().chain(files.credentials.parsed.profiles());
    let fresh = names.filter(|name| seen.insert(*name));
    fresh.filter_map(|name| of_profile(files, name, accounts)).collect()
}

/// What gives credentials besides roles.
const OTHERS: [(&str, &str); 4] = [
    (hot::keys::KEPT_KEYS, "access key"),
    ("aws_access_key_id", "access key"),
    ("credential_process", "credential process"),
    ("login_session", "aws login"),
];

/// A profile, if it gives credentials.
fn of_profile(files: &Files, name: &str, accounts: &Accounts<'_>) -> Option<Entry> {
    let profile = Profile::named(files, name);
    let text = |key: &str| profile.sso(key).map(|found| found.value.to_owned());
    let (mut id, mut role) = (text("sso_account_id"), text("sso_role_name"));
    if let Some(arn) = text("role_arn") {
        id = arn.split(':').nth(4).map(str::to_owned);
        role = arn.rsplit('/').next().map(str::to_owned);
    }
    let other = || OTHERS.iter().find(|(key, _)| profile.get(key).is_some());
    let role = role.or_else(|| other().map(|(_, what)| (*what).to_owned()))?;
    let id = id.unwrap_or_default();
    let (account, email) = accounts.named(&id);
    let session = text("sso_session").unwrap_or_default();
    let (profile, look) = (Some(name.to_owned()), Look::of(&profile));
    Some(Entry { profile, account, id, role, session, email, look, used: 0.0 })
}

fn roles<'a>(known: &'a [(&'a str, Directory)]) -> impl Iterator<Item = Entry> + 'a {
    let accounts = known.iter().flat_map(|(session, directory)| {
        directory.accounts.iter().map(move |listed| (*session, listed))
    });
    accounts.flat_map(|(session, listed)| {
        let (account, email) = named(listed);
        listed.roles.iter().map(move |role| Entry {
            account: account.clone(),
            id: listed.id.clone(),
            role: role.clone(),
            session: session.to_owned(),
            email: email.clone(),
            ..Entry::default()
        })
    })
}
