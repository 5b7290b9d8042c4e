//! The one question of the clocks that takes a network: does the portal accept the
//! access token?

use crate::aws::Aws;
use crate::error::Error;
use crate::host::Host;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::token::SsoToken;
use crate::token::refresh::TokenKeeper;

/// What the portal says of a token that should live by the clock.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is good.
    Accepted,
    /// It is not, whatever the clock says: the session was ended.
    Refused,
    /// Nobody knows: the portal could not be asked, or said something else.
    Silent(Error),
}

/// Shows a login's access token to the portal, without renewing it; `None` where there
/// is none that lives.
pub async fn ask(host: &Host, aws: &Aws, plan: &SessionPlan) -> Option<Answer> {
    let token = TokenKeeper::new(host, aws, plan).kept().filter(|token| token.lives(host.now()))?;
    Some(show(host, aws, plan, &token).await)
}

async fn show(host: &Host, aws: &Aws, plan: &SessionPlan, token: &SsoToken) -> Answer {
    let region = Region::parse(&token.region).unwrap_or_else(|_| plan.region.value.clone());
    let hurried = match aws.hurried() {
        Ok(hurried) => hurried,
        Err(error) => return Answer::Silent(error),
    };
    // One account is enough: who has none gets an empty list, which is an answer, too.
    match hurried.list_accounts(&region, &token.access_token, Some(1), None).await {
        Ok(_) => Answer::Accepted,
        Err(fault) if fault.is_refusal() => Answer::Refused,
        Err(fault) => Answer::Silent(fault.into_error(host.now())),
    }
}
