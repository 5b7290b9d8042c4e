//! Role credentials: what every AWS service accepts for an hour or twelve.

use crate::resolve::Origin;
use crate::token::format_time;
use jiff::Timestamp;
use serde_json::json;
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

impl RoleCredentials {
    /// What a credential process prints: one line of JSON, its line feed included.
    ///
    /// Version 1 of the contract that botocore and the other SDKs read, with the
    /// `AccountId` that some of them make endpoints of. Times end in `Z`: it is
    /// the one form that all of them read.
    pub fn as_process_output(&self) -> Secret<String> {
        let mut value = json!({
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key.expose(),
        });
        if let Some(token) = &self.session_token {
            value["SessionToken"] = json!(token.expose());
        }
        if let Some(end) = self.expiration {
            value["Expiration"] = json!(format_time(end));
        }
        if let Some(account) = &self.account_id {
            value["AccountId"] = json!(account);
        }
        Secret::new(format!("{value}\n"))
    }
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
