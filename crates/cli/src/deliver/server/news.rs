//! What the person at the terminal should know of the server's profiles.

use super::shelf::{Shelf, Stock};
use daypass_core::{Error, Kind};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Something has changed for good, or until somebody acts.
#[derive(Debug)]
pub enum News {
    /// Only a login helps; what there is lives until then.
    Ending { profile: String, error: Error, until: Option<Timestamp> },
    /// There are credentials again.
    Back { profile: String },
}

/// How long to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// Until no profile has anything left, and no hope without a login.
    UntilOver,
    /// Beyond that: somebody may log in again.
    ForEver,
}

/// Tells the news. Returns why it is over.
pub async fn follow(shelf: &Shelf, stay: Stay, tell: impl Fn(&News)) -> Error {
    const LOOK: Duration = Duration::from_secs(15);
    let mut told = Told::default();
    loop {
        let now = shelf.now();
        let stocks = shelf.stocks();
        told.news(&stocks, now).iter().for_each(&tell);
        if stay == Stay::UntilOver
            && let Some(error) = over(&stocks, now)
        {
            return error;
        }
        let ends = stocks.iter().filter_map(|(_, stock)| stock.living(now)?.credentials.expiration);
        let next = ends.map(|end| Duration::try_from(end.duration_since(now)).unwrap_or_default());
        let next = next.min().unwrap_or(LOOK).clamp(Duration::from_millis(50), LOOK);
        let _ = tokio::time::timeout(next, shelf.changed()).await;
    }
}

/// Which profiles' end was told, by the command that helps: five profiles of one
/// login are one piece of news.
#[derive(Default)]
struct Told(BTreeMap<String, String>);

impl Told {
    fn news(&mut self, stocks: &[(&str, Stock)], now: Timestamp) -> Vec<News> {
        stocks.iter().filter_map(|(profile, stock)| self.of_one(profile, stock, now)).collect()
    }

    fn of_one(&mut self, profile: &str, stock: &Stock, now: Timestamp) -> Option<News> {
        let needs = stock.failure.as_ref().filter(|error| error.kind() == Kind::LoginNeeded);
        match (needs, self.0.get(profile)) {
            (Some(error), None) => {
                let command = error.next_step().unwrap_or_default().to_owned();
                let known = self.0.values().any(|told| *told == command);
                self.0.insert(profile.to_owned(), command);
                let until = stock.living(now).and_then(|held| held.credentials.expiration);
                let (profile, error) = (profile.to_owned(), error.clone());
                (!known).then_some(News::Ending { profile, error, until })
            }
            (None, Some(_)) if stock.failure.is_none() => {
                let command = self.0.remove(profile)?;
                let last = !self.0.values().any(|told| *told == command);
                last.then(|| News::Back { profile: profile.to_owned() })
            }
            _ => None,
        }
    }
}

/// Why nothing can be served any more, if that is so.
fn over(stocks: &[(&str, Stock)], now: Timestamp) -> Option<Error> {
    let dead = |stock: &Stock| {
        let needs = stock.failure.as_ref().is_some_and(|e| e.kind() == Kind::LoginNeeded);
        needs && stock.living(now).is_none()
    };
    stocks.iter().all(|(_, stock)| dead(stock)).then(|| stocks.first()?.1.failure.clone())?
}

#[cfg(test)]
mod tests {
    use super::super::testing::{credentials, time};
    use super::*;
    use daypass_core::host::Clock;

    fn ended() -> Error {
        Error::new(Kind::LoginNeeded, "the session has ended").hint("run `daypass sso login`")
    }

    #[test]
    fn the_end_of_a_login_is_told_once_for_all_its_profiles_and_so_is_its_return() {
        let (shelf, supplies) = Shelf::new("a", &["b".to_owned()], Clock::new(|| time(0)));
        let mut told = Told::default();
        let mut news = || told.news(&shelf.stocks(), time(0));
        assert!(news().is_empty());
        supplies[0].put(Ok(credentials(Some(600))), time(0));
        supplies.iter().for_each(|supply| supply.put(Err(ended()), time(0)));
        let first = news();
        assert!(
            matches!(&first[..], [News::Ending { until: Some(end), .. }] if *end == time(600)),
            "{first:?}"
        );
        assert!(news().is_empty());
        supplies[0].put(Ok(credentials(Some(9000))), time(0));
        assert!(news().is_empty(), "b has none yet");
        supplies[1].put(Ok(credentials(Some(9000))), time(0));
        assert!(matches!(&news()[..], [News::Back { .. }]));
    }

    #[test]
    fn it_is_over_when_no_profile_has_anything_left() {
        let (shelf, supplies) = Shelf::new("a", &["b".to_owned()], Clock::new(|| time(0)));
        supplies.iter().for_each(|supply| supply.put(Ok(credentials(Some(600))), time(0)));
        let is_over = |now| over(&shelf.stocks(), time(now)).is_some();
        assert!(!is_over(700), "it may be renewed");
        supplies[0].put(Err(ended()), time(0));
        supplies[1].put(Err(Error::new(Kind::Network, "no route")), time(0));
        assert!(!is_over(700), "the network may come back");
        supplies[1].put(Err(ended()), time(0));
        assert!(!is_over(500));
        assert!(is_over(700));
    }
}
