//! `/sign-out`.

use maud::html;

use super::layout::Page;
use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::Stage;

/// Nobody is signed in at this browser any more, and what it had begun is over, but
/// for the visit that somebody else is to go on with.
pub(super) fn leave(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = browser::form(room, ask)?;
    let (old, new) = (browser::id(room, ask).unwrap_or_default(), random::id());
    let kept = first(&form, "visit").unwrap_or_default();
    room.state.browsers.remove(old);
    room.state.visits.retain(|id, visit| visit.browser != old || id == kept);
    let visit = room.state.visits.get_mut(kept).filter(|visit| visit.browser == old);
    let answer = match visit {
        Some(visit) => {
            (visit.stage, visit.browser) = (Stage::Password, new.clone());
            visit::lead_on(kept, visit)
        }
        None => good_bye(),
    };
    Ok(browser::keep(room, answer, &new))
}

/// Programs that were allowed something keep it.
fn good_bye() -> Answer {
    let content = html! {
        p { "Programs that you allowed to act for you go on until their session ends, or until you log out there." }
        p { a.button href=(super::PORTAL) { "Sign in again" } }
    };
    Page::new("You are signed out", content).answer()
}
