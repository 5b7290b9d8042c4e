//! Asking the services, as little as answers a question.

use super::rules::role_plan;
use super::scene::Scene;
use super::seen::Portal;
use crate::aws::oidc::Registration;
use crate::aws::s3::{Addressing, ListObjects};
use crate::aws::{Aws, Fault};
use crate::names::Region;
use crate::provide::Provider;
use crate::resolve::{CredentialPlan, RolePlan, credentials};
use crate::token::SsoToken;
use crate::token::refresh::TokenKeeper;
use crate::{Error, Kind};
use jiff::SignedDuration;
use vault::Secret;

/// Asks the portal about the role, the clock of whoever answers, and what a hub's own
/// role can read.
pub async fn ask(scene: &mut Scene, aws: &Aws) {
    scene.seen.hub_reads = hub(scene, aws).await;
    let Some((_, plan)) = role_plan(scene) else { return };
    let token = TokenKeeper::new(&scene.host, aws, &plan.session).kept();
    let now = scene.host.now();
    match token.filter(|token| token.lives(now)) {
        Some(token) => scene.seen.portal = Some(portal(scene, aws, &plan, &token).await),
        None => scene.seen.region = region(scene, aws, &plan).await,
    }
    if scene.seen.skew.is_none() {
        scene.seen.skew = skew(scene, aws, &plan).await;
    }
}

async fn portal(scene: &mut Scene, aws: &Aws, plan: &RolePlan, token: &SsoToken) -> Portal {
    match roles(aws, plan, token).await {
        Ok(names) if names.iter().any(|name| name == plan.role_name.as_str()) => Portal::Yours,
        Ok(names) => Portal::Gone(names),
        Err(fault) => refused(scene, &fault),
    }
}

fn refused(scene: &mut Scene, fault: &Fault) -> Portal {
    scene.seen.skew = fault.skew(scene.host.now());
    if fault.is_refusal() {
        Portal::LoggedOut
    } else if fault.is("ForbiddenException") {
        Portal::Gone(Vec::new())
    } else {
        let error = fault.clone().into_error(scene.host.now());
        Portal::Unknown(error.message().to_owned())
    }
}

/// The bucket that the profile is for, if the hub's own role can list it.
async fn hub(scene: &Scene, aws: &Aws) -> Option<String> {
    let role = CredentialPlan::WebIdentity(credentials::hub_role(&scene.host)?);
    let profile = scene.chosen().profile;
    let place = profile.get("default_s3_uri")?.value.strip_prefix("s3://")?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let region = profile.get("region").and_then(|found| Region::parse(found.value).ok());
    let nobody = |_: &str| Err(Error::new(Kind::Profile, "nobody is asked for a code"));
    let provider = Provider {
        host: &scene.host,
        aws,
        region: region.as_ref(),
        ask_code: &nobody,
        at_least: SignedDuration::ZERO,
    };
    let keys = provider.provide(&role).await.ok()?.credentials;
    let s3 = aws.s3(region.as_ref(), Some(&keys), Addressing::Auto).ok()?;
    let wanted = ListObjects {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        page_size: Some(1),
        ..ListObjects::default()
    };
    s3.list_objects(wanted).next_page().await.ok()?;
    Some(bucket.to_owned())
}

/// The names of the user's roles in the profile's account.
async fn roles(aws: &Aws, plan: &RolePlan, token: &SsoToken) -> Result<Vec<String>, Fault> {
    const PAGES: usize = 50;
    let (mut names, mut next) = (Vec::new(), None);
    let (region, account) = (&plan.session.region.value, plan.account_id.as_str());
    for _ in 0..PAGES {
        let page =
            aws.list_account_roles(region, &token.access_token, account, Some(100), next).await?;
        names.extend(page.items);
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    Ok(names)
}

/// A request that is refused at once has a date all the same.
async fn skew(scene: &Scene, aws: &Aws, plan: &RolePlan) -> Option<SignedDuration> {
    let nobody = Secret::new("daypass-doctor".to_owned());
    let answer = aws.list_accounts(&plan.session.region.value, &nobody, Some(1), None).await;
    answer.err()?.skew(scene.host.now())
}

/// Where the start URL answers, if the region of the files is wrong.
async fn region(scene: &Scene, aws: &Aws, plan: &RolePlan) -> Option<String> {
    let said = plan.session.region.value.as_str();
    if !is_elsewhere(aws, plan, said).await? {
        return None;
    }
    for candidate in candidates(scene, said) {
        if is_elsewhere(aws, plan, &candidate).await == Some(false) {
            return Some(candidate);
        }
    }
    None
}

/// Whether the service of that region does not know the start URL; `None` where that
/// stays open.
async fn is_elsewhere(aws: &Aws, plan: &RolePlan, region: &str) -> Option<bool> {
    let region = Region::parse(region).ok()?;
    let wanted = Registration {
        client_name: "daypass-doctor".to_owned(),
        scopes: plan.session.effective_scopes(),
        code: None,
    };
    let client = aws.register_client(&region, &wanted).await.ok()?;
    let url = plan.session.start_url.value.canonical();
    match aws.start_device_authorization(&region, &client, url).await {
        Ok(_) => Some(false),
        Err(fault) if fault.is("InvalidRequestException") => Some(true),
        Err(_) => None,
    }
}

/// Regions that the files name, and those where most organizations live.
fn candidates(scene: &Scene, said: &str) -> Vec<String> {
    const USUAL: [&str; 5] = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "us-east-2"];
    let named = scene
        .profiles()
        .into_iter()
        .filter_map(|name| scene.profile(name).get("region").map(|found| found.value.to_owned()));
    let mut all: Vec<String> = named.chain(USUAL.map(str::to_owned)).collect();
    let mut seen = std::collections::BTreeSet::from([said.to_owned()]);
    all.retain(|region| seen.insert(region.clone()));
    all.truncate(8);
    all
}
