//! The OpenID Connect service of Identity Center (`sso-oidc`, no signatures).

use super::fault::{Cause, Fault};
use super::throttled::Throttled;
use super::{Aws, incomplete};
use crate::error::{Error, Kind, Result};
use crate::names::Region;
use crate::resolve::connection::Service;
use crate::token::ClientRegistration;
use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::config::Builder;
use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_types::retry::RetryConfig;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use vault::Secret;

/// What to register a public client for.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Shown to the person who is asked for consent.
    pub client_name: String,
    /// `sso:account:access` and others; empty for none.
    pub scopes: Vec<String>,
    /// For the authorization code grant; the service answers 500 to a client
    /// that asks for this and the device grant together.
    pub code: Option<CodeClient>,
}

/// What only a client of the authorization code grant registers.
#[derive(Clone, Debug)]
pub struct CodeClient {
    /// The loopback address without its port.
    pub redirect_uri: String,
    /// The start URL.
    pub issuer_url: String,
}

/// RFC 8628, 3.2.
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    /// What we poll with.
    pub device_code: Secret<String>,
    /// What the person compares or types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code in it, where the service offers that.
    pub verification_uri_complete: Option<String>,
    /// How long the codes live.
    pub expires_in: Duration,
    /// The pause between polls.
    pub interval: Duration,
}

/// How a token is paid for.
#[derive(Clone, Debug)]
pub enum Grant {
    /// PKCE: the code the browser brought back.
    AuthorizationCode {
        /// The code.
        code: Secret<String>,
        /// What its challenge was made from.
        verifier: Secret<String>,
        /// The redirect URI, with the port that was used.
        redirect_uri: String,
    },
    /// The device code, once the person has approved it.
    DeviceCode(Secret<String>),
    /// A refresh token; single use.
    RefreshToken(Secret<String>),
}

/// A token as the service answers.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The portal's bearer token.
    pub access_token: Secret<String>,
    /// When it ends, by our clock.
    pub expires_at: Timestamp,
    /// The next refresh token, if one was given.
    pub refresh_token: Option<Secret<String>>,
}

impl Aws {
    fn oidc(&self, region: &Region) -> Client {
        let config = Builder::from(&self.config(Service::SsoOidc, region).build());
        Client::from_conf(config.retry_classifier(Throttled).build())
    }

    /// Registers a public client.
    pub async fn register_client(
        &self,
        region: &Region,
        wanted: &Registration,
    ) -> Result<ClientRegistration, Fault> {
        let client = self.oidc(region);
        let mut call = client
            .register_client()
            .client_name(&wanted.client_name)
            .client_type("public")
            .set_scopes((!wanted.scopes.is_empty()).then(|| wanted.scopes.clone()));
        if let Some(code) = &wanted.code {
            call = call
                .grant_types("authorization_code")
                .grant_types("refresh_token")
                .redirect_uris(&code.redirect_uri)
                .issuer_url(&code.issuer_url);
        }
        let answer = call.send().await.map_err(|error| Fault::of("RegisterClient", error))?;
        let (Some(client_id), Some(secret)) = (answer.client_id, answer.client_secret) else {
            return Err(garbled("RegisterClient"));
        };
        let expires_at = Timestamp::from_second(answer.client_secret_expires_at).ok();
        Ok(ClientRegistration {
            client_id,
            client_secret: Secret::new(secret),
            expires_at: expires_at.filter(|end| end.as_second() > 0),
        })
    }

    /// Starts the device flow.
    pub async fn start_device_authorization(
        &self,
        region: &Region,
        registration: &ClientRegistration,
        start_url: &str,
    ) -> Result<DeviceAuthorization, Fault> {
        let operation = "StartDeviceAuthorization";
        let call = self
            .oidc(region)
            .start_device_authorization()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .start_url(start_url);
        let answer = call.send().await.map_err(|error| Fault::of(operation, error))?;
        let (Some(device_code), Some(user_code), Some(verification_uri)) =
            (answer.device_code, answer.user_code, answer.verification_uri)
        else {
            return Err(garbled(operation));
        };
        Ok(DeviceAuthorization {
            device_code: Secret::new(device_code),
            user_code,
            verification_uri,
            verification_uri_complete: answer.verification_uri_complete,
            expires_in: seconds(answer.expires_in, 600),
            interval: seconds(answer.interval, 5),
        })
    }

    /// Pays for a token.
    ///
    /// A refresh token and a code can be spent once: after an answer that was
    /// lost they are not sent again, since the service would take the repetition
    /// for theft. What the service refused without an effect (throttling, its
    /// own failure) is tried again.
    pub async fn create_token(
        &self,
        region: &Region,
        registration: &ClientRegistration,
        grant: &Grant,
    ) -> Result<Tokens, Fault> {
        let mut attempt = 1;
        loop {
            let fault = match self.create_token_once(region, registration, grant).await {
                Ok(tokens) => return Ok(tokens),
                Err(fault) => fault,
            };
            if attempt >= self.connection.max_attempts || !may_repeat(&fault) {
                return Err(fault);
            }
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        }
    }

    async fn create_token_once(
        &self,
        region: &Region,
        registration: &ClientRegistration,
        grant: &Grant,
    ) -> Result<Tokens, Fault> {
        let config =
            self.config(Service::SsoOidc, region).retry_config(RetryConfig::disabled()).build();
        let call = Client::new(&config)
            .create_token()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose());
        let call = match grant {
            Grant::AuthorizationCode { code, verifier, redirect_uri } => call
                .grant_type("authorization_code")
                .code(code.expose())
                .code_verifier(verifier.expose())
                .redirect_uri(redirect_uri),
            Grant::DeviceCode(code) => call
                .grant_type("urn:ietf:params:oauth:grant-type:device_code")
                .device_code(code.expose()),
            Grant::RefreshToken(token) => {
                call.grant_type("refresh_token").refresh_token(token.expose())
            }
        };
        let answer = call.send().await.map_err(|error| Fault::of("CreateToken", error))?;
        let access_token = answer.access_token.ok_or_else(|| garbled("CreateToken"))?;
        let life = SignedDuration::from_secs(i64::from(answer.expires_in));
        Ok(Tokens {
            access_token: Secret::new(access_token),
            expires_at: self.clock.now().checked_add(life).map_err(|_| garbled("CreateToken"))?,
            refresh_token: answer.refresh_token.map(Secret::new),
        })
    }

    /// Whether the service still knows a registration: a browser sent off with a
    /// forgotten one never comes back. Asked with a code that cannot be right.
    ///
    /// # Errors
    /// The service does not answer: neither would it to the login.
    pub async fn knows_client(
        &self,
        region: &Region,
        registration: &ClientRegistration,
    ) -> Result<bool, Fault> {
        let probe = Grant::AuthorizationCode {
            code: Secret::from("daypass-probe"),
            verifier: Secret::new("daypass-probe-".repeat(4)),
            redirect_uri: crate::oidc::registration::REDIRECT_URI.to_owned(),
        };
        match self.create_token_once(region, registration, &probe).await {
            Err(fault) if fault.answer().is_none() => Err(fault),
            Err(fault) => Ok(!forgotten(&fault)),
            Ok(_) => Ok(true),
        }
    }

    /// The service's address, which is also that of its `/authorize` page.
    ///
    /// # Errors
    /// [`Kind::Config`] where the SDK's rules know no endpoint for the region.
    pub async fn oidc_endpoint(&self, region: &Region) -> Result<String> {
        if let Some(endpoint) = self.connection.endpoint(Service::SsoOidc) {
            return Ok(endpoint.value.trim_end_matches('/').to_owned());
        }
        let params = Params::builder()
            .region(region.as_str())
            .use_fips(self.connection.fips)
            .use_dual_stack(self.connection.dual_stack)
            .build()
            .map_err(|_| incomplete("Authorize"))?;
        let resolved = DefaultResolver::new().resolve_endpoint(&params).await;
        resolved.map(|endpoint| endpoint.url().trim_end_matches('/').to_owned()).map_err(|error| {
            Error::new(
                Kind::Config,
                format!("there is no IAM Identity Center endpoint for {region}"),
            )
            .because(error.to_string())
        })
    }
}

/// Whether the service does not know the client (any more).
pub fn forgotten(fault: &Fault) -> bool {
    fault.is("InvalidClientException") || fault.is("invalid_client")
}

fn may_repeat(fault: &Fault) -> bool {
    match &fault.cause {
        Cause::Answer(answer) => match answer.status {
            429 | 503 => true,
            // The service's own failure has a code; a gateway's has none, and the
            // request behind it may have had its effect.
            500 => answer.code != "500",
            _ => false,
        },
        Cause::Unreached { unsent, .. } => *unsent,
        Cause::Garbled(_) => false,
    }
}

/// Full jitter: anything up to one second, then two, then four.
fn backoff(attempt: u32) -> Duration {
    let ceiling = 1000_u64 << attempt.min(5).saturating_sub(1);
    let random = getrandom::u64().unwrap_or(ceiling / 2);
    Duration::from_millis(random % ceiling)
}

fn garbled(operation: &'static str) -> Fault {
    Fault { operation, cause: Cause::Garbled("a required field is missing".to_owned()) }
}

fn seconds(value: i32, usual: u64) -> Duration {
    Duration::from_secs(u64::try_from(value).ok().filter(|s| *s > 0).unwrap_or(usual))
}
