//! A TLS client that trusts one authority.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Reply, parse};

/// A request to 127.0.0.1 in the name of `name`; the error is the handshake's.
pub fn send_as(
    name: &str,
    port: u16,
    authority: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Reply> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).expect("PEM");
    roots.add(certificate).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name_of_server = ServerName::try_from(name.to_owned()).expect("a name");
    let client = ClientConnection::new(Arc::new(config), name_of_server).expect("a client");
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the sandbox listens");
    let mut stream = StreamOwned::new(client, stream);
    let mut text = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(header, _)| *header == "host") {
        text += &format!("host: {name}\r\n");
    }
    for (header, value) in headers {
        text += &format!("{header}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    // The server may end the connection without a TLS goodbye.
    match stream.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(parse(&String::from_utf8_lossy(&answer))),
    }
}
