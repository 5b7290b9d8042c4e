//! The honest clocks: what ends when, as far as anybody can know.
//!
//! Four clocks run at once: the access token, the client registration that it is
//! renewed with, the portal's session behind both, and the role credentials that they
//! paid for. Nothing here asks the network, and nobody is prompted: a store whose key
//! is not at hand is said to be locked. The session's end is told by nobody; it is
//! learnt ([`record`]), estimated ([`estimate`](mod@estimate)) and always called that.

pub mod estimate;
pub(crate) mod history;
pub mod in_force;
mod orphans;
pub mod portal;
pub mod record;
mod roles;
mod token;

pub use estimate::{Basis, SessionEnd, Unseen};
pub use history::History;
pub(crate) use history::{note, note_all_logged_out};
pub use in_force::{EXEC_COPIES, EXEC_PROFILE, InForce, Override, served};
pub use orphans::Orphan;
pub use record::{Record, SeenUser};
pub use roles::{RoleClock, RoleEnd};
pub use token::{Renewal, Standing, StoreState, TokenClock, TokenState};

use crate::error::{Error, Result};
use crate::files::Files;
use crate::host::Host;
use crate::resolve::profile::Profile;
use crate::resolve::{Origin, Request, SessionPlan, sso};
use crate::store::Store;
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;
use vault::Key;

/// Remembers who is logged in, from the ARN that AWS gives a role of Identity Center:
/// its last part is the user's name.
pub fn note_user(host: &Host, plan: &SessionPlan, arn: &str) {
    if let Some(user) = user_of(arn) {
        note(host, plan, |record| record.named(user, host.now()));
    }
}

/// The user in `arn:aws:sts::ACCOUNT:assumed-role/AWSReservedSSO_ROLE_HASH/USER`.
pub fn user_of(arn: &str) -> Option<&str> {
    let (role, user) = arn.split_once(":assumed-role/")?.1.split_once('/')?;
    role.starts_with("AWSReservedSSO_").then_some(user).filter(|user| !user.is_empty())
}

/// One login with its clocks.
#[derive(Clone, Debug)]
pub struct SessionClock {
    /// The sso-session's name; `None` for a login in the legacy form.
    pub name: Option<String>,
    /// What the config file says; an error for a section that lacks something.
    pub plan: Result<SessionPlan>,
    /// The token.
    pub token: TokenState,
    /// The session behind it.
    pub end: SessionEnd,
    /// Who is logged in, if AWS has said so since.
    pub user: Option<SeenUser>,
    /// The profiles that use it, in the order of the file.
    pub profiles: Vec<String>,
}

impl SessionClock {
    /// What it takes to use it.
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.token.standing(matches!(self.end, SessionEnd::Ended(_)), now)
    }

    /// What people call it.
    pub fn shown(&self) -> String {
        match (&self.name, &self.plan) {
            (Some(name), _) => format!("sso-session {name}"),
            (None, Ok(plan)) => format!("start URL {}", plan.start_url.value.raw()),
            (None, Err(_)) => "a login without a start URL".to_owned(),
        }
    }
}

/// Looks at every clock of a home directory.
pub struct Survey<'a> {
    host: &'a Host,
    files: &'a Files,
    request: &'a Request,
    /// The time at which all is looked at.
    pub now: Timestamp,
    /// Whether the store can be read without asking anybody.
    pub store: StoreState,
    key: Option<Key>,
    history: History,
    patient: bool,
    /// Two thousand profiles share a login.
    tokens: RefCell<BTreeMap<String, TokenState>>,
}

impl<'a> Survey<'a> {
    /// Reads what is needed once for all of them.
    pub fn new(host: &'a Host, files: &'a Files, request: &'a Request) -> Self {
        let key = vault::fast_key(&Store::place(&host.home));
        let store = token::store_state(host, key.is_some());
        let history = History::load(host);
        let (now, tokens) = (host.now(), RefCell::default());
        Self { host, files, request, now, store, key, history, patient: true, tokens }
    }

    /// The same for whoever has no time: a token that is being written is unreadable.
    #[must_use]
    pub fn hurried(mut self) -> Self {
        self.patient = false;
        self
    }

    /// Every login of the config file: the sso-sessions, then those of profiles in the
    /// legacy form.
    pub fn sessions(&self) -> Vec<SessionClock> {
        let names = self.files.config.parsed.sso_sessions();
        let named = names.map(|name| self.named(name)).collect::<Vec<_>>();
        let mut seen = Vec::new();
        let legacy = self.files.config.parsed.profiles().filter_map(|name| {
            let plan = self.legacy(name)?;
            let portal = plan.start_url.value.canonical().to_owned();
            (!seen.contains(&portal)).then(|| seen.push(portal))?;
            Some(self.of_plan(&plan))
        });
        named.into_iter().chain(legacy).collect()
    }

    /// The sso-session of that name.
    fn named(&self, name: &str) -> SessionClock {
        match sso::session(self.files, name, Origin::Default) {
            Ok(plan) => self.of_plan(&plan),
            Err(error) => self.broken(name, error),
        }
    }

    fn broken(&self, name: &str, error: Error) -> SessionClock {
        SessionClock {
            name: Some(name.to_owned()),
            plan: Err(error),
            token: TokenState::Absent,
            end: SessionEnd::Unknown(Unseen::NoLogin),
            user: None,
            profiles: self.profiles_of(|profile| uses_session(profile, name)),
        }
    }

    /// The clocks of one login, with the profiles that use it.
    pub fn of_plan(&self, plan: &SessionPlan) -> SessionClock {
        let profiles = match &plan.name {
            Some(name) => self.profiles_of(|profile| uses_session(profile, name.as_str())),
            None => self.profiles_of(|profile| uses_portal(profile, plan)),
        };
        SessionClock { profiles, ..self.of_login(plan) }
    }

    /// The clocks of one login alone.
    pub fn of_login(&self, plan: &SessionPlan) -> SessionClock {
        let token = self.token(plan);
        let record = self.history.of(plan);
        let ends = token.held().map(|held| held.expires_at);
        let user =
            record.user.clone().filter(|_| ends.is_some_and(|e| record.current_of(e).is_some()));
        SessionClock {
            name: plan.name.as_ref().map(ToString::to_string),
            end: estimate::estimate(&record, &self.history.others(plan), ends),
            plan: Ok(plan.clone()),
            user,
            token,
            profiles: Vec::new(),
        }
    }

    fn profiles_of(&self, uses: impl Fn(&Profile<'_>) -> bool) -> Vec<String> {
        let names = self.files.config.parsed.profiles();
        names.filter(|name| uses(&Profile::named(self.files, name))).map(str::to_owned).collect()
    }

    fn legacy(&self, name: &str) -> Option<SessionPlan> {
        let profile = Profile::named(self.files, name);
        let is_legacy = profile.sso("sso_session").is_none();
        is_legacy.then(|| sso::of_profile(&profile, name).ok()).flatten()
    }

    /// The token of a login.
    fn token(&self, plan: &SessionPlan) -> TokenState {
        let key = history::key(plan);
        if let Some(known) = self.tokens.borrow().get(&key) {
            return known.clone();
        }
        let found = token::look(self, plan);
        self.tokens.borrow_mut().insert(key, found.clone());
        found
    }
}

fn uses_session(profile: &Profile<'_>, session: &str) -> bool {
    profile.sso("sso_session").is_some_and(|found| found.value == session)
}

fn uses_portal(profile: &Profile<'_>, plan: &SessionPlan) -> bool {
    let url = profile.sso("sso_start_url").filter(|_| profile.sso("sso_session").is_none());
    let url = url.and_then(|found| crate::start_url::StartUrl::parse(found.value).ok());
    url.is_some_and(|url| url == plan.start_url.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_of_identity_center_name_a_user() {
        let arn = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0123/ada@example.com";
        assert_eq!(user_of(arn), Some("ada@example.com"));
        for other in [
            "arn:aws:sts::1:assumed-role/deploy/ada",
            "arn:aws:iam::1:user/ada",
            "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0123/",
            "",
        ] {
            assert_eq!(user_of(other), None, "{other}");
        }
    }
}
