//! How a long listing goes: one line that changes on a terminal, a line now and then
//! elsewhere, and nothing while it is quick.

use crate::ui::Ui;
use daypass_core::directory::Progress;
use std::time::{Duration, Instant};

/// Shows progress on standard error.
pub struct Meter {
    ui: Ui,
    due: Instant,
    is_shown: bool,
}

/// Whoever waits less wants no news.
const QUICK: Duration = Duration::from_secs(1);

impl Meter {
    pub fn new(ui: Ui) -> Self {
        Self { ui, due: Instant::now() + QUICK, is_shown: false }
    }

    pub fn show(&mut self, progress: &Progress) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        let text = words(progress);
        if self.ui.stderr_terminal {
            self.due = now + Duration::from_millis(200);
            self.is_shown = true;
            self.ui.complain(&format!("\r\u{1b}[K{text}"));
        } else {
            self.due = now + Duration::from_secs(15);
            self.ui.note(&text);
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            self.ui.complain("\r\u{1b}[K");
        }
    }
}

/// At most 79 columns.
fn words(progress: &Progress) -> String {
    let Progress { accounts, wanted, known, .. } = progress;
    let doing = match (progress.all_accounts, wanted) {
        (false, _) => format!("Listing accounts: {accounts} so far"),
        (true, 0) => format!("{accounts} accounts"),
        (true, _) => format!("Roles of {known} of {wanted} accounts"),
    };
    if progress.waiting {
        return format!("{doing}; another daypass is at it");
    }
    let left = progress.left.filter(|_| progress.all_accounts).map(about).unwrap_or_default();
    match progress.throttled {
        0 => format!("{doing}{left}"),
        _ => format!("{doing}{left}; the portal slows us to {:.0}/s", progress.rate),
    }
}

fn about(left: Duration) -> String {
    match left.as_secs() {
        0..=4 => String::new(),
        seconds @ 5..=99 => format!(", about {seconds} s left"),
        seconds => format!(", about {} min left", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_a_line_and_says_what_is_known() {
        let start = Progress { accounts: 300, ..Progress::default() };
        assert_eq!(words(&start), "Listing accounts: 300 so far");
        let left = Some(Duration::from_secs(200));
        let later = Progress {
            accounts: 5000,
            wanted: 5000,
            known: 1200,
            all_accounts: true,
            left,
            throttled: 3,
            rate: 9.7,
            waiting: false,
        };
        let text = words(&later);
        assert_eq!(
            text,
            "Roles of 1200 of 5000 accounts, about 4 min left; the portal slows us to 10/s"
        );
        assert!(text.len() < 80);
        let waiting = Progress { waiting: true, ..later };
        assert_eq!(words(&waiting), "Roles of 1200 of 5000 accounts; another daypass is at it");
    }
}
