//! Codes of an authenticator app: RFC 6238 with SHA-1, 6 digits, 30 seconds.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;

use crate::random;

/// Seconds that a code is good for.
const STEP: i64 = 30;
/// What RFC 4226 recommends, section 4: as long as a SHA-1.
const BYTES: usize = 20;
/// 80 bits, the least that authenticator apps have ever made.
const LEAST_BYTES: usize = 10;

/// What a user's authenticator app shares with the sandbox. Written in base 32.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Vec<u8>);

/// Text that is no such secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a TOTP secret is at least 16 of A-Z 2-7")]
pub struct NotATotpSecret;

impl TotpSecret {
    pub(crate) fn random() -> Self {
        Self(random::bytes(BYTES))
    }

    /// The code that an app shows at that time.
    pub fn code(&self, at: Timestamp) -> String {
        self.code_of(step(at))
    }

    /// The code of a step (RFC 4226, 5.3).
    pub(crate) fn code_of(&self, step: i64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&step.to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let start = usize::from(mac[mac.len() - 1] & 0x0f);
        let word = [mac[start] & 0x7f, mac[start + 1], mac[start + 2], mac[start + 3]];
        format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
    }

    /// The steps around `at` whose code this is: the one before and the one after
    /// count too, for clocks that are a little off and people who type slowly.
    pub(crate) fn steps_of(&self, code: &str, at: Timestamp) -> impl Iterator<Item = i64> {
        let now = step(at);
        [now, now - 1, now + 1].into_iter().filter(move |step| self.code_of(*step) == code)
    }

    /// What the QR code says: the URI that authenticator apps read.
    pub(crate) fn uri(&self, user: &str) -> String {
        let user: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
        let user = user.replace('+', "%20");
        format!("otpauth://totp/daypass%20sandbox:{user}?secret={self}&issuer=daypass%20sandbox")
    }
}

fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP)
}

impl FromStr for TotpSecret {
    type Err = NotATotpSecret;

    /// However it was typed: apps show groups of four, in either case.
    fn from_str(text: &str) -> Result<Self, NotATotpSecret> {
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-' | '='));
        let letters: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| NotATotpSecret)?;
        if bytes.len() < LEAST_BYTES { Err(NotATotpSecret) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B: `12345678901234567890`.
    fn secret() -> TotpSecret {
        "GEZDGNBVGY3TQOJQ GEZDGNBVGY3TQOJQ".parse().expect("a secret")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn the_codes_of_rfc_6238() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(at(second)), code);
        }
    }

    #[test]
    fn one_step_early_or_late_will_do() {
        let code = secret().code(at(59));
        for second in [0, 29, 30, 59, 60, 89] {
            assert_eq!(secret().steps_of(&code, at(second)).collect::<Vec<_>>(), [1], "{second}");
        }
        for second in [-1, 90] {
            assert_eq!(secret().steps_of(&code, at(second)).next(), None, "{second}");
        }
    }

    #[test]
    fn secrets_are_read_as_people_write_them() {
        let written = "gezd-gnbv gy3t qojq gezd gnbv gy3t qojq";
        assert_eq!(written.parse(), Ok(secret()));
        assert_eq!(secret().to_string().parse(), Ok(secret()));
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJÄ"] {
            assert_eq!(wrong.parse::<TotpSecret>(), Err(NotATotpSecret), "{wrong}");
        }
        assert!(!format!("{:?}", secret()).contains("GEZD"));
    }

    #[test]
    fn the_uri_escapes_the_name() {
        let uri = TotpSecret::random().uri("a b&c");
        assert!(uri.starts_with("otpauth://totp/daypass%20sandbox:a%20b%26c?secret="), "{uri}");
    }
}
