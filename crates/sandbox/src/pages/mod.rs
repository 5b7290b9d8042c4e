//! The web pages, for people: sign in, allow or deny, and the access portal. They
//! need no JavaScript.

mod access_keys;
mod access_portal;
mod authorize;
mod browser;
mod consent;
mod console;
mod device;
mod enrolment;
mod federated;
mod layout;
mod mfa;
mod sign_in;
mod sign_out;
mod visit;

use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
pub(crate) use federated::federated;

/// Where the access portal is.
const PORTAL: &str = "/start";

/// Every page: method, path, and what it is called in the journal.
const PAGES: [(&str, &str, &str); 19] = [
    ("GET", "/authorize", "Authorize"),
    ("GET", "/device", "Device"),
    ("POST", "/device", "Device"),
    ("GET", "/sign-in", "SignIn"),
    ("POST", "/sign-in", "SignIn"),
    ("GET", "/mfa", "Mfa"),
    ("POST", "/mfa", "Mfa"),
    ("GET", "/consent", "Consent"),
    ("POST", "/consent", "Consent"),
    ("GET", PORTAL, "AccessPortal"),
    ("GET", "/start/", "AccessPortal"),
    ("GET", "/start/keys", "AccessKeys"),
    ("GET", "/start/console", "Console"),
    ("GET", "/start/mfa", "MfaDevice"),
    ("POST", "/start/mfa", "MfaDevice"),
    ("POST", "/sign-out", "SignOut"),
    ("GET", "/style.css", "Style"),
    ("GET", "/copy.js", "Style"),
    ("GET", "/icon.svg", "Style"),
];

/// The page a request asks for.
pub(crate) fn operation(ask: &Ask) -> Option<&'static str> {
    let asked = (ask.method.as_str(), ask.path.as_str());
    let page = PAGES.iter().find(|(method, path, _)| (*method, *path) == asked);
    page.map(|(_, _, name)| *name)
}

/// Whether an operation of that name is a page.
pub(crate) fn is_page(operation: &str) -> bool {
    PAGES.iter().any(|(_, _, name)| *name == operation)
}

pub(crate) fn answer(room: &mut Room, page: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let post = ask.method == ::http::Method::POST;
    match page {
        "Authorize" => authorize::open(room, ask),
        "Device" if post => device::enter(room, ask),
        "Device" => Ok(device::open(room, ask)),
        "SignIn" if post => sign_in::enter(room, ask),
        "SignIn" => sign_in::open(room, ask),
        "Mfa" if post => mfa::enter(room, ask),
        "Mfa" => mfa::open(room, ask),
        "Consent" if post => consent::decide(room, ask),
        "Consent" => consent::open(room, ask),
        "AccessPortal" => Ok(access_portal::open(room, ask)),
        "AccessKeys" => access_keys::open(room, ask),
        "Console" => console::open(room, ask),
        "MfaDevice" if post => enrolment::change(room, ask),
        "MfaDevice" => enrolment::open(room, ask),
        "SignOut" => sign_out::leave(room, ask),
        _ => Ok(layout::asset(&ask.path)),
    }
}

/// For somebody who typed an address: the way to the portal, or a page that says
/// that there is none. Nothing for programs.
pub(crate) fn elsewhere(room: &Room, ask: &Ask) -> Option<Answer> {
    let person = ask.method == ::http::Method::GET
        && ask.header("accept").is_some_and(|accept| accept.contains("text/html"));
    if !person {
        return None;
    }
    let start_url = url::Url::parse(&room.world.start_url);
    if ask.path == "/" || start_url.is_ok_and(|url| url.path() == ask.path) {
        return Some(Answer::redirect(302, PORTAL));
    }
    Some(layout::nothing())
}

pub(crate) fn refuse(refusal: Refusal) -> Answer {
    let answer = layout::error(refusal.status, &refusal.message);
    refusal.finish(answer)
}
