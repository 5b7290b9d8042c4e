//! Where a login's token is kept: in the shared cache, where every SDK finds it, or
//! sealed in the store.
//!
//! With a sealed token the shared cache holds nothing (`process`: profiles ask daypass
//! for credentials), or the access token alone (`mirror`: the SDKs read it there and
//! cannot refresh it). Other tools know nothing of this and may write a whole token
//! there at any time; it is taken into the store and out of the cache.

use super::cache::{self, Found, ROOM, TokenKey};
use super::{ClientRegistration, SsoToken};
use crate::error::{Error, Result};
use crate::files;
use crate::host::Host;
use crate::oidc::registration::{self, Flow};
use crate::provide::family;
use crate::resolve::SessionPlan;
use crate::resolve::sso::{Keeping, Policy};
use hot::Family;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
use vault::{Pending, RecordName, Room, Secret, Store as _, StoreError, Vault};

/// The place of one login's token and client registration.
pub(crate) struct Shelf<'a> {
    host: &'a Host,
    key: TokenKey,
    dir: PathBuf,
    registration: PathBuf,
    keeping: Keeping,
    family: Family,
}

/// Room for a token, taken before it exists.
pub(crate) enum Space {
    /// In the shared cache.
    Shared(Pending),
    /// In the store; besides, the file of the mirror.
    Sealed(Box<Room>, Option<PathBuf>),
}

impl<'a> Shelf<'a> {
    pub(crate) fn of(host: &'a Host, plan: &SessionPlan) -> Self {
        let dir = host.sso_cache();
        let registration = registration::path(&dir, plan);
        let (key, keeping) = (plan.token_key(), plan.keeping);
        Self { host, key, dir, registration, keeping, family: family(plan) }
    }

    /// The token's file in the shared cache, whether it is there or not: it names
    /// the lock.
    pub(crate) fn path(&self) -> PathBuf {
        self.key.path(&self.dir)
    }

    /// Has the store's key at hand: a keyring may prompt or hang, and must not do so
    /// while a lock is held.
    pub(crate) async fn open(&self) -> Result<()> {
        match self.keeping {
            Keeping::Shared => Ok(()),
            Keeping::Sealed(_) => Ok(self.host.store.on_thread(Vault::open).await?),
        }
    }

    pub(crate) fn load(&self) -> Found {
        match self.keeping {
            Keeping::Shared => self.key.load(&self.dir),
            Keeping::Sealed(_) => match load_sealed(&self.host.store, &self.family) {
                Ok(Some(token)) => Found::Token(Box::new(token), self.path()),
                Ok(None) => Found::Absent,
                Err(error) => Found::OutOfReach(error.into()),
            },
        }
    }

    /// Whether there is a token, dead or alive. One that cannot be read is there.
    pub(crate) async fn has_token(&self) -> bool {
        self.open().await.is_err() || !matches!(self.load(), Found::Absent)
    }

    /// Takes room for the token before the old one is spent.
    pub(crate) fn reserve(&self, path: &Path) -> Result<Space> {
        match self.keeping {
            Keeping::Shared => Ok(Space::Shared(cache::reserve(path)?)),
            Keeping::Sealed(policy) => {
                let room = self.host.store.reserve(&token_record(&self.family), ROOM)?;
                let mirror = (policy == Policy::Mirror).then(|| self.path());
                Ok(Space::Sealed(Box::new(room), mirror))
            }
        }
    }

    /// Fills the room: the token is durable when this returns.
    pub(crate) fn commit(&self, space: Space, token: &SsoToken) -> Result<()> {
        match space {
            Space::Shared(pending) => cache::commit(pending, token),
            Space::Sealed(room, mirror) => {
                self.host.store.fill(*room, &sealed_body(&self.path(), token), ends(token))?;
                if let Some(path) = mirror {
                    reflect(&path, token);
                }
                Ok(())
            }
        }
    }

    /// Whether the shared cache says something that it should not, or no longer says
    /// what it should: see [`Shelf::tidy`].
    pub(crate) fn is_untidy(&self) -> bool {
        let Keeping::Sealed(policy) = self.keeping else { return false };
        let shared = cache::load_file(&self.path());
        let torn = matches!(shared, Found::Unreadable(_, None));
        match (policy, shared.token()) {
            (Policy::Process, shared) => {
                shared.is_some() || self.registration.exists() || torn && self.is_abandoned()
            }
            (Policy::Mirror, Some(shared)) => {
                has_secrets(shared)
                    || self.load().token().is_some_and(|own| is_other(own, shared))
                    || self.registration.exists()
            }
            (Policy::Mirror, None) => self.load().token().is_some(),
        }
    }

    /// Whether nobody is writing the shared file any more: what its writer, killed, has
    /// left in it may be half of a secret.
    fn is_abandoned(&self) -> bool {
        let written = files::read_small(&self.path()).ok().flatten().and_then(|file| file.modified);
        written.is_some_and(|at| self.host.now().duration_since(at) > SignedDuration::from_mins(1))
    }

    /// Takes what another tool has written to the shared cache into the store, if it
    /// is the better token, and leaves there what the policy says. The caller holds
    /// the token's lock.
    pub(crate) fn tidy(&self) -> Result<()> {
        let Keeping::Sealed(policy) = self.keeping else { return Ok(()) };
        let path = self.path();
        let own = load_sealed(&self.host.store, &self.family)?;
        let theirs = match cache::load_file(&path) {
            Found::Token(token, _) if has_secrets(&token) || own.is_none() => Some(*token),
            _ => None,
        };
        let best = match (own, theirs) {
            (Some(own), Some(theirs)) if theirs.expires_at > own.expires_at => {
                self.seal(&theirs)?;
                Some(theirs)
            }
            (None, Some(theirs)) => {
                self.seal(&theirs)?;
                Some(theirs)
            }
            (own, _) => own,
        };
        self.adopt_registration()?;
        match (policy, best) {
            (Policy::Mirror, Some(token)) => reflect(&path, &token),
            _ => files::remove(&path).map_err(|error| cannot_remove(self.host, &path, &error))?,
        }
        Ok(())
    }

    /// Writes the token into the store.
    pub(crate) fn seal(&self, token: &SsoToken) -> Result<()> {
        let record = token_record(&self.family);
        let body = sealed_body(&self.path(), token);
        Ok(self.host.store.save_until(&record, &body, ends(token))?)
    }

    /// Removes the token and the registration from the store.
    pub(crate) fn unseal(&self) -> Result<()> {
        self.host.store.remove(&token_record(&self.family))?;
        self.host.store.remove(&self.family.record("registration"))?;
        Ok(())
    }

    /// Puts the registration back where the AWS CLI looks for it.
    pub(crate) fn give_back_registration(&self) -> Result<()> {
        let record = self.family.record("registration");
        if let Ok(Some(body)) = self.host.store.load(&record) {
            vault::write_private(&self.registration, body.expose())?;
        }
        Ok(())
    }

    /// The client registration that the next login can use.
    pub(crate) fn load_registration(&self, flow: Flow) -> Option<ClientRegistration> {
        let now = self.host.now();
        match self.keeping {
            Keeping::Shared => registration::load(&self.registration, flow, now),
            Keeping::Sealed(_) => {
                let body = self.host.store.load(&self.family.record("registration")).ok()??;
                registration::parse(body.expose(), flow, now)
            }
        }
    }

    pub(crate) fn save_registration(
        &self,
        made: &ClientRegistration,
        flow: Flow,
        scopes: &[String],
    ) -> Result<()> {
        let Some((end, text)) = registration::to_json(made, flow, scopes) else { return Ok(()) };
        match self.keeping {
            Keeping::Shared => {
                Ok(vault::write_private(&self.registration, text.expose().as_bytes())?)
            }
            Keeping::Sealed(_) => {
                let body = Secret::new(text.expose().as_bytes().to_vec());
                let record = self.family.record("registration");
                Ok(self.host.store.save_until(&record, &body, seconds(end))?)
            }
        }
    }

    pub(crate) fn forget_registration(&self) {
        registration::forget(&self.registration);
        if matches!(self.keeping, Keeping::Sealed(_)) {
            let forgotten = self.host.store.remove(&self.family.record("registration"));
            if let Err(error) = forgotten {
                tracing::debug!(%error, "the client registration stays in the store");
            }
        }
    }

    /// The registration's file holds the client secret too.
    fn adopt_registration(&self) -> Result<()> {
        let path = &self.registration;
        let Ok(Some(file)) = files::read_small(path) else { return Ok(()) };
        if let Some(end) = registration::ends(&file.bytes) {
            let record = self.family.record("registration");
            self.host.store.save_until(&record, &Secret::new(file.bytes), seconds(end))?;
        }
        files::remove(path).map_err(|error| cannot_remove(self.host, path, &error))
    }
}

/// The record of a family's token.
pub(crate) fn token_record(family: &Family) -> RecordName {
    family.record("token")
}

/// Whether a record is some login's token.
pub(crate) fn is_token(record: &RecordName) -> bool {
    record.as_str().starts_with("token.")
}

/// The token in a record.
pub(crate) fn load_sealed(store: &Vault, family: &Family) -> Result<Option<SsoToken>, StoreError> {
    Ok(load_record(store, &token_record(family))?.map(|(token, _)| token))
}

/// The token in a record, and the name its file would have in the shared cache.
pub(crate) fn load_record(
    store: &Vault,
    record: &RecordName,
) -> Result<Option<(SsoToken, String)>, StoreError> {
    match store.load(record) {
        // Damaged: as good as none. The cure is the same, a login.
        Err(StoreError::Unreadable(_)) | Ok(None) => Ok(None),
        Ok(Some(body)) => Ok(from_body(body.expose())),
        Err(error) => Err(error),
    }
}

/// The name of the file it would have in the shared cache, which names its lock; when
/// it was issued, in seconds since 1970; on the next line that file's text.
fn sealed_body(path: &Path, token: &SsoToken) -> Secret<Vec<u8>> {
    let issued = token.issued_at.map(seconds).unwrap_or_default();
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let text = cache::to_json(token);
    Secret::new(format!("{file} {issued}\n{}", text.expose()).into_bytes())
}

/// The token in a record's body, and its file's name.
pub(crate) fn from_body(body: &[u8]) -> Option<(SsoToken, String)> {
    let at = body.iter().position(|byte| *byte == b'\n')?;
    let (file, issued) = std::str::from_utf8(&body[..at]).ok()?.split_once(' ')?;
    let issued: i64 = issued.parse().ok()?;
    let issued = Timestamp::from_second(issued).ok().filter(|_| issued > 0);
    Some((cache::parse(&body[at + 1..], issued)?, file.to_owned()))
}

/// What a record of it may be swept by: as long as it can be refreshed it is wanted.
fn ends(token: &SsoToken) -> u64 {
    let registration = token.registration.as_ref().and_then(|one| one.expires_at);
    seconds(token.expires_at.max(registration.unwrap_or(token.expires_at)))
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or_default()
}

fn has_secrets(token: &SsoToken) -> bool {
    token.refresh_token.is_some() || token.registration.is_some()
}

fn is_other(own: &SsoToken, shared: &SsoToken) -> bool {
    own.access_token != shared.access_token
}

/// The access token alone, for the SDKs. The token itself is safe by now: a mirror
/// that cannot be written is no reason to fail.
fn reflect(path: &Path, token: &SsoToken) {
    let bare = SsoToken { registration: None, refresh_token: None, ..token.clone() };
    let written = cache::reserve(path).and_then(|room| cache::commit(room, &bare));
    if let Err(error) = written {
        tracing::debug!(%error, "the access token is not mirrored");
    }
}

fn cannot_remove(host: &Host, path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot remove `{}`", host.shorten(path));
    Error::new(crate::Kind::Store, message)
        .because(error.to_string())
        .because("its token is in the store, and should be nowhere else")
}
