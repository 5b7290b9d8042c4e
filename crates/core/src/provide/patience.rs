//! A portal that is asked for too much.

use super::stored::Need;
use crate::aws::{Aws, Fault};
use std::time::{Duration, Instant};

/// How long 429 is waited out. The portal takes 20 requests a second: two hundred
/// processes that want two hundred roles are through within ten.
const PATIENCE: Duration = Duration::from_secs(40);

/// Asks again, after a while drawn by lot, as long as the answer is 429. The SDK's own
/// three attempts are over within two seconds, which is right for one command and too
/// little for a crowd. Whoever has set a number of attempts gets just those.
pub(super) async fn patiently<T>(
    aws: &Aws,
    need: Need,
    call: impl AsyncFn() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let deadline = Instant::now() + PATIENCE;
    let may_wait = need == Need::Now && !aws.connection().attempts_are_set;
    let mut longest = Duration::from_secs(1);
    loop {
        let fault = match call().await {
            Err(fault) if may_wait && is_throttled(&fault) => fault,
            other => return other,
        };
        let pause = part_of(longest);
        if Instant::now() + pause >= deadline {
            return Err(fault);
        }
        tracing::debug!(?pause, "the portal is busy");
        tokio::time::sleep(pause).await;
        longest = (longest * 2).min(Duration::from_secs(8));
    }
}

fn is_throttled(fault: &Fault) -> bool {
    fault.answer().is_some_and(|answer| answer.status == 429)
}

/// A share of the time drawn by lot, so that a crowd does not come back together.
fn part_of(longest: Duration) -> Duration {
    let mut byte = [128];
    // Without random numbers everybody waits for half of it.
    let _ = getrandom::fill(&mut byte);
    longest.mul_f64(f64::from(byte[0]) / 255.0)
}
