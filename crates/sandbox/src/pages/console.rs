//! `/start/console`: from the access portal to the management console's sign-in.

use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::services::federation::login_link;
use crate::services::portal::role_credentials;
use crate::state::Purpose;

/// Leads on with a token of the role, as the real portal does.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let Some(user) = browser::user(room, ask) else {
        return Ok(visit::begin(room, ask, Purpose::AccessPortal));
    };
    let account = ask.parameter("account_id").unwrap_or_default();
    let role = ask.parameter("role_name").unwrap_or_default();
    let (_, key) = role_credentials(room, &user, account, role)?;
    let answer = Answer::redirect(303, login_link(room, key)).with("cache-control", "no-store");
    Ok(answer.with("referrer-policy", "no-referrer"))
}
