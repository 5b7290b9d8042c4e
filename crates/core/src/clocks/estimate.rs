//! When a session ends, as far as what was seen tells. Pure, and always marked as an
//! estimate.

use super::record::{Current, Life, Record};
use jiff::{SignedDuration, Timestamp};

/// The end of a portal session, which the portal tells nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// Nothing was seen that tells, and why.
    Unknown(Unseen),
    /// Not before the first and not after the second of two times, if all goes on as
    /// it was.
    Estimated {
        /// It should last until then.
        earliest: Timestamp,
        /// It should be over then.
        latest: Timestamp,
        /// What that is taken from.
        basis: Basis,
    },
    /// A refresh was refused then: it has ended, or was ended.
    Ended(Timestamp),
}

/// What an estimate is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The last access token was cut short: the session's end does that.
    CutToken,
    /// So many earlier sessions agree on how long one lasts.
    Earlier(usize),
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Nobody is logged in.
    NoLogin,
    /// No session was seen to end yet.
    NoneEnded,
    /// Another tool has logged in or refreshed: when the session began is not known.
    OtherTool,
    /// The session has outlived what earlier ones lasted.
    Outlived,
}

/// The session's end, for the token which ends at `token_ends`. `others` are the lives
/// of sessions of other logins at the same portal: their length is one setting of the
/// organization's.
pub fn estimate(record: &Record, others: &[Life], token_ends: Option<Timestamp>) -> SessionEnd {
    let Some(token_ends) = token_ends else { return SessionEnd::Unknown(Unseen::NoLogin) };
    let Some(current) = record.current_of(token_ends) else {
        return SessionEnd::Unknown(Unseen::OtherTool);
    };
    if let Some(refused) = current.refused {
        return SessionEnd::Ended(refused);
    }
    if current.cut {
        let (earliest, latest, basis) = (token_ends, token_ends, Basis::CutToken);
        return SessionEnd::Estimated { earliest, latest, basis };
    }
    let Some((earliest, latest)) = current.began else {
        return SessionEnd::Unknown(Unseen::OtherTool);
    };
    let lives = if record.earlier.is_empty() { others } else { &record.earlier };
    match agreed(lives) {
        None => SessionEnd::Unknown(Unseen::NoneEnded),
        Some((life, count)) => by_length(current, (earliest, latest), life, count),
    }
}

fn by_length(
    current: &Current,
    began: (Timestamp, Timestamp),
    life: Life,
    count: usize,
) -> SessionEnd {
    let end = |began: Timestamp, life| began.checked_add(life).unwrap_or(Timestamp::MAX);
    let latest = end(began.1, life.most);
    if latest < current.alive {
        return SessionEnd::Unknown(Unseen::Outlived);
    }
    let earliest = end(began.0, life.least).max(current.alive);
    SessionEnd::Estimated { earliest, latest, basis: Basis::Earlier(count) }
}

/// What the sessions agree on, the last one first: those that contradict it were ended
/// early, or from before the organization changed its mind.
pub fn agreed(lives: &[Life]) -> Option<(Life, usize)> {
    let (last, older) = lives.split_last()?;
    let (mut life, mut count) = (*last, 1);
    for one in older.iter().rev() {
        let (least, most) = (life.least.max(one.least), life.most.min(one.most));
        if least <= most {
            (life, count) = (Life { least, most }, count + 1);
        }
    }
    Some((life, count))
}

impl SessionEnd {
    /// The time until which the session should last; `None` where that is not known.
    pub fn expected(&self) -> Option<Timestamp> {
        match self {
            SessionEnd::Unknown(_) => None,
            SessionEnd::Estimated { earliest, .. } => Some(*earliest),
            SessionEnd::Ended(at) => Some(*at),
        }
    }

    /// Whether the two times of an estimate are so near each other that one is enough
    /// to say.
    pub fn is_sharp(&self) -> bool {
        const SHARP: SignedDuration = SignedDuration::from_mins(15);
        match self {
            SessionEnd::Estimated { earliest, latest, .. } => {
                latest.duration_since(*earliest) <= SHARP
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn life(least: i64, most: i64) -> Life {
        Life { least: SignedDuration::from_mins(least), most: SignedDuration::from_mins(most) }
    }

    fn begun(at_minute: i64, earlier: &[Life]) -> Record {
        let mut record = Record { earlier: earlier.to_vec(), ..Record::default() };
        record.logged_in(at(at_minute), at(at_minute + 60));
        record
    }

    #[test]
    fn the_first_session_is_unknown_and_the_second_is_not() {
        let mut record = begun(0, &[]);
        let unknown = SessionEnd::Unknown(Unseen::NoneEnded);
        assert_eq!(estimate(&record, &[], Some(at(60))), unknown);
        record.earlier.push(life(470, 500));
        let found = estimate(&record, &[], Some(at(60)));
        let (earliest, latest, basis) = (at(470), at(500), Basis::Earlier(1));
        assert_eq!(found, SessionEnd::Estimated { earliest, latest, basis });
        assert!(!found.is_sharp());
        assert_eq!(found.expected(), Some(at(470)));
    }

    #[test]
    fn the_portal_s_other_logins_tell_as_well() {
        let found = estimate(&begun(0, &[]), &[life(480, 480)], Some(at(60)));
        assert_eq!(found.expected(), Some(at(480)));
        assert!(found.is_sharp());
    }

    #[test]
    fn a_cut_token_and_a_refusal_are_better_than_any_length() {
        let mut record = begun(0, &[life(470, 500)]);
        record.refreshed(at(50), at(60), at(80));
        let cut = estimate(&record, &[], Some(at(80)));
        let (earliest, latest, basis) = (at(80), at(80), Basis::CutToken);
        assert_eq!(cut, SessionEnd::Estimated { earliest, latest, basis });
        record.refused(at(70), at(80));
        assert_eq!(estimate(&record, &[], Some(at(80))), SessionEnd::Ended(at(70)));
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unknown() {
        let record = begun(0, &[life(470, 500)]);
        let why = |record: &Record, token| match estimate(record, &[], token) {
            SessionEnd::Unknown(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(&record, None), Unseen::NoLogin);
        assert_eq!(why(&record, Some(at(999))), Unseen::OtherTool);
        let mut outlived = record.clone();
        outlived.refreshed(at(50), at(60), at(110));
        outlived.current.as_mut().unwrap().alive = at(501);
        assert_eq!(why(&outlived, Some(at(110))), Unseen::Outlived);
    }

    #[test]
    fn lengths_are_narrowed_down_and_outliers_passed_over() {
        let lives = [life(400, 520), life(0, 45), life(470, 600), life(450, 490)];
        assert_eq!(agreed(&lives), Some((life(470, 490), 3)));
        // The organization has changed its mind: the last one counts.
        assert_eq!(agreed(&[life(470, 490), life(700, 730)]), Some((life(700, 730), 1)));
        assert_eq!(agreed(&[]), None);
    }

    #[test]
    fn a_login_that_may_have_inherited_widens_the_estimate() {
        let mut record = begun(0, &[life(480, 480)]);
        record.logged_in(at(100), at(160));
        let found = estimate(&record, &[], Some(at(160)));
        let (earliest, latest, basis) = (at(480), at(580), Basis::Earlier(1));
        assert_eq!(found, SessionEnd::Estimated { earliest, latest, basis });
    }
}
