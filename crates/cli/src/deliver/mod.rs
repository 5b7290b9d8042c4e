//! The last step of the path: credentials to those who use them. Nothing in here
//! knows how they are got: no login, no portal, only `RoleCredentials`.

pub mod attendant;
pub mod forewarn;
pub mod lifetime;
pub mod private_files;
pub mod process_line;
pub mod server;
pub mod shells;
pub mod variables;

use crate::app::App;
use crate::vars::PROFILE;
use daypass_core::files::Files;
use daypass_core::resolve::profile::{Chosen, Profile};
use daypass_core::resolve::{CredentialPlan, Origin, Sourced};

/// The profile whose credentials are asked for.
///
/// A name in a variable is as good as `--profile` here: keys that lie around in the
/// environment are what this gets rid of. Inside an `exec` that is the profile of the
/// outer one, unless another is named.
pub fn chosen<'f>(app: &App, files: &'f Files) -> Chosen<'f> {
    let mut chosen = app.chosen(files);
    match (&chosen.name.origin, app.host.vars.get(PROFILE)) {
        (Origin::Variable(name), _) => chosen.name.origin = Origin::Flag(name),
        (Origin::Default, Some(outer)) => {
            chosen.name = Sourced::new(outer.to_owned(), Origin::Flag(PROFILE));
            chosen.profile = Profile::named(files, outer);
        }
        _ => {}
    }
    chosen
}

/// The profile's name, for whoever asks again later: none where the credentials
/// are not the profile's own.
pub fn name_to_keep<'c>(chosen: &'c Chosen<'_>, plan: &CredentialPlan) -> Option<&'c str> {
    let own = match plan {
        CredentialPlan::Surroundings => false,
        CredentialPlan::Static(keys) => !matches!(keys.origin, Origin::Variable(_)),
        _ => true,
    };
    (own && chosen.profile.exists()).then_some(chosen.name.value.as_str())
}
