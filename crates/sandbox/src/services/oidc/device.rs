//! `StartDeviceAuthorization`.

use serde::Deserialize;
use serde_json::json;

use super::{client, input, invalid, refusal, required};
use crate::clock::after;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::state::{DEVICE_CODE, Decision, Device};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    client_id: Option<String>,
    client_secret: Option<String>,
    start_url: Option<String>,
}

pub(super) fn start_device_authorization(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let input: Input = input(ask)?;
    let id = required(input.client_id, "clientId")?;
    let registration = client(room, ask, &id, &required(input.client_secret, "clientSecret")?)?;
    if !registration.allows(DEVICE_CODE) {
        return Err(refusal(
            "UnauthorizedClientException",
            "the client is not registered for device codes",
        ));
    }
    if !room.world.is_start_url(&required(input.start_url, "startUrl")?) {
        return Err(invalid("startUrl is not this organization's start URL"));
    }
    let (code, device) = (random::device_code(), device(room, id));
    let page = format!("{}/device", room.endpoints.sso_oidc);
    let body = json!({
        "deviceCode": code,
        "userCode": device.user_code,
        "verificationUri": page,
        "verificationUriComplete": format!("{page}?user_code={}", device.user_code),
        "expiresIn": room.options.device_code_seconds,
        "interval": device.interval_seconds,
    });
    room.state.devices.insert(code, device);
    Ok(Answer::json(200, &body))
}

fn device(room: &Room, client_id: String) -> Device {
    Device {
        client_id,
        user_code: random::user_code(),
        expires: after(room.now(), room.options.device_code_seconds),
        interval_seconds: room.options.device_interval_seconds,
        last_poll: None,
        polls: 0,
        decision: Decision::Pending,
    }
}
