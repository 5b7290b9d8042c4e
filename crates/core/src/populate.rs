//! Profiles for every account and role: which there should be, and what has to change in
//! the config file for that. Pure: text in, edits out.
//!
//! A profile that was made here says so by [`MARK`]: what it is of, and a fingerprint of
//! what was written. A profile that no longer fits its fingerprint was changed by hand,
//! and is left alone.

mod mark;
mod names;
mod plan;
mod template;

pub use mark::MARK;
pub use plan::{Outcome, plan};
pub use template::Template;

use crate::directory::Directory;
use crate::edit::{Step, edit};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::host::Host;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::resolve::sso::{Keeping, Policy};
use awsconfig::{FileKind, Section};

/// What the profiles are to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `sso_session`, as every SDK of today reads it.
    Session,
    /// `credential_process`, with what it is of under our prefix.
    Process,
    /// `sso_start_url` in each profile, for tools of before 2023.
    Legacy,
}

/// What is wanted, but for the accounts.
pub struct Recipe<'a> {
    /// The login.
    pub login: &'a SessionPlan,
    /// How profiles are named.
    pub template: &'a Template,
    /// The form.
    pub style: Style,
    /// One profile for each, if there are several.
    pub regions: &'a [Region],
    /// Whether the region was asked for: if not, profiles keep the one they have.
    pub region_is_asked: bool,
    /// Further keys.
    pub extra: &'a [(String, String)],
    /// Remove profiles of accounts and roles that are gone.
    pub prune: bool,
    /// Give profiles that an older template has named their new names.
    pub rename: bool,
    /// Makes the `credential_process` of a profile.
    pub command: &'a dyn Fn(&str) -> Result<String>,
}

/// The pairs of account and role that are wanted.
pub struct Wanted<'a> {
    /// All that is known.
    pub directory: &'a Directory,
    /// Whether a role of an account is wanted, by their places in the directory.
    pub pairs: Vec<(usize, usize)>,
}

impl Style {
    /// The form that works with a login, if none was asked for.
    pub fn of(login: &SessionPlan) -> Self {
        match (&login.name, login.keeping) {
            (_, Keeping::Sealed(Policy::Process)) => Style::Process,
            (None, _) => Style::Legacy,
            _ => Style::Session,
        }
    }

    /// # Errors
    /// [`Kind::Config`]: no other program would get credentials from such profiles.
    pub fn fits(self, login: &SessionPlan) -> Result<Self> {
        let sealed = login.keeping == Keeping::Sealed(Policy::Process);
        match (self, &login.name) {
            (Style::Session | Style::Legacy, _) if sealed => Err(Error::new(
                Kind::Config,
                format!("the login of {} is sealed: profiles of this style cannot use it", login.shown()),
            )
            .hint("leave `--style` out, or say `--style process`")),
            (Style::Legacy, Some(_)) => Err(Error::new(
                Kind::Config,
                "profiles of style `legacy` have a login of their own, which nothing refreshes",
            )
            .because(format!("{} would not be used by them", login.shown()))
            .hint("leave `--style` out; for programs that know no sso-session, `--style process` works")),
            (Style::Session, None) => Err(Error::new(
                Kind::Config,
                "profiles of style `session` need an sso-session",
            )
            .hint("make one with `daypass configure sso-session`, and name it with --sso-session")),
            _ => Ok(self),
        }
    }
}

/// Changes the config file, in one replacement, so that the profiles are there.
///
/// # Errors
/// As [`crate::edit::edit`]; a name that cannot stand in a `credential_process`.
pub fn apply(
    host: &Host,
    step: &Step,
    recipe: &Recipe<'_>,
    wanted: &Wanted<'_>,
) -> Result<Outcome> {
    let credentials = Files::load(host)?.credentials.parsed;
    let mut outcome = Ok(Outcome::default());
    edit(host, step, FileKind::Config, |document| {
        // As it is under the lock: somebody may have changed it since.
        let text = document.to_text();
        let Ok(config) = awsconfig::parse(FileKind::Config, &text) else { return Ok(()) };
        let comments = comment_lines(&text);
        let has_comment = |section: &Section| has_comment(&comments, section);
        outcome = plan(&config, &credentials, &has_comment, recipe, wanted);
        match &outcome {
            Ok(outcome) if !outcome.edits.is_empty() => document.edit_sections(&outcome.edits),
            _ => Ok(()),
        }
    })?;
    outcome
}

/// The lines of comments, from 1.
fn comment_lines(text: &str) -> Vec<usize> {
    let is_comment = |line: &str| line.trim_start().starts_with(['#', ';']);
    let numbered = text.lines().enumerate().filter(|(_, line)| is_comment(line));
    numbered.map(|(at, _)| at + 1).collect()
}

/// Whether somebody has written a comment between a section's keys.
fn has_comment(comments: &[usize], section: &Section) -> bool {
    let lines = section.keys().filter_map(|key| Some(section.get(key)?.line));
    let last = lines.max().unwrap_or(section.header_line());
    let next = comments.partition_point(|line| *line < section.header_line());
    comments.get(next).is_some_and(|line| *line < last)
}

/// Keys that decide where credentials come from: a profile has one kind of them.
pub fn check_extra(key: &str) -> Result<()> {
    let providers = [
        "credential_process",
        "role_arn",
        "source_profile",
        "credential_source",
        "web_identity_token_file",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "mfa_serial",
        "external_id",
        "region",
    ];
    let name = key.to_lowercase();
    let told = |why: &str| {
        Err(Error::new(Kind::Usage, format!("{} cannot be set here", quoted(key))).because(why))
    };
    if name == "region" {
        return told("profiles differ by it").map_err(|error| error.hint("say `--region`"));
    }
    if providers.contains(&name.as_str()) || name.starts_with("sso_") {
        return told(
            "it says where credentials come from, and SDKs disagree about profiles that say two things",
        );
    }
    if name.starts_with(hot::keys::PREFIX) && name == MARK {
        return told("daypass writes it");
    }
    Ok(())
}
