//! Who and what exists: the organization the sandbox plays.

mod bucket;
mod build;
mod check;
mod file;

use std::path::Path;

use jiff::SignedDuration;

use crate::totp::TotpSecret;

pub use bucket::{Bucket, Object};
pub(crate) use check::is_region;

const GUIDE: &str = include_str!("../../worlds/guide.toml");

/// An organization: people, accounts, who may do what where, and buckets.
#[derive(Debug, Clone)]
pub struct World {
    /// The access portal's address, e.g. `https://d-9067c5bbc5.awsapps.com/start`.
    pub start_url: String,
    /// Where Identity Center lives, e.g. `us-east-1`.
    pub region: String,
    /// People who can sign in.
    pub users: Vec<User>,
    /// Member accounts, in the order the portal lists them.
    pub accounts: Vec<Account>,
    /// What admins defined.
    pub permission_sets: Vec<PermissionSet>,
    /// Who has which permission set in which account.
    pub assignments: Vec<AccountAssignment>,
    /// S3 buckets.
    pub buckets: Vec<Bucket>,
    /// Long-lived keys of IAM users.
    pub iam_keys: Vec<IamKey>,
    /// IAM roles that can be assumed.
    pub roles: Vec<Role>,
}

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// What they type to sign in.
    pub name: String,
    /// How the pages call them.
    pub display_name: String,
    /// Names their role sessions, as `ada@example.com`.
    pub email: String,
    /// What they type with it; without one the name is enough.
    pub password: Option<String>,
    /// Whether they are asked for a code too.
    pub mfa: Mfa,
}

/// Whether a user signs in with an authenticator app.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mfa {
    /// If they register one in the access portal.
    #[default]
    Optional,
    /// They have to register one when they first sign in.
    Required,
    /// They have registered one that knows this secret.
    Registered(TotpSecret),
}

/// A member account.
#[derive(Debug, Clone)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// Absent for accounts the portal does not name.
    pub name: Option<String>,
    /// The root user's e-mail address.
    pub email: Option<String>,
}

/// A permission set.
#[derive(Debug, Clone)]
pub struct PermissionSet {
    /// The role name in the portal, at most 32 letters.
    pub name: String,
    /// Life of its role credentials, 1 to 12 hours.
    pub session_duration: SignedDuration,
    /// Actions it may not do, e.g. `s3:ListAllMyBuckets`.
    pub deny: Vec<String>,
    /// The 16 hex digits that end its IAM roles' names; made up if absent.
    pub role_suffix: Option<String>,
}

/// A user's permission set in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAssignment {
    /// A user's name.
    pub user: String,
    /// An account ID.
    pub account: String,
    /// A permission set's name.
    pub permission_set: String,
}

/// An IAM user's access key.
#[derive(Debug, Clone, Default)]
pub struct IamKey {
    /// `AKIA` and 16 letters.
    pub access_key_id: String,
    /// 40 letters.
    pub secret_access_key: String,
    /// The IAM user's name.
    pub user: String,
    /// The account of the IAM user.
    pub account: String,
    /// The user's MFA device: its code is then asked for by `GetSessionToken`.
    pub mfa: Option<MfaDevice>,
}

/// An MFA device of an IAM user, with a code that does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaDevice {
    /// Its ARN or number.
    pub serial: String,
    /// Six digits.
    pub code: String,
}

/// An IAM role that principals of trusted accounts can assume.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name, without path.
    pub name: String,
    /// The account it belongs to.
    pub account: String,
    /// Who may assume it: account IDs (all their principals), ARNs of IAM users and
    /// of roles.
    pub trusts: Vec<String>,
    /// The external ID it asks for.
    pub external_id: Option<String>,
    /// Whether it asks for an MFA device's code, in the request or in the session
    /// that signs it.
    pub mfa: bool,
    /// Longest session, 1 to 12 hours.
    pub max_session_duration: SignedDuration,
}

/// A world that cannot be: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct WorldError {
    /// `file:line`, or the file's name alone.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl World {
    /// The guide's organization: user `ada`, account 867530900000 with its three
    /// roles, bucket `nasa-disasters`.
    pub fn guide() -> Self {
        Self::from_toml(GUIDE, "worlds/guide.toml")
            .expect("the built-in world is checked by a test")
    }

    /// Reads a world file's text; `name` stands in its errors.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, WorldError> {
        file::read(text, name)
    }

    /// Reads a world file.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox reads its own world file, nothing of the user's"
    )]
    pub fn load(path: impl AsRef<Path>) -> Result<Self, WorldError> {
        let name = path.as_ref().display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::from_toml(&text, &name),
            Err(error) => {
                Err(WorldError { place: name, message: format!("cannot be read: {error}") })
            }
        }
    }

    /// Whether `url` is this organization's start URL, in any of its spellings:
    /// `/start`, `/start/`, `/start#/`, `/start/#`.
    pub(crate) fn is_start_url(&self, url: &str) -> bool {
        canonical(url).eq_ignore_ascii_case(canonical(&self.start_url))
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn permission_set(&self, name: &str) -> Option<&PermissionSet> {
        self.permission_sets.iter().find(|set| set.name == name)
    }

    pub(crate) fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.name == name)
    }

    /// The permission sets `user` has in `account`, in the order of assignment.
    pub(crate) fn role_names<'a>(
        &'a self,
        user: &'a str,
        account: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let mine = self.assignments.iter().filter(move |a| a.user == user && a.account == account);
        mine.map(|assignment| assignment.permission_set.as_str())
    }
}

fn canonical(url: &str) -> &str {
    url.trim().trim_end_matches(['/', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_is_as_the_guide_says() {
        let world = World::guide();
        let roles: Vec<_> = world.role_names("ada", "867530900000").collect();
        assert_eq!(roles, ["Project-Admin", "Project-Power-User", "ReadOnlyAccess"]);
        let hours = |name| world.permission_set(name).map(|set| set.session_duration.as_hours());
        assert_eq!(hours("Project-Admin"), Some(2));
        assert_eq!(hours("Project-Power-User"), Some(8));
        assert_eq!(hours("ReadOnlyAccess"), Some(12));
        assert_eq!(world.bucket("nasa-disasters").map(|b| b.region.as_str()), Some("us-west-2"));
        assert!(world.accounts.len() > 1);
    }

    #[test]
    fn every_spelling_of_the_start_url() {
        let world = World::guide();
        for tail in ["start", "start/", "start#/", "start/#", "start/#/"] {
            assert!(
                world.is_start_url(&format!("https://d-9067c5bbc5.awsapps.com/{tail}")),
                "{tail}"
            );
        }
        assert!(!world.is_start_url("https://d-9067c5bbc5.awsapps.com/"));
        assert!(!world.is_start_url("https://d-0000000000.awsapps.com/start"));
        assert!(!world.is_start_url("http://d-9067c5bbc5.awsapps.com/start"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = World::load("/nowhere/world.toml").expect_err("there is no such file");
        assert!(error.to_string().starts_with("/nowhere/world.toml: cannot be read"), "{error}");
    }
}
