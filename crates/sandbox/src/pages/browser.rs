//! Who is signed in at a browser: the cookie, and what it stands for.

use super::layout::Who;
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::SignedIn;

/// The cookie's name is this sandbox's own: browsers send cookies to every port of
/// a machine, so another sandbox's would overwrite it.
fn cookie_name(room: &Room) -> String {
    let seal = random::hex(&random::digest(&["cookie", &room.state.page_secret]));
    let secure = if is_tls(room) { "__Secure-" } else { "" };
    format!("{secure}daypass-sandbox-{}", &seal[..8])
}

fn is_tls(room: &Room) -> bool {
    room.endpoints.sso_oidc.starts_with("https:")
}

/// The browser's ID, if it has been here.
pub(super) fn id<'a>(room: &Room, ask: &'a Ask) -> Option<&'a str> {
    ask.cookie(&cookie_name(room))
}

/// Gives the browser its ID.
pub(super) fn keep(room: &Room, answer: Answer, id: &str) -> Answer {
    let secure = if is_tls(room) { "; Secure" } else { "" };
    let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie_name(room));
    answer.with("set-cookie", cookie)
}

/// What every form of this browser carries: another site cannot know it.
pub(super) fn csrf(room: &Room, id: &str) -> String {
    random::hex(&random::digest(&["csrf", &room.state.page_secret, id])[..16])
}

/// The form's fields, if the form is one that this browser was given.
pub(super) fn form(room: &Room, ask: &Ask) -> Result<Vec<(String, String)>, Refusal> {
    let form = ask.form();
    let wanted = id(room, ask).map(|id| csrf(room, id));
    if wanted.is_some() && first(&form, "csrf") == wanted.as_deref() {
        Ok(form)
    } else {
        Err(lost())
    }
}

/// A form that is nobody's.
pub(super) fn lost() -> Refusal {
    let text = "This form is not of a sign-in that this browser began, or it is over. Begin again at the link.";
    Refusal::new(403, "ForbiddenException", text)
}

/// The name of the user signed in at this browser.
pub(super) fn user(room: &Room, ask: &Ask) -> Option<String> {
    let signed_in = room.state.browsers.get(id(room, ask)?)?;
    let user = room.world.user(&signed_in.user).filter(|_| room.now() < signed_in.ends)?;
    Some(user.name.clone())
}

/// The user, or the way to the sign-in page.
pub(super) fn who(room: &Room, ask: &Ask) -> Option<(String, Who)> {
    let (name, id) = (user(room, ask)?, id(room, ask)?);
    let display_name = room.world.user(&name)?.display_name.clone();
    Some((name, Who { display_name, csrf: csrf(room, id) }))
}

/// Signs a user in. The browser's ID is a new one from now on, so that nobody who
/// planted or saw the old one is signed in with it; its visits come along.
pub(super) fn sign_in(room: &mut Room, old: &str, user: &str) -> String {
    let id = random::id();
    let ends = after(room.now(), room.options.session_seconds);
    room.state.browsers.remove(old);
    room.state.browsers.insert(id.clone(), SignedIn { user: user.to_owned(), ends });
    for visit in room.state.visits.values_mut().filter(|visit| visit.browser == old) {
        visit.browser.clone_from(&id);
    }
    id
}
