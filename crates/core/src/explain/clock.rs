//! Two clocks that disagree: the service's stands in each of its answers.

use crate::aws::Answer;
use jiff::{SignedDuration, Timestamp};

/// What mends a clock, wherever that is.
pub(super) const MEND: &str = "set this machine's clock right and try again: \
    `sudo timedatectl set-ntp true`, in WSL `sudo hwclock --hctosys`";

/// More than AWS tolerates in a signature.
const TOLERATED: SignedDuration = SignedDuration::from_mins(5);

/// How far this machine's clock is off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Off(SignedDuration);

/// How far our clock is from the answer's, if that is worth a word.
pub(super) fn off(answer: &Answer, now: Timestamp) -> Option<Off> {
    let ahead = answer.date?.duration_since(now);
    (ahead.abs() > TOLERATED).then_some(Off(ahead))
}

/// Whether the answer is one that a wrong clock brings about.
pub(super) fn is_blamed(answer: &Answer) -> bool {
    let codes = [
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "RequestExpired",
        "InvalidSignatureException",
    ];
    codes.contains(&answer.code.as_str())
}

impl Off {
    /// Which clock, by how much, in which direction.
    pub(super) fn sentence(self) -> String {
        let direction = if self.0.is_positive() { "behind" } else { "ahead of" };
        format!("this machine's clock is {} {direction} that of AWS", amount(self.0.abs()))
    }
}

fn amount(off: SignedDuration) -> String {
    // An answer's date has whole seconds, and took a moment to arrive.
    let minutes = (off.as_secs() + 30) / 60;
    match minutes {
        ..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_to_what_people_say() {
        for (seconds, words) in [
            (19 * 60 + 58, "20 minutes"),
            (90 * 60, "90 minutes"),
            (7 * 3600 + 59 * 60, "8 hours"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(amount(SignedDuration::from_secs(seconds)), words);
        }
    }
}
