//! One exchange of bytes with a server on this machine, plain or in TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const LIMIT: u64 = 4 << 20;

/// Sends `request` where `url` leads, which must be this machine, and reads until
/// the connection ends. `authority` (PEM) is whom to trust.
pub(crate) fn exchange(url: &Url, authority: Option<&str>, request: &str) -> io::Result<Vec<u8>> {
    let addresses = url.socket_addrs(|| None)?;
    if !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err(io::Error::other("it is not on this machine"));
    }
    let stream = TcpStream::connect(addresses.as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    if url.scheme() == "http" {
        return converse(stream, request);
    }
    let name = url.host_str().unwrap_or_default().to_owned();
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    let config = trusting(authority)?;
    let client = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    converse(StreamOwned::new(client, stream), request)
}

fn trusting(authority: Option<&str>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.unwrap_or_default().as_bytes()) {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn converse(mut stream: impl Read + Write, request: &str) -> io::Result<Vec<u8>> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    match stream.take(LIMIT).read_to_end(&mut bytes) {
        // A server that ends the connection without TLS's goodbye has still answered.
        Err(error) if bytes.is_empty() || error.kind() != io::ErrorKind::UnexpectedEof => {
            Err(error)
        }
        _ if bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(bytes),
    }
}
