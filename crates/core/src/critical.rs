//! Stretches of work that must not be broken off: between the moment a single-use
//! token is spent and the moment its successor is on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the stretches under way, so that Ctrl-C can wait for their end.
#[derive(Clone, Debug, Default)]
pub struct Critical(Arc<AtomicUsize>);

/// One stretch; it ends when this is dropped.
#[derive(Debug)]
#[must_use = "the stretch lasts as long as this value"]
pub struct Stretch(Critical);

impl Critical {
    /// Begins a stretch.
    pub fn enter(&self) -> Stretch {
        self.0.fetch_add(1, Ordering::SeqCst);
        Stretch(self.clone())
    }

    /// Whether any is under way.
    pub fn is_busy(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Stretch {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_busy_until_the_last_stretch_ends() {
        let critical = Critical::default();
        let (one, other) = (critical.enter(), critical.clone().enter());
        drop(one);
        assert!(critical.is_busy());
        drop(other);
        assert!(!critical.is_busy());
    }
}
