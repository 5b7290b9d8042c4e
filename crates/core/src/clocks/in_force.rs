//! Who answers when a command names nobody: the profile in force, and what gets in
//! its way.

use super::{RoleClock, Survey};
use crate::resolve::credentials::{self, CredentialPlan};
use crate::resolve::profile;
use crate::resolve::{Origin, Sourced};

/// The profile in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Its name, and who chose it.
    pub name: Sourced<String>,
    /// Where the files have it; `None` for a name they do not know.
    pub place: Option<Origin>,
    /// Whose credentials a command gets here and now.
    pub clock: RoleClock,
    /// What the environment says against it.
    pub overrides: Vec<Override>,
}

/// Something in the environment that gives other credentials than the profile's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Override {
    /// Keys in variables: they answer, whatever the profile says.
    Keys,
    /// A hub's role: it answers, since the profile has nothing of its own.
    HubRole(String),
    /// A hub's role that the AWS CLI and boto3 take in the profile's place, and daypass
    /// does not.
    HubRoleElsewhere(String),
}

impl Override {
    /// Whether it answers in daypass, too.
    pub fn is_in_force(&self) -> bool {
        !matches!(self, Self::HubRoleElsewhere(_))
    }
}

impl Survey<'_> {
    /// The profile in force, with the credentials that a command gets with it.
    pub fn in_force(&self) -> InForce {
        let chosen = profile::choose(self.request, self.host, self.files);
        let clock = self.clock_of(&chosen, self.request);
        InForce {
            place: chosen.profile.place(),
            overrides: self.overrides(&chosen.name.origin, &clock),
            name: chosen.name,
            clock,
        }
    }

    fn overrides(&self, origin: &Origin, clock: &RoleClock) -> Vec<Override> {
        if matches!(origin, Origin::Flag(_)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let by_keys = self.host.vars.get("AWS_ACCESS_KEY_ID").is_some();
        if by_keys {
            found.push(Override::Keys);
        }
        if let Some(hub) = credentials::hub_role(self.host) {
            let answers = matches!(&clock.plan, Ok(CredentialPlan::WebIdentity(web)) if web.origin == hub.origin);
            found.push(match answers || by_keys {
                true => Override::HubRole(hub.role_arn),
                false => Override::HubRoleElsewhere(hub.role_arn),
            });
        }
        found
    }
}
