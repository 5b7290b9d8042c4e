//! Who answers when a command names nobody: the profile in force, and what gets in
//! its way.

use super::{RoleClock, Survey};
use crate::files::Files;
use crate::host::Host;
use crate::resolve::credentials::{self, CredentialPlan};
use crate::resolve::profile::{self, Chosen, Profile};
use crate::resolve::{Origin, Request, Sourced};

/// Set by `exec` and `env`: the profile that the credentials in force are of.
pub const EXEC_PROFILE: &str = "DAYPASS_PROFILE";

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

/// Set by `exec` while its command reads copies of the files, in which the default profile
/// has no credentials.
pub const EXEC_COPIES: &str = "DAYPASS_COPIES";

/// The profile that a `daypass exec` around us serves, where nothing comes before the
/// address that it has set: whoever asks there gets that profile's credentials.
pub fn served<'a>(host: &'a Host, files: &Files, request: &Request) -> Option<&'a str> {
    let name = host.vars.get(EXEC_PROFILE)?;
    let address = host.vars.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?;
    if !address.starts_with("http://127.0.0.1:")
        || host.vars.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_some()
    {
        return None;
    }
    let chosen = profile::choose(request, host, files);
    let left_to_it = match credentials::plan(host, &chosen) {
        Ok(CredentialPlan::Surroundings) => true,
        Ok(CredentialPlan::Static(keys)) if matches!(keys.origin, Origin::Variable(_)) => false,
        Ok(CredentialPlan::WebIdentity(web)) if matches!(web.origin, Origin::Variable(_)) => false,
        _ => host.vars.get(EXEC_COPIES).is_some(),
    };
    (left_to_it && chosen.name.origin == Origin::Default).then_some(name)
}

impl Survey<'_> {
    /// The profile in force, with the credentials that a command gets with it.
    pub fn in_force(&self) -> InForce {
        let chosen = profile::choose(self.request, self.host, self.files);
        let clock = self.clock_of(&chosen, self.request);
        if let Some(name) = served(self.host, self.files, self.request) {
            return self.of_exec(name, clock);
        }
        InForce {
            place: chosen.profile.place(),
            overrides: self.overrides(&chosen.name.origin, &clock),
            name: chosen.name,
            clock,
        }
    }

    /// The copies of the files that `exec` makes leave keys out: a profile that cannot be
    /// used by them is served all the same.
    fn of_exec(&self, name: &str, around: RoleClock) -> InForce {
        let name = Sourced::new(name.to_owned(), Origin::Exec);
        let profile = Profile::named(self.files, &name.value);
        let place = profile.place();
        let chosen = Chosen { name: name.clone(), profile };
        let own = self.clock_of(&chosen, self.request);
        let clock = if own.plan.is_ok() { own } else { around };
        InForce { name, place, clock, overrides: Vec::new() }
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
