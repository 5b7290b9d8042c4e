//! Calls to the portal, with a login's access token.

use super::retold;
use crate::aws::Fault;
use crate::error::{Error, Kind, quoted};
use crate::resolve::SessionPlan;
use crate::resolve::sso::RolePlan;
use crate::token::format_time;
use jiff::Timestamp;

/// What is known of a role from earlier.
#[derive(Clone, Debug, Default)]
pub(crate) struct Had {
    /// When daypass last got credentials for it.
    pub(crate) last: Option<Timestamp>,
    /// The roles that the user had in the account when they were last listed; none if
    /// nobody has.
    pub(crate) others: Vec<String>,
}

/// A role that the portal gives no credentials for.
pub(crate) fn role(plan: &RolePlan, fault: Fault, now: Timestamp, had: &Had) -> Error {
    if fault.is_refusal() {
        return refused_token(&plan.session, fault, now);
    }
    let (name, account) = (quoted(plan.role_name.as_str()), &plan.account_id);
    let error = match fault.answer().map(|answer| answer.status) {
        Some(403) if had.last.is_some() => {
            retold(fault, now, format!("you no longer have the role {name} in account {account}"))
        }
        Some(403) => retold(fault, now, format!("you have no role {name} in account {account}")),
        Some(404) => {
            let message = format!("the portal knows no role {name} in account {account}");
            return retold(fault, now, message)
                .hint("check sso_account_id, or choose a role with `daypass configure sso`");
        }
        _ => return fault.into_error(now),
    };
    let error = match had.last {
        Some(last) => error.because(format!(
            "you had it: daypass last got credentials for it at {}",
            format_time(last)
        )),
        None => error,
    };
    let error = match had.others.as_slice() {
        [] => error,
        some => error.because(format!("in this account you have {}", listed(some))),
    };
    error.hint("ask your administrator, or choose another role with `daypass configure sso`")
}

fn listed(names: &[String]) -> String {
    const MANY: usize = 6;
    let shown: Vec<String> = names.iter().take(MANY).map(|name| quoted(name)).collect();
    let more = match names.len().saturating_sub(MANY) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}

/// A portal that does not take the login's token, though it should live by its clock.
pub fn refused_token(session: &SessionPlan, fault: Fault, now: Timestamp) -> Error {
    let message = format!("the portal does not accept the login of {}", session.shown());
    retold(fault, now, message)
        .with_kind(Kind::LoginNeeded)
        .because(format!(
            "it was ended somewhere else (a log-out, an administrator), or {} ({}) is not the \
             region where it was made",
            session.region.value, session.region.origin
        ))
        .hint(format!("run `{}`", session.login_command()))
}

/// Any other call of the portal: `session` is the login it was made with, if that is
/// one of ours.
pub fn portal(fault: Fault, now: Timestamp, session: Option<&SessionPlan>) -> Error {
    match (fault.is_refusal(), session) {
        (true, Some(session)) => {
            let kind = fault.answer().map_or(Kind::Service, super::kind);
            refused_token(session, fault, now).with_kind(kind)
        }
        (true, None) => retold(fault, now, "the portal does not accept this access token")
            .because("it has ended, or it was made in another region than the one that was asked"),
        (false, _) => match fault.operation {
            "ListAccountRoles" if fault.is("ResourceNotFoundException") => {
                retold(fault, now, "you have no role in that account, or there is no such account")
                    .hint("see `daypass sso list-accounts`")
            }
            "GetRoleCredentials" if fault.is("ForbiddenException") => {
                retold(fault, now, "you have no such role in that account (any more)")
                    .hint("see `daypass sso list-account-roles --account-id ID`")
            }
            _ => fault.into_error(now),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fault;
    use super::*;

    #[test]
    fn many_roles_are_counted() {
        let names: Vec<String> = (1..=8).map(|n| format!("R{n}")).collect();
        assert_eq!(listed(&names[..2]), "`R1`, `R2`");
        assert!(listed(&names).ends_with("`R6` and 2 more"));
    }

    #[test]
    fn a_token_of_one_s_own_is_not_told_to_log_in() {
        let now = Timestamp::UNIX_EPOCH;
        let error = portal(fault("ListAccounts", 401, "UnauthorizedException"), now, None);
        assert_eq!((error.kind(), error.next_step()), (Kind::Service, None));
        assert!(error.words_of_service().unwrap().contains("UnauthorizedException"));
    }
}
