//! The bytes of a sealed record. `docs/vault-format.md` is this file in words.

use crate::key::{Key, KeyId, hmac};
use crate::{RecordName, Secret};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// What every record begins with; the last byte is the version of the format.
pub(crate) const MAGIC: [u8; 8] = *b"daypass\x01";
/// Bytes before the ciphertext.
pub(crate) const HEADER_BYTES: usize = 48;
/// The longest body: far above any credential, far below what hurts.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// The longest file: header, length and text of a name, body, tag.
pub(crate) const MAX_FILE: usize = HEADER_BYTES + 1 + 255 + MAX_BODY + 16;
/// An expiry that never comes.
pub const NEVER: u64 = u64::MAX;

/// Bytes of the random nonce.
pub(crate) type Nonce = [u8; 24];

/// What a record says of itself without being opened.
///
/// It can be read by anybody and is to be believed only once the record has
/// been opened, which authenticates it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The key that sealed the record.
    pub key_id: KeyId,
    /// When the record may be swept, in seconds since 1970; [`NEVER`].
    pub expires_at: u64,
    pub(crate) nonce: Nonce,
}

impl Header {
    /// The header of a file, if it is one of ours and of this version.
    pub fn parse(file: &[u8]) -> Option<Self> {
        let (magic, rest) = file.split_first_chunk::<8>()?;
        let (key_id, rest) = rest.split_first_chunk::<8>()?;
        let (expires_at, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, _) = rest.split_first_chunk::<24>()?;
        let expires_at = u64::from_be_bytes(*expires_at);
        (*magic == MAGIC).then_some(Self { key_id: KeyId(*key_id), expires_at, nonce: *nonce })
    }

    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.key_id.0);
        bytes[16..24].copy_from_slice(&self.expires_at.to_be_bytes());
        bytes[24..].copy_from_slice(&self.nonce);
        bytes
    }
}

/// The record's name under the name key: its file name, and authenticated with
/// the header, so that a file moved to another record's place does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag(pub(crate) [u8; 16]);

/// An opened record.
pub(crate) struct Opened {
    pub(crate) name: RecordName,
    pub(crate) expires_at: u64,
    pub(crate) body: Secret<Vec<u8>>,
}

/// Seals and opens records under one wrapping key.
pub(crate) struct Sealer {
    pub(crate) key_id: KeyId,
    seal: Secret<[u8; 32]>,
    name: Secret<[u8; 32]>,
}

impl Sealer {
    pub(crate) fn new(key: &Key) -> Self {
        Self { key_id: key.id(), seal: key.derive(b"seal"), name: key.derive(b"name") }
    }

    /// The tag of a record's name.
    pub(crate) fn tag(&self, name: &RecordName) -> Tag {
        let full = hmac(self.name.expose(), &[name.as_str().as_bytes()]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&full[..16]);
        Tag(tag)
    }

    /// The whole file of a record. `None` for a body over [`MAX_BODY`].
    pub(crate) fn seal(
        &self,
        name: &RecordName,
        body: &[u8],
        expires_at: u64,
        nonce: Nonce,
    ) -> Option<Vec<u8>> {
        let header = Header { key_id: self.key_id, expires_at, nonce }.to_bytes();
        let text = name.as_str().as_bytes();
        let mut file = Vec::with_capacity(HEADER_BYTES + 1 + text.len() + body.len() + 16);
        file.extend_from_slice(&header);
        file.push(u8::try_from(text.len()).ok()?);
        file.extend_from_slice(text);
        file.extend_from_slice(body);
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &authenticated(&header, self.tag(name)),
                (&mut file[HEADER_BYTES..]).into(),
            )
            .ok()?;
        file.extend_from_slice(&tag);
        (body.len() <= MAX_BODY).then_some(file)
    }

    /// Opens the file found at `tag`; `None` if it was not sealed for that place
    /// by this key, or was changed since.
    pub(crate) fn open(&self, tag: Tag, file: &[u8]) -> Option<Opened> {
        let header = Header::parse(file)?;
        let mut inner = Secret::new(file.get(HEADER_BYTES..)?.to_vec());
        let aad = authenticated(&header.to_bytes(), tag);
        let nonce = XNonce::from(header.nonce);
        self.cipher().decrypt_in_place(&nonce, &aad, inner.expose_mut()).ok()?;
        let (name, body) = split_name(inner)?;
        (self.tag(&name) == tag).then_some(Opened { name, expires_at: header.expires_at, body })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.seal.expose().into())
    }
}

fn authenticated(header: &[u8; HEADER_BYTES], tag: Tag) -> [u8; HEADER_BYTES + 16] {
    let mut aad = [0; HEADER_BYTES + 16];
    aad[..HEADER_BYTES].copy_from_slice(header);
    aad[HEADER_BYTES..].copy_from_slice(&tag.0);
    aad
}

/// The plaintext is the length of the name, the name, the body.
fn split_name(mut inner: Secret<Vec<u8>>) -> Option<(RecordName, Secret<Vec<u8>>)> {
    let (&length, rest) = inner.expose().split_first()?;
    let text = std::str::from_utf8(rest.get(..usize::from(length))?).ok()?;
    let name = RecordName::parse(text).ok()?;
    inner.expose_mut().drain(..=usize::from(length));
    Some((name, inner))
}

/// A record of a fixed key and name; for fuzzing.
#[cfg(feature = "conformance")]
pub fn sample_record(body: &[u8]) -> Option<Vec<u8>> {
    let name = RecordName::parse("role.a").ok()?;
    Sealer::new(&Key::new([1; 32])).seal(&name, body, 7, [9; 24])
}

/// The body of such a record, if these bytes open as one; for fuzzing.
#[cfg(feature = "conformance")]
pub fn open_record(file: &[u8]) -> Option<Secret<Vec<u8>>> {
    let name = RecordName::parse("role.a").ok()?;
    let sealer = Sealer::new(&Key::new([1; 32]));
    Some(sealer.open(sealer.tag(&name), file)?.body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealer() -> Sealer {
        Sealer::new(&Key::new([7; 32]))
    }

    fn name(text: &str) -> RecordName {
        RecordName::parse(text).unwrap()
    }

    fn sample() -> Vec<u8> {
        sealer().seal(&name("role.a"), b"sentinel", 42, [9; 24]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens() {
        let opened = sealer().open(sealer().tag(&name("role.a")), &sample()).unwrap();
        assert_eq!(opened.name.as_str(), "role.a");
        assert_eq!((opened.expires_at, opened.body.expose().as_slice()), (42, &b"sentinel"[..]));
    }

    #[test]
    fn a_record_opens_only_in_its_own_place_and_under_its_own_key() {
        assert!(sealer().open(sealer().tag(&name("role.b")), &sample()).is_none());
        let other = Sealer::new(&Key::new([8; 32]));
        assert!(other.open(other.tag(&name("role.a")), &sample()).is_none());
        assert!(other.open(sealer().tag(&name("role.a")), &sample()).is_none());
    }

    #[test]
    fn a_body_too_long_is_refused() {
        let long = vec![0; MAX_BODY + 1];
        assert!(sealer().seal(&name("a"), &long, 0, [0; 24]).is_none());
        assert!(sealer().seal(&name("a"), &long[1..], 0, [0; 24]).is_some());
    }

    #[test]
    fn the_vector_of_the_document() {
        let key = Key::new(std::array::from_fn(|i| i as u8));
        let sealer = Sealer::new(&key);
        let name = name("role.corp.867530900000.ReadOnly");
        let nonce = std::array::from_fn(|i| 0x40 + i as u8);
        let file = sealer.seal(&name, b"{\"Version\":1}", 1_900_000_000, nonce).unwrap();
        let document = include_str!("../../../../docs/vault-format.md");
        for bytes in [
            &key.id().0[..],
            key.derive(b"seal").expose(),
            key.derive(b"name").expose(),
            &sealer.tag(&name).0,
            &file[..HEADER_BYTES],
            &file[HEADER_BYTES..],
        ] {
            let digits = crate::key::to_hex(bytes);
            assert!(document.contains(&digits), "{digits}");
        }
    }

    proptest! {
        #[test]
        fn no_flipped_bit_goes_unseen(at in 0..sample().len(), bit in 0_u8..8) {
            let mut file = sample();
            file[at] ^= 1 << bit;
            prop_assert!(sealer().open(sealer().tag(&name("role.a")), &file).is_none());
        }

        #[test]
        fn no_cut_and_no_addition_goes_unseen(at in 0..sample().len(), more in 1_usize..40) {
            let file = sample();
            let tag = sealer().tag(&name("role.a"));
            prop_assert!(sealer().open(tag, &file[..at]).is_none());
            let longer = [file, vec![0; more]].concat();
            prop_assert!(sealer().open(tag, &longer).is_none());
        }

        #[test]
        fn any_bytes_are_refused_without_harm(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(sealer().open(Tag([0; 16]), &file).is_none());
            let ours = [&MAGIC[..], &file].concat();
            prop_assert!(sealer().open(Tag([0; 16]), &ours).is_none());
        }
    }
}
