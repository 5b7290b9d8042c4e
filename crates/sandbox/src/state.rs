//! What happened so far: registrations, visits, codes, sessions, tokens, keys.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::services::Algorithm;

use crate::totp::TotpSecret;
use crate::world::Policy;

/// The scope that the portal asks for.
pub(crate) const ACCOUNT_ACCESS: &str = "sso:account:access";
/// The grants a client can register for.
pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";

/// From so many access keys on, ended ones are looked for, at every doubling.
const MANY_KEYS: usize = 1 << 14;
/// How long an ended access key is known for.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Everything the sandbox remembers, by the secret that names it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) registrations: HashMap<String, Registration>,
    pub(crate) visits: HashMap<String, Visit>,
    /// Who is signed in, by the browser's cookie.
    pub(crate) browsers: HashMap<String, SignedIn>,
    /// What users did to their authenticator apps, by name: registered, or removed.
    pub(crate) authenticators: HashMap<String, Option<TotpSecret>>,
    /// Users and the steps whose codes they have used.
    pub(crate) spent_codes: HashSet<(String, i64)>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) devices: HashMap<String, Device>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    pub(crate) keys: HashMap<String, Key>,
    pub(crate) multiparts: HashMap<String, Multipart>,
    pub(crate) signin_tokens: HashMap<String, SigninToken>,
    /// When the portal was last asked, oldest first, within a second.
    pub(crate) portal_calls: VecDeque<Timestamp>,
    /// Mixed into page tokens, so that those of another sandbox fail.
    pub(crate) page_secret: String,
}

/// A registered client.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    /// As asked; empty if the client named none.
    pub(crate) scopes: Vec<String>,
    /// As asked; empty if the client named none.
    pub(crate) grant_types: Vec<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) expires: Timestamp,
}

impl Registration {
    /// The scopes a token gets: those registered, or the default one.
    pub(crate) fn granted_scopes(&self) -> Vec<String> {
        if self.scopes.is_empty() { vec![ACCOUNT_ACCESS.to_owned()] } else { self.scopes.clone() }
    }

    /// Whether the client may pay with this grant. A client that named none gets
    /// the device flow, and refreshing if it named scopes.
    pub(crate) fn allows(&self, grant: &str) -> bool {
        if self.grant_types.is_empty() {
            return grant != AUTHORIZATION_CODE;
        }
        self.grant_types.iter().any(|registered| registered == grant)
    }

    /// Whether its tokens come with a refresh token.
    pub(crate) fn refreshes(&self) -> bool {
        self.allows(REFRESH_TOKEN) && self.scopes.iter().any(|scope| scope == ACCOUNT_ACCESS)
    }
}

/// A person's way through the pages, from link to decision.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The cookie of the browser that began it.
    pub(crate) browser: String,
    pub(crate) stage: Stage,
    pub(crate) ends: Timestamp,
    /// Wrong passwords and codes so far.
    pub(crate) wrong: usize,
    pub(crate) purpose: Purpose,
}

/// How far the person has come.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// Nobody yet.
    Password,
    /// The password was right; the code of their app is next.
    Code { user: String },
    /// They are to register an app that knows this secret.
    Enrolment { user: String, secret: TotpSecret },
    /// It is them.
    SignedIn { user: String },
}

/// A browser's user.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) user: String,
    pub(crate) ends: Timestamp,
}

/// What the person is asked to allow.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    Authorize(AuthorizeRequest),
    /// The device code.
    Device(String),
    /// Nothing: they came to the access portal.
    AccessPortal,
}

/// A checked `/authorize` request.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizeRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) code_challenge: String,
    pub(crate) scopes: Vec<String>,
}

/// An authorization code.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) request: AuthorizeRequest,
    pub(crate) user: String,
    pub(crate) expires: Timestamp,
    /// The session it was exchanged for.
    pub(crate) spent: Option<String>,
}

/// A device authorization.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) user_code: String,
    pub(crate) expires: Timestamp,
    pub(crate) interval_seconds: u64,
    pub(crate) last_poll: Option<Timestamp>,
    pub(crate) polls: usize,
    pub(crate) decision: Decision,
}

/// What came of a device authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Pending,
    /// By the user of that name.
    Approved(String),
    Denied,
    Spent,
}

/// A sign-in: the family of all tokens that came from it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) ends: Timestamp,
    pub(crate) revoked: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) session: String,
    pub(crate) expires: Timestamp,
    pub(crate) revoked: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct RefreshToken {
    pub(crate) session: String,
    pub(crate) spent: Option<Timestamp>,
}

/// Who signed a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Principal {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// What it may do.
    pub(crate) policy: Policy,
    /// Whether the session began with an MFA device's code.
    pub(crate) mfa: bool,
    /// Whether it is a role that was assumed with a user's own keys.
    pub(crate) unchained: bool,
    /// Set once, kept through a chain of roles.
    pub(crate) source_identity: Option<String>,
}

/// An upload in parts that is not complete.
#[derive(Debug, Clone)]
pub(crate) struct Multipart {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) algorithm: Option<Algorithm>,
    /// Its checksum is made of the parts' checksums.
    pub(crate) composite: bool,
    pub(crate) begun: Timestamp,
    pub(crate) parts: BTreeMap<u32, Part>,
}

#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
}

/// What a console sign-in link carries.
#[derive(Debug, Clone)]
pub(crate) struct SigninToken {
    pub(crate) principal: Principal,
    /// When the link is too old.
    pub(crate) expires: Timestamp,
    /// When the console session ends.
    pub(crate) ends: Timestamp,
}

/// An access key.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// Absent for keys of IAM users.
    pub(crate) session_token: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) principal: Principal,
}

impl State {
    /// The session, if it has neither ended nor been revoked.
    pub(crate) fn live_session(&self, id: &str, now: Timestamp) -> Option<&Session> {
        self.sessions.get(id).filter(|session| !session.revoked && now < session.ends)
    }

    /// The session of an access token that is good now.
    pub(crate) fn bearer(&self, token: &str, now: Timestamp) -> Option<&Session> {
        let token = self.access_tokens.get(token)?;
        let live = !token.revoked && now < token.expires;
        live.then(|| self.live_session(&token.session, now)).flatten()
    }

    pub(crate) fn revoke(&mut self, session: &str) {
        if let Some(session) = self.sessions.get_mut(session) {
            session.revoked = true;
        }
    }

    /// Keeps a new access key. Of the many that a load test draws, those that ended
    /// long ago are forgotten: then they are unknown, as AWS's are after a while, and
    /// no longer expired.
    pub(crate) fn keep_key(&mut self, id: String, key: Key, now: Timestamp) {
        if self.keys.len() >= MANY_KEYS && self.keys.len().is_power_of_two() {
            let long_ago = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
            self.keys.retain(|_, key| key.expires.is_none_or(|end| end > long_ago));
        }
        self.keys.insert(id, key);
    }

    /// The device authorization of a user code, however the person typed it.
    pub(crate) fn device_of(&self, user_code: &str) -> Option<&str> {
        let wanted = bare(user_code);
        let mut devices = self.devices.iter();
        devices.find(|(_, device)| bare(&device.user_code) == wanted).map(|(code, _)| code.as_str())
    }
}

fn bare(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(scopes: &[&str], grant_types: &[&str]) -> Registration {
        let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        Registration {
            id: String::new(),
            secret: String::new(),
            name: String::new(),
            scopes: owned(scopes),
            grant_types: owned(grant_types),
            redirect_uris: Vec::new(),
            expires: Timestamp::MAX,
        }
    }

    #[test]
    fn who_gets_a_refresh_token() {
        assert!(registration(&[ACCOUNT_ACCESS], &[]).refreshes());
        assert!(registration(&[ACCOUNT_ACCESS], &[AUTHORIZATION_CODE, REFRESH_TOKEN]).refreshes());
        assert!(!registration(&[ACCOUNT_ACCESS], &[AUTHORIZATION_CODE]).refreshes());
        assert!(!registration(&[], &[]).refreshes());
        assert!(!registration(&["codewhisperer:completions"], &[]).refreshes());
    }

    #[test]
    fn user_codes_are_typed_freely() {
        assert_eq!(bare("bcdf ghjk"), bare("BCDF-GHJK"));
    }

    #[test]
    fn keys_that_ended_long_ago_are_forgotten() {
        let (mut state, hour) = (State::default(), SignedDuration::from_hours(1));
        let key = |expires| Key {
            secret: String::new(),
            session_token: None,
            expires,
            principal: Principal::default(),
        };
        let long_ago = Timestamp::UNIX_EPOCH;
        let now = long_ago + 2 * REMEMBERED;
        state.keep_key("user".to_owned(), key(None), long_ago);
        state.keep_key("just".to_owned(), key(Some(now - hour)), long_ago);
        for number in 2..MANY_KEYS {
            state.keep_key(number.to_string(), key(Some(long_ago + hour)), long_ago);
        }
        assert_eq!(state.keys.len(), MANY_KEYS);
        state.keep_key("new".to_owned(), key(Some(now + hour)), now);
        let mut left: Vec<_> = state.keys.into_keys().collect();
        left.sort_unstable();
        assert_eq!(left, ["just", "new", "user"]);
    }
}
