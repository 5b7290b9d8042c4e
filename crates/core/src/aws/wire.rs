//! The one HTTP stack: connectors made when a scheme is first used.
//!
//! Reading the system's certificates costs milliseconds, so a plain-http
//! endpoint (the sandbox) never pays for it. Certificates, proxies and time
//! limits reach every client alike, refresh and portal included.

use super::insecure;
use crate::error::{Error, Kind, Result};
use crate::resolve::Connection;
use crate::resolve::connection::Service;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Sends requests; cheap to clone, shared by all clients of a run.
#[derive(Clone, Debug)]
pub struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    ca_bundle: Option<Vec<u8>>,
    plain: OnceLock<SharedHttpConnector>,
    tls: OnceLock<SharedHttpConnector>,
}

/// A request that got no answer: the address (without its query), and why.
#[derive(Debug)]
pub(crate) struct Unreached {
    /// Scheme, host, port and path.
    pub url: String,
    /// The proxy that is set for such an address: scheme, host and port.
    pub proxy: Option<String>,
    /// Who moved the service to this address.
    pub moved_by: Option<String>,
    source: ConnectorError,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer from {}", self.url)
    }
}

impl std::error::Error for Unreached {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl Wire {
    /// Prepares the stack; nothing is connected or loaded yet but the CA bundle.
    ///
    /// # Errors
    /// [`Kind::Config`] for a CA bundle that cannot be read, a proxy or an
    /// endpoint that is no address.
    pub fn new(connection: Connection) -> Result<Self> {
        let ca_bundle = load_ca_bundle(&connection)?;
        check_addresses(&connection)?;
        Ok(Self(Arc::new(Inner {
            connection,
            ca_bundle,
            plain: OnceLock::new(),
            tls: OnceLock::new(),
        })))
    }

    fn connector(&self, https: bool) -> &SharedHttpConnector {
        let inner = &self.0;
        match (https, inner.connection.verify_tls) {
            (false, _) => inner.plain.get_or_init(|| SharedHttpConnector::new(self.plain())),
            (true, true) => inner.tls.get_or_init(|| SharedHttpConnector::new(self.verified())),
            (true, false) => inner.tls.get_or_init(|| {
                SharedHttpConnector::new(insecure::Unverified::new(&inner.connection))
            }),
        }
    }

    /// The proxy of a scheme for messages: user name and password left out.
    fn proxy(&self, https: bool) -> Option<String> {
        let connection = &self.0.connection;
        let set = if https { &connection.https_proxy } else { &connection.http_proxy };
        let url = url::Url::parse(set.as_deref()?).ok()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    }

    /// The option, variable or line that gave an address of ours, if one did.
    fn moved_by(&self, url: &str) -> Option<String> {
        let set =
            Service::ALL.into_iter().filter_map(|service| self.0.connection.endpoint(service));
        let of_url = |base: &str| url.starts_with(base.trim_end_matches('/'));
        set.into_iter().find(|found| of_url(&found.value)).map(|found| found.origin.to_string())
    }

    fn plain(&self) -> Connector {
        let proxy = self.0.connection.http_proxy.as_deref().map(ProxyConfig::http);
        self.with_proxy(self.builder(), proxy).build_http()
    }

    fn verified(&self) -> Connector {
        let trust = match &self.0.ca_bundle {
            Some(pem) => TrustStore::empty().with_pem_certificate(pem.clone()),
            None => TrustStore::default(),
        };
        let proxy = self.0.connection.https_proxy.as_deref().map(ProxyConfig::https);
        let builder = self
            .with_proxy(self.builder(), proxy)
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
        match TlsContext::builder().with_trust_store(trust).build() {
            Ok(context) => builder.tls_context(context).build(),
            Err(_) => builder.build(),
        }
    }

    fn builder(&self) -> ConnectorBuilder {
        let mut settings = HttpConnectorSettings::builder();
        settings.set_connect_timeout(self.0.connection.connect_timeout);
        settings.set_read_timeout(self.0.connection.read_timeout);
        Connector::builder().sleep_impl(TokioSleep::new()).connector_settings(settings.build())
    }

    fn with_proxy<E>(
        &self,
        builder: ConnectorBuilder,
        proxy: Option<std::result::Result<ProxyConfig, E>>,
    ) -> ConnectorBuilder {
        match proxy {
            Some(Ok(config)) => {
                let bypass = self.0.connection.no_proxy.as_deref().unwrap_or_default();
                builder.proxy_config(config.no_proxy(bypass))
            }
            _ => builder.proxy_config(ProxyConfig::disabled()),
        }
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let url = without_query(request.uri());
        tracing::debug!(method = request.method(), url, "request");
        let https = url.starts_with("https:");
        let (proxy, moved_by) = (self.proxy(https), self.moved_by(&url));
        let answer = self.connector(https).call(request);
        HttpConnectorFuture::new(async move {
            let answered = answer.await.map_err(|error| unreached(url, proxy, moved_by, error));
            if let Ok(answer) = &answered {
                tracing::debug!(status = answer.status().as_u16(), "answer");
            }
            answered
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Keeps the kind, so that the SDK's retries still see what it was.
fn unreached(
    url: String,
    proxy: Option<String>,
    moved_by: Option<String>,
    source: ConnectorError,
) -> ConnectorError {
    let (timeout, user, io) = (source.is_timeout(), source.is_user(), source.is_io());
    let kind = source.as_other();
    let wrapped = Box::new(Unreached { url, proxy, moved_by, source });
    match (timeout, user, io) {
        (true, ..) => ConnectorError::timeout(wrapped),
        (_, true, _) => ConnectorError::user(wrapped),
        (_, _, true) => ConnectorError::io(wrapped),
        _ => ConnectorError::other(wrapped, kind),
    }
}

fn without_query(uri: &str) -> String {
    uri.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn load_ca_bundle(connection: &Connection) -> Result<Option<Vec<u8>>> {
    let Some(bundle) = &connection.ca_bundle else { return Ok(None) };
    let path = bundle.value.display().to_string();
    let failed = |why: String| {
        Error::new(Kind::Profile, format!("cannot use the CA bundle `{path}`"))
            .because(why)
            .because(format!("it comes from {}", bundle.origin))
            .hint("name a PEM file with the certificates of your proxy or company")
    };
    let file = crate::files::read_small(&bundle.value).map_err(|e| failed(e.to_string()))?;
    let bytes = file.ok_or_else(|| failed("there is no such file".to_owned()))?.bytes;
    let parsed: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect();
    let usable =
        |der: &CertificateDer<'static>| rustls::RootCertStore::empty().add(der.clone()).is_ok();
    match parsed.iter().all(|item| item.as_ref().is_ok_and(usable)) && !parsed.is_empty() {
        true => Ok(Some(bytes)),
        false => Err(failed("it does not hold certificates in PEM form".to_owned())),
    }
}

fn check_addresses(connection: &Connection) -> Result<()> {
    for service in Service::ALL {
        let Some(endpoint) = connection.endpoint(service) else { continue };
        let fits = |url: url::Url| url.has_host() && matches!(url.scheme(), "http" | "https");
        if !url::Url::parse(&endpoint.value).is_ok_and(fits) {
            return Err(Error::new(
                Kind::Config,
                format!("Invalid endpoint: {}", without_query(&endpoint.value)),
            )
            .because(format!("it comes from {}", endpoint.origin)));
        }
    }
    let proxies =
        [("HTTP_PROXY", &connection.http_proxy), ("HTTPS_PROXY", &connection.https_proxy)];
    for (name, proxy) in proxies {
        if proxy.as_deref().is_some_and(|address| ProxyConfig::all(address).is_err()) {
            return Err(Error::new(Kind::Config, format!("the proxy in {name} is not an address")));
        }
    }
    Ok(())
}
