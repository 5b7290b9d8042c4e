//! `/device`: a person who was given a user code.

use maud::html;

use super::{layout, visit};
use crate::http::{Answer, Ask, Refusal, first};
use crate::room::Room;
use crate::state::{Decision, Purpose};

/// Asks for the code; a link may have filled it in already.
pub(super) fn open(ask: &Ask) -> Answer {
    code_page(200, ask.parameter("user_code").unwrap_or_default(), None)
}

fn code_page(status: u16, user_code: &str, wrong: Option<&str>) -> Answer {
    let content = html! {
        @if let Some(wrong) = wrong { p role="alert" { (wrong) } }
        p { "Is this the code your device shows? If not, or if you did not ask for one, close this page." }
        form method="post" action="/device" {
            label for="user_code" { "Code" }
            input type="text" id="user_code" name="user_code" value=(user_code) autocomplete="off" required;
            button type="submit" { "Confirm and continue" }
        }
    };
    layout::page(status, "Authorization requested", "", &content)
}

/// Looks the code up and leads on to sign-in.
pub(super) fn enter(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let form = ask.form();
    let user_code = first(&form, "user_code").unwrap_or_default();
    let waiting = |code: &&str| {
        let device = room.state.devices.get(*code);
        device.is_some_and(|device| {
            device.decision == Decision::Pending && room.now() < device.expires
        })
    };
    let code = room.state.device_of(user_code).filter(waiting).map(str::to_owned);
    match code {
        Some(code) => Ok(visit::begin(room, ask, Purpose::Device(code))),
        None => Ok(code_page(400, user_code, Some("No device waits with this code."))),
    }
}
