//! `SerialNumber` and `TokenCode`.

use super::{access_denied, constraint};
use crate::http::{Refusal, first};
use crate::room::Room;
use crate::services::auth::Caller;

/// Whether the request proves that its sender holds the MFA device of the IAM
/// user whose key signed it. A wrong proof is an error, none is not.
pub(super) fn proven(
    room: &Room,
    caller: &Caller,
    parameters: &[(String, String)],
) -> Result<bool, Refusal> {
    let serial = first(parameters, "SerialNumber").filter(|text| !text.is_empty());
    let code = first(parameters, "TokenCode").filter(|text| !text.is_empty());
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => return Err(failed("must provide both MFA serial number and one time pass code.")),
    };
    check_form(serial, code)?;
    let mut keys = room.world.iam_keys.iter();
    let key = keys.find(|key| key.access_key_id == caller.access_key_id);
    let device = key.and_then(|key| key.mfa.as_ref()).filter(|device| device.serial == serial);
    let device = device.ok_or_else(|| {
        failed(
            "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
        )
    })?;
    if device.code == code { Ok(true) } else { Err(failed("with invalid MFA one time pass code.")) }
}

fn failed(why: &str) -> Refusal {
    let comma = if why.starts_with("with") { "" } else { "," };
    access_denied(format!("MultiFactorAuthentication failed{comma} {why}"))
}

fn check_form(serial: &str, code: &str) -> Result<(), Refusal> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b);
    if !(9..=256).contains(&serial.len()) || !serial.bytes().all(allowed) {
        let rule = "Member must satisfy regular expression pattern: [\\w+=/:,.@-]{9,256}";
        return Err(constraint(serial, "serialNumber", rule));
    }
    // The code is a secret, if a short-lived one: it is not repeated.
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(constraint("***", "tokenCode", "Member must be six digits"));
    }
    Ok(())
}
