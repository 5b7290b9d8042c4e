//! `/start/mfa`: the signed-in user's authenticator app.

use maud::html;

use super::layout::Page;
use super::{browser, mfa, visit};
use crate::http::{Answer, Ask, Refusal, first};
use crate::room::Room;
use crate::state::{Purpose, Stage};
use crate::totp::TotpSecret;
use crate::world::Mfa;

/// Says whether there is one; a form to register or remove it.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let Some((user, who)) = browser::who(room, ask) else {
        return Ok(visit::begin(room, ask, Purpose::AccessPortal));
    };
    let registered = mfa::registered(room, &user).is_some();
    let required = room.world.user(&user).is_some_and(|user| user.mfa == Mfa::Required);
    let content = html! {
        @if registered {
            p { "An authenticator app is registered: you are asked for its code when you sign in." }
        } @else {
            p { "No authenticator app is registered. With one, nobody can sign in as you with a password alone." }
        }
        @if registered && required {
            p.hint { "Your organization requires it: if you remove it, you register another one when you next sign in." }
        }
        form method="post" action="/start/mfa" {
            input type="hidden" name="csrf" value=(who.csrf);
            @if registered {
                button.second type="submit" name="change" value="remove" { "Remove the app" }
            } @else {
                button type="submit" name="change" value="register" { "Register an app" }
            }
        }
    };
    Ok(Page::new("MFA device", content).portal(who).answer())
}

/// Removes the app, or begins the registration of one.
pub(super) fn change(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = browser::form(room, ask)?;
    let user = browser::user(room, ask).ok_or_else(browser::lost)?;
    room.journal.subject(&user);
    if first(&form, "change") == Some("remove") {
        room.state.authenticators.insert(user, None);
        return Ok(Answer::redirect(303, "/start/mfa"));
    }
    let stage = Stage::Enrolment { user, secret: TotpSecret::random() };
    Ok(visit::begin_at(room, ask, Purpose::AccessPortal, stage))
}
