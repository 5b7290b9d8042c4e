//! Request + files → plan: what will be done, and where each value came from.
//!
//! Nothing here touches the network. A plan is a value, so that error messages,
//! `--debug` and `configure list` can say the origin of everything.

pub mod connection;
pub mod credentials;
pub mod login_keys;
pub mod look;
pub mod profile;
pub mod sso;

use std::fmt;
use std::path::PathBuf;

pub use connection::Connection;
pub use credentials::CredentialPlan;
pub use profile::Profile;
pub use sso::{RolePlan, SessionPlan};

/// What the command line said, before files and variables are asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
    /// `--ca-bundle`.
    pub ca_bundle: Option<String>,
    /// `--no-verify-ssl`.
    pub no_verify_ssl: bool,
    /// `--no-sign-request`.
    pub no_sign_request: bool,
    /// `--cli-connect-timeout`, seconds; 0 waits for ever.
    pub connect_timeout: Option<u64>,
    /// `--cli-read-timeout`, seconds; 0 waits for ever.
    pub read_timeout: Option<u64>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A command-line option.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A line of a file.
    File {
        /// The file, as people know it (`~/.aws/config`).
        shown: String,
        /// The file's place.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A person, just now.
    Answer,
    /// The `daypass exec` that we run in.
    Exec,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) | Origin::Variable(name) => f.write_str(name),
            Origin::File { shown, line, .. } => write!(f, "{shown}:{line}"),
            Origin::Answer => f.write_str("as given just now"),
            Origin::Exec => f.write_str("daypass exec"),
            Origin::Default => f.write_str("the default"),
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Puts a value and its origin together.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The same origin for another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), origin: self.origin }
    }
}
