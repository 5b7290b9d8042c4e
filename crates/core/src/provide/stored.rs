//! Role credentials from the store, fetched by one process when they end.
//!
//! What is fetched is sealed and then used; whoever else wants it waits for the lock
//! and reads. The lock is the kernel's, so a process that is killed lets go of it.

use super::{Provider, identity, process};
use crate::audit;
use crate::credentials::RoleCredentials;
use crate::directory;
use crate::error::{Error, Kind, Result};
use crate::explain::Had;
use crate::host::Host;
use crate::resolve::sso::RolePlan;
use crate::resolve::{CredentialPlan, SessionPlan};
use crate::token::shelf::Shelf;
use hot::{Family, Identity, Ticket};
use jiff::Timestamp;
use serde_json::json;
use std::time::Duration;
use vault::{Lock, LockError, RecordName, Secret, Store as _, StoreError};

/// Long enough for a refresh and a fetch over a slow network.
const LOCK_WAIT: Duration = Duration::from_secs(75);

/// Credentials of the store, and whether they live long enough to be handed out.
struct Kept {
    credentials: RoleCredentials,
    is_fresh: bool,
}

/// How urgent a fetch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing else is at hand.
    Now,
    /// What is at hand lives on for a while.
    Soon,
}

impl Provider<'_> {
    /// The credentials of `identity`: kept ones that live long enough, else fetched
    /// ones. One flight per machine: of all processes that want them one fetches.
    ///
    /// Kept ones that still live serve when `fetch` fails for a reason that is not
    /// about them: no network, no login.
    pub(super) async fn stored(
        &self,
        identity: &Identity,
        login: Option<&SessionPlan>,
        fetch: impl AsyncFnOnce(Need) -> Result<RoleCredentials>,
    ) -> Result<RoleCredentials> {
        let record = identity.record();
        let need = match self.kept(&record).await {
            Some(kept) if kept.is_fresh => return Ok(kept.credentials),
            Some(_) if self.at_least.is_zero() => Need::Soon,
            _ => Need::Now,
        };
        // A keyring may prompt or hang: it is asked before there is a lock to hold.
        let can_keep = match self.host.store.on_thread(vault::Vault::open).await {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(%error, "role credentials cannot be kept");
                false
            }
        };
        let lock = match self.flight(&record, need).await {
            Ok(lock) => lock,
            Err(busy) => return self.without_flight(&record, busy).await,
        };
        if let Some(theirs) = self.kept(&record).await.filter(|kept| kept.is_fresh) {
            return Ok(theirs.credentials);
        }
        let fetched = match fetch(need).await {
            Ok(fetched) => fetched,
            Err(error) => return self.instead(&record, error).await,
        };
        if can_keep {
            self.keep(identity, &record, &fetched).await;
            self.unless_logged_out(&record, login).await;
        }
        drop(lock);
        Ok(fetched)
    }

    /// What the store has, if it lives.
    async fn kept(&self, record: &RecordName) -> Option<Kept> {
        let name = record.clone();
        let found = self.host.store.on_thread(move |vault| vault.load_dated(&name)).await;
        match found {
            Ok(found) => {
                let now = self.host.now();
                let kept = read(&found?.1, now)?;
                let end = kept.credentials.expiration?;
                let is_fresh = kept.is_fresh && end.duration_since(now) >= self.at_least;
                Some(Kept { is_fresh, ..kept })
            }
            Err(error) => {
                tracing::debug!(%error, "the store gives no role credentials");
                None
            }
        }
    }

    /// Whoever has living credentials does not wait for another's fetch.
    async fn flight(&self, record: &RecordName, need: Need) -> Result<Lock, LockError> {
        let wait = if need == Need::Soon { Duration::ZERO } else { LOCK_WAIT };
        let (places, name) = (self.host.locks.clone(), record.as_str().to_owned());
        let waiting = tokio::task::spawn_blocking(move || places.acquire(&name, wait));
        let path = record.as_str().into();
        waiting.await.unwrap_or(Err(LockError { path, waited: wait }))
    }

    async fn without_flight(
        &self,
        record: &RecordName,
        busy: LockError,
    ) -> Result<RoleCredentials> {
        match self.kept(record).await {
            Some(kept) => Ok(kept.credentials),
            None => Err(Error::from(busy).while_doing("cannot get role credentials")),
        }
    }

    /// Read anew: what a log-out has taken away meanwhile must not be handed out.
    async fn instead(&self, record: &RecordName, error: Error) -> Result<RoleCredentials> {
        let passing =
            matches!(error.kind(), Kind::Network | Kind::Service | Kind::LoginNeeded | Kind::Store);
        match self.kept(record).await.filter(|_| passing) {
            Some(kept) => {
                tracing::debug!(%error, "role credentials that still live are used");
                Ok(kept.credentials)
            }
            None => Err(error),
        }
    }

    /// What is known of a role that the portal denies now.
    pub(super) async fn had(&self, role: &RolePlan) -> Had {
        let plan = CredentialPlan::Sso(Box::new(role.clone()));
        let Some(identity) = identity::of(&plan, self.aws.connection()) else {
            return Had::default();
        };
        let name = identity.record();
        let found = self.host.store.on_thread(move |vault| vault.load_dated(&name)).await;
        let last = found.ok().flatten().and_then(|(_, body)| {
            let obtained = Ticket::read(body.expose())?.obtained_at;
            Timestamp::from_second(obtained.try_into().ok()?).ok()
        });
        // What the store has forgotten since, the trail may know.
        let (account, name) = (role.account_id.as_str(), role.role_name.as_str());
        let last = last.max(audit::last_issue(self.host, account, name));
        Had { last, others: self.other_roles(role) }
    }

    /// The roles of the account that were there when it was last listed.
    fn other_roles(&self, role: &RolePlan) -> Vec<String> {
        let known = directory::cached(self.host, &role.session);
        let accounts = known.map(|known| known.accounts).unwrap_or_default();
        let account = accounts.into_iter().find(|one| one.id == role.account_id.as_str());
        let mut roles = account.map(|account| account.roles).unwrap_or_default();
        roles.retain(|name| name != role.role_name.as_str());
        roles
    }

    /// A store that cannot be written costs a fetch for every command, and nobody
    /// their credentials.
    async fn keep(&self, identity: &Identity, record: &RecordName, fetched: &RoleCredentials) {
        let Some(end) = fetched.expiration else { return };
        let body = write(self.host, identity, fetched, end);
        let (name, until) = (record.clone(), seconds(end));
        let saved =
            self.host.store.on_thread(move |vault| vault.save_until(&name, &body, until)).await;
        if let Err(error) = saved {
            tracing::debug!(%error, "role credentials are not kept");
        }
    }

    /// A log-out takes the token away first and the role credentials then: it has found
    /// those that were kept before, and those that are kept after it are taken away here.
    async fn unless_logged_out(&self, record: &RecordName, login: Option<&SessionPlan>) {
        let Some(login) = login else { return };
        if Shelf::of(self.host, login).has_token().await {
            return;
        }
        let name = record.clone();
        let removed = self.host.store.on_thread(move |vault| vault.remove(&name)).await;
        tracing::debug!(?removed, "somebody has logged out meanwhile");
    }
}

fn lives(credentials: &RoleCredentials, now: Timestamp) -> bool {
    credentials.expiration.is_some_and(|end| now < end)
}

fn read(body: &Secret<Vec<u8>>, now: Timestamp) -> Option<Kept> {
    let ticket = Ticket::read(body.expose())?;
    let credentials = process::parse(ticket.output)?;
    let is_fresh = ticket.is_fresh(seconds(now));
    lives(&credentials, now).then_some(Kept { credentials, is_fresh })
}

fn write(
    host: &Host,
    identity: &Identity,
    fetched: &RoleCredentials,
    end: Timestamp,
) -> Secret<Vec<u8>> {
    let output = fetched.as_process_output();
    let ticket = Ticket {
        obtained_at: seconds(host.now()),
        expires_at: seconds(end),
        about: &about(identity).to_string(),
        output: output.expose().as_bytes(),
    };
    ticket.write()
}

/// What `vault list` shows of a record.
fn about(identity: &Identity) -> serde_json::Value {
    match identity {
        Identity::Sso { session, start_url, account_id, role_name, .. } => json!({
            "kind": "sso", "session": session, "startUrl": start_url,
            "accountId": account_id, "roleName": role_name,
        }),
        Identity::Kept { keys, .. } => json!({ "kind": "session", "keys": keys }),
        Identity::Given { access_key_id } => json!({ "kind": "keys", "keys": access_key_id }),
        Identity::Assumed { source, role_arn, .. } => {
            json!({ "kind": "assumed", "roleArn": role_arn, "source": about(source) })
        }
    }
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or_default()
}

/// Forgets every role credential that logins paid for, or one of them; returns when
/// the last of them ends.
///
/// # Errors
/// The store cannot be read or changed.
pub(crate) fn forget(
    store: &vault::Vault,
    family: Option<&Family>,
) -> Result<Option<Timestamp>, StoreError> {
    let mut last = None;
    let owned = |name: &RecordName| is_role(name) && family.is_none_or(|one| one.owns(name));
    for name in store.names()?.into_iter().filter(owned) {
        let found = store.load_dated(&name).ok().flatten();
        let ends = found.and_then(|(end, _)| Timestamp::from_second(end.try_into().ok()?).ok());
        store.remove(&name)?;
        last = last.max(ends);
    }
    Ok(last)
}

fn is_role(record: &RecordName) -> bool {
    record.as_str().starts_with("role.")
}
