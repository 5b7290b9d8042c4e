//! What a server says on the terminal.

use crate::app::App;
use crate::deliver::server::News;
use jiff::Timestamp;

/// The lines for a piece of news.
pub fn lines(app: &App, news: &News) -> Vec<String> {
    match news {
        News::Ending { profile, error, until } => {
            let mut lines = vec![format!("daypass: {error}")];
            lines.extend(until.map(|end| left(profile, end, app.host.now())));
            lines.extend(error.next_step().map(|hint| {
                format!("hint: {hint} in another terminal; it is noticed here by itself")
            }));
            lines
        }
        News::Back { profile } => {
            vec![format!("daypass: credentials of profile `{profile}` are renewed again")]
        }
    }
}

fn left(profile: &str, end: Timestamp, now: Timestamp) -> String {
    let minutes = end.duration_since(now).as_mins();
    let end = end.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M");
    let left = match minutes {
        0 => "less than a minute".to_owned(),
        1 => "1 minute".to_owned(),
        more => format!("{more} minutes"),
    };
    format!("  those of profile `{profile}` work until {end}, for {left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_minutes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let left = |seconds| left("dev", at(seconds), at(0));
        assert!(left(1200).ends_with(", for 20 minutes"), "{}", left(1200));
        assert!(left(61).ends_with(", for 1 minute"));
        assert!(left(59).ends_with(", for less than a minute"));
    }
}
