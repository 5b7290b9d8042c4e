//! The worlds that come with the sandbox.

use super::{AccountAssignment, Assignee, Group, World};

const GUIDE: &str = include_str!("../../worlds/guide.toml");
const COMPANY: &str = include_str!("../../worlds/company.toml");

/// Accounts of the huge world.
const HUGE_ACCOUNTS: usize = 5_000;
/// What everybody has in each of them.
const HUGE_ROLES: [(&str, i64); 5] = [
    ("AdministratorAccess", 1),
    ("PowerUserAccess", 4),
    ("DeveloperAccess", 8),
    ("ReadOnlyAccess", 12),
    ("BillingAccess", 2),
];

impl World {
    /// The names of the built-in worlds.
    pub const BUILT_IN: [&str; 3] = ["guide", "company", "huge"];

    /// The built-in world of that name.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "guide" => Some(Self::guide()),
            "company" => Some(Self::company()),
            "huge" => Some(Self::huge()),
            _ => None,
        }
    }

    /// The guide's organization: user `ada`, account 867530900000 with its three
    /// roles, bucket `nasa-disasters`.
    pub fn guide() -> Self {
        Self::from_toml(GUIDE, "worlds/guide.toml")
            .expect("the built-in world is checked by a test")
    }

    /// A company: three users in groups, twelve accounts of which one is suspended
    /// and one has no name.
    pub fn company() -> Self {
        Self::from_toml(COMPANY, "worlds/company.toml")
            .expect("the built-in world is checked by a test")
    }

    /// The guide's organization with 5,000 accounts more, five roles in each.
    pub fn huge() -> Self {
        let mut world = Self::guide();
        let members = world.users.iter().map(|user| user.name.clone()).collect();
        world.groups.push(Group { name: "everyone".into(), members });
        for (name, hours) in HUGE_ROLES {
            if world.permission_set(name).is_none() {
                world = world.with_permission_set(name, hours);
            }
        }
        for number in 0..HUGE_ACCOUNTS {
            let id = format!("{}", 300_000_000_000 + number);
            world = world.with_account(&id, &format!("Project {number:04}"));
            for (name, _) in HUGE_ROLES {
                let to = Assignee::Group("everyone".into());
                let (account, permission_set) = (id.clone(), name.to_owned());
                world.assignments.add(AccountAssignment { to, account, permission_set });
            }
        }
        world
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_there_by_name() {
        for name in World::BUILT_IN {
            assert!(World::built_in(name).is_some(), "{name}");
        }
        assert!(World::built_in("other").is_none());
    }

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
        assert!(world.may("ReadOnlyAccess", "s3:GetObject"));
        assert!(!world.may("ReadOnlyAccess", "s3:PutObject"));
        assert!(world.may("Project-Power-User", "s3:PutObject"));
    }

    #[test]
    fn the_company_has_every_odd_thing_once() {
        let world = World::company();
        assert_eq!((world.users.len(), world.accounts.len()), (3, 12));
        assert_eq!(world.accounts.iter().filter(|account| account.suspended).count(), 1);
        assert_eq!(world.accounts.iter().filter(|account| account.name.is_none()).count(), 1);
        assert!(world.groups.len() > 1 && world.permission_sets.len() > 3);
        for user in &world.users {
            assert!(world.accounts_of(&user.name).count() > 1, "{}", user.name);
        }
    }

    #[test]
    fn the_huge_one_is_huge() {
        let world = World::huge();
        assert_eq!(world.accounts.len(), 5_003);
        assert_eq!(world.role_names("ada", "300000004999").count(), 5);
        assert_eq!(world.accounts_of("ada").count(), 5_003);
    }
}
