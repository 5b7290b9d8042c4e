//! The only rooms that name the SDK: clients, TLS, proxies, retries, services.

mod fault;
mod federation;
mod insecure;
pub mod oidc;
pub mod portal;
pub mod s3;
pub mod sts;
mod throttled;
pub(crate) mod wire;

pub use fault::{Answer, Cause, Fault};

use crate::credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::host::Clock;
use crate::names::Region;
use crate::resolve::Connection;
use crate::resolve::connection::Service;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::time::SystemTime;
use wire::Wire;

/// Makes the clients of one run: all with the same certificates, proxies, time
/// limits and clock.
#[derive(Clone, Debug)]
pub struct Aws {
    connection: Connection,
    wire: Wire,
    clock: Clock,
}

impl Aws {
    /// Prepares the HTTP stack.
    ///
    /// # Errors
    /// [`Kind::Config`] for certificates, proxies or endpoints that cannot be used.
    pub fn new(connection: Connection, clock: Clock) -> Result<Self> {
        let wire = Wire::new(connection.clone())?;
        Ok(Self { connection, wire, clock })
    }

    /// The same services for a call that is not needed at once: tried one time,
    /// and given up if no connection comes about within a few seconds. A request
    /// that was sent is waited for all the same.
    ///
    /// # Errors
    /// As [`Aws::new`].
    pub fn hurried(&self) -> Result<Self> {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(4);
        let limit = self.connection.connect_timeout.map_or(PATIENCE, |limit| limit.min(PATIENCE));
        let mut connection = self.connection.clone();
        connection.connect_timeout = Some(limit);
        connection.max_attempts = 1;
        Self::new(connection, self.clock.clone())
    }

    /// The same services, each call tried one time: for a caller that has a pace of its
    /// own, and wants to hear of every 429.
    ///
    /// # Errors
    /// As [`Aws::new`].
    pub(crate) fn asking_once(&self) -> Result<Self> {
        let mut connection = self.connection.clone();
        connection.max_attempts = 1;
        Self::new(connection, self.clock.clone())
    }

    /// How services are reached.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The clock of this run.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn config(&self, service: Service, region: &Region) -> aws_types::sdk_config::Builder {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.as_str().to_owned()))
            .http_client(SharedHttpClient::new(self.wire.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(self.connection.max_attempts))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(Now(self.clock.clone())))
            .use_fips(self.connection.fips)
            .use_dual_stack(self.connection.dual_stack);
        if let Some(endpoint) = self.connection.endpoint(service) {
            config = config.endpoint_url(endpoint.value.clone());
        }
        config
    }

    /// For the SDK's own providers of a container's or an instance's role.
    pub(crate) fn provider_config(&self) -> aws_config::provider_config::ProviderConfig {
        aws_config::provider_config::ProviderConfig::without_region()
            .with_http_client(SharedHttpClient::new(self.wire.clone()))
            .with_time_source(Now(self.clock.clone()))
            .with_sleep_impl(TokioSleep::new())
    }

    fn signed(
        &self,
        service: Service,
        region: &Region,
        credentials: &RoleCredentials,
    ) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(sdk_credentials(credentials));
        self.config(service, region).credentials_provider(provider).build()
    }
}

/// Our clock for the SDK's signatures.
#[derive(Debug)]
struct Now(Clock);

impl TimeSource for Now {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

fn sdk_credentials(credentials: &RoleCredentials) -> Credentials {
    Credentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.expose().clone(),
        credentials.session_token.as_ref().map(|token| token.expose().clone()),
        None,
        "daypass",
    )
}

/// A call's builder could not be completed: our mistake, not the user's.
pub(crate) fn incomplete(operation: &str) -> Error {
    Error::new(Kind::Bug, format!("the request of {operation} is incomplete"))
}

/// What a plain look at an address gave: redirects are not followed.
#[derive(Clone, Debug)]
pub struct Glance {
    /// The HTTP status.
    pub status: u16,
    /// Where it points.
    pub location: Option<String>,
}

/// A file from a web server.
#[derive(Clone, Debug)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Where it points.
    pub location: Option<String>,
    /// What it holds.
    pub body: Vec<u8>,
}

impl Aws {
    /// Gets a file of at most `most` bytes, within thirty seconds; redirects are not
    /// followed.
    ///
    /// # Errors
    /// [`Kind::Network`]: nobody answers, or with more than that.
    pub async fn page(&self, url: &str, most: usize) -> Result<Page> {
        let limit = std::time::Duration::from_secs(30);
        match tokio::time::timeout(limit, self.read_page(url, most)).await {
            Ok(page) => page,
            Err(_) => Err(Error::new(Kind::Network, "the server takes longer than 30 seconds")
                .hint("check the network and HTTPS_PROXY")),
        }
    }

    async fn read_page(&self, url: &str, most: usize) -> Result<Page> {
        let failed = |why: String| Error::new(Kind::Network, "no such file comes").because(why);
        let request = http::Request::builder()
            .uri(url)
            .header(http::header::USER_AGENT, concat!("daypass/", env!("CARGO_PKG_VERSION")))
            .body(SdkBody::empty())
            .map_err(|error| failed(error.to_string()))?;
        let request = HttpRequest::try_from(request).map_err(|error| failed(error.to_string()))?;
        let answer = self
            .wire
            .call(request)
            .await
            .map_err(|error| Fault::of_connector("GET", &error).into_error(self.clock.now()))?;
        let location = answer.headers().get("location").map(str::to_owned);
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), most).collect().await.map_err(|error| {
            match error.is::<LengthLimitError>() {
                true => failed(format!("it is larger than {} KiB", most / 1024)),
                false => failed(error.to_string()),
            }
        })?;
        Ok(Page { status, location, body: body.to_bytes().to_vec() })
    }

    /// Asks for an address without the SDK, within ten seconds.
    ///
    /// # Errors
    /// [`Kind::Config`]: the address is wrong or nobody answers there.
    pub async fn look_at(&self, method: http::Method, url: &str) -> Result<Glance> {
        let failed = |why: String| {
            Error::new(Kind::Config, "Failed to resolve start URL")
                .because(why)
                .hint("check the start URL, the network and HTTPS_PROXY")
        };
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header(http::header::USER_AGENT, concat!("daypass/", env!("CARGO_PKG_VERSION")))
            .body(SdkBody::empty())
            .map_err(|error| failed(error.to_string()))?;
        let request = HttpRequest::try_from(request).map_err(|error| failed(error.to_string()))?;
        let limit = std::time::Duration::from_secs(10);
        let answer = tokio::time::timeout(limit, self.wire.call(request))
            .await
            .map_err(|_| failed("no answer within ten seconds".to_owned()))?
            .map_err(|error| Fault::of_connector("HEAD", &error).into_error(self.clock.now()))
            .map_err(|error| failed(error.to_string()))?;
        let location = answer.headers().get("location").map(str::to_owned);
        Ok(Glance { status: answer.status().as_u16(), location })
    }
}
