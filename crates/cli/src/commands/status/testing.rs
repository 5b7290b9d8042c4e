//! A standpoint made up for tests: one sso-session, at midnight of 1 January 1970.

use super::{About, Standpoint};
use daypass_core::clocks::{
    InForce, Renewal, RoleClock, RoleEnd, SessionClock, SessionEnd, StoreState, TokenClock,
    TokenState,
};
use daypass_core::names::{Region, SessionName};
use daypass_core::resolve::credentials::CredentialPlan;
use daypass_core::resolve::sso::Keeping;
use daypass_core::resolve::{Origin, SessionPlan, Sourced};
use daypass_core::start_url::StartUrl;
use jiff::Timestamp;

pub const HOUR: i64 = 3600;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn sourced<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin::Default)
}

/// The login of `corp`, with an access token that ends then.
pub fn point(token_ends: i64, renewal: Renewal, end: SessionEnd) -> Standpoint {
    let start_url = StartUrl::parse("https://d-1.awsapps.com/start").unwrap();
    let plan = SessionPlan {
        name: Some(SessionName::parse("corp").unwrap()),
        start_url: sourced(start_url),
        region: sourced(Region::parse("us-east-1").unwrap()),
        scopes: None,
        keeping: Keeping::Shared,
        profile: None,
    };
    let (expires_at, issued_at) = (at(token_ends), None);
    let token = TokenState::Held(TokenClock { expires_at, issued_at, renewal, is_sealed: false });
    let (name, user, profiles) = (Some("corp".to_owned()), None, vec!["dev".to_owned()]);
    let session = SessionClock { name, plan: Ok(plan), token, end, user, profiles };
    let clock = RoleClock {
        profile: "default".to_owned(),
        plan: Ok(CredentialPlan::Surroundings),
        region: None,
        end: RoleEnd::NotKept,
    };
    let name = sourced("default".to_owned());
    Standpoint {
        now: at(0),
        force: InForce { name, place: None, clock, overrides: Vec::new() },
        sessions: vec![session],
        roles: Vec::new(),
        orphans: Vec::new(),
        store: StoreState::Open,
        answers: Vec::new(),
        keys_of: None,
        about: About::Everything,
    }
}
