//! The loopback server the browser comes back to (RFC 8252, 7.3).
//!
//! It listens on 127.0.0.1 only, and before the browser is opened. One request
//! ends the wait: GET of the one path with the right state. Everything else gets
//! a plain answer, and connections that say nothing hold nobody up.

pub use super::callback_page::Page;
use super::pkce::State;
use super::registration::CALLBACK_PATH;
use crate::error::{Error, Kind, Result};
use axum::Router;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, Method, header};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vault::Secret;

/// A bound listener; the port is known, nobody is served yet.
#[derive(Debug)]
pub struct Callback {
    listener: TcpListener,
    port: u16,
}

/// What the browser brought.
#[derive(Debug)]
pub enum Answer {
    /// The authorization code.
    Code(Secret<String>),
    /// `error` and `error_description` of RFC 6749, 4.1.2.1.
    Refused {
        /// `access_denied` and the like.
        error: String,
        /// The service's words, if it sent any.
        description: Option<String>,
    },
}

/// The browser's answer, with the page it waits for.
#[derive(Debug)]
pub struct Arrival {
    /// What it brought.
    pub answer: Answer,
    /// Takes the page to show, once it is known what came of the answer.
    pub reply: oneshot::Sender<Page>,
}

/// A server that waits for the browser.
#[derive(Debug)]
pub struct Waiting {
    arrival: oneshot::Receiver<Arrival>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

struct Desk {
    state: State,
    port: u16,
    /// Gone once an answer was taken: the first one with the right state counts.
    taker: Mutex<Option<oneshot::Sender<Arrival>>>,
}

impl Callback {
    /// Binds 127.0.0.1 at `port`, or at any free one.
    ///
    /// # Errors
    /// [`Kind::LoginFailed`] where that cannot be bound.
    pub async fn bind(port: Option<u16>) -> Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let failed = |error: std::io::Error| {
            Error::new(
                Kind::LoginFailed,
                format!(
                    "Unable to initialize the OAuth 2.0 authorization callback handler: {error}"
                ),
            )
            .because(format!("the address is {wanted}"))
            .hint(
                "choose another --redirect-port, or use --use-device-code, which needs no callback",
            )
        };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port })
    }

    /// The redirect URI of this login, with the port.
    pub fn redirect_uri(&self) -> String {
        redirect_uri(self.port)
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts to serve, for answers with this state.
    pub fn wait(self, state: State) -> Waiting {
        let (taker, arrival) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let desk = Arc::new(Desk { state, port: self.port, taker: Mutex::new(Some(taker)) });
        let router = Router::new().fallback(receive).with_state(desk);
        let server = tokio::spawn(async move {
            let ended = async { stopped.await.unwrap_or(()) };
            let served = axum::serve(self.listener, router).with_graceful_shutdown(ended).await;
            if let Err(error) = served {
                tracing::debug!(%error, "the callback server ended");
            }
        });
        Waiting { arrival, stop: Some(stop), server }
    }
}

impl Waiting {
    /// The browser's answer.
    ///
    /// # Errors
    /// [`Kind::LoginFailed`] when `limit` is over.
    pub async fn arrival(&mut self, limit: Duration) -> Result<Arrival> {
        match tokio::time::timeout(limit, &mut self.arrival).await {
            Ok(Ok(arrival)) => Ok(arrival),
            Ok(Err(_)) => Err(Error::new(Kind::Bug, "the callback server ended by itself")),
            Err(_) => Err(expired()),
        }
    }

    /// Lets the last page go out, then stops; a connection that says nothing
    /// does not keep it.
    pub async fn finish(mut self) {
        const GRACE: Duration = Duration::from_secs(2);
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(GRACE, &mut self.server).await;
        self.server.abort();
    }
}

/// Where a browser is sent back to, at `port`.
pub fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{CALLBACK_PATH}")
}

/// The AWS CLI's words for a login nobody finished.
pub(crate) fn expired() -> Error {
    Error::new(
        Kind::LoginFailed,
        "The pending authorization to retrieve an SSO token has expired. The login flow to retrieve an SSO token must be restarted.",
    )
    .hint("run the command again, and allow the request in the browser within ten minutes")
}

async fn receive(
    Shared(desk): Shared<Arc<Desk>>,
    method: Method,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Page {
    if method != Method::GET || uri.path() != CALLBACK_PATH {
        return Page::Stray(
            "Only the sign-in page's own redirect is. The login is still waiting for it.",
        );
    }
    if !desk.is_addressed(&headers) {
        return Page::Stray("It was sent to another host's name.");
    }
    let query: HashMap<String, String> =
        Query::try_from_uri(&uri).map(|Query(q)| q).unwrap_or_default();
    if !query.get("state").is_some_and(|state| desk.state.matches(state)) {
        return Page::Stray(
            "It belongs to another login, perhaps an older tab. The login is still waiting.",
        );
    }
    let Some(answer) = answer(&query) else {
        return Page::Stray("It has neither a code nor an error. The login is still waiting.");
    };
    desk.take(answer).await
}

fn answer(query: &HashMap<String, String>) -> Option<Answer> {
    if let Some(error) = query.get("error") {
        let description = query.get("error_description").cloned();
        return Some(Answer::Refused { error: error.clone(), description });
    }
    query.get("code").map(|code| Answer::Code(Secret::from(code.as_str())))
}

impl Desk {
    /// A page elsewhere on the web can make a browser call us under its own
    /// name (DNS rebinding); the real redirect always names the address.
    fn is_addressed(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        host == Some(&format!("127.0.0.1:{}", self.port))
            || host == Some(&format!("localhost:{}", self.port))
    }

    async fn take(&self, answer: Answer) -> Page {
        let taker = self.taker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(taker) = taker else {
            return Page::Stray("This login was answered already.");
        };
        let (reply, page) = oneshot::channel();
        if taker.send(Arrival { answer, reply }).is_err() {
            return Page::Failed;
        }
        page.await.unwrap_or(Page::Failed)
    }
}
