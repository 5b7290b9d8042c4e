//! `run-as`: a command with any role, without a profile.

use super::{Login, listed, login};
use crate::app::App;
use crate::commands::exec::{self, Exec};
use crate::commands::reach::pattern::Patterns;
use crate::deliver::lifetime;
use crate::output::clean;
use crate::report::Done;
use clap::{Args, ValueHint};
use daypass_core::aws::portal::Account;
use daypass_core::directory::{Directory, Listed};
use daypass_core::files::Files;
use daypass_core::names::{AccountId, RoleName};
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::profile::edits;
use daypass_core::resolve::sso::RolePlan;
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;
use std::ffi::OsString;

/// Run a command with any of your roles, without a profile
///
/// As `daypass exec`, with its exit codes, for a role of an account that is named here:
/// by ID, or by a name or pattern that fits one account.
#[derive(Args, Debug)]
#[command(after_help = "daypass run-as 123456789012 ReadOnlyAccess -- aws s3 ls\n\
                        daypass run-as 'prod-eu*' '*Admin*' --region eu-west-1 -- terraform plan")]
pub struct RunAs {
    #[command(flatten)]
    login: Login,
    /// Refuse to start a job of this length (6h, 90m, 3600) if it could not finish
    #[arg(long, value_name = "TIME", value_parser = lifetime::parse, value_hint = ValueHint::Other)]
    min_ttl: Option<SignedDuration>,
    /// Serve the command its credentials, renewed for as long as it runs (the default)
    #[arg(long, conflicts_with = "env")]
    server: bool,
    /// Give the command keys in its environment, good until the role session ends
    #[arg(long)]
    env: bool,
    /// The account: its ID, or a name or pattern that fits one
    #[arg(value_name = "ACCOUNT", value_hint = ValueHint::Other)]
    account: String,
    /// The role: its name, or a pattern that fits one
    #[arg(value_name = "ROLE", value_hint = ValueHint::Other)]
    role: String,
    /// The command and its arguments; options after it are its own
    #[arg(trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    words: Vec<OsString>,
}

pub fn run(app: &App, wanted: &RunAs) -> Result<Done> {
    let files = app.files()?;
    let plan = login(app, &files, wanted.login.sso_session.as_deref())?;
    let (account, role) = found(app, &files, &plan, wanted)?;
    let job = Exec {
        min_ttl: wanted.min_ttl,
        server: wanted.server,
        env: wanted.env,
        words: wanted.words.clone(),
    };
    let app = with_role(app, &plan, &account, &role);
    app.note_role(&RolePlan { session: plan, account_id: account, role_name: role });
    exec::run(&app, &job)
}

/// The same surroundings with a profile for this one command: it is in no file.
pub fn with_role(app: &App, plan: &SessionPlan, account: &AccountId, role: &RoleName) -> App {
    let name = format!("{account}/{role}");
    let login = match &plan.name {
        Some(session) => format!("sso_session = {session}"),
        None => {
            format!("sso_start_url = {}\nsso_region = {}", plan.start_url.value, plan.region.value)
        }
    };
    let region = &plan.region.value;
    let mut app = app.clone();
    app.lines = Some(format!(
        "[profile {name}]\n{login}\nsso_account_id = {account}\nsso_role_name = {role}\nregion = {region}\n"
    ));
    app.global.profile = Some(name);
    app.request = app.global.request();
    app
}

/// The account and role that are meant. What is known is enough if it fits; else the
/// portal is asked, since an administrator may have given the role a minute ago.
fn found(
    app: &App,
    files: &Files,
    plan: &SessionPlan,
    wanted: &RunAs,
) -> Result<(AccountId, RoleName)> {
    const NOW: SignedDuration = SignedDuration::from_mins(1);
    let account = Patterns::new(std::slice::from_ref(&wanted.account), &[])?;
    let of = |found: &Account| account.fit(&[&found.id, found.name.as_deref().unwrap_or_default()]);
    let look = |max_age| {
        let directory = listed(app, files, plan, max_age, &of)?;
        chosen(&directory, &account, wanted)
    };
    match look(SignedDuration::MAX) {
        Err(error) if error.kind() == Kind::Config => look(NOW),
        // A list that cannot be had is not needed for what is named in full.
        Err(error) if matches!(error.kind(), Kind::Network | Kind::Service) => {
            let named = AccountId::parse(&wanted.account).ok();
            let plain = !wanted.role.contains(['*', '?', '/']);
            let role = RoleName::parse(&wanted.role).ok().filter(|_| plain);
            named.zip(role).ok_or(error)
        }
        other => other,
    }
}

fn chosen(
    directory: &Directory,
    account: &Patterns,
    wanted: &RunAs,
) -> Result<(AccountId, RoleName)> {
    let fits =
        |found: &&Listed| account.fit(&[&found.id, found.name.as_deref().unwrap_or_default()]);
    let accounts: Vec<&Listed> = directory.accounts.iter().filter(fits).collect();
    let account = match accounts.as_slice() {
        [one] => one,
        [] => return Err(no_account(directory, &wanted.account)),
        several => {
            return Err(ambiguous(
                "accounts",
                &wanted.account,
                &several.iter().map(|a| shown(a)).collect::<Vec<_>>(),
            ));
        }
    };
    let exact = account.roles.iter().find(|role| **role == wanted.role);
    let pattern = Patterns::new(std::slice::from_ref(&wanted.role), &[])?;
    let fitting: Vec<&String> = account.roles.iter().filter(|role| pattern.fit(&[role])).collect();
    let role = match (exact, fitting.as_slice()) {
        (Some(role), _) => role,
        (None, [role]) => *role,
        (None, []) => return Err(no_role(account, &wanted.role)),
        (None, several) => {
            return Err(ambiguous(
                "roles",
                &wanted.role,
                &several.iter().map(|role| (*role).clone()).collect::<Vec<_>>(),
            ));
        }
    };
    Ok((AccountId::parse(&account.id)?, RoleName::parse(role)?))
}

fn shown(account: &Listed) -> String {
    match &account.name {
        Some(name) => format!("{} ({})", clean(name), account.id),
        None => account.id.clone(),
    }
}

const ENOUGH: usize = 8;

fn list(names: &[String]) -> String {
    let some: Vec<&str> = names.iter().take(ENOUGH).map(String::as_str).collect();
    match names.len().saturating_sub(ENOUGH) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

fn ambiguous(what: &str, wanted: &str, names: &[String]) -> Error {
    Error::new(Kind::Usage, format!("`{}` fits {} {what}", clean(wanted), names.len()))
        .because(format!("they are {}", list(names)))
        .hint("name one of them in full; an account's ID is never ambiguous")
}

fn no_account(directory: &Directory, wanted: &str) -> Error {
    let near = directory.accounts.iter().filter(|account| {
        is_near(wanted, account.name.as_deref().unwrap_or_default()) || is_near(wanted, &account.id)
    });
    let near: Vec<String> = near.map(shown).collect();
    let error =
        Error::new(Kind::Config, format!("you have a role in no account `{}`", clean(wanted)));
    match near.is_empty() {
        true => error.hint("`daypass list-accounts` shows all of them"),
        false => {
            error.because(format!("near it are {}", list(&near))).hint("give the ID or the name")
        }
    }
}

fn no_role(account: &Listed, wanted: &str) -> Error {
    let message = format!("you have no role `{}` in account {}", clean(wanted), shown(account));
    let error = Error::new(Kind::Config, message);
    match account.roles.is_empty() {
        true => error.because("you have no role there at all: it may be suspended"),
        false => error.because(format!("there are {}", list(&account.roles))),
    }
    .hint("ask your administrator, or choose one of those there are")
}

/// A part of it, or a slip of the keys.
fn is_near(wanted: &str, name: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['*', '?'], "");
    let (wanted, name) = (plain(wanted), plain(name));
    let word = |text: &str| text.len() >= 3;
    !name.is_empty()
        && (word(&wanted) && name.contains(&wanted)
            || word(&name) && wanted.contains(&name)
            || edits(&wanted, &name) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_a_part_or_a_slip() {
        for name in ["prod-eu", "Prod", "pord"] {
            assert!(is_near("prod", name), "{name}");
        }
        assert!(!is_near("prod", "development") && !is_near("prod", ""));
        assert!(is_near("210987654321", "210987654312"));
    }
}
