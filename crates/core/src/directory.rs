//! The directory: every account and role that a login reaches.
//!
//! The portal gives the roles of one account at a time and takes twenty requests a
//! second of a user, so 5,000 accounts take more than four minutes. What it says is
//! therefore kept, account by account as it comes: in `~/.aws/daypass/accounts`, a file
//! for each login. A listing that was killed goes on where it was; others read what
//! there is, and know its age and whether it is whole.
//!
//! [`cached`] is for those who want to be quick, [`list`] for those who want to be sure.

mod bucket;
mod ledger;
mod lister;
mod place;

use crate::aws::Aws;
use crate::aws::portal::Account;
use crate::error::Result;
use crate::host::Host;
use crate::resolve::SessionPlan;
use jiff::{SignedDuration, Timestamp};
use lister::Lister;
use place::{Place, Turn};
use std::time::Duration;

/// A list that is older is worth a new one.
pub const STALE: SignedDuration = SignedDuration::from_hours(24);

/// A refresh nobody waits for is not tried again sooner, whatever became of it.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// The accounts and roles of one login, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// By name, without regard to case; those without one last.
    pub accounts: Vec<Listed>,
    /// When the oldest part of it was so.
    pub as_of: Timestamp,
    /// How long ago that is.
    pub age: SignedDuration,
    /// When the accounts, without their roles, were listed.
    pub listed_at: Option<Timestamp>,
    /// Whether all accounts are here, though the roles of some may not be known yet.
    pub all_accounts: bool,
    /// Whether all accounts are here, with all their roles.
    pub complete: bool,
}

/// An account with its roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// 12 digits.
    pub id: String,
    /// Absent for some suspended or new accounts.
    pub name: Option<String>,
    /// The root user's e-mail address.
    pub email: Option<String>,
    /// The names of the user's roles, sorted; none in a suspended account.
    pub roles: Vec<String>,
    /// Whether the portal has been asked for the roles: if not, there may be some.
    pub asked: bool,
}

impl Listed {
    /// What people call it: the name, else the e-mail address, else the ID.
    pub fn title(&self) -> &str {
        let texts = [self.name.as_deref(), self.email.as_deref()];
        texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&self.id)
    }

    fn sort_key(&self) -> (bool, String, String) {
        (self.title() == self.id, self.title().to_lowercase(), self.id.clone())
    }
}

impl Directory {
    /// Whether a new list is due.
    pub fn is_stale(&self) -> bool {
        self.age > STALE
    }

    /// How many pairs of account and role are known.
    pub fn roles(&self) -> usize {
        self.accounts.iter().map(|account| account.roles.len()).sum()
    }
}

/// What is wanted of a list.
pub struct Wish<'a> {
    /// What is known is good enough while it is younger; zero has everything anew.
    pub max_age: SignedDuration,
    /// The accounts whose roles are wanted: each costs a request.
    pub roles_of: &'a dyn Fn(&Account) -> bool,
}

/// How a listing goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Accounts so far.
    pub accounts: usize,
    /// Whether these are all of them.
    pub all_accounts: bool,
    /// Accounts whose roles are wanted, so far.
    pub wanted: usize,
    /// Of those, the ones whose roles are known.
    pub known: usize,
    /// How often the portal said that it was asked too often.
    pub throttled: usize,
    /// Requests a second at the moment.
    pub rate: f64,
    /// How long it takes still, once all accounts are known.
    pub left: Option<Duration>,
    /// Another process is listing, and this one waits for it.
    pub waiting: bool,
}

/// What is known of a login's accounts and roles, without network; `None` where nothing
/// is. It may be old, or a part: see its age and [`Directory::complete`].
pub fn cached(host: &Host, plan: &SessionPlan) -> Option<Directory> {
    Place::of(host, plan).read().directory(host.now())
}

/// Whether what is known is so old that it should be listed anew by a process that
/// nobody waits for: [`refresh`]. Never while nothing was ever listed.
pub fn is_refresh_due(host: &Host, plan: &SessionPlan) -> bool {
    let ledger = Place::of(host, plan).read();
    let rested = ledger.tried_at().is_none_or(|at| host.now().duration_since(at) > PAUSE);
    rested && ledger.directory(host.now()).is_some_and(|known| known.is_stale())
}

/// Lists accounts, and the roles of those that are wanted, as far as they are not known.
///
/// One process at a time asks for a login; another waits, and takes what that one has
/// learnt. If it fails half way, what was learnt is kept: see [`cached`].
///
/// # Errors
/// By fault; [`crate::Kind::LoginNeeded`] only if the portal refuses the login and it
/// cannot be renewed.
pub async fn list(
    host: &Host,
    aws: &Aws,
    plan: &SessionPlan,
    wish: &Wish<'_>,
    report: &mut dyn FnMut(&Progress),
) -> Result<Directory> {
    let place = Place::of(host, plan);
    let since = host.now().checked_sub(wish.max_age).unwrap_or(Timestamp::MIN);
    let turn = match place.turn(since, wish, report).await? {
        Turn::Known(directory) => return Ok(directory),
        Turn::Ours(turn) => turn,
    };
    let mut lister = Lister::begin(host, aws, plan, &place, since, wish).await?;
    let outcome = lister.run(report).await;
    let directory = lister.end(outcome.is_ok()).await;
    drop(turn);
    outcome?;
    directory
}

/// Lists everything anew for later, if nobody else does; whoever has been at it within
/// the hour, and was stopped, is gone on from.
///
/// # Errors
/// As [`list`].
pub async fn refresh(host: &Host, aws: &Aws, plan: &SessionPlan) -> Result<()> {
    if Place::of(host, plan).is_busy() {
        return Ok(());
    }
    let wish = Wish { max_age: SignedDuration::from_hours(1), roles_of: &|_| true };
    list(host, aws, plan, &wish, &mut |_| {}).await.map(drop)
}

/// Forgets what is known of one login, or of all.
///
/// # Errors
/// The system's own, for people.
pub(crate) fn forget(host: &Host, plan: Option<&SessionPlan>) -> Result<(), String> {
    let paths = match plan {
        Some(plan) => vec![Place::of(host, plan).path().to_owned()],
        None => place::all(host),
    };
    for path in paths {
        let told = |error| format!("{}: {error}", host.shorten(&path));
        crate::files::remove(&path).map_err(told)?;
    }
    Ok(())
}
