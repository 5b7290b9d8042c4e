//! `/mfa`: the code of an authenticator app, and the registration of a new one.

use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};

use super::layout::{Page, problem};
use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::state::{Purpose, Stage, Visit};
use crate::totp::TotpSecret;
use crate::world::Mfa;

/// Light modules around a QR code, as its standard wants.
const QUIET: usize = 4;

/// The user's authenticator app: registered on the pages, or by the world.
pub(super) fn registered(room: &Room, user: &str) -> Option<TotpSecret> {
    match room.state.authenticators.get(user) {
        Some(changed) => changed.clone(),
        None => match &room.world.user(user)?.mfa {
            Mfa::Registered(secret) => Some(secret.clone()),
            Mfa::Optional | Mfa::Required => None,
        },
    }
}

pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (id, visit) = visit::of_address(room, ask)?;
    Ok(page(room, &id, &visit, None).map_or_else(|| visit::lead_on(&id, &visit), Page::answer))
}

/// Takes the code. The first right one of a new app registers it.
pub(super) fn enter(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let (form, visit) = visit::of_form(room, ask)?;
    let (user, secret, new) = match &visit.stage {
        Stage::Code { user } => (user, registered(room, user), false),
        Stage::Enrolment { user, secret } => (user, Some(secret.clone()), true),
        Stage::Password | Stage::SignedIn { .. } => return Ok(visit::lead_on(&form.id, &visit)),
    };
    let secret = secret.ok_or_else(browser::lost)?;
    room.journal.subject(user);
    if let Err(wrong) = spend(room, user, &secret, form.field("code")) {
        visit::count_wrong(room, &form.id)?;
        let page = page(room, &form.id, &visit, Some(wrong));
        return page.map(|page| page.status(401).answer()).ok_or_else(browser::lost);
    }
    if new {
        room.state.authenticators.insert(user.clone(), Some(secret));
    }
    visit::sign_in(room, &form.id, user)
}

/// A code is good once (RFC 6238, 5.2), by the sandbox's clock or, as a phone has
/// real time, by that without what was advanced.
fn spend(
    room: &mut Room,
    user: &str,
    secret: &TotpSecret,
    typed: &str,
) -> Result<(), &'static str> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let clocks = [room.clock.now(), room.clock.unadvanced()];
    let steps = clocks.iter().flat_map(|now| secret.steps_of(&code, *now));
    let steps: Vec<_> = steps.map(|step| (user.to_owned(), step)).collect();
    if steps.is_empty() {
        return Err("The code is wrong, or it is an old one.");
    }
    let fresh = steps.into_iter().find(|step| !room.state.spent_codes.contains(step));
    let fresh = fresh.ok_or("The code was used before. Wait for the next one.")?;
    room.state.spent_codes.insert(fresh);
    Ok(())
}

/// The page of a visit that has come to a code.
fn page<'a>(room: &Room, id: &str, visit: &Visit, wrong: Option<&str>) -> Option<Page<'a>> {
    let csrf = browser::csrf(room, &visit.browser);
    match &visit.stage {
        Stage::Code { user } => {
            let lead =
                html! { p.lead { "of the authenticator app of " strong { bdi { (user) } } } };
            let content = html! { (lead) (problem(wrong)) (code_form(id, &csrf, false, wrong)) };
            Some(Page::new("Enter the code", content))
        }
        Stage::Enrolment { user, secret } => {
            let content = html! {
                (steps(user, secret))
                (problem(wrong))
                (code_form(id, &csrf, true, wrong))
                @if matches!(visit.purpose, Purpose::AccessPortal) {
                    p { a href="/start" { "To the access portal" } }
                }
            };
            Some(Page::new("Register an authenticator app", content))
        }
        Stage::Password | Stage::SignedIn { .. } => None,
    }
}

/// Whoever has a QR code to scan first does not begin at the field.
fn code_form(id: &str, csrf: &str, new: bool, wrong: Option<&str>) -> Markup {
    let at_once = !new || wrong.is_some();
    html! {
        form method="post" action="/mfa" {
            input type="hidden" name="visit" value=(id);
            input type="hidden" name="csrf" value=(csrf);
            label for="code" { "Six-digit code" }
            input.code type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
                maxlength="9" autofocus[at_once] required
                aria-describedby=[wrong.map(|_| "problem")] aria-invalid=[wrong.map(|_| "true")];
            button type="submit" { @if new { "Register and continue" } @else { "Sign in" } }
        }
    }
}

/// How to register: the QR code, and the secret for those who cannot scan it.
fn steps(user: &str, secret: &TotpSecret) -> Markup {
    html! {
        p.lead { "One more thing proves that you are " strong { bdi { (user) } } ": a code from your phone." }
        ol {
            li {
                "Scan this with an authenticator app."
                (qr(&secret.uri(user)))
                p { "Or type the secret into it:" }
                p { code.value #secret { (in_fours(&secret.to_string())) } }
            }
            li { "Enter the code that the app shows." }
        }
    }
}

/// Groups of four, as apps show it.
fn in_fours(text: &str) -> String {
    let fours: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    fours.join(" ")
}

/// A QR code as inline SVG; always dark on light, since not every app reads the
/// other way round.
fn qr(text: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return html! {} };
    let (width, side) = (code.width(), code.width() + 2 * QUIET);
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let square = |at: usize| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    let path: String = dark.map(|(at, _)| square(at)).collect();
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" shape-rendering="crispEdges"
            aria-label="QR code with the secret that is written below" {
            (PreEscaped(format!("<rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/>")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shown_in_groups() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }

    #[test]
    fn the_qr_code_has_its_quiet_zone() {
        let svg = qr("hello").into_string();
        assert!(svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
        assert!(svg.contains("M4 4h1v1h-1z"), "the first finder begins after the quiet zone");
        assert!(!svg.contains("M3 "), "nothing is dark in the quiet zone");
    }
}
