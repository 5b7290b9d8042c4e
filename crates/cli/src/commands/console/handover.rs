//! The sign-in link, handed to the browser unseen.
//!
//! Whoever has the link is signed in, and the arguments of a browser are everybody's to
//! read. So the browser is sent to a page of ours that leads on to the link, once.
//! Another user of the machine who sees that page's address cannot have it: on Linux the
//! kernel says whose connection it is, and elsewhere the browser comes first, or the
//! person learns that somebody else did.

use crate::deliver::server::caller;
use bytes::Bytes;
use daypass_core::{Error, Kind, Result};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use vault::Secret;

/// A connection that says nothing is closed then.
const SILENCE: Duration = Duration::from_secs(10);

/// The page that leads on, bound and not yet served.
pub struct Handover {
    listener: TcpListener,
    desk: Arc<Desk>,
}

struct Desk {
    at: SocketAddr,
    /// Random: no other page can guess the way here.
    path: String,
    link: Secret<String>,
    taken: AtomicBool,
}

impl Handover {
    /// Binds 127.0.0.1.
    ///
    /// # Errors
    /// [`Kind::Network`]: that cannot be bound; [`Kind::Bug`]: there is no randomness.
    pub async fn of(link: Secret<String>) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::new(Kind::Network, "cannot make a page for the browser on 127.0.0.1")
                .because(error.to_string())
                .hint("`daypass console --print` prints the address instead")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let mut random = [0u8; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::new(Kind::Bug, "no random bytes").because(error.to_string()))?;
        let path = random.iter().fold("/".to_owned(), |path, byte| format!("{path}{byte:02x}"));
        let desk = Desk { at, path, link, taken: AtomicBool::new(false) };
        Ok(Self { listener, desk: Arc::new(desk) })
    }

    /// Where the browser is sent.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.desk.at, self.desk.path)
    }

    /// Serves until the browser has taken the link.
    pub async fn taken(self) {
        let (told, mut news) = mpsc::channel(1);
        let serve = async {
            loop {
                let Ok((stream, peer)) = self.listener.accept().await else { continue };
                let (desk, told) = (Arc::clone(&self.desk), told.clone());
                tokio::spawn(async move {
                    converse(stream, peer, &desk).await;
                    // After the answer has left: nobody serves it any more then.
                    if desk.taken.load(Ordering::SeqCst) {
                        let _ = told.send(()).await;
                    }
                });
            }
        };
        tokio::select! {
            () = serve => {}
            _ = news.recv() => {}
        }
    }
}

async fn converse(stream: TcpStream, peer: SocketAddr, desk: &Desk) {
    let answer = |request: Request<Incoming>| async move {
        Ok::<_, Infallible>(desk.answer(&request, || caller::is_ours((peer, desk.at))))
    };
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(SILENCE).keep_alive(false);
    let served = server.serve_connection(TokioIo::new(stream), service_fn(answer));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the page ended");
    }
}

impl Desk {
    fn answer<B>(&self, request: &Request<B>, is_ours: impl Fn() -> bool) -> Response<Full<Bytes>> {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let found = host == Some(&self.at.to_string()) && request.uri().path() == self.path;
        if !found {
            return plain(StatusCode::NOT_FOUND, "There is nothing here.\n");
        }
        if request.method() != Method::GET {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "GET it.\n");
        }
        if !is_ours() {
            tracing::debug!("another user of this machine asked for the page");
            return plain(StatusCode::FORBIDDEN, "This page is for another user.\n");
        }
        if self.taken.swap(true, Ordering::SeqCst) {
            return plain(StatusCode::GONE, "This link was used: run `daypass console` again.\n");
        }
        self.lead_on()
    }

    fn lead_on(&self) -> Response<Full<Bytes>> {
        let mut answer = plain(StatusCode::SEE_OTHER, "");
        match self.link.expose().parse() {
            Ok(link) => drop(answer.headers_mut().insert(header::LOCATION, link)),
            Err(_) => *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
        answer
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        answer.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://signin.aws.amazon.com/federation?Action=login&SigninToken=t";

    fn desk() -> Desk {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, 4000));
        let taken = AtomicBool::new(false);
        Desk { at, path: "/secret".to_owned(), link: Secret::from(LINK), taken }
    }

    fn ask(
        desk: &Desk,
        method: Method,
        host: &str,
        path: &str,
        ours: bool,
    ) -> Response<Full<Bytes>> {
        let request = Request::builder().method(method).uri(path).header("host", host);
        desk.answer(&request.body(()).unwrap(), || ours)
    }

    #[test]
    fn the_link_is_given_once() {
        let desk = desk();
        let first = ask(&desk, Method::GET, "127.0.0.1:4000", "/secret", true);
        assert_eq!(first.status(), StatusCode::SEE_OTHER);
        assert_eq!(first.headers()["location"], LINK);
        assert_eq!(first.headers()["referrer-policy"], "no-referrer");
        let second = ask(&desk, Method::GET, "127.0.0.1:4000", "/secret", true);
        assert_eq!(second.status(), StatusCode::GONE);
        assert!(!second.headers().contains_key("location"));
    }

    #[test]
    fn nobody_else_gets_it_or_uses_it_up() {
        let desk = desk();
        let asked = |method, host, path, ours| ask(&desk, method, host, path, ours).status();
        assert_eq!(asked(Method::GET, "127.0.0.1:4000", "/secret", false), StatusCode::FORBIDDEN);
        assert_eq!(
            asked(Method::GET, "127.0.0.1:4000", "/favicon.ico", true),
            StatusCode::NOT_FOUND
        );
        assert_eq!(asked(Method::GET, "evil.example:4000", "/secret", true), StatusCode::NOT_FOUND);
        let head = asked(Method::HEAD, "127.0.0.1:4000", "/secret", true);
        assert_eq!(head, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(asked(Method::GET, "127.0.0.1:4000", "/secret", true), StatusCode::SEE_OTHER);
    }

    #[tokio::test]
    async fn the_wait_ends_when_the_browser_has_come() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let handover = Handover::of(Secret::from(LINK)).await.unwrap();
        let (at, path) = (handover.desk.at, handover.desk.path.clone());
        let waiting = tokio::spawn(handover.taken());
        let mut browser = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n");
        browser.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(&format!("location: {LINK}\r\n")), "{answer}");
        waiting.await.unwrap();
    }
}
