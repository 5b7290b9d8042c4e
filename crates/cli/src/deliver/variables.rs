//! What is changed in the environment of those who get credentials.

use crate::deliver::attendant::Endpoint;
use crate::vars::PROFILE;
use daypass_core::credentials::RoleCredentials;
use daypass_core::token::format_time;
use vault::Secret;

const KEYS: &str = "keys in variables win over every other source";
const PROFILES: &str =
    "JS prefers a profile to keys, and no SDK asks a container when one is named";
const TOKEN_FILE: &str = "a hub's or cluster's role wins over AWS_PROFILE in botocore, and over the container everywhere";
const CONTAINER: &str = "another endpoint's credentials, where ours are meant";
const OLD: &str = "the old name of a key, which Go v1 and Java v1 still read";

/// The variables that could give a command other credentials than those meant,
/// each with the reason.
pub const COMPETING: [(&str, &str); 17] = [
    ("AWS_ACCESS_KEY_ID", KEYS),
    ("AWS_SECRET_ACCESS_KEY", KEYS),
    ("AWS_SESSION_TOKEN", "another session's token makes good keys invalid"),
    ("AWS_SECURITY_TOKEN", "its old name, which botocore reads first"),
    ("AWS_CREDENTIAL_EXPIRATION", "an old time makes botocore refuse fresh keys"),
    ("AWS_ACCOUNT_ID", "the account of other keys would go into endpoints"),
    ("AWS_ACCESS_KEY", OLD),
    ("AWS_SECRET_KEY", OLD),
    ("AWS_PROFILE", PROFILES),
    ("AWS_DEFAULT_PROFILE", "boto3 and GDAL ask it before AWS_PROFILE"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN_FILE),
    ("AWS_ROLE_ARN", TOKEN_FILE),
    ("AWS_ROLE_SESSION_NAME", TOKEN_FILE),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "it wins over the full address"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", CONTAINER),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "it wins over the token"),
];

/// What [`Settings::of_keys`] and [`Settings::region`] set besides.
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Variables to remove, and variables to set.
#[derive(Debug)]
pub struct Settings {
    /// None of these is set.
    pub unset: Vec<&'static str>,
    /// In the order of their setting.
    pub set: Vec<(&'static str, Secret<String>)>,
}

impl Settings {
    /// Nothing but the competing variables removed.
    pub fn clean() -> Self {
        Self { unset: COMPETING.iter().map(|(name, _)| *name).collect(), set: Vec::new() }
    }

    /// All that can have been set is removed, and nothing set.
    pub fn undo() -> Self {
        let ours = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        let more = ["AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_EC2_METADATA_DISABLED"];
        let unset = ours.into_iter().chain(more).chain(REGIONS).chain([PROFILE]);
        Self { unset: unset.collect(), set: Vec::new() }
    }

    /// The credentials as keys.
    pub fn of_keys(keys: &RoleCredentials) -> Self {
        let mut settings = Self::clean();
        settings.put("AWS_ACCESS_KEY_ID", keys.access_key_id.clone());
        settings.put_secret("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.clone());
        if let Some(token) = &keys.session_token {
            settings.put_secret("AWS_SESSION_TOKEN", token.clone());
        }
        if let Some(end) = keys.expiration {
            settings.put("AWS_CREDENTIAL_EXPIRATION", format_time(end));
        }
        if let Some(account) = &keys.account_id {
            settings.put("AWS_ACCOUNT_ID", account.clone());
        }
        settings.no_metadata();
        settings
    }

    /// The credentials on an address: some SDKs take the token from one variable only,
    /// some from the other.
    pub fn served(endpoint: &Endpoint) -> Self {
        let mut settings = Self::clean();
        settings.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint.uri.clone());
        settings.put_secret("AWS_CONTAINER_AUTHORIZATION_TOKEN", endpoint.token.clone());
        let file = endpoint.token_file.display().to_string();
        settings.put("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file);
        settings.no_metadata();
        settings
    }

    /// A failure must not turn into minutes of asking for an instance that is not
    /// there, nor into the role of one that is.
    pub fn no_metadata(&mut self) {
        self.put("AWS_EC2_METADATA_DISABLED", "true".to_owned());
    }

    /// Both variables: each is the only one that some SDK reads.
    pub fn region(&mut self, region: &str) {
        for name in REGIONS {
            self.put(name, region.to_owned());
        }
    }

    /// The profile's name, for prompts and for a daypass that runs inside.
    pub fn profile(&mut self, name: &str) {
        self.put(PROFILE, name.to_owned());
    }

    pub fn put(&mut self, name: &'static str, value: String) {
        self.put_secret(name, Secret::new(value));
    }

    fn put_secret(&mut self, name: &'static str, value: Secret<String>) {
        self.unset.retain(|unset| *unset != name);
        self.set.push((name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> RoleCredentials {
        RoleCredentials {
            access_key_id: "ASIA".into(),
            secret_access_key: Secret::from("secret"),
            session_token: None,
            expiration: None,
            account_id: None,
        }
    }

    #[test]
    fn what_is_set_is_not_unset_and_all_else_is() {
        let settings = Settings::of_keys(&keys());
        let set: Vec<_> = settings.set.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            set,
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"]
        );
        assert!(settings.unset.contains(&"AWS_SESSION_TOKEN"), "long-lived keys have none");
        let both = |name| set.contains(name) != settings.unset.contains(name);
        assert!(COMPETING.iter().all(|(name, _)| both(name)));
    }

    #[test]
    fn everything_that_is_set_can_be_undone() {
        let mut settings = Settings::of_keys(&RoleCredentials {
            session_token: Some(Secret::from("token")),
            expiration: Some(jiff::Timestamp::UNIX_EPOCH),
            account_id: Some("867530900000".into()),
            ..keys()
        });
        settings.region("us-west-2");
        settings.profile("p");
        let undo = Settings::undo().unset;
        assert!(settings.set.iter().all(|(name, _)| undo.contains(name)));
        assert_eq!(settings.set.len(), undo.len());
    }
}
