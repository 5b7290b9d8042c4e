//! A private certificate authority, TLS in front of a plain server, and proxies.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

static COMPANIES: AtomicUsize = AtomicUsize::new(0);

/// A company's own certificate authority.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Two authorities must not look alike.
        let name = format!("Company {}", COMPANIES.fetch_add(1, Ordering::SeqCst));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Terminates TLS and hands the bytes to a plain server.
pub struct Front {
    /// `127.0.0.1:PORT`.
    pub at: String,
    handshakes: Arc<AtomicUsize>,
}

impl Front {
    /// Before the server at the http URL `plain`.
    pub fn before(plain: &str, authority: &Authority, names: &[&str]) -> Self {
        let target = plain.strip_prefix("http://").unwrap().to_owned();
        let acceptor = authority.acceptor(names);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let handshakes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handshakes);
        std::thread::spawn(move || serve(listener, &acceptor, &target, &count));
        Self { at, handshakes }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.at)
    }

    /// TLS connections that came about.
    pub fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }
}

fn serve(listener: TcpListener, acceptor: &TlsAcceptor, target: &str, count: &Arc<AtomicUsize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (acceptor, target) = (acceptor.clone(), target.to_owned());
            let count = Arc::clone(count);
            tokio::spawn(async move {
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                count.fetch_add(1, Ordering::SeqCst);
                let mut inside = tokio::net::TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
}

/// An HTTP proxy: CONNECT and absolute addresses, all led to places of the test.
pub struct Proxy {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `route` says where a `host:port` really is.
    pub fn start(route: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, route) = (Arc::clone(&heads), Arc::new(route));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, route) = (Arc::clone(&seen), Arc::clone(&route));
                std::thread::spawn(move || pass_on(stream.unwrap(), &seen, &*route));
            }
        });
        Self { url, heads }
    }

    /// The heads of what was asked of it.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Which request lines there were, without the HTTP version and the query.
    pub fn lines(&self) -> Vec<String> {
        let heads = self.heads();
        let mut lines: Vec<String> = heads
            .iter()
            .filter_map(|head| head.split(" HTTP/").next())
            .map(|line| line.split('?').next().unwrap_or_default().to_owned())
            .collect();
        lines.sort();
        lines.dedup();
        lines
    }
}

fn pass_on(mut client: TcpStream, seen: &Mutex<Vec<String>>, route: &dyn Fn(&str) -> String) {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        read.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&read).into_owned();
    seen.lock().unwrap().push(head.clone());
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let authority = target.strip_prefix("http://").unwrap_or(target);
    let authority = authority.split('/').next().unwrap();
    let mut server = TcpStream::connect(route(authority)).unwrap();
    match method {
        "CONNECT" => client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap(),
        _ => server.write_all(&read).unwrap(),
    }
    let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut up, &mut down);
        let _ = down.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}
