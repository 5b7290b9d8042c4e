//! What came of it, in words.

use crate::deliver::lifetime;
use daypass_core::resolve::SessionPlan;
use daypass_core::token::SsoToken;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How it was made sure.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There was nothing to do.
    Valid(SsoToken),
    /// It was renewed, without anybody.
    Refreshed(SsoToken),
    /// Somebody has logged in.
    LoggedIn(SsoToken),
}

impl Outcome {
    /// The login's token.
    pub fn token(&self) -> &SsoToken {
        match self {
            Outcome::Valid(token) | Outcome::Refreshed(token) | Outcome::LoggedIn(token) => token,
        }
    }

    /// Whether somebody has logged in just now.
    pub fn is_new(&self) -> bool {
        matches!(self, Outcome::LoggedIn(_))
    }

    /// The word for it in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Valid(_) => "valid",
            Outcome::Refreshed(_) => "refreshed",
            Outcome::LoggedIn(_) => "logged-in",
        }
    }

    /// One sentence for the terminal.
    pub fn told(
        &self,
        plan: &SessionPlan,
        session_ends: Option<Timestamp>,
        now: Timestamp,
    ) -> String {
        let session = plan.shown();
        let what = match self {
            Outcome::Valid(_) => format!("Already logged in to {session}, the portal confirms"),
            Outcome::Refreshed(_) => format!("The login of {session} is renewed"),
            Outcome::LoggedIn(_) => format!("Logged in to {session}"),
        };
        let token = self.token();
        let lives = until(token.expires_at, now);
        let then = match (is_renewable(token, now), session_ends) {
            (false, _) => "; it cannot be renewed".to_owned(),
            (true, Some(end)) if end > now => {
                let until = until(end, now);
                format!(
                    "; it is renewed by itself {until}, if earlier sessions tell this one's end"
                )
            }
            (true, _) => {
                "; it is renewed by itself while your organization's session lasts".to_owned()
            }
        };
        format!("{what}: {lives}{then}.")
    }
}

/// Whether the token is not the last of its login.
pub fn is_renewable(token: &SsoToken, now: Timestamp) -> bool {
    let registration = token.registration.as_ref().filter(|_| token.refresh_token.is_some());
    registration.is_some_and(|registration| registration.expires_at.is_none_or(|end| end > now))
}

/// `until 15:04, for 59 min`, by the clock on the wall; with the day where it is another.
pub fn until(end: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let (end_there, now_there) = (end.to_zoned(zone.clone()), now.to_zoned(zone));
    let format = if end_there.date() == now_there.date() { "%H:%M" } else { "%a %d %b %H:%M" };
    let left = lifetime::words(end.duration_since(now));
    format!("until {}, for {left}", end_there.strftime(format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn the_end_is_told_with_the_day_where_it_is_not_today() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let near = until(now + SignedDuration::from_mins(59), now);
        assert!(near.ends_with(", for 59 min") && near.starts_with("until "), "{near}");
        let far = until(now + SignedDuration::from_hours(50), now);
        assert!(far.contains("Nov") && far.ends_with(", for 2 d 2 h"), "{far}");
    }
}
