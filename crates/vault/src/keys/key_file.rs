//! A key file: one line for every slot.
//!
//! ```text
//! daypass-key-1 SLOT KEY
//! ```
//!
//! with 16 and 64 hexadecimal digits. One file may serve several stores, and
//! holds the old key and the new one while a store is sealed again.

use super::backend::Backend;
use super::{KeyError, KeySource, Slot, private};
use crate::Secret;
use crate::file::write_private;
use crate::key::{Key, from_hex, to_hex};
use std::path::{Path, PathBuf};

const WORD: &str = "daypass-key-1";

/// A file of keys.
pub(super) struct KeyFile {
    path: PathBuf,
    backend: Backend,
}

impl KeyFile {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), backend: Backend::KeyFile }
    }

    /// The same file on behalf of another backend.
    pub(super) fn for_backend(path: &Path, backend: Backend) -> Self {
        Self { path: path.to_owned(), backend }
    }

    fn text(&self) -> Result<Option<Secret<Vec<u8>>>, KeyError> {
        private::read(&self.path).map_err(|e| self.failed(e))
    }

    /// The lines of all other slots, with room for one more.
    fn others(&self, slot: &Slot) -> Result<Secret<Vec<u8>>, KeyError> {
        let old = self.text()?.unwrap_or_else(|| Secret::new(Vec::new()));
        let mut kept = Secret::new(Vec::with_capacity(old.expose().len() + 128));
        for line in lines(old.expose()).filter(|line| of_slot(line, slot).is_none()) {
            kept.expose_mut().extend_from_slice(line);
            kept.expose_mut().push(b'\n');
        }
        Ok(kept)
    }

    fn write(&self, text: &Secret<Vec<u8>>) -> Result<(), KeyError> {
        write_private(&self.path, text.expose()).map_err(|e| KeyError::new(self.backend, e))
    }

    fn failed(&self, error: std::io::Error) -> KeyError {
        KeyError::new(self.backend, format!("`{}`: {error}", self.path.display()))
    }
}

impl KeySource for KeyFile {
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError> {
        let Some(text) = self.text()? else { return Ok(None) };
        let Some(digits) = lines(text.expose()).find_map(|line| of_slot(line, slot)) else {
            return Ok(None);
        };
        let key = std::str::from_utf8(digits).ok().and_then(from_hex).map(Key::new);
        key.map(Some).ok_or_else(|| self.failed(std::io::Error::other("a key in it is damaged")))
    }

    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError> {
        let mut text = self.others(slot)?;
        let digits = Secret::new(to_hex(key.bytes().expose()));
        for part in [WORD, " ", slot.as_str(), " ", digits.expose(), "\n"] {
            text.expose_mut().extend_from_slice(part.as_bytes());
        }
        self.write(&text)
    }

    fn remove(&self, slot: &Slot) -> Result<(), KeyError> {
        let kept = self.others(slot)?;
        match kept.expose().is_empty() {
            true => private::remove(&self.path).map_err(|e| self.failed(e)),
            false => self.write(&kept),
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').filter(|line| !line.is_empty())
}

/// The digits of the key, if the line is that of the slot.
fn of_slot<'a>(line: &'a [u8], slot: &Slot) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(WORD.as_bytes())?.strip_prefix(b" ")?;
    rest.strip_prefix(slot.as_str().as_bytes())?.strip_prefix(b" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_many_slots() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::new(&dir.path().join("keys/daypass.key"));
        let slots = [Slot::draw().unwrap(), Slot::draw().unwrap()];
        assert!(file.load(&slots[0]).unwrap().is_none());
        for (slot, byte) in slots.iter().zip([1, 2]) {
            file.store(slot, &Key::new([9; 32])).unwrap();
            file.store(slot, &Key::new([byte; 32])).unwrap();
        }
        file.remove(&slots[0]).unwrap();
        assert!(file.load(&slots[0]).unwrap().is_none());
        assert_eq!(file.load(&slots[1]).unwrap().unwrap().id(), Key::new([2; 32]).id());
        file.remove(&slots[1]).unwrap();
        assert!(!file.path.exists());
        file.remove(&slots[1]).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::new(&dir.path().join("daypass.key"));
        let slot = Slot::draw().unwrap();
        file.store(&slot, &Key::new([1; 32])).unwrap();
        std::fs::set_permissions(&file.path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(file.load(&slot).unwrap_err().to_string().contains("others could read it"));
    }
}
