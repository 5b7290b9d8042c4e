//! What was seen of one login's sessions, and how each sighting changes it. Pure.
//!
//! The portal tells nobody when a session ends. It shows at three moments: when a
//! refresh is refused, when an access token is cut short, and in how long the sessions
//! before this one lasted.

use jiff::{SignedDuration, Timestamp};

/// How many earlier sessions are remembered.
pub(super) const MEMORY: usize = 8;

/// An access token that is shorter by more than this has been cut.
const CUT: SignedDuration = SignedDuration::from_mins(2);

/// Everything seen of one login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The session that was seen last.
    pub current: Option<Current>,
    /// Who it is of.
    pub user: Option<SeenUser>,
    /// How long access tokens live when nothing cuts them short.
    pub token_life: Option<SignedDuration>,
    /// How long earlier sessions lasted, oldest first.
    pub earlier: Vec<Life>,
}

/// A session that goes on, or was the last one to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// When it began: not before the first, not after the second. `None` where
    /// another tool has logged in.
    pub began: Option<(Timestamp, Timestamp)>,
    /// When it was last seen alive.
    pub alive: Timestamp,
    /// The end of the access token it gave last: how its token is known again.
    pub token_ends: Timestamp,
    /// Whether that token was cut short, which only the session's own end does.
    pub cut: bool,
    /// When a refresh was refused.
    pub refused: Option<Timestamp>,
}

/// How long a session lasted: seen alive for `least`, seen ended after `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// It lived that long for certain.
    pub least: SignedDuration,
    /// It did not live longer than this.
    pub most: SignedDuration,
}

/// The name that AWS gave a login's role, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenUser {
    /// The session name of the ARN: in Identity Center the user's name.
    pub name: String,
    /// When it was read.
    pub at: Timestamp,
}

impl Record {
    /// Somebody has logged in, with a token that ends then.
    ///
    /// A browser that is still signed in hands on the session it has: only after one
    /// that was seen to end is the new one known to begin now.
    pub fn logged_in(&mut self, now: Timestamp, token_ends: Timestamp) {
        let before = self.current.take().filter(|before| before.may_live(now, self.longest()));
        let life = token_ends.duration_since(now);
        let cut = before.is_some() && self.is_cut(life);
        if before.is_none() {
            self.token_life = Some(life);
        }
        // Another person may have logged in.
        self.user = self.user.take().filter(|_| cut);
        let began = match before.and_then(|before| before.began) {
            Some(began) if cut => began,
            Some((earliest, _)) => (earliest, now),
            None => (now, now),
        };
        self.learn_token_life(life);
        self.current =
            Some(Current { began: Some(began), alive: now, token_ends, cut, refused: None });
    }

    /// A refresh has succeeded: the session of `spent` lives, its new token ends then.
    pub fn refreshed(&mut self, now: Timestamp, spent: Timestamp, token_ends: Timestamp) {
        let life = token_ends.duration_since(now);
        let cut = self.is_cut(life);
        self.learn_token_life(life);
        let began = self.current_of(spent).and_then(|current| current.began);
        self.current = Some(Current { began, alive: now, token_ends, cut, refused: None });
    }

    /// The refresh token beside an access token with that end was refused.
    pub fn refused(&mut self, now: Timestamp, spent: Timestamp) {
        let known = self.current_of(spent).cloned();
        if known.as_ref().is_some_and(|current| current.refused.is_some()) {
            return;
        }
        let ended = known.unwrap_or(Current {
            began: None,
            alive: spent.min(now),
            token_ends: spent,
            cut: false,
            refused: None,
        });
        if let Some(life) = ended.life(now) {
            self.earlier.push(life);
            let beyond = self.earlier.len().saturating_sub(MEMORY);
            self.earlier.drain(..beyond);
        }
        self.current = Some(Current { refused: Some(now), ..ended });
    }

    /// Somebody has logged out: the next session is a new one.
    pub fn logged_out(&mut self) {
        self.current = None;
        self.user = None;
    }

    /// AWS has named the user.
    pub fn named(&mut self, name: &str, at: Timestamp) {
        self.user = Some(SeenUser { name: name.to_owned(), at });
    }

    /// The session that gave the token which ends then; `None` if another tool has
    /// written it.
    pub fn current_of(&self, token_ends: Timestamp) -> Option<&Current> {
        // Files keep whole seconds.
        self.current.as_ref().filter(|c| c.token_ends.as_second() == token_ends.as_second())
    }

    fn longest(&self) -> Option<SignedDuration> {
        self.earlier.iter().map(|life| life.most).max()
    }

    fn is_cut(&self, life: SignedDuration) -> bool {
        self.token_life.is_some_and(|usual| life + CUT < usual)
    }

    fn learn_token_life(&mut self, life: SignedDuration) {
        self.token_life = self.token_life.max(Some(life));
    }
}

impl Current {
    /// Whether the portal may still have it, when somebody logs in.
    fn may_live(&self, now: Timestamp, longest: Option<SignedDuration>) -> bool {
        let outlived = longest.is_some_and(|longest| now.duration_since(self.alive) > longest);
        self.refused.is_none() && !outlived && !(self.cut && self.token_ends <= now)
    }

    /// How long it lasted, now that it is over.
    fn life(&self, now: Timestamp) -> Option<Life> {
        let (earliest, latest) = self.began?;
        let over = if self.cut { self.token_ends.min(now) } else { now };
        let last = if self.cut { over } else { self.alive };
        let least = last.duration_since(latest).max(SignedDuration::ZERO);
        Some(Life { least, most: over.duration_since(earliest) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn minutes(life: &Life) -> (i64, i64) {
        (life.least.as_mins(), life.most.as_mins())
    }

    /// Logged in at 0 with tokens of an hour, refreshed at 40 and 80.
    fn worked() -> Record {
        let mut record = Record::default();
        record.logged_in(at(0), at(60));
        record.refreshed(at(40), at(60), at(100));
        record.refreshed(at(80), at(100), at(140));
        record
    }

    #[test]
    fn a_refused_refresh_tells_how_long_the_session_was() {
        let mut record = worked();
        record.refused(at(120), at(140));
        record.refused(at(125), at(140));
        assert_eq!(record.earlier.iter().map(minutes).collect::<Vec<_>>(), [(80, 120)]);
        assert_eq!(record.current.unwrap().refused, Some(at(120)), "the first refusal counts");
    }

    #[test]
    fn a_token_cut_short_tells_it_to_the_minute() {
        let mut record = worked();
        record.refreshed(at(120), at(140), at(150));
        assert!(record.current.as_ref().unwrap().cut);
        record.refused(at(200), at(150));
        assert_eq!(record.earlier.iter().map(minutes).collect::<Vec<_>>(), [(150, 150)]);
    }

    #[test]
    fn a_login_after_an_end_begins_a_session_and_one_before_it_may_not() {
        let mut record = worked();
        record.logged_in(at(100), at(160));
        assert_eq!(record.current.as_ref().unwrap().began, Some((at(0), at(100))));
        record.refused(at(120), at(160));
        record.logged_in(at(121), at(181));
        assert_eq!(record.current.as_ref().unwrap().began, Some((at(121), at(121))));
    }

    #[test]
    fn a_login_whose_token_is_cut_has_inherited_the_old_end() {
        let mut record = worked();
        record.named("ada", at(81));
        record.logged_in(at(100), at(130));
        let current = record.current.as_ref().unwrap();
        assert!(current.cut);
        assert_eq!(current.began, Some((at(0), at(0))));
        assert_eq!(record.user.unwrap().name, "ada", "nobody else can have it");
    }

    #[test]
    fn a_log_out_ends_all_guessing() {
        let mut record = worked();
        record.named("ada", at(81));
        record.logged_out();
        assert_eq!((record.current.clone(), record.user.clone()), (None, None));
        // The organization gives shorter tokens now: nothing is cut.
        record.logged_in(at(100), at(115));
        assert!(!record.current.as_ref().unwrap().cut);
        assert_eq!(record.token_life, Some(SignedDuration::from_mins(15)));
    }

    #[test]
    fn of_another_tools_token_only_its_end_is_known() {
        let mut record = worked();
        record.refreshed(at(100), at(155), at(160));
        assert_eq!(record.current.as_ref().unwrap().began, None);
        record.refused(at(155), at(160));
        assert!(record.earlier.is_empty());
    }

    #[test]
    fn eight_sessions_are_remembered() {
        let mut record = Record::default();
        for day in 0..20 {
            let morning = day * 1440;
            record.logged_in(at(morning), at(morning + 60));
            record.refused(at(morning + 60 + day), at(morning + 60));
        }
        let most: Vec<i64> = record.earlier.iter().map(|life| life.most.as_mins()).collect();
        assert_eq!(most, (72..80).collect::<Vec<_>>());
    }
}
