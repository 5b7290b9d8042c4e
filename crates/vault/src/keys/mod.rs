//! Where the wrapping key comes from.

pub(crate) mod backend;
mod choose;
mod command;
mod desktop;
#[cfg(target_os = "linux")]
mod kernel;
mod key_file;
mod memory_dir;
mod passphrase;
mod private;

use crate::key::{Key, from_hex, random, to_hex};
use crate::settings::Place;
use crate::{LockPlaces, Secret, StoreError};
use backend::Backend;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use choose::{automatic, source};

#[cfg(feature = "conformance")]
pub use passphrase::parse_for_fuzzing as parse_wrapped_key;

/// A wrapping key cannot be had from where it lives, or not be put there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot get the store's key from {backend}: {why}")]
pub struct KeyError {
    /// Where the key lives.
    pub backend: Backend,
    /// What went wrong, for a person.
    pub why: String,
}

impl KeyError {
    pub(crate) fn new(backend: Backend, why: impl fmt::Display) -> Self {
        Self { backend, why: why.to_string() }
    }

    /// How to unlock the place or to switch to another, for the hint line.
    pub fn cure(&self) -> &'static str {
        self.backend.cure()
    }
}

/// The name of a key in its place: 16 hexadecimal digits, drawn when the place
/// was chosen. Two keys, as during a change of place, have two slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot(String);

impl Slot {
    pub(crate) fn draw() -> Result<Self, StoreError> {
        Ok(Self(to_hex(&random::<8>()?)))
    }

    /// The slot written as `text`.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex::<8>(text).map(|_| Self(text.to_owned()))
    }

    /// The 16 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place that keeps wrapping keys.
pub trait KeySource: Send {
    /// The key in the slot; `None` where the place works and holds none.
    ///
    /// # Errors
    /// [`KeyError`] where the place does not work here, is locked, or holds
    /// something that is no key.
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError>;

    /// A key for the slot that is not there yet: random, unless the place
    /// itself decides what its keys are.
    ///
    /// # Errors
    /// [`StoreError::Key`] as for `load`.
    fn make(&self, _slot: &Slot) -> Result<Key, StoreError> {
        Key::generate()
    }

    /// Keeps the key.
    ///
    /// # Errors
    /// [`KeyError`] where the place does not work here or is full.
    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError>;

    /// Forgets the key, if there is one.
    ///
    /// # Errors
    /// [`KeyError`] where the place does not work here.
    fn remove(&self, slot: &Slot) -> Result<(), KeyError>;
}

/// Why a passphrase is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To open a store that was sealed with it.
    Unlock,
    /// To seal a store with it from now on; to be asked for twice.
    Choose,
}

/// Asks the user for the passphrase; `None` where nobody can be asked.
pub type Ask = Arc<dyn Fn(Purpose) -> Option<Secret<String>> + Send + Sync>;

/// What the store needs to know of the world around it.
#[derive(Clone)]
pub struct Surroundings {
    /// The vault's directory: `vault.toml` and `records/`.
    pub dir: PathBuf,
    /// Where the lock on the settings may live.
    pub locks: LockPlaces,
    /// Directories in memory, best first: see [`memory_dirs`].
    pub memory_dirs: Vec<PathBuf>,
    /// Asks for the passphrase, where it is one.
    pub ask: Ask,
    /// How long a desktop's keyring or a key command may take.
    pub patience: Duration,
}

impl Surroundings {
    /// The usual surroundings of this user, with nobody to ask.
    pub fn for_user(dir: &Path, locks: LockPlaces) -> Self {
        Self {
            dir: dir.to_owned(),
            locks,
            memory_dirs: memory_dirs(),
            ask: Arc::new(|_| None),
            patience: Duration::from_secs(20),
        }
    }
}

/// The directories in memory that this user may have, best first: below the one
/// that the system made for the user's session, else in the shared one.
pub fn memory_dirs() -> Vec<PathBuf> {
    #[cfg(target_os = "linux")]
    {
        let uid = rustix::process::getuid().as_raw();
        let places = [format!("/run/user/{uid}/daypass"), format!("/dev/shm/daypass-{uid}")];
        places.map(PathBuf::from).into()
    }
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

/// The key, if it is in a place that answers at once.
pub(crate) fn quick(
    place: &Place,
    cached: bool,
    slot: &Slot,
    memory_dirs: &[PathBuf],
) -> Option<Key> {
    match place {
        Place::KeyFile(path) => key_file::KeyFile::new(path).load(slot).ok()?,
        Place::MemoryDir => memory_dir::MemoryDir::new(memory_dirs).load(slot).ok()?,
        #[cfg(target_os = "linux")]
        Place::KernelKeyring => kernel::KernelKeyring::new(0).load(slot).ok()?,
        #[cfg(target_os = "linux")]
        _ if cached => kernel::KernelKeyring::new(0).load(slot).ok()?,
        _ => {
            let _ = cached;
            None
        }
    }
}

/// Keeps a copy of a slow place's key in the kernel keyring for so many
/// seconds. Where there is none the place is simply asked every time.
pub(crate) fn keep_copy(slot: &Slot, key: &Key, seconds: u32) {
    #[cfg(target_os = "linux")]
    let _ = kernel::KernelKeyring::new(seconds).store(slot, key);
    #[cfg(not(target_os = "linux"))]
    let _ = (slot, key, seconds);
}

/// Drops the copy.
pub(crate) fn drop_copy(slot: &Slot) {
    #[cfg(target_os = "linux")]
    let _ = kernel::KernelKeyring::new(0).remove(slot);
    #[cfg(not(target_os = "linux"))]
    let _ = slot;
}
