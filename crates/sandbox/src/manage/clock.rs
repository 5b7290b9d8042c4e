//! The sandbox's clock.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Problem, Task, done, input};
use crate::http::Answer;

/// A hundred years: nothing here lives longer.
const MOST_SECONDS: i64 = 100 * 366 * 24 * 3600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: i64,
}

pub(super) fn show(task: &Task<'_>) -> Result<Answer, Problem> {
    let clock = task.control.clock();
    done(&json!({
        "now": clock.now.to_string(),
        "advanced_seconds": clock.advanced.as_secs(),
        "skew_seconds": clock.skew.as_secs(),
        "frozen": clock.frozen,
    }))
}

pub(super) fn advance(task: &Task<'_>) -> Result<Answer, Problem> {
    let Seconds { seconds } = input(task.ask)?;
    let seconds = u64::try_from(seconds).ok().filter(|_| seconds <= MOST_SECONDS);
    let seconds = seconds.ok_or_else(|| {
        Problem::bad(format!("seconds is not 0 to {MOST_SECONDS}: time does not go back"))
    })?;
    task.control.advance(Duration::from_secs(seconds));
    show(task)
}

pub(super) fn freeze(task: &Task<'_>) -> Result<Answer, Problem> {
    task.control.freeze();
    show(task)
}

pub(super) fn thaw(task: &Task<'_>) -> Result<Answer, Problem> {
    task.control.thaw();
    show(task)
}

pub(super) fn skew(task: &Task<'_>) -> Result<Answer, Problem> {
    let Seconds { seconds } = input(task.ask)?;
    if !(-MOST_SECONDS..=MOST_SECONDS).contains(&seconds) {
        return Err(Problem::bad(format!("seconds is not -{MOST_SECONDS} to {MOST_SECONDS}")));
    }
    task.control.set_skew(SignedDuration::from_secs(seconds));
    show(task)
}
