//! Logging in: a browser, a person, and at the end a token on disk.

pub mod choice;
mod paste;
pub mod standing;

use crate::aws::oidc::{CodeClient, DeviceAuthorization, Grant, Registration, Tokens, forgotten};
use crate::aws::{Aws, Fault};
use crate::clocks;
use crate::error::{Error, Kind, Result};
use crate::explain;
use crate::host::Host;
use crate::lock;
use crate::names::Region;
use crate::oidc::callback::{Answer, Callback, Page, Waiting, expired};
use crate::oidc::pkce::{self, State, Verifier};
use crate::oidc::registration::{Flow, REDIRECT_URI};
use crate::provide;
use crate::resolve::SessionPlan;
use crate::start_url::StartUrl;
use crate::token::shelf::Shelf;
use crate::token::{ClientRegistration, SsoToken};
use crate::vanity::{self, Resolved};
use jiff::Timestamp;
use std::pin::Pin;
use std::time::Duration;
use vault::{Orphans, Secret};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// How to log in.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Which protocol.
    pub flow: Flow,
    /// A fixed callback port, for `ssh -L`.
    pub redirect_port: Option<u16>,
    /// The browser's answer is pasted by the person; of an authorization code only.
    pub paste: bool,
}

/// What the person must be shown, and the browser sent to.
#[derive(Clone, Debug)]
pub enum Invitation {
    /// Authorization code: one address.
    Code {
        /// The address.
        url: String,
        /// What the page calls us: all there is to compare.
        client: String,
        /// Where the browser comes back to.
        port: u16,
    },
    /// The same, and the person carries the answer back.
    Paste {
        /// The address.
        url: String,
        /// What the page calls us.
        client: String,
        /// Where the browser will try to go.
        port: u16,
    },
    /// Device code: an address, and a code to compare or type.
    Device(DeviceAuthorization),
}

/// The side of a login that a person sees.
pub trait Companion {
    /// Shows the invitation and opens the browser, without waiting for either.
    fn invite(&mut self, invitation: &Invitation) -> Result<()>;
    /// Says something that is worth knowing.
    fn remark(&mut self, text: &str);
    /// Asks for the address that the browser ended on.
    ///
    /// # Errors
    /// [`Kind::Interrupted`], or there is nobody to ask.
    fn paste(&mut self) -> Pasting<'_> {
        let nobody = Error::new(Kind::LoginFailed, "there is nobody to paste an address");
        Box::pin(std::future::ready(Err(nobody)))
    }
}

/// An address that is waited for.
pub type Pasting<'a> = Pin<Box<dyn Future<Output = Result<Secret<String>>> + 'a>>;

/// A finished login.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The token, which is on disk.
    pub token: SsoToken,
    /// The region the start URL turned out to live in, if the configured one is
    /// another: the config file should be told.
    pub moved_to: Option<Region>,
}

/// Everything one login needs at each step.
struct Desk<'a> {
    host: &'a Host,
    aws: &'a Aws,
    plan: &'a SessionPlan,
    shelf: Shelf<'a>,
    /// What the wire is told: resolved, canonical.
    url: StartUrl,
    region: Region,
    flow: Flow,
}

/// Takes the first steps of a login, which no person sees: the cache can be written, and
/// the service answers and knows our client. For whoever ends one login for another.
///
/// # Errors
/// What [`login`] would fail with before it shows anything.
pub async fn rehearse(host: &Host, aws: &Aws, plan: &SessionPlan, flow: Flow) -> Result<()> {
    let resolved = vanity::resolve(aws, &plan.start_url.value).await?;
    let desk = Desk::open(host, aws, plan, flow, resolved).await?;
    desk.known_registration().await.map(drop)
}

/// Logs in anew, whatever is cached, and writes the token.
///
/// # Errors
/// [`Kind::LoginFailed`] with the service's own words where it refused, when the
/// time is over, or where no callback can be received; network and store errors.
pub async fn login(
    host: &Host,
    aws: &Aws,
    plan: &SessionPlan,
    options: Options,
    companion: &mut dyn Companion,
) -> Result<LoggedIn> {
    let mut resolved = vanity::resolve(aws, &plan.start_url.value).await?;
    if let Some(remark) = resolved.remark.take() {
        companion.remark(&remark);
    }
    let desk = Desk::open(host, aws, plan, options.flow, resolved).await?;
    let moved_to = (desk.region != plan.region.value).then(|| desk.region.clone());
    let token = match options.flow {
        Flow::Code if options.paste => desk.by_paste(options.redirect_port, companion).await?,
        Flow::Code => desk.by_code(options.redirect_port, companion).await?,
        Flow::Device => desk.by_device(companion).await?,
    };
    host.trail.logged_in(host.now(), plan, options.flow);
    Ok(LoggedIn { token, moved_to })
}

impl<'a> Desk<'a> {
    /// A cache that cannot be written is met before the person is bothered.
    async fn open(
        host: &'a Host,
        aws: &'a Aws,
        plan: &'a SessionPlan,
        flow: Flow,
        resolved: Resolved,
    ) -> Result<Self> {
        let region = resolved.region.unwrap_or_else(|| plan.region.value.clone());
        let shelf = Shelf::of(host, plan);
        shelf.open().await?;
        drop(shelf.reserve(&shelf.path())?);
        Ok(Self { host, aws, plan, shelf, url: resolved.url, region, flow })
    }
}

impl Desk<'_> {
    async fn by_code(&self, port: Option<u16>, companion: &mut dyn Companion) -> Result<SsoToken> {
        let callback = Callback::bind(port).await?;
        let registration = self.known_registration().await?;
        let (verifier, state) = (Verifier::random()?, State::random()?);
        let redirect_uri = callback.redirect_uri();
        let url = pkce::authorize_url(
            &self.aws.oidc_endpoint(&self.region).await?,
            &registration.client_id,
            &redirect_uri,
            &state,
            &verifier.challenge(),
            &self.plan.effective_scopes(),
        );
        let (port, client) = (callback.port(), self.client_name());
        let mut waiting = callback.wait(state);
        companion.invite(&Invitation::Code { url, client, port })?;
        let outcome = self.redeem(&mut waiting, &registration, verifier, redirect_uri).await;
        waiting.finish().await;
        outcome
    }

    /// Waits for the browser, exchanges the code, writes the token, and only
    /// then tells the browser how it went.
    async fn redeem(
        &self,
        waiting: &mut Waiting,
        registration: &ClientRegistration,
        verifier: Verifier,
        redirect_uri: String,
    ) -> Result<SsoToken> {
        let arrival = waiting.arrival(PATIENCE).await?;
        let code = match arrival.answer {
            Answer::Code(code) => code,
            Answer::Refused { error, description } => {
                let words = description.unwrap_or_else(|| error.clone());
                let _ = arrival.reply.send(Page::Denied(words.clone()));
                return Err(refused(&error, &words));
            }
        };
        let outcome = self.exchange(code, verifier, redirect_uri, registration).await;
        let page = if outcome.is_ok() { Page::Success } else { Page::Failed };
        let _ = arrival.reply.send(page);
        outcome
    }

    /// Spends the code, and writes the token.
    async fn exchange(
        &self,
        code: Secret<String>,
        verifier: Verifier,
        redirect_uri: String,
        registration: &ClientRegistration,
    ) -> Result<SsoToken> {
        let grant =
            Grant::AuthorizationCode { code, verifier: verifier.into_secret(), redirect_uri };
        match self.aws.create_token(&self.region, registration, &grant).await {
            Ok(tokens) => self.keep(tokens, registration).await,
            Err(fault) => Err(self.failed(fault)),
        }
    }

    async fn by_device(&self, companion: &mut dyn Companion) -> Result<SsoToken> {
        let (registration, device) = self.device_authorization().await?;
        companion.invite(&Invitation::Device(device.clone()))?;
        let limit = device.expires_in.min(PATIENCE);
        let polled = tokio::time::timeout(limit, self.poll(&registration, &device)).await;
        let tokens = polled.map_err(|_| expired())??;
        self.keep(tokens, &registration).await
    }

    /// Starts the flow; a registration that the service has forgotten is
    /// replaced, once.
    async fn device_authorization(&self) -> Result<(ClientRegistration, DeviceAuthorization)> {
        let registration = self.registration().await?;
        let start = |registration: ClientRegistration| async move {
            let url = self.url.canonical();
            let begun = self.aws.start_device_authorization(&self.region, &registration, url).await;
            begun.map(|device| (registration, device))
        };
        match start(registration).await {
            Err(fault) if forgotten(&fault) => {
                let fresh = self.register().await?;
                start(fresh).await.map_err(|fault| self.failed(fault))
            }
            other => other.map_err(|fault| self.failed(fault)),
        }
    }

    async fn poll(
        &self,
        registration: &ClientRegistration,
        device: &DeviceAuthorization,
    ) -> Result<Tokens> {
        const SLOWER: Duration = Duration::from_secs(5);
        let mut interval = device.interval;
        let grant = Grant::DeviceCode(device.device_code.clone());
        loop {
            tokio::time::sleep(interval).await;
            let fault = match self.aws.create_token(&self.region, registration, &grant).await {
                Ok(tokens) => return Ok(tokens),
                Err(fault) => fault,
            };
            if fault.is("SlowDownException") || fault.is("slow_down") {
                interval += SLOWER;
            } else if fault.is("ExpiredTokenException") || fault.is("expired_token") {
                return Err(expired());
            } else if !is_pending(&fault) && !fault.is_passing() {
                return Err(self.failed(fault));
            }
        }
    }

    /// A registration that a browser can be sent off with: one from the cache is
    /// shown to the service first.
    async fn known_registration(&self) -> Result<ClientRegistration> {
        let Some(cached) = self.shelf.load_registration(self.flow) else {
            return self.register().await;
        };
        let known = self.aws.knows_client(&self.region, &cached).await;
        match known.map_err(|fault| self.failed(fault))? {
            true => Ok(cached),
            false => self.register().await,
        }
    }

    async fn registration(&self) -> Result<ClientRegistration> {
        match self.shelf.load_registration(self.flow) {
            Some(cached) => Ok(cached),
            None => self.register().await,
        }
    }

    async fn register(&self) -> Result<ClientRegistration> {
        let scopes = match self.flow {
            Flow::Code => self.plan.effective_scopes(),
            Flow::Device => self.plan.scopes.clone().unwrap_or_default(),
        };
        let wanted = Registration {
            client_name: self.client_name(),
            scopes: scopes.clone(),
            code: (self.flow == Flow::Code).then(|| CodeClient {
                redirect_uri: REDIRECT_URI.to_owned(),
                issuer_url: self.url.canonical().to_owned(),
            }),
        };
        self.shelf.forget_registration();
        let made = self
            .aws
            .register_client(&self.region, &wanted)
            .await
            .map_err(|fault| self.failed(fault))?;
        self.shelf.save_registration(&made, self.flow, &scopes)?;
        Ok(made)
    }

    /// What the consent page calls us.
    fn client_name(&self) -> String {
        match &self.plan.name {
            Some(name) => format!("daypass-{name}"),
            None => "daypass".to_owned(),
        }
    }

    async fn keep(&self, tokens: Tokens, registration: &ClientRegistration) -> Result<SsoToken> {
        let now: Timestamp = self.host.now();
        let token = SsoToken {
            start_url: self.plan.start_url.value.raw().to_owned(),
            region: self.region.to_string(),
            access_token: tokens.access_token,
            expires_at: tokens.expires_at,
            issued_at: Some(now),
            registration: Some(registration.clone()),
            refresh_token: tokens.refresh_token,
        };
        // A refresh that is under way would overwrite the new session's token. A
        // lock nobody releases must not cost the login.
        let path = self.shelf.path();
        let _lock = lock::token(self.host, &path, Duration::from_secs(20)).await.ok();
        self.shelf.commit(self.shelf.reserve(&path)?, &token)?;
        clocks::note(self.host, self.plan, |seen| seen.logged_in(now, token.expires_at));
        self.forget_roles().await;
        Ok(token)
    }

    /// Whoever logs in because their credentials were refused means to get others.
    async fn forget_roles(&self) {
        let family = provide::family(self.plan);
        let store = &self.host.store;
        let now = u64::try_from(self.host.now().as_second()).unwrap_or_default();
        let forgotten = store.on_thread(move |vault| {
            provide::forget(vault, Some(&family))?;
            // A login is rare enough to pay for tidying up.
            vault.sweep(now, Orphans::Keep)
        });
        if let Err(error) = forgotten.await {
            tracing::debug!(%error, "old role credentials stay in the store");
        }
    }

    /// A fault of the login's own calls, with the advice that fits it.
    fn failed(&self, fault: Fault) -> Error {
        if forgotten(&fault) {
            self.shelf.forget_registration();
        }
        if fault.is("AccessDeniedException") || fault.is("access_denied") {
            return denied(fault, self.host.now());
        }
        explain::login(self.plan, &self.region, fault, self.host.now())
    }
}

fn is_pending(fault: &Fault) -> bool {
    fault.is("AuthorizationPendingException") || fault.is("authorization_pending")
}

/// A device code that the person did not approve; the AWS CLI has the service's
/// own error here, and its code.
fn denied(fault: Fault, now: Timestamp) -> Error {
    let details = fault.answer().map(|answer| answer.details.clone()).unwrap_or_default();
    let words = details.iter().find(|(name, _)| name == "error_description");
    let words = words.map_or("access_denied", |(_, words)| words);
    let told = fault.clone().into_error(now);
    let error = refused("access_denied", words).with_kind(Kind::Denied);
    error.said(told.words_of_service().unwrap_or(told.message()))
}

fn refused(error: &str, words: &str) -> Error {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let (error, words) = (clean(error), clean(words));
    let told = if words == error { error.clone() } else { format!("{words} ({error})") };
    let failure =
        Error::new(Kind::LoginFailed, "the login was refused in the browser").because(told);
    match error.as_str() {
        "access_denied" => {
            failure.hint("run the command again and choose Allow, if the request is your own")
        }
        _ => failure,
    }
}
