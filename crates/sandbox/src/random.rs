//! Random values in the shapes AWS gives them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of user codes: no vowels, so no words (RFC 8628, section 6.1).
const CONSONANTS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// `length` bytes from the operating system.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

fn letters(alphabet: &[u8], length: usize) -> String {
    pick(alphabet, &bytes(length))
}

fn pick(alphabet: &[u8], bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
}

/// A seed that people can type again.
pub(crate) fn seed() -> u64 {
    bytes(4).iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// 22 URL-safe letters: identifiers of clients, visits, authorization codes.
pub(crate) fn id() -> String {
    URL_SAFE_NO_PAD.encode(bytes(16))
}

/// A client secret: three dotted base64url parts, about 700 letters, as the real
/// ones are signed tokens.
pub(crate) fn client_secret() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"kid":"key-1564028099","alg":"HS384"}"#);
    format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(bytes(420)), URL_SAFE_NO_PAD.encode(bytes(48)))
}

/// An access token: `aoa...`, with the `+`, `/`, `=` and `:` of real ones.
pub(crate) fn access_token() -> String {
    format!("aoaAAAAAG{}:{}", STANDARD.encode(bytes(196)), STANDARD.encode(bytes(103)))
}

/// A refresh token: `aor...`.
pub(crate) fn refresh_token() -> String {
    format!("aorAAAAAG{}:{}", STANDARD.encode(bytes(196)), STANDARD.encode(bytes(103)))
}

/// A device code.
pub(crate) fn device_code() -> String {
    URL_SAFE_NO_PAD.encode(bytes(64))
}

/// A user code, `BCDF-GHJK`.
pub(crate) fn user_code() -> String {
    format!("{}-{}", letters(CONSONANTS, 4), letters(CONSONANTS, 4))
}

/// An access key ID of temporary credentials: `ASIA` and 16 letters.
pub(crate) fn access_key_id() -> String {
    format!("ASIA{}", letters(BASE32, 16))
}

/// A secret access key: 40 letters, always with a `/` and a `+`.
pub(crate) fn secret_access_key() -> String {
    let mut secret = STANDARD.encode(bytes(30));
    secret.replace_range(7..8, "/");
    secret.replace_range(23..24, "+");
    secret
}

/// A session token, about 900 letters.
pub(crate) fn session_token() -> String {
    format!("IQoJb3JpZ2luX2Vj{}", STANDARD.encode(bytes(661)))
}

/// A request ID, a UUID.
pub(crate) fn request_id() -> String {
    let hex = hex(&bytes(16));
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// The fixed 16 hex digits that end the IAM role's name of a permission set in an
/// account.
pub(crate) fn role_suffix(account: &str, permission_set: &str) -> String {
    hex(&digest(&["role", account, permission_set])[..8])
}

/// The fixed unique ID of a role: `AROA` and 17 letters.
pub(crate) fn role_id(account: &str, role: &str) -> String {
    format!("AROA{}", pick(BASE32, &digest(&["id", account, role])[..17]))
}

/// SHA-256 of `parts`, each ended by a zero byte.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        assert_eq!(access_key_id().len(), 20);
        let secret = secret_access_key();
        assert_eq!(secret.len(), 40);
        assert!(secret.contains('/') && secret.contains('+'));
        assert_eq!(user_code().len(), 9);
        assert_eq!(request_id().len(), 36);
        assert_eq!(role_id("1", "2").len(), 21);
    }

    #[test]
    fn values_differ() {
        assert_ne!(access_token(), access_token());
        assert_ne!(id(), id());
    }

    #[test]
    fn fixed_ids_do_not_change() {
        assert_eq!(role_id("a", "b"), role_id("a", "b"));
        assert_ne!(role_id("a", "b"), role_id("ab", ""));
    }
}
