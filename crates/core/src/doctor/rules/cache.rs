//! Files of the shared cache that tools stumble over.

use super::super::finding::{Finding, Severity};
use super::super::mend::{Change, Mend};
use super::super::scene::Scene;
use super::super::seen::{Fault, Neighbour};
use super::role_plan;

pub(super) fn neighbours(scene: &Scene) -> Vec<Finding> {
    scene.seen.cache.iter().map(|file| finding(scene, file)).collect()
}

/// The login of the profile in force, or somebody else's.
fn severity(scene: &Scene, file: &Neighbour) -> Severity {
    let plan = role_plan(scene).map(|(_, plan)| plan.session.token_key());
    match plan.is_some_and(|key| key.path(&scene.host.sso_cache()) == file.path) {
        true => Severity::Broken,
        false => Severity::Risk,
    }
}

fn finding(scene: &Scene, file: &Neighbour) -> Finding {
    let shown = scene.host.shorten(&file.path);
    let (id, severity, what, why) = match file.fault {
        Fault::Trailing => (
            "cache-torn",
            severity(scene, file),
            format!("{shown} has something behind its end"),
            "a tool that was interrupted, or two at once, wrote over a longer text: some tools \
             fail on every file of the cache they cannot read, others say that nobody is logged in",
        ),
        Fault::NotJson => (
            "cache-garbage",
            Severity::Risk,
            format!("{shown} is no JSON"),
            "tools that look through the whole cache stop at it",
        ),
        Fault::Time => (
            "cache-time",
            Severity::Risk,
            format!("{shown} has a time that Rust and Go cannot read"),
            "older AWS CLIs write `UTC`, the SDK for Ruby `+00:00`: the SDK for Rust wants `Z`",
        ),
        Fault::Null => (
            "cache-null",
            Severity::Risk,
            format!("{shown} has a `null`"),
            "the SDKs for Go cannot read it and say that nobody is logged in",
        ),
    };
    let change = match &file.whole {
        Some(_) => Change::Rewrite { path: file.path.clone() },
        None => Change::SetAside { path: file.path.clone() },
    };
    Finding::new(id, severity, what, why).fix(Mend::safe([change]))
}
