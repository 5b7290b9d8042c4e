//! What stands behind a console sign-in link: who one is.

use jiff::Timestamp;
use maud::html;

use super::layout::Page;
use crate::http::Answer;
use crate::state::Principal;

/// There is no console here: a page says who would be in it, and where.
pub(crate) fn federated(principal: &Principal, destination: &str, ends: Timestamp) -> Answer {
    let ends = ends.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let content = html! {
        p.lead { "Here the console of the real AWS would open. It would know you as:" }
        dl.facts {
            dt { "Identity" }
            dd { code #arn { (principal.arn) } }
            dt { "Account" }
            dd { code #account { (principal.account) } }
            dt { "Until" }
            dd { (ends) }
            dt { "Destination" }
            dd { code #destination { (destination) } }
        }
    };
    Page::new("Management console", content).answer()
}
