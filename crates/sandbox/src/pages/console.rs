//! `/start/console`: what the management console would be told, and by whom.

use maud::html;

use super::layout::Page;
use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::services::portal::role_credentials;
use crate::state::Purpose;

/// There is no console here: a page says who one is.
pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let Some((user, who)) = browser::who(room, ask) else {
        return Ok(visit::begin(room, ask, Purpose::AccessPortal));
    };
    let account = ask.parameter("account_id").unwrap_or_default();
    let role = ask.parameter("role_name").unwrap_or_default();
    let (_, key) = role_credentials(room, &user, account, role)?;
    let ends = key.expires.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let content = html! {
        p.lead { "Here the console of the real AWS would open. It would know you as:" }
        dl.facts {
            dt { "Account" } dd { (account) }
            dt { "Role" } dd { (role) }
            dt { "ARN" } dd { code { (key.principal.arn) } }
            dt { "Until" } dd { (ends.unwrap_or_default()) }
        }
        p { a href=(super::PORTAL) { "Back to the access portal" } }
    };
    Ok(Page::new("Management console", content).portal(who).answer())
}
