//! What happened, and what there is.

use serde_json::{Value, json};

use super::{Problem, Task, done};
use crate::http::Answer;
use crate::journal::Entry;

/// Entries in an answer, if the request does not say how many, and at most.
const FEW: usize = 1_000;
const MOST: usize = 10_000;

pub(super) fn counters(task: &Task<'_>) -> Result<Answer, Problem> {
    let counts = task.control.counts().into_iter();
    let counts = counts.map(|(operation, count)| {
        (operation, json!({ "requests": count.requests, "ok": count.ok }))
    });
    done(&json!({ "operations": counts.collect::<serde_json::Map<_, _>>() }))
}

/// Entries after `since`; `next` is the `since` of the next question.
pub(super) fn journal(task: &Task<'_>) -> Result<Answer, Problem> {
    let since = number(task, "since")?.unwrap_or(0);
    let limit = number(task, "limit")?.map_or(Ok(FEW), |asked| {
        let limit = usize::try_from(asked).ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| Problem::bad(format!("limit is not 1 to {MOST}")))
    })?;
    let operation = task.ask.parameter("operation");
    let (entries, next) = task.control.journal_page(since, limit, operation);
    done(&json!({ "entries": entries.iter().map(shown).collect::<Vec<_>>(), "next": next }))
}

fn number(task: &Task<'_>, name: &str) -> Result<Option<u64>, Problem> {
    let text = task.ask.parameter(name);
    let number = text.map(|text| text.parse::<u64>().ok().filter(|n| *n <= 1 << 53));
    let wrong = || Problem::bad(format!("{name} is not a whole number"));
    number.map(|number| number.ok_or_else(wrong)).transpose()
}

fn shown(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "at": entry.at.to_string(),
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "code": entry.code,
        "subject": entry.subject,
        "region": entry.region,
        "access_key_id": entry.access_key_id,
        "client": entry.client,
        "fault": entry.fault,
    })
}

pub(super) fn world(task: &Task<'_>) -> Result<Answer, Problem> {
    let world = task.control.world();
    let accounts = world.accounts.iter().map(
        |account| json!({ "id": account.id, "name": account.name, "suspended": account.suspended }),
    );
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    done(&json!({
        "start_url": world.start_url,
        "region": world.region,
        "users": names(world.users.iter().map(|user| &user.name).collect()),
        "groups": names(world.groups.iter().map(|group| &group.name).collect()),
        "accounts": accounts.collect::<Vec<_>>(),
        "permission_sets": names(world.permission_sets.iter().map(|set| &set.name).collect()),
        "buckets": names(world.buckets.iter().map(|bucket| &bucket.name).collect()),
    }))
}
