//! `vault.toml`: where the key lives. Nothing in it is a secret.
//!
//! A subset of TOML: lines of `name = "text"`, `name = 123`, `name = ["a", "b"]`,
//! comments and blank lines. Whoever reads it on the fast lane reads it all.
#![expect(clippy::disallowed_methods, reason = "the settings are read here and nowhere else")]

mod text;

use crate::file::write_private;
use crate::key::{KeyId, from_hex};
use crate::keys::Slot;
use crate::keys::backend::Backend;
use crate::{StoreError, file};
use std::io;
use std::path::{Path, PathBuf};
use text::{Lines, Value, quoted};

/// Where the wrapping key is to live, with what that place needs to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The user's kernel keyring.
    KernelKeyring,
    /// A private directory in memory.
    MemoryDir,
    /// A desktop's keyring: one of [`Backend::SecretService`],
    /// [`Backend::Keychain`] and [`Backend::CredentialManager`].
    Desktop(Backend),
    /// On disk, sealed by a passphrase.
    Passphrase,
    /// In this file.
    KeyFile(PathBuf),
    /// What this program prints, given these arguments.
    KeyCommand(Vec<String>),
}

impl Place {
    /// The backend it is an instance of.
    pub fn backend(&self) -> Backend {
        match self {
            Self::KernelKeyring => Backend::KernelKeyring,
            Self::MemoryDir => Backend::MemoryDir,
            Self::Desktop(backend) => *backend,
            Self::Passphrase => Backend::Passphrase,
            Self::KeyFile(_) => Backend::KeyFile,
            Self::KeyCommand(_) => Backend::KeyCommand,
        }
    }
}

/// A place, and how long the kernel keyring may keep what it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Where the key lives.
    pub place: Place,
    /// Whether the key of a slow place is copied to the kernel keyring once it
    /// has been read, so that the next process need not ask.
    pub cache: bool,
    /// How long the kernel keyring keeps a key or a copy, in seconds; 0 for as
    /// long as the system runs.
    pub keyring_seconds: u32,
}

impl Choice {
    /// The place with what suits it: a key in the kernel keyring stays until the
    /// machine restarts, a copy there for half a day.
    pub fn of(place: Place) -> Self {
        let cache = place.backend().is_slow();
        Self { place, cache, keyring_seconds: if cache { 12 * 3600 } else { 0 } }
    }
}

/// The settings in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    pub(crate) choice: Choice,
    pub(crate) slot: Slot,
    /// The key that is expected in a place that outlives reboots.
    pub(crate) key_id: Option<KeyId>,
    /// A key that is not in force and is to be forgotten: the new one while a
    /// store is being sealed again, the old one after that.
    pub(crate) retired: Option<(Place, Slot)>,
}

/// Where the settings are.
pub(crate) fn path_in(dir: &Path) -> PathBuf {
    dir.join("vault.toml")
}

impl Settings {
    /// The settings of the vault in `dir`; `None` where none were made.
    pub(crate) fn load(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = path_in(dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map(Some).map_err(|(line, problem)| {
                StoreError::Settings { path, line, problem: problem.to_owned() }
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StoreError::Settings { path, line: 0, problem: e.to_string() }),
        }
    }

    pub(crate) fn save(&self, dir: &Path) -> Result<(), StoreError> {
        let path = path_in(dir);
        let text = self.to_text().ok_or_else(|| StoreError::Settings {
            path: path.clone(),
            line: 0,
            problem: "a path or an argument that is not plain text cannot be written".to_owned(),
        })?;
        file::create_private_dir(dir)
            .map_err(|e| StoreError::Unavailable(format!("`{}`: {e}", dir.display())))?;
        Ok(write_private(&path, text.as_bytes())?)
    }

    /// The settings that a text says, or the line (from 1; 0 for the whole) and
    /// what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut lines = Lines::parse(text)?;
        if lines.number("version")? != Some(1) {
            return Err((0, "this is not version 1: a newer daypass wrote it"));
        }
        let place = lines.place("")?.ok_or((0, "`backend` is missing"))?;
        let slot = lines.slot("")?.ok_or((0, "`slot` is missing"))?;
        let retired = match lines.place("retired_")? {
            Some(place) => lines.slot("retired_")?.map(|slot| (place, slot)),
            None => None,
        };
        let defaults = Choice::of(place);
        let choice = Choice {
            cache: lines.flag("cache")?.unwrap_or(defaults.cache),
            keyring_seconds: lines.number("keyring_seconds")?.unwrap_or(defaults.keyring_seconds),
            ..defaults
        };
        Ok(Self { choice, slot, key_id: lines.key_id()?, retired })
    }

    /// `None` when a path is not text.
    fn to_text(&self) -> Option<String> {
        let mut text = String::from(
            "# Where daypass keeps the key of its encrypted store.\n\
             # Change it with `daypass vault use`, which seals the store again.\n\
             version = 1\n",
        );
        text.push_str(&place_lines("", &self.choice.place, &self.slot)?);
        if let Some(id) = self.key_id {
            text.push_str(&format!("key_id = \"{id}\"\n"));
        }
        text.push_str(&format!("cache = {}\n", self.choice.cache));
        text.push_str(&format!("keyring_seconds = {}\n", self.choice.keyring_seconds));
        if let Some((place, slot)) = &self.retired {
            text.push_str(&place_lines("retired_", place, slot)?);
        }
        Some(text)
    }
}

fn place_lines(prefix: &str, place: &Place, slot: &Slot) -> Option<String> {
    let (backend, slot) = (place.backend(), slot.as_str());
    let mut text = format!("{prefix}backend = \"{backend}\"\n{prefix}slot = \"{slot}\"\n");
    match place {
        Place::KeyFile(path) => {
            text.push_str(&format!("{prefix}path = {}\n", quoted(path.to_str()?)?));
        }
        Place::KeyCommand(argv) => {
            let argv: Option<Vec<_>> = argv.iter().map(|one| quoted(one)).collect();
            text.push_str(&format!("{prefix}command = [{}]\n", argv?.join(", ")));
        }
        _ => {}
    }
    Some(text)
}

impl Lines {
    fn place(&mut self, prefix: &str) -> Result<Option<Place>, (usize, &'static str)> {
        let Some((line, name)) = self.text(&format!("{prefix}backend"))? else { return Ok(None) };
        let backend = Backend::parse(&name).ok_or((line, "there is no such backend"))?;
        Ok(Some(match backend {
            Backend::KernelKeyring => Place::KernelKeyring,
            Backend::MemoryDir => Place::MemoryDir,
            Backend::Passphrase => Place::Passphrase,
            Backend::SecretService | Backend::Keychain | Backend::CredentialManager => {
                Place::Desktop(backend)
            }
            Backend::KeyFile => {
                let path = self.text(&format!("{prefix}path"))?;
                Place::KeyFile(path.ok_or((line, "`path` is missing"))?.1.into())
            }
            Backend::KeyCommand => match self.take(&format!("{prefix}command")) {
                Some((_, Value::List(argv))) if !argv.is_empty() => Place::KeyCommand(argv),
                _ => return Err((line, "`command` is missing")),
            },
        }))
    }

    fn slot(&mut self, prefix: &str) -> Result<Option<Slot>, (usize, &'static str)> {
        let Some((line, digits)) = self.text(&format!("{prefix}slot"))? else { return Ok(None) };
        Slot::parse(&digits).map(Some).ok_or((line, "16 hexadecimal digits are expected"))
    }

    fn key_id(&mut self) -> Result<Option<KeyId>, (usize, &'static str)> {
        let Some((line, digits)) = self.text("key_id")? else { return Ok(None) };
        from_hex(&digits)
            .map(|id| Some(KeyId(id)))
            .ok_or((line, "16 hexadecimal digits are expected"))
    }
}

/// Whether the bytes are settings; for fuzzing.
#[cfg(feature = "conformance")]
pub fn parse_settings(text: &str) -> bool {
    match Settings::parse(text) {
        Ok(settings) => settings
            .to_text()
            .is_none_or(|again| Settings::parse(&again).is_ok_and(|again| again == settings)),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(place: Place) -> Settings {
        Settings {
            choice: Choice::of(place.clone()),
            slot: Slot::parse("0123456789abcdef").unwrap(),
            key_id: Some(KeyId([1, 2, 3, 4, 5, 6, 7, 8])),
            retired: Some((place, Slot::parse("fedcba9876543210").unwrap())),
        }
    }

    #[test]
    fn settings_are_read_back() {
        let hard = "C:\\a b\\\"q\" 'é' # [x], y";
        for place in [
            Place::KernelKeyring,
            Place::MemoryDir,
            Place::Desktop(Backend::SecretService),
            Place::Passphrase,
            Place::KeyFile(hard.into()),
            Place::KeyCommand(vec![hard.into(), String::new(), "],".into()]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            assert_eq!(Settings::load(dir.path()).unwrap(), None);
            settings(place.clone()).save(dir.path()).unwrap();
            assert_eq!(Settings::load(dir.path()).unwrap(), Some(settings(place)));
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let error = settings(Place::KeyFile("a\nb".into())).save(dir.path()).unwrap_err();
        assert!(error.to_string().contains("not plain text"), "{error}");
        assert_eq!(Settings::load(dir.path()).unwrap(), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, why) in [
            ("", 0, "version"),
            ("version = 2", 0, "newer"),
            ("version = 1", 0, "`backend` is missing"),
            ("version = 1\nbackend = \"cloud\"", 2, "no such backend"),
            ("version = 1\nbackend = \"key-file\"\nslot = \"0123456789abcdef\"", 2, "`path`"),
            ("version = 1\nbackend = \"passphrase\"\nslot = \"xyz\"", 3, "16 hexadecimal"),
            ("version = 1\nversion = 1", 2, "twice"),
            ("version", 1, "name = value"),
        ] {
            let (at, problem) = Settings::parse(text).unwrap_err();
            assert!(at == line && problem.contains(why), "{text:?}: {at} {problem}");
        }
    }
}
