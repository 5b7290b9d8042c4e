//! The audit trail: which credentials were handed out to whom, on this machine.
//!
//! For the person whose machine it is: "what used the admin role at two in the night?".
//! Never a secret, of an access key ID the last four characters. It is a record and no
//! fence: a program that runs as you can change it. What cannot be written is left out,
//! since no trail is worth failing for.

mod read;
mod report;

pub use read::{Entry, Loaded, last_issue, load, parse};
pub use report::{By, Report, Row, report};

use crate::credentials::Provided;
use crate::error::Result;
use crate::files;
use crate::host::Host;
use crate::oidc::registration::Flow;
use crate::resolve::{CredentialPlan, SessionPlan};
use hot::trail::{self, Caller, Issued, Line};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault::WriteError;

/// Shows where credentials come from, and hands out none.
const SHOWN: &str = "configure list";

/// Where the trail goes and who is behind this process; the default records nothing.
#[derive(Clone, Debug, Default)]
pub struct Trail(Option<Arc<Inner>>);

#[derive(Clone, Debug)]
struct Inner {
    place: PathBuf,
    caller: Caller,
    delivery: String,
}

impl Trail {
    /// The trail of a home directory.
    pub fn new(home: &Path, caller: Caller) -> Self {
        let place = trail::place(home);
        Self(Some(Arc::new(Inner { place, caller, delivery: String::new() })))
    }

    /// The same for a command.
    #[must_use]
    pub fn of_command(&self, delivery: &str) -> Self {
        let inner = self
            .0
            .as_deref()
            .map(|inner| Arc::new(Inner { delivery: delivery.to_owned(), ..inner.clone() }));
        Self(inner)
    }

    /// Credentials were handed out.
    pub fn issued(
        &self,
        now: Timestamp,
        profile: &str,
        plan: &CredentialPlan,
        provided: &Provided,
    ) {
        let Some(inner) = self.0.as_ref().filter(|inner| inner.delivery != SHOWN) else { return };
        let found = &provided.credentials;
        let issued = Issued {
            delivery: &inner.delivery,
            profile,
            source: provided.method,
            key_id: &found.access_key_id,
            expires_at: found.expiration.map(seconds),
            ..Issued::default()
        };
        inner.keep(described(issued, plan).line(seconds(now), &inner.caller));
    }

    /// The credentials of a role were handed out that no profile names.
    pub fn issued_role(&self, now: Timestamp, plan: Option<&SessionPlan>, role: RoleOf<'_>) {
        let Some(inner) = &self.0 else { return };
        let issued = Issued {
            delivery: &inner.delivery,
            source: "sso",
            session: plan.map(session),
            account: Some(role.account),
            role: Some(role.role),
            key_id: role.key_id,
            expires_at: role.expires.map(seconds),
            ..Issued::default()
        };
        inner.keep(issued.line(seconds(now), &inner.caller));
    }

    /// A command is about to run with a profile's credentials; of its words the first.
    pub fn started(&self, now: Timestamp, profile: &str, program: &str) {
        self.event(now, "exec", |line| {
            line.text("profile", profile).text("program", program);
        });
    }

    /// A login's token was renewed.
    pub fn refreshed(&self, now: Timestamp, plan: &SessionPlan) {
        self.event(now, "refresh", |line| {
            line.text("session", session(plan));
        });
    }

    /// Somebody logged in.
    pub fn logged_in(&self, now: Timestamp, plan: &SessionPlan, flow: Flow) {
        let flow = match flow {
            Flow::Code => "pkce",
            Flow::Device => "device-code",
        };
        self.event(now, "login", |line| {
            line.text("session", session(plan)).text("flow", flow);
        });
    }

    /// Somebody logged out of one session, or of all.
    pub fn logged_out(&self, now: Timestamp, plan: Option<&SessionPlan>) {
        self.event(now, "logout", |line| {
            line.text("session", plan.map_or("all", session));
        });
    }

    /// A long-lived key came into the store, or went out of it.
    pub fn keys(&self, now: Timestamp, change: KeyChange<'_>) {
        let (change, name, key) = match change {
            KeyChange::Added { name, key_id } => ("added", name, Some(trail::last_four(key_id))),
            KeyChange::Removed { name } => ("removed", name, None),
        };
        self.event(now, "keys", |line| {
            line.text("change", change).text("profile", name).option("key", key);
        });
    }

    fn event(&self, now: Timestamp, event: &str, fill: impl FnOnce(&mut Line)) {
        let Some(inner) = &self.0 else { return };
        let mut line = Line::new(seconds(now), event);
        line.text("delivery", &inner.delivery);
        fill(&mut line);
        line.by(&inner.caller);
        inner.keep(line);
    }
}

impl Inner {
    fn keep(&self, line: Line) {
        if let Err(error) = line.append(&self.place) {
            tracing::debug!(%error, "the audit trail cannot be written");
        }
    }
}

/// What happened to a long-lived key.
#[derive(Clone, Copy, Debug)]
pub enum KeyChange<'a> {
    /// It was taken in.
    Added {
        /// What it is called in the store.
        name: &'a str,
        /// Of which four characters are kept.
        key_id: &'a str,
    },
    /// It was removed.
    Removed {
        /// What it was called.
        name: &'a str,
    },
}

/// A role that was asked for by account and name.
#[derive(Clone, Copy, Debug)]
pub struct RoleOf<'a> {
    /// 12 digits.
    pub account: &'a str,
    /// Its name.
    pub role: &'a str,
    /// The access key ID, of which four characters are kept.
    pub key_id: &'a str,
    /// When the credentials end.
    pub expires: Option<Timestamp>,
}

/// Whether a trail is kept from now on; what is there stays.
///
/// # Errors
/// [`crate::Kind::Store`].
pub fn switch(host: &Host, on: bool) -> Result<()> {
    let switch = trail::off_switch(&host.home);
    match on {
        true => files::remove(&switch).map_err(|source| WriteError { path: switch, source }.into()),
        false => Ok(vault::write_private(&switch, b"")?),
    }
}

fn session(plan: &SessionPlan) -> &str {
    plan.name.as_ref().map_or(plan.start_url.value.raw(), |name| name.as_str())
}

fn described<'a>(issued: Issued<'a>, plan: &'a CredentialPlan) -> Issued<'a> {
    match plan {
        CredentialPlan::Sso(role) => Issued {
            session: Some(session(&role.session)),
            account: Some(role.account_id.as_str()),
            role: Some(role.role_name.as_str()),
            ..issued
        },
        CredentialPlan::AssumeRole(role) => {
            let paid = described(Issued::default(), &role.source);
            Issued { session: paid.session, ..issued }.of_arn(&role.role_arn)
        }
        CredentialPlan::WebIdentity(role) => issued.of_arn(&role.role_arn),
        _ => issued,
    }
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or_default()
}
