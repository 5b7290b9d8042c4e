//! Who and what exists: the organization the sandbox plays.

mod assignments;
mod bucket;
mod build;
mod builtin;
mod check;
mod directory;
mod file;
mod policy;

use std::path::Path;

use jiff::SignedDuration;

use crate::totp::TotpSecret;

pub use assignments::{AccountAssignment, Assignee, Assignments};
pub(crate) use bucket::Upload;
pub use bucket::{Bucket, Object};
pub(crate) use check::is_region;
pub use policy::Policy;

/// An organization: people, accounts, who may do what where, and buckets.
#[derive(Debug, Clone)]
pub struct World {
    /// The access portal's address, e.g. `https://d-9067c5bbc5.awsapps.com/start`.
    pub start_url: String,
    /// Where Identity Center lives, e.g. `us-east-1`.
    pub region: String,
    /// People who can sign in.
    pub users: Vec<User>,
    /// Groups of them.
    pub groups: Vec<Group>,
    /// Member accounts, in the order the portal lists them.
    pub accounts: Vec<Account>,
    /// What admins defined.
    pub permission_sets: Vec<PermissionSet>,
    /// Who has which permission set in which account.
    pub assignments: Assignments,
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

/// A group of people.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Names of users.
    pub members: Vec<String>,
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
    /// Listed by the portal without a name, and nobody gets in.
    pub suspended: bool,
}

/// A permission set.
#[derive(Debug, Clone)]
pub struct PermissionSet {
    /// The role name in the portal, at most 32 letters.
    pub name: String,
    /// Life of its role credentials, 1 to 12 hours.
    pub session_duration: SignedDuration,
    /// What its roles may do.
    pub policy: Policy,
    /// The 16 hex digits that end its IAM roles' names; made up if absent.
    pub role_suffix: Option<String>,
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
    /// Reads a world file's text; `name` stands in its errors.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, WorldError> {
        file::read(text, name, None)
    }

    /// Reads a world file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, WorldError> {
        let text = Self::text(&path)?;
        let beside = path.as_ref().parent().unwrap_or_else(|| Path::new(""));
        file::read(&text, &path.as_ref().display().to_string(), Some(beside))
    }

    /// A world file's text.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox reads its own world file, nothing of the user's"
    )]
    pub fn text(path: impl AsRef<Path>) -> Result<String, WorldError> {
        let name = path.as_ref().display().to_string();
        std::fs::read_to_string(path).map_err(|error| WorldError {
            place: name,
            message: format!("cannot be read: {error}"),
        })
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

    pub(crate) fn bucket_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.buckets.iter_mut().find(|bucket| bucket.name == name)
    }

    pub(crate) fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.name == name)
    }

    /// The permission sets `user` has in `account`, their own and their groups', each
    /// once, in the order of assignment.
    pub(crate) fn role_names<'a>(
        &'a self,
        user: &str,
        account: &str,
    ) -> std::vec::IntoIter<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let assignments = self.assignments.of(account).iter();
        for assignment in assignments.filter(|assignment| self.reaches(&assignment.to, user)) {
            let name = assignment.permission_set.as_str();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter()
    }

    /// Whether `user` is the assignee, or one of its members.
    fn reaches(&self, assignee: &Assignee, user: &str) -> bool {
        match assignee {
            Assignee::User(name) => name == user,
            Assignee::Group(name) => {
                let mut groups = self.groups.iter().filter(|group| group.name == *name);
                groups.any(|group| group.members.iter().any(|member| member == user))
            }
        }
    }

    /// The accounts where `user` has a role, in the order the portal lists them.
    pub fn accounts_of<'a>(&'a self, user: &str) -> impl Iterator<Item = &'a Account> {
        let assigned = |account: &&Account| {
            let mut here = self.assignments.of(&account.id).iter();
            here.any(|assignment| self.reaches(&assignment.to, user))
        };
        self.accounts.iter().filter(assigned)
    }

    /// Whether the roles of a permission set may do an action, e.g. `s3:PutObject`.
    pub fn may(&self, permission_set: &str, action: &str) -> bool {
        self.permission_set(permission_set).is_some_and(|set| set.policy.may(action))
    }
}

fn canonical(url: &str) -> &str {
    url.trim().trim_end_matches(['/', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_their_members_roles_once() {
        let mut world = World::new("https://d-1111111111.awsapps.com/start", "us-east-1")
            .with_user("ada")
            .with_user("eve")
            .with_account("111111111111", "")
            .with_account("222222222222", "")
            .with_permission_set("Admin", 1)
            .with_permission_set("Reader", 1)
            .with_group("team", &["ada"])
            .with_group_assignment("team", "111111111111", &["Admin", "Reader"])
            .with_assignment("ada", "111111111111", &["Reader"]);
        assert_eq!(
            world.role_names("ada", "111111111111").collect::<Vec<_>>(),
            ["Admin", "Reader"]
        );
        assert_eq!(world.role_names("eve", "111111111111").count(), 0);
        assert_eq!(world.accounts_of("ada").count(), 1);
        let mut gone = world.assignments.of("111111111111")[0].clone();
        assert!(world.assignments.remove(&gone));
        assert!(!world.assignments.remove(&gone));
        gone.account = "222222222222".into();
        assert!(!world.assignments.remove(&gone));
        assert_eq!(world.role_names("ada", "111111111111").collect::<Vec<_>>(), ["Reader"]);
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
