//! The sandbox's own clock: real time plus offsets that a test sets.

use jiff::{SignedDuration, Timestamp};

/// Real time, moved. `advanced` only grows (time that "went by"); `skew` is how
/// wrong the sandbox's clock is, either way.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Clock {
    advanced: SignedDuration,
    frozen: Option<Timestamp>,
    skew: SignedDuration,
}

impl Clock {
    /// The sandbox's time: what lifetimes are measured by and `Date` says.
    pub(crate) fn now(&self) -> Timestamp {
        let real = self.frozen.unwrap_or_else(real_now);
        moved(moved(real, self.skew), self.advanced)
    }

    /// As `now`, but never frozen: a clock that a test has stopped must not make a
    /// second last for ever.
    pub(crate) fn flowing(&self) -> Timestamp {
        moved(self.unadvanced(), self.advanced)
    }

    /// The time without `advance`, for the age of signatures: a client that signs
    /// by its own real clock is not wrong because a test let eight hours go by.
    pub(crate) fn unadvanced(&self) -> Timestamp {
        moved(real_now(), self.skew)
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    /// From now on only `advance` and `set_skew` move the sandbox's time.
    pub(crate) fn freeze(&mut self) {
        self.frozen = Some(real_now());
    }

    /// Time goes on, from the real time.
    pub(crate) fn thaw(&mut self) {
        self.frozen = None;
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    pub(crate) fn advanced(&self) -> SignedDuration {
        self.advanced
    }

    pub(crate) fn skew(&self) -> SignedDuration {
        self.skew
    }

    pub(crate) fn set_skew(&mut self, skew: SignedDuration) {
        self.skew = skew;
    }
}

/// `instant` + `by`, held at the ends of representable time.
pub(crate) fn moved(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(instant)
}

/// `instant` + whole seconds.
pub(crate) fn after(instant: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    moved(instant, SignedDuration::from_secs(seconds))
}

#[expect(clippy::disallowed_methods, reason = "the one place the sandbox reads real time")]
pub(crate) fn real_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advance_moves_now_but_not_the_age_of_signatures() {
        let mut clock = Clock::default();
        clock.advance(SignedDuration::from_hours(8));
        let real = clock.unadvanced();
        assert!(clock.now().duration_since(real) >= SignedDuration::from_hours(8));
    }

    #[test]
    fn skew_moves_both() {
        let mut clock = Clock::default();
        let before = clock.now();
        clock.set_skew(SignedDuration::from_mins(-20));
        assert!(clock.now() < before);
        assert!(clock.unadvanced() < before);
    }
}
