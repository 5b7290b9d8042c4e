//! The rules, in the order in which causes are likely.

mod cache;
mod files;
mod keys;
mod login;
mod machine;
mod profile;
mod regions;
mod sso;
mod unusable;
mod variables;

pub(super) use login::plan as role_plan;
pub(super) use unusable::unusable;

use super::finding::Finding;
use super::scene::Scene;

type Rule = fn(&Scene) -> Vec<Finding>;

pub(super) const ALL: &[Rule] = &[
    files::refused,
    files::gone,
    variables::empty_profile,
    variables::hub_role,
    profile::absent,
    variables::keys,
    variables::endpoints,
    variables::container,
    variables::certificates,
    sso::unknown_session,
    sso::incomplete,
    sso::doubled,
    sso::two_kinds,
    keys::temporary,
    keys::leftover,
    keys::half,
    profile::process,
    regions::swapped,
    regions::start_urls,
    machine::store_key,
    cache::neighbours,
    login::needed,
    machine::clock,
    login::role,
    variables::default_profile,
    profile::none_named,
    profile::mfa,
    files::open,
    files::portable,
    variables::proxy,
    machine::programs,
    machine::network_home,
    machine::hub_is_enough,
    login::ending,
    login::unasked,
];
