//! Requests that a test holds back.

use std::sync::Arc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// Keeps requests waiting until opened.
#[derive(Debug)]
pub(crate) struct Gate {
    arrived: Mutex<usize>,
    arrival: Condvar,
    open: watch::Sender<bool>,
}

impl Gate {
    pub(super) fn new() -> Self {
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
    pub(super) gate: Arc<Gate>,
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
    fn nobody_arrives_at_a_fresh_gate() {
        let hold = Hold { gate: Arc::new(Gate::new()) };
        assert!(hold.wait_for(0, Duration::ZERO));
        assert!(!hold.wait_for(1, Duration::ZERO));
    }
}
