//! The wrapping key, and what is derived from it.

use crate::{Secret, StoreError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroize;

/// Bytes in a wrapping key.
pub(crate) const KEY_BYTES: usize = 32;

/// Says which key sealed a record, without saying anything about the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub(crate) [u8; 8]);

/// The wrapping key: 32 random bytes, one for a user's whole store.
#[derive(Clone)]
pub struct Key {
    bytes: Secret<[u8; KEY_BYTES]>,
    id: KeyId,
}

impl Key {
    /// A key made of these 32 bytes.
    pub fn new(mut bytes: [u8; KEY_BYTES]) -> Self {
        let derived = derive(&bytes, b"id");
        let mut id = [0; 8];
        id.copy_from_slice(&derived.expose()[..8]);
        let key = Self { bytes: Secret::new(bytes), id: KeyId(id) };
        bytes.zeroize();
        key
    }

    /// A new key from the system's random source.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where there is none.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self::new(random()?))
    }

    /// The key in a slice of exactly 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::new(bytes.try_into().ok()?))
    }

    /// The name of the key, as it stands in the header of every record.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The bytes, for the place that keeps them.
    pub(crate) fn bytes(&self) -> &Secret<[u8; KEY_BYTES]> {
        &self.bytes
    }

    /// A key for one purpose: no two purposes share one.
    pub(crate) fn derive(&self, purpose: &[u8]) -> Secret<[u8; KEY_BYTES]> {
        derive(self.bytes.expose(), purpose)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// HMAC-SHA-256 of `daypass-vault-1 PURPOSE` under `key`.
fn derive(key: &[u8; KEY_BYTES], purpose: &[u8]) -> Secret<[u8; KEY_BYTES]> {
    Secret::new(hmac(key, &[b"daypass-vault-1 ", purpose]))
}

/// HMAC-SHA-256 of the parts, one after the other.
pub(crate) fn hmac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104: a key shorter than the hash's block is filled up with zeros.
    let mut block = Secret::new([0; 64]);
    block.expose_mut()[..KEY_BYTES].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(block.expose().into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// `N` bytes from the system's random source.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| StoreError::Unavailable(format!("no random numbers: {e}")))?;
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

/// The `N` bytes written as exactly `2 N` lower-case hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_there_and_back() {
        let bytes: [u8; 4] = [0x00, 0x9f, 0xa0, 0xff];
        assert_eq!(to_hex(&bytes), "009fa0ff");
        assert_eq!(from_hex("009fa0ff"), Some(bytes));
        for bad in ["009fa0f", "009fa0fff", "009FA0FF", "009fa0fg", "é09fa0f"] {
            assert_eq!(from_hex::<4>(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_shows_its_id_and_never_itself() {
        let key = Key::new([0xab; 32]);
        assert!(!format!("{key:?}").contains("abab"));
        assert_eq!(key.id(), Key::new([0xab; 32]).id());
        assert_ne!(key.id(), Key::new([0xac; 32]).id());
        assert_ne!(Key::generate().unwrap().id(), Key::generate().unwrap().id());
    }
}
