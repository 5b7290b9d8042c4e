//! A key on disk that a passphrase seals: Argon2id, then XChaCha20-Poly1305.
//!
//! The key itself is random as everywhere; the passphrase opens only the file
//! it is in, so that a wrong passphrase is told from a damaged store. The costs
//! stand in the file (RFC 9106, section 4, has the ones we write: its second
//! recommendation, with one lane).

use super::backend::Backend;
use super::{Ask, KeyError, KeySource, Purpose, Slot, private};
use crate::file::write_private;
use crate::key::{KEY_BYTES, Key, random};
use crate::{Secret, StoreError};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::path::{Path, PathBuf};

/// What the file begins with; the last byte is the version.
const MAGIC: [u8; 8] = *b"dppass\0\x01";
const HEADER_BYTES: usize = 60;
const FILE_BYTES: usize = HEADER_BYTES + KEY_BYTES + 16;

/// How hard guessing is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cost {
    kibibytes: u32,
    passes: u32,
    lanes: u32,
}

const COST: Cost = if cfg!(test) {
    Cost { kibibytes: 64, passes: 1, lanes: 1 }
} else {
    Cost { kibibytes: 65_536, passes: 3, lanes: 1 }
};
/// A file that asks for more is not one of ours: it would take the machine.
const MOST: Cost = Cost { kibibytes: 1 << 20, passes: 64, lanes: 16 };

/// Files `passphrase-SLOT.key` in the vault's directory.
pub(super) struct Passphrase {
    pub(super) dir: PathBuf,
    pub(super) ask: Ask,
}

impl Passphrase {
    fn path(&self, slot: &Slot) -> PathBuf {
        self.dir.join(format!("passphrase-{}.key", slot.as_str()))
    }

    fn ask(&self, purpose: Purpose) -> Result<Secret<String>, KeyError> {
        (self.ask)(purpose).ok_or_else(|| failed("a passphrase is needed and nobody can be asked"))
    }
}

impl KeySource for Passphrase {
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError> {
        let path = self.path(slot);
        let Some(file) = private::read(&path).map_err(|e| named(&path, e))? else {
            return Ok(None);
        };
        let file = Wrapped::parse(file.expose()).ok_or_else(|| named(&path, "damaged"))?;
        let passphrase = self.ask(Purpose::Unlock)?;
        file.open(&passphrase).map(Some).ok_or_else(|| failed("the passphrase is wrong"))
    }

    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError> {
        let passphrase = self.ask(Purpose::Choose)?;
        if passphrase.expose().is_empty() {
            return Err(failed("an empty passphrase protects nothing"));
        }
        let file = wrap(key, &passphrase, COST).map_err(failed)?;
        write_private(&self.path(slot), &file).map_err(failed)
    }

    fn remove(&self, slot: &Slot) -> Result<(), KeyError> {
        let path = self.path(slot);
        private::remove(&path).map_err(|e| named(&path, e))
    }
}

fn failed(why: impl std::fmt::Display) -> KeyError {
    KeyError::new(Backend::Passphrase, why)
}

fn named(path: &Path, why: impl std::fmt::Display) -> KeyError {
    failed(format!("`{}`: {why}", path.display()))
}

/// A sealed key as it stands in the file.
struct Wrapped {
    header: [u8; HEADER_BYTES],
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 24],
    sealed: [u8; KEY_BYTES + 16],
}

impl Wrapped {
    fn parse(file: &[u8]) -> Option<Self> {
        let file: &[u8; FILE_BYTES] = file.try_into().ok()?;
        let (header, sealed) = file.split_first_chunk::<HEADER_BYTES>()?;
        let (magic, rest) = header.split_first_chunk::<8>()?;
        let (kibibytes, rest) = number(rest)?;
        let (passes, rest) = number(rest)?;
        let (lanes, rest) = number(rest)?;
        let (salt, nonce) = rest.split_first_chunk::<16>()?;
        let cost = Cost { kibibytes, passes, lanes };
        (*magic == MAGIC && cost.is_sane()).then_some(Self {
            header: *header,
            cost,
            salt: *salt,
            nonce: nonce.try_into().ok()?,
            sealed: sealed.try_into().ok()?,
        })
    }

    fn open(&self, passphrase: &Secret<String>) -> Option<Key> {
        let cipher = cipher(passphrase, &self.salt, self.cost)?;
        let mut inner = Secret::new(self.sealed.to_vec());
        let nonce = XNonce::from(self.nonce);
        cipher.decrypt_in_place(&nonce, &self.header, inner.expose_mut()).ok()?;
        Key::from_slice(inner.expose())
    }
}

impl Cost {
    fn is_sane(self) -> bool {
        self.kibibytes <= MOST.kibibytes && self.passes <= MOST.passes && self.lanes <= MOST.lanes
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

fn wrap(key: &Key, passphrase: &Secret<String>, cost: Cost) -> Result<Vec<u8>, StoreError> {
    seal(key, passphrase, cost, random()?, random()?)
        .ok_or_else(|| StoreError::Unavailable("a key could not be sealed".to_owned()))
}

fn seal(
    key: &Key,
    passphrase: &Secret<String>,
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 24],
) -> Option<Vec<u8>> {
    let mut file = Vec::with_capacity(FILE_BYTES);
    file.extend_from_slice(&MAGIC);
    for number in [cost.kibibytes, cost.passes, cost.lanes] {
        file.extend_from_slice(&number.to_be_bytes());
    }
    file.extend_from_slice(&salt);
    file.extend_from_slice(&nonce);
    let mut inner = Secret::new(Vec::with_capacity(KEY_BYTES + 16));
    inner.expose_mut().extend_from_slice(key.bytes().expose());
    cipher(passphrase, &salt, cost)?
        .encrypt_in_place(&XNonce::from(nonce), &file, inner.expose_mut())
        .ok()?;
    file.extend_from_slice(inner.expose());
    Some(file)
}

fn cipher(passphrase: &Secret<String>, salt: &[u8], cost: Cost) -> Option<XChaCha20Poly1305> {
    let params = Params::new(cost.kibibytes, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut key = Secret::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.expose_mut())
        .ok()?;
    Some(XChaCha20Poly1305::new(key.expose().into()))
}

/// Whether the bytes are a sealed key; for fuzzing.
#[cfg(feature = "conformance")]
pub fn parse_for_fuzzing(file: &[u8]) -> bool {
    Wrapped::parse(file).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::to_hex;
    use std::sync::Arc;

    fn source(dir: &Path, passphrase: &'static str) -> Passphrase {
        Passphrase { dir: dir.to_owned(), ask: Arc::new(move |_| Some(passphrase.into())) }
    }

    #[test]
    fn the_right_passphrase_opens_and_a_wrong_one_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let slot = Slot::draw().unwrap();
        let right = source(dir.path(), "correct horse");
        assert!(right.load(&slot).unwrap().is_none());
        right.store(&slot, &Key::new([5; 32])).unwrap();
        assert_eq!(right.load(&slot).unwrap().unwrap().id(), Key::new([5; 32]).id());
        let wrong = source(dir.path(), "battery staple").load(&slot).unwrap_err();
        assert!(wrong.to_string().contains("the passphrase is wrong"), "{wrong}");
        let nobody = Passphrase { dir: dir.path().to_owned(), ask: Arc::new(|_| None) };
        assert!(nobody.load(&slot).unwrap_err().to_string().contains("nobody can be asked"));
        right.remove(&slot).unwrap();
        assert!(right.load(&slot).unwrap().is_none());
    }

    #[test]
    fn the_vector_of_the_document() {
        let cost = Cost { kibibytes: 64, passes: 2, lanes: 1 };
        let key = Key::new(std::array::from_fn(|i| i as u8));
        let file = seal(&key, &"correct horse".into(), cost, [0x11; 16], [0x22; 24]).unwrap();
        let document = include_str!("../../../../docs/vault-format.md");
        assert!(document.contains(&to_hex(&file[..HEADER_BYTES])), "{}", to_hex(&file));
        assert!(document.contains(&to_hex(&file[HEADER_BYTES..])), "{}", to_hex(&file));
    }

    #[test]
    fn a_file_that_would_take_the_machine_is_refused() {
        let key = Key::new([0; 32]);
        let cost = Cost { kibibytes: 8, passes: 1, lanes: 1 };
        let mut file = seal(&key, &"x".into(), cost, [0; 16], [0; 24]).unwrap();
        assert!(Wrapped::parse(&file).is_some());
        file[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(Wrapped::parse(&file).is_none());
    }
}
