//! The one door to the environment: every variable daypass reads.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment and the clock"
)]

use daypass_core::critical::Critical;
use daypass_core::host::{Clock, Host, Vars};
use jiff::Timestamp;
use vault::LockPlaces;

/// What daypass asks the environment for; `BROWSER` besides is read by the
/// library that opens it.
const NAMES: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_DEFAULT_OUTPUT",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_MAX_ATTEMPTS",
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "NO_COLOR",
    "TERM",
    daypass_core::provide::CHAIN,
];

/// The world, read once.
pub fn host() -> Host {
    let vars: Vars = NAMES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect();
    let home = std::env::home_dir().unwrap_or_default();
    // No variable moves the locks: two processes that share `~/.aws` must meet.
    let locks = LockPlaces::for_user(&home.join(".aws").join("daypass").join("locks"));
    Host { home, vars, clock: Clock::new(Timestamp::now), locks, critical: Critical::default() }
}

/// The words of the command line; those that are not UTF-8 keep their place.
pub fn arguments() -> Vec<std::ffi::OsString> {
    std::env::args_os().collect()
}

/// The variables whose names begin so, for taking them from a child.
pub fn inherited(prefix: &str) -> impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)> {
    std::env::vars_os().filter(move |(name, _)| name.to_string_lossy().starts_with(prefix))
}
