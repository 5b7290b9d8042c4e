//! Our words in `~/.aws/config`. No SDK minds them.

use awsconfig::Section;

/// How our keys begin.
pub const PREFIX: &str = "daypass_";

/// In an `[sso-session]`: how its token is kept sealed, `process` or `mirror`.
pub const SEALED: &str = "daypass_vault";

/// In a profile: its long-lived access key is in the store, under this name.
pub const KEPT_KEYS: &str = "daypass_keys";

/// In a profile with [`KEPT_KEYS`]: the MFA device that its sessions need.
pub const KEPT_MFA: &str = "daypass_mfa_serial";

/// What a profile says of Identity Center. Under our prefix the SDKs do not see it:
/// half of them would take it for the profile's source, half the `credential_process`
/// beside it.
pub const SSO: [&str; 5] =
    ["sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];

/// The name under which a key of [`SSO`] is hidden from the SDKs.
pub fn hidden(key: &str) -> String {
    format!("{PREFIX}{key}")
}

/// A plain value that is not empty.
pub(crate) fn text<'s>(section: &'s Section, key: &str) -> Option<&'s str> {
    section.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A value of Identity Center, open or hidden.
pub(crate) fn sso<'s>(section: &'s Section, key: &str) -> Option<&'s str> {
    text(section, key).or_else(|| text(section, &hidden(key)))
}
