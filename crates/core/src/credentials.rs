//! Role credentials: what every AWS service accepts for an hour or twelve.

use crate::resolve::Origin;
use jiff::Timestamp;
use vault::Secret;

/// An access key with its secret, and for temporary ones the session token.
///
/// They are never written to disk in plain text.
#[derive(Clone, Debug)]
pub struct RoleCredentials {
    /// The access key ID; not a secret.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// The third part of temporary credentials.
    pub session_token: Option<Secret<String>>,
    /// When they end; `None` for long-lived keys.
    pub expiration: Option<Timestamp>,
    /// The account they belong to, where that is known.
    pub account_id: Option<String>,
}

/// Credentials and how they were got, in the words of `configure list`.
#[derive(Clone, Debug)]
pub struct Provided {
    /// The credentials.
    pub credentials: RoleCredentials,
    /// `env`, `sso`, `shared-credentials-file`, `assume-role`, …
    pub method: &'static str,
    /// Where they were configured, if that is one place.
    pub origin: Option<Origin>,
}
