//! What the endpoint answers from: each profile's credentials, in memory.

use daypass_core::credentials::RoleCredentials;
use daypass_core::host::Clock;
use daypass_core::{Error, Kind};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long a request waits for credentials that are on their way: the most
/// impatient SDK (JavaScript) gives up after a second.
const PATIENCE: Duration = Duration::from_millis(800);

/// Credentials, and since when we have them.
#[derive(Debug)]
pub struct Held {
    pub credentials: RoleCredentials,
    pub since: Timestamp,
}

/// What there is of one profile.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// The last that were got; perhaps expired.
    pub held: Option<Arc<Held>>,
    /// Why the last try brought none.
    pub failure: Option<Error>,
    /// How often it was tried.
    pub tries: u64,
}

impl Stock {
    /// The credentials, while they live.
    pub fn living(&self, now: Timestamp) -> Option<&Arc<Held>> {
        self.held.as_ref().filter(|held| held.lives(now))
    }
}

impl Held {
    /// A client that gets them should still have the time to use them.
    fn lives(&self, now: Timestamp) -> bool {
        const A_CALL: SignedDuration = SignedDuration::from_secs(1);
        self.credentials.expiration.is_none_or(|end| end.duration_since(now) > A_CALL)
    }
}

/// The profiles in service, for those who read.
pub struct Shelf {
    places: BTreeMap<String, Place>,
    first: String,
    clock: Clock,
    bell: Arc<Notify>,
}

struct Place {
    stock: watch::Receiver<Stock>,
    nudge: Arc<Notify>,
}

/// One profile's place, for the one who fills it.
pub struct Supply {
    pub profile: String,
    pub stock: watch::Sender<Stock>,
    /// Somebody waits for credentials that are not there.
    pub nudge: Arc<Notify>,
    bell: Arc<Notify>,
}

impl Supply {
    /// Puts the outcome of a try on the shelf.
    pub fn put(&self, outcome: Result<RoleCredentials, Error>, now: Timestamp) {
        self.stock.send_modify(|stock| {
            stock.tries += 1;
            match outcome {
                Ok(credentials) => {
                    stock.held = Some(Arc::new(Held { credentials, since: now }));
                    stock.failure = None;
                }
                Err(error) => stock.failure = Some(error),
            }
        });
        self.bell.notify_one();
    }
}

impl Shelf {
    /// An empty shelf with a place for each profile; the first is the one that is
    /// meant by a path that names none.
    pub fn new(first: &str, others: &[String], clock: Clock) -> (Arc<Self>, Vec<Supply>) {
        let bell = Arc::new(Notify::new());
        let (mut places, mut supplies) = (BTreeMap::new(), Vec::new());
        for profile in std::iter::once(first).chain(others.iter().map(String::as_str)) {
            if places.contains_key(profile) {
                continue;
            }
            let (stock, reader) = watch::channel(Stock::default());
            let nudge = Arc::new(Notify::new());
            places.insert(profile.to_owned(), Place { stock: reader, nudge: Arc::clone(&nudge) });
            let bell = Arc::clone(&bell);
            supplies.push(Supply { profile: profile.to_owned(), stock, nudge, bell });
        }
        (Arc::new(Self { places, first: first.to_owned(), clock, bell }), supplies)
    }

    /// The profile meant by a path that names none.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What there is at this moment, of every profile.
    pub fn stocks(&self) -> Vec<(&str, Stock)> {
        let all = self.places.iter();
        all.map(|(name, place)| (name.as_str(), place.stock.borrow().clone())).collect()
    }

    /// Waits until something is put on the shelf. For one listener.
    pub async fn changed(&self) {
        self.bell.notified().await;
    }

    /// A profile's credentials, or why there are none; `None` for a profile that is
    /// not in service.
    pub async fn take(&self, profile: &str) -> Option<Result<Arc<Held>, Error>> {
        let place = self.places.get(profile)?;
        let mut stock = place.stock.clone();
        let before = stock.borrow().tries;
        if stock.borrow().living(self.now()).is_none() {
            place.nudge.notify_one();
            let new = |stock: &Stock| stock.tries > before || stock.living(self.now()).is_some();
            let _ = tokio::time::timeout(PATIENCE, stock.wait_for(new)).await;
        }
        let stock = stock.borrow();
        Some(match stock.living(self.now()) {
            Some(held) => Ok(Arc::clone(held)),
            None => Err(stock.failure.clone().unwrap_or_else(|| not_yet(profile))),
        })
    }
}

fn not_yet(profile: &str) -> Error {
    let profile = profile.escape_debug();
    Error::new(Kind::Network, format!("the credentials of profile `{profile}` are on their way"))
        .hint("try again in a second")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{credentials, runtime, time};
    use super::*;

    fn shelf_at(now: i64) -> (Arc<Shelf>, Vec<Supply>) {
        Shelf::new("a", &["b".to_owned(), "a".to_owned()], Clock::new(move || time(now)))
    }

    #[test]
    fn a_profile_has_one_place_however_often_it_is_named() {
        let (shelf, supplies) = shelf_at(0);
        assert_eq!(supplies.len(), 2);
        assert_eq!(shelf.stocks().len(), 2);
        assert!(runtime().block_on(shelf.take("c")).is_none());
    }

    #[test]
    fn expired_credentials_are_not_handed_out() {
        let (shelf, supplies) = shelf_at(100);
        supplies[0].put(Ok(credentials(Some(101))), time(0));
        supplies[0].put(Err(Error::new(Kind::LoginNeeded, "the session has ended")), time(100));
        let error = runtime().block_on(shelf.take("a")).unwrap().unwrap_err();
        assert_eq!(error.message(), "the session has ended");
        supplies[0].put(Ok(credentials(Some(200))), time(100));
        assert!(runtime().block_on(shelf.take("a")).unwrap().is_ok());
    }

    #[test]
    fn living_credentials_are_handed_out_though_renewing_failed() {
        let (shelf, supplies) = shelf_at(100);
        supplies[0].put(Ok(credentials(Some(200))), time(0));
        supplies[0].put(Err(Error::new(Kind::Network, "no route")), time(50));
        assert!(runtime().block_on(shelf.take("a")).unwrap().is_ok());
    }

    #[test]
    fn who_comes_too_early_gets_what_arrives_meanwhile() {
        let (shelf, supplies) = shelf_at(0);
        let arriving = async {
            supplies[0].nudge.notified().await;
            supplies[0].put(Ok(credentials(None)), time(0));
        };
        let (taken, ()) = runtime().block_on(async { tokio::join!(shelf.take("a"), arriving) });
        assert!(taken.unwrap().is_ok());
    }
}
