//! `/sign-in`: user name and password.

use maud::{Markup, html};

use super::layout::{Page, problem};
use super::{browser, mfa, visit};
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::state::{Purpose, Stage, Visit};
use crate::totp::TotpSecret;
use crate::world::{Mfa, User};

/// So many users are named on the page.
const MOST_NAMED: usize = 8;

pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (id, visit) = visit::of_address(room, ask)?;
    match visit.stage {
        Stage::Password => Ok(page(room, &id, &visit, "", None).answer()),
        _ => Ok(visit::lead_on(&id, &visit)),
    }
}

/// Takes name and password and leads on: to the code, or to what was asked for.
pub(super) fn enter(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (form, visit) = visit::of_form(room, ask)?;
    let name = form.field("user").trim();
    let user = room.world.user(name).filter(|user| opens(user, form.field("password")));
    let Some(user) = user.cloned() else {
        visit::count_wrong(room, &form.id)?;
        let wrong = "The user name or the password is wrong.";
        return Ok(page(room, &form.id, &visit, name, Some(wrong)).status(401).answer());
    };
    let name = user.name;
    room.journal.subject(&name);
    match (mfa::registered(room, &name), user.mfa) {
        (Some(_), _) => visit::go_on(room, &form.id, Stage::Code { user: name }),
        (None, Mfa::Required) => {
            let secret = TotpSecret::random();
            visit::go_on(room, &form.id, Stage::Enrolment { user: name, secret })
        }
        (None, _) => visit::sign_in(room, &form.id, &name),
    }
}

/// Whether the password is the user's; one who has none needs none. Compared by
/// digest, so that the time it takes tells nothing.
fn opens(user: &User, typed: &str) -> bool {
    let Some(password) = &user.password else { return true };
    random::digest(&["password", typed]) == random::digest(&["password", password])
}

fn page<'a>(room: &Room, id: &str, visit: &Visit, name: &str, wrong: Option<&str>) -> Page<'a> {
    let describe = wrong.map(|_| "problem");
    let content = html! {
        p.lead { (goal(room, visit)) }
        (problem(wrong))
        form method="post" action="/sign-in" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(browser::csrf(room, &visit.browser));
            label for="user" { "User name" }
            input type="text" id="user" name="user" value=(name) autocomplete="username"
                autocapitalize="none" spellcheck="false" autofocus[name.is_empty()] required
                aria-describedby=[describe] aria-invalid=[wrong.map(|_| "true")];
            label for="password" { "Password" }
            input type="password" id="password" name="password" autocomplete="current-password"
                autofocus[!name.is_empty()]
                aria-describedby=[describe.or(Some("without"))] aria-invalid=[wrong.map(|_| "true")];
            p.hint #without { "Leave it empty for a user that has none." }
            button type="submit" { "Sign in" }
        }
        (people(room))
    };
    Page::new("Sign in", content)
}

/// What the person will come to.
fn goal(room: &Room, visit: &Visit) -> Markup {
    let client = match &visit.purpose {
        Purpose::Authorize(request) => Some(&request.client_id),
        Purpose::Device(code) => room.state.devices.get(code).map(|device| &device.client_id),
        Purpose::AccessPortal => None,
    };
    match client.and_then(|id| room.state.registrations.get(id)) {
        Some(client) => html! { "to continue to " strong { bdi { (client.name) } } },
        None => html! { "to your access portal" },
    }
}

/// Nobody can know a practice world's people by heart.
fn people(room: &Room) -> Markup {
    let users = &room.world.users;
    html! {
        details {
            summary { "Who can sign in here?" }
            ul.people {
                @for user in users.iter().take(MOST_NAMED) {
                    li { strong { bdi { (user.name) } } " " span.hint { (needs(room, user)) } }
                }
                @if users.len() > MOST_NAMED { li { "and " (users.len() - MOST_NAMED) " more" } }
            }
            p.hint { "Passwords are in the world’s file." }
        }
    }
}

fn needs(room: &Room, user: &User) -> &'static str {
    let mfa = mfa::registered(room, &user.name).is_some() || user.mfa == Mfa::Required;
    match (&user.password, mfa) {
        (None, false) => "the name is enough",
        (None, true) => "name and code",
        (Some(_), false) => "name and password",
        (Some(_), true) => "name, password and code",
    }
}
