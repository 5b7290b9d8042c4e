//! Whether somebody is logged in: asked of the portal, since neither a file's time nor
//! the token's own knows of a session that was ended.

use crate::aws::{Aws, Fault};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::token::SsoToken;
use crate::token::refresh::TokenKeeper;

/// How a login stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// The portal takes the token.
    Valid {
        /// The token.
        token: SsoToken,
        /// It was renewed just now.
        refreshed: bool,
    },
    /// The token lives by its own clock, and the portal could not be asked.
    Unasked {
        /// The token.
        token: SsoToken,
        /// Why not.
        why: Error,
    },
    /// Only a login helps, for this reason.
    Needed(Error),
}

/// Asks, and renews what can be renewed: under the lock, as any command does.
///
/// # Errors
/// The token is dead and its service cannot be reached; the store's own; an answer of
/// the portal that is about something else than the login.
pub async fn standing(host: &Host, aws: &Aws, plan: &SessionPlan) -> Result<Standing> {
    let keeper = TokenKeeper::new(host, aws, plan);
    let before = keeper.kept();
    let is_new = |token: &SsoToken| {
        before.as_ref().is_none_or(|before| before.access_token != token.access_token)
    };
    let token = match keeper.current().await {
        Ok(token) => token,
        Err(error) => return needed(error),
    };
    let fault = match ask(aws, plan, &token).await {
        Ok(()) => return Ok(Standing::Valid { refreshed: is_new(&token), token }),
        Err(fault) => fault,
    };
    if fault.is_refusal() {
        return match keeper.after_refusal(&token).await {
            Ok(token) => confirmed(host, aws, plan, token).await,
            Err(error) => needed(error),
        };
    }
    unasked(host, token, fault)
}

/// A token in place of one that was refused is not believed either before it is asked.
async fn confirmed(
    host: &Host,
    aws: &Aws,
    plan: &SessionPlan,
    token: SsoToken,
) -> Result<Standing> {
    match ask(aws, plan, &token).await {
        Ok(()) => Ok(Standing::Valid { token, refreshed: true }),
        Err(fault) if fault.is_refusal() => Ok(Standing::Needed(
            Error::new(Kind::LoginNeeded, "the portal does not take the token, new as it is")
                .because(fault.into_error(host.now()).to_string())
                .hint(format!("run `{}`", plan.login_command())),
        )),
        Err(fault) => unasked(host, token, fault),
    }
}

/// The cheapest question there is: one account, of however many.
async fn ask(aws: &Aws, plan: &SessionPlan, token: &SsoToken) -> Result<(), Fault> {
    let region = Region::parse(&token.region).unwrap_or_else(|_| plan.region.value.clone());
    // Nobody should wait a minute to hear that there is no network.
    let hurried = aws.hurried().ok();
    let aws = hurried.as_ref().unwrap_or(aws);
    aws.list_accounts(&region, &token.access_token, Some(1), None).await.map(drop)
}

fn needed(error: Error) -> Result<Standing> {
    match error.kind() {
        Kind::LoginNeeded => Ok(Standing::Needed(error)),
        _ => Err(error),
    }
}

fn unasked(host: &Host, token: SsoToken, fault: Fault) -> Result<Standing> {
    let passing = fault.is_passing();
    let why = fault.into_error(host.now());
    if passing { Ok(Standing::Unasked { token, why }) } else { Err(why) }
}
