//! Faults that change what the sandbox knows, a moment before a request needs it.

use jiff::Timestamp;
use serde_json::Value;

use super::Fault;
use crate::http::Ask;
use crate::room::Room;
use crate::sigv4::Signed;
use crate::state::Decision;

/// Spoils what the request relies on.
pub(crate) fn upset(room: &mut Room, fault: &Fault, ask: &Ask) {
    let member = |name: &str| {
        let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        body[name].as_str().unwrap_or_default().to_owned()
    };
    match fault {
        Fault::RevokedToken => {
            let token = ask.header("x-amz-sso_bearer_token").unwrap_or_default();
            if let Some(token) = room.state.access_tokens.get_mut(token) {
                token.revoked = true;
            }
        }
        Fault::ForgottenClient => drop(room.state.registrations.remove(&member("clientId"))),
        Fault::ExpiredCode => expire(room, &member("code"), &member("deviceCode")),
        Fault::DeniedUser => {
            if let Some(device) = room.state.devices.get_mut(&member("deviceCode")) {
                device.decision = Decision::Denied;
            }
        }
        Fault::RotatedKeys => withdraw(room, ask),
        _ => {}
    }
}

fn expire(room: &mut Room, code: &str, device_code: &str) {
    if let Some(code) = room.state.codes.get_mut(code) {
        code.expires = Timestamp::UNIX_EPOCH;
    }
    if let Some(device) = room.state.devices.get_mut(device_code) {
        device.expires = Timestamp::UNIX_EPOCH;
    }
}

/// Keys of IAM users stay: they are part of the world.
fn withdraw(room: &mut Room, ask: &Ask) {
    let Ok(Some(signed)) = Signed::of(ask) else { return };
    let key = room.state.keys.get(&signed.access_key_id);
    if key.is_some_and(|key| key.session_token.is_some()) {
        room.state.keys.remove(&signed.access_key_id);
    }
}
