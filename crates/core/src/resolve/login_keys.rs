//! How a login is to be made, as its section of the config file has it.

use super::profile;
use super::{SessionPlan, Sourced};
use crate::files::Files;
use awsconfig::SectionName;

/// The key that the AWS CLI is about to read (aws/aws-cli pull request 10635).
pub const DEVICE_CODE: &str = "sso_use_device_code";
/// The browser of this session: a name or a command line, `%s` for the address.
pub const BROWSER: &str = "daypass_browser";
/// That browser's profile.
pub const BROWSER_PROFILE: &str = "daypass_browser_profile";

/// What is configured.
#[derive(Clone, Debug, Default)]
pub struct LoginKeys {
    /// Where `sso_use_device_code = true` stands; any other value leaves it as it is.
    pub device_code: Option<String>,
    /// `daypass_browser`.
    pub browser: Option<Sourced<String>>,
    /// `daypass_browser_profile`.
    pub browser_profile: Option<Sourced<String>>,
}

/// The keys in the sso-session's section; a login without one has none.
pub fn of(files: &Files, plan: &SessionPlan) -> LoginKeys {
    let Some(name) = &plan.name else { return LoginKeys::default() };
    let section = files.config.parsed.section(&SectionName::SsoSession(name.to_string()));
    let get = |key| profile::lookup(section, &files.config, key);
    let text = |key| {
        let found = get(key).filter(|found| !found.value.trim().is_empty())?;
        Some(found.map(|value| value.trim().to_owned()))
    };
    let device = get(DEVICE_CODE).filter(|found| found.value.eq_ignore_ascii_case("true"));
    LoginKeys {
        device_code: device.map(|found| found.origin.to_string()),
        browser: text(BROWSER),
        browser_profile: text(BROWSER_PROFILE),
    }
}
