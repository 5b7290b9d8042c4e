//! Signature Version 4, checked by signing the received request again.

mod chunked;

use std::borrow::Cow;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use chunked::Mode;
pub(crate) use chunked::Payload;

use crate::http::{Ask, first};
use crate::random::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What a request says about its signature.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) access_key_id: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
    pub(crate) time: Timestamp,
    pub(crate) session_token: Option<String>,
    /// Seconds a presigned URL is good for.
    pub(crate) presigned: Option<i64>,
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something is missing or not readable: say what.
    Malformed(String),
    /// A header that counts is not among the signed ones.
    UnsignedHeader(String),
    /// `x-amz-content-sha256` is not the body's hash.
    PayloadHash,
    /// The body comes in a kind of chunks that is not known.
    UnknownStreaming,
    /// The body ends early, or is not as long as it said.
    IncompleteBody,
    /// The length of what is in the chunks is missing.
    NoDecodedLength,
    /// A signed chunk is too small.
    ChunkSize,
    /// The trailers are not those announced.
    Trailer,
    /// The signature is another.
    Mismatch,
}

impl Signed {
    /// Reads the header `authorization` or the `X-Amz-*` parameters of a presigned
    /// URL; nothing if the request has neither.
    pub(crate) fn of(ask: &Ask) -> Result<Option<Self>, Fault> {
        if let Some(authorization) = ask.header("authorization") {
            return from_header(ask, authorization).map(Some);
        }
        if ask.parameter("X-Amz-Signature").is_some() {
            return from_query(&ask.query).map(Some);
        }
        Ok(None)
    }

    /// Whether this is the signature that `secret` makes; the body as it was meant.
    pub(crate) fn verify(&self, ask: &Ask, secret: &str) -> Result<Payload, Fault> {
        self.check_headers(ask)?;
        let mode = Mode::of(ask.header("x-amz-content-sha256").unwrap_or_default())?;
        let body = self.body(ask)?;
        let expected = self.resign(ask, secret, body).ok_or(Fault::Mismatch)?;
        if !same(expected.as_bytes(), self.signature.as_bytes()) {
            return Err(Fault::Mismatch);
        }
        match mode {
            Some(mode) => chunked::decode(self, ask, secret, mode),
            None => Ok(Payload { bytes: ask.body.clone(), trailers: Vec::new() }),
        }
    }

    /// `host` and every `x-amz-*` header must be signed.
    fn check_headers(&self, ask: &Ask) -> Result<(), Fault> {
        let names = ask.headers.keys().map(|name| name.as_str());
        let mut counting = names.filter(|name| *name == "host" || name.starts_with("x-amz-"));
        match counting.find(|name| !self.signed_headers.iter().any(|signed| signed == name)) {
            Some(name) => Err(Fault::UnsignedHeader(name.to_owned())),
            None => Ok(()),
        }
    }

    fn body<'a>(&self, ask: &'a Ask) -> Result<SignableBody<'a>, Fault> {
        let declared = ask.header("x-amz-content-sha256");
        match declared.or_else(|| ask.parameter("X-Amz-Content-Sha256")) {
            None if self.presigned.is_some() && self.service == "s3" => {
                Ok(SignableBody::UnsignedPayload)
            }
            None => Ok(SignableBody::Bytes(&ask.body)),
            Some(UNSIGNED) => Ok(SignableBody::UnsignedPayload),
            Some(streaming) if streaming.starts_with("STREAMING-") => {
                Ok(SignableBody::Precomputed(streaming.to_owned()))
            }
            Some(hash) if hash == payload_hash(&ask.body) => Ok(SignableBody::Bytes(&ask.body)),
            Some(_) => Err(Fault::PayloadHash),
        }
    }

    fn resign(&self, ask: &Ask, secret: &str, body: SignableBody<'_>) -> Option<String> {
        let identity: Identity =
            Credentials::new(&self.access_key_id, secret, None, None, "sandbox").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::from(self.time))
            .settings(self.settings(ask))
            .build()
            .ok()?;
        let headers = ask
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let request = SignableRequest::new(ask.method.as_str(), target(ask), headers, body).ok()?;
        sign(request, &params.into()).ok().map(|output| output.signature().to_owned())
    }

    /// Sign what was signed, no header more: presigned URLs too, whose parameters
    /// are already in the query.
    fn settings(&self, ask: &Ask) -> SigningSettings {
        let mut settings = SigningSettings::default();
        let names = ask.headers.keys().map(|name| name.as_str().to_owned());
        let unsigned = names
            .chain(["x-amz-date".to_owned()])
            .filter(|name| !self.signed_headers.contains(name));
        settings.excluded_headers = Some(unsigned.map(Cow::Owned).collect());
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}

/// The request's target as the client signed it: with the prefix of its world, and
/// before a presigned URL got its signature.
fn target(ask: &Ask) -> String {
    let pairs = ask.raw_query.split('&').filter(|pair| !pair.starts_with("X-Amz-Signature="));
    let query = pairs.collect::<Vec<_>>().join("&");
    let path = &ask.sent_path;
    if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
}

fn payload_hash(body: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(body))
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn from_header(ask: &Ask, authorization: &str) -> Result<Signed, Fault> {
    let rest = authorization
        .strip_prefix(ALGORITHM)
        .ok_or_else(|| missing("the algorithm AWS4-HMAC-SHA256"))?;
    let pairs = rest.split(',').filter_map(|part| part.trim().split_once('='));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let part = |name| first(&pairs, name).ok_or_else(|| missing(name));
    let date = ask.header("x-amz-date").ok_or_else(|| missing("x-amz-date"))?;
    let mut signed = scope(part("Credential")?, date)?;
    signed.signed_headers = header_names(part("SignedHeaders")?);
    signed.signature = part("Signature")?.to_owned();
    signed.session_token = ask.header("x-amz-security-token").map(str::to_owned);
    Ok(signed)
}

fn from_query(query: &[(String, String)]) -> Result<Signed, Fault> {
    let part = |name| first(query, name).ok_or_else(|| missing(name));
    if part("X-Amz-Algorithm")? != ALGORITHM {
        return Err(missing("the algorithm AWS4-HMAC-SHA256"));
    }
    let mut signed = scope(part("X-Amz-Credential")?, part("X-Amz-Date")?)?;
    let expires =
        part("X-Amz-Expires")?.parse().ok().filter(|seconds| (1..=604_800).contains(seconds));
    signed.presigned =
        Some(expires.ok_or_else(|| missing("X-Amz-Expires of 1 to 604800 seconds"))?);
    signed.signed_headers = header_names(part("X-Amz-SignedHeaders")?);
    signed.signature = part("X-Amz-Signature")?.to_owned();
    signed.session_token = first(query, "X-Amz-Security-Token").map(str::to_owned);
    Ok(signed)
}

fn missing(what: &str) -> Fault {
    Fault::Malformed(format!("Authorization requires {what}"))
}

fn header_names(list: &str) -> Vec<String> {
    list.split(';').map(str::to_owned).collect()
}

/// Reads `AKID/YYYYMMDD/REGION/SERVICE/aws4_request` and `YYYYMMDDTHHMMSSZ`.
fn scope(credential: &str, date: &str) -> Result<Signed, Fault> {
    let parts: Vec<_> = credential.split('/').map(str::to_owned).collect();
    let Ok([access_key_id, day, region, service, end]) = <[String; 5]>::try_from(parts) else {
        return Err(missing("a Credential of five parts"));
    };
    let time = moment(date).ok_or_else(|| missing("a date as YYYYMMDDTHHMMSSZ"))?;
    if end != "aws4_request" || !date.starts_with(&day) {
        return Err(missing("a Credential of that date that ends in aws4_request"));
    }
    let (signed_headers, signature, session_token, presigned) =
        (Vec::new(), String::new(), None, None);
    Ok(Signed {
        access_key_id,
        region,
        service,
        signed_headers,
        signature,
        time,
        session_token,
        presigned,
    })
}

fn moment(date: &str) -> Option<Timestamp> {
    let moment = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    /// Key and requests of the examples in "Signature Calculations for the
    /// Authorization Header" and "... Query Parameters", Amazon S3 API Reference.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn example(target: &str, headers: &[(&str, &str)], signature: &str) -> Ask {
        let fixed = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", EMPTY),
            ("x-amz-date", "20130524T000000Z"),
        ];
        let all: Vec<_> = headers.iter().chain(&fixed).copied().collect();
        let mut names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={},\
             Signature={signature}",
            names.join(";")
        );
        ask(target, &[all, vec![("authorization", &authorization)]].concat())
    }

    fn ask(target: &str, headers: &[(&str, &str)]) -> Ask {
        let header = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
        };
        let headers: HeaderMap = headers
            .iter()
            .map(header)
            .map(|(n, v)| (n.expect("a name"), v.expect("a value")))
            .collect();
        Ask::new(Method::GET, target, headers, Bytes::new())
    }

    fn check(ask: &Ask, secret: &str) -> Result<(), Fault> {
        Signed::of(ask)?.expect("it is signed").verify(ask, secret).map(|_| ())
    }

    const GET_OBJECT: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    const LIST: &str = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";

    #[test]
    fn published_signatures_are_good() {
        let get = example("/test.txt", &[("range", "bytes=0-9")], GET_OBJECT);
        assert_eq!(check(&get, SECRET), Ok(()));
        let list = example("/?max-keys=2&prefix=J", &[], LIST);
        assert_eq!(check(&list, SECRET), Ok(()));
    }

    #[test]
    fn a_published_presigned_url_is_good() {
        let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F\
                      us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&\
                      X-Amz-SignedHeaders=host&\
                      X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        let host = [("host", "examplebucket.s3.amazonaws.com"), ("accept", "*/*")];
        assert_eq!(check(&ask(target, &host), SECRET), Ok(()));
        let longer = target.replace("86400", "86401");
        assert_eq!(check(&ask(&longer, &host), SECRET), Err(Fault::Mismatch));
    }

    #[test]
    fn any_change_breaks_it() {
        assert_eq!(
            check(&example("/?max-keys=3&prefix=J", &[], LIST), SECRET),
            Err(Fault::Mismatch)
        );
        assert_eq!(
            check(&example("/?max-keys=2&prefix=J", &[], LIST), "another secret"),
            Err(Fault::Mismatch)
        );
        let other = example("/test.txt", &[("range", "bytes=0-8")], GET_OBJECT);
        assert_eq!(check(&other, SECRET), Err(Fault::Mismatch));
    }

    #[test]
    fn amz_headers_must_be_signed_and_the_hash_be_true() {
        let mut list = example("/?max-keys=2&prefix=J", &[], LIST);
        list.headers.insert("x-amz-security-token", HeaderValue::from_static("x"));
        assert_eq!(check(&list, SECRET), Err(Fault::UnsignedHeader("x-amz-security-token".into())));
        let mut list = example("/?max-keys=2&prefix=J", &[], LIST);
        list.body = Bytes::from_static(b"more");
        assert_eq!(check(&list, SECRET), Err(Fault::PayloadHash));
    }

    #[test]
    fn what_cannot_be_read_is_malformed() {
        assert!(matches!(Signed::of(&ask("/", &[])), Ok(None)));
        for authorization in [
            "Basic x",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
        ] {
            let ask =
                ask("/", &[("authorization", authorization), ("x-amz-date", "20130524T000000Z")]);
            assert!(matches!(Signed::of(&ask), Err(Fault::Malformed(_))), "{authorization}");
        }
    }
}
