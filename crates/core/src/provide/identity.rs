//! Whose credentials a plan stands for, in the words of the fast lane.

use crate::resolve::connection::{Connection, Service};
use crate::resolve::credentials::{AssumeRolePlan, CredentialPlan, KeptPlan};
use crate::resolve::sso::{RolePlan, SessionPlan};
use hot::{Family, Identity};

/// The identity of what a plan gives, if that is worth keeping: keys at hand are not,
/// and of what a program prints, or a machine offers, nobody knows whose it is.
///
/// `hot::answer` comes to the same by a scan; a test holds the two together.
pub(crate) fn of(plan: &CredentialPlan, connection: &Connection) -> Option<Identity> {
    match plan {
        CredentialPlan::Sso(role) => Some(of_role(role, connection)),
        CredentialPlan::AssumeRole(role) => of_assumed(role, connection),
        CredentialPlan::Kept(key) => Some(of_kept(key, connection)),
        _ => None,
    }
}

/// The family of a login's credentials.
pub(crate) fn family(session: &SessionPlan) -> Family {
    match &session.name {
        Some(name) => Family::of_session(name.as_str()),
        None => Family::of_start_url(session.start_url.value.raw()),
    }
}

fn of_role(role: &RolePlan, connection: &Connection) -> Identity {
    let session = &role.session;
    Identity::Sso {
        session: session.name.as_ref().map(ToString::to_string),
        start_url: session.start_url.value.raw().to_owned(),
        region: session.region.value.to_string(),
        endpoint: endpoint(connection, Service::Sso),
        account_id: role.account_id.to_string(),
        role_name: role.role_name.to_string(),
    }
}

fn of_kept(plan: &KeptPlan, connection: &Connection) -> Identity {
    Identity::Kept {
        keys: plan.keys.value.clone(),
        mfa_serial: plan.mfa_serial.clone(),
        duration: plan.duration_seconds.map(|seconds| seconds.to_string()),
        endpoint: endpoint(connection, Service::Sts),
    }
}

fn of_assumed(plan: &AssumeRolePlan, connection: &Connection) -> Option<Identity> {
    let source = match &plan.source {
        // Roles of long-lived keys: worth keeping for the MFA code they may have cost.
        CredentialPlan::Static(keys) if keys.session_token.is_none() => {
            Identity::Given { access_key_id: keys.access_key_id.clone() }
        }
        other => of(other, connection)?,
    };
    Some(Identity::Assumed {
        source: Box::new(source),
        role_arn: plan.role_arn.clone(),
        external_id: plan.external_id.clone(),
        duration: plan.duration_seconds.map(|seconds| seconds.to_string()),
        session_name: plan.session_name.clone(),
        mfa_serial: plan.mfa_serial.clone(),
        endpoint: endpoint(connection, Service::Sts),
    })
}

fn endpoint(connection: &Connection, service: Service) -> Option<String> {
    connection.endpoint(service).map(|url| url.value.clone())
}
