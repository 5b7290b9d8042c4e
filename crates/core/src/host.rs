//! The world as a value: home directory, variables, clock, lock places.

use crate::audit::Trail;
use crate::critical::Critical;
use crate::store::Store;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault::LockPlaces;

/// Everything ambient that the core may know, handed in by its caller.
///
/// The core reads no environment and no clock by itself, so a test can hold the
/// world still and a reader can see what a decision depends on.
#[derive(Clone, Debug)]
pub struct Host {
    /// The home directory; the SDKs hang `~/.aws` off it and nothing else.
    pub home: PathBuf,
    /// The variables that were set when the program started.
    pub vars: Vars,
    /// What time it is.
    pub clock: Clock,
    /// Where locks between processes live.
    pub locks: LockPlaces,
    /// The encrypted store.
    pub store: Store,
    /// Work that Ctrl-C must wait for.
    pub critical: Critical,
    /// What is written down about credentials that are handed out.
    pub trail: Trail,
}

impl Host {
    /// `~/.aws/sso/cache`: tokens and client registrations, shared with every
    /// SDK. No variable moves it in any of them.
    pub fn sso_cache(&self) -> PathBuf {
        self.home.join(".aws").join("sso").join("cache")
    }

    /// `~/.aws/cli/cache`: the AWS CLI's role credentials. We never write here;
    /// a log-out removes what the AWS CLI left.
    pub fn cli_cache(&self) -> PathBuf {
        self.home.join(".aws").join("cli").join("cache")
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `~` and `~/…` resolved against the home directory, anything else as it is.
    pub fn expand(&self, path: &str) -> PathBuf {
        match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => self.home.join(&rest[1..]),
            _ => PathBuf::from(path),
        }
    }

    /// A path as people write it: `~/…` where it is below the home directory.
    pub fn shorten(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if !self.home.as_os_str().is_empty() => format!("~/{}", rest.display()),
            _ => path.display().to_string(),
        }
    }
}

/// Environment variables by name, as they were at the start.
#[derive(Clone, Default)]
pub struct Vars(BTreeMap<String, String>);

/// The names alone: any of the values may be a secret.
impl fmt::Debug for Vars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Vars {
    /// The variable's value; an empty one counts as not set.
    ///
    /// botocore fails on `AWS_PROFILE=`, the other SDKs ignore it: we are on the
    /// side of those.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variable's value as it is, an empty one too: some programs tell the two apart.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The same with one variable changed.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.0.insert(name.to_owned(), value.to_owned());
        changed
    }

    /// The first of several variables that is set, with its name.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        names.iter().find_map(|&name| self.get(name).map(|value| (name, value)))
    }

    /// A boolean variable: `true` in any case, as botocore reads it.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

impl FromIterator<(String, String)> for Vars {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A source of the current time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Host {
        Host {
            home: PathBuf::from("/home/ada"),
            vars: [("EMPTY", ""), ("B", "True")]
                .map(|(k, v)| (k.into(), v.into()))
                .into_iter()
                .collect(),
            clock: Clock::new(|| Timestamp::UNIX_EPOCH),
            locks: LockPlaces::new([]),
            store: Store::new(vault::Surroundings::for_user(
                Path::new("/none"),
                LockPlaces::new([]),
            )),
            critical: Critical::default(),
            trail: Trail::default(),
        }
    }

    #[test]
    fn tilde_is_the_home_directory_and_only_at_the_start() {
        let host = host();
        assert_eq!(host.expand("~/x"), PathBuf::from("/home/ada/x"));
        assert_eq!(host.expand("~"), PathBuf::from("/home/ada"));
        assert_eq!(host.expand("~bob/x"), PathBuf::from("~bob/x"));
        assert_eq!(host.expand("/a/~"), PathBuf::from("/a/~"));
        assert_eq!(host.shorten(Path::new("/home/ada/.aws/config")), "~/.aws/config");
        assert_eq!(host.shorten(Path::new("/etc/config")), "/etc/config");
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let vars = host().vars;
        assert_eq!(vars.get("EMPTY"), None);
        assert_eq!(vars.first(&["EMPTY", "A", "B"]), Some(("B", "True")));
        assert!(vars.is_true("B") && !vars.is_true("A"));
    }
}
