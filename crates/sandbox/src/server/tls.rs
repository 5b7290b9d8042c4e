//! TLS by a certificate authority that lives as long as the sandbox. Its key never
//! leaves the process: nobody else can speak in the name of what it certifies.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use super::guard;
use super::hosts::{Hosts, is_aws};

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most names that certificates are kept for.
const MOST_NAMES: usize = 10_000;
/// What connections without a server name get a certificate for.
const NAMELESS: &str = "localhost";

/// Signs a certificate for every name that is asked for, and ours.
#[derive(Debug)]
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    hosts: Hosts,
    /// Names and addresses of this machine, all in one certificate.
    own: Vec<String>,
    isolated: bool,
    began: Timestamp,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    pub(super) fn new(hosts: Hosts, isolated: bool, now: Timestamp) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        limit(&mut params, now);
        params.distinguished_name.push(DnType::CommonName, "daypass sandbox, not AWS");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key)?.pem();
        let mut own = ["localhost", "*.localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        own.extend(hosts.more.iter().cloned());
        own.sort_unstable();
        own.dedup();
        let issuer = Issuer::new(params, key);
        Ok(Self { issuer, pem, hosts, own, isolated, began: now, configs: Mutex::default() })
    }

    /// The authority's certificate, for clients to trust.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// Shakes hands in the name that the client asks for.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let slow = |_| io::Error::from(io::ErrorKind::TimedOut);
        tokio::time::timeout(PATIENCE, self.shake_hands(stream)).await.map_err(slow)?
    }

    async fn shake_hands(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let name = start.client_hello().server_name().unwrap_or(NAMELESS).to_ascii_lowercase();
        if !self.hosts.are_ours(&name) {
            return Err(io::Error::other(format!("`{name}` is not a name of the sandbox")));
        }
        if !self.isolated && is_aws(&name) && guard::leads_elsewhere(&name).await {
            return Err(io::Error::other(format!("`{name}` is the real one here")));
        }
        start.into_stream(self.config(&name).map_err(io::Error::other)?).await
    }

    fn config(&self, name: &str) -> Result<Arc<ServerConfig>, rcgen::Error> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(name) {
            return Ok(Arc::clone(config));
        }
        if configs.len() >= MOST_NAMES {
            configs.clear();
        }
        let config = Arc::new(self.certify(name)?);
        configs.insert(name.to_owned(), Arc::clone(&config));
        Ok(config)
    }

    fn certify(&self, name: &str) -> Result<ServerConfig, rcgen::Error> {
        let names = if is_aws(name) || self.hosts.vanity.as_deref() == Some(name) {
            vec![name.to_owned()]
        } else {
            self.own.clone()
        };
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        limit(&mut params, self.began);
        params.distinguished_name.push(DnType::CommonName, "daypass sandbox");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_no_client_auth());
        let config =
            config.and_then(|config| config.with_single_cert(vec![certificate.der().clone()], key));
        let mut config = config.map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// From yesterday, for clients whose clock is behind, for a year.
fn limit(params: &mut CertificateParams, now: Timestamp) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = |date: Date| {
        let part = |part: i8| u8::try_from(part).unwrap_or(1);
        date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = day(today.saturating_sub(1.day()));
    params.not_after = day(today.saturating_add(1.year()));
}
