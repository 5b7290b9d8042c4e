//! Requests signed as SDKs do.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::disallowed_methods, reason = "requests are signed by the real clock")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use serde_json::Value;

use super::{Reply, send, text};

/// A request to be signed.
#[derive(Clone)]
pub struct Signing {
    pub credentials: Credentials,
    pub service: &'static str,
    pub region: &'static str,
    pub time: SystemTime,
    pub headers: Vec<(String, String)>,
    pub host: Option<String>,
}

impl Signing {
    /// With the portal's `roleCredentials`, for now.
    pub fn with(role_credentials: &Value, service: &'static str, region: &'static str) -> Self {
        let part = |name| text(role_credentials, name).to_owned();
        let token = Some(part("sessionToken"));
        let credentials =
            Credentials::new(part("accessKeyId"), part("secretAccessKey"), token, None, "test");
        let (time, headers, host) = (SystemTime::now(), Vec::new(), None);
        Self { credentials, service, region, time, headers, host }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }

    pub fn send(&self, base: &str, method: &str, target: &str, body: &str) -> Reply {
        let host = self.host.clone().unwrap_or_else(|| base.replace("http://", ""));
        let mut headers = vec![("host".to_owned(), host)];
        headers.extend(self.headers.clone());
        let signature = self.sign(
            self.settings(),
            method,
            target,
            &headers,
            SignableBody::Bytes(body.as_bytes()),
        );
        headers.extend(signature.0);
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        send(base, method, target, &headers, body)
    }

    /// A presigned target for GET.
    pub fn presign(&self, base: &str, target: &str, seconds: u64) -> String {
        let mut settings = self.settings();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        settings.expires_in = Some(Duration::from_secs(seconds));
        let headers = [("host".to_owned(), base.replace("http://", ""))];
        let body = if self.service == "s3" {
            SignableBody::UnsignedPayload
        } else {
            SignableBody::Bytes(b"")
        };
        let (_, parameters) = self.sign(settings, "GET", target, &headers, body);
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let separator = if target.contains('?') { '&' } else { '?' };
        format!("{target}{separator}{query}")
    }

    #[allow(clippy::type_complexity, reason = "headers and parameters")]
    fn sign(
        &self,
        settings: SigningSettings,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: SignableBody<'_>,
    ) -> (Vec<(String, String)>, Vec<(String, String)>) {
        let identity = self.credentials.clone().into();
        let params =
            SigningParams::builder().identity(&identity).region(self.region).name(self.service);
        let params = params.time(self.time).settings(settings).build().expect("complete").into();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(method, target, headers, body).expect("a request");
        let (headers, parameters) =
            sign(request, &params).expect("a signature").into_parts().0.into_parts();
        let headers = headers
            .into_iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned()))
            .collect();
        let parameters = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect();
        (headers, parameters)
    }
}
