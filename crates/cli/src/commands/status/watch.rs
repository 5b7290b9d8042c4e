//! `--watch`: stays, and shows what changes.
//!
//! On a terminal the whole text is drawn anew each second, on a screen of its own that
//! goes when it ends. Without one a block is printed whenever something changes that is
//! not just the time going by.

use super::{Paper, Standpoint, Status, ask, look, text, value};
use crate::app::App;
use crate::prompt::{Pressed, Screen};
use crate::report::{self, Done};
use daypass_core::clocks::portal::Answer;
use daypass_core::{Error, Kind, Result};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How often everything is looked at.
const STEP: Duration = Duration::from_secs(1);

/// How often the portal is asked, with --online.
const ASK_AGAIN: Duration = Duration::from_secs(60);

pub fn run(app: &App, wanted: &Status) -> Result<Done> {
    let is_data = app.wants_data();
    match app.ui.stdout_terminal && app.ui.stdin_terminal && !is_data {
        true => on_terminal(app, wanted),
        false => on_pipe(app, wanted),
    }
}

fn on_terminal(app: &App, wanted: &Status) -> Result<Done> {
    let screen = Screen::open().map_err(crate::wizard::stopped)?;
    let mut asked = Asked::default();
    loop {
        let (columns, rows) = screen.size();
        let shown = match app.block_on(asked.look(app, wanted)) {
            Ok(point) => text::of(&point, &Paper { columns, ..app.sheet() }),
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => report::text(&error, None, app.manners),
        };
        screen.draw(&fitting(&shown, rows)).map_err(crate::wizard::stopped)?;
        match screen.wait(STEP).map_err(crate::wizard::stopped)? {
            Pressed::Quit => return Ok(Done::Well),
            Pressed::Nothing => {}
        }
    }
}

/// A file that is being edited is no reason to go.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), Kind::Interrupted | Kind::Terminated | Kind::Usage)
}

/// What the portal has said, and when: it is not to be asked each second.
#[derive(Default)]
struct Asked {
    last: Option<(Instant, Vec<Option<Answer>>)>,
}

impl Asked {
    async fn look(&mut self, app: &App, wanted: &Status) -> Result<Standpoint> {
        let mut point = look(app, wanted)?;
        if !wanted.online {
            return Ok(point);
        }
        let known = self.last.take().filter(|(at, answers)| {
            at.elapsed() < ASK_AGAIN && answers.len() == point.sessions.len()
        });
        let (at, answers) = match known {
            Some(known) => known,
            None => (Instant::now(), ask(app, &point).await?),
        };
        point.answers = answers.clone();
        self.last = Some((at, answers));
        Ok(point)
    }
}

/// What does not fit is cut below, and said to be.
fn fitting(text: &str, rows: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let room = rows.saturating_sub(2).max(1);
    let mut shown: Vec<String> = lines.iter().take(room).map(|line| (*line).to_owned()).collect();
    if lines.len() > room {
        shown.pop();
        shown.push(format!("… {} more lines: make the window higher", lines.len() - room + 1));
    }
    shown.push(String::new());
    shown.push("q ends this.".to_owned());
    shown.join("\n")
}

fn on_pipe(app: &App, wanted: &Status) -> Result<Done> {
    let (mut last, mut complaint) = (None, None);
    let mut asked = Asked::default();
    app.block_on(async {
        loop {
            match asked.look(app, wanted).await {
                Ok(point) => {
                    let state = timeless(&point, app);
                    if last.as_ref() != Some(&state) {
                        print(app, &point, last.is_some())?;
                        last = Some(state);
                    }
                    complaint = None;
                }
                Err(error) if last.is_none() => return Err(error),
                Err(error) => {
                    let said = Some(report::text(&error, app.global.output, app.manners));
                    if complaint != said {
                        complaint = said;
                        app.ui.complain(complaint.as_deref().unwrap_or_default());
                    }
                }
            }
            tokio::time::sleep(STEP).await;
        }
    })
}

fn print(app: &App, point: &Standpoint, is_further: bool) -> Result<Done> {
    if is_further && !app.wants_data() {
        app.print("\n")?;
    }
    super::show(app, point)
}

/// Everything but what changes because time goes by.
fn timeless(point: &Standpoint, app: &App) -> Value {
    let mut value = value::of(point, &app.host);
    value["Now"] = Value::Null;
    without_counts(&mut value);
    value
}

fn without_counts(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(left) = map.get_mut("SecondsLeft") {
                // That something has ended is news.
                *left = Value::Bool(left.as_i64().is_some_and(|seconds| seconds > 0));
            }
            map.values_mut().for_each(without_counts);
        }
        Value::Array(items) => items.iter_mut().for_each(without_counts),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn time_that_goes_by_is_no_news_and_an_end_is() {
        let at = |seconds: i64| {
            let mut value = json!({ "a": [{ "SecondsLeft": seconds, "b": 1 }] });
            without_counts(&mut value);
            value
        };
        assert_eq!(at(10), at(9));
        assert_ne!(at(1), at(0));
    }

    #[test]
    fn a_small_window_says_what_it_does_not_show() {
        let text = "1\n2\n3\n4\n";
        assert_eq!(fitting(text, 10), "1\n2\n3\n4\n\nq ends this.");
        assert!(fitting(text, 5).starts_with("1\n2\n… 2 more lines"), "{}", fitting(text, 5));
    }
}
