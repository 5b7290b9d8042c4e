//! The commands, one verb a file.

pub mod attend;
pub mod completion;
pub mod configure;
pub mod credential_process;
pub mod env;
pub mod exec;
pub mod s3;
pub mod sandbox;
pub mod serve;
pub mod sso;
pub mod sts;
pub mod tour;
pub mod vault;

use daypass_core::Error;
use daypass_core::aws::Fault;
use daypass_core::credentials::Provided;
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::Chosen;
use jiff::Timestamp;

/// A fault of a signed call, with what it means for the person: "the security
/// token is invalid" is the commonest message of all, and says nothing.
pub fn explained(
    fault: Fault,
    now: Timestamp,
    chosen: &Chosen<'_>,
    provided: Option<&Provided>,
) -> Error {
    let expired = ["ExpiredToken", "ExpiredTokenException"].iter().any(|code| fault.is(code));
    let unknown = [
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "InvalidToken",
    ]
    .iter()
    .any(|code| fault.is(code));
    let error = fault.into_error(now);
    if !(expired || unknown) {
        return error;
    }
    if let Some(origin) = provided.and_then(|provided| provided.origin.as_ref()) {
        return pasted(error, expired, origin);
    }
    let error = error.because(match expired {
        true => format!("the temporary credentials of profile {} have ended", chosen.shown()),
        false => format!("AWS does not know the access key that profile {} uses", chosen.shown()),
    });
    match daypass_core::resolve::sso::of_profile(&chosen.profile, &chosen.name.value) {
        Ok(session) => error.hint(format!("run `{}`", session.login_command())),
        Err(_) => error.hint("see where the keys come from with `daypass configure list`"),
    }
}

/// Keys from a variable or a file: no login makes those good again.
fn pasted(error: Error, expired: bool, origin: &Origin) -> Error {
    let error = error.because(match expired {
        true => format!("the temporary credentials in {origin} have ended"),
        false => format!("AWS does not know the access key in {origin}"),
    });
    match origin {
        Origin::Variable(_) => error.hint(
            "run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`, so that the profile's login is used",
        ),
        _ => error.hint(format!("replace or remove the keys at {origin}")),
    }
}
