//! Sockets: accepts, reads a request whole, lets the service answer, writes.

use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::hosts::{Hosts, Place};
use super::tls::Authority;
use crate::faults::Fault;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Shared;
use crate::services::Service;

/// Most bytes of a request's body: far beyond what any client here sends.
const BODY_LIMIT: usize = 1 << 20;
/// Why a connection ended without an answer.
const DROPPED: &str = "dropped on purpose, or the request could not be read";

/// What a port serves: one service, or whichever a request's `Host` belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    One(Service),
    ByHost,
}

/// What all connections need.
#[derive(Debug)]
pub(super) struct House {
    pub(super) shared: Arc<Shared>,
    pub(super) hosts: Hosts,
    /// With it, connections are TLS.
    pub(super) authority: Option<Arc<Authority>>,
}

/// Serves until `stop` says so.
pub(super) async fn serve_all(
    listeners: Vec<(Door, std::net::TcpListener)>,
    house: Arc<House>,
    mut stop: watch::Receiver<bool>,
) {
    let mut doors = JoinSet::new();
    for (door, listener) in listeners {
        doors.spawn(accept(door, listener, Arc::clone(&house)));
    }
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(door: Door, listener: std::net::TcpListener, house: Arc<House>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, ?door, "cannot listen"),
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(welcome(door, stream, Arc::clone(&house)))),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn welcome(door: Door, stream: TcpStream, house: Arc<House>) {
    let _ = stream.set_nodelay(true);
    let Some(authority) = house.authority.clone() else { return serve(door, stream, house).await };
    match authority.accept(stream).await {
        Ok(stream) => serve(door, stream, house).await,
        Err(error) => tracing::debug!(%error, "no handshake"),
    }
}

async fn serve<S>(door: Door, stream: S, house: Arc<House>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let respond = service_fn(move |request| respond(door, Arc::clone(&house), request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), respond).await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

type Reply = Result<Response<Full<Bytes>>, &'static str>;

/// One request. An error ends the connection without an answer.
async fn respond(door: Door, house: Arc<House>, request: Request<Incoming>) -> Reply {
    let ask = read(request).await.ok_or(DROPPED)?;
    let shared = &house.shared;
    let service = match place(door, &house.hosts, &ask) {
        Some(Place::Service(service)) => service,
        Some(Place::Vanity) => return response(vanity(shared), false).map_err(|_| DROPPED),
        None => return response(Answer::new(421), false).map_err(|_| DROPPED),
    };
    let operation = service.operation(&ask);
    let gate = shared.lock().faults.gate(&operation);
    if let Some(gate) = gate {
        gate.pass().await;
    }
    let fault = shared.lock().faults.take(&operation);
    if let Some(Fault::Delay(delay)) = &fault {
        tokio::time::sleep(*delay).await;
    }
    settle(service, shared, &operation, &ask, fault)
}

/// Whose the request is; nothing if its `Host` is not one of ours.
fn place(door: Door, hosts: &Hosts, ask: &Ask) -> Option<Place> {
    let host = ask.header("host").unwrap_or_default();
    match door {
        Door::One(service) => hosts.are_ours(host).then_some(Place::Service(service)),
        Door::ByHost => hosts.place(host),
    }
}

/// A vanity name leads to the start URL.
fn vanity(shared: &Shared) -> Answer {
    let mut room = shared.lock();
    let now = room.now();
    room.journal.enter(now, "Vanity", 302, None);
    Answer::redirect(302, &room.world.start_url)
}

async fn read(request: Request<Incoming>) -> Option<Ask> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let body = Limited::new(body, BODY_LIMIT).collect().await.ok()?.to_bytes();
    Some(Ask::new(parts.method, target, parts.headers, body))
}

/// Answers, or does not, as the fault has it, and enters the journal.
fn settle(
    service: Service,
    shared: &Shared,
    operation: &str,
    ask: &Ask,
    fault: Option<Fault>,
) -> Reply {
    let mut room = shared.lock();
    let answer = match &fault {
        Some(Fault::DropBefore) => Answer::new(0),
        Some(Fault::Bare(status)) => Answer::new(*status),
        Some(Fault::Reply(status, headers, body)) => reply(*status, headers, body),
        Some(Fault::Status(status, code)) => {
            let refusal = Refusal::new(*status, code, "this error was asked for");
            service.refuse(operation, ask, refusal)
        }
        _ => service.answer(&mut room, operation, ask),
    };
    let dropped = matches!(fault, Some(Fault::DropBefore | Fault::DropAfter));
    let now = room.now();
    let status = if dropped { 0 } else { answer.status };
    room.journal.enter(now, operation, status, answer.code.clone());
    drop(room);
    if dropped {
        return Err(DROPPED);
    }
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default();
    response(answer.with("date", date), fault == Some(Fault::Truncate)).map_err(|_| DROPPED)
}

fn reply(status: u16, headers: &[(String, String)], body: &str) -> Answer {
    let mut answer = Answer { body: body.into(), ..Answer::new(status) };
    answer.headers.extend(headers.iter().map(|(name, value)| (name.clone().into(), value.clone())));
    answer
}

fn response(answer: Answer, truncate: bool) -> Result<Response<Full<Bytes>>, ::http::Error> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder().status(status);
    for (name, value) in &answer.headers {
        response = response.header(name.as_ref(), value);
    }
    response = response.header("x-amzn-requestid", random::request_id());
    let mut body = answer.body;
    if truncate {
        body.truncate(body.len() / 2);
    }
    response.body(Full::new(Bytes::from(body)))
}
