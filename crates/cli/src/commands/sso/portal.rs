//! The portal's three calls, with the AWS CLI's options and output.

use crate::app::App;
use crate::commands::sso::login;
use crate::report::Done;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use daypass_core::audit::RoleOf;
use daypass_core::aws::portal::{Account, Page};
use daypass_core::aws::{Aws, Fault};
use daypass_core::explain;
use daypass_core::names::Region;
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::connection::Service;
use daypass_core::resolve::profile::{self, Chosen};
use daypass_core::token::SsoToken;
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Error, Kind, Result};
use serde_json::{Value, json};
use vault::Secret;

/// Whose login is used.
#[derive(Args, Debug)]
pub struct Access {
    /// The access token to use, instead of the profile's login
    #[arg(long, value_name = "TOKEN")]
    pub access_token: Option<String>,
}

/// How much of a list is asked for.
#[derive(Args, Debug)]
pub struct Paging {
    /// Stop after this many items, and print a token for the rest
    #[arg(long, value_name = "COUNT")]
    pub max_items: Option<usize>,
    /// Items in one answer of the service, 1 to 100
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i32).range(1..=100))]
    pub page_size: Option<i32>,
    /// Go on where an earlier --max-items stopped
    #[arg(long, value_name = "TOKEN")]
    pub starting_token: Option<String>,
    /// Ask for one page only, with this many items
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i32).range(1..=100),
          conflicts_with_all = ["max_items", "page_size", "starting_token"])]
    pub max_results: Option<i32>,
    /// Ask for one page only, with the service's own token
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["max_items", "page_size", "starting_token"])]
    pub next_token: Option<String>,
}

/// List the accounts you have a role in
#[derive(Args, Debug)]
pub struct ListAccounts {
    #[command(flatten)]
    pub access: Access,
    #[command(flatten)]
    pub paging: Paging,
}

/// List your roles in an account
#[derive(Args, Debug)]
pub struct ListAccountRoles {
    /// The account: 12 digits
    #[arg(long, value_name = "ID")]
    pub account_id: String,
    #[command(flatten)]
    pub access: Access,
    #[command(flatten)]
    pub paging: Paging,
}

/// Print the credentials of a role; they are secret
#[derive(Args, Debug)]
pub struct GetRoleCredentials {
    /// The role
    #[arg(long, value_name = "NAME")]
    pub role_name: String,
    /// The account: 12 digits
    #[arg(long, value_name = "ID")]
    pub account_id: String,
    #[command(flatten)]
    pub access: Access,
}

/// A portal and the token it is asked with.
struct Visit {
    aws: Aws,
    region: Region,
    token: Secret<String>,
    /// The login that is renewed if its token is refused; none for a token of the
    /// caller's.
    login: Option<(SessionPlan, SsoToken)>,
}

impl Visit {
    /// Asks; a token that is refused is renewed once.
    async fn ask<T>(
        &mut self,
        app: &App,
        call: impl AsyncFn(&Self) -> Result<T, Fault>,
    ) -> Result<T> {
        let fault = match call(self).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let Some((plan, refused)) = self.login.take_if(|_| fault.is("UnauthorizedException"))
        else {
            return Err(explain::portal(fault, app.host.now(), None));
        };
        let renewed = TokenKeeper::new(&app.host, &self.aws, &plan).after_refusal(&refused).await?;
        self.token = renewed.access_token;
        call(self).await.map_err(|fault| explain::portal(fault, app.host.now(), Some(&plan)))
    }
}

pub fn list_accounts(app: &App, wanted: &ListAccounts) -> Result<Done> {
    list(
        app,
        &wanted.access,
        &wanted.paging,
        "ListAccounts",
        "accountList",
        async |visit, size, next| {
            let page = visit.aws.list_accounts(&visit.region, &visit.token, size, next).await?;
            Ok(Page {
                items: page.items.iter().map(account).collect(),
                next_token: page.next_token,
            })
        },
    )
}

pub fn list_account_roles(app: &App, wanted: &ListAccountRoles) -> Result<Done> {
    let account = wanted.account_id.as_str();
    list(
        app,
        &wanted.access,
        &wanted.paging,
        "ListAccountRoles",
        "roleList",
        async |visit, size, next| {
            let page = visit
                .aws
                .list_account_roles(&visit.region, &visit.token, account, size, next)
                .await?;
            let items =
                page.items.iter().map(|name| json!({"roleName": name, "accountId": account}));
            Ok(Page { items: items.collect(), next_token: page.next_token })
        },
    )
}

pub fn get_role_credentials(app: &App, wanted: &GetRoleCredentials) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let renderer = app.renderer(&chosen)?;
    let keys = app.block_on(async {
        let (account, role) = (&wanted.account_id, &wanted.role_name);
        let mut visit = visit(app, &chosen, &wanted.access).await?;
        let plan = visit.login.as_ref().map(|(plan, _)| plan.clone());
        let asked = visit
            .ask(app, async |visit| {
                visit.aws.role_credentials(&visit.region, &visit.token, account, role).await
            })
            .await;
        asked.inspect(|keys| {
            let (key_id, expires) = (keys.access_key_id.as_str(), keys.expiration);
            let issued = RoleOf { account, role, key_id, expires };
            app.host.trail.issued_role(app.host.now(), plan.as_ref(), issued);
        })
    })?;
    let value = json!({"roleCredentials": {
        "accessKeyId": keys.access_key_id,
        "secretAccessKey": keys.secret_access_key.expose(),
        "sessionToken": keys.session_token.as_ref().map(|token| token.expose().as_str()),
        "expiration": keys.expiration.map(|end| end.as_millisecond()),
    }});
    app.show(&renderer, "GetRoleCredentials", &value)
}

/// Absent parts stay absent, as in the service's answer.
fn account(account: &Account) -> Value {
    let mut value = json!({"accountId": account.id});
    if let Some(name) = &account.name {
        value["accountName"] = json!(name);
    }
    if let Some(email) = &account.email {
        value["emailAddress"] = json!(email);
    }
    value
}

/// With a token of the caller's the region is the call's, as in the AWS CLI;
/// with the profile's login it is that login's.
async fn visit(app: &App, chosen: &Chosen<'_>, access: &Access) -> Result<Visit> {
    let aws = app.aws_for(Service::Sso, chosen)?;
    if let Some(token) = &access.access_token {
        let region =
            profile::region(&app.request, &app.host, &chosen.profile)?.ok_or_else(|| {
                Error::new(Kind::Config, "You must specify a region.")
                    .hint("give --region, the SSO region")
            })?;
        return Ok(Visit {
            aws,
            region: region.value,
            token: Secret::from(token.as_str()),
            login: None,
        });
    }
    let plan = login::plan(chosen.profile.files(), chosen, None)?;
    let token = TokenKeeper::new(&app.host, &aws, &plan).current().await?;
    let (region, access_token) = (plan.region.value.clone(), token.access_token.clone());
    Ok(Visit { aws, region, token: access_token, login: Some((plan, token)) })
}

/// Where a list cut by `--max-items` goes on: the service's token for a page,
/// and how many of its items were printed already. The form is botocore's.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mark {
    next: Option<String>,
    skip: usize,
}

impl Mark {
    fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::new(Kind::Usage, "Bad starting token")
                .hint("use the NextToken of an earlier answer")
        };
        let bytes = STANDARD.decode(text).map_err(|_| bad())?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| bad())?;
        let skip = value.get("boto_truncate_amount").and_then(Value::as_u64).unwrap_or(0);
        Ok(Self {
            next: value.get("nextToken").and_then(Value::as_str).map(str::to_owned),
            skip: usize::try_from(skip).map_err(|_| bad())?,
        })
    }

    fn to_text(&self) -> String {
        let next = json!(self.next).to_string();
        let text = match self.skip {
            0 => format!("{{\"nextToken\": {next}}}"),
            skip => format!("{{\"nextToken\": {next}, \"boto_truncate_amount\": {skip}}}"),
        };
        STANDARD.encode(text)
    }
}

/// Pages as they came, and the mark for the rest.
struct Listing {
    pages: Vec<Value>,
    resume: Option<String>,
}

fn list(
    app: &App,
    access: &Access,
    paging: &Paging,
    operation: &str,
    key: &str,
    fetch: impl AsyncFn(&Visit, Option<i32>, Option<String>) -> Result<Page<Value>, Fault>,
) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let renderer = app.renderer(&chosen)?;
    let single =
        app.global.no_paginate || paging.max_results.is_some() || paging.next_token.is_some();
    let listing = app.block_on(async {
        let mut visit = visit(app, &chosen, access).await?;
        let fetch = async |size, next: Option<String>| {
            visit.ask(app, async |visit| fetch(visit, size, next.clone()).await).await
        };
        match single {
            true => one_page(paging, key, fetch).await,
            false => all_pages(paging, key, fetch).await,
        }
    })?;
    let text = match single {
        true => renderer.render(operation, listing.pages.first().unwrap_or(&Value::Null)),
        false => renderer.render_pages(operation, listing.pages, key, listing.resume.as_deref()),
    };
    app.print(&text.map_err(|error| Error::new(Kind::Profile, error.to_string()))?)
}

async fn one_page(
    paging: &Paging,
    key: &str,
    mut fetch: impl AsyncFnMut(Option<i32>, Option<String>) -> Result<Page<Value>>,
) -> Result<Listing> {
    let page = fetch(paging.max_results, paging.next_token.clone()).await?;
    Ok(Listing { pages: vec![as_value(key, page.items, page.next_token)], resume: None })
}

async fn all_pages(
    paging: &Paging,
    key: &str,
    mut fetch: impl AsyncFnMut(Option<i32>, Option<String>) -> Result<Page<Value>>,
) -> Result<Listing> {
    let start = paging.starting_token.as_deref().map(Mark::parse).transpose()?.unwrap_or_default();
    let (mut next, mut skip) = (start.next, start.skip);
    let mut left = paging.max_items.unwrap_or(usize::MAX);
    let mut pages = Vec::new();
    loop {
        let here = next.clone();
        let page = fetch(paging.page_size, next).await?;
        let total = page.items.len();
        let items: Vec<Value> = page.items.into_iter().skip(skip).take(left).collect();
        let printed = skip + items.len();
        left -= items.len();
        pages.push(as_value(key, items, page.next_token.clone()));
        let cut = printed < total;
        if cut || (left == 0 && page.next_token.is_some()) {
            let mark = if cut {
                Mark { next: here, skip: printed }
            } else {
                Mark { next: page.next_token, skip: 0 }
            };
            return Ok(Listing { pages, resume: Some(mark.to_text()) });
        }
        (next, skip) = (page.next_token, 0);
        if next.is_none() {
            return Ok(Listing { pages, resume: None });
        }
    }
}

fn as_value(key: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut value = json!({});
    if let Some(next) = next {
        value["nextToken"] = json!(next);
    }
    value[key] = Value::Array(items);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_botocore_s() {
        let mark = Mark { next: None, skip: 2 };
        assert_eq!(
            mark.to_text(),
            STANDARD.encode(r#"{"nextToken": null, "boto_truncate_amount": 2}"#)
        );
        assert_eq!(Mark::parse(&mark.to_text()).unwrap(), mark);
        let page = Mark { next: Some("abc".into()), skip: 0 };
        assert_eq!(page.to_text(), STANDARD.encode(r#"{"nextToken": "abc"}"#));
        assert_eq!(Mark::parse(&page.to_text()).unwrap(), page);
        Mark::parse("%%").unwrap_err();
    }
}
