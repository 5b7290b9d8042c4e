//! What is wrong, what mends it, and what each tool would do as things are.
//!
//! [`scene`] holds what is looked at, [`order`] is the table of the tools, [`simulate`]
//! walks along it, [`rules`] find what is wrong, [`mend`] changes what may be changed.

pub mod disk;
pub mod finding;
pub mod mend;
pub mod order;
pub mod probe;
mod repair;
mod rules;
pub mod scene;
pub mod seen;
pub mod simulate;

pub use finding::{Finding, Severity};
pub use scene::Scene;

/// Everything that is wrong, the likeliest cause first.
pub fn examine(scene: &Scene) -> Vec<Finding> {
    let mut found: Vec<Finding> = rules::ALL.iter().flat_map(|rule| rule(scene)).collect();
    let unusable = rules::unusable(scene, &found);
    found.splice(..0, unusable);
    found.sort_by_key(|finding| finding.severity);
    found
}
