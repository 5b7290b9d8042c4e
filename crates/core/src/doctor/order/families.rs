//! The families: tools that share their code look in the same places.

use super::Source::{
    AssumedRole, ConfigFile, ConsoleLogin, Container, ContainerWithFile, CredentialsFile, Files,
    HubRole, IdentityCenter, Instance, Process, TokenFileRole, Variables,
};
use super::{Choosing, Empty, Order, Reading, Sso, Step, at, unless_named, unless_told};

const SHARED: &str = "AWS_SHARED_CREDENTIALS_FILE";

const STRICT: Reading = Reading { files: true, credentials_variable: SHARED, strict: true };
const LENIENT: Reading = Reading { files: true, credentials_variable: SHARED, strict: false };
const NO_FILES: Reading = Reading { files: false, credentials_variable: SHARED, strict: false };
const GDAL_FILES: Reading =
    Reading { files: true, credentials_variable: "CPL_AWS_CREDENTIALS_FILE", strict: false };

const PROFILE: &[&str] = &["AWS_PROFILE"];
const PROFILE_FIRST: &[&str] = &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
const DEFAULT_FIRST: &[&str] = &["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

const fn choosing(
    variables: &'static [&'static str],
    empty: Empty,
    missing_fails: bool,
) -> Choosing {
    Choosing { variables, empty, missing_fails }
}

const BOTOCORE_STEPS: &[Step] = &[
    unless_told(Variables),
    at(AssumedRole),
    at(TokenFileRole),
    unless_told(HubRole),
    at(IdentityCenter),
    at(CredentialsFile),
    at(ConsoleLogin),
    at(Process),
    at(ConfigFile),
    at(Container),
    at(Instance),
];

pub(super) const AWS_CLI: Order = Order {
    profile: choosing(PROFILE_FIRST, Empty::Fails, true),
    files: STRICT,
    sso: Sso::AccountOrRole,
    steps: BOTOCORE_STEPS,
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const BOTOCORE: Order =
    Order { profile: choosing(DEFAULT_FIRST, Empty::Fails, true), ..AWS_CLI };

pub(super) const GO: Order = Order {
    profile: choosing(PROFILE_FIRST, Empty::Unset, true),
    files: LENIENT,
    sso: Sso::AnyOrSession,
    steps: &[
        unless_told(Variables),
        unless_told(HubRole),
        at(AssumedRole),
        at(Files),
        at(TokenFileRole),
        at(IdentityCenter),
        at(ConsoleLogin),
        at(Process),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const GO_1: Order = Order {
    profile: choosing(PROFILE_FIRST, Empty::Unset, false),
    steps: &[
        unless_told(Variables),
        unless_told(HubRole),
        at(AssumedRole),
        at(Files),
        at(TokenFileRole),
        at(IdentityCenter),
        at(Process),
        at(Container),
        at(Instance),
    ],
    ..GO
};

pub(super) const JAVASCRIPT: Order = Order {
    profile: choosing(PROFILE, Empty::Unset, false),
    files: LENIENT,
    sso: Sso::Any,
    steps: &[
        unless_named(Variables),
        at(AssumedRole),
        at(Files),
        at(TokenFileRole),
        at(Process),
        at(IdentityCenter),
        at(ConsoleLogin),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const JAVA: Order = Order {
    profile: choosing(PROFILE, Empty::Absent, false),
    files: STRICT,
    sso: Sso::Any,
    steps: &[
        at(Variables),
        at(HubRole),
        at(TokenFileRole),
        at(IdentityCenter),
        at(AssumedRole),
        at(ConsoleLogin),
        at(Process),
        at(Files),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const RUST: Order = Order {
    profile: choosing(PROFILE, Empty::Absent, false),
    files: STRICT,
    sso: Sso::AnyExclusive,
    steps: &[
        at(Variables),
        at(AssumedRole),
        at(TokenFileRole),
        at(IdentityCenter),
        at(ConsoleLogin),
        at(Process),
        at(Files),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const CPP: Order = Order {
    profile: choosing(PROFILE, Empty::Absent, false),
    files: STRICT,
    sso: Sso::Whole,
    steps: &[
        at(Variables),
        at(AssumedRole),
        at(Files),
        at(Process),
        at(HubRole),
        at(TokenFileRole),
        at(IdentityCenter),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: true,
    anonymous: true,
};

pub(super) const CRT: Order = Order {
    profile: choosing(PROFILE, Empty::Absent, false),
    files: STRICT,
    sso: Sso::Unknown,
    steps: &[
        at(Variables),
        at(AssumedRole),
        at(Files),
        at(Process),
        at(HubRole),
        at(TokenFileRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const RUBY: Order = Order {
    profile: choosing(PROFILE_FIRST, Empty::Unset, true),
    files: LENIENT,
    sso: Sso::AccountOrRole,
    steps: &[
        at(Variables),
        at(AssumedRole),
        at(TokenFileRole),
        at(IdentityCenter),
        at(Files),
        at(Process),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const GDAL_12: Order = Order {
    profile: choosing(DEFAULT_FIRST, Empty::Unset, false),
    files: GDAL_FILES,
    sso: Sso::WholeOrSession,
    steps: &[
        at(Variables),
        at(IdentityCenter),
        at(Process),
        at(Files),
        at(AssumedRole),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};

/// Without `credential_process`, and with the token of an sso-session looked for under
/// the start URL's name, where nobody writes it.
pub(super) const GDAL_10: Order = Order {
    sso: Sso::ByUrl,
    steps: &[
        at(Variables),
        at(IdentityCenter),
        at(Files),
        at(AssumedRole),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    ..GDAL_12
};

pub(super) const GDAL_8: Order = Order {
    sso: Sso::Unknown,
    steps: &[at(Variables), at(Files), at(AssumedRole), at(HubRole), at(Container), at(Instance)],
    ..GDAL_12
};

pub(super) const OBJECT_STORE: Order = Order {
    profile: choosing(&[], Empty::Unset, false),
    files: NO_FILES,
    sso: Sso::Unknown,
    steps: &[at(Variables), at(HubRole), at(ContainerWithFile), at(Instance)],
    stumbles_over_roles: false,
    anonymous: false,
};

pub(super) const OPENDAL: Order = Order {
    profile: choosing(PROFILE, Empty::Absent, false),
    files: LENIENT,
    sso: Sso::LegacyOnly,
    steps: &[
        at(Variables),
        at(Files),
        at(IdentityCenter),
        at(HubRole),
        at(Container),
        at(Instance),
    ],
    stumbles_over_roles: false,
    anonymous: false,
};
