//! Calls that are signed: STS, S3.

use super::retold;
use crate::aws::Fault;
use crate::credentials::Provided;
use crate::error::Error;
use crate::names::Region;
use crate::resolve::Origin;
use crate::resolve::credentials::{AssumeRolePlan, CredentialPlan, KeptPlan};
use crate::resolve::profile::Chosen;
use crate::resolve::sso::{of_profile, shell_word};
use jiff::Timestamp;

/// What the services say of a key that has ended.
const ENDED: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// "The security token included in the request is invalid", and its sisters.
const UNKNOWN: [&str; 4] =
    ["InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "InvalidToken"];

const MISSIGNED: [&str; 2] = ["SignatureDoesNotMatch", "InvalidSignatureException"];

/// Regions that an account has to be opened for. STS there says of every key from
/// elsewhere that its token is invalid.
const OPT_IN: [&str; 17] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// What is wrong with the keys, if anything.
#[derive(Clone, Copy)]
enum Trouble {
    Ended,
    Unknown,
    Missigned,
}

fn trouble(fault: &Fault, now: Timestamp) -> Option<Trouble> {
    let is_one_of = |codes: &[&str]| codes.iter().any(|code| fault.is(code));
    let skewed = fault.answer().is_some_and(|answer| super::clock::off(answer, now).is_some());
    if is_one_of(&MISSIGNED) && !skewed {
        return Some(Trouble::Missigned);
    }
    if is_one_of(&ENDED) {
        return Some(Trouble::Ended);
    }
    is_one_of(&UNKNOWN).then_some(Trouble::Unknown)
}

/// A fault of a call that was signed with the credentials of a profile, or with keys
/// that stand in a variable or a file. `region` is where the call went.
pub fn signed(
    fault: Fault,
    now: Timestamp,
    chosen: &Chosen<'_>,
    provided: Option<&Provided>,
    region: Option<&Region>,
) -> Error {
    let Some(trouble) = trouble(&fault, now) else { return fault.into_error(now) };
    if let Some(origin) = provided.and_then(|provided| provided.origin.as_ref()) {
        return pasted(fault, now, trouble, origin);
    }
    let profile = chosen.shown();
    let error = retold(
        fault,
        now,
        match trouble {
            Trouble::Ended => format!("the temporary credentials of profile {profile} have ended"),
            Trouble::Unknown => {
                format!("AWS does not know the access key that profile {profile} uses")
            }
            Trouble::Missigned => format!("AWS does not accept what profile {profile} signs with"),
        },
    );
    let error = about_region(error, trouble, region);
    match of_profile(&chosen.profile, &chosen.name.value) {
        Ok(session) => error.hint(format!("run `{}`", session.login_command())),
        Err(_) => error.hint("see where the keys come from with `daypass configure list`"),
    }
}

fn about_region(error: Error, trouble: Trouble, region: Option<&Region>) -> Error {
    match region.filter(|region| OPT_IN.contains(&region.as_str())) {
        Some(region) if matches!(trouble, Trouble::Unknown) => error.because(format!(
            "the same is said where an account is not enabled for a region, and {region} is one \
             that has to be"
        )),
        _ => error,
    }
}

/// Keys from a variable or a file: no login makes those good again.
fn pasted(fault: Fault, now: Timestamp, trouble: Trouble, origin: &Origin) -> Error {
    let error = retold(
        fault,
        now,
        match trouble {
            Trouble::Ended => format!("the temporary credentials in {origin} have ended"),
            Trouble::Unknown => format!("AWS does not know the access key in {origin}"),
            Trouble::Missigned => {
                format!("the secret access key does not belong to the access key ID in {origin}")
            }
        },
    );
    match origin {
        Origin::Variable(_) => error.hint(
            "run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`, so that the profile's login is used",
        ),
        _ => error.hint(format!("replace or remove the keys at {origin}")),
    }
}

/// AssumeRole paid by a role lasts an hour at most, whatever the role allows.
pub(crate) fn chained(plan: &AssumeRolePlan, fault: Fault, now: Timestamp) -> Error {
    const CHAINED: i32 = 3600;
    let is_chained = matches!(plan.source, CredentialPlan::Sso(_) | CredentialPlan::AssumeRole(_));
    let asked = plan.duration_seconds.filter(|asked| is_chained && *asked > CHAINED);
    let error = fault.into_error(now);
    match asked {
        Some(asked) => error
            .because(format!("duration_seconds is {asked}, and a role that is assumed by a role lasts 3600 seconds at most"))
            .hint("set duration_seconds to 3600 or remove it: daypass assumes the role again by itself"),
        None => error,
    }
}

/// A long-lived key of the store, of which STS made no session.
pub(crate) fn kept(plan: &KeptPlan, fault: Fault, now: Timestamp) -> Error {
    let Some(Trouble::Unknown) = trouble(&fault, now) else { return fault.into_error(now) };
    let name = crate::error::quoted(&plan.keys.value);
    retold(fault, now, format!("AWS does not know the access key of {name} in the store"))
        .because("it may have been deactivated or deleted")
        .hint(format!("put a new one there with `daypass vault add {}`", shell_word(&plan.profile)))
}
