//! Plan → credentials: the whole sentence.

pub(crate) mod identity;
pub(crate) use identity::{family, of as identity_of};
mod patience;
use patience::patiently;
mod process;
pub use process::{CHAIN, refuse_circle};
mod stored;
pub(crate) use stored::forget;
mod surroundings;

use crate::aws::sts::AssumeRole;
use crate::aws::{Aws, Fault};
use crate::credentials::{Provided, RoleCredentials};
use crate::error::{Error, Kind, Result};
use crate::explain::{self, Had};
use crate::host::Host;
use crate::kept;
use crate::names::Region;
use crate::resolve::credentials::{
    AssumeRolePlan, CredentialPlan, KeptPlan, ProcessPlan, StaticKeys, WebIdentityPlan,
};
use crate::resolve::sso::RolePlan;
use crate::token::parse_time;
use crate::token::refresh::TokenKeeper;
use crate::token::shelf::Shelf;
use jiff::SignedDuration;
use std::pin::Pin;
use std::time::Duration;
use stored::Need;
use vault::Secret;

/// Asks a person for the code of an MFA device, by the device's serial.
pub type AskCode<'a> = &'a (dyn Fn(&str) -> Result<Secret<String>> + 'a);

/// What providing credentials needs besides the plan.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    /// The world.
    pub host: &'a Host,
    /// The services.
    pub aws: &'a Aws,
    /// The region for STS, if a role is assumed.
    pub region: Option<&'a Region>,
    /// For roles that want MFA.
    pub ask_code: AskCode<'a>,
    /// Kept credentials that end sooner are fetched anew: whoever starts a long job
    /// wants them as fresh as they come.
    pub at_least: SignedDuration,
}

impl Provider<'_> {
    /// Gets the credentials a plan stands for.
    ///
    /// # Errors
    /// By fault: a login is needed, the role is denied, the network is down, …
    pub async fn provide(&self, plan: &CredentialPlan) -> Result<Provided> {
        match plan {
            CredentialPlan::Static(keys) => Ok(at_hand(keys)),
            CredentialPlan::Sso(_) => Ok(provided(self.stored_or_fetched(plan).await?, "sso")),
            CredentialPlan::AssumeRole(_) => {
                Ok(provided(self.stored_or_fetched(plan).await?, "assume-role"))
            }
            CredentialPlan::Kept(_) => Ok(provided(self.stored_or_fetched(plan).await?, "daypass")),
            CredentialPlan::WebIdentity(role) => {
                Ok(provided(self.web_identity(role).await?, "assume-role-with-web-identity"))
            }
            CredentialPlan::Process(command) => {
                Ok(provided(self.printed_by(command).await?, "custom-process"))
            }
            CredentialPlan::Surroundings => surroundings::find(self.host, self.aws).await,
        }
    }

    /// On a thread of its own, so that Ctrl-C is heard while the program runs.
    async fn printed_by(&self, command: &ProcessPlan) -> Result<RoleCredentials> {
        let (host, command) = (self.host.clone(), command.clone());
        let running = tokio::task::spawn_blocking(move || process::run(&host, &command));
        let bug = |_| Error::new(Kind::Bug, "the thread of the credential process ended");
        running.await.map_err(bug)?
    }

    /// From the store while they live, else fetched and kept.
    async fn stored_or_fetched(&self, plan: &CredentialPlan) -> Result<RoleCredentials> {
        match identity::of(plan, self.aws.connection()) {
            Some(identity) if self.is_logged_in(plan).await => {
                let fetch = async |need| self.fetched(plan, need).await;
                let credentials = self.stored(&identity, plan.session(), fetch).await?;
                self.see_to_mirror(plan).await;
                Ok(credentials)
            }
            _ => self.fetched(plan, Need::Now).await,
        }
    }

    /// Whoever logs out, with whatever tool, has ended what the login paid for.
    async fn is_logged_in(&self, plan: &CredentialPlan) -> bool {
        match plan {
            CredentialPlan::Sso(role) => Shelf::of(self.host, &role.session).has_token().await,
            CredentialPlan::AssumeRole(role) => Box::pin(self.is_logged_in(&role.source)).await,
            _ => true,
        }
    }

    /// Other programs find the access token in the mirror and cannot renew it. Role
    /// credentials outlive it by hours: whoever of us runs sees that it lives on.
    async fn see_to_mirror(&self, plan: &CredentialPlan) {
        let Some(session) = plan.mirrored() else { return };
        let Ok(aws) = self.aws.hurried() else { return };
        let keeper = TokenKeeper::new(self.host, &aws, session).waiting_at_most(Duration::ZERO);
        if let Err(error) = keeper.current().await {
            tracing::debug!(%error, "the mirror's access token is not renewed");
        }
    }

    async fn fetched(&self, plan: &CredentialPlan, need: Need) -> Result<RoleCredentials> {
        match plan {
            CredentialPlan::Sso(role) => self.at_portal(role, need).await,
            CredentialPlan::AssumeRole(role) => self.assumed(role, need).await,
            CredentialPlan::Kept(key) => self.session_of(key, need).await,
            other => Ok(self.boxed(other).await?.credentials),
        }
    }

    /// While credentials are at hand, a service out of reach must not cost a minute.
    fn services(&self, need: Need) -> Result<Aws> {
        match need {
            Need::Now => Ok(self.aws.clone()),
            Need::Soon => self.aws.hurried(),
        }
    }

    /// A token, then the role; a refused token is refreshed once.
    async fn at_portal(&self, role: &RolePlan, need: Need) -> Result<RoleCredentials> {
        let aws = self.services(need)?;
        let keeper = TokenKeeper::new(self.host, &aws, &role.session);
        let token = keeper.current().await?;
        match patiently(&aws, need, async || fetch(&aws, role, &token.access_token).await).await {
            Err(fault) if fault.is_refusal() => {
                let renewed = keeper.after_refusal(&token).await?;
                match fetch(&aws, role, &renewed.access_token).await {
                    Err(fault) => Err(self.explain(role, fault).await),
                    Ok(found) => Ok(found),
                }
            }
            Err(fault) => Err(self.explain(role, fault).await),
            Ok(found) => Ok(found),
        }
    }

    async fn explain(&self, role: &RolePlan, fault: Fault) -> Error {
        let denied = fault.answer().is_some_and(|answer| answer.status == 403);
        let had = if denied { self.had(role).await } else { Had::default() };
        explain::role(role, fault, self.host.now(), &had)
    }

    async fn assumed(&self, plan: &AssumeRolePlan, need: Need) -> Result<RoleCredentials> {
        let aws = self.services(need)?;
        let source = self.source_of(plan).await?;
        let mfa = self.code_of(plan.mfa_serial.as_ref())?;
        let wanted = AssumeRole {
            role_arn: plan.role_arn.clone(),
            session_name: self.session_name(plan),
            external_id: plan.external_id.clone(),
            duration_seconds: plan.duration_seconds,
            mfa,
        };
        let region = self.sts_region(plan.region.as_ref());
        let assumed = aws.assume_role(&region, &source, &wanted).await;
        assumed.map_err(|fault| explain::chained(plan, fault, self.host.now()))
    }

    /// Whose credentials pay for a role. STS takes an MFA code with a long-lived key,
    /// and not with a session of it.
    async fn source_of(&self, plan: &AssumeRolePlan) -> Result<RoleCredentials> {
        match (&plan.source, &plan.mfa_serial) {
            (CredentialPlan::Kept(key), Some(_)) => Ok(kept::load(self.host, key).await?.into()),
            (source, _) => Ok(self.boxed(source).await?.credentials),
        }
    }

    async fn session_of(&self, plan: &KeptPlan, need: Need) -> Result<RoleCredentials> {
        let aws = self.services(need)?;
        let key = kept::load(self.host, plan).await?.into();
        let mfa = self.code_of(plan.mfa_serial.as_ref())?;
        let region = self.sts_region(plan.region.as_ref());
        let made = aws.session_token(&region, &key, plan.duration_seconds, mfa).await;
        made.map_err(|fault| explain::kept(plan, fault, self.host.now()))
    }

    fn code_of(&self, serial: Option<&String>) -> Result<Option<(String, Secret<String>)>> {
        serial.map(|serial| Ok((serial.clone(), (self.ask_code)(serial)?))).transpose()
    }

    /// Shown in the other account's audit trail.
    fn session_name(&self, plan: &AssumeRolePlan) -> String {
        let made_up = || format!("daypass-{}", self.host.now().as_second());
        plan.session_name.clone().unwrap_or_else(made_up)
    }

    /// A chain is a plan inside a plan: its future must be boxed.
    fn boxed<'p>(
        &'p self,
        plan: &'p CredentialPlan,
    ) -> Pin<Box<dyn Future<Output = Result<Provided>> + 'p>> {
        Box::pin(self.provide(plan))
    }

    async fn web_identity(&self, plan: &WebIdentityPlan) -> Result<RoleCredentials> {
        let shown = plan.token_file.display().to_string();
        let text = crate::files::read_text(&plan.token_file, &shown)?;
        if text.trim().is_empty() {
            return Err(Error::new(
                Kind::Profile,
                format!("the token file `{shown}` is absent or empty"),
            )
            .because(format!("it is named by {}", plan.origin)));
        }
        let token = Secret::from(text.trim());
        let region = self.sts_region(None);
        let assumed = self
            .aws
            .assume_role_with_web_identity(&region, &plan.role_arn, &plan.session_name, &token)
            .await;
        assumed.map_err(|fault| fault.into_error(self.host.now()))
    }

    fn sts_region(&self, profile: Option<&Region>) -> Region {
        let found = profile.or(self.region).cloned();
        found
            .or_else(|| Region::parse("us-east-1").ok())
            .unwrap_or_else(|| unreachable!("a valid literal"))
    }
}

async fn fetch(
    aws: &Aws,
    role: &RolePlan,
    token: &Secret<String>,
) -> Result<RoleCredentials, Fault> {
    let region = &role.session.region.value;
    aws.role_credentials(region, token, role.account_id.as_str(), role.role_name.as_str()).await
}

fn provided(credentials: RoleCredentials, method: &'static str) -> Provided {
    Provided { credentials, method, origin: None }
}

fn at_hand(keys: &StaticKeys) -> Provided {
    let credentials = RoleCredentials {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
        expiration: keys.expiration.as_deref().and_then(parse_time),
        account_id: None,
    };
    Provided { credentials, method: keys.method, origin: Some(keys.origin.clone()) }
}
