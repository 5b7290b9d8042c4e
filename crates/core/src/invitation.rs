//! An invitation: what an organization's people need to set up their login, as data.
//!
//! A TOML file of a few lines (`docs/invitation.schema.json`). It names a portal, and
//! suggests profiles; it can name no program, no certificate, no proxy and no address
//! that is not `https`, and it says nothing that is not shown before it is written.

mod checks;
mod fetch;
mod plan;
mod write;

pub use fetch::{fetch, load, sha256};
pub use plan::{Outlook, outlook, write};
pub use write::{Suggestion, to_text};

use crate::error::{Error, Kind, Result};
use crate::names::Region;
use crate::start_url::StartUrl;
use serde::Deserialize;
use toml::Spanned;

/// An invitation of more bytes is none.
pub const MOST_BYTES: usize = 64 * 1024;

/// The one version there is.
pub const VERSION: i64 = 1;

/// What an invitation says, checked.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The sso-session's name.
    pub session: String,
    /// The portal; always over https.
    pub start_url: StartUrl,
    /// Where Identity Center lives.
    pub sso_region: Region,
    /// What the login is for.
    pub scopes: Vec<String>,
    /// Profiles, in order.
    pub profiles: Vec<InvitedProfile>,
    /// Whose invitation it is; plain text of one line.
    pub organization: Option<String>,
    /// Whom to ask; plain text of one line.
    pub contact: Option<String>,
    /// A word for whoever was invited; lines of plain text.
    pub text: Option<String>,
}

/// A profile that is suggested; what it does not say is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitedProfile {
    /// Its name.
    pub name: String,
    /// 12 digits.
    pub account_id: Option<String>,
    /// A role in that account.
    pub role_name: Option<String>,
    /// The region of the data.
    pub region: Option<String>,
    /// How results are printed.
    pub output: Option<String>,
    /// What `daypass s3 ls` lists.
    pub default_s3_uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    daypass_invitation: Spanned<i64>,
    sso_session: Session,
    #[serde(default)]
    profile: Vec<Profile>,
    #[serde(default)]
    help: Help,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    name: Spanned<String>,
    start_url: Spanned<String>,
    region: Spanned<String>,
    #[serde(default)]
    scopes: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    name: Spanned<String>,
    account_id: Option<Spanned<String>>,
    role_name: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    output: Option<Spanned<String>>,
    default_s3_uri: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Help {
    organization: Option<Spanned<String>>,
    contact: Option<Spanned<String>>,
    text: Option<Spanned<String>>,
}

/// Reads an invitation; `from` is where it came from, for messages.
///
/// # Errors
/// [`Kind::Config`], naming the line.
pub fn parse(from: &str, bytes: &[u8]) -> Result<Invitation> {
    let refused = |line: Option<usize>, why: String| {
        let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
        Error::new(Kind::Config, format!("cannot use the invitation `{from}`{place}"))
            .because(why)
            .hint("ask whoever gave it to you; what may stand in one is in docs/invitation.schema.json")
    };
    if bytes.len() > MOST_BYTES {
        return Err(refused(None, format!("it is larger than {} KiB", MOST_BYTES / 1024)));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        refused(Some(line_of(bytes, e.valid_up_to())), "it is not UTF-8 text".into())
    })?;
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_of(bytes, span.start));
        refused(line, checks::one_line(error.message()))
    })?;
    checks::check(file).map_err(|(at, why)| refused(at.map(|at| line_of(bytes, at)), why))
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests;
