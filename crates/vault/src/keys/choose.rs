//! From the settings to the place, and the place for those who chose none.

use super::backend::Backend;
use super::command::KeyCommand;
use super::desktop::Desktop;
use super::key_file::KeyFile;
use super::memory_dir::MemoryDir;
use super::passphrase::Passphrase;
use super::{KeyError, KeySource, Slot, Surroundings};
use crate::StoreError;
use crate::key::Key;
use crate::settings::{Choice, Place};

/// The place that the settings name.
pub(crate) fn source(choice: &Choice, around: &Surroundings) -> Box<dyn KeySource> {
    match &choice.place {
        Place::KernelKeyring => kernel(choice.keyring_seconds),
        Place::MemoryDir => Box::new(MemoryDir::new(&around.memory_dirs)),
        Place::Desktop(backend) => {
            Box::new(Desktop { backend: *backend, patience: around.patience })
        }
        Place::Passphrase => {
            Box::new(Passphrase { dir: around.dir.clone(), ask: around.ask.clone() })
        }
        Place::KeyFile(path) => Box::new(KeyFile::new(path)),
        Place::KeyCommand(argv) => {
            Box::new(KeyCommand { argv: argv.clone(), patience: around.patience })
        }
    }
}

#[cfg(target_os = "linux")]
fn kernel(seconds: u32) -> Box<dyn KeySource> {
    Box::new(super::kernel::KernelKeyring::new(seconds))
}

#[cfg(not(target_os = "linux"))]
fn kernel(_seconds: u32) -> Box<dyn KeySource> {
    Box::new(Missing(Backend::KernelKeyring))
}

/// The first place that works here without asking anybody: the system's own
/// on macOS and Windows, else the kernel keyring, else a directory in memory.
///
/// # Errors
/// [`StoreError::Key`] where none works: what is left lies on the disk, and
/// that is for the user to choose.
pub(crate) fn automatic(around: &Surroundings) -> Result<Choice, StoreError> {
    if cfg!(target_os = "macos") {
        return Ok(Choice::of(Place::Desktop(Backend::Keychain)));
    }
    if cfg!(windows) {
        return Ok(Choice::of(Place::Desktop(Backend::CredentialManager)));
    }
    let mut refused = None;
    for place in [Place::KernelKeyring, Place::MemoryDir] {
        let choice = Choice::of(place);
        match probe(&*source(&choice, around)) {
            Ok(()) => return Ok(choice),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or(KeyError::new(Backend::MemoryDir, "this system has none").into()))
}

/// Whether a key can be put there, found again and taken away.
fn probe(source: &dyn KeySource) -> Result<(), StoreError> {
    let (slot, key) = (Slot::draw()?, Key::generate()?);
    source.store(&slot, &key)?;
    let found = source.load(&slot);
    source.remove(&slot)?;
    match found?.is_some_and(|found| found.id() == key.id()) {
        true => Ok(()),
        false => Err(StoreError::Unavailable("a key that was put away is gone".to_owned())),
    }
}

#[cfg(not(target_os = "linux"))]
struct Missing(Backend);

#[cfg(not(target_os = "linux"))]
impl KeySource for Missing {
    fn load(&self, _slot: &Slot) -> Result<Option<Key>, KeyError> {
        Err(KeyError::new(self.0, "this system has none"))
    }

    fn store(&self, _slot: &Slot, _key: &Key) -> Result<(), KeyError> {
        Err(KeyError::new(self.0, "this system has none"))
    }

    fn remove(&self, _slot: &Slot) -> Result<(), KeyError> {
        Ok(())
    }
}
