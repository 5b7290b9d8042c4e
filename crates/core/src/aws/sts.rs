//! Security Token Service: who one is, and roles assumed with other credentials.

use super::Aws;
use super::fault::{Cause, Fault};
use crate::credentials::RoleCredentials;
use crate::names::Region;
use crate::resolve::connection::Service;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials;
use jiff::Timestamp;
use vault::Secret;

/// The answer of GetCallerIdentity.
#[derive(Clone, Debug)]
pub struct CallerIdentity {
    /// `AROA…:user` for a role.
    pub user_id: String,
    /// The account ID.
    pub account: String,
    /// The ARN.
    pub arn: String,
}

/// What AssumeRole is asked for.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// The role.
    pub role_arn: String,
    /// Shown in the audit trail.
    pub session_name: String,
    /// What the role's trust policy may ask for.
    pub external_id: Option<String>,
    /// 900 to 43,200; at most 3,600 from a role.
    pub duration_seconds: Option<i32>,
    /// The MFA device, with a code of it.
    pub mfa: Option<(String, Secret<String>)>,
}

impl Aws {
    /// Who the credentials belong to.
    pub async fn caller_identity(
        &self,
        region: &Region,
        credentials: &RoleCredentials,
    ) -> Result<CallerIdentity, Fault> {
        let client = Client::new(&self.signed(Service::Sts, region, credentials));
        let answer = client
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| Fault::of("GetCallerIdentity", error))?;
        Ok(CallerIdentity {
            user_id: answer.user_id.unwrap_or_default(),
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
        })
    }

    /// Session credentials of a long-lived key.
    pub async fn session_token(
        &self,
        region: &Region,
        key: &RoleCredentials,
        duration_seconds: Option<i32>,
        mfa: Option<(String, Secret<String>)>,
    ) -> Result<RoleCredentials, Fault> {
        let operation = "GetSessionToken";
        let client = Client::new(&self.signed(Service::Sts, region, key));
        let (serial, code) = mfa.unzip();
        let answer = client
            .get_session_token()
            .set_duration_seconds(duration_seconds)
            .set_serial_number(serial)
            .set_token_code(code.map(|code| code.expose().clone()))
            .send()
            .await
            .map_err(|error| Fault::of(operation, error))?;
        taken(operation, answer.credentials, "")
    }

    /// Credentials of a role, paid with others.
    pub async fn assume_role(
        &self,
        region: &Region,
        credentials: &RoleCredentials,
        wanted: &AssumeRole,
    ) -> Result<RoleCredentials, Fault> {
        let client = Client::new(&self.signed(Service::Sts, region, credentials));
        let (serial, code) = wanted.mfa.clone().unzip();
        let answer = client
            .assume_role()
            .role_arn(&wanted.role_arn)
            .role_session_name(&wanted.session_name)
            .set_external_id(wanted.external_id.clone())
            .set_duration_seconds(wanted.duration_seconds)
            .set_serial_number(serial)
            .set_token_code(code.map(|code| code.expose().clone()))
            .send()
            .await
            .map_err(|error| Fault::of("AssumeRole", error))?;
        taken("AssumeRole", answer.credentials, &wanted.role_arn)
    }

    /// Credentials of a role, paid with a token of another identity provider.
    pub async fn assume_role_with_web_identity(
        &self,
        region: &Region,
        role_arn: &str,
        session_name: &str,
        token: &Secret<String>,
    ) -> Result<RoleCredentials, Fault> {
        let operation = "AssumeRoleWithWebIdentity";
        let client = Client::new(&self.config(Service::Sts, region).build());
        let answer = client
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name)
            .web_identity_token(token.expose())
            .send()
            .await
            .map_err(|error| Fault::of(operation, error))?;
        taken(operation, answer.credentials, role_arn)
    }
}

fn taken(
    operation: &'static str,
    credentials: Option<Credentials>,
    role_arn: &str,
) -> Result<RoleCredentials, Fault> {
    let missing =
        || Fault { operation, cause: Cause::Garbled("a required field is missing".to_owned()) };
    let found = credentials.ok_or_else(missing)?;
    let ends = found.expiration().as_secs_f64() as i64;
    Ok(RoleCredentials {
        expiration: Timestamp::from_second(ends).ok(),
        access_key_id: found.access_key_id,
        secret_access_key: Secret::new(found.secret_access_key),
        session_token: Some(Secret::new(found.session_token)),
        account_id: role_arn.split(':').nth(4).map(str::to_owned),
    })
}
