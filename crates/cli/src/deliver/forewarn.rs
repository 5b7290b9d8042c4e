//! That a job may outlive the login behind its credentials: said before it does.

use super::lifetime;
use crate::app::App;
use daypass_core::clocks::{Renewal, Survey};
use daypass_core::files::Files;
use daypass_core::resolve::CredentialPlan;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Whoever starts something with less than this left wants to know.
const SOON: SignedDuration = SignedDuration::from_mins(30);

/// Time enough to log in again, and late enough that it is worth it.
const NEAR: SignedDuration = SignedDuration::from_mins(10);

/// An end that has moved by more than this is another one.
const MOVED: SignedDuration = SignedDuration::from_mins(30);

/// When a login ends for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    at: Timestamp,
    /// Nothing can renew it; else it is what earlier sessions let expect.
    is_certain: bool,
    /// The login, as people call it.
    whose: String,
    /// What makes a new one that does not inherit this end.
    command: String,
}

impl End {
    /// The end of the login that credentials hang on, if it is known.
    pub fn of(app: &App, files: &Files, plan: &CredentialPlan) -> Option<Self> {
        let session = &lifetime::login(plan)?.session;
        let clock = Survey::new(&app.host, files, &app.request).hurried().of_plan(session);
        let held = clock.token.held()?;
        let (at, is_certain) = match held.renewal {
            Renewal::Never | Renewal::Over(_) => (held.expires_at, true),
            Renewal::Until(_) => (clock.end.expected()?, false),
        };
        let command = session.login_command().replace("daypass sso login", "daypass login --force");
        Some(Self { at, is_certain, whose: session.shown(), command })
    }

    /// What is to be said of a job of that length, though its login can be renewed so far.
    pub fn doubt(
        &self,
        takes: SignedDuration,
        keys_end: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<String> {
        let role = keys_end.map_or(SignedDuration::ZERO, |end| end.duration_since(now));
        let last = self.at.duration_since(now) + role;
        (!self.is_certain && last < takes).then(|| {
            let job = lifetime::words(takes);
            format!("{}: a job of {job} may not finish", self.told(keys_end, now))
        })
    }

    /// What to say before a command is started; `None` while that is far off.
    pub fn at_start(&self, keys_end: Option<Timestamp>, now: Timestamp) -> Option<String> {
        let left = self.at.duration_since(now);
        (left.is_positive() && left <= SOON).then(|| {
            format!("note: {}. `{}` makes a new one.", self.told(keys_end, now), self.command)
        })
    }

    /// How long nothing is to be said of it: until it is near.
    pub fn until_near(&self, now: Timestamp) -> Option<Duration> {
        Duration::try_from(self.at.duration_since(now) - NEAR).ok()
    }

    /// What the end of it is, and what goes on beyond it.
    fn told(&self, keys_end: Option<Timestamp>, now: Timestamp) -> String {
        let (whose, at) = (&self.whose, clock(self.at));
        let left = lifetime::words(self.at.duration_since(now));
        let ends = match self.is_certain {
            true => format!("the login of {whose} ends at {at}, in {left}, and cannot be renewed"),
            false => format!("the session of {whose} is expected to end at {at}, in {left}"),
        };
        match keys_end.filter(|end| *end > self.at) {
            Some(end) => format!("{ends}; role credentials at hand last until {}", clock(end)),
            None => ends,
        }
    }
}

/// Keys in the environment that end soon, and are not renewed.
pub fn keys_at_start(end: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let left = end?.duration_since(now);
    (left <= SOON).then(|| {
        format!(
            "note: the keys end at {}, in {}, and are not renewed: without `--env` they would be",
            clock(end.unwrap_or(now)),
            lifetime::words(left)
        )
    })
}

/// The same for a command that runs, when it is near.
pub fn keys_news(end: Timestamp, now: Timestamp) -> Option<String> {
    let left = end.duration_since(now);
    (left <= NEAR).then(|| {
        let left = lifetime::words(left);
        format!(
            "daypass: the keys of this command end at {}, in {left}: it was started with `--env`",
            clock(end)
        )
    })
}

/// What was told already: once for each end.
#[derive(Debug, Default)]
pub struct Told(Option<Timestamp>);

impl Told {
    /// What was near when the command was started is told by then.
    pub fn at_start(end: Option<&End>, now: Timestamp) -> Self {
        Self(end.map(|end| end.at).filter(|at| at.duration_since(now) <= NEAR))
    }

    /// What to say to the person whose command runs, now.
    pub fn news(
        &mut self,
        end: Option<&End>,
        keys_end: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<String> {
        let end = end?;
        let left = end.at.duration_since(now);
        let is_new = self.0.is_none_or(|told| end.at.duration_since(told) > MOVED);
        if !left.is_positive() || left > NEAR || !is_new {
            return None;
        }
        self.0 = Some(end.at);
        Some(format!(
            "daypass: {}. `{}` in another terminal; it is noticed here by itself.",
            end.told(keys_end, now),
            end.command
        ))
    }
}

fn clock(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn end(minutes: i64, is_certain: bool) -> End {
        let (whose, command) =
            ("sso-session `corp`".to_owned(), "daypass login --force".to_owned());
        End { at: at(minutes), is_certain, whose, command }
    }

    #[test]
    fn at_the_start_only_what_is_near_is_said() {
        let said = |minutes, certain| end(minutes, certain).at_start(Some(at(90)), at(0));
        assert_eq!(said(31, true), None);
        assert_eq!(said(0, true), None, "what is over is an error of its own");
        let text = said(30, true).unwrap();
        assert!(text.contains("in 30 min, and cannot be renewed; role credentials"), "{text}");
        let text = said(5, false).unwrap();
        assert!(text.contains("is expected to end at") && !text.contains('\n'), "{text}");
        assert!(end(5, true).at_start(Some(at(3)), at(0)).unwrap().contains("renewed. `daypass"));
    }

    #[test]
    fn a_long_job_is_doubted_by_what_earlier_sessions_let_expect() {
        let doubt = |takes, certain| {
            end(60, certain).doubt(SignedDuration::from_mins(takes), Some(at(30)), at(0))
        };
        assert!(doubt(91, false).unwrap().ends_with("a job of 1 h 31 min may not finish"));
        assert_eq!(doubt(90, false), None);
        assert_eq!(doubt(91, true), None, "it is refused");
    }

    #[test]
    fn keys_that_are_not_renewed_are_named_when_they_end_soon() {
        assert_eq!(keys_at_start(None, at(0)), None);
        assert_eq!(keys_at_start(Some(at(31)), at(0)), None);
        assert!(keys_at_start(Some(at(30)), at(0)).unwrap().contains("in 30 min"));
        assert_eq!(keys_news(at(30), at(19)), None);
        assert!(keys_news(at(30), at(20)).unwrap().contains("in 10 min"));
    }

    #[test]
    fn a_running_command_hears_of_each_end_once() {
        let mut told = Told::default();
        let mut hears =
            |minutes, now| told.news(Some(&end(minutes, false)), None, at(now)).is_some();
        assert!(!hears(60, 49));
        assert!(hears(60, 50));
        assert!(!hears(60, 51) && !hears(65, 56), "it was told");
        assert!(!hears(60, 60), "and it is over");
        // Somebody has logged in again.
        assert!(!hears(600, 61));
        assert!(hears(600, 595));
        assert_eq!(Told::default().news(None, None, at(0)), None);
        let near = end(9, true);
        assert_eq!(Told::at_start(Some(&near), at(0)).news(Some(&near), None, at(1)), None);
        assert_eq!(near.until_near(at(0)), None);
        let far = end(12, true);
        assert!(Told::at_start(Some(&far), at(0)).news(Some(&far), None, at(2)).is_some());
        assert_eq!(far.until_near(at(0)), Some(Duration::from_mins(2)));
    }
}
