//! The access portal (API `sso`, 2019-06-10).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{UNKNOWN, regions};
use crate::clock::moved;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::state::{ACCOUNT_ACCESS, Key, Principal, Session};
use crate::strict;
use crate::world::{Account, PermissionSet, User};

/// The most items `max_result` may ask for.
const MAX_RESULT: usize = 100;

pub(super) fn operation(ask: &Ask) -> &'static str {
    match (ask.method.as_str(), ask.path.as_str()) {
        ("GET", "/assignment/accounts") => "ListAccounts",
        ("GET", "/assignment/roles") => "ListAccountRoles",
        ("GET", "/federation/credentials") => "GetRoleCredentials",
        ("POST", "/logout") => "Logout",
        _ => UNKNOWN,
    }
}

pub(super) fn answer(room: &mut Room, operation: &str, ask: &Ask) -> Result<Answer, Refusal> {
    throttle(room)?;
    match operation {
        "ListAccounts" => list_accounts(room, ask),
        "ListAccountRoles" => list_account_roles(room, ask),
        "GetRoleCredentials" => get_role_credentials(room, ask),
        "Logout" => logout(room, ask),
        _ => Err(Refusal::new(404, "UnknownOperationException", "")),
    }
}

pub(super) fn refuse(refusal: Refusal) -> Answer {
    let kind = format!("com.amazonaws.switchboard.portal#{}", refusal.code);
    let body = json!({ "message": refusal.message, "__type": kind });
    let answer = Answer::json(refusal.status, &body).with("x-amzn-errortype", &refusal.code);
    refusal.finish(answer)
}

fn throttle(room: &mut Room) -> Result<(), Refusal> {
    let Some(most) = room.options.portal_requests_per_second else { return Ok(()) };
    let now = room.clock.flowing();
    let calls = &mut room.state.portal_calls;
    while calls
        .front()
        .is_some_and(|call| now.duration_since(*call) >= SignedDuration::from_secs(1))
    {
        calls.pop_front();
    }
    if calls.len() >= most {
        return Err(Refusal::new(429, "TooManyRequestsException", "HTTP 429 Too Many Requests"));
    }
    calls.push_back(now);
    Ok(())
}

/// The session the request's access token belongs to.
fn bearer(room: &Room, ask: &Ask) -> Result<Session, Refusal> {
    let token = ask.header("x-amz-sso_bearer_token").unwrap_or_default();
    let session = room.state.bearer(token, room.now()).cloned();
    let session = session.filter(|_| !regions::is_elsewhere(room, ask));
    let allowed =
        session.filter(|session| session.scopes.iter().any(|scope| scope == ACCOUNT_ACCESS));
    allowed.ok_or_else(|| {
        Refusal::new(401, "UnauthorizedException", "Session token not found or invalid")
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", message)
}

fn no_access() -> Refusal {
    Refusal::new(403, "ForbiddenException", "No access")
}

/// The account the request names, if the world has it and it is open.
fn account<'a>(room: &'a Room, ask: &Ask) -> Result<&'a Account, Refusal> {
    let id = ask.parameter("account_id").ok_or_else(|| invalid("account_id is missing"))?;
    if id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("account_id is not 12 digits"));
    }
    open_account(room, id)
}

fn open_account<'a>(room: &'a Room, id: &str) -> Result<&'a Account, Refusal> {
    match room.world.account(id) {
        Some(account) if account.suspended => Err(no_access()),
        Some(account) => Ok(account),
        None => Err(Refusal::new(404, "ResourceNotFoundException", "Account not found")),
    }
}

fn list_accounts(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let session = bearer(room, ask)?;
    let size = page_size(room, ask)?;
    let accounts: Vec<_> = room.world.accounts_of(&session.user).collect();
    page(room, ask, size, "accountList", &accounts, |account| listed(account))
}

/// A suspended account is there, without its name.
fn listed(account: &Account) -> Value {
    let mut item = json!({ "accountId": account.id });
    let names = [("accountName", &account.name), ("emailAddress", &account.email)];
    for (key, text) in names.into_iter().filter(|_| !account.suspended) {
        if let Some(text) = text {
            item[key] = json!(text);
        }
    }
    item
}

fn list_account_roles(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let session = bearer(room, ask)?;
    let account = account(room, ask)?.id.clone();
    room.journal.subject(&account);
    let size = page_size(room, ask)?;
    let roles: Vec<_> = room.world.role_names(&session.user, &account).collect();
    if roles.is_empty() {
        return Err(no_access());
    }
    page(
        room,
        ask,
        size,
        "roleList",
        &roles,
        |role| json!({ "roleName": role, "accountId": account }),
    )
}

/// One page of `items`, and the token of the next.
fn page<T>(
    room: &Room,
    ask: &Ask,
    size: usize,
    list: &str,
    items: &[T],
    write: impl Fn(&T) -> Value,
) -> Result<Answer, Refusal> {
    let (start, empty) = position(room, ask, items.len())?;
    let end = if empty { start } else { items.len().min(start + size) };
    let shown: Vec<_> = items[start..end].iter().map(write).collect();
    let mut body = json!({ list: shown });
    let more = end < items.len();
    let next_is_empty = room.options.empty_pages && !empty;
    let token = more.then(|| page_token(room, ask, end, next_is_empty));
    body["nextToken"] = json!(token);
    Ok(Answer::json(200, &body))
}

fn page_size(room: &mut Room, ask: &Ask) -> Result<usize, Refusal> {
    let most = match ask.parameter("max_result") {
        None => room.options.page_size.clamp(1, MAX_RESULT),
        Some(asked) => {
            let asked = asked.parse().ok().filter(|asked| (1..=MAX_RESULT).contains(asked));
            asked.ok_or_else(|| invalid("max_result is not a number from 1 to 100"))?
        }
    };
    Ok(if room.options.strict { strict::page_size(most, &mut room.dice) } else { most })
}

/// Where the page begins, and whether it is one of the empty ones.
fn position(room: &Room, ask: &Ask, length: usize) -> Result<(usize, bool), Refusal> {
    let Some(token) = ask.parameter("next_token") else { return Ok((0, room.options.empty_pages)) };
    let wrong = || invalid("next_token is not one of this listing");
    let (start, empty) =
        token.rsplit_once('.').and_then(|(_, end)| end.split_once('-')).ok_or_else(wrong)?;
    let start = start.parse().ok().filter(|start| *start <= length).ok_or_else(wrong)?;
    let empty = empty == "1";
    if token == page_token(room, ask, start, empty) { Ok((start, empty)) } else { Err(wrong()) }
}

/// Opaque, full of letters that a URL has to escape, good for one listing only.
fn page_token(room: &Room, ask: &Ask, start: usize, empty: bool) -> String {
    use base64::Engine as _;
    let end = format!("{start}-{}", u8::from(empty));
    let account = ask.parameter("account_id").unwrap_or_default();
    let bearer = ask.header("x-amz-sso_bearer_token").unwrap_or_default();
    let seal = random::digest(&[&room.state.page_secret, &ask.path, account, bearer, &end]);
    format!("AAMA+/{}.{end}", base64::engine::general_purpose::STANDARD.encode(seal))
}

fn get_role_credentials(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let session = bearer(room, ask)?;
    let account = account(room, ask)?.id.clone();
    let role = ask.parameter("role_name").filter(|role| !role.is_empty());
    let role = role.ok_or_else(|| invalid("role_name is missing"))?;
    let (access_key_id, key) = role_credentials(room, &session.user, &account, role)?;
    Ok(Answer::json(200, &describe(&access_key_id, &key)))
}

/// Role credentials of a user, and their access key ID.
pub(crate) fn role_credentials(
    room: &mut Room,
    user: &str,
    account: &str,
    role: &str,
) -> Result<(String, Key), Refusal> {
    open_account(room, account)?;
    room.journal.subject(format!("{account} {role}"));
    let assigned = room.world.role_names(user, account).any(|name| name == role);
    let set = room.world.permission_set(role).filter(|_| assigned).ok_or_else(no_access)?;
    let user = room.world.user(user).ok_or_else(no_access)?;
    let duration =
        room.options.role_credentials_seconds.and_then(|seconds| i64::try_from(seconds).ok());
    let duration = duration.map_or(set.session_duration, SignedDuration::from_secs);
    let expires = moved(room.now(), duration);
    let (access_key_id, key) = (random::access_key_id(), issue(set, user, account, expires));
    let now = room.now();
    room.state.keep_key(access_key_id.clone(), key.clone(), now);
    Ok((access_key_id, key))
}

fn issue(set: &PermissionSet, user: &User, account: &str, expires: Timestamp) -> Key {
    let suffix = set.role_suffix.clone();
    let suffix = suffix.unwrap_or_else(|| random::role_suffix(account, &set.name));
    let role = format!("AWSReservedSSO_{}_{suffix}", set.name);
    let principal = Principal {
        account: account.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{}", user.email),
        user_id: format!("{}:{}", random::role_id(account, &role), user.email),
        policy: set.policy.clone(),
        ..Principal::default()
    };
    let (secret, session_token) = (random::secret_access_key(), Some(random::session_token()));
    Key { secret, session_token, expires: Some(expires), principal }
}

fn describe(access_key_id: &str, key: &Key) -> Value {
    let credentials = json!({
        "accessKeyId": access_key_id,
        "secretAccessKey": key.secret,
        "sessionToken": key.session_token,
        "expiration": key.expires.map(Timestamp::as_millisecond),
    });
    json!({ "roleCredentials": credentials })
}

fn logout(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let token = ask.header("x-amz-sso_bearer_token").unwrap_or_default();
    bearer(room, ask)?;
    if let Some(session) = room.state.access_tokens.get(token).map(|token| token.session.clone()) {
        room.state.revoke(&session);
    }
    Ok(Answer::new(200))
}
