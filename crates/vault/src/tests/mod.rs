//! Tests of the whole.

use std::fmt::Display;

/// Says aloud that this machine cannot run a test.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn skipped(why: &dyn Display) {
    eprintln!("SKIPPED: {why}");
}
