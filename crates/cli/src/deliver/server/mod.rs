//! The container credentials endpoint: what SDKs ask when
//! `AWS_CONTAINER_CREDENTIALS_FULL_URI` is set. It listens on 127.0.0.1 only, and
//! answers from memory.

pub mod caller;
mod desk;
mod imds;
mod keeper;
mod news;
mod reply;
mod shelf;
#[cfg(test)]
mod testing;
mod token_file;

pub use desk::{Desk, path_of};
pub use imds::Imds;
pub use keeper::{Source, keep};
pub use news::{News, Stay, follow};
pub use shelf::{Shelf, Stock, Supply};
pub use token_file::TokenFile;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daypass_core::{Error, Kind, Result};
use http::{Request, StatusCode};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use vault::Secret;

/// What one client may take of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// A connection that sends no whole request for so long is closed.
    pub silence: Duration,
    /// Bytes of a request's head.
    pub head: usize,
    /// Headers of a request.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 128, silence: Duration::from_secs(10), head: 16_384, headers: 64 }
    }
}

/// A bound listener; the port is known, nobody is served yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

/// 256 random bits as text.
///
/// # Errors
/// [`Kind::Bug`]: the system gives no random bytes.
pub fn random_token() -> Result<Secret<String>> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(Kind::Bug, "the system gives no random bytes").because(error.to_string())
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

impl Server {
    /// Binds 127.0.0.1 at `port`, or at any free one for 0.
    ///
    /// # Errors
    /// [`Kind::Network`] where that cannot be bound.
    pub async fn bind(port: u16, limits: Limits) -> Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |error: std::io::Error| {
            Error::new(Kind::Network, format!("cannot listen on {wanted}"))
                .because(error.to_string())
                .hint("choose another --port, or leave it out: a free one is taken then")
        };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, limits })
    }

    /// `http://127.0.0.1:PORT`. Not `localhost`, which may mean ::1 first.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address a profile's credentials are at.
    pub fn uri_of(&self, profile: &str) -> String {
        format!("{}{}", self.url(), path_of(profile))
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until this is dropped.
    pub async fn serve(self, desk: Arc<Desk>) -> Infallible {
        let room = Arc::new(Semaphore::new(self.limits.connections));
        loop {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await;
            match self.listener.accept().await {
                Ok((stream, caller)) => {
                    let (desk, limits, here) = (Arc::clone(&desk), self.limits, self.address);
                    tokio::spawn(async move {
                        converse(stream, (caller, here), desk, limits).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    between: (SocketAddr, SocketAddr),
    desk: Arc<Desk>,
    limits: Limits,
) {
    let respond = service_fn(move |request: Request<Incoming>| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(respond(&desk, request, between).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.silence)
        .max_buf_size(limits.head)
        .max_headers(limits.headers)
        .serve_connection(TokioIo::new(stream), respond)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended");
    }
}

/// Nothing here takes a body: what has one is not read.
async fn respond(
    desk: &Desk,
    request: Request<Incoming>,
    between: (SocketAddr, SocketAddr),
) -> reply::Reply {
    if !request.body().is_end_stream() {
        let message = "requests have no body here";
        return reply::refusal(StatusCode::BAD_REQUEST, "BadRequest", message);
    }
    let (head, _) = request.into_parts();
    let reply = desk.answer(&head, between).await;
    tracing::debug!(method = %head.method, path = head.uri.path(), status = %reply.status(), "answered");
    reply
}

#[cfg(test)]
mod tests;
