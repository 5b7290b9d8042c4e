//! `pick`: a profile, or a role of any account, found by typing a few letters.

mod catalog;
mod entry;
mod offer;
mod profile;

pub use offer::offered;

use crate::app::{App, interrupted};
use crate::commands::reach::run_as;
use crate::commands::{console, env, exec};
use crate::prompt::finding::{Find, Finder, Index};
use crate::prompt::{PlainPrompter, PromptError, Prompter};
use crate::report::Done;
use crate::wizard;
use catalog::Catalog;
use clap::{Args, ValueHint};
use daypass_core::files::Files;
use daypass_core::frecency::{self, Used};
use daypass_core::resolve::sso::RolePlan;
use daypass_core::{Error, Kind, Result};
use entry::Entry;
use std::ffi::OsString;

/// Find a profile, or a role of any account, by typing a few letters
///
/// Shows the profiles of your files, and the roles of all accounts that have no profile
/// yet, the most used first. Type words of the name, the account, its ID, the role or a
/// tag, in any order; `?` shows the keys. The name goes to standard output, the list to
/// the terminal, so that `--profile "$(daypass pick)"` works.
///
/// With words that fit one of them only, nothing is asked.
#[derive(Args, Debug)]
#[command(after_help = "daypass pick prod admin --exec terraform plan\n\
                        export AWS_PROFILE=\"$(daypass pick)\"\n\
                        eval \"$(daypass pick --env)\"\n\n\
                        Which roles there are is known after `daypass list-accounts` or `daypass profiles populate`.")]
pub struct Pick {
    /// Words to look for
    #[arg(value_name = "QUERY", value_hint = ValueHint::Other)]
    query: Vec<String>,
    /// Run a command with its credentials; everything after this is the command's
    #[arg(long, value_name = "COMMAND", num_args = 0.., allow_hyphen_values = true, conflicts_with_all = ["console", "env"], value_hint = ValueHint::CommandName)]
    exec: Option<Vec<OsString>>,
    /// Open it in the web console
    #[arg(long, conflicts_with = "env")]
    console: bool,
    /// Print its credentials as lines for your shell
    #[arg(long)]
    env: bool,
    /// Ask with a numbered list, line by line: for screen readers and simple terminals
    #[arg(long)]
    plain: bool,
}

impl Pick {
    /// Whether it ends with secrets printed.
    pub fn prints_secrets(&self) -> bool {
        self.env
    }
}

/// What was picked.
pub enum Picked {
    /// A profile, by its name.
    Profile(String),
    /// A role without a profile, and what people call it.
    Role(Box<RolePlan>, String),
}

pub fn run(app: &App, wanted: &Pick) -> Result<Done> {
    let files = app.files()?;
    let catalog = Catalog::of(&app.host, &files);
    let ask =
        Ask { title: "profiles and roles", query: wanted.query.join(" "), plain: wanted.plain };
    let picked = pick(app, &catalog, ask)?;
    if wanted.exec.is_none() && !wanted.console && !wanted.env {
        let name = name_of(app, &files, picked)?;
        frecency::note(&app.host, Used::Profile(&name));
        return app.print(&format!("{name}\n"));
    }
    let app = match picked {
        Picked::Profile(name) => app.with_profile(&name),
        Picked::Role(role, _) => {
            app.note_role(&role);
            run_as::with_role(app, &role.session, &role.account_id, &role.role_name)
        }
    };
    match &wanted.exec {
        Some(words) => exec::run(&app, &exec::Exec::of(words.clone())),
        None if wanted.console => console::run(&app, &console::Console::default()),
        None => env::run(&app, &env::Env::default()),
    }
}

/// The profile's name; a role without one is given one.
fn name_of(app: &App, files: &Files, picked: Picked) -> Result<String> {
    match picked {
        Picked::Profile(name) => Ok(name),
        Picked::Role(role, _) if is_with_a_person(app) => profile::write(app, files, &role),
        Picked::Role(role, title) => {
            Err(Error::new(Kind::Profile, format!("{title} has no profile yet"))
                .because("there is no terminal to ask on what it is to be called")
                .hint(format!(
                    "write one with `daypass configure sso --sso-account-id {} --sso-role-name {}`",
                    role.account_id, role.role_name
                )))
        }
    }
}

/// What is asked.
struct Ask {
    title: &'static str,
    query: String,
    plain: bool,
}

/// Without a question where the words fit one entry only.
fn pick(app: &App, catalog: &Catalog, ask: Ask) -> Result<Picked> {
    let entries = catalog.entries();
    if entries.is_empty() {
        return Err(Error::new(Kind::Profile, "there is no profile to pick")
            .hint("run `daypass configure sso`"));
    }
    let rows = catalog.rows();
    let entry = match only(&rows, entries, &ask.query) {
        Some(entry) => entry,
        None if !is_with_a_person(app) || ask.plain && !fits(&rows, &ask.query) => {
            return Err(undecided(&rows, entries, &ask.query));
        }
        None => {
            let title = ask.title.to_owned();
            let finder = Finder { title, rows, weights: Catalog::weights(), query: ask.query };
            let mut prompter: Box<dyn Prompter> =
                if ask.plain { Box::new(PlainPrompter::new()) } else { app.prompter() };
            let found = prompter.find(&finder);
            let at = found.map_err(|error| match error {
                PromptError::EndOfInput => interrupted(),
                other => wizard::stopped(other),
            })?;
            &entries[at]
        }
    };
    picked(catalog, entry)
}

fn picked(catalog: &Catalog, entry: &Entry) -> Result<Picked> {
    if let Some(name) = &entry.profile {
        return Ok(Picked::Profile(name.clone()));
    }
    let plan = catalog.plan(entry);
    let plan = plan.ok_or_else(|| {
        Error::new(Kind::Profile, format!("{} cannot be used", entry.title()))
            .because("its account, its role or its sso-session is not what it should be")
    })?;
    Ok(Picked::Role(Box::new(plan), entry.title()))
}

fn is_with_a_person(app: &App) -> bool {
    app.ui.stdin_terminal && (app.ui.stderr_terminal || app.ui.stdout_terminal)
}

/// The profile of that very name, or the one entry that has all the words.
fn only<'e>(rows: &[Find], entries: &'e [Entry], query: &str) -> Option<&'e Entry> {
    if query.trim().is_empty() {
        return None;
    }
    if let Some(exact) = entries.iter().find(|entry| entry.profile.as_deref() == Some(query)) {
        return Some(exact);
    }
    let hits = Index::new(rows).search(query, None);
    let mut plain = hits.iter().filter(|hit| hit.plain);
    let first = plain.next()?;
    plain.next().is_none().then(|| &entries[first.row])
}

fn fits(rows: &[Find], query: &str) -> bool {
    !Index::new(rows).search(query, None).is_empty()
}

/// For scripts, which can be asked nothing, and for words that nothing fits.
fn undecided(rows: &[Find], entries: &[Entry], query: &str) -> Error {
    const ENOUGH: usize = 5;
    let hits = Index::new(rows).search(query, None);
    let error = match (query.trim().is_empty(), hits.len()) {
        (true, _) => Error::new(Kind::Profile, "there is no terminal to pick on"),
        (_, 0) => Error::new(Kind::Profile, format!("nothing fits `{query}`")),
        (_, several) => Error::new(Kind::Profile, format!("`{query}` may mean {several} of them")),
    };
    let titles: Vec<String> =
        hits.iter().take(ENOUGH).map(|hit| entries[hit.row].title()).collect();
    let more = hits.len().saturating_sub(ENOUGH);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let error = match (query.trim().is_empty(), titles.is_empty()) {
        (false, false) => error.because(format!("they are {}{more}", titles.join(", "))),
        _ => error,
    };
    error.hint("name it with words that fit one only, or run it on a terminal")
}
