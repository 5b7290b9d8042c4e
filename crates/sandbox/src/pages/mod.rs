//! The web pages: sign in, then allow or deny. They need no JavaScript.

mod authorize;
mod consent;
mod device;
mod layout;
mod visit;

use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;

/// What the pages are called in the journal.
pub(crate) const NAMES: [&str; 5] = ["Authorize", "Device", "SignIn", "Consent", "Style"];

/// The page a request asks for.
pub(crate) fn operation(ask: &Ask) -> Option<&'static str> {
    match (ask.method.as_str(), ask.path.as_str()) {
        ("GET", "/authorize") => Some("Authorize"),
        ("GET" | "POST", "/device") => Some("Device"),
        ("POST", "/sign-in") => Some("SignIn"),
        ("GET" | "POST", "/consent") => Some("Consent"),
        ("GET", "/style.css") => Some("Style"),
        _ => None,
    }
}

pub(crate) fn answer(room: &mut Room, page: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let post = ask.method == ::http::Method::POST;
    match page {
        "Authorize" => authorize::open(room, ask),
        "Device" if post => device::enter(room, ask),
        "Device" => Ok(device::open(ask)),
        "SignIn" => visit::sign_in(room, ask),
        "Consent" if post => consent::decide(room, ask),
        "Consent" => consent::open(room, ask),
        _ => Ok(layout::style()),
    }
}

pub(crate) fn refuse(refusal: Refusal) -> Answer {
    let answer = layout::error(refusal.status, &refusal.message);
    refusal.finish(answer)
}
