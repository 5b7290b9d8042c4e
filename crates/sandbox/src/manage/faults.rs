//! Faults, asked for or by chance.

use serde::Deserialize;
use serde_json::json;

use super::{Problem, Task, done, input};
use crate::faults::{FaultKind, Rate};
use crate::http::Answer;

/// Most faults asked for at once.
const MOST_TIMES: u64 = 10_000;
/// Most letters of an operation's name.
const MOST_LETTERS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    kind: String,
    percent: Option<f64>,
    operation: Option<String>,
    times: Option<u64>,
}

pub(super) fn show(task: &Task<'_>) -> Result<Answer, Problem> {
    let rates = task.control.rates().into_iter().map(|rate| {
        json!({ "kind": rate.kind.name(), "percent": rate.percent, "operation": rate.operation })
    });
    let waiting = task.control.waiting_faults().into_iter();
    let waiting =
        waiting.map(|(operation, fault)| json!({ "operation": operation, "fault": fault }));
    done(&json!({
        "seed": task.control.seed(),
        "rates": rates.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    }))
}

pub(super) fn add(task: &Task<'_>) -> Result<Answer, Problem> {
    let input: Input = input(task.ask)?;
    let kind: FaultKind = input.kind.parse().map_err(Problem::bad)?;
    let name = input.operation.as_ref();
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > MOST_LETTERS) {
        return Err(Problem::bad("operation is not an operation's name"));
    }
    match (input.percent, input.times, input.operation) {
        (Some(percent), None, operation) => by_chance(task, kind, percent, operation)?,
        (None, Some(times), Some(operation)) => asked_for(task, kind, &operation, times)?,
        _ => {
            let text = "a fault has either a percent, or times and the operation they are of";
            return Err(Problem::bad(text));
        }
    }
    show(task)
}

fn by_chance(
    task: &Task<'_>,
    kind: FaultKind,
    percent: f64,
    operation: Option<String>,
) -> Result<(), Problem> {
    if !(0.0..=100.0).contains(&percent) {
        return Err(Problem::bad("percent is not 0 to 100"));
    }
    task.control.fail_sometimes(Rate { kind, percent, operation });
    Ok(())
}

fn asked_for(task: &Task<'_>, kind: FaultKind, operation: &str, times: u64) -> Result<(), Problem> {
    let times = usize::try_from(times).ok().filter(|_| (1..=MOST_TIMES).contains(&times));
    let times = times.ok_or_else(|| Problem::bad(format!("times is not 1 to {MOST_TIMES}")))?;
    task.control.fail_next(operation, kind.fault(), times);
    Ok(())
}

pub(super) fn clear(task: &Task<'_>) -> Result<Answer, Problem> {
    task.control.clear_faults();
    show(task)
}
