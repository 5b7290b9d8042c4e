//! Whether a token is used, refreshed, or replaced by a login: a pure choice.

use super::SsoToken;
use jiff::{SignedDuration, Timestamp};

/// We refresh with fewer than this left, earlier than any SDK does (the first
/// begin at 15 minutes), so that no other tool has to spend the refresh token.
pub const REFRESH_WINDOW: SignedDuration = SignedDuration::from_mins(20);

/// What to do with the token at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It lives long enough.
    Use,
    /// It should be refreshed; if that fails and it still lives, it may be used.
    Refresh,
    /// Only a login helps.
    Login(Why),
}

/// Why a login is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no token.
    Absent,
    /// The token's file cannot be read as a token.
    Unreadable,
    /// It expired, and there is no refresh token.
    NotRefreshable,
    /// It expired, and so did the registration it was issued to.
    RegistrationExpired,
    /// The service refused the refresh token: the session has ended.
    SessionEnded,
}

/// Chooses for a token that was found (or not) at `now`.
pub fn decide(token: Option<&SsoToken>, now: Timestamp) -> Decision {
    let Some(token) = token else {
        return Decision::Login(Why::Absent);
    };
    let left = token.expires_at.duration_since(now);
    if left >= window(token) {
        return Decision::Use;
    }
    match (can_refresh(token, now), token.lives(now)) {
        (Ok(()), _) => Decision::Refresh,
        (Err(_), true) => Decision::Use,
        (Err(why), false) => Decision::Login(why),
    }
}

/// Twenty minutes, or half the life of a token that lives less than forty: else
/// a short-lived one would be refreshed by every command.
fn window(token: &SsoToken) -> SignedDuration {
    match token.issued_at.map(|issued| token.expires_at.duration_since(issued)) {
        Some(life) if life.is_positive() => REFRESH_WINDOW.min(life / 2),
        _ => REFRESH_WINDOW,
    }
}

fn can_refresh(token: &SsoToken, now: Timestamp) -> Result<(), Why> {
    let (Some(_), Some(registration)) = (&token.refresh_token, &token.registration) else {
        return Err(Why::NotRefreshable);
    };
    match registration.expires_at {
        Some(end) if end <= now => Err(Why::RegistrationExpired),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ClientRegistration;
    use super::*;
    use Decision::{Login, Refresh, Use};

    const NOW: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(NOW + seconds).unwrap()
    }

    /// A token with `left` seconds, issued `life` seconds before its end.
    fn token(left: i64, life: Option<i64>) -> SsoToken {
        SsoToken {
            start_url: "https://d-1.awsapps.com/start".into(),
            region: "us-east-1".into(),
            access_token: "access".into(),
            expires_at: at(left),
            issued_at: life.map(|life| at(left - life)),
            registration: Some(ClientRegistration {
                client_id: "id".into(),
                client_secret: "secret".into(),
                expires_at: Some(at(1_000_000)),
            }),
            refresh_token: Some("refresh".into()),
        }
    }

    #[test]
    fn the_table_of_ages() {
        let hours_8 = Some(28_800);
        let table = [
            (28_800, hours_8, Use),
            (1_200, hours_8, Use),
            (1_199, hours_8, Refresh),
            (1, hours_8, Refresh),
            (0, hours_8, Refresh),
            (-100_000, hours_8, Refresh),
            // Shorter lives: half of them, not twenty minutes.
            (600, Some(900), Use),
            (450, Some(900), Use),
            (449, Some(900), Refresh),
            (1_200, Some(2_400), Use),
            // A file time that makes no sense is not believed.
            (1_199, Some(-5), Refresh),
            (1_199, None, Refresh),
            (1_200, None, Use),
        ];
        for (left, life, expected) in table {
            assert_eq!(decide(Some(&token(left, life)), at(0)), expected, "{left} of {life:?}");
        }
    }

    #[test]
    fn what_cannot_be_refreshed_is_used_to_its_end() {
        let without_refresh = |left| SsoToken { refresh_token: None, ..token(left, None) };
        assert_eq!(decide(Some(&without_refresh(60)), at(0)), Use);
        assert_eq!(decide(Some(&without_refresh(0)), at(0)), Login(Why::NotRefreshable));
        let without_client = |left| SsoToken { registration: None, ..token(left, None) };
        assert_eq!(decide(Some(&without_client(60)), at(0)), Use);
        assert_eq!(decide(Some(&without_client(-1)), at(0)), Login(Why::NotRefreshable));
    }

    #[test]
    fn an_expired_registration_cannot_refresh_and_an_undated_one_can() {
        let dated = |left, end| {
            let mut token = token(left, None);
            if let Some(registration) = &mut token.registration {
                registration.expires_at = end;
            }
            token
        };
        assert_eq!(decide(Some(&dated(60, Some(at(0)))), at(0)), Use);
        assert_eq!(decide(Some(&dated(-1, Some(at(0)))), at(0)), Login(Why::RegistrationExpired));
        assert_eq!(decide(Some(&dated(-1, Some(at(1)))), at(0)), Refresh);
        assert_eq!(decide(Some(&dated(-1, None)), at(0)), Refresh);
    }

    #[test]
    fn without_a_token_only_a_login_helps() {
        assert_eq!(decide(None, at(0)), Login(Why::Absent));
    }
}
