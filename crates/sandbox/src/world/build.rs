//! Worlds made by tests.

use jiff::SignedDuration;

use super::{
    Account, AccountAssignment, Assignee, Assignments, Bucket, Group, IamKey, Mfa, PermissionSet,
    Policy, Role, User, World,
};

impl World {
    /// An organization with nobody in it.
    pub fn new(start_url: &str, region: &str) -> Self {
        Self {
            start_url: start_url.to_owned(),
            region: region.to_owned(),
            users: Vec::new(),
            groups: Vec::new(),
            accounts: Vec::new(),
            permission_sets: Vec::new(),
            assignments: Assignments::default(),
            buckets: Vec::new(),
            iam_keys: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// With a user; the e-mail address is `NAME@example.com`.
    pub fn with_user(mut self, name: &str) -> Self {
        let (name, email) = (name.to_owned(), format!("{name}@example.com"));
        let (display_name, password, mfa) = (name.clone(), None, Mfa::default());
        self.users.push(User { name, display_name, email, password, mfa });
        self
    }

    /// With a password and MFA for the user added last.
    pub fn with_sign_in(mut self, password: &str, mfa: Mfa) -> Self {
        if let Some(user) = self.users.last_mut() {
            (user.password, user.mfa) = (Some(password.to_owned()), mfa);
        }
        self
    }

    /// With an account; an empty name is no name.
    pub fn with_account(mut self, id: &str, name: &str) -> Self {
        let name = (!name.is_empty()).then(|| name.to_owned());
        self.accounts.push(Account { id: id.to_owned(), name, email: None, suspended: false });
        self
    }

    /// With a permission set whose role credentials live `hours`.
    pub fn with_permission_set(mut self, name: &str, hours: i64) -> Self {
        let (name, session_duration) = (name.to_owned(), SignedDuration::from_hours(hours));
        self.permission_sets.push(PermissionSet {
            name,
            session_duration,
            policy: Policy::default(),
            role_suffix: None,
        });
        self
    }

    /// With a group of users.
    pub fn with_group(mut self, name: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.groups.push(Group { name: name.to_owned(), members });
        self
    }

    /// With permission sets for a user in an account.
    pub fn with_assignment(self, user: &str, account: &str, permission_sets: &[&str]) -> Self {
        self.assigning(&Assignee::User(user.to_owned()), account, permission_sets)
    }

    /// With permission sets for a group in an account.
    pub fn with_group_assignment(
        self,
        group: &str,
        account: &str,
        permission_sets: &[&str],
    ) -> Self {
        self.assigning(&Assignee::Group(group.to_owned()), account, permission_sets)
    }

    fn assigning(mut self, to: &Assignee, account: &str, permission_sets: &[&str]) -> Self {
        for set in permission_sets {
            self.assignments.add(AccountAssignment {
                to: to.clone(),
                account: account.to_owned(),
                permission_set: (*set).to_owned(),
            });
        }
        self
    }

    /// With a bucket.
    pub fn with_bucket(mut self, bucket: Bucket) -> Self {
        self.buckets.push(bucket);
        self
    }

    /// With an IAM user's key.
    pub fn with_iam_key(mut self, key: IamKey) -> Self {
        self.iam_keys.push(key);
        self
    }

    /// With a role that can be assumed.
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// With `count` more accounts, 100000000000 and up, where the first user has
    /// the first permission set.
    pub fn with_many_accounts(mut self, count: usize) -> Self {
        let user = self.users.first().map(|user| user.name.clone()).unwrap_or_default();
        let set = self.permission_sets.first().map(|set| set.name.clone()).unwrap_or_default();
        for number in 0..count {
            let id = format!("{}", 100_000_000_000 + number);
            self = self.with_account(&id, &format!("Project {number:05}"));
            self = self.with_assignment(&user, &id, &[&set]);
        }
        self
    }
}
