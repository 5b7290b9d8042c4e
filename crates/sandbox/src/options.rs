//! The knobs.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

/// How S3 answers a request signed for a region that is not the bucket's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedirectStyle {
    /// 301 `PermanentRedirect`, region in the header `x-amz-bucket-region` and in
    /// the body.
    #[default]
    Permanent,
    /// 307 `TemporaryRedirect`, region in the header.
    Temporary,
    /// 400 `AuthorizationHeaderMalformed`, region in the body's `<Region>` only.
    Malformed,
    /// 301 that names no region: the client has to ask with `HeadBucket`, whose
    /// own 301 carries the header.
    Silent,
    /// As `Silent`, and `HeadBucket` does not tell either.
    Mute,
}

/// How the sandbox behaves. Times are in seconds of the sandbox's clock.
#[derive(Debug, Clone)]
pub struct Options {
    /// First of four ports in a row (sso-oidc, portal, STS, S3); 0 takes free ones.
    pub port: u16,
    /// Where to listen: 127.0.0.1. Anything else lets other machines in.
    pub address: IpAddr,
    /// Names, besides AWS's and this machine's, that the sandbox answers to.
    pub host_names: Vec<String>,
    /// https with certificates of a throw-away authority, instead of http.
    pub tls: bool,
    /// With `tls`: a fifth port that serves AWS's own host names, each its service.
    pub names_port: Option<u16>,
    /// With `names_port`: a port (UDP) where those names, and no others, are looked up.
    pub dns_port: Option<u16>,
    /// With `names_port`: a name that redirects to the start URL.
    pub vanity_host: Option<String>,
    /// AWS's names lead here and nowhere else, as in a network namespace of one's
    /// own: they are what the endpoints are called, and nobody looks them up.
    pub isolated: bool,
    /// Life of an access token (never beyond its session).
    pub access_token_seconds: u64,
    /// Life of a session: how long refreshing works after a sign-in.
    pub session_seconds: u64,
    /// Life of a client registration.
    pub registration_seconds: u64,
    /// Life of a device code.
    pub device_code_seconds: u64,
    /// The polling interval of the device flow.
    pub device_interval_seconds: u64,
    /// Life of an authorization code.
    pub authorization_code_seconds: u64,
    /// Life of role credentials, instead of the permission set's.
    pub role_credentials_seconds: Option<u64>,
    /// A refresh token works once and is replaced by a new one.
    pub rotate_refresh_tokens: bool,
    /// A spent refresh token seen again ends its whole session (RFC 9700, 4.14).
    pub revoke_family_on_reuse: bool,
    /// A spent refresh token is honoured again for this long.
    pub refresh_grace_seconds: u64,
    /// Refreshing answers without a `refreshToken`; the old one stays good.
    pub omit_refresh_token_on_refresh: bool,
    /// Items on a portal page when the client does not send `max_result`.
    pub page_size: usize,
    /// Every portal page is preceded by an empty one with a `nextToken`.
    pub empty_pages: bool,
    /// Portal requests a second, beyond which it answers 429.
    pub portal_requests_per_second: Option<usize>,
    /// Most keys on a page of S3, whatever `max-keys` says.
    pub s3_page_size: usize,
    /// How S3 answers for another region.
    pub redirect_style: RedirectStyle,
    /// Takes the freedoms of the real services at random: pages of any size, JSON
    /// members nobody knows, `slow_down` to a poll that came in time.
    pub strict: bool,
    /// What chance begins with: the same seed and the same requests give the same
    /// faults. Any, if absent.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            host_names: Vec::new(),
            tls: false,
            names_port: None,
            dns_port: None,
            vanity_host: None,
            isolated: false,
            access_token_seconds: 3600,
            session_seconds: 8 * 3600,
            registration_seconds: 90 * 24 * 3600,
            device_code_seconds: 600,
            device_interval_seconds: 1,
            authorization_code_seconds: 300,
            role_credentials_seconds: None,
            rotate_refresh_tokens: true,
            revoke_family_on_reuse: true,
            refresh_grace_seconds: 0,
            omit_refresh_token_on_refresh: false,
            page_size: 2,
            empty_pages: false,
            portal_requests_per_second: None,
            s3_page_size: 1000,
            redirect_style: RedirectStyle::default(),
            strict: false,
            seed: None,
        }
    }
}
