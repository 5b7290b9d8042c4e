//! Devices that wait for a person.

use serde::Deserialize;
use serde_json::json;

use super::{Problem, Task, done, input};
use crate::http::Answer;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Approval {
    user: Option<String>,
}

pub(super) fn list(task: &Task<'_>) -> Result<Answer, Problem> {
    let devices = task.control.waiting_devices().into_iter().map(|device| {
        let expires = device.expires.to_string();
        json!({ "user_code": device.user_code, "client": device.client, "expires_at": expires })
    });
    done(&json!({ "devices": devices.collect::<Vec<_>>() }))
}

pub(super) fn approve(task: &Task<'_>) -> Result<Answer, Problem> {
    let approval: Approval =
        if task.ask.body.is_empty() { Approval::default() } else { input(task.ask)? };
    let code = task.words.concat();
    let decided = match &approval.user {
        Some(user) if !task.control.has_user(user) => {
            return Err(Problem::absent(format!("there is no user `{user}`")));
        }
        Some(user) => task.control.approve_device_as(&code, user),
        None => task.control.approve_device(&code),
    };
    decision(task, decided)
}

pub(super) fn deny(task: &Task<'_>) -> Result<Answer, Problem> {
    let decided = task.control.deny_device(&task.words.concat());
    decision(task, decided)
}

fn decision(task: &Task<'_>, decided: bool) -> Result<Answer, Problem> {
    if !decided {
        return Err(Problem::absent("no device waits with this code"));
    }
    list(task)
}
