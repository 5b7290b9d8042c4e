//! `/sign-out`.

use maud::html;

use super::browser;
use super::layout::Page;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;

/// Nobody is signed in at this browser any more, and what it had begun is over.
/// Programs that were allowed something keep it, as with the real service.
pub(super) fn leave(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    browser::form(room, ask)?;
    let id = browser::id(room, ask).unwrap_or_default();
    room.state.browsers.remove(id);
    room.state.visits.retain(|_, visit| visit.browser != id);
    let content = html! {
        p { "Programs that you allowed to act for you go on until their session ends, or until you log out there." }
        p { a.button href=(super::PORTAL) { "Sign in again" } }
    };
    let answer = Page::new("You are signed out", content).answer();
    Ok(browser::keep(room, answer, &random::id()))
}
