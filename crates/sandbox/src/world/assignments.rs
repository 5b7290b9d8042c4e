//! Who has which permission set where, found by account: a world of 5,000 accounts
//! is asked about one of them at a time.

use std::collections::HashMap;

/// Whom a permission set is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// A user, by name.
    User(String),
    /// A group, by name.
    Group(String),
}

/// A permission set of a user or group in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAssignment {
    /// A user or a group.
    pub to: Assignee,
    /// An account ID.
    pub account: String,
    /// A permission set's name.
    pub permission_set: String,
}

/// All account assignments.
#[derive(Debug, Clone, Default)]
pub struct Assignments {
    by_account: HashMap<String, Vec<AccountAssignment>>,
}

impl Assignments {
    /// One more.
    pub fn add(&mut self, assignment: AccountAssignment) {
        self.by_account.entry(assignment.account.clone()).or_default().push(assignment);
    }

    /// Those in an account, in the order they were added.
    pub fn of(&self, account: &str) -> &[AccountAssignment] {
        self.by_account.get(account).map_or(&[], Vec::as_slice)
    }

    /// Takes one away; says whether it was there.
    pub fn remove(&mut self, assignment: &AccountAssignment) -> bool {
        let Some(here) = self.by_account.get_mut(&assignment.account) else { return false };
        let before = here.len();
        here.retain(|other| other != assignment);
        here.len() < before
    }
}
