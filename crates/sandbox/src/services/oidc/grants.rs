//! The three ways to pay for a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::token::{Granted, Input, begin_session};
use super::{invalid, refusal, required};
use crate::clock::after;
use crate::http::Refusal;
use crate::room::Room;
use crate::state::{Code, Decision, Device, RefreshToken, Registration};
use crate::strict;

/// What a `slow_down` adds to the interval (RFC 8628, 3.5).
const SLOW_DOWN_SECONDS: u64 = 5;
/// Polls that may come as they like: the AWS CLI makes its first two at once.
const FREE_POLLS: usize = 2;

fn invalid_grant(text: &str) -> Refusal {
    refusal("InvalidGrantException", text)
}

/// A code works once; seen again, it takes back what it bought (RFC 6749, 4.1.2).
pub(super) fn authorization_code(
    room: &mut Room,
    client: &Registration,
    input: Input,
) -> Result<Granted, Refusal> {
    let code = required(input.code, "code")?;
    let redirect_uri = required(input.redirect_uri, "redirectUri")?;
    let verifier = required(input.code_verifier, "codeVerifier")?;
    let now = room.now();
    let found =
        room.state.codes.get(&code).filter(|found| found.request.client_id == client.id).cloned();
    let found = found.ok_or_else(|| invalid_grant("there is no such authorization code"))?;
    if let Some(session) = &found.spent {
        room.state.revoke(session);
        return Err(invalid_grant("the authorization code was used before"));
    }
    check_code(&found, &redirect_uri, &verifier, now)?;
    let granted = begin_session(room, client, found.user, found.request.scopes);
    if let Some(code) = room.state.codes.get_mut(&code) {
        code.spent = Some(granted.session.clone());
    }
    Ok(granted)
}

fn check_code(
    code: &Code,
    redirect_uri: &str,
    verifier: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if now >= code.expires {
        return Err(invalid_grant("the authorization code has expired"));
    }
    if code.request.redirect_uri != redirect_uri {
        return Err(invalid_grant("redirectUri is not that of the authorization request"));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(allowed) {
        return Err(invalid("codeVerifier is not 43 to 128 of A-Z a-z 0-9 - . _ ~"));
    }
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != code.request.code_challenge {
        return Err(invalid_grant("codeVerifier does not fit the code challenge"));
    }
    Ok(())
}

/// One poll of the device flow.
pub(super) fn device_code(
    room: &mut Room,
    client: &Registration,
    input: Input,
) -> Result<Granted, Refusal> {
    let code = required(input.device_code, "deviceCode")?;
    let now = room.now();
    let device = room.state.devices.get_mut(&code).filter(|device| device.client_id == client.id);
    let device = device.ok_or_else(|| invalid_grant("there is no such device code"))?;
    check_poll(device, now)?;
    // Once for a device: the person who approves it should not wait for minutes.
    if room.options.strict
        && device.interval_seconds == room.options.device_interval_seconds
        && strict::slows_down(&mut room.dice)
    {
        device.interval_seconds += SLOW_DOWN_SECONDS;
        return Err(refusal("SlowDownException", "polls come too fast"));
    }
    let user = match &device.decision {
        Decision::Pending => {
            return Err(refusal("AuthorizationPendingException", "nobody has allowed it yet"));
        }
        Decision::Denied => {
            return Err(refusal("AccessDeniedException", "the person denied the request"));
        }
        Decision::Spent => return Err(invalid_grant("the device code was used before")),
        Decision::Approved(user) => user.clone(),
    };
    device.decision = Decision::Spent;
    Ok(begin_session(room, client, user, client.granted_scopes()))
}

/// Too late, or too soon after the last one: by the sandbox's clock.
fn check_poll(device: &mut Device, now: Timestamp) -> Result<(), Refusal> {
    if now >= device.expires {
        return Err(refusal("ExpiredTokenException", "the device code has expired"));
    }
    device.polls += 1;
    let due = device.last_poll.replace(now).map(|last| after(last, device.interval_seconds));
    // A millisecond for clients whose timer ends a little early.
    let early = due.is_some_and(|due| due.duration_since(now) > SignedDuration::from_millis(1));
    if early && device.polls > FREE_POLLS {
        device.interval_seconds += SLOW_DOWN_SECONDS;
        return Err(refusal("SlowDownException", "polls come too fast"));
    }
    Ok(())
}

/// A refresh token works once and begets the next.
pub(super) fn refresh_token(
    room: &mut Room,
    client: &Registration,
    input: Input,
) -> Result<Granted, Refusal> {
    let token = required(input.refresh_token, "refreshToken")?;
    let now = room.now();
    let found = room.state.refresh_tokens.get(&token).cloned();
    let found = found.ok_or_else(|| invalid_grant("there is no such refresh token"))?;
    let session = room
        .state
        .live_session(&found.session, now)
        .filter(|session| session.client_id == client.id);
    let session = session.ok_or_else(|| invalid_grant("the session has ended"))?;
    if room.world.user(&session.user).is_none() {
        return Err(invalid_grant("the user is gone"));
    }
    check_reuse(room, &found, now)?;
    let replaced =
        room.options.rotate_refresh_tokens && !room.options.omit_refresh_token_on_refresh;
    if let Some(token) = room.state.refresh_tokens.get_mut(&token).filter(|_| replaced) {
        token.spent.get_or_insert(now);
    }
    Ok(Granted { session: found.session, with_refresh_token: replaced })
}

/// A spent token seen again was stolen, or two processes share it without a lock.
fn check_reuse(room: &mut Room, token: &RefreshToken, now: Timestamp) -> Result<(), Refusal> {
    let Some(spent) = token.spent else { return Ok(()) };
    if now < after(spent, room.options.refresh_grace_seconds) {
        return Ok(());
    }
    if room.options.revoke_family_on_reuse {
        room.state.revoke(&token.session);
    }
    Err(invalid_grant("the refresh token was used before"))
}
