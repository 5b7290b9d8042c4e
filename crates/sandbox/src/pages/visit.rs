//! A person's way through the pages: begun by a link, tied to one browser.

use super::{PORTAL, browser};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{Purpose, Stage, Visit};

/// How long a person may take from link to decision.
const PATIENCE_SECONDS: u64 = 15 * 60;
/// So many wrong passwords and codes end a visit.
const MOST_WRONG: usize = 5;

/// Begins a visit: at the sign-in page, or behind it for a browser that is signed in.
pub(super) fn begin(room: &mut Room, ask: &Ask, purpose: Purpose) -> Answer {
    let signed_in = browser::user(room, ask);
    let stage = signed_in.map_or(Stage::Password, |user| Stage::SignedIn { user });
    begin_at(room, ask, purpose, stage)
}

/// Begins a visit at a stage.
pub(super) fn begin_at(room: &mut Room, ask: &Ask, purpose: Purpose, stage: Stage) -> Answer {
    let browser = browser::id(room, ask).map_or_else(random::id, str::to_owned);
    let ends = after(room.now(), PATIENCE_SECONDS);
    let visit = Visit { browser, stage, ends, wrong: 0, purpose };
    let id = random::id();
    let answer = browser::keep(room, lead_on(&id, &visit), &visit.browser);
    room.state.visits.insert(id, visit);
    answer
}

/// The page that a visit has come to.
pub(super) fn lead_on(id: &str, visit: &Visit) -> Answer {
    let page = match (&visit.stage, &visit.purpose) {
        (Stage::Password, _) => "/sign-in",
        (Stage::Code { .. } | Stage::Enrolment { .. }, _) => "/mfa",
        (Stage::SignedIn { .. }, Purpose::AccessPortal) => return Answer::redirect(303, PORTAL),
        (Stage::SignedIn { .. }, _) => "/consent",
    };
    Answer::redirect(303, format!("{page}?visit={id}")).with("cache-control", "no-store")
}

/// A visit goes on to its next stage.
pub(super) fn go_on(room: &mut Room, id: &str, stage: Stage) -> Result<Answer, Refusal> {
    let visit = room.state.visits.get_mut(id).ok_or_else(browser::lost)?;
    visit.stage = stage;
    Ok(lead_on(id, visit))
}

/// The person has proven who they are.
pub(super) fn sign_in(room: &mut Room, id: &str, user: &str) -> Result<Answer, Refusal> {
    let old = room.state.visits.get(id).ok_or_else(browser::lost)?.browser.clone();
    let browser = browser::sign_in(room, &old, user);
    let answer = go_on(room, id, Stage::SignedIn { user: user.to_owned() })?;
    Ok(browser::keep(room, answer, &browser))
}

/// The visit a form belongs to: same browser, right token.
pub(super) fn of_form(room: &Room, ask: &Ask) -> Result<(Form, Visit), Refusal> {
    let fields = browser::form(room, ask)?;
    let (id, visit) = of_browser(room, ask, first(&fields, "visit"))?;
    Ok((Form { id, fields }, visit))
}

/// A visit's ID and what the person typed.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) id: String,
    fields: Vec<(String, String)>,
}

impl Form {
    pub(super) fn field(&self, name: &str) -> &str {
        first(&self.fields, name).unwrap_or_default()
    }
}

/// The visit of the address, if this browser began it.
pub(super) fn of_address(room: &Room, ask: &Ask) -> Result<(String, Visit), Refusal> {
    of_browser(room, ask, ask.parameter("visit"))
}

fn of_browser(room: &Room, ask: &Ask, id: Option<&str>) -> Result<(String, Visit), Refusal> {
    let id = id.unwrap_or_default();
    let visit = room.state.visits.get(id);
    let visit = visit.filter(|visit| browser::id(room, ask) == Some(visit.browser.as_str()));
    let visit = visit.filter(|visit| room.now() < visit.ends);
    visit.map(|visit| (id.to_owned(), visit.clone())).ok_or_else(browser::lost)
}

/// Counts a wrong password or code; too many end the visit.
pub(super) fn count_wrong(room: &mut Room, id: &str) -> Result<(), Refusal> {
    let visit = room.state.visits.get_mut(id).ok_or_else(browser::lost)?;
    visit.wrong += 1;
    if visit.wrong < MOST_WRONG {
        return Ok(());
    }
    room.state.visits.remove(id);
    let text = "That was wrong too often. Begin again at the link.";
    Err(Refusal::new(403, "ForbiddenException", text))
}
