//! `--check`: whether a person is needed, for scripts.

use super::words::span;
use super::{About, Standpoint};
use daypass_core::clocks::portal::Answer;
use daypass_core::clocks::{Renewal, RoleEnd, SessionClock, SessionEnd, Standing};
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::credentials::CredentialPlan;
use daypass_core::token::decide::Why;
use daypass_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};

/// Of the sso-session that was named, else of the profile in force, else of every
/// login.
///
/// # Errors
/// Why somebody must act, with the command.
pub fn verdict(point: &Standpoint, min_ttl: Option<SignedDuration>) -> Result<()> {
    let check = Check { point, needed: min_ttl };
    if point.about != About::Session && point.is_anything_in_force() {
        return check.profile();
    }
    if point.sessions.is_empty() {
        return Err(Error::new(Kind::Config, "nothing is set up: there is no login to check")
            .hint("run `daypass configure sso`"));
    }
    point.sessions.iter().enumerate().try_for_each(|(at, session)| check.session(at, session))
}

struct Check<'a> {
    point: &'a Standpoint,
    /// How long things must go on; only just, if nothing is said.
    needed: Option<SignedDuration>,
}

impl Check<'_> {
    fn profile(&self) -> Result<()> {
        let clock = &self.point.force.clock;
        let plan = clock.plan.as_ref().map_err(Error::clone)?;
        if clock.end.living(self.point.now).is_some_and(|end| self.reaches(end)) {
            return Ok(());
        }
        if let Some(role) = crate::deliver::lifetime::login(plan) {
            return self.login_of(&role.session);
        }
        match (plan, clock.end) {
            (CredentialPlan::Static(keys), RoleEnd::AtHand(Some(end))) => {
                let said = match end > self.point.now {
                    true => format!("end in {}", span(end.duration_since(self.point.now))),
                    false => "have ended".to_owned(),
                };
                Err(Error::new(Kind::Profile, format!("the keys in {} {said}", keys.origin))
                    .because("no login renews keys that were put there by hand")
                    .hint("remove them, so that the profile's own source is used"))
            }
            _ => Ok(()),
        }
    }

    /// The login behind the profile in force. One of a profile that is not in the list
    /// cannot be: the list is made of all that the files have.
    fn login_of(&self, plan: &SessionPlan) -> Result<()> {
        let is_it = |session: &SessionClock| {
            session.plan.as_ref().is_ok_and(|known| match (&known.name, &plan.name) {
                (Some(known), Some(asked)) => known == asked,
                (None, None) => known.start_url.value == plan.start_url.value,
                _ => false,
            })
        };
        let mut sessions = self.point.sessions.iter().enumerate();
        match sessions.find(|(_, session)| is_it(session)) {
            Some((at, session)) => self.session(at, session),
            None => Err(login_needed(plan, &format!("nobody is logged in to {}", plan.shown()))),
        }
    }

    fn session(&self, at: usize, session: &SessionClock) -> Result<()> {
        let plan = session.plan.as_ref().map_err(Error::clone)?;
        match self.point.answers.get(at).and_then(Option::as_ref) {
            Some(Answer::Refused) => {
                let why = format!("the portal does not accept the login of {}", plan.shown());
                return Err(login_needed(plan, &why));
            }
            Some(Answer::Silent(error)) => return Err(error.clone()),
            Some(Answer::Accepted) | None => {}
        }
        match session.standing(self.point.now) {
            Standing::LoginNeeded(why) => Err(login_needed(plan, &reason(plan, why))),
            Standing::Locked => {
                Err(Error::new(Kind::Store, "nobody can tell: the store is locked")
                    .because(format!("the login of {} is sealed in it", plan.shown()))
                    .hint("run `daypass vault status`, which opens it"))
            }
            Standing::LoggedIn | Standing::Renewable => self.lasts(plan, session),
        }
    }

    /// Whether it goes on long enough, as far as that can be known: what is unknown
    /// counts as long.
    fn lasts(&self, plan: &SessionPlan, session: &SessionClock) -> Result<()> {
        let Some(token) = session.token.held() else { return Ok(()) };
        if self.reaches(token.expires_at) {
            return Ok(());
        }
        let too_soon = |what: &str, end: Timestamp| {
            let left = end.duration_since(self.point.now);
            let when = match left.is_positive() {
                true => format!("ends in {}", span(left)),
                false => format!("should have ended {} ago", span(-left)),
            };
            Err(login_needed(plan, &format!("{what} of {} {when}", plan.shown())))
        };
        match (token.renewal, &session.end) {
            (Renewal::Never | Renewal::Over(_), _) | (_, SessionEnd::Ended(_)) => {
                too_soon("the access token", token.expires_at)
            }
            (Renewal::Until(Some(end)), _) if !self.reaches(end) => {
                too_soon("the client registration", end)
            }
            (_, SessionEnd::Estimated { earliest, latest, .. }) => {
                // Who asks about a time to come must be able to count on it; else it is
                // enough that the session may be there still.
                let end = if self.needed.is_some() { earliest } else { latest };
                match self.reaches(*end) {
                    true => Ok(()),
                    false => too_soon("by estimate the session", *end),
                }
            }
            _ => Ok(()),
        }
    }

    fn reaches(&self, end: Timestamp) -> bool {
        let least = self.needed.unwrap_or(SignedDuration::from_secs(1));
        end.duration_since(self.point.now) >= least
    }
}

fn reason(plan: &SessionPlan, why: Why) -> String {
    let session = plan.shown();
    match why {
        Why::Absent => format!("nobody is logged in to {session}"),
        Why::Unreadable => format!("the token of {session} cannot be read"),
        Why::NotRefreshable => {
            format!("the SSO token for {session} has ended and has no refresh token")
        }
        Why::RegistrationExpired => {
            format!("the SSO token for {session} has ended, and so has its client registration")
        }
        Why::SessionEnded => format!("the Identity Center session of {session} has ended"),
    }
}

fn login_needed(plan: &SessionPlan, why: &str) -> Error {
    Error::new(Kind::LoginNeeded, why).hint(format!("run `{}`", plan.login_command()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, HOUR};
    use super::*;
    use daypass_core::clocks::Basis;

    fn said(point: &Standpoint, hours: Option<i64>) -> Result<(), String> {
        let needed = hours.map(SignedDuration::from_hours);
        verdict(point, needed).map_err(|error| {
            assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
            error.to_string()
        })
    }

    #[test]
    fn an_estimate_decides_only_where_nothing_better_is_known() {
        let estimated = |earliest: i64, latest: i64| SessionEnd::Estimated {
            earliest: testing::at(earliest * HOUR),
            latest: testing::at(latest * HOUR),
            basis: Basis::Earlier(2),
        };
        let renewal = Renewal::Until(Some(testing::at(90 * 24 * HOUR)));
        let lives = testing::point(HOUR, renewal, estimated(2, 4));
        assert_eq!(said(&lives, None), Ok(()));
        assert_eq!(said(&lives, Some(1)), Ok(()), "the access token lasts");
        assert_eq!(said(&lives, Some(2)), Ok(()));
        let why = "by estimate the session of sso-session `corp` ends in 2 h";
        assert_eq!(said(&lives, Some(3)), Err(why.to_owned()));
        let ended = testing::point(-HOUR, renewal, estimated(-1, 1));
        assert_eq!(said(&ended, None), Ok(()), "it may be there still");
        let over = testing::point(-HOUR, renewal, estimated(-2, -1));
        let why = "by estimate the session of sso-session `corp` should have ended 1 h ago";
        assert_eq!(said(&over, None), Err(why.to_owned()));
    }

    #[test]
    fn what_cannot_be_renewed_ends_with_its_token() {
        let unknown = SessionEnd::Unknown(daypass_core::clocks::Unseen::NoneEnded);
        let bare = testing::point(HOUR, Renewal::Never, unknown.clone());
        assert_eq!(said(&bare, None), Ok(()));
        assert!(said(&bare, Some(2)).unwrap_err().ends_with("ends in 1 h"));
        let refused = testing::point(HOUR, Renewal::Until(None), SessionEnd::Ended(testing::at(0)));
        assert_eq!(said(&refused, None), Ok(()));
        assert!(said(&refused, Some(2)).is_err());
        let short = testing::point(HOUR, Renewal::Until(Some(testing::at(3 * HOUR))), unknown);
        assert_eq!(said(&short, Some(3)), Ok(()));
        assert!(said(&short, Some(4)).unwrap_err().contains("the client registration"));
    }
}
