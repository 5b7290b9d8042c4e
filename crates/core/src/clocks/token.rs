//! The access token's clock, and what can renew it.

use super::Survey;
use crate::host::Host;
use crate::provide::family;
use crate::resolve::SessionPlan;
use crate::resolve::sso::Keeping;
use crate::start_url::StartUrl;
use crate::store::Store;
use crate::token::SsoToken;
use crate::token::cache::Found;
use crate::token::decide::Why;
use crate::token::shelf;
use jiff::Timestamp;
use std::path::PathBuf;
use vault::Backend;

/// What can be read of the encrypted store without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// Everything.
    Open,
    /// There is nothing in it, or its key is lost as after a restart.
    Empty,
    /// Its key is where somebody may have to be asked for it.
    Locked(Backend),
    /// Its settings cannot be read, and why.
    Broken(String),
}

/// A login's token, as it was found.
#[derive(Clone, Debug)]
pub enum TokenState {
    /// There is none.
    Absent,
    /// It is in the store, which is locked.
    Locked,
    /// Something is there that cannot be read as a token.
    Unreadable(PathBuf),
    /// Here it is.
    Held(TokenClock),
}

/// When a token ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenClock {
    /// When the access token does.
    pub expires_at: Timestamp,
    /// When it was made, if that is known.
    pub issued_at: Option<Timestamp>,
    /// Whether it can be had anew without a person.
    pub renewal: Renewal,
    /// Whether it lies in the encrypted store.
    pub is_sealed: bool,
}

/// Whether an access token can be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There is no refresh token.
    Never,
    /// Until the client registration ends, as far as that is known, and the session
    /// lives.
    Until(Option<Timestamp>),
    /// The client registration has ended.
    Over(Timestamp),
}

/// What it takes to use a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: its access token lives.
    LoggedIn,
    /// Nothing of a person: the next command renews the access token.
    Renewable,
    /// A person.
    LoginNeeded(Why),
    /// Nobody can tell: the store is locked.
    Locked,
}

impl Standing {
    /// Whether a program can go on without a person, as far as can be seen.
    pub fn is_fine(self) -> bool {
        matches!(self, Self::LoggedIn | Self::Renewable)
    }
}

impl TokenState {
    /// The token's clock, if there is a token.
    pub fn held(&self) -> Option<&TokenClock> {
        match self {
            Self::Held(clock) => Some(clock),
            _ => None,
        }
    }

    pub(super) fn standing(&self, has_ended: bool, now: Timestamp) -> Standing {
        let clock = match self {
            Self::Absent => return Standing::LoginNeeded(Why::Absent),
            Self::Unreadable(_) => return Standing::LoginNeeded(Why::Unreadable),
            Self::Locked => return Standing::Locked,
            Self::Held(clock) => clock,
        };
        match clock.renewal {
            _ if now < clock.expires_at => Standing::LoggedIn,
            _ if has_ended => Standing::LoginNeeded(Why::SessionEnded),
            Renewal::Until(_) => Standing::Renewable,
            Renewal::Never => Standing::LoginNeeded(Why::NotRefreshable),
            Renewal::Over(_) => Standing::LoginNeeded(Why::RegistrationExpired),
        }
    }
}

pub(super) fn clock(token: &SsoToken, is_sealed: bool, now: Timestamp) -> TokenClock {
    let registration = token.registration.as_ref().filter(|_| token.refresh_token.is_some());
    let renewal = match registration.map(|registration| registration.expires_at) {
        None => Renewal::Never,
        Some(Some(end)) if end <= now => Renewal::Over(end),
        Some(end) => Renewal::Until(end),
    };
    let (expires_at, issued_at) = (token.expires_at, token.issued_at);
    TokenClock { expires_at, issued_at, renewal, is_sealed }
}

pub(super) fn store_state(host: &Host, has_key: bool) -> StoreState {
    match host.store.choice() {
        _ if has_key => StoreState::Open,
        Ok(None) => StoreState::Empty,
        Ok(Some(choice)) if !choice.place.backend().is_persistent() => StoreState::Empty,
        Ok(Some(choice)) => StoreState::Locked(choice.place.backend()),
        Err(error) => StoreState::Broken(error.to_string()),
    }
}

/// Finds a login's token. Another tool may have put one in the shared cache since the
/// store got its own: the next command takes the better one.
pub(super) fn look(survey: &Survey<'_>, plan: &SessionPlan) -> TokenState {
    let shared = shared(survey, plan);
    let own = match plan.keeping {
        Keeping::Shared => return shared,
        Keeping::Sealed(_) => sealed(survey, plan),
    };
    match (own.held(), shared.held()) {
        (Some(own_clock), Some(theirs)) if theirs.expires_at > own_clock.expires_at => shared,
        (None, Some(_)) if matches!(own, TokenState::Absent) => shared,
        _ => own,
    }
}

fn shared(survey: &Survey<'_>, plan: &SessionPlan) -> TokenState {
    let (key, dir) = (plan.token_key(), survey.host.sso_cache());
    match if survey.patient { key.load(&dir) } else { key.glance(&dir) } {
        Found::Token(token, _) => held(survey, plan, &token, false),
        Found::Unreadable(path, _) => TokenState::Unreadable(path),
        Found::Absent | Found::OutOfReach(_) => TokenState::Absent,
    }
}

fn sealed(survey: &Survey<'_>, plan: &SessionPlan) -> TokenState {
    let Some(key) = &survey.key else {
        return match survey.store {
            StoreState::Empty => TokenState::Absent,
            _ => TokenState::Locked,
        };
    };
    let record = shelf::token_record(&family(plan));
    let found = vault::open_one(&Store::place(&survey.host.home), &record, key);
    let token = found.ok().flatten().and_then(|(_, body)| shelf::from_body(body.expose()));
    match token {
        Some((token, _)) => held(survey, plan, &token, true),
        None => TokenState::Absent,
    }
}

/// Somebody may have given the sso-session a new start URL since: the token of the
/// other portal is none of this one's.
fn held(survey: &Survey<'_>, plan: &SessionPlan, token: &SsoToken, is_sealed: bool) -> TokenState {
    let portal = StartUrl::parse(&token.start_url).ok();
    match portal.is_some_and(|portal| portal != plan.start_url.value) {
        true => TokenState::Absent,
        false => TokenState::Held(clock(token, is_sealed, survey.now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn what_it_takes_follows_from_the_clocks() {
        let state = |expires: i64, renewal| {
            let (expires_at, issued_at) = (at(expires), None);
            TokenState::Held(TokenClock { expires_at, issued_at, renewal, is_sealed: false })
        };
        let until = Renewal::Until(Some(at(500)));
        let needed = Standing::LoginNeeded;
        for (token, has_ended, standing) in [
            (state(101, until), false, Standing::LoggedIn),
            (state(101, until), true, Standing::LoggedIn),
            (state(100, until), false, Standing::Renewable),
            (state(100, until), true, needed(Why::SessionEnded)),
            (state(100, Renewal::Never), false, needed(Why::NotRefreshable)),
            (state(100, Renewal::Over(at(90))), false, needed(Why::RegistrationExpired)),
            (TokenState::Absent, false, needed(Why::Absent)),
            (TokenState::Locked, false, Standing::Locked),
        ] {
            assert_eq!(token.standing(has_ended, at(100)), standing, "{token:?}");
        }
    }
}
