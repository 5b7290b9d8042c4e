//! Where one stands, as data: `docs/status.schema.json` describes it.

use super::Standpoint;
use daypass_core::clocks::portal::Answer;
use daypass_core::clocks::{
    Basis, InForce, Orphan, Override, Renewal, RoleClock, RoleEnd, SessionClock, SessionEnd,
    Standing, StoreState, TokenClock, Unseen,
};
use daypass_core::host::Host;
use daypass_core::resolve::credentials::CredentialPlan;
use daypass_core::token::decide::Why;
use daypass_core::token::format_time;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Additive changes only.
const VERSION: u32 = 1;

pub(super) fn of(point: &Standpoint, host: &Host) -> Value {
    let now = point.now;
    let session = |(at, one): (usize, &SessionClock)| {
        session(one, point.answers.get(at).and_then(Option::as_ref), now)
    };
    let (state, detail) = store(&point.store);
    json!({
        "Version": VERSION,
        "Now": format_time(now),
        "Profile": in_force(&point.force, now),
        "Sessions": point.sessions.iter().enumerate().map(session).collect::<Vec<_>>(),
        "Roles": point.roles.iter().map(|one| role(one, now)).collect::<Vec<_>>(),
        "Orphans": point.orphans.iter().map(|one| orphan(one, host, now)).collect::<Vec<_>>(),
        "Store": { "State": state, "Detail": detail },
    })
}

fn in_force(force: &InForce, now: Timestamp) -> Value {
    let mut value = role(&force.clock, now);
    value["Origin"] = json!(force.name.origin.to_string());
    value["Place"] = json!(force.place.as_ref().map(ToString::to_string));
    value["RegionOrigin"] = json!(force.clock.region.as_ref().map(|r| r.origin.to_string()));
    value["Overrides"] = force.overrides.iter().map(overridden).collect();
    value
}

/// What the environment says against the profile.
pub fn overridden(one: &Override) -> Value {
    let (kind, arn) = match one {
        Override::Keys => ("environment-keys", None),
        Override::HubRole(arn) | Override::HubRoleElsewhere(arn) => ("hub-role", Some(arn)),
    };
    json!({ "Kind": kind, "RoleArn": arn, "InForce": one.is_in_force() })
}

fn session(one: &SessionClock, answer: Option<&Answer>, now: Timestamp) -> Value {
    let plan = one.plan.as_ref().ok();
    let (standing, why) = standing(one, now);
    let token = one.token.held();
    json!({
        "Name": one.name,
        "StartUrl": plan.map(|plan| plan.start_url.value.raw()),
        "SsoRegion": plan.map(|plan| plan.region.value.as_str()),
        "Standing": standing,
        "Why": why,
        "Problem": one.plan.as_ref().err().map(ToString::to_string),
        "AccessToken": token.map(|token| access_token(token, now)),
        "Refresh": token.map(|token| refresh(token, &one.end)),
        "SessionEnd": end(&one.end),
        "User": one.user.as_ref().map(|user| json!({
            "Name": user.name, "SeenAt": format_time(user.at),
        })),
        "Portal": answer.map(said),
        "Profiles": one.profiles,
        "LoginCommand": plan.map(|plan| plan.login_command()),
    })
}

fn standing(one: &SessionClock, now: Timestamp) -> (&'static str, Option<&'static str>) {
    if one.plan.is_err() {
        return ("broken", None);
    }
    match one.standing(now) {
        Standing::LoggedIn => ("logged-in", None),
        Standing::Renewable => ("renewable", None),
        Standing::Locked => ("locked", None),
        Standing::LoginNeeded(why) => (
            "login-needed",
            Some(match why {
                Why::Absent => "absent",
                Why::Unreadable => "unreadable",
                Why::NotRefreshable => "not-refreshable",
                Why::RegistrationExpired => "registration-expired",
                Why::SessionEnded => "session-ended",
            }),
        ),
    }
}

fn access_token(token: &TokenClock, now: Timestamp) -> Value {
    json!({
        "ExpiresAt": format_time(token.expires_at),
        "SecondsLeft": seconds_left(token.expires_at, now),
        "Sealed": token.is_sealed,
    })
}

/// The refresh horizon: the client registration's end bounds it, the session's may
/// come sooner.
fn refresh(token: &TokenClock, end: &SessionEnd) -> Value {
    let (possible, until) = match token.renewal {
        Renewal::Never => (false, None),
        Renewal::Over(end) => (false, Some(end)),
        Renewal::Until(until) => (!matches!(end, SessionEnd::Ended(_)), until),
    };
    json!({ "Possible": possible, "RegistrationExpiresAt": until.map(format_time) })
}

/// When a session ends.
pub fn end(end: &SessionEnd) -> Value {
    let (state, earliest, latest, basis) = match end {
        SessionEnd::Unknown(why) => ("unknown", None, None, Some(unseen(*why))),
        SessionEnd::Ended(at) => ("ended", None, Some(*at), Some("refresh-refused")),
        SessionEnd::Estimated { earliest, latest, basis } => {
            let basis = match basis {
                Basis::CutToken => "cut-token",
                Basis::Earlier(_) => "earlier-sessions",
            };
            ("estimated", Some(*earliest), Some(*latest), Some(basis))
        }
    };
    json!({
        "State": state,
        "Earliest": earliest.map(format_time),
        "Latest": latest.map(format_time),
        "Basis": basis,
    })
}

fn unseen(why: Unseen) -> &'static str {
    match why {
        Unseen::NoLogin => "no-login",
        Unseen::NoneEnded => "none-ended",
        Unseen::OtherTool => "other-tool",
        Unseen::Outlived => "outlived",
    }
}

fn said(answer: &Answer) -> Value {
    let (word, detail) = match answer {
        Answer::Accepted => ("accepted", None),
        Answer::Refused => ("refused", None),
        Answer::Silent(error) => ("silent", Some(error.to_string())),
    };
    json!({ "Answer": word, "Detail": detail })
}

fn role(one: &RoleClock, now: Timestamp) -> Value {
    let (account, role) = one.account_and_role();
    let plan = one.plan.as_ref().ok();
    let login = plan.and_then(crate::deliver::lifetime::login);
    json!({
        "Name": one.profile,
        "Source": plan.map(source),
        "Session": login.and_then(|role| role.session.name.as_ref()).map(ToString::to_string),
        "AccountId": account,
        "RoleName": role,
        "Region": one.region.as_ref().map(|region| region.value.as_str()),
        "Credentials": credentials(one.end, now),
        "Problem": one.plan.as_ref().err().map(ToString::to_string),
    })
}

/// The kind of a source, in one word.
pub fn source(plan: &CredentialPlan) -> &'static str {
    match plan {
        CredentialPlan::Sso(_) => "sso",
        CredentialPlan::AssumeRole(_) => "assume-role",
        CredentialPlan::WebIdentity(_) => "web-identity",
        CredentialPlan::Static(_) => "keys",
        CredentialPlan::Kept(_) => "kept-keys",
        CredentialPlan::Process(_) => "process",
        CredentialPlan::Surroundings => "surroundings",
    }
}

fn credentials(end: RoleEnd, now: Timestamp) -> Value {
    let (state, expires_at) = match end {
        RoleEnd::Held { expires_at, .. } => ("kept", Some(expires_at)),
        RoleEnd::AtHand(end) => ("at-hand", end),
        RoleEnd::Never => ("long-lived", None),
        RoleEnd::Absent => ("none", None),
        RoleEnd::Locked => ("locked", None),
        RoleEnd::NotKept => ("not-kept", None),
    };
    json!({
        "State": state,
        "ExpiresAt": expires_at.map(format_time),
        "SecondsLeft": expires_at.map(|end| seconds_left(end, now)),
    })
}

fn orphan(one: &Orphan, host: &Host, now: Timestamp) -> Value {
    json!({
        "Place": one.path.as_ref().map(|path| host.shorten(path)),
        "StartUrl": one.start_url,
        "ExpiresAt": format_time(one.token.expires_at),
        "SecondsLeft": seconds_left(one.token.expires_at, now),
        "Refreshable": matches!(one.token.renewal, Renewal::Until(_)),
    })
}

fn seconds_left(end: Timestamp, now: Timestamp) -> i64 {
    end.duration_since(now).as_secs().max(0)
}

fn store(state: &StoreState) -> (&'static str, Option<String>) {
    match state {
        StoreState::Open => ("open", None),
        StoreState::Empty => ("empty", None),
        StoreState::Locked(backend) => ("locked", Some(backend.to_string())),
        StoreState::Broken(why) => ("broken", Some(why.clone())),
    }
}
