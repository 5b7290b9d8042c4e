//! One refresh at a time, across processes.
//!
//! Refresh tokens are single use: two processes that spend the same one lose the
//! session. So: take the lock, read again, refresh, write, and only then use.
//! Other vendors' tools know nothing of our lock; a refused refresh token
//! therefore means "read again" before it means "log in".

use super::cache::Found;
use super::decide::{Decision, Why, decide};
use super::shelf::Shelf;
use super::{SsoToken, format_time};
use crate::aws::oidc::{Grant, Tokens};
use crate::aws::{Aws, Fault};
use crate::clocks::{self, Record};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::lock;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::start_url::StartUrl;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;
use std::time::Duration;
use vault::{Lock, LockError};

/// Long enough for a refresh over a slow network.
const LOCK_WAIT: Duration = Duration::from_secs(75);

/// The token of one login, and how to keep it alive.
pub struct TokenKeeper<'a> {
    host: &'a Host,
    aws: &'a Aws,
    plan: &'a SessionPlan,
    shelf: Shelf<'a>,
    patience: Duration,
}

impl<'a> TokenKeeper<'a> {
    /// For the login a plan names.
    pub fn new(host: &'a Host, aws: &'a Aws, plan: &'a SessionPlan) -> Self {
        Self { host, aws, plan, shelf: Shelf::of(host, plan), patience: LOCK_WAIT }
    }

    /// Waits for another process that refreshes the same token, but not longer.
    #[must_use]
    pub fn waiting_at_most(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A token that can be used now, refreshed if it is time.
    ///
    /// # Errors
    /// [`Kind::LoginNeeded`] with the command; [`Kind::Network`] only if the
    /// access token has ended as well.
    pub async fn current(&self) -> Result<SsoToken> {
        self.shelf.open().await?;
        self.tidy().await?;
        let found = self.load();
        let decision = decide(found.token(), self.host.now());
        tracing::debug!(session = %self.plan.shown(), ?decision, "the SSO token");
        match decision {
            Decision::Use => self.taken(found, Why::Absent),
            Decision::Login(why) => Err(self.login_needed(&found, why)),
            // Who has a living token does not wait for another's refresh.
            Decision::Refresh if self.lives(&found) => self.refresh(None, Duration::ZERO).await,
            Decision::Refresh => self.refresh(None, self.patience).await,
        }
    }

    /// Another tool may have written to the shared cache what belongs in the store.
    async fn tidy(&self) -> Result<()> {
        if !self.shelf.is_untidy() {
            return Ok(());
        }
        match self.lock(self.patience).await {
            Ok(_held) => self.shelf.tidy(),
            // Whoever holds it is at work on this very token.
            Err(_) => Ok(()),
        }
    }

    /// What the cache has, but for the token of another portal: somebody has
    /// given the sso-session a new start URL since.
    fn load(&self) -> Found {
        let found = self.shelf.load();
        let foreign = found
            .token()
            .and_then(|token| StartUrl::parse(&token.start_url).ok())
            .is_some_and(|portal| portal != self.plan.start_url.value);
        if foreign { Found::Absent } else { found }
    }

    fn lives(&self, found: &Found) -> bool {
        found.token().is_some_and(|token| token.lives(self.host.now()))
    }

    /// The token that is kept, whatever it is worth.
    pub fn kept(&self) -> Option<SsoToken> {
        match self.load() {
            Found::Token(token, _) => Some(*token),
            _ => None,
        }
    }

    /// Another token than the one the portal has just refused.
    ///
    /// # Errors
    /// [`Kind::LoginNeeded`] if there is none to be had.
    pub async fn after_refusal(&self, refused: &SsoToken) -> Result<SsoToken> {
        self.refresh(Some(refused), self.patience).await
    }

    async fn refresh(&self, refused: Option<&SsoToken>, wait: Duration) -> Result<SsoToken> {
        let lock = self.lock(wait).await;
        let found = self.load();
        let lock = match lock {
            Ok(lock) => lock,
            Err(busy) => return self.without_lock(found, refused, busy),
        };
        let is_refused =
            |token: &SsoToken| refused.is_some_and(|r| r.access_token == token.access_token);
        let decision = match (found.token(), decide(found.token(), self.host.now())) {
            (Some(token), Decision::Use) if is_refused(token) => match token.refresh_token {
                Some(_) => Decision::Refresh,
                None => Decision::Login(Why::SessionEnded),
            },
            (_, decision) => decision,
        };
        match decision {
            Decision::Use => self.taken(found, Why::Absent),
            Decision::Login(why) => Err(self.login_needed(&found, why)),
            Decision::Refresh => self.spend(found, refused, lock).await,
        }
    }

    /// Somebody is busy with this token, and has been for long: what is on disk
    /// serves while it lives.
    fn without_lock(
        &self,
        found: Found,
        refused: Option<&SsoToken>,
        busy: LockError,
    ) -> Result<SsoToken> {
        let now = self.host.now();
        let usable = found.token().filter(|token| {
            token.lives(now) && refused.is_none_or(|r| r.access_token != token.access_token)
        });
        match usable {
            Some(token) => Ok(token.clone()),
            None => Err(Error::from(busy)
                .while_doing(format!("cannot refresh the login of {}", self.plan.shown()))),
        }
    }

    async fn spend(
        &self,
        found: Found,
        refused: Option<&SsoToken>,
        _held: Lock,
    ) -> Result<SsoToken> {
        let Found::Token(old, path) = &found else {
            return Err(self.login_needed(&found, Why::Absent));
        };
        let (Some(refresh_token), Some(registration)) = (&old.refresh_token, &old.registration)
        else {
            return Err(self.login_needed(&found, Why::NotRefreshable));
        };
        let region = Region::parse(&old.region).unwrap_or_else(|_| self.plan.region.value.clone());
        // The room is taken before the refresh token is spent: on a full disk the
        // new one would exist nowhere.
        let room = match self.shelf.reserve(path) {
            Ok(room) => room,
            Err(_) if self.serves(old, refused) => return Ok(old.as_ref().clone()),
            Err(error) => return Err(error),
        };
        let grant = Grant::RefreshToken(refresh_token.clone());
        // While the token lives, a service out of reach must not cost a minute.
        let hurried = if self.serves(old, refused) { Some(self.aws.hurried()?) } else { None };
        let aws = hurried.as_ref().unwrap_or(self.aws);
        // From here to the commit the new refresh token exists only in memory.
        let stretch = self.host.critical.enter();
        let fault = match aws.create_token(&region, registration, &grant).await {
            Ok(tokens) => {
                let fresh = self.renewed(old, tokens, &region);
                self.shelf.commit(room, &fresh)?;
                self.note(|seen, now| seen.refreshed(now, old.expires_at, fresh.expires_at));
                self.host.trail.refreshed(self.host.now(), self.plan);
                return Ok(fresh);
            }
            Err(fault) => fault,
        };
        drop((stretch, room));
        tracing::debug!(code = fault.code(), "the refresh did not succeed");
        self.after_fault(old, refused, fault).await
    }

    /// When sessions end is told by nobody: it is learnt from what is seen here.
    fn note(&self, sighting: impl FnOnce(&mut Record, Timestamp)) {
        let now = self.host.now();
        clocks::note(self.host, self.plan, |record| sighting(record, now));
    }

    /// The token as it is written: what another tool left out is put in, since a
    /// third one may need it.
    fn renewed(&self, old: &SsoToken, tokens: Tokens, region: &Region) -> SsoToken {
        let start_url = match old.start_url.is_empty() {
            true => self.plan.start_url.value.raw().to_owned(),
            false => old.start_url.clone(),
        };
        SsoToken {
            start_url,
            region: region.to_string(),
            access_token: tokens.access_token,
            expires_at: tokens.expires_at,
            issued_at: Some(self.host.now()),
            registration: old.registration.clone(),
            refresh_token: tokens.refresh_token.or_else(|| old.refresh_token.clone()),
        }
    }

    /// Whether the token at hand will do, though it could not be refreshed.
    fn serves(&self, old: &SsoToken, refused: Option<&SsoToken>) -> bool {
        old.lives(self.host.now()) && refused.is_none()
    }

    /// A refresh that failed: somebody else's token, the old one while it lives,
    /// or the truth.
    async fn after_fault(
        &self,
        old: &SsoToken,
        refused: Option<&SsoToken>,
        fault: Fault,
    ) -> Result<SsoToken> {
        let now = self.host.now();
        let spent = fault.is("InvalidGrantException") || fault.is("invalid_grant");
        if spent && let Some(theirs) = self.newer_than(old).await {
            return Ok(theirs);
        }
        if spent {
            self.note(|seen, now| seen.refused(now, old.expires_at));
        }
        if self.serves(old, refused) {
            return Ok(old.clone());
        }
        if fault.is_passing() {
            let doing = format!("cannot refresh the login of {}", self.plan.shown());
            return Err(fault.into_error(now).while_doing(doing));
        }
        let told = fault.into_error(now);
        let words = told.words_of_service().unwrap_or(told.message());
        Err(self.ended(old, Why::SessionEnded).said(words))
    }

    /// Another tool may have spent the token a moment ago and be writing still.
    async fn newer_than(&self, old: &SsoToken) -> Option<SsoToken> {
        for pause in [0, 100, 200, 200] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            if let Found::Token(token, _) = self.load()
                && token.access_token != old.access_token
                && token.lives(self.host.now())
            {
                return Some(*token);
            }
        }
        None
    }

    async fn lock(&self, wait: Duration) -> std::result::Result<Lock, LockError> {
        lock::token(self.host, &self.guarded(), wait).await
    }

    /// The file the lock is about: profiles that spell a legacy start URL in two
    /// ways share one token.
    fn guarded(&self) -> PathBuf {
        match self.shelf.load() {
            Found::Token(_, path) | Found::Unreadable(path, _) => path,
            Found::Absent | Found::OutOfReach(_) => self.shelf.path(),
        }
    }

    fn taken(&self, found: Found, why: Why) -> Result<SsoToken> {
        match found {
            Found::Token(token, _) => Ok(*token),
            other => Err(self.login_needed(&other, why)),
        }
    }

    fn login_needed(&self, found: &Found, why: Why) -> Error {
        match found {
            Found::Token(token, _) => self.ended(token, why),
            Found::Unreadable(path, Some(why)) => {
                Error::new(Kind::Store, format!("cannot read `{}`", self.host.shorten(path)))
                    .because(why.clone())
                    .hint("the file must belong to you: see its owner and mode with `ls -l`")
            }
            Found::Unreadable(path, None) => self
                .needed(format!("`{}` cannot be read as a token", self.host.shorten(path)))
                .because("another program may have left it half written"),
            Found::OutOfReach(error) => {
                error.clone().while_doing(format!("cannot read the login of {}", self.plan.shown()))
            }
            Found::Absent => self.needed(format!("nobody is logged in to {}", self.plan.shown())),
        }
    }

    fn ended(&self, token: &SsoToken, why: Why) -> Error {
        let session = self.plan.shown();
        let when = ago(token.expires_at, self.host.now());
        self.needed(match why {
            Why::NotRefreshable => {
                format!("the SSO token for {session} {when} and has no refresh token")
            }
            Why::RegistrationExpired => {
                format!(
                    "the SSO token for {session} {when}, and its client registration has ended too"
                )
            }
            _ => format!("the Identity Center session of {session} has ended"),
        })
    }

    fn needed(&self, why: String) -> Error {
        Error::new(Kind::LoginNeeded, why).hint(format!("run `{}`", self.plan.login_command()))
    }
}

fn ago(end: Timestamp, now: Timestamp) -> String {
    let past = now.duration_since(end);
    if past.is_negative() {
        return format!("ends at {}", format_time(end));
    }
    let words = |count: i64, unit: &str| {
        format!("expired {count} {unit}{} ago", if count == 1 { "" } else { "s" })
    };
    match past {
        p if p < SignedDuration::from_mins(2) => words(p.as_secs(), "second"),
        p if p < SignedDuration::from_hours(2) => words(p.as_mins(), "minute"),
        p if p < SignedDuration::from_hours(48) => words(p.as_hours(), "hour"),
        p => words(p.as_hours() / 24, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_people_s_units() {
        let now = Timestamp::from_second(10_000_000).unwrap();
        let at = |seconds: i64| ago(Timestamp::from_second(10_000_000 - seconds).unwrap(), now);
        assert_eq!(at(1), "expired 1 second ago");
        assert_eq!(at(600), "expired 10 minutes ago");
        assert_eq!(at(3 * 3600), "expired 3 hours ago");
        assert_eq!(at(3 * 86_400), "expired 3 days ago");
    }
}
