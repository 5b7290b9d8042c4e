//! A private directory in memory: for machines without a kernel keyring.

use super::backend::Backend;
use super::key_file::KeyFile;
use super::{KeyError, KeySource, Slot};
use crate::key::Key;
use std::io;
use std::path::{Path, PathBuf};

/// Files `key-SLOT` in the first directory that is in memory and ours alone.
pub(super) struct MemoryDir {
    candidates: Vec<PathBuf>,
}

impl MemoryDir {
    pub(super) fn new(candidates: &[PathBuf]) -> Self {
        Self { candidates: candidates.to_vec() }
    }

    fn file(&self, slot: &Slot) -> Result<KeyFile, KeyError> {
        let mut why = "this system has no directory in memory for each user".to_owned();
        for dir in &self.candidates {
            match usable(dir) {
                Ok(()) => {
                    let path = dir.join(format!("key-{}", slot.as_str()));
                    return Ok(KeyFile::for_backend(&path, Backend::MemoryDir));
                }
                Err(error) => why = format!("`{}`: {error}", dir.display()),
            }
        }
        Err(KeyError::new(Backend::MemoryDir, why))
    }
}

impl KeySource for MemoryDir {
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError> {
        self.file(slot)?.load(slot)
    }

    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError> {
        self.file(slot)?.store(slot, key)
    }

    fn remove(&self, slot: &Slot) -> Result<(), KeyError> {
        self.file(slot)?.remove(slot)
    }
}

/// Makes the directory if its parent is in memory, and sees that it is ours.
/// The parent is not made: where the system made none, `/run` may be a disk.
#[cfg(target_os = "linux")]
fn usable(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    in_memory(dir.parent().unwrap_or(dir))?;
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    let meta = std::fs::symlink_metadata(dir)?;
    if !meta.is_dir() {
        return Err(io::Error::other("not a directory"));
    }
    super::private::refuse_shared(&meta)?;
    in_memory(dir)
}

#[cfg(not(target_os = "linux"))]
fn usable(_dir: &Path) -> io::Result<()> {
    Err(io::Error::other("only on Linux"))
}

/// The magic numbers of tmpfs and ramfs, statfs(2).
#[cfg(target_os = "linux")]
fn in_memory(dir: &Path) -> io::Result<()> {
    const TMPFS: i128 = 0x0102_1994;
    const RAMFS: i128 = 0x8584_58f6;
    let kind = i128::from(rustix::fs::statfs(dir)?.f_type);
    match kind == TMPFS || kind == RAMFS {
        true => Ok(()),
        false => Err(io::Error::other("not in memory")),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_directory_that_is_not_in_memory_is_refused_and_not_made() {
        let dir = PathBuf::from("/proc/daypass");
        let source = MemoryDir::new(std::slice::from_ref(&dir));
        let error = source.load(&Slot::draw().unwrap()).unwrap_err();
        assert!(error.to_string().contains("not in memory"), "{error}");
        assert!(!dir.exists());
    }

    #[test]
    fn a_directory_that_others_can_enter_is_passed_over() {
        let Ok(shm) = tempfile::tempdir_in("/dev/shm") else {
            crate::tests::skipped(&"there is no /dev/shm");
            return;
        };
        let (open, ours) = (shm.path().join("open"), shm.path().join("ours"));
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o711)).unwrap();
        let slot = Slot::draw().unwrap();
        let key = Key::new([3; 32]);
        let source = MemoryDir::new(&[open.clone(), ours.clone()]);
        source.store(&slot, &key).unwrap();
        assert_eq!(std::fs::read_dir(&open).unwrap().count(), 0);
        assert_eq!(std::fs::metadata(&ours).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(source.load(&slot).unwrap().unwrap().id(), key.id());
    }
}
