//! Sealed records on disk, one file each, under one wrapping key.

mod files;
pub(crate) mod record;
mod sweep;

use crate::file::{Pending, write_private};
use crate::key::{Key, random};
use crate::{RecordName, Secret, Store, StoreError};
use files::Found;
use record::{HEADER_BYTES, MAX_BODY, Opened, Sealer, Tag};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use record::{Header, NEVER};
#[cfg(feature = "conformance")]
pub use record::{open_record, sample_record};
pub use sweep::{Orphans, Swept};

/// A record's body, and when it expires in seconds since 1970.
pub type Dated = (u64, Secret<Vec<u8>>);

/// The directory of the records below that of the vault.
pub(crate) fn records_dir(vault: &Path) -> PathBuf {
    vault.join("records")
}

/// A store of sealed files.
///
/// A record is a file called by a keyed hash of the record's name: a backup of
/// the directory shows neither account IDs nor role names, and neither can be
/// found by trying the million likely ones. Records of different keys live side
/// by side without seeing each other.
#[derive(Clone)]
pub struct SealedStore {
    dir: PathBuf,
    sealer: Arc<Sealer>,
}

impl SealedStore {
    /// The records of `key` in `dir`, which is made, 0700, when first written to.
    pub fn new(dir: impl Into<PathBuf>, key: &Key) -> Self {
        Self { dir: dir.into(), sealer: Arc::new(Sealer::new(key)) }
    }

    /// The record and its expiry, or `None` where there is none. An expired
    /// record is still there until it is swept.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] for a damaged or foreign file in its place.
    pub fn load_dated(&self, name: &RecordName) -> Result<Option<Dated>, StoreError> {
        let tag = self.sealer.tag(name);
        let path = files::path_of(&self.dir, tag);
        let Some(file) = files::read(&path).map_err(|e| broken(&path, &e))? else {
            return Ok(None);
        };
        let unreadable = || StoreError::Unreadable(name.clone());
        let opened = self.sealer.open(tag, &file).ok_or_else(unreadable)?;
        Ok(Some((opened.expires_at, opened.body)))
    }

    /// Makes or replaces a record that may be swept from `expires_at` on, in
    /// seconds since 1970.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above 1 MiB; [`StoreError::Write`] when the disk
    /// says no: the older record is whole then.
    pub fn save_until(
        &self,
        name: &RecordName,
        value: &Secret<Vec<u8>>,
        expires_at: u64,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(name, value, expires_at)?;
        Ok(write_private(&files::path_of(&self.dir, self.sealer.tag(name)), &sealed)?)
    }

    /// Whether there is a file in the record's place, whatever is in it.
    pub(crate) fn has(&self, name: &RecordName) -> bool {
        files::path_of(&self.dir, self.sealer.tag(name)).exists()
    }

    /// Takes the room for a record of at most `bytes` bytes on disk before it
    /// exists: what is fetched once and cannot be written is lost.
    pub(crate) fn reserve(&self, name: &RecordName, bytes: usize) -> Result<Pending, StoreError> {
        let whole = HEADER_BYTES + 1 + name.as_str().len() + bytes + 16;
        Ok(Pending::reserve(&files::path_of(&self.dir, self.sealer.tag(name)), whole)?)
    }

    /// Fills the room that [`SealedStore::reserve`] took.
    pub(crate) fn fill(
        &self,
        room: Pending,
        name: &RecordName,
        value: &Secret<Vec<u8>>,
        expires_at: u64,
    ) -> Result<(), StoreError> {
        Ok(room.commit(&self.seal(name, value, expires_at)?)?)
    }

    fn seal(
        &self,
        name: &RecordName,
        value: &Secret<Vec<u8>>,
        expires_at: u64,
    ) -> Result<Vec<u8>, StoreError> {
        let sealed = self.sealer.seal(name, value.expose(), expires_at, random()?);
        sealed.ok_or(StoreError::TooLarge(MAX_BODY))
    }

    /// Every record that opens, with its file. Others are none of our business.
    fn opened(&self) -> Result<Vec<(PathBuf, Opened)>, StoreError> {
        let found = files::list(&self.dir).map_err(|e| broken(&self.dir, &e))?;
        Ok(found.into_iter().filter_map(|one| self.open_found(one)).collect())
    }

    fn open_found(&self, found: Found) -> Option<(PathBuf, Opened)> {
        let Found::Record(tag, path) = found else { return None };
        let opened = self.open_file(tag, &path)?;
        Some((path, opened))
    }

    fn open_file(&self, tag: Tag, path: &Path) -> Option<Opened> {
        self.sealer.open(tag, &files::read(path).ok()??)
    }

    /// Seals every record of this store again for `other`, beside the old ones.
    /// Returns how many there were.
    pub(crate) fn copy_to(&self, other: &Self) -> Result<usize, StoreError> {
        let opened = self.opened()?;
        for (_, record) in &opened {
            other.save_until(&record.name, &record.body, record.expires_at)?;
            crate::steps::reached();
        }
        Ok(opened.len())
    }

    /// Removes every record of this store, and of no other.
    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        for (path, _) in self.opened()? {
            files::remove(&path).map_err(|e| broken(&path, &e))?;
            crate::steps::reached();
        }
        Ok(())
    }
}

impl Store for SealedStore {
    fn load(&self, name: &RecordName) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        Ok(self.load_dated(name)?.map(|(_, body)| body))
    }

    fn save(&self, name: &RecordName, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.save_until(name, value, NEVER)
    }

    fn remove(&self, name: &RecordName) -> Result<bool, StoreError> {
        let path = files::path_of(&self.dir, self.sealer.tag(name));
        files::remove(&path).map_err(|e| broken(&path, &e))
    }

    fn names(&self) -> Result<Vec<RecordName>, StoreError> {
        let mut names: Vec<_> = self.opened()?.into_iter().map(|(_, r)| r.name).collect();
        names.sort();
        Ok(names)
    }
}

/// The fast lane: one record of the vault in `dir`, opened with a key that is at
/// hand already. Reads one file; no random numbers, no thread, no bus.
///
/// # Errors
/// As [`SealedStore::load_dated`].
///
/// ```no_run
/// # use std::path::Path;
/// # fn main() -> Result<(), vault::StoreError> {
/// let dir = Path::new("/home/me/.local/share/daypass/vault");
/// let name = vault::RecordName::parse("role.corp.867530900000.ReadOnlyAccess")?;
/// if let Some(key) = vault::fast_key(dir)
///     && let Some((expires_at, body)) = vault::open_one(dir, &name, &key)?
/// {
///     println!("{} bytes until {expires_at}", body.expose().len());
/// }
/// # Ok(()) }
/// ```
pub fn open_one(dir: &Path, name: &RecordName, key: &Key) -> Result<Option<Dated>, StoreError> {
    SealedStore::new(records_dir(dir), key).load_dated(name)
}

/// The fast lane: whether the vault in `dir` has a record of that name, unopened.
pub fn has_one(dir: &Path, name: &RecordName, key: &Key) -> bool {
    SealedStore::new(records_dir(dir), key).has(name)
}

fn broken(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("`{}`: {error}", path.display()))
}
