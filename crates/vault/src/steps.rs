//! Where a process may be killed, for the tests that kill it there.

#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};

/// The step at which this process kills itself; 0 for never.
#[cfg(test)]
pub(crate) static STOP_AT: AtomicUsize = AtomicUsize::new(0);

/// One more step is done. Nothing outside tests.
#[cfg(not(test))]
#[inline]
pub(crate) fn reached() {}

/// One more step is done.
#[cfg(all(test, unix))]
pub(crate) fn reached() {
    let left = STOP_AT.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    if left == Ok(1) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// One more step is done.
#[cfg(all(test, not(unix)))]
pub(crate) fn reached() {}
