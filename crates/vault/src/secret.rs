//! The one type a secret lives in.

use std::fmt;
use zeroize::Zeroize;

/// A value that must not be shown: a token, a client secret, a verifier.
///
/// It is wiped from memory when dropped, prints as `Secret(…)`, and can be read
/// through one door only, so that `grep 'expose('` lists every disclosure.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of a secret value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a disclosure: keep it short and local.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, to be changed in place.
    pub(crate) fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

/// Compares in time that depends on the lengths only, so that a guess at a
/// `state` or a bearer token learns nothing from how fast it was refused.
impl PartialEq for Secret<String> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let differing = a.iter().zip(b).fold(0_u8, |acc, (x, y)| acc | (x ^ y));
        a.len() == b.len() && std::hint::black_box(differing) == 0
    }
}

impl Eq for Secret<String> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let secret = Secret::from("hunter2-hunter2");
        let shown = format!("{secret:?} {:#?}", Some(&secret));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn equality_is_that_of_the_strings() {
        assert_eq!(Secret::from("same"), Secret::from("same"));
        assert_ne!(Secret::from("same"), Secret::from("sane"));
        assert_ne!(Secret::from("same"), Secret::from("same "));
        assert_ne!(Secret::from(""), Secret::from("x"));
    }
}
