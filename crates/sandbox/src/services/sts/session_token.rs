//! `GetSessionToken`: temporary keys of an IAM user, for whoever has long-lived ones.

use jiff::SignedDuration;

use super::{Issued, access_denied, duration_seconds, mfa, respond};
use crate::http::{Answer, Refusal};
use crate::room::Room;
use crate::services::auth::Caller;
use crate::state::Principal;

/// Longest life of such keys, 36 hours.
const MOST_SECONDS: i64 = 129_600;
/// Their life if none is asked for.
const DEFAULT: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn get_session_token(
    room: &mut Room,
    caller: &Caller,
    parameters: &[(String, String)],
) -> Result<Answer, Refusal> {
    if caller.temporary {
        return Err(access_denied("Cannot call GetSessionToken with session credentials"));
    }
    let life = duration_seconds(parameters, MOST_SECONDS)?.unwrap_or(DEFAULT);
    let mfa = mfa::proven(room, caller, parameters)?;
    if !mfa && wants_mfa(room, caller) {
        let who = &caller.principal.arn;
        let text = format!(
            "User: {who} is not authorized to perform: sts:GetSessionToken because no identity-based policy allows \
             it without multi-factor authentication"
        );
        return Err(access_denied(text));
    }
    let principal = Principal { mfa, ..caller.principal.clone() };
    let issued = Issued::to(principal, room.now(), life);
    let answer = respond("GetSessionToken", |xml| issued.write(xml));
    let now = room.now();
    room.state.keep_key(issued.id, issued.key, now);
    Ok(answer)
}

fn wants_mfa(room: &Room, caller: &Caller) -> bool {
    let mut keys = room.world.iam_keys.iter();
    keys.any(|key| key.access_key_id == caller.access_key_id && key.mfa.is_some())
}
