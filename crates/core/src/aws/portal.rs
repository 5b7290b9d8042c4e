//! The portal API (`sso`, bearer token, no signatures).

use super::Aws;
use super::fault::{Cause, Fault};
use super::throttled::Throttled;
use crate::credentials::RoleCredentials;
use crate::names::Region;
use crate::resolve::connection::Service;
use aws_sdk_sso::Client;
use aws_sdk_sso::config::Builder;
use jiff::Timestamp;
use vault::Secret;

/// An account the signed-in user has a role in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// Absent for some suspended or new accounts.
    pub name: Option<String>,
    /// The root user's e-mail address.
    pub email: Option<String>,
}

/// One page of a list, and how to ask for the next.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Perhaps none, even where more follow.
    pub items: Vec<T>,
    /// For the next page; `None` at the end.
    pub next_token: Option<String>,
}

impl Aws {
    fn portal(&self, region: &Region) -> Client {
        let config = Builder::from(&self.config(Service::Sso, region).build());
        Client::from_conf(config.retry_classifier(Throttled).build())
    }

    /// One page of the user's accounts; `size` is 1 to 100, the service's own
    /// choice if absent.
    pub async fn list_accounts(
        &self,
        region: &Region,
        access_token: &Secret<String>,
        size: Option<i32>,
        next_token: Option<String>,
    ) -> Result<Page<Account>, Fault> {
        let call = self
            .portal(region)
            .list_accounts()
            .access_token(access_token.expose())
            .set_max_results(size)
            .set_next_token(next_token);
        let answer = call.send().await.map_err(|error| Fault::of("ListAccounts", error))?;
        let items = answer.account_list.unwrap_or_default().into_iter().filter_map(|info| {
            Some(Account {
                id: info.account_id?,
                name: info.account_name,
                email: info.email_address,
            })
        });
        Ok(Page { items: items.collect(), next_token: answer.next_token.filter(|t| !t.is_empty()) })
    }

    /// One page of the names of the user's roles in an account.
    pub async fn list_account_roles(
        &self,
        region: &Region,
        access_token: &Secret<String>,
        account_id: &str,
        size: Option<i32>,
        next_token: Option<String>,
    ) -> Result<Page<String>, Fault> {
        let call = self
            .portal(region)
            .list_account_roles()
            .access_token(access_token.expose())
            .account_id(account_id)
            .set_max_results(size)
            .set_next_token(next_token);
        let answer = call.send().await.map_err(|error| Fault::of("ListAccountRoles", error))?;
        let items =
            answer.role_list.unwrap_or_default().into_iter().filter_map(|info| info.role_name);
        Ok(Page { items: items.collect(), next_token: answer.next_token.filter(|t| !t.is_empty()) })
    }

    /// Credentials for a role the user is assigned to.
    pub async fn role_credentials(
        &self,
        region: &Region,
        access_token: &Secret<String>,
        account_id: &str,
        role_name: &str,
    ) -> Result<RoleCredentials, Fault> {
        let operation = "GetRoleCredentials";
        let call = self
            .portal(region)
            .get_role_credentials()
            .access_token(access_token.expose())
            .account_id(account_id)
            .role_name(role_name);
        let answer = call.send().await.map_err(|error| Fault::of(operation, error))?;
        let missing =
            || Fault { operation, cause: Cause::Garbled("a required field is missing".to_owned()) };
        let found = answer.role_credentials.ok_or_else(missing)?;
        Ok(RoleCredentials {
            access_key_id: found.access_key_id.ok_or_else(missing)?,
            secret_access_key: Secret::new(found.secret_access_key.ok_or_else(missing)?),
            session_token: found.session_token.map(Secret::new),
            expiration: Timestamp::from_millisecond(found.expiration).ok(),
            account_id: Some(account_id.to_owned()),
        })
    }

    /// Ends the portal session of an access token, at the service.
    pub async fn portal_logout(
        &self,
        region: &Region,
        access_token: &Secret<String>,
    ) -> Result<(), Fault> {
        let call = self.portal(region).logout().access_token(access_token.expose());
        call.send().await.map(drop).map_err(|error| Fault::of("Logout", error))
    }
}
