//! `profiles list`.

use crate::app::App;
use crate::commands::reach::Filter;
use crate::commands::reach::lists::Table;
use crate::commands::reach::pattern::Patterns;
use crate::report::Done;
use clap::{Args, ValueHint};
use daypass_core::Result;
use daypass_core::directory;
use daypass_core::files::Files;
use daypass_core::resolve::profile::Profile;
use daypass_core::resolve::{Origin, sso};
use std::collections::HashMap;

/// List the profiles there are, with account and role
///
/// Nothing is asked of the portal: the names of accounts are those of the last list.
#[derive(Args, Debug)]
pub struct List {
    /// Profiles whose name fits: a name with * and ?, or /REGEX/
    #[arg(value_name = "PATTERN", value_hint = ValueHint::Other)]
    name: Vec<String>,
    /// Only those of this sso-session
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    sso_session: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Print lines for a spreadsheet
    #[arg(long, conflicts_with = "output")]
    csv: bool,
}

const KEYS: [(&str, &str); 6] = [
    ("profile", "PROFILE"),
    ("ssoSession", "SESSION"),
    ("accountId", "ACCOUNT"),
    ("accountName", "NAME"),
    ("roleName", "ROLE"),
    ("region", "REGION"),
];

pub fn run(app: &App, wanted: &List) -> Result<Done> {
    let names = Patterns::new(&wanted.name, &[])?;
    let choice = wanted.filter.read()?;
    let files = app.files()?;
    let accounts = accounts(app, &files);
    let rows = files.config.parsed.profiles().filter(|name| names.fit(&[name])).map(|name| {
        let profile = Profile::named(&files, name);
        let text = |key: &str| profile.sso(key).map_or("", |found| found.value);
        let account = text("sso_account_id");
        let title = accounts.get(account).map_or("", String::as_str);
        let region = profile.get("region").map_or("", |found| found.value);
        vec![name, text("sso_session"), account, title, text("sso_role_name"), region]
    });
    let session = wanted.sso_session.as_deref();
    let fits = |row: &Vec<&str>| {
        session.is_none_or(|session| row[1] == session)
            && choice.account(row[2], Some(row[3]), None)
            && choice.role(row[4])
    };
    let rows: Vec<Vec<&str>> = rows.filter(fits).collect();
    Table { list: "profiles", keys: &KEYS, hidden: None, as_of: None, rows }.print(app, wanted.csv)
}

/// The names of accounts, as far as they are known.
fn accounts(app: &App, files: &Files) -> HashMap<String, String> {
    let sessions = files.config.parsed.sso_sessions();
    let plans = sessions.filter_map(|name| sso::session(files, name, Origin::Default).ok());
    let lists = plans.filter_map(|plan| directory::cached(&app.host, &plan));
    let accounts = lists.flat_map(|list| list.accounts);
    accounts.filter_map(|account| Some((account.id, account.name?))).collect()
}
