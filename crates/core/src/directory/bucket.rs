//! How fast the portal may be asked: a token bucket that learns.

use std::time::{Duration, Instant};

/// Just below the portal's limit of 20 a second, which counts every tool of the user.
const START: f64 = 19.5;

/// However the portal feels, it is asked now and then.
const LEAST: f64 = 0.5;

/// Requests a second that are won back in a second.
const RECOVERY: f64 = 1.0;

/// Of the rate that was refused, what is tried again.
const LESSON: f64 = 0.9;

/// And how much more each second, in case it was somebody else's storm.
const CREEP: f64 = 0.05;

/// When the next request may go. The rate is halved on 429, wins back one request a
/// second each second, and stays a little below what was refused.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    ceiling: f64,
    due: Instant,
    cut_at: Option<Instant>,
    recovered_at: Instant,
}

impl Bucket {
    pub fn new(now: Instant) -> Self {
        Self { rate: START, ceiling: START, due: now, cut_at: None, recovered_at: now }
    }

    /// When the next request may be sent.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Requests a second at the moment.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// A request is sent. `lot` is drawn between 0 and 1: two processes do not stay in
    /// step with each other.
    pub fn take(&mut self, now: Instant, lot: f64) {
        let gap = Duration::from_secs_f64(1.0 / self.rate);
        // A timer that was late is made up for, by one request and no more.
        let from = self.due.max(now.checked_sub(gap).unwrap_or(now));
        self.due = from + gap.mul_f64(0.96 + 0.08 * lot);
    }

    /// The portal took a request.
    pub fn granted(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.recovered_at).as_secs_f64();
        self.recovered_at = self.recovered_at.max(now);
        self.ceiling = (self.ceiling + CREEP * passed).min(START);
        self.rate = (self.rate + RECOVERY * passed).min(self.ceiling);
    }

    /// The portal was asked too often. What was sent before the rate was cut does not
    /// count again.
    pub fn refused(&mut self, now: Instant, lot: f64) {
        const ECHO: Duration = Duration::from_secs(1);
        if self.cut_at.is_none_or(|cut| now.saturating_duration_since(cut) >= ECHO) {
            self.ceiling = (self.rate * LESSON).max(LEAST);
            self.rate = (self.rate / 2.0).max(LEAST);
            self.cut_at = Some(now);
            self.recovered_at = now;
        }
        self.pause(now, ECHO.mul_f64(0.5 + 0.5 * lot));
    }

    /// Nothing is sent for a while.
    pub fn pause(&mut self, now: Instant, pause: Duration) {
        self.due = self.due.max(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How many requests go out in that time, by a clock that stops when it is told.
    fn sent(bucket: &mut Bucket, from: Instant, span: Duration) -> usize {
        let mut count = 0;
        while bucket.due() < from + span {
            let now = bucket.due().max(from);
            bucket.take(now, 0.5);
            bucket.granted(now);
            count += 1;
        }
        count
    }

    #[test]
    fn it_stays_below_twenty_a_second_in_every_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        for second in 0..60 {
            let count = sent(&mut bucket, start + SECOND * second, SECOND);
            assert!((19..=20).contains(&count), "{count}");
        }
    }

    #[test]
    fn a_late_timer_is_made_up_for_by_one_request_only() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        bucket.take(start + SECOND * 5, 0.5);
        bucket.take(start + SECOND * 5, 0.5);
        assert!(bucket.due() > start + SECOND * 5);
    }

    #[test]
    fn it_halves_once_for_a_burst_and_recovers_slowly() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        for _ in 0..8 {
            bucket.refused(start, 0.0);
        }
        assert!((bucket.rate() - START / 2.0).abs() < 0.01);
        assert!(bucket.due() >= start + SECOND / 2);
        bucket.granted(start + SECOND * 3);
        assert!((bucket.rate() - (START / 2.0 + 3.0)).abs() < 0.01);
        bucket.granted(start + SECOND * 30);
        assert!(bucket.rate() < START, "what was refused is not tried at once");
        bucket.granted(start + SECOND * 600);
        assert!((bucket.rate() - START).abs() < 0.01);
    }

    #[test]
    fn a_portal_that_refuses_everything_is_asked_now_and_then() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        for second in 0..100 {
            bucket.refused(start + SECOND * 2 * second, 1.0);
        }
        assert!((bucket.rate() - LEAST).abs() < f64::EPSILON);
    }
}
