//! `/device`: a person who was given a user code.

use maud::html;

use super::layout::{Page, problem};
use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal, first};
use crate::random;
use crate::room::Room;
use crate::state::{Decision, Purpose};

/// Asks for the code, or to confirm the one that came with the link.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Answer {
    let browser = browser::id(room, ask).map_or_else(random::id, str::to_owned);
    let user_code = ask.parameter("user_code").unwrap_or_default();
    browser::keep(room, page(room, &browser, user_code, None).answer(), &browser)
}

fn page<'a>(room: &Room, browser: &str, user_code: &str, wrong: Option<&str>) -> Page<'a> {
    let linked = !user_code.is_empty() && wrong.is_none();
    let content = html! {
        p.lead { "Go on only if you began this yourself: whoever shows that code will act for you." }
        (problem(wrong))
        form method="post" action="/device" {
            input type="hidden" name="csrf" value=(browser::csrf(room, browser));
            @if linked {
                p { "Does your device show this code?" }
                p.code-to-compare { code { (user_code) } }
                input type="hidden" name="user_code" value=(user_code);
                button type="submit" { "Confirm and continue" }
                p { a href="/device" { "It shows another code" } }
            } @else {
                label for="user_code" { "Code that your device shows" }
                input.code type="text" id="user_code" name="user_code" value=(user_code)
                    autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20"
                    autofocus required
                    aria-describedby=[wrong.map(|_| "problem")] aria-invalid=[wrong.map(|_| "true")];
                button type="submit" { "Continue" }
            }
        }
    };
    Page::new(if linked { "Confirm the code" } else { "Enter the code" }, content)
}

/// Looks the code up and leads on to sign-in.
pub(super) fn enter(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = browser::form(room, ask)?;
    let user_code = first(&form, "user_code").unwrap_or_default();
    let code = room.state.device_of(user_code).map(str::to_owned);
    match code.as_deref().map_or(Err(UNKNOWN), |code| waiting(room, code)) {
        Ok(()) => Ok(visit::begin(room, ask, Purpose::Device(code.unwrap_or_default()))),
        Err(wrong) => {
            let browser = browser::id(room, ask).unwrap_or_default();
            Ok(page(room, browser, user_code, Some(wrong)).status(400).answer())
        }
    }
}

const UNKNOWN: &str = "No device waits with this code. Is it typed as your device shows it?";

/// Whether the device still waits; else what became of it.
pub(super) fn waiting(room: &Room, code: &str) -> Result<(), &'static str> {
    let device = room.state.devices.get(code).ok_or(UNKNOWN)?;
    if room.now() >= device.expires {
        return Err("This code has expired. Begin again on your device.");
    }
    match device.decision {
        Decision::Pending => Ok(()),
        _ => Err("This code was answered already. Begin again on your device."),
    }
}
