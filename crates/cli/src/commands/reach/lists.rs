//! `list-accounts` and `list-roles`.

use super::{Age, Filter, Login, csv, listed, login, tell_age};
use crate::app::App;
use crate::output::clean;
use crate::report::Done;
use clap::Args;
use daypass_core::Result;
use daypass_core::aws::portal::Account;
use daypass_core::directory::Listed;
use daypass_core::token::format_time;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// List the accounts you have a role in
///
/// What is known already is shown at once, with its age. Sorted by name.
#[derive(Args, Debug)]
#[command(after_help = "daypass list-accounts --account 'prod-*'\n\
                        daypass list-accounts --csv > accounts.csv\n\
                        daypass list-accounts --output json --query 'accounts[].accountId'")]
pub struct ListAccounts {
    #[command(flatten)]
    login: Login,
    /// Accounts whose name, ID or e-mail address fits: a name with * and ?, or /REGEX/
    #[arg(long, value_name = "PATTERN")]
    account: Vec<String>,
    /// Leave out accounts that fit
    #[arg(long, value_name = "PATTERN")]
    exclude_account: Vec<String>,
    #[command(flatten)]
    age: Age,
    /// Print lines for a spreadsheet
    #[arg(long, conflicts_with = "output")]
    csv: bool,
}

/// List your roles, account by account
///
/// The portal is asked for one account at a time: of thousands, `--account` chooses those
/// that are worth waiting for. What is known already is shown at once, with its age.
#[derive(Args, Debug)]
#[command(after_help = "daypass list-roles --account 'prod-*' --role '*Admin*'\n\
                        daypass list-roles --csv > roles.csv")]
pub struct ListRoles {
    #[command(flatten)]
    login: Login,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    age: Age,
    /// Print lines for a spreadsheet
    #[arg(long, conflicts_with = "output")]
    csv: bool,
}

/// Whatever is known is good enough to be looked at; a new list is made meanwhile.
const ANY: SignedDuration = SignedDuration::MAX;

pub fn accounts(app: &App, wanted: &ListAccounts) -> Result<Done> {
    let filter = Filter {
        account: wanted.account.clone(),
        exclude_account: wanted.exclude_account.clone(),
        ..Filter::default()
    };
    let choice = filter.read()?;
    let files = app.files()?;
    let plan = login(app, &files, wanted.login.sso_session.as_deref())?;
    let none = |_: &Account| false;
    let directory = listed(app, &files, &plan, wanted.age.or(ANY), &none)?;
    let fits = |account: &&Listed| {
        choice.account(&account.id, account.name.as_deref(), account.email.as_deref())
    };
    let rows: Vec<Vec<&str>> = directory.accounts.iter().filter(fits).map(account_row).collect();
    let as_of = Some(directory.as_of);
    let table = Table { list: "accounts", keys: &KEYS[..3], hidden: None, as_of, rows };
    table.print(app, wanted.csv)?;
    tell_age(app, &plan, &directory);
    Ok(Done::Well)
}

pub fn roles(app: &App, wanted: &ListRoles) -> Result<Done> {
    let choice = wanted.filter.read()?;
    let files = app.files()?;
    let plan = login(app, &files, wanted.login.sso_session.as_deref())?;
    let of = |account: &Account| choice.of(account);
    let directory = listed(app, &files, &plan, wanted.age.or(ANY), &of)?;
    let rows = choice.pairs(&directory).into_iter().map(|(account, role)| {
        let account = &directory.accounts[account];
        let mut row = account_row(account);
        row.push(&account.roles[role]);
        row
    });
    let (as_of, rows) = (Some(directory.as_of), rows.collect());
    // For the eye a line is long enough without the e-mail address.
    let table = Table { list: "roles", keys: &KEYS, hidden: Some(2), as_of, rows };
    table.print(app, wanted.csv)?;
    tell_age(app, &plan, &directory);
    Ok(Done::Well)
}

/// As the portal spells them, and as people read them.
const KEYS: [(&str, &str); 4] = [
    ("accountId", "ACCOUNT"),
    ("accountName", "NAME"),
    ("emailAddress", "E-MAIL"),
    ("roleName", "ROLE"),
];

fn account_row(account: &Listed) -> Vec<&str> {
    vec![
        account.id.as_str(),
        account.name.as_deref().unwrap_or_default(),
        account.email.as_deref().unwrap_or_default(),
    ]
}

/// Rows for scripts, spreadsheets and people.
pub(super) struct Table<'a> {
    pub list: &'static str,
    /// As scripts and as people read them.
    pub keys: &'a [(&'static str, &'static str)],
    /// A column that people are not shown.
    pub hidden: Option<usize>,
    pub as_of: Option<Timestamp>,
    pub rows: Vec<Vec<&'a str>>,
}

impl Table<'_> {
    pub(super) fn print(&self, app: &App, csv: bool) -> Result<Done> {
        if csv {
            return app.print(&self.csv());
        }
        if !app.wants_data() {
            return app.print(&self.text(app));
        }
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        let rows: Vec<Value> = self.rows.iter().map(|row| self.value(row)).collect();
        let mut value = json!({ self.list: rows });
        if let Some(as_of) = self.as_of {
            value["asOf"] = json!(format_time(as_of));
        }
        app.show(&renderer, self.list, &value)
    }

    /// Absent parts stay absent, as in the service's answers.
    fn value(&self, row: &[&str]) -> Value {
        let cells = self.keys.iter().zip(row).filter(|(_, text)| !text.is_empty());
        cells.map(|((key, _), text)| ((*key).to_owned(), json!(text))).collect()
    }

    fn csv(&self) -> String {
        let keys: Vec<&str> = self.keys.iter().map(|(key, _)| *key).collect();
        let rows = self.rows.iter().map(|row| csv::line(row));
        std::iter::once(csv::line(&keys)).chain(rows).collect()
    }

    /// Columns for the eye.
    fn text(&self, app: &App) -> String {
        let shown: Vec<usize> =
            (0..self.keys.len()).filter(|at| self.hidden != Some(*at)).collect();
        let titles: Vec<&str> = self.keys.iter().map(|(_, title)| *title).collect();
        let rows: Vec<Vec<String>> = std::iter::once(&titles)
            .chain(&self.rows)
            .map(|row| shown.iter().map(|at| cell(app, row[*at])).collect())
            .collect();
        let widths: Vec<usize> = (0..shown.len())
            .map(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or_default())
            .collect();
        rows.iter().map(|row| aligned(row, &widths)).collect()
    }
}

/// What reaches a terminal does not steer it; a pipe gets what the portal said.
fn cell(app: &App, text: &str) -> String {
    match (text.is_empty(), app.ui.stdout_terminal) {
        (true, _) => "-".to_owned(),
        (_, true) => clean(text).into_owned(),
        (_, false) => text.replace(['\n', '\r', '\t'], " "),
    }
}

fn aligned(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (text, width) in row.iter().zip(widths) {
        line += text;
        line += &" ".repeat(width - text.width() + 2);
    }
    format!("{}\n", line.trim_end())
}
