//! The login behind the profile, and the role.

use super::super::finding::{Finding, Severity};
use super::super::scene::Scene;
use super::super::seen::Portal;
use crate::resolve::RolePlan;
use crate::resolve::sso::{self, Keeping, shell_word};
use crate::token::SsoToken;
use crate::token::cache::Found;
use crate::token::decide::{Decision, Why, decide};
use jiff::{SignedDuration, Unit};

/// The role that the profile in force, or what it stands on, logs in for.
pub(in crate::doctor) fn plan(scene: &Scene) -> Option<(String, RolePlan)> {
    let chosen = scene.chosen();
    let mut name = chosen.name.value;
    // A chain of profiles has an end, a circle has none.
    for _ in 0..16 {
        let profile = scene.profile(&name);
        if sso::names_a_role(&profile) {
            return sso::role(&profile, &name).ok().map(|plan| (name, plan));
        }
        name = profile.get("source_profile")?.value.to_owned();
    }
    None
}

fn found(scene: &Scene, plan: &RolePlan) -> Option<Found> {
    match plan.session.keeping {
        Keeping::Shared => Some(plan.session.token_key().load(&scene.host.sso_cache())),
        // Sealed logins are the store's, and asking for them may ask the user.
        Keeping::Sealed(_) => None,
    }
}

pub(super) fn needed(scene: &Scene) -> Vec<Finding> {
    let Some((name, plan)) = plan(scene) else { return Vec::new() };
    let refused = matches!(scene.seen.portal, Some(Portal::LoggedOut));
    let why_not = match found(scene, &plan) {
        _ if refused => Some("its portal does not accept the login any more".to_owned()),
        Some(found) => match decide(found.token(), scene.host.now()) {
            Decision::Login(why) => Some(said(why)),
            _ => None,
        },
        None => None,
    };
    let Some(reason) = why_not else { return Vec::new() };
    let what = format!("nobody is logged in for profile `{name}`: {reason}");
    let why = "every tool with this profile fails until somebody logs in";
    vec![
        Finding::new("login-needed", Severity::Broken, what, why)
            .at([plan.session.start_url.origin.clone()])
            .run(plan.session.login_command()),
    ]
}

fn said(why: Why) -> String {
    match why {
        Why::Absent => "there was no login yet, or somebody has logged out",
        Why::Unreadable => "the login's file cannot be read",
        Why::NotRefreshable => "the login has ended",
        Why::RegistrationExpired => "the login has ended, and what would renew it as well",
        Why::SessionEnded => "the session has ended",
    }
    .to_owned()
}

/// A living login that nobody can renew.
pub(super) fn ending(scene: &Scene) -> Vec<Finding> {
    const SOON: SignedDuration = SignedDuration::from_mins(60);
    let Some((_, plan)) = plan(scene) else { return Vec::new() };
    let Some(found) = found(scene, &plan) else { return Vec::new() };
    let Some(token) = found.token().filter(|token| token.refresh_token.is_none()) else {
        return Vec::new();
    };
    let left = left(token, scene);
    if left > SOON || !left.is_positive() {
        return Vec::new();
    }
    let what =
        format!("the login ends in {} minutes, and cannot be renewed", left.as_mins().max(1));
    let why = "jobs that run longer fail in the middle";
    vec![Finding::new("login-ends", Severity::Note, what, why).run(plan.session.login_command())]
}

fn left(token: &SsoToken, scene: &Scene) -> SignedDuration {
    let left = token.expires_at.duration_since(scene.host.now());
    left.round(Unit::Second).unwrap_or(left)
}

/// The portal says that the role is not yours.
pub(super) fn role(scene: &Scene) -> Vec<Finding> {
    let Some(Portal::Gone(others)) = &scene.seen.portal else { return Vec::new() };
    let Some((name, plan)) = plan(scene) else { return Vec::new() };
    let what =
        format!("role {} in account {} is not yours any more", plan.role_name, plan.account_id);
    let why = "the portal answers ForbiddenException: an administrator has taken the assignment \
               away, or the role was renamed. What was issued before works until it ends";
    let command = match others.as_slice() {
        [only] => format!(
            "daypass configure set sso_role_name {} --profile {}",
            shell_word(only),
            shell_word(&name)
        ),
        _ => format!("daypass configure sso --profile {}", shell_word(&name)),
    };
    let origin = scene.profile(&name).sso("sso_role_name").map(|found| found.origin);
    vec![Finding::new("role-gone", Severity::Broken, what, why).at(origin).run(command)]
}

/// The portal does not answer, or not to the question.
pub(super) fn unasked(scene: &Scene) -> Vec<Finding> {
    let Some(Portal::Unknown(reason)) = &scene.seen.portal else { return Vec::new() };
    let what = format!("the portal cannot be asked: {reason}");
    let why = "whether the role is still yours, and whether the clock is right, is not known; \
               what is kept goes on to work while it lives";
    vec![Finding::new("no-answer", Severity::Note, what, why)]
}
