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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::faults::Fault;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Shared;
use crate::services::Service;

/// Most bytes of a request's body: far beyond what any client here sends.
const BODY_LIMIT: usize = 1 << 20;
/// Why a connection ended without an answer.
const DROPPED: &str = "dropped on purpose, or the request could not be read";

/// Serves until `stop` says so.
pub(super) async fn serve_all(
    listeners: Vec<(Service, std::net::TcpListener)>,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let mut services = JoinSet::new();
    for (service, listener) in listeners {
        services.spawn(accept(service, listener, Arc::clone(&shared)));
    }
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(service: Service, listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, ?service, "cannot listen"),
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(service, stream, Arc::clone(&shared)))),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve(service: Service, stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let respond = service_fn(move |request| respond(service, Arc::clone(&shared), request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), respond).await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

type Reply = Result<Response<Full<Bytes>>, &'static str>;

/// One request. An error ends the connection without an answer.
async fn respond(service: Service, shared: Arc<Shared>, request: Request<Incoming>) -> Reply {
    let ask = read(request).await.ok_or(DROPPED)?;
    if !is_ours(ask.header("host").unwrap_or_default()) {
        return response(Answer::new(421), false).map_err(|_| DROPPED);
    }
    let operation = service.operation(&ask);
    let gate = shared.lock().faults.gate(&operation);
    if let Some(gate) = gate {
        gate.pass().await;
    }
    let fault = shared.lock().faults.take(&operation);
    if let Some(Fault::Delay(delay)) = &fault {
        tokio::time::sleep(*delay).await;
    }
    settle(service, &shared, &operation, &ask, fault)
}

/// Whether a request is meant for us: by this machine's name or by one of AWS's
/// that a test maps here. A web page whose name is rebound to 127.0.0.1 is not.
fn is_ours(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let ours = ["localhost", "amazonaws.com", "amazonaws.com.cn", "api.aws", "awsapps.com"];
    let under = |domain: &&str| {
        name.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name == "127.0.0.1" || ours.iter().any(under)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for ours in [
            "127.0.0.1:80",
            "localhost",
            "LOCALHOST:1",
            "b.s3.localhost:1",
            "portal.sso.us-east-1.amazonaws.com",
        ] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in ["", "example.com", "127.0.0.1.example.com", "notlocalhost", "0.0.0.0:80"] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
