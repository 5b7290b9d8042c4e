//! Profiles that another tool answers, and what they become.
//!
//! Only what the tools document is taken over. What is not understood is left as it is,
//! and refused by name and line.

pub mod aws_sso;
mod outline;
mod profiles;

pub use profiles::{Becomes, Import, find};

use crate::names::{AccountId, Region, RoleName};
use crate::start_url::StartUrl;
use std::fmt;

/// A tool whose set-up is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// aws-vault.
    AwsVault,
    /// granted (`assume`).
    Granted,
    /// aws-sso-cli (`aws-sso`).
    AwsSsoCli,
    /// aws-sso-util.
    AwsSsoUtil,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tool::AwsVault => "aws-vault",
            Tool::Granted => "granted",
            Tool::AwsSsoCli => "aws-sso-cli",
            Tool::AwsSsoUtil => "aws-sso-util",
        })
    }
}

/// Something that is not taken over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// File and line.
    pub place: String,
    /// What is there, and why it stays.
    pub what: String,
}

/// Where a login goes: what an `[sso-session]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// As it is written.
    pub start_url: String,
    /// The SSO region.
    pub region: String,
}

impl Portal {
    fn parse(start_url: &str, region: &str) -> Result<Self, String> {
        let url = StartUrl::parse(start_url).map_err(|error| error.message().to_owned())?;
        let region = Region::parse(region).map_err(|error| error.message().to_owned())?;
        Ok(Self { start_url: url.raw().to_owned(), region: region.to_string() })
    }

    /// Whether two portals are one.
    pub fn is(&self, start_url: &str, region: &str) -> bool {
        let same_url = match (StartUrl::parse(&self.start_url), StartUrl::parse(start_url)) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            _ => false,
        };
        same_url && self.region == region
    }

    /// A name for the session: the first part of the portal's host.
    pub fn label(&self) -> String {
        let host = self.start_url.split("//").nth(1).unwrap_or_default();
        let label = host.split(['.', '/', ':']).next().unwrap_or_default();
        match safe_name(label).as_str() {
            "" => "sso".to_owned(),
            label => label.to_owned(),
        }
    }
}

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The account.
    pub account: String,
    /// The role's name.
    pub name: String,
}

impl Role {
    fn parse(account: &str, name: &str) -> Result<Self, String> {
        let account = AccountId::parse(account).map_err(|error| error.message().to_owned())?;
        let name = RoleName::parse(name).map_err(|error| error.message().to_owned())?;
        Ok(Self { account: account.to_string(), name: name.to_string() })
    }
}

/// A name that every SDK reads alike.
pub(super) fn safe_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    text.chars().map(safe).collect::<String>().trim_matches('-').to_owned()
}
