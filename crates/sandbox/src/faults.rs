//! Faults a test asks for, and requests it holds back.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

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
}

/// Faults waiting for their operation.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: HashMap<String, VecDeque<Fault>>,
    held: HashMap<String, Arc<Gate>>,
}

impl Faults {
    pub(crate) fn add(&mut self, operation: &str, fault: &Fault, times: usize) {
        let queue = self.waiting.entry(operation.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(fault.clone(), times));
    }

    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        self.waiting.get_mut(operation)?.pop_front()
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
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

/// Keeps requests waiting until opened.
#[derive(Debug)]
pub(crate) struct Gate {
    arrived: Mutex<usize>,
    arrival: Condvar,
    open: watch::Sender<bool>,
}

impl Gate {
    fn new() -> Self {
        Self { arrived: Mutex::new(0), arrival: Condvar::new(), open: watch::Sender::new(false) }
    }

    fn arrived(&self) -> MutexGuard<'_, usize> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn pass(&self) {
        let mut open = self.open.subscribe();
        *self.arrived() += 1;
        self.arrival.notify_all();
        let _ = open.wait_for(|open| *open).await;
    }
}

/// Requests of one operation wait, before they take effect, as long as this lives.
#[derive(Debug)]
#[must_use = "dropping it lets the requests go"]
pub struct Hold {
    gate: Arc<Gate>,
}

impl Hold {
    /// Blocks until `count` requests have arrived, at most `patience`; says whether
    /// they did.
    pub fn wait_for(&self, count: usize, patience: Duration) -> bool {
        let arrived = self.gate.arrived();
        let waiting = self.gate.arrival.wait_timeout_while(arrived, patience, |n| *n < count);
        *waiting.unwrap_or_else(PoisonError::into_inner).0 >= count
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.open.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_run_out() {
        let mut faults = Faults::default();
        faults.add("A", &Fault::DropBefore, 2);
        faults.add("A", &Fault::Bare(503), 1);
        assert_eq!(faults.take("B"), None);
        assert_eq!(faults.take("A"), Some(Fault::DropBefore));
        assert_eq!(faults.take("A"), Some(Fault::DropBefore));
        assert_eq!(faults.take("A"), Some(Fault::Bare(503)));
        assert_eq!(faults.take("A"), None);
    }

    #[test]
    fn nobody_arrives_at_a_fresh_gate() {
        let hold = Faults::default().hold("A");
        assert!(hold.wait_for(0, Duration::ZERO));
        assert!(!hold.wait_for(1, Duration::ZERO));
    }
}
