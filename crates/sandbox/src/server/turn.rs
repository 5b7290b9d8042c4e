//! One request's turn: what goes wrong, what is answered, what the journal says.

use std::sync::Arc;

use ::http::{Response, StatusCode};
use bytes::Bytes;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::body::Body;
use crate::faults::{Fault, storm, upset};
use crate::http::{Answer, Ask, Refusal};
use crate::journal::Asked;
use crate::random;
use crate::room::{Room, Shared};
use crate::services::Service;
use crate::strict;

/// Why a connection ended without an answer.
pub(super) const DROPPED: &str = "dropped on purpose, or the request could not be read";

pub(super) type Reply = Result<Response<Body>, &'static str>;

/// What garbage looks like: neither JSON nor XML nor text.
const GARBAGE: &[u8] = b"\xff\xfe<<<{[\0 this is not what you asked for ]}>>>\x80";

/// Lets the request pass, late if it must be, and answers it.
pub(super) async fn take(service: Service, shared: &Arc<Shared>, ask: &Ask) -> Reply {
    let operation = service.operation(ask);
    let gate = shared.lock().faults.gate(&operation);
    if let Some(gate) = gate {
        gate.pass().await;
    }
    let fault = shared.lock().fault(service, &operation);
    if let Some(Fault::Delay(delay)) = &fault {
        tokio::time::sleep(*delay).await;
    }
    settle(service, shared, &operation, ask, fault)
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
    let (now, answer) = skewed(&mut room, fault.as_ref(), |room| {
        let answer = answer(room, service, operation, ask, fault.as_ref());
        (room.now(), answer)
    });
    let dropped = matches!(fault, Some(Fault::DropBefore | Fault::DropAfter));
    let status = if dropped { 0 } else { answer.status };
    let asked = Asked::of(ask, fault.as_ref());
    room.journal.enter(now, operation, status, answer.code.clone(), asked);
    drop(room);
    if dropped {
        return Err(DROPPED);
    }
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default();
    response(answer.with("date", date), fault.as_ref()).map_err(|_| DROPPED)
}

/// Does `work` with the clock wrong if that is the fault.
fn skewed<T>(room: &mut Room, fault: Option<&Fault>, work: impl FnOnce(&mut Room) -> T) -> T {
    let skew = match fault {
        Some(Fault::Skew(skew)) => *skew,
        _ => SignedDuration::ZERO,
    };
    let before = room.clock.skew();
    room.clock.set_skew(before.saturating_add(skew));
    let done = work(room);
    room.clock.set_skew(before);
    done
}

fn answer(
    room: &mut Room,
    service: Service,
    operation: &str,
    ask: &Ask,
    fault: Option<&Fault>,
) -> Answer {
    match fault {
        Some(Fault::DropBefore) => return Answer::new(0),
        Some(Fault::Bare(status)) => return Answer::new(*status),
        Some(Fault::Reply(status, headers, body)) => return reply(*status, headers, body),
        Some(Fault::Storm(status)) => {
            let refusal = storm(service, *status);
            return refusal.map_or_else(
                || Answer::new(*status),
                |refusal| service.refuse(operation, ask, refusal),
            );
        }
        Some(Fault::Status(status, code)) => {
            let refusal = Refusal::new(*status, code, "this error was asked for");
            return service.refuse(operation, ask, refusal);
        }
        Some(fault) => upset(room, fault, ask),
        None => {}
    }
    let mut answer = service.answer(room, operation, ask);
    if room.options.strict {
        strict::season(service, &mut answer, &mut room.dice);
    }
    answer.behind(&ask.prefix)
}

fn reply(status: u16, headers: &[(String, String)], body: &str) -> Answer {
    let mut answer = Answer { body: body.into(), ..Answer::new(status) };
    answer.headers.extend(headers.iter().map(|(name, value)| (name.clone().into(), value.clone())));
    answer
}

/// The answer as it goes out.
pub(super) fn response(
    answer: Answer,
    fault: Option<&Fault>,
) -> Result<Response<Body>, ::http::Error> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder().status(status);
    for (name, value) in &answer.headers {
        response = response.header(name.as_ref(), value);
    }
    response = response.header("x-amzn-requestid", random::request_id());
    let mut body = answer.body;
    let body = match fault {
        Some(Fault::Truncate) => {
            body.truncate(body.len() / 2);
            Body::whole(body.into())
        }
        Some(Fault::Garbage) => Body::whole(Bytes::from_static(GARBAGE)),
        Some(Fault::CutOff) => Body::cut_off(body.into()),
        Some(Fault::Drip(pause)) => Body::dripping(body.into(), *pause),
        _ => Body::whole(body.into()),
    };
    response.body(body)
}
