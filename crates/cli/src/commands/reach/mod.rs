//! Reaching accounts: the lists of accounts and roles, profiles for all of them, and
//! commands with a role that has no profile.

pub mod csv;
pub mod lists;
pub mod pattern;
pub mod profiles;
pub mod progress;
pub mod refresh;
pub mod run_as;

use crate::app::App;
use crate::deliver::lifetime;
use clap::{Args, ValueHint};
use daypass_core::aws::portal::Account;
use daypass_core::directory::{self, Directory, Wish};
use daypass_core::files::Files;
use daypass_core::resolve::{Origin, SessionPlan, sso};
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;
use pattern::Patterns;
use progress::Meter;

// No doc comments on these three: clap would take them for the commands' own.

// Whose accounts.
#[derive(Args, Clone, Debug, Default)]
pub struct Login {
    /// The sso-session [default: the profile's, or the only one there is]
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub sso_session: Option<String>,
}

// How old what is known may be.
#[derive(Args, Clone, Debug, Default)]
pub struct Age {
    /// Ask the portal anew, whatever is known
    #[arg(long)]
    pub refresh: bool,
    /// Ask the portal anew if what is known is older than that (1h, 30m, 7d)
    #[arg(long, value_name = "TIME", value_parser = lifetime::parse, conflicts_with = "refresh",
          value_hint = ValueHint::Other)]
    pub max_age: Option<SignedDuration>,
}

// Which accounts and roles. A pattern is a name with `*` and `?`, in whatever case, or a
// regular expression between slashes; one that fits is enough.
#[derive(Args, Clone, Debug, Default)]
pub struct Filter {
    /// Accounts whose name, ID or e-mail address fits; may be given several times
    #[arg(long, value_name = "PATTERN", value_hint = ValueHint::Other)]
    pub account: Vec<String>,
    /// Roles whose name fits; may be given several times
    #[arg(long, value_name = "PATTERN", value_hint = ValueHint::Other)]
    pub role: Vec<String>,
    /// Leave out accounts that fit
    #[arg(long, value_name = "PATTERN", value_hint = ValueHint::Other)]
    pub exclude_account: Vec<String>,
    /// Leave out roles that fit
    #[arg(long, value_name = "PATTERN", value_hint = ValueHint::Other)]
    pub exclude_role: Vec<String>,
}

/// The same, read.
pub struct Choice {
    account: Patterns,
    role: Patterns,
}

impl Filter {
    pub fn read(&self) -> Result<Choice> {
        Ok(Choice {
            account: Patterns::new(&self.account, &self.exclude_account)?,
            role: Patterns::new(&self.role, &self.exclude_role)?,
        })
    }
}

impl Choice {
    pub fn account(&self, id: &str, name: Option<&str>, email: Option<&str>) -> bool {
        self.account.fit(&[id, name.unwrap_or_default(), email.unwrap_or_default()])
    }

    pub fn role(&self, name: &str) -> bool {
        self.role.fit(&[name])
    }

    pub fn of(&self, account: &Account) -> bool {
        self.account(&account.id, account.name.as_deref(), account.email.as_deref())
    }

    /// The pairs that fit, by their places.
    pub fn pairs(&self, directory: &Directory) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (at, account) in directory.accounts.iter().enumerate() {
            if self.account(&account.id, account.name.as_deref(), account.email.as_deref()) {
                let roles = account.roles.iter().enumerate();
                pairs.extend(roles.filter(|(_, role)| self.role(role)).map(|(role, _)| (at, role)));
            }
        }
        pairs
    }
}

/// The login that is meant: named, or the profile's, or the only one.
pub fn login(app: &App, files: &Files, session: Option<&str>) -> Result<SessionPlan> {
    if let Some(name) = session {
        return sso::session(files, name, Origin::Flag("--sso-session"));
    }
    let chosen = app.chosen(files);
    if chosen.name.origin != Origin::Default {
        chosen.must_exist()?;
        return sso::of_profile(&chosen.profile, &chosen.name.value);
    }
    if let Ok(plan) = sso::of_profile(&chosen.profile, &chosen.name.value) {
        return Ok(plan);
    }
    let sessions: Vec<&str> = files.config.parsed.sso_sessions().collect();
    match sessions.as_slice() {
        [only] => sso::session(files, only, Origin::Default),
        [] => Err(Error::new(Kind::Config, "no sso-session is set up")
            .hint("run `daypass configure sso`")),
        [first, ..] => Err(Error::new(Kind::Usage, "which sso-session is meant?")
            .because(format!("{} has: {}", files.config.shown, sessions.join(", ")))
            .hint(format!("say so with `--sso-session {}`", sso::shell_word(first)))),
    }
}

/// The list, from what is known where that is good enough.
pub fn listed(
    app: &App,
    files: &Files,
    plan: &SessionPlan,
    max_age: SignedDuration,
    roles_of: &dyn Fn(&Account) -> bool,
) -> Result<Directory> {
    let aws = app.aws(&app.chosen(files))?;
    let mut meter = Meter::new(app.ui);
    let wish = Wish { max_age, roles_of };
    let mut report = |progress: &directory::Progress| meter.show(progress);
    let work = directory::list(&app.host, &aws, plan, &wish, &mut report);
    let outcome = app.block_on(work);
    meter.clear();
    outcome
}

impl Age {
    /// What was asked for, else `usual`.
    pub fn or(&self, usual: SignedDuration) -> SignedDuration {
        if self.refresh { SignedDuration::ZERO } else { self.max_age.unwrap_or(usual) }
    }
}

/// Says how old a list is that was not made just now, and sees to a new one.
pub fn tell_age(app: &App, plan: &SessionPlan, directory: &Directory) {
    const FRESH: SignedDuration = SignedDuration::from_mins(1);
    if directory.age > FRESH {
        let age = lifetime::words(directory.age);
        let more = match refresh::if_due(app, plan) {
            true => "a new one is being made in the background",
            false => "--refresh makes a new one",
        };
        app.ui.note(&format!("This list is {age} old; {more}."));
    }
}
