//! Keeps the shelf filled: gets credentials again before they end, one try at a
//! time for each profile.
//!
//! On a thread of its own: what gets credentials may read files or ask a keyring,
//! and a request must not wait for that.

use super::shelf::{Stock, Supply};
use daypass_core::credentials::RoleCredentials;
use daypass_core::host::Clock;
use daypass_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::{JoinSet, LocalSet};

/// Where credentials come from. The server knows no more of it than this.
pub trait Source: Send + 'static {
    /// Credentials of a profile, which should live as long as they can.
    fn credentials(&self, profile: &str) -> impl Future<Output = Result<RoleCredentials>>;
}

/// So much is left at least, so that no SDK (the first begin at 15 minutes) ever
/// finds it necessary to ask again and again.
const LEFT: SignedDuration = SignedDuration::from_mins(20);
/// Failed tries come at least so far apart, whoever asks.
const APART: SignedDuration = SignedDuration::from_secs(2);
/// And at most so far: a new login should be noticed soon.
const FAR_APART: SignedDuration = SignedDuration::from_secs(30);
/// Tries that went well come at least so far apart.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// How often the clock on the wall is looked at: timers stand still while a laptop
/// sleeps.
const LOOK: Duration = Duration::from_secs(15);

/// Fills the places from now on, until nobody reads them any more.
///
/// # Errors
/// [`Kind::Bug`]: the system gives no thread.
pub fn keep<S: Source>(source: S, supplies: Vec<Supply>, clock: Clock) -> Result<()> {
    let bug = |error: std::io::Error| {
        Error::new(Kind::Bug, "cannot start the thread that renews credentials")
            .because(error.to_string())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(bug)?;
    let work = move || {
        LocalSet::new().block_on(&runtime, async {
            let source = Rc::new(source);
            let mut tasks = JoinSet::new();
            for supply in supplies {
                tasks.spawn_local(keep_one(Rc::clone(&source), supply, clock.clone()));
            }
            while tasks.join_next().await.is_some() {}
        });
    };
    std::thread::Builder::new().name("keeper".into()).spawn(work).map(drop).map_err(bug)
}

async fn keep_one<S: Source>(source: Rc<S>, supply: Supply, clock: Clock) {
    let failed = supply.stock.borrow().failure.is_some();
    let mut pace = Pace { failures: failed.into(), last: clock.now() };
    while until_due(&supply, &clock, pace).await {
        let outcome = source.credentials(&supply.profile).await;
        tracing::debug!(profile = %supply.profile, well = outcome.is_ok(), "credentials");
        let failures = if outcome.is_ok() { 0 } else { pace.failures.saturating_add(1) };
        pace = Pace { failures, last: clock.now() };
        supply.put(outcome, pace.last);
    }
}

/// Waits for the next try; false when nobody reads any more.
async fn until_due(supply: &Supply, clock: &Clock, pace: Pace) -> bool {
    let mut nudged = false;
    loop {
        let wait = pace.wait(&supply.stock.borrow(), clock.now(), nudged);
        let wait = Duration::try_from(wait).unwrap_or_default();
        if wait.is_zero() {
            return true;
        }
        tokio::select! {
            () = supply.stock.closed() => return false,
            () = supply.nudge.notified(), if !nudged => nudged = true,
            () = tokio::time::sleep(wait.min(LOOK)) => {}
        }
    }
}

/// The tries so far.
#[derive(Clone, Copy, Debug)]
struct Pace {
    failures: u32,
    last: Timestamp,
}

impl Pace {
    /// How long it is until the next try.
    fn wait(self, stock: &Stock, now: Timestamp, nudged: bool) -> SignedDuration {
        // A clock that was set back must not make the wait longer.
        let rest = |apart: SignedDuration| (apart - now.duration_since(self.last)).min(apart);
        if self.failures == 0 {
            let Some(held) = &stock.held else { return SignedDuration::ZERO };
            let Some(end) = held.credentials.expiration else { return SignedDuration::MAX };
            let life = end.duration_since(held.since);
            // Who gives the same credentials again is not asked without pause.
            return (end.duration_since(now) - LEFT.min(life / 2)).max(rest(PAUSE));
        }
        let growing = APART * (1 << self.failures.min(8)) / 2;
        let missed = nudged && stock.living(now).is_none();
        let apart = if missed { APART } else { growing.min(FAR_APART) };
        rest(apart)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Shelf;
    use super::super::testing::{credentials, runtime, time};
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const WELL: Pace = Pace { failures: 0, last: Timestamp::UNIX_EPOCH };

    fn stock(got: Option<(i64, Option<i64>)>) -> Stock {
        let (_shelf, supplies) = Shelf::new("a", &[], Clock::new(|| time(0)));
        if let Some((since, end)) = got {
            supplies[0].put(Ok(credentials(end)), time(since));
        }
        supplies[0].stock.borrow().clone()
    }

    #[test]
    fn credentials_are_renewed_with_twenty_minutes_or_half_their_life_left() {
        let wait = |got, now| Pace::wait(WELL, &stock(got), time(now), false).as_secs();
        assert_eq!(wait(None, 0), 0);
        assert_eq!(wait(Some((0, Some(3600))), 0), 2400);
        assert_eq!(wait(Some((0, Some(3600))), 2400), 0);
        assert_eq!(wait(Some((0, Some(1800))), 100), 800);
        assert!(wait(Some((0, Some(3600))), 9000) < 0, "after a night asleep");
        let again = Pace { failures: 0, last: time(100) };
        assert_eq!(again.wait(&stock(Some((100, Some(100)))), time(100), false).as_secs(), 1);
        assert!(wait(Some((0, None)), 0) > 1_000_000, "long-lived keys");
    }

    #[test]
    fn failed_tries_grow_apart_and_a_waiting_client_brings_them_forward() {
        let wait = |failures, nudged, end| {
            let pace = Pace { failures, last: time(100) };
            Pace::wait(pace, &stock(Some((0, Some(end)))), time(100), nudged).as_secs()
        };
        assert_eq!([1, 2, 3, 4, 9, 99].map(|n| wait(n, false, 50)), [2, 4, 8, 16, 30, 30]);
        assert_eq!(wait(9, true, 50), 2);
        assert_eq!(wait(9, true, 5000), 30, "nobody goes without");
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nothing() {
        let pace = Pace { failures: 1, last: time(10_000) };
        assert_eq!(pace.wait(&stock(None), time(0), false).as_secs(), 2);
    }

    struct Counted(Arc<AtomicUsize>);

    impl Source for Counted {
        async fn credentials(&self, _: &str) -> Result<RoleCredentials> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(credentials(None))
        }
    }

    #[test]
    fn many_requests_are_one_try_and_the_thread_ends_with_its_readers() {
        let count = Arc::new(AtomicUsize::new(0));
        let clock = Clock::new(|| time(0));
        let (shelf, supplies) = Shelf::new("a", &[], clock.clone());
        keep(Counted(Arc::clone(&count)), supplies, clock).unwrap();
        let all = async {
            let asked: Vec<_> = (0..20).map(|_| Arc::clone(&shelf)).collect();
            let mut tasks = JoinSet::new();
            for shelf in asked {
                tasks.spawn(async move { shelf.take("a").await.unwrap().is_ok() });
            }
            tasks.join_all().await
        };
        assert_eq!(runtime().block_on(all), [true; 20]);
        assert_eq!(count.load(Ordering::SeqCst), 1);
        drop(shelf);
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        // The source is dropped with the thread.
        while Arc::strong_count(&count) > 1 {
            assert!(std::time::Instant::now() < deadline, "the thread goes on");
            std::thread::yield_now();
        }
    }
}
