//! The question, and what becomes of the answer.

use maud::html;
use url::Url;

use super::authorize::{failure, send_back};
use super::{layout, visit};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{AuthorizeRequest, Code, Decision, Purpose, Registration, Visit};

/// Who asks for what; a form to allow or deny it.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (id, visit) = visit::of_browser(room, ask, ask.parameter("visit"))?;
    let user =
        visit.user.as_deref().and_then(|name| room.world.user(name)).ok_or_else(not_signed_in)?;
    let (client, scopes) = asked(room, &visit)?;
    let content = html! {
        p { "Signed in as " strong { (user.display_name) } " (" (user.name) ")." }
        p { strong { (client.name) } " asks to act for you with:" }
        ul { @for scope in &scopes { li { code { (scope) } } } }
        form method="post" action="/consent" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(visit.csrf);
            button type="submit" name="decision" value="allow" { "Allow" }
            button type="submit" name="decision" value="deny" { "Deny" }
        }
    };
    Ok(layout::page(200, "Allow access?", &origin(&visit.purpose), &content))
}

fn not_signed_in() -> Refusal {
    Refusal::new(403, "ForbiddenException", "Nobody has signed in here. Begin again at the link.")
}

/// The client that asks, and the scopes it asks for.
fn asked(room: &Room, visit: &Visit) -> Result<(Registration, Vec<String>), Refusal> {
    let state = &room.state;
    let client_id = match &visit.purpose {
        Purpose::Authorize(request) => Some(&request.client_id),
        Purpose::Device(code) => state.devices.get(code).map(|device| &device.client_id),
    };
    let client = client_id.and_then(|id| state.registrations.get(id)).cloned();
    let gone = || {
        Refusal::new(
            400,
            "InvalidRequestException",
            "The application that asked is no longer registered.",
        )
    };
    let client = client.ok_or_else(gone)?;
    let scopes = match &visit.purpose {
        Purpose::Authorize(request) => request.scopes.clone(),
        Purpose::Device(_) => client.granted_scopes(),
    };
    Ok((client, scopes))
}

/// ` http://127.0.0.1:PORT` for the policy, if the form leads to a client.
fn origin(purpose: &Purpose) -> String {
    let Purpose::Authorize(request) = purpose else { return String::new() };
    Url::parse(&request.redirect_uri)
        .map(|url| format!(" {}", url.origin().ascii_serialization()))
        .unwrap_or_default()
}

/// Takes the decision; the visit is over.
pub(super) fn decide(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = ask.form();
    let (id, visit) = visit::of_form(room, ask, &form)?;
    let user = visit.user.clone().ok_or_else(not_signed_in)?;
    asked(room, &visit)?;
    let allow = match first(&form, "decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => {
            return Err(Refusal::new(
                400,
                "InvalidRequestException",
                "The form carries no decision.",
            ));
        }
    };
    room.state.visits.remove(&id);
    room.journal.subject(if allow { "allow" } else { "deny" });
    Ok(match visit.purpose {
        Purpose::Authorize(request) if allow => allow_client(room, request, user),
        Purpose::Authorize(request) => deny_client(&request),
        Purpose::Device(code) => decide_device(room, &code, if allow { Some(user) } else { None }),
    })
}

fn allow_client(room: &mut Room, request: AuthorizeRequest, user: String) -> Answer {
    let code = random::id();
    let answer = send_back(&request.redirect_uri, &[("code", &code), ("state", &request.state)]);
    let expires = after(room.now(), room.options.authorization_code_seconds);
    room.state.codes.insert(code, Code { request, user, expires, spent: None });
    answer
}

fn deny_client(request: &AuthorizeRequest) -> Answer {
    let parameters =
        failure("access_denied", "the person denied the request", Some(&request.state));
    send_back(&request.redirect_uri, &parameters)
}

fn decide_device(room: &mut Room, code: &str, user: Option<String>) -> Answer {
    let now = room.now();
    let waiting = room.state.devices.get_mut(code);
    let Some(device) =
        waiting.filter(|device| device.decision == Decision::Pending && now < device.expires)
    else {
        return layout::error(400, "The device no longer waits.");
    };
    match user {
        Some(user) => {
            device.decision = Decision::Approved(user);
            layout::message(
                200,
                "Request approved",
                "You can close this page and go back to your device.",
            )
        }
        None => {
            device.decision = Decision::Denied;
            layout::message(
                200,
                "Request denied",
                "The device gets no access. You can close this page.",
            )
        }
    }
}
