//! What can be taken away.

use serde::Deserialize;
use serde_json::json;

use super::{Problem, Task, done, input};
use crate::http::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    AccessTokens,
    Sessions,
    RoleCredentials,
    Registrations,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    what: What,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    user: Option<String>,
    group: Option<String>,
    account: String,
    permission_set: String,
}

pub(super) fn revoke(task: &Task<'_>) -> Result<Answer, Problem> {
    let Revocation { what, user } = input(task.ask)?;
    if let Some(user) = user.as_ref().filter(|user| !task.control.has_user(user)) {
        return Err(Problem::absent(format!("there is no user `{user}`")));
    }
    match (what, user) {
        (What::AccessTokens, Some(user)) => task.control.revoke_access_tokens_of(&user),
        (What::AccessTokens, None) => task.control.revoke_access_tokens(),
        (What::Sessions, Some(user)) => task.control.revoke_sessions_of(&user),
        (What::Sessions, None) => task.control.revoke_sessions(),
        (What::RoleCredentials, None) => task.control.revoke_role_credentials(),
        (What::Registrations, None) => task.control.forget_registrations(),
        (_, Some(_)) => {
            return Err(Problem::bad("only access_tokens and sessions are a user's"));
        }
    }
    done(&json!({}))
}

pub(super) fn unassign(task: &Task<'_>) -> Result<Answer, Problem> {
    let Withdrawal { user, group, account, permission_set } = input(task.ask)?;
    let gone = match (user, group) {
        (Some(user), None) => task.control.unassign(&user, &account, &permission_set),
        (None, Some(group)) => task.control.unassign_group(&group, &account, &permission_set),
        _ => return Err(Problem::bad("an assignment is of a user or of a group, one of them")),
    };
    if gone { done(&json!({})) } else { Err(Problem::absent("there is no such assignment")) }
}
