//! The token's file in `~/.aws/sso/cache`, shared with every SDK.
//!
//! Other programs rewrite these files without a lock, most of them in place, so
//! a torn read is tried again, an unreadable file is never deleted, and ours are
//! replaced whole.

use super::{ClientRegistration, SsoToken, format_time, parse_time};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::names::SessionName;
use crate::pyjson;
use crate::start_url::StartUrl;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{Pending, Secret};

/// What names a token's file.
#[derive(Clone, Debug)]
pub enum TokenKey {
    /// The sso-session's name.
    Session(SessionName),
    /// The start URL of a profile in the legacy form, as the file spells it.
    Legacy(StartUrl),
}

/// What was found in the cache.
#[derive(Debug)]
pub enum Found {
    /// A token, and the file it came from.
    Token(Box<SsoToken>, PathBuf),
    /// A file that is not a token, however often it was read, or that cannot be
    /// read at all, with the reason.
    Unreadable(PathBuf, Option<String>),
    /// The store does not give it.
    OutOfReach(Error),
    /// Nothing.
    Absent,
}

impl Found {
    /// The token, if there is one.
    pub fn token(&self) -> Option<&SsoToken> {
        match self {
            Found::Token(token, _) => Some(token),
            _ => None,
        }
    }
}

/// Twice what a token of the real service needs.
pub(super) const ROOM: usize = 16 * 1024;

impl TokenKey {
    /// The file this token is written to: `sha1(name).json`.
    pub fn path(&self, dir: &Path) -> PathBuf {
        match self {
            TokenKey::Session(name) => hashed(dir, name.as_str()),
            TokenKey::Legacy(url) => hashed(dir, url.raw()),
        }
    }

    /// Every file that may hold it, the one we write first. A legacy start URL
    /// has one for each spelling.
    pub(crate) fn paths(&self, dir: &Path) -> Vec<PathBuf> {
        match self {
            TokenKey::Session(_) => vec![self.path(dir)],
            TokenKey::Legacy(url) => url.spellings().iter().map(|s| hashed(dir, s)).collect(),
        }
    }

    /// Loads the token; of several spellings' files, the one that lives longest.
    pub fn load(&self, dir: &Path) -> Found {
        self.best_of(dir, load_file)
    }

    /// The same for whoever has no time: a file that is being written is unreadable.
    pub(crate) fn glance(&self, dir: &Path) -> Found {
        self.best_of(dir, glance_at)
    }

    fn best_of(&self, dir: &Path, load: impl Fn(&Path) -> Found) -> Found {
        let mut best = Found::Absent;
        for path in self.paths(dir) {
            let found = load(&path);
            let better = match (&found, &best) {
                (Found::Token(new, _), Found::Token(old, _)) => new.expires_at > old.expires_at,
                (Found::Token(..), _) | (Found::Unreadable(..), Found::Absent) => true,
                _ => false,
            };
            if better {
                best = found;
            }
        }
        best
    }
}

/// Takes the room for the token on disk before it exists: a refreshed token that
/// cannot be written is a lost session.
pub(crate) fn reserve(path: &Path) -> Result<Pending> {
    // Only the last step, the rename, would notice it.
    if path.is_dir() {
        let message = format!("cannot write `{}`", path.display());
        return Err(Error::new(Kind::Store, message).because("a directory is in its place"));
    }
    Ok(Pending::reserve(path, ROOM)?)
}

/// Replaces the token's file, 0600, durably.
pub(crate) fn commit(pending: Pending, token: &SsoToken) -> Result<()> {
    Ok(pending.commit(to_json(token).expose().as_bytes())?)
}

fn hashed(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{}.json", sha1_hex(name)))
}

/// SHA-1 in lower-case hex: the name of every file in the shared caches.
pub(crate) fn sha1_hex(text: &str) -> String {
    Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn load_file(path: &Path) -> Found {
    // In-place writers truncate first: what is torn now is whole a moment later.
    load_in(path, 6)
}

/// The token of a file, read once.
pub(crate) fn glance_at(path: &Path) -> Found {
    load_in(path, 1)
}

fn load_in(path: &Path, tries: u32) -> Found {
    for attempt in 0..tries {
        match files::read_small(path) {
            Ok(None) => return Found::Absent,
            Ok(Some(file)) => {
                if let Some(token) = parse(&file.bytes, file.modified) {
                    return Found::Token(Box::new(token), path.to_owned());
                }
            }
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "cannot read the token file");
                return Found::Unreadable(path.to_owned(), Some(error.to_string()));
            }
        }
        tracing::debug!(path = %path.display(), attempt, "the token file is torn or no token");
        if attempt + 1 < tries {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Found::Unreadable(path.to_owned(), None)
}

pub(super) fn parse(bytes: &[u8], modified: Option<Timestamp>) -> Option<SsoToken> {
    let Value::Object(map) = serde_json::from_slice(bytes).ok()? else { return None };
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let time = |key: &str| text(key).as_deref().and_then(parse_time);
    let expires_at = time("expiresAt")?;
    Some(SsoToken {
        access_token: Secret::new(text("accessToken")?),
        expires_at,
        issued_at: modified.filter(|written| *written < expires_at),
        start_url: text("startUrl").unwrap_or_default(),
        region: text("region").unwrap_or_default(),
        registration: text("clientId").zip(text("clientSecret")).map(|(client_id, secret)| {
            ClientRegistration {
                client_id,
                client_secret: Secret::new(secret),
                expires_at: time("registrationExpiresAt"),
            }
        }),
        refresh_token: text("refreshToken").map(Secret::new),
    })
}

/// The file's text: the AWS CLI's keys in its order, absent ones left out (`null`
/// breaks the Go SDK).
pub(super) fn to_json(token: &SsoToken) -> Secret<String> {
    let mut map = Map::new();
    let mut put = |key: &str, value: &str| map.insert(key.to_owned(), Value::from(value));
    put("startUrl", &token.start_url);
    put("region", &token.region);
    put("accessToken", token.access_token.expose());
    put("expiresAt", &format_time(token.expires_at));
    if let Some(registration) = &token.registration {
        put("clientId", &registration.client_id);
        put("clientSecret", registration.client_secret.expose());
        if let Some(end) = registration.expires_at {
            put("registrationExpiresAt", &format_time(end));
        }
    }
    if let Some(refresh_token) = &token.refresh_token {
        put("refreshToken", refresh_token.expose());
    }
    Secret::new(pyjson::dumps(&Value::Object(map)))
}

/// A file of the cache that holds an access token, whoever wrote it.
#[derive(Clone, Debug)]
pub struct CachedToken {
    /// The file.
    pub path: PathBuf,
    /// The access token.
    pub access_token: Secret<String>,
    /// The SSO region, if the file names one.
    pub region: Option<String>,
    /// What buys another access token, if the file holds it.
    pub renewal: Option<(ClientRegistration, Secret<String>)>,
}

/// Every file with an access token, as `sso logout` of the AWS CLI looks for
/// them; registrations, arrays, numbers and torn files are passed over.
pub fn list(dir: &Path) -> Vec<CachedToken> {
    files::json_files(dir).into_iter().filter_map(cached_token).collect()
}

/// Which portal answered in which region, as the logins of the cache say it.
pub(crate) fn portals(dir: &Path) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let file = files::read_small(&path).ok()??;
        let token = parse(&file.bytes, None)?;
        Some((token.start_url, token.region))
            .filter(|(url, region)| !url.is_empty() && !region.is_empty())
    };
    files::json_files(dir).into_iter().filter_map(read).collect()
}

/// The file's access token as it is now.
pub(crate) fn cached_token(path: PathBuf) -> Option<CachedToken> {
    let file = files::read_small(&path).ok()??;
    let value: Value = serde_json::from_slice(&file.bytes).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let access_token = Secret::new(text("accessToken")?);
    let renewal =
        parse(&file.bytes, None).and_then(|token| token.registration.zip(token.refresh_token));
    Some(CachedToken { path, access_token, region: text("region"), renewal })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sees to its own files")]
mod tests {
    use super::*;

    fn token() -> SsoToken {
        SsoToken {
            start_url: "https://d-9067c5bbc5.awsapps.com/start/#".into(),
            region: "us-east-1".into(),
            access_token: "aoa".into(),
            expires_at: "2026-11-23T08:00:00Z".parse().unwrap(),
            issued_at: None,
            registration: Some(ClientRegistration {
                client_id: "cid".into(),
                client_secret: "ey".into(),
                expires_at: Some("2027-02-20T00:00:00Z".parse().unwrap()),
            }),
            refresh_token: Some("aor".into()),
        }
    }

    #[test]
    fn the_file_names_are_those_of_the_aws_cli() {
        let dir = Path::new("/c");
        let session = TokenKey::Session(SessionName::parse("disasters").unwrap());
        assert_eq!(session.path(dir), dir.join("b6cad5355d98fbb1a60e0df9f34b9050901ddaf9.json"));
        let url = StartUrl::parse("https://d-9067c5bbc5.awsapps.com/start/#").unwrap();
        let legacy = TokenKey::Legacy(url);
        assert_eq!(legacy.path(dir), dir.join("d086c6ccb21aa28a6192894488fefc8474f8d354.json"));
    }

    #[test]
    fn the_text_is_that_of_the_aws_cli() {
        assert_eq!(
            to_json(&token()).expose(),
            "{\"startUrl\": \"https://d-9067c5bbc5.awsapps.com/start/#\", \"region\": \"us-east-1\", \
             \"accessToken\": \"aoa\", \"expiresAt\": \"2026-11-23T08:00:00Z\", \"clientId\": \"cid\", \
             \"clientSecret\": \"ey\", \"registrationExpiresAt\": \"2027-02-20T00:00:00Z\", \
             \"refreshToken\": \"aor\"}"
        );
        let bare = SsoToken { registration: None, refresh_token: None, ..token() };
        assert!(!to_json(&bare).expose().contains("null"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let key = TokenKey::Session(SessionName::parse("s").unwrap());
        commit(reserve(&key.path(dir.path())).unwrap(), &token()).unwrap();
        let Found::Token(read, _) = key.load(dir.path()) else { panic!("no token") };
        assert_eq!(to_json(&read).expose(), to_json(&token()).expose());
    }

    #[test]
    fn every_spelling_s_file_is_found_and_the_longest_life_wins() {
        let dir = tempfile::tempdir().unwrap();
        let write = |url: &str, expires: &str| {
            let stored = SsoToken { expires_at: expires.parse().unwrap(), ..token() };
            let key = TokenKey::Legacy(StartUrl::parse(url).unwrap());
            commit(reserve(&key.path(dir.path())).unwrap(), &stored).unwrap();
        };
        write("https://d-1.awsapps.com/start", "2026-01-01T00:00:00Z");
        write("https://d-1.awsapps.com/start#/", "2026-01-02T00:00:00Z");
        let asked = TokenKey::Legacy(StartUrl::parse("https://d-1.awsapps.com/start/#").unwrap());
        let found = asked.load(dir.path());
        assert_eq!(format_time(found.token().unwrap().expires_at), "2026-01-02T00:00:00Z");
    }

    #[test]
    fn foreign_and_torn_files_are_survived() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).unwrap();
        put("a.json", b"[1]");
        put("b.json", b"7");
        put("c.json", b"{\"accessToken\": \"x\", \"expiresAt\"");
        put("d.json", b"{\"clientId\": \"x\", \"expiresAt\": \"2099-01-01T00:00:00Z\"}");
        put("e.json", b"{\"accessToken\": \"only this\"}");
        put("f.json", &[0xff, 0xfe]);
        std::fs::create_dir(dir.path().join("g.json")).unwrap();
        let found: Vec<_> = list(dir.path()).into_iter().map(|t| t.path).collect();
        assert_eq!(found, [dir.path().join("e.json")]);
        assert!(matches!(load_file(&dir.path().join("c.json")), Found::Unreadable(..)));
        assert!(list(&dir.path().join("nowhere")).is_empty());
    }
}
