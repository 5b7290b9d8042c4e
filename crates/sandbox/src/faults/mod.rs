//! Faults: asked for one by one, or met by chance.

mod gate;
mod kind;
mod upset;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::dice::Dice;
use crate::http::Refusal;
use crate::pages;
use crate::services::Service;

pub(crate) use gate::Gate;
pub use gate::Hold;
pub use kind::{FaultKind, Rate};
pub(crate) use upset::upset;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An error answer in the service's own shape; nothing happens.
    Status(u16, String),
    /// An HTTP status with an empty body; nothing happens.
    Bare(u16),
    /// This answer instead: status, headers, body; nothing happens.
    Reply(u16, Vec<(String, String)>, String),
    /// The connection closes; nothing happens.
    DropBefore,
    /// The request takes effect, then the connection closes without an answer.
    DropAfter,
    /// The request takes effect; the answer's body is cut in half.
    Truncate,
    /// The answer comes this much later, in real time.
    Delay(Duration),
    /// 429, 500 or 503 as the service says it; nothing happens.
    Storm(u16),
    /// The request takes effect; half the answer's body comes, then the end of the
    /// connection.
    CutOff,
    /// The request takes effect; the answer's body is something else.
    Garbage,
    /// The request takes effect; the answer's body comes in ten pieces, this long
    /// after each other.
    Drip(Duration),
    /// For this request the sandbox's clock is wrong by this much.
    Skew(SignedDuration),
    /// The access token of the request is revoked before it is looked at.
    RevokedToken,
    /// The client registration of the request is forgotten.
    ForgottenClient,
    /// The authorization or device code of the request has expired.
    ExpiredCode,
    /// The device of the request was denied.
    DeniedUser,
    /// The temporary access key that signed the request is withdrawn.
    RotatedKeys,
}

impl Fault {
    /// What the journal calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Status(status, code) => format!("{status} {code}"),
            Self::Bare(status) | Self::Storm(status) => status.to_string(),
            Self::Reply(status, ..) => format!("{status} of one's own"),
            Self::DropBefore => "drop-before".into(),
            Self::DropAfter => "drop-after".into(),
            Self::Truncate => "truncate".into(),
            Self::Delay(delay) => format!("latency {} ms", delay.as_millis()),
            Self::CutOff => "cut-off".into(),
            Self::Garbage => "garbage".into(),
            Self::Drip(_) => "drip".into(),
            Self::Skew(skew) => format!("skew {} s", skew.as_secs()),
            Self::RevokedToken => "revoked-token".into(),
            Self::ForgottenClient => "forgotten-client".into(),
            Self::ExpiredCode => "expired-code".into(),
            Self::DeniedUser => "denied-user".into(),
            Self::RotatedKeys => "rotated-keys".into(),
        }
    }
}

/// How a service says 429, 500 or 503; `None` is an empty body.
pub(crate) fn storm(service: Service, status: u16) -> Option<Refusal> {
    let (status, code, text) = match (service, status) {
        (Service::Portal, 429) => (429, "TooManyRequestsException", "HTTP 429 Too Many Requests"),
        (Service::Oidc, 500) => (500, "InternalServerException", "an error on our side"),
        (Service::Sts, 429) => (400, "Throttling", "Rate exceeded"),
        (Service::Sts, 503) => (503, "ServiceUnavailable", "The service is unavailable"),
        (Service::Sts, _) => (500, "InternalFailure", "We encountered an internal error"),
        (Service::S3, 429 | 503) => (503, "SlowDown", "Please reduce your request rate."),
        (Service::S3, _) => (500, "InternalError", "We encountered an internal error."),
        _ => return None,
    };
    Some(Refusal::new(status, code, text))
}

/// Faults waiting for their operation, and chances.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: HashMap<String, VecDeque<Fault>>,
    rates: Vec<Rate>,
    held: HashMap<String, Arc<Gate>>,
}

impl Faults {
    pub(crate) fn add(&mut self, operation: &str, fault: &Fault, times: usize) {
        let queue = self.waiting.entry(operation.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(fault.clone(), times));
    }

    /// A chance; one of the same kind and operation is replaced.
    pub(crate) fn set_rate(&mut self, rate: Rate) {
        self.rates.retain(|old| (old.kind, &old.operation) != (rate.kind, &rate.operation));
        if rate.percent > 0.0 {
            self.rates.push(rate);
        }
    }

    pub(crate) fn rates(&self) -> &[Rate] {
        &self.rates
    }

    /// The faults that wait, by operation.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (&str, &Fault)> {
        let queues = self.waiting.iter();
        queues.flat_map(|(name, queue)| queue.iter().map(move |fault| (name.as_str(), fault)))
    }

    /// What this request meets: what was asked for, else what the dice say.
    pub(crate) fn take(
        &mut self,
        service: Service,
        operation: &str,
        dice: &mut Dice,
    ) -> Option<Fault> {
        let waiting = self.waiting.get_mut(operation).and_then(VecDeque::pop_front);
        waiting.or_else(|| self.roll(service, operation, dice))
    }

    fn roll(&mut self, service: Service, operation: &str, dice: &mut Dice) -> Option<Fault> {
        let page = pages::is_page(operation);
        let concerns = |rate: &&Rate| match &rate.operation {
            Some(only) => only == operation,
            None => !page && rate.kind.concerns(service, operation),
        };
        let hit = self.rates.iter().filter(concerns).find(|rate| dice.percent(rate.percent));
        let kind = hit?.kind;
        let fault = kind.rolled(dice);
        if kind.is_storm() {
            let more = usize::try_from(dice.below(4)).unwrap_or(0);
            self.add(operation, &fault, more);
        }
        Some(fault)
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.rates.clear();
    }

    pub(crate) fn hold(&mut self, operation: &str) -> Hold {
        let gate = Arc::new(Gate::new());
        self.held.insert(operation.to_owned(), Arc::clone(&gate));
        Hold { gate }
    }

    /// The gate this operation has to pass, if a test holds it.
    pub(crate) fn gate(&self, operation: &str) -> Option<Arc<Gate>> {
        self.held.get(operation).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(faults: &mut Faults, operation: &str) -> Option<Fault> {
        faults.take(Service::Portal, operation, &mut Dice::new(3))
    }

    #[test]
    fn faults_come_in_order_and_run_out() {
        let mut faults = Faults::default();
        faults.add("A", &Fault::DropBefore, 2);
        faults.add("A", &Fault::Bare(503), 1);
        assert_eq!(take(&mut faults, "B"), None);
        assert_eq!(take(&mut faults, "A"), Some(Fault::DropBefore));
        assert_eq!(take(&mut faults, "A"), Some(Fault::DropBefore));
        assert_eq!(take(&mut faults, "A"), Some(Fault::Bare(503)));
        assert_eq!(take(&mut faults, "A"), None);
    }

    #[test]
    fn chances_meet_those_they_concern() {
        let mut faults = Faults::default();
        let rate = |kind, operation: Option<&str>| Rate {
            kind,
            percent: 100.0,
            operation: operation.map(str::to_owned),
        };
        faults.set_rate(rate(FaultKind::RotatedKeys, None));
        assert_eq!(take(&mut faults, "ListAccounts"), None, "the portal knows no keys");
        faults.set_rate(rate(FaultKind::Garbage, Some("ListAccounts")));
        assert_eq!(take(&mut faults, "ListAccounts"), Some(Fault::Garbage));
        assert_eq!(take(&mut faults, "Logout"), None);
        faults.set_rate(rate(FaultKind::Unavailable, None));
        assert_eq!(take(&mut faults, "Consent"), None, "pages are left alone");
        assert_eq!(take(&mut faults, "Logout"), Some(Fault::Storm(503)));
        faults.set_rate(Rate { percent: 0.0, ..rate(FaultKind::Unavailable, None) });
        assert_eq!(faults.rates().len(), 2);
    }
}
