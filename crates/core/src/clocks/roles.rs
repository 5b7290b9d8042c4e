//! The clock of role credentials, profile by profile.

use super::{StoreState, Survey, TokenState};
use crate::error::Result;
use crate::provide::identity_of;
use crate::resolve::credentials::{self, CredentialPlan, StaticKeys};
use crate::resolve::profile::{self, Chosen, Profile};
use crate::resolve::{Origin, Request, Sourced, connection};
use crate::store::Store;
use crate::token::parse_time;
use hot::Ticket;
use jiff::Timestamp;

/// A profile, and the credentials that are kept for it.
#[derive(Clone, Debug)]
pub struct RoleClock {
    /// The profile's name.
    pub profile: String,
    /// Where its credentials come from; an error for a profile that cannot be used.
    pub plan: Result<CredentialPlan>,
    /// The region of its calls, if one is named.
    pub region: Option<Sourced<String>>,
    /// When they end.
    pub end: RoleEnd,
}

/// When credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleEnd {
    /// They are in the store.
    Held {
        /// When they were fetched.
        obtained_at: Timestamp,
        /// When they end.
        expires_at: Timestamp,
    },
    /// They are at hand where the profile has them, and end then, if that is known.
    AtHand(Option<Timestamp>),
    /// They never end: a long-lived key.
    Never,
    /// None are kept: the next command gets some.
    Absent,
    /// Nobody can tell: the store is locked.
    Locked,
    /// They are not kept: whoever gives them is asked each time.
    NotKept,
}

impl RoleEnd {
    /// When the credentials at hand end, if they live now.
    pub fn living(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Held { expires_at, .. } | Self::AtHand(Some(expires_at)) => {
                Some(expires_at).filter(|end| now < *end)
            }
            _ => None,
        }
    }
}

impl RoleClock {
    /// The account and the role, where the config file says them.
    pub fn account_and_role(&self) -> (Option<&str>, Option<&str>) {
        match &self.plan {
            Ok(CredentialPlan::Sso(role)) => {
                (Some(role.account_id.as_str()), Some(role.role_name.as_str()))
            }
            Ok(CredentialPlan::AssumeRole(role)) => of_arn(&role.role_arn),
            Ok(CredentialPlan::WebIdentity(role)) => of_arn(&role.role_arn),
            _ => (None, None),
        }
    }
}

/// Account and role of `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
fn of_arn(arn: &str) -> (Option<&str>, Option<&str>) {
    let account = arn.split(':').nth(4).filter(|id| !id.is_empty());
    let role = arn.rsplit_once(":role/").map(|(_, path)| path);
    (account, role.map(|path| path.rsplit('/').next().unwrap_or(path)))
}

impl Survey<'_> {
    /// The clock of every profile, in the order of the files.
    pub fn roles(&self) -> Vec<RoleClock> {
        let config = self.files.config.parsed.profiles();
        let mut names: Vec<&str> = config.collect();
        let only_keys = self.files.credentials.parsed.profiles();
        let more: Vec<&str> = only_keys.filter(|name| !names.contains(name)).collect();
        names.extend(more);
        names.into_iter().map(|name| self.role(name)).collect()
    }

    /// The clock of one profile, whatever variables say.
    pub fn role(&self, name: &str) -> RoleClock {
        let named = Sourced::new(name.to_owned(), Origin::Flag("--profile"));
        let chosen = Chosen { name: named, profile: Profile::named(self.files, name) };
        self.clock_of(&chosen, &Request::default())
    }

    /// The clock of what is in force.
    pub(super) fn clock_of(&self, chosen: &Chosen<'_>, request: &Request) -> RoleClock {
        let plan = credentials::plan(self.host, chosen);
        let region = profile::region(request, self.host, &chosen.profile).ok().flatten();
        RoleClock {
            profile: chosen.name.value.clone(),
            region: region.map(|found| found.map(|region| region.to_string())),
            end: plan.as_ref().map_or(RoleEnd::Absent, |plan| self.end_of(plan, &chosen.profile)),
            plan,
        }
    }

    fn end_of(&self, plan: &CredentialPlan, profile: &Profile<'_>) -> RoleEnd {
        if let CredentialPlan::Static(keys) = plan {
            return end_of_keys(keys);
        }
        let connection = connection::resolve(self.request, self.host, profile).ok();
        let identity = connection.and_then(|connection| identity_of(plan, &connection));
        let Some(identity) = identity else { return RoleEnd::NotKept };
        // Whoever logs out, with whatever tool, has ended what the login paid for.
        let login = plan.session().map(|session| self.token(session));
        if matches!(login, Some(TokenState::Absent)) {
            return RoleEnd::Absent;
        }
        let Some(key) = &self.key else {
            return match self.store {
                StoreState::Empty => RoleEnd::Absent,
                _ => RoleEnd::Locked,
            };
        };
        let found = vault::open_one(&Store::place(&self.host.home), &identity.record(), key);
        let body = found.ok().flatten().map(|(_, body)| body);
        let kept = body.and_then(|body| ends(&Ticket::read(body.expose())?));
        kept.filter(|end| end.living(self.now).is_some()).unwrap_or(RoleEnd::Absent)
    }
}

fn ends(ticket: &Ticket<'_>) -> Option<RoleEnd> {
    let time = |seconds: u64| Timestamp::from_second(i64::try_from(seconds).ok()?).ok();
    let (obtained_at, expires_at) = (time(ticket.obtained_at)?, time(ticket.expires_at)?);
    Some(RoleEnd::Held { obtained_at, expires_at })
}

fn end_of_keys(keys: &StaticKeys) -> RoleEnd {
    match (&keys.session_token, &keys.expiration) {
        (None, _) => RoleEnd::Never,
        (Some(_), end) => RoleEnd::AtHand(end.as_deref().and_then(parse_time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_role_are_read_from_an_arn() {
        let found = of_arn("arn:aws:iam::123456789012:role/team/deploy");
        assert_eq!(found, (Some("123456789012"), Some("deploy")));
        assert_eq!(of_arn("arn:aws-cn:iam::1:role/x"), (Some("1"), Some("x")));
        assert_eq!(of_arn("nonsense"), (None, None));
    }
}
