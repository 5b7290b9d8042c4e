//! Tokens that belong to no login of the config file any more: they live on until they
//! end, and nobody sees them.

use super::token::{TokenClock, clock};
use super::{SessionClock, Survey};
use crate::files;
use crate::provide::family;
use crate::store::Store;
use crate::token::cache::{self, Found};
use crate::token::{SsoToken, shelf};
use std::path::PathBuf;
use vault::Store as _;

/// A token of a login that is not configured.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// Its file; `None` for one in the store.
    pub path: Option<PathBuf>,
    /// The portal that it says it is of.
    pub start_url: String,
    /// Its clock.
    pub token: TokenClock,
}

impl Survey<'_> {
    /// The tokens in the shared cache, and in the store if that is open, that none of
    /// these logins has.
    pub fn orphans(&self, sessions: &[SessionClock]) -> Vec<Orphan> {
        let plans = || sessions.iter().filter_map(|session| session.plan.as_ref().ok());
        let dir = self.host.sso_cache();
        let known: Vec<PathBuf> = plans().flat_map(|plan| plan.token_key().paths(&dir)).collect();
        let files = files::json_files(&dir).into_iter().filter(|path| !known.contains(path));
        let shared = files.filter_map(|path| match cache::glance_at(&path) {
            Found::Token(token, path) => Some(self.orphan(&token, Some(path))),
            _ => None,
        });
        let known: Vec<_> = plans().map(|plan| shelf::token_record(&family(plan))).collect();
        shared.chain(self.sealed_orphans(&known)).collect()
    }

    fn sealed_orphans(&self, known: &[vault::RecordName]) -> Vec<Orphan> {
        let Some(key) = &self.key else { return Vec::new() };
        let names = self.host.store.names().unwrap_or_default().into_iter();
        let strange = names.filter(|name| shelf::is_token(name) && !known.contains(name));
        let load = |name| {
            let found = vault::open_one(&Store::place(&self.host.home), &name, key).ok()??;
            let (token, _) = shelf::from_body(found.1.expose())?;
            Some(self.orphan(&token, None))
        };
        strange.filter_map(load).collect()
    }

    fn orphan(&self, token: &SsoToken, path: Option<PathBuf>) -> Orphan {
        let is_sealed = path.is_none();
        let start_url = token.start_url.clone();
        Orphan { path, start_url, token: clock(token, is_sealed, self.now) }
    }
}
