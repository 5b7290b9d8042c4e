//! A person's way through the pages: begun by a link, tied to one browser.

use maud::html;

use super::layout;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{Purpose, Visit};

/// The cookie that ties a visit to its browser.
const COOKIE: &str = "daypass-sandbox";

/// Begins a visit and shows the sign-in page.
pub(super) fn begin(room: &mut Room, ask: &Ask, purpose: Purpose) -> Answer {
    let browser = ask.cookie(COOKIE).map_or_else(random::id, str::to_owned);
    let (id, csrf) = (random::id(), random::id());
    let answer = sign_in_page(200, &id, &csrf, None);
    let cookie = format!("{COOKIE}={browser}; Path=/; HttpOnly; SameSite=Lax");
    room.state.visits.insert(id, Visit { csrf, browser, user: None, purpose });
    answer.with("set-cookie", cookie)
}

fn sign_in_page(status: u16, id: &str, csrf: &str, wrong: Option<&str>) -> Answer {
    let content = html! {
        @if let Some(wrong) = wrong { p role="alert" { (wrong) } }
        form method="post" action="/sign-in" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(csrf);
            label for="user" { "User name" }
            input type="text" id="user" name="user" autocomplete="username" autofocus required;
            button type="submit" { "Sign in" }
        }
    };
    layout::page(status, "Sign in", "", &content)
}

/// The visit a form belongs to: same browser, right token.
pub(super) fn of_form(
    room: &Room,
    ask: &Ask,
    form: &[(String, String)],
) -> Result<(String, Visit), Refusal> {
    let (id, visit) = of_browser(room, ask, first(form, "visit"))?;
    if first(form, "csrf") != Some(visit.csrf.as_str()) {
        return Err(lost());
    }
    Ok((id, visit))
}

/// The visit of that ID, if this browser began it.
pub(super) fn of_browser(
    room: &Room,
    ask: &Ask,
    id: Option<&str>,
) -> Result<(String, Visit), Refusal> {
    let id = id.unwrap_or_default();
    let visit = room
        .state
        .visits
        .get(id)
        .filter(|visit| ask.cookie(COOKIE) == Some(visit.browser.as_str()));
    visit.map(|visit| (id.to_owned(), visit.clone())).ok_or_else(lost)
}

fn lost() -> Refusal {
    let text = "This form is not of a sign-in that this browser began, or it is over. Begin again at the link.";
    Refusal::new(403, "ForbiddenException", text)
}

/// Takes the user's name and leads on to the question.
pub(super) fn sign_in(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = ask.form();
    let (id, visit) = of_form(room, ask, &form)?;
    let name = first(&form, "user").unwrap_or_default().trim();
    if room.world.user(name).is_none() {
        return Ok(sign_in_page(401, &id, &visit.csrf, Some("There is no such user.")));
    }
    if let Some(visit) = room.state.visits.get_mut(&id) {
        visit.user = Some(name.to_owned());
    }
    Ok(Answer::redirect(303, format!("/consent?visit={id}")))
}
