//! The SSO token: its shape, its file, when to refresh it, and refreshing it.

pub mod cache;
pub mod decide;
pub mod refresh;
pub(crate) mod shelf;

use jiff::Timestamp;
use vault::Secret;

/// An access token and what is needed to renew it, as stored.
#[derive(Clone, Debug)]
pub struct SsoToken {
    /// The start URL as the user's config spells it (GDAL compares the text).
    pub start_url: String,
    /// The SSO region.
    pub region: String,
    /// The portal's bearer token.
    pub access_token: Secret<String>,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// When it was made, as far as the file's own time tells.
    pub issued_at: Option<Timestamp>,
    /// The client registration the token was issued to.
    pub registration: Option<ClientRegistration>,
    /// Buys one new access token; absent if the registration had no scopes.
    pub refresh_token: Option<Secret<String>>,
}

/// Our public OIDC client at one Identity Center.
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    /// The client's ID.
    pub client_id: String,
    /// The client's secret; public clients have one here all the same.
    pub client_secret: Secret<String>,
    /// When the registration ends (about 90 days), if it is known.
    pub expires_at: Option<Timestamp>,
}

impl SsoToken {
    /// Whether the access token can still be used at `now`.
    pub fn lives(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// A time as any of the SDKs writes it: `…Z`, fractions, offsets, and the
/// `…UTC` of old AWS CLIs.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match text.strip_suffix("UTC") {
        Some(front) => format!("{}Z", front.trim_end()).parse().ok(),
        None => text.parse().ok(),
    }
}

/// A time as every SDK reads it: UTC, whole seconds cut not rounded, `Z`.
pub fn format_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_writer_s_times_are_read() {
        let expected: Timestamp = "2099-01-01T00:00:00Z".parse().unwrap();
        for text in [
            "2099-01-01T00:00:00Z",
            "2099-01-01T00:00:00UTC",
            "2099-01-01T02:00:00+02:00",
            "2099-01-01T00:00:00+00:00",
            "2099-01-01T00:00:00.000Z",
            " 2099-01-01T00:00:00.000000Z ",
        ] {
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        assert_eq!(parse_time("tomorrow"), None);
    }

    #[test]
    fn written_times_are_cut_to_seconds() {
        let time: Timestamp = "2026-11-23T01:13:54.999Z".parse().unwrap();
        assert_eq!(format_time(time), "2026-11-23T01:13:54Z");
    }
}
