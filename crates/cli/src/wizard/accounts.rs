//! The choice of account and role, from all the portal offers.

use super::interview::Interview;
use crate::prompt::Menu;
use daypass_core::aws::portal::{Account, Page};
use daypass_core::aws::{Aws, Fault};
use daypass_core::names::{AccountId, Region, RoleName};
use daypass_core::{Error, Kind, Result};
use vault::Secret;

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    pub account_id: AccountId,
    pub role_name: RoleName,
}

/// What options and the profile have to say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// `--sso-account-id`.
    pub account_flag: Option<&'a str>,
    /// `--sso-role-name`.
    pub role_flag: Option<&'a str>,
    /// The profile's account, preselected.
    pub account_now: Option<&'a str>,
    /// The profile's role, preselected.
    pub role_now: Option<&'a str>,
}

/// The largest page the portal gives: 5,000 accounts are 50 requests, and it takes
/// 20 a second.
const PAGE: Option<i32> = Some(100);

/// The portal with a token of this login.
pub struct Portal<'a> {
    pub aws: &'a Aws,
    pub region: &'a Region,
    pub access_token: &'a Secret<String>,
}

impl Portal<'_> {
    /// All accounts, sorted as the menu shows them.
    pub async fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let page: Page<Account> =
                self.aws.list_accounts(self.region, self.access_token, PAGE, next).await?;
            all.extend(page.items);
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        all.sort_by_key(sort_key);
        Ok(all)
    }

    /// The names of all roles in an account, sorted as the menu shows them.
    pub async fn roles(&self, account: &AccountId) -> Result<Vec<String>, Fault> {
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let page = self
                .aws
                .list_account_roles(self.region, self.access_token, account.as_str(), PAGE, next)
                .await?;
            all.extend(page.items);
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        all.sort_by_key(|name| name.to_lowercase());
        Ok(all)
    }
}

fn filled(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}

fn sort_key(account: &Account) -> (bool, String) {
    let name = filled(account.name.as_ref()).or(filled(account.email.as_ref()));
    (name.is_none(), name.unwrap_or(&account.id).to_lowercase())
}

/// `NAME, EMAIL (ID)`, and what is left of it where parts are absent.
pub fn row(account: &Account) -> String {
    let parts = [filled(account.name.as_ref()), filled(account.email.as_ref())];
    let known: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    match known.is_empty() {
        true => account.id.clone(),
        false => format!("{} ({})", known.join(", "), account.id),
    }
}

/// Chooses an account.
///
/// # Errors
/// None there, or the wished one is not among them.
pub fn account(
    interview: &mut Interview,
    accounts: &[Account],
    wishes: Wishes<'_>,
) -> Result<AccountId> {
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let chosen = match (wishes.account_flag, ids.as_slice()) {
        (_, []) => {
            return Err(Error::new(Kind::Profile, "No AWS accounts are available to you.")
                .hint("ask your administrator to assign you to an account"));
        }
        (Some(wished), _) => position(&ids, wished, "account", "--sso-account-id")?,
        (None, [only]) => {
            interview.say(&format!("The only AWS account available to you is: {only}"));
            0
        }
        (None, _) => {
            let menu = Menu {
                title: format!("There are {} AWS accounts available to you.", ids.len()),
                rows: accounts.iter().map(row).collect(),
                start: at(&ids, wishes.account_now),
            };
            interview.choose("--sso-account-id", &ids, &menu)?
        }
    };
    interview.say(&format!("Using the account ID {}", ids[chosen]));
    AccountId::parse(&ids[chosen])
}

/// Chooses a role.
///
/// # Errors
/// None there, or the wished one is not among them.
pub fn role(interview: &mut Interview, roles: &[String], wishes: Wishes<'_>) -> Result<RoleName> {
    let chosen = match (wishes.role_flag, roles) {
        (_, []) => {
            return Err(Error::new(Kind::Profile, "No roles are available for the account ID")
                .hint("ask your administrator to assign you a role in this account"));
        }
        (Some(wished), _) => position(roles, wished, "role", "--sso-role-name")?,
        (None, [only]) => {
            interview.say(&format!("The only role available to you is: {only}"));
            0
        }
        (None, _) => {
            let menu = Menu {
                title: format!("There are {} roles available to you.", roles.len()),
                rows: roles.to_vec(),
                start: at(roles, wishes.role_now),
            };
            interview.choose("--sso-role-name", roles, &menu)?
        }
    };
    interview.say(&format!("Using the role name \"{}\"", roles[chosen]));
    RoleName::parse(&roles[chosen])
}

fn at(names: &[String], now: Option<&str>) -> usize {
    names.iter().position(|name| Some(name.as_str()) == now).unwrap_or(0)
}

fn position(names: &[String], wished: &str, what: &str, flag: &str) -> Result<usize> {
    names.iter().position(|name| name == wished.trim()).ok_or_else(|| {
        const ENOUGH: usize = 20;
        let some: Vec<&str> = names.iter().take(ENOUGH).map(String::as_str).collect();
        Error::new(Kind::Config, format!("you have no {what} `{}`", wished.trim()))
            .because(format!("{flag} names it; there are: {}", some.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(id: &str, name: Option<&str>, email: Option<&str>) -> Account {
        Account { id: id.into(), name: name.map(Into::into), email: email.map(Into::into) }
    }

    #[test]
    fn rows_and_their_order_are_the_aws_cli_s() {
        let mut accounts = [
            made("333333333333", None, None),
            made("222222222222", None, Some("beta@x")),
            made("111111111111", Some("Zeta"), Some("z@x")),
            made("000000000000", Some("alpha"), None),
        ];
        accounts.sort_by_key(sort_key);
        let rows: Vec<String> = accounts.iter().map(row).collect();
        assert_eq!(
            rows,
            [
                "alpha (000000000000)",
                "beta@x (222222222222)",
                "Zeta, z@x (111111111111)",
                "333333333333"
            ]
        );
    }
}
