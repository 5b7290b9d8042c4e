//! The trait of every place that keeps secrets, and the one in memory.

use crate::{KeyError, LockError, Secret, WriteError};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The name of a record: lower-case words joined by `.`, `-` or `/`-free
/// punctuation, such as `role.disasters.867530900000.ReadOnlyAccess`.
///
/// It is not a secret and may show in messages, but it names accounts, so a store
/// on disk keeps it out of its file names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordName(String);

impl RecordName {
    /// A name of 1 to 200 printable ASCII characters without `/` and `\`.
    ///
    /// # Errors
    /// [`StoreError::BadName`] for anything else: a name may become a file name.
    pub fn parse(name: &str) -> Result<Self, StoreError> {
        let fits = (1..=200).contains(&name.len());
        let plain = name.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'\\');
        if fits && plain && !name.starts_with('.') {
            Ok(Self(name.to_owned()))
        } else {
            Err(StoreError::BadName)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name cannot be used in every store.
    #[error("a record name must be 1 to 200 printable ASCII characters without slashes")]
    BadName,
    /// The record is there but cannot be opened: damaged, or sealed by a key
    /// that is gone. The cure is to make the secret anew, never to retry.
    #[error("the record `{0}` cannot be opened")]
    Unreadable(RecordName),
    /// The place itself does not work.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// The secret is longer than any this store takes, in bytes.
    #[error("a record may have {0} bytes and no more")]
    TooLarge(usize),
    /// The record could not be written; the older one, if any, is whole.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Another process has been at work on the store for too long.
    #[error("the store is in use: {0}")]
    Busy(#[from] LockError),
    /// The wrapping key is out of reach: see [`KeyError::cure`].
    #[error(transparent)]
    Key(#[from] KeyError),
    /// `vault.toml` is not what this version of daypass writes.
    #[error("`{path}` line {line}: {problem}")]
    Settings {
        /// The settings file.
        path: PathBuf,
        /// Counted from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong, in a few words.
        problem: String,
    },
}

impl StoreError {
    /// What the user can do about it, for the hint line.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Key(error) => Some(error.cure()),
            Self::Settings { .. } => {
                Some("correct the file, or remove it: the next login begins a new store")
            }
            Self::Unreadable(_) => Some("log in again: it is made anew"),
            _ => None,
        }
    }
}

/// A place that keeps secrets, one record a name.
///
/// Writers replace a record whole; two processes writing different records
/// never lose one another's.
pub trait Store: Send + Sync {
    /// The record, or `None` where there is none.
    fn load(&self, name: &RecordName) -> Result<Option<Secret<Vec<u8>>>, StoreError>;
    /// Makes or replaces the record.
    fn save(&self, name: &RecordName, value: &Secret<Vec<u8>>) -> Result<(), StoreError>;
    /// Removes the record; `false` where there was none.
    fn remove(&self, name: &RecordName) -> Result<bool, StoreError>;
    /// The names of all records, sorted.
    fn names(&self) -> Result<Vec<RecordName>, StoreError>;
}

/// A store that ends with the process.
#[derive(Default)]
pub struct MemoryStore(Mutex<BTreeMap<RecordName, Secret<Vec<u8>>>>);

impl MemoryStore {
    fn records(&self) -> std::sync::MutexGuard<'_, BTreeMap<RecordName, Secret<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, name: &RecordName) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        Ok(self.records().get(name).cloned())
    }

    fn save(&self, name: &RecordName, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.records().insert(name.clone(), value.clone());
        Ok(())
    }

    fn remove(&self, name: &RecordName) -> Result<bool, StoreError> {
        Ok(self.records().remove(name).is_some())
    }

    fn names(&self) -> Result<Vec<RecordName>, StoreError> {
        Ok(self.records().keys().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_store_conforms() {
        crate::conformance::run(&MemoryStore::default());
    }

    #[test]
    fn names_that_could_leave_a_directory_are_refused() {
        for bad in ["", ".", "..", "../x", "a/b", "a\\b", "a b", "a\nb", "ü", &"x".repeat(201)] {
            assert!(RecordName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(RecordName::parse("role.disasters.867530900000.ReadOnlyAccess").is_ok());
    }
}
