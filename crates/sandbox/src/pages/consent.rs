//! The question, and what becomes of the answer.

use maud::{Markup, html};
use url::Url;

use super::authorize::{failure, send_back};
use super::layout::{self, Page};
use super::{browser, device, visit};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::state::{
    ACCOUNT_ACCESS, AuthorizeRequest, Code, Decision, Purpose, Registration, Stage, Visit,
};

/// Who asks for what; a form to allow or deny it.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (id, visit) = visit::of_address(room, ask)?;
    let user = signed_in(&visit)?;
    let user = room.world.user(user).ok_or_else(not_signed_in)?;
    let (client, scopes) = asked(room, &visit)?;
    let content = html! {
        p.lead { "You are signed in as " strong { bdi { (user.display_name) } } " (" bdi { (user.name) } ")." }
        (to_compare(room, &visit.purpose))
        h2 { "It will be able to" }
        ul.scopes { @for scope in &scopes { li { (meaning(scope)) " " code.hint { (scope) } } } }
        form.choice method="post" action="/consent" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(browser::csrf(room, &visit.browser));
            button type="submit" name="decision" value="allow" { "Allow" }
            button.second type="submit" name="decision" value="deny" { "Deny" }
        }
        p.hint { "If you do not know it, or did not ask for this, choose Deny." }
        form.other method="post" action="/sign-out" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(browser::csrf(room, &visit.browser));
            button.quiet type="submit" { "Sign in as somebody else" }
        }
    };
    let title = format!("Allow {} to access your data?", client.name);
    Ok(Page::new(&title, content).form_target(&origin(&visit.purpose)).answer())
}

/// In plain words.
fn meaning(scope: &str) -> &str {
    match scope {
        ACCOUNT_ACCESS => "see your AWS accounts and roles, and act in them as you",
        _ if scope.starts_with("codewhisperer:") => "use Amazon Q Developer as you",
        _ => "use what this scope stands for:",
    }
}

/// In the device flow: another device may be somebody else's.
fn to_compare(room: &Room, purpose: &Purpose) -> Markup {
    let Purpose::Device(code) = purpose else { return html! {} };
    let Some(device) = room.state.devices.get(code) else { return html! {} };
    html! {
        p { "Your device should show this code:" }
        p.code-to-compare { code { (device.user_code) } }
    }
}

fn signed_in(visit: &Visit) -> Result<&str, Refusal> {
    match &visit.stage {
        Stage::SignedIn { user } => Ok(user),
        _ => Err(not_signed_in()),
    }
}

fn not_signed_in() -> Refusal {
    Refusal::new(403, "ForbiddenException", "Nobody has signed in here. Begin again at the link.")
}

fn wrong(text: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", text)
}

/// The client that asks, and the scopes it asks for.
fn asked(room: &Room, visit: &Visit) -> Result<(Registration, Vec<String>), Refusal> {
    let state = &room.state;
    let client_id = match &visit.purpose {
        Purpose::Authorize(request) => Some(&request.client_id),
        Purpose::Device(code) => state.devices.get(code).map(|device| &device.client_id),
        Purpose::AccessPortal => None,
    };
    let client = client_id.and_then(|id| state.registrations.get(id)).cloned();
    let client =
        client.ok_or_else(|| wrong("The application that asked is no longer registered."))?;
    let scopes = match &visit.purpose {
        Purpose::Authorize(request) => request.scopes.clone(),
        _ => client.granted_scopes(),
    };
    Ok((client, scopes))
}

/// `http://127.0.0.1:PORT` for the policy, if the form leads to a client.
fn origin(purpose: &Purpose) -> String {
    let Purpose::Authorize(request) = purpose else { return String::new() };
    Url::parse(&request.redirect_uri)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default()
}

/// Takes the decision; the visit is over.
pub(super) fn decide(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (form, visit) = visit::of_form(room, ask)?;
    let user = signed_in(&visit)?.to_owned();
    asked(room, &visit)?;
    let allow = match form.field("decision") {
        "allow" => true,
        "deny" => false,
        _ => return Err(wrong("The form carries no decision.")),
    };
    room.state.visits.remove(&form.id);
    room.journal.subject(if allow { "allow" } else { "deny" });
    Ok(match visit.purpose {
        Purpose::Authorize(request) if allow => allow_client(room, request, user),
        Purpose::Authorize(request) => deny_client(&request),
        Purpose::Device(code) => decide_device(room, &code, allow.then_some(user)),
        Purpose::AccessPortal => Answer::redirect(303, super::PORTAL),
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
    if let Err(gone) = device::waiting(room, code) {
        return layout::error(400, gone);
    }
    let (decision, title, text) = match user {
        Some(user) => (
            Decision::Approved(user),
            "Request approved",
            "You can close this page and go back to your device.",
        ),
        None => (
            Decision::Denied,
            "Request denied",
            "The device gets no access. You can close this page.",
        ),
    };
    if let Some(device) = room.state.devices.get_mut(code) {
        device.decision = decision;
    }
    layout::message(200, title, text)
}
