//! Where a login's list is kept, and whose turn it is to add to it.

use super::ledger::Ledger;
use super::{Directory, Progress, Wish};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::resolve::SessionPlan;
use crate::token::cache::sha1_hex;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use vault::Lock;

/// The file of one login.
pub(super) struct Place<'a> {
    host: &'a Host,
    path: PathBuf,
    lock: String,
    title: Value,
}

/// Whose turn it is.
pub(super) enum Turn {
    /// Nobody's: all that is wanted is known.
    Known(Directory),
    /// Ours, as long as this lives.
    Ours(Lock),
}

fn dir(host: &Host) -> PathBuf {
    host.home.join(".aws").join("daypass").join("accounts")
}

/// The files of all logins.
pub(super) fn all(host: &Host) -> Vec<PathBuf> {
    crate::files::with_extension(&dir(host), "jsonl")
}

impl<'a> Place<'a> {
    /// A login is its session's name and its portal: after an edit of the start URL
    /// nothing of the old portal is found.
    pub fn of(host: &'a Host, plan: &SessionPlan) -> Self {
        let name = plan.name.as_ref().map(|name| name.as_str());
        let url = plan.start_url.value.canonical();
        let title = json!({
            "daypass": "accounts", "version": 1,
            "session": name, "startUrl": url, "region": plan.region.value.as_str(),
        });
        let hash = sha1_hex(&title.to_string());
        let path = dir(host).join(format!("{hash}.jsonl"));
        Self { host, path, lock: format!("accounts-{hash}"), title }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known; nothing, if it cannot be read.
    pub fn read(&self) -> Ledger {
        let read = vault::read_private(&self.path).ok().flatten();
        read.map(|bytes| Ledger::read(&bytes)).unwrap_or_default()
    }

    /// Writes the file anew.
    pub fn write(&self, ledger: &Ledger) -> Result<()> {
        Ok(vault::write_private(&self.path, ledger.to_text(&self.title).as_bytes())?)
    }

    /// Whether somebody is listing.
    pub fn is_busy(&self) -> bool {
        self.host.locks.acquire(&self.lock, Duration::ZERO).is_err()
    }

    /// Waits until nobody else is listing, or all that is wanted is known. Whoever lists
    /// is waited for as long as the file grows.
    pub async fn turn(
        &self,
        since: Timestamp,
        wish: &Wish<'_>,
        report: &mut dyn FnMut(&Progress),
    ) -> Result<Turn> {
        const STEP: Duration = Duration::from_millis(200);
        const PATIENCE: Duration = Duration::from_secs(180);
        let (mut size, mut grown_at) = (0, Instant::now());
        loop {
            let held = self.host.locks.acquire(&self.lock, Duration::ZERO);
            let ledger = self.read();
            if let Some(known) = known(&ledger, since, wish, self.host.now()) {
                return Ok(Turn::Known(known));
            }
            let busy = match held {
                Ok(lock) => return Ok(Turn::Ours(lock)),
                Err(busy) => busy,
            };
            let progress = Progress { waiting: true, ..progress(&ledger, since, wish) };
            if progress.accounts + progress.known != size {
                (size, grown_at) = (progress.accounts + progress.known, Instant::now());
            }
            if grown_at.elapsed() > PATIENCE {
                return Err(Error::from(busy).while_doing("cannot list the accounts"));
            }
            report(&progress);
            tokio::time::sleep(STEP).await;
        }
    }
}

/// The directory, if it has all that is wanted.
fn known(ledger: &Ledger, since: Timestamp, wish: &Wish<'_>, now: Timestamp) -> Option<Directory> {
    let progress = progress(ledger, since, wish);
    let all = progress.all_accounts && progress.known == progress.wanted;
    ledger.directory(now).filter(|_| all)
}

/// How much of what is wanted is known.
pub(super) fn progress(ledger: &Ledger, since: Timestamp, wish: &Wish<'_>) -> Progress {
    let wanted: Vec<&str> = ledger
        .accounts()
        .filter(|account| (wish.roles_of)(account))
        .map(|account| account.id.as_str())
        .collect();
    Progress {
        accounts: ledger.accounts().count(),
        all_accounts: ledger.is_listed_since(since),
        known: wanted.iter().filter(|id| ledger.has_roles_since(id, since)).count(),
        wanted: wanted.len(),
        ..Progress::default()
    }
}
