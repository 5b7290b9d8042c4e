//! Lengths of time as people say them.

use jiff::{SignedDuration, Timestamp};

/// `2 h 5 min`, `3 d 4 h`, `89 d`: what is smaller than it matters is left out.
pub fn span(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1..=6, 1.., _) => format!("{days} d {hours} h"),
        (days, ..) => format!("{days} d"),
    }
}

/// `2h`, `58m`, `3d`: for a shell's prompt.
pub fn short(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    match seconds {
        0..60 => "<1m".to_owned(),
        60..3600 => format!("{}m", seconds / 60),
        3600..36_000 if seconds / 60 % 60 > 0 => {
            format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60)
        }
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `58 min left`, or `ended 3 h ago`.
pub fn left(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    match left.is_positive() {
        true => format!("{} left", span(left)),
        false => format!("ended {} ago", span(-left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_what_matters() {
        for (seconds, said, shortly) in [
            (-5, "less than a minute", "<1m"),
            (59, "less than a minute", "<1m"),
            (60, "1 min", "1m"),
            (3599, "59 min", "59m"),
            (3600, "1 h", "1h"),
            (7139, "1 h 58 min", "1h58m"),
            (36_060, "10 h 1 min", "10h"),
            (86_400, "1 d", "24h"),
            (93_600, "1 d 2 h", "26h"),
            (7 * 86_400 + 3600, "7 d", "7d"),
            (89 * 86_400, "89 d", "89d"),
        ] {
            let time = SignedDuration::from_secs(seconds);
            assert_eq!((span(time).as_str(), short(time).as_str()), (said, shortly), "{seconds}");
        }
    }

    #[test]
    fn what_is_over_is_said_to_be() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert_eq!(left(at(3600), at(0)), "1 h left");
        assert_eq!(left(at(0), at(7200)), "ended 2 h ago");
    }
}
