//! Where one stands, in sentences.

use super::sheet::{Ink, Paper, Sheet};
use super::words::{left, span};
use super::{About, Standpoint};
use daypass_core::clocks::portal::Answer;
use daypass_core::clocks::{
    Basis, InForce, Override, Renewal, RoleClock, RoleEnd, SessionClock, SessionEnd, Standing,
    StoreState, TokenState, Unseen,
};
use daypass_core::resolve::credentials::CredentialPlan;
use daypass_core::resolve::{Origin, SessionPlan};
use daypass_core::token::decide::Why;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Names in a row; a thousand profiles are a number.
const MOST_NAMES: usize = 6;

/// The whole text.
pub(super) fn of(point: &Standpoint, paper: &Paper) -> String {
    if point.about == About::Everything && point.is_blank() {
        return first_steps();
    }
    let mut sheet = Sheet::new(paper);
    if point.about != About::Session {
        in_force(&mut sheet, point);
    }
    for (at, session) in point.sessions.iter().enumerate() {
        let answer = point.answers.get(at).and_then(Option::as_ref);
        login(&mut sheet, point, session, answer);
    }
    others(&mut sheet, point);
    orphans(&mut sheet, point);
    store(&mut sheet, &point.store);
    next(&mut sheet, point);
    sheet.finish()
}

fn first_steps() -> String {
    "Nothing is set up yet: there is no profile and no sso-session.\n\n  \
     daypass tour            shows the whole way on a practice server, in a minute\n  \
     daypass configure sso   sets up your organization's access portal, and logs in\n\n\
     Then `daypass s3 ls --profile NAME` works, and so do boto3 and the AWS CLI.\n\
     `daypass --help` lists every command.\n"
        .to_owned()
}

fn in_force(sheet: &mut Sheet<'_>, point: &Standpoint) {
    let force = &point.force;
    if !point.is_anything_in_force() {
        let why = "none (no --profile, no AWS_PROFILE, no default profile)";
        return sheet.heading("Profile in force", why, Ink::Fair);
    }
    let ink = if force.clock.plan.is_ok() { Ink::Good } else { Ink::Bad };
    sheet.heading("Profile in force", &named(force, point.keys_of.as_deref()), ink);
    for one in &force.overrides {
        sheet.row("but", &overridden(one, point.keys_of.as_deref()));
    }
    match &force.clock.plan {
        Ok(plan) => sheet.row("source", &source(plan)),
        Err(error) => sheet.row("problem", &error.to_string()),
    }
    if let Some(region) = &force.clock.region {
        sheet.row("region", &format!("{} (from {})", region.value, region.origin));
    }
    if force.clock.plan.is_ok() {
        sheet.row("credentials", &credentials(force.clock.end, point.now));
    }
}

/// The profile in force, and where that comes from.
pub fn named(force: &InForce, keys_of: Option<&str>) -> String {
    let name = &force.name.value;
    let is_overridden = force.overrides.iter().any(Override::is_in_force);
    match (&force.name.origin, &force.place, keys_of) {
        (_, _, Some(of)) if is_overridden => format!("{of} (put into the environment by daypass)"),
        (Origin::Default, None, _) if is_overridden => "none (the environment answers)".to_owned(),
        (Origin::Default, None, _) => format!("{name} (the default, which no file has)"),
        (origin, None, _) => format!("{name} (from {origin}, and no file has it)"),
        (Origin::Default, Some(place), _) => format!("{name} (the default, {place})"),
        (origin, Some(place), _) => format!("{name} (from {origin}, {place})"),
    }
}

/// What the environment says against the profile.
pub fn overridden(one: &Override, keys_of: Option<&str>) -> String {
    match (one, keys_of) {
        (Override::Keys, Some(_)) => "the keys in the environment answer until they end; `daypass \
             exec` without --env renews them"
            .to_owned(),
        (Override::Keys, None) => "AWS_ACCESS_KEY_ID is set: the keys in the environment answer, \
             whatever the profile says (JavaScript alone takes the profile); `unset \
             AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN` ends that"
            .to_owned(),
        (Override::HubRole(arn), _) => format!(
            "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are set: this machine's role {arn} answers"
        ),
        (Override::HubRoleElsewhere(arn), _) => format!(
            "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are set: the AWS CLI and boto3 take \
             this machine's role {arn} in place of the profile, daypass does not; `daypass exec` \
             removes them for its command"
        ),
    }
}

/// Where credentials come from.
pub fn source(plan: &CredentialPlan) -> String {
    match plan {
        CredentialPlan::Sso(role) => format!(
            "role {} in account {}, by {}",
            role.role_name,
            role.account_id,
            by(&role.session)
        ),
        CredentialPlan::AssumeRole(role) => {
            format!("{}, assumed by {}", role.role_arn, source(&role.source))
        }
        CredentialPlan::WebIdentity(role) => {
            format!("{}, with the token file that {} names", role.role_arn, role.origin)
        }
        CredentialPlan::Static(keys) => format!("keys in {}", keys.origin),
        CredentialPlan::Kept(key) => {
            format!("the access key `{}` in daypass' store", key.keys.value)
        }
        CredentialPlan::Process(process) => {
            format!("the program at {}", process.command.origin)
        }
        CredentialPlan::Surroundings => {
            "this machine or container, if it has a role; the files name nothing".to_owned()
        }
    }
}

fn by(session: &SessionPlan) -> String {
    match &session.name {
        Some(name) => format!("sso-session {name}"),
        None => format!("start URL {}", session.start_url.value.raw()),
    }
}

/// When credentials end.
pub fn credentials(end: RoleEnd, now: Timestamp) -> String {
    match end {
        RoleEnd::Held { expires_at, .. } => format!("kept, {}", left(expires_at, now)),
        RoleEnd::AtHand(Some(end)) => format!("at hand, {}", left(end, now)),
        RoleEnd::AtHand(None) => "at hand; nobody says when they end".to_owned(),
        RoleEnd::Never => "a long-lived key, which never ends by itself".to_owned(),
        RoleEnd::Absent => "none kept; the next command gets some".to_owned(),
        RoleEnd::Locked => "not to be seen: the store is locked".to_owned(),
        RoleEnd::NotKept => "not kept; the source is asked each time".to_owned(),
    }
}

/// One login, all its clocks.
fn login(
    sheet: &mut Sheet<'_>,
    point: &Standpoint,
    session: &SessionClock,
    answer: Option<&Answer>,
) {
    let (state, ink) = state(session, answer, point.now);
    sheet.heading(&session.shown(), state, ink);
    let plan = match &session.plan {
        Ok(plan) => plan,
        Err(error) => return sheet.row("problem", &error.to_string()),
    };
    let portal = plan.start_url.value.raw();
    sheet.row("portal", &format!("{portal} in {}", plan.region.value));
    if let Some(user) = &session.user {
        let ago = span(point.now.duration_since(user.at));
        sheet.row("user", &format!("{} (so AWS said {ago} ago)", user.name));
    }
    match &session.token {
        TokenState::Held(token) => {
            let sealed = if token.is_sealed { ", sealed" } else { "" };
            sheet.row("access token", &format!("{}{sealed}", left(token.expires_at, point.now)));
            sheet.row("renewal", &renewal(token.renewal, &session.end, point.now));
            sheet.row("session", &end(&session.end, point.now));
        }
        TokenState::Locked => sheet.row("access token", "sealed in the store, which is locked"),
        TokenState::Unreadable(path) => {
            let why = format!("{} cannot be read as a token", path.display());
            sheet.row("access token", &why);
        }
        TokenState::Absent => {}
    }
    if let Some(answer) = answer {
        sheet.row("asked now", &said(answer));
    }
    sheet.row("profiles", &profiles(point, &session.profiles));
}

fn state(session: &SessionClock, answer: Option<&Answer>, now: Timestamp) -> (&'static str, Ink) {
    if session.plan.is_err() {
        return ("set up incompletely", Ink::Bad);
    }
    if matches!(answer, Some(Answer::Refused)) {
        return ("the portal refuses the token", Ink::Bad);
    }
    match session.standing(now) {
        Standing::LoggedIn => match session.end {
            SessionEnd::Ended(_) => ("logged in, and about to end", Ink::Fair),
            _ => ("logged in", Ink::Good),
        },
        Standing::Renewable => ("logged in; the next command renews the token", Ink::Fair),
        Standing::Locked => ("not to be seen: the store is locked", Ink::Fair),
        Standing::LoginNeeded(why) => (needed(why), Ink::Bad),
    }
}

fn needed(why: Why) -> &'static str {
    match why {
        Why::Absent => "logged out",
        Why::Unreadable => "login needed: the token cannot be read",
        Why::NotRefreshable => "login needed: the token has ended",
        Why::RegistrationExpired => "login needed: the client registration has ended",
        Why::SessionEnded => "login needed: the session has ended",
    }
}

fn renewal(renewal: Renewal, session: &SessionEnd, now: Timestamp) -> String {
    match renewal {
        Renewal::Never => "none: there is no refresh token".to_owned(),
        Renewal::Over(end) => format!("none: the client registration {}", left(end, now)),
        _ if matches!(session, SessionEnd::Ended(_)) => "none any more".to_owned(),
        Renewal::Until(None) => "by itself, while the session lasts".to_owned(),
        Renewal::Until(Some(end)) => {
            format!("by itself, while the session lasts (registration: {})", left(end, now))
        }
    }
}

/// When a session ends, and how that is known.
pub fn end(end: &SessionEnd, now: Timestamp) -> String {
    match end {
        SessionEnd::Ended(at) => {
            format!("ended: a refresh was refused {} ago", span(now.duration_since(*at)))
        }
        SessionEnd::Estimated { latest, .. } if *latest <= now => {
            "should have ended by now (estimated)".to_owned()
        }
        SessionEnd::Estimated { earliest, latest, basis } => {
            let span_of = |end: Timestamp| span(end.duration_since(now));
            let time = match (end.is_sharp(), earliest.duration_since(now).is_positive()) {
                (true, _) => format!("about {} left", span_of(*earliest.max(&now))),
                (false, true) => format!("{} to {} left", span_of(*earliest), span_of(*latest)),
                (false, false) => format!("at most {} left", span_of(*latest)),
            };
            format!("{time} (estimated {})", basis_of(*basis))
        }
        SessionEnd::Unknown(why) => format!("end unknown: {}", unseen(*why)),
    }
}

fn basis_of(basis: Basis) -> String {
    match basis {
        Basis::CutToken => "from its last token, which was cut short".to_owned(),
        Basis::Earlier(1) => "from the session before".to_owned(),
        Basis::Earlier(count) => format!("from {count} earlier sessions"),
    }
}

fn unseen(why: Unseen) -> &'static str {
    match why {
        Unseen::NoLogin => "nobody is logged in",
        Unseen::NoneEnded => "no session was seen to end yet",
        Unseen::OtherTool => "another tool has logged in or renewed the token",
        Unseen::Outlived => "it has outlived the sessions before it",
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Accepted => "the portal accepts the token".to_owned(),
        Answer::Refused => "the portal refuses the token: the session was ended".to_owned(),
        Answer::Silent(error) => format!("the portal did not say: {error}"),
    }
}

/// Those with credentials first.
fn profiles(point: &Standpoint, names: &[String]) -> String {
    let clocks: BTreeMap<&str, &RoleClock> =
        point.roles.iter().map(|role| (role.profile.as_str(), role)).collect();
    let mut with: Vec<(&String, Timestamp)> = Vec::new();
    let mut without: Vec<String> = Vec::new();
    for name in names {
        let clock = clocks.get(name.as_str());
        match clock.and_then(|clock| clock.end.living(point.now)) {
            Some(end) => with.push((name, end)),
            None if clock.is_some_and(|clock| clock.plan.is_err()) => {
                without.push(format!("{name} (set up incompletely)"));
            }
            None => without.push(name.clone()),
        }
    }
    let with = with.iter().map(|(name, end)| format!("{name} ({})", left(*end, point.now)));
    let shown: Vec<String> = with.chain(without).collect();
    listed(&shown)
}

fn listed(names: &[String]) -> String {
    match names.len() {
        0 => "none".to_owned(),
        count if count > MOST_NAMES => {
            format!("{} and {} more", names[..MOST_NAMES].join(", "), count - MOST_NAMES)
        }
        _ => names.join(", "),
    }
}

/// Profiles that no login pays for.
fn others(sheet: &mut Sheet<'_>, point: &Standpoint) {
    let is_other = |role: &&RoleClock| match &role.plan {
        Ok(CredentialPlan::Sso(_) | CredentialPlan::Surroundings) => false,
        Ok(_) => true,
        Err(_) => !point.sessions.iter().any(|session| session.profiles.contains(&role.profile)),
    };
    let others: Vec<&RoleClock> = point.roles.iter().filter(is_other).collect();
    if others.is_empty() || point.about != About::Everything {
        return;
    }
    sheet.heading("Other profiles", &others.len().to_string(), Ink::Good);
    for role in others.iter().take(MOST_NAMES) {
        let said = match &role.plan {
            Ok(plan) => format!("{}: {}", source(plan), credentials(role.end, point.now)),
            Err(error) => error.to_string(),
        };
        sheet.entry(&format!("{}: {said}", role.profile));
    }
    if others.len() > MOST_NAMES {
        sheet.entry(&format!("and {} more", others.len() - MOST_NAMES));
    }
}

fn orphans(sheet: &mut Sheet<'_>, point: &Standpoint) {
    if point.orphans.is_empty() {
        return;
    }
    let count = point.orphans.len().to_string();
    sheet.heading("Tokens of logins that are not in the config file", &count, Ink::Fair);
    for orphan in point.orphans.iter().take(MOST_NAMES) {
        let place = orphan.path.as_ref().and_then(|path| path.file_name());
        let place = place.map_or("in the store".to_owned(), |name| name.display().to_string());
        let mut said = left(orphan.token.expires_at, point.now);
        if matches!(orphan.token.renewal, Renewal::Until(_)) {
            said += ", can be renewed";
        }
        sheet.entry(&format!("{} ({place}): {said}", orphan.start_url));
    }
    sheet.entry("`daypass sso logout` ends every login, these too.");
}

fn store(sheet: &mut Sheet<'_>, state: &StoreState) {
    match state {
        StoreState::Open | StoreState::Empty => {}
        StoreState::Locked(backend) => {
            sheet.heading("Encrypted store", &format!("locked ({backend})"), Ink::Fair);
            sheet.entry("`daypass vault status` opens it; this command asks nobody for its key.");
        }
        StoreState::Broken(why) => sheet.heading("Encrypted store", why, Ink::Bad),
    }
}

/// One command that helps, if one is needed.
fn next(sheet: &mut Sheet<'_>, point: &Standpoint) {
    let of_force = |session: &&SessionClock| session.profiles.contains(&point.force.name.value);
    let needs = |session: &&SessionClock| {
        matches!(session.standing(point.now), Standing::LoginNeeded(_)) && session.plan.is_ok()
    };
    let mut in_need = point.sessions.iter().filter(needs);
    let first = point.sessions.iter().filter(needs).find(of_force).or_else(|| in_need.next());
    if let Some(Ok(plan)) = first.map(|session| &session.plan) {
        sheet.line("");
        sheet.line(&format!("Next: {}", plan.login_command()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, HOUR};
    use super::*;

    fn text(token_ends: i64, end: SessionEnd) -> String {
        let point = testing::point(token_ends, Renewal::Until(None), end);
        of(&point, &Paper { columns: 80, colour: false })
    }

    #[test]
    fn a_session_s_end_is_always_called_an_estimate() {
        let estimated = |earliest: i64, latest: i64| SessionEnd::Estimated {
            earliest: testing::at(earliest),
            latest: testing::at(latest),
            basis: Basis::Earlier(3),
        };
        for (end, said) in [
            (estimated(7 * HOUR, 7 * HOUR), "about 7 h left (estimated from 3 earlier sessions)"),
            (estimated(2 * HOUR, 6 * HOUR), "2 h to 6 h left (estimated from 3 earlier sessions)"),
            (estimated(-HOUR, HOUR), "at most 1 h left (estimated from 3 earlier sessions)"),
            (estimated(-2 * HOUR, 0), "should have ended by now (estimated)"),
            (SessionEnd::Ended(testing::at(-60)), "ended: a refresh was refused 1 min ago"),
        ] {
            let text = text(HOUR, end);
            assert!(text.contains(&format!("  session:       {said}\n")), "{text}");
        }
    }

    #[test]
    fn who_must_act_is_told_the_command() {
        let unknown = SessionEnd::Unknown(Unseen::NoneEnded);
        let renewable = text(-HOUR, unknown);
        assert!(renewable.contains("sso-session corp: logged in; the next command renews"));
        assert!(!renewable.contains("Next:"), "{renewable}");
        let ended = text(-HOUR, SessionEnd::Ended(testing::at(-HOUR)));
        assert!(ended.contains("sso-session corp: login needed: the session has ended"));
        assert!(ended.lines().last().is_some_and(|line| line.starts_with("Next: daypass ")));
    }

    #[test]
    fn colour_is_never_the_only_carrier_of_a_meaning() {
        let point = testing::point(HOUR, Renewal::Never, SessionEnd::Unknown(Unseen::NoneEnded));
        let plain = of(&point, &Paper { columns: 80, colour: false });
        let coloured = of(&point, &Paper { columns: 80, colour: true });
        assert!(coloured.contains("\u{1b}[32mlogged in\u{1b}[0m"), "{coloured:?}");
        let mut stripped = coloured;
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"] {
            stripped = stripped.replace(code, "");
        }
        assert_eq!(stripped, plain);
    }
}
