//! One thing that can be picked.

use crate::prompt::finding::Find;
use daypass_core::frecency::{Usage, Used};
use daypass_core::resolve::look::{Color, Look};
use jiff::Timestamp;
use std::cmp::Reverse;

/// A profile, or a role without one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The profile's name; none for a role without one.
    pub profile: Option<String>,
    /// The account's name, where it is known.
    pub account: String,
    /// The account's ID.
    pub id: String,
    /// The role, or what else gives credentials.
    pub role: String,
    /// The sso-session.
    pub session: String,
    /// The account's address, to be found by.
    pub email: String,
    /// Colour and tags.
    pub look: Look,
    /// How much it is in use.
    pub used: f64,
}

/// Use counts less than the difference between the start of a word and its inside.
const MOST_BONUS: f64 = 15.0;

impl Entry {
    /// What makes a role one and the same.
    pub fn role_key(&self) -> (String, String, String) {
        (self.session.clone(), self.id.clone(), self.role.clone())
    }

    /// Who gives a role a profile has used the role before: both count.
    pub fn count(&mut self, usage: &Usage, now: Timestamp) {
        let role = Used::Role { session: &self.session, account: &self.id, role: &self.role };
        let profile = self.profile.as_deref().map(Used::Profile);
        let of_profile = profile.map_or(0.0, |used| usage.score(used, now));
        self.used = of_profile + usage.score(role, now);
    }

    /// Most used, then profiles, then by name.
    pub fn order(&self) -> (Reverse<u64>, bool, String, String) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sum of small counts"
        )]
        let used = (self.used * 100.0) as u64;
        let name = self.profile.as_deref().unwrap_or(&self.account).to_lowercase();
        (Reverse(used), self.profile.is_none(), name, self.role.clone())
    }

    /// What people call it.
    pub fn title(&self) -> String {
        match &self.profile {
            Some(name) => name.clone(),
            None if self.account.is_empty() => format!("{} in {}", self.role, self.id),
            None => format!("{} in {} ({})", self.role, self.account, self.id),
        }
    }

    /// As a row; `most` is the use of the most used.
    pub fn row(&self, with_session: bool, most: f64) -> Find {
        let tags = self.look.tags.join(" ");
        let session = if with_session { self.session.as_str() } else { "" };
        let name = self.profile.as_deref();
        let cells = [name.unwrap_or("-"), &self.account, &self.id, &self.role, &tags, session];
        let name = name.unwrap_or_default();
        let fields = [name, &self.account, &self.role, &self.id, &tags, &self.session, &self.email];
        let share = if most > 0.0 { self.used / most } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, reason = "it is 15 at most")]
        let bonus = (share.sqrt() * MOST_BONUS) as i32;
        let account = if self.account.is_empty() { &self.id } else { &self.account };
        Find {
            cells: cells.map(str::to_owned).into(),
            stand_in: self.profile.is_none().then(|| format!("- {account}")),
            fields: fields.map(str::to_owned).into(),
            color: self.look.color.map(code),
            bonus,
        }
    }
}

/// A colour's code on a terminal of sixteen.
fn code(color: Color) -> u8 {
    match color {
        Color::Red => 31,
        Color::Orange => 91,
        Color::Yellow => 33,
        Color::Green => 32,
        Color::Turquoise => 36,
        Color::Blue => 34,
        Color::Purple => 35,
        Color::Pink => 95,
    }
}
