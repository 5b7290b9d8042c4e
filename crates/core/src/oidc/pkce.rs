//! Proof Key for Code Exchange (RFC 7636, S256) and the authorization URL.

use crate::error::{Error, Kind, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use vault::Secret;

/// The secret of one login; whoever has it can redeem the code. Not `Clone`.
#[derive(Debug)]
pub struct Verifier(Secret<String>);

/// What the browser carries instead of the verifier: its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

/// Ties the browser's answer to this login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(Secret<String>);

impl Verifier {
    /// 48 random bytes as 64 characters of the unreserved set.
    ///
    /// # Errors
    /// [`Kind::Bug`] where the system has no random numbers.
    pub fn random() -> Result<Self> {
        Ok(Self(random_text::<48>()?))
    }

    /// `BASE64URL(SHA256(verifier))`.
    pub fn challenge(&self) -> Challenge {
        Challenge(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose().as_bytes())))
    }

    /// Gives the verifier up to the request that spends it.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

impl State {
    /// 24 random bytes as text.
    ///
    /// # Errors
    /// [`Kind::Bug`] where the system has no random numbers.
    pub fn random() -> Result<Self> {
        Ok(Self(random_text::<24>()?))
    }

    /// A known one, for tests.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        Self(Secret::from(text))
    }

    /// Whether this is the state that came back.
    pub fn matches(&self, answered: &str) -> bool {
        self.0 == Secret::from(answered)
    }
}

fn random_text<const N: usize>() -> Result<Secret<String>> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(Kind::Bug, "the system has no random numbers").because(error.to_string())
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// Everything but the unreserved characters of RFC 3986.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address the browser is sent to: parameters, their order and the plural
/// `scopes` as the AWS CLI has them.
pub fn authorize_url(
    oidc_endpoint: &str,
    client_id: &str,
    redirect_uri: &str,
    state: &State,
    challenge: &Challenge,
    scopes: &[String],
) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    format!(
        "{oidc_endpoint}/authorize?response_type=code&client_id={}&redirect_uri={}&state={}\
         &code_challenge_method=S256&scopes={}&code_challenge={}",
        encoded(client_id),
        encoded(redirect_uri),
        encoded(state.0.expose()),
        encoded(&scopes.join(" ")),
        challenge.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = Verifier(Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(
            verifier.challenge(),
            Challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into())
        );
    }

    #[test]
    fn a_verifier_has_the_length_and_letters_of_rfc_7636() {
        let (one, other) = (Verifier::random().unwrap(), Verifier::random().unwrap());
        let text = one.0.expose();
        assert_eq!(text.len(), 64);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)));
        assert_ne!(text, other.0.expose());
        assert!(!format!("{one:?}").contains(text.as_str()));
    }

    #[test]
    fn the_url_is_the_aws_cli_s() {
        let url = authorize_url(
            "https://oidc.us-east-1.amazonaws.com",
            "id/1",
            "http://127.0.0.1:41005/oauth/callback",
            &State(Secret::from("the-state")),
            &Challenge("abc".into()),
            &["sso:account:access".into(), "x:y".into()],
        );
        assert_eq!(
            url,
            "https://oidc.us-east-1.amazonaws.com/authorize?response_type=code&client_id=id%2F1\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A41005%2Foauth%2Fcallback&state=the-state\
             &code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess%20x%3Ay&code_challenge=abc"
        );
    }
}
