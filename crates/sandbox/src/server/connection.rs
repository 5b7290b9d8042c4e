//! Sockets: accepts, reads a request whole, lets the service answer, writes.

use std::sync::Arc;
use std::time::Duration;

use ::http::Request;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::dns;
use super::hosts::{Hosts, Place};
use super::tls::Authority;
use super::turn::{self, DROPPED, Reply};
use crate::http::{Answer, Ask};
use crate::journal::Asked;
use crate::manage;
use crate::room::Shared;
use crate::rooms::Rooms;
use crate::services::Service;

/// Most bytes of a request's body: an upload in one piece or a part of one.
const BODY_LIMIT: usize = 64 << 20;

/// What a port serves: one service, whichever a request's `Host` belongs to, or the
/// management.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    One(Service),
    ByHost,
    Manage,
}

/// What all connections need.
#[derive(Debug)]
pub(super) struct House {
    pub(super) rooms: Rooms,
    pub(super) hosts: Hosts,
    /// With it, connections are TLS.
    pub(super) authority: Option<Arc<Authority>>,
}

/// Serves until `stop` says so.
pub(super) async fn serve_all(
    listeners: Vec<(Door, std::net::TcpListener)>,
    names: Option<std::net::UdpSocket>,
    house: Arc<House>,
    mut stop: watch::Receiver<bool>,
) {
    let mut doors = JoinSet::new();
    for (door, listener) in listeners {
        doors.spawn(accept(door, listener, Arc::clone(&house)));
    }
    if let Some(names) = names {
        doors.spawn(dns::serve(names, house));
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
    let authority = house.authority.clone().filter(|_| door != Door::Manage);
    let Some(authority) = authority else { return serve(door, stream, house).await };
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

/// One request. An error ends the connection without an answer.
async fn respond(door: Door, house: Arc<House>, request: Request<Incoming>) -> Reply {
    let mut ask = read(request).await.ok_or(DROPPED)?;
    if door == Door::Manage {
        return plain(manage::answer(&house.rooms, &ask));
    }
    let service = match place(door, &house.hosts, &ask) {
        Some(Place::Service(service)) => service,
        Some(Place::Vanity) => return plain(vanity(house.rooms.main())),
        None => return plain(Answer::new(421)),
    };
    match house.rooms.enter(service, &mut ask) {
        Some(shared) => turn::take(service, &shared, &ask).await,
        None => plain(Answer::new(404)),
    }
}

fn plain(answer: Answer) -> Reply {
    turn::response(answer, None).map_err(|_| DROPPED)
}

/// Whose the request is; nothing if its `Host` is not one of ours.
fn place(door: Door, hosts: &Hosts, ask: &Ask) -> Option<Place> {
    let host = ask.header("host").unwrap_or_default();
    match door {
        Door::One(service) => hosts.are_ours(host).then_some(Place::Service(service)),
        Door::ByHost => hosts.place(host),
        Door::Manage => None,
    }
}

/// A vanity name leads to the start URL.
fn vanity(shared: &Shared) -> Answer {
    let mut room = shared.lock();
    let now = room.now();
    room.journal.enter(now, "Vanity", 302, None, Asked::default());
    Answer::redirect(302, &room.world.start_url)
}

async fn read(request: Request<Incoming>) -> Option<Ask> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let body = Limited::new(body, BODY_LIMIT).collect().await.ok()?.to_bytes();
    Some(Ask::new(parts.method, target, parts.headers, body))
}
