//! In which order each tool looks for credentials: data, not code.
//!
//! The rows were measured with the real clients (`tests/peers/test_doctor.py`) or, where
//! a client cannot be run, read in its source; [`Tool::checked`] says which.

mod families;
mod markdown;
mod tools;

pub use markdown::markdown;
pub use tools::{Unknown, all, by_words};

/// A program or library that signs requests.
#[derive(Debug)]
pub struct Tool {
    /// Its name for `--for`.
    pub id: &'static str,
    /// Other names of the same, or of what is built on it.
    pub also: &'static [&'static str],
    /// Its name for people, with the versions that the row is about.
    pub title: &'static str,
    /// How it looks for credentials.
    pub order: &'static Order,
    /// How far the row is proven.
    pub checked: Checked,
}

/// How far a row of the table is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The real client is asked by the tests, scenario by scenario.
    Run,
    /// It cannot be run where the tests run: its source, or an earlier measurement.
    Read,
}

/// How one family of tools looks for credentials.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// How it chooses a profile.
    pub profile: Choosing,
    /// Which of the two files it reads, and how.
    pub files: Reading,
    /// What it takes for a profile of IAM Identity Center.
    pub sso: Sso,
    /// It takes nothing from a profile with a `role_arn` of the other kind: neither does
    /// it assume the role, nor does it use the profile's keys.
    pub stumbles_over_roles: bool,
    /// Where it looks, the first place first.
    pub steps: &'static [Step],
    /// Where nothing is found it goes on without a signature, instead of failing.
    pub anonymous: bool,
}

/// How a profile is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choosing {
    /// The variables that name it, the strongest first.
    pub variables: &'static [&'static str],
    /// What it makes of `AWS_PROFILE=`.
    pub empty: Empty,
    /// A name that the files do not have is an error; otherwise the places that do not
    /// depend on a profile are still looked at.
    pub missing_fails: bool,
}

/// What a tool makes of a variable that names a profile and is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// The same as none.
    Unset,
    /// An error.
    Fails,
    /// A profile without a name, which is not there.
    Absent,
}

/// Which files are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// `~/.aws/config` and `~/.aws/credentials`, or none.
    pub files: bool,
    /// The variable that moves the credentials file.
    pub credentials_variable: &'static str,
    /// A file that botocore refuses stops it.
    pub strict: bool,
}

/// What makes a profile one of IAM Identity Center.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sso {
    /// It knows none.
    Unknown,
    /// Profiles in the old form only, with `sso_start_url` of their own.
    LegacyOnly,
    /// An account or a role; what else is missing is an error then.
    AccountOrRole,
    /// Any `sso_` key; what is missing is an error then.
    Any,
    /// The same, but an sso-session without account and role is enough to ask the portal.
    AnyOrSession,
    /// Any `sso_` key; `sso_start_url` beside `sso_session` is an error as well.
    AnyExclusive,
    /// All of them; otherwise it looks further.
    Whole,
    /// The same, but an sso-session without account and role is enough to ask the portal.
    WholeOrSession,
    /// All of them; for the login of an sso-session it looks under the start URL's name,
    /// where nobody writes it, and stops.
    ByUrl,
}

/// One place, and when it is passed over.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The place.
    pub source: Source,
    /// When it is passed over though there is something.
    pub unless: Unless,
}

/// When a place is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unless {
    /// Never.
    Never,
    /// An option names a profile.
    Told,
    /// An option or a variable names a profile.
    Named,
}

/// A place where credentials may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Variables,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`: what Kubernetes gives to a pod.
    HubRole,
    /// `role_arn` with `source_profile` or `credential_source`.
    AssumedRole,
    /// `web_identity_token_file` of the profile.
    TokenFileRole,
    /// `sso_…` keys of the profile.
    IdentityCenter,
    /// Keys of the profile in the credentials file.
    CredentialsFile,
    /// Keys of the profile in the config file.
    ConfigFile,
    /// Keys of the profile in either file, merged.
    Files,
    /// `credential_process`.
    Process,
    /// `login_session`: the AWS CLI's console login.
    ConsoleLogin,
    /// `AWS_CONTAINER_CREDENTIALS_…`.
    Container,
    /// The same, with its token in a file only.
    ContainerWithFile,
    /// The machine's own role, asked of its metadata service.
    Instance,
}

impl Source {
    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Variables => "keys in variables",
            Self::HubRole => "web identity in variables",
            Self::AssumedRole => "role_arn of the profile",
            Self::TokenFileRole => "token file of the profile",
            Self::IdentityCenter => "IAM Identity Center",
            Self::CredentialsFile => "keys in the credentials file",
            Self::ConfigFile => "keys in the config file",
            Self::Files => "keys in the files",
            Self::Process => "credential_process",
            Self::ConsoleLogin => "aws login",
            Self::Container => "container endpoint",
            Self::ContainerWithFile => "container endpoint (token file)",
            Self::Instance => "instance metadata",
        }
    }

    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Variables => "Variables",
            Self::HubRole => "HubRole",
            Self::AssumedRole => "AssumedRole",
            Self::TokenFileRole => "TokenFileRole",
            Self::IdentityCenter => "IdentityCenter",
            Self::CredentialsFile | Self::ConfigFile | Self::Files => "Files",
            Self::Process => "Process",
            Self::ConsoleLogin => "ConsoleLogin",
            Self::Container | Self::ContainerWithFile => "Container",
            Self::Instance => "Instance",
        }
    }

    /// Whether it is a part of the profile.
    pub const fn is_of_profile(self) -> bool {
        !matches!(
            self,
            Self::Variables
                | Self::HubRole
                | Self::Container
                | Self::ContainerWithFile
                | Self::Instance
        )
    }
}

const fn at(source: Source) -> Step {
    Step { source, unless: Unless::Never }
}

const fn unless_told(source: Source) -> Step {
    Step { source, unless: Unless::Told }
}

const fn unless_named(source: Source) -> Step {
    Step { source, unless: Unless::Named }
}
