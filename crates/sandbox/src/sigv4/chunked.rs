//! Bodies in chunks (`aws-chunked`): each signed in a chain that begins with the
//! request's own signature, or unsigned; with checksums in trailers behind them.

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use bytes::Bytes;
use std::time::SystemTime;

use super::{Fault, Signed, payload_hash, same};
use crate::http::Ask;

/// Signed chunks have at least as many bytes, all but the last.
const LEAST: usize = 8192;
/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request's body as its sender meant it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) bytes: Bytes,
    pub(crate) trailers: Vec<(String, String)>,
}

/// How `x-amz-content-sha256` says that the body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    signed: bool,
    trailers: bool,
}

impl Mode {
    /// Nothing for a body in one piece.
    pub(super) fn of(declared: &str) -> Result<Option<Self>, Fault> {
        let (signed, trailers) = match declared {
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => (true, false),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => (true, true),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => (false, true),
            other if other.starts_with("STREAMING-") => return Err(Fault::UnknownStreaming),
            _ => return Ok(None),
        };
        Ok(Some(Self { signed, trailers }))
    }
}

/// Takes the chunks together and checks what vouches for them.
pub(super) fn decode(
    signed: &Signed,
    ask: &Ask,
    secret: &str,
    mode: Mode,
) -> Result<Payload, Fault> {
    let mut chain = mode.signed.then(|| Chain::new(signed, secret));
    let (mut bytes, mut rest) = (Vec::new(), &ask.body[..]);
    loop {
        let chunk = chunk(rest)?;
        if let Some(chain) = &mut chain {
            if !chunk.data.is_empty() && chunk.data.len() < LEAST && !is_last(chunk.rest) {
                return Err(Fault::ChunkSize);
            }
            chain.check_chunk(&chunk)?;
        }
        bytes.extend_from_slice(chunk.data);
        rest = chunk.rest;
        if chunk.data.is_empty() {
            break;
        }
    }
    let trailers = trailers(rest, mode, chain, ask)?;
    let length = ask.header("x-amz-decoded-content-length").ok_or(Fault::NoDecodedLength)?;
    if length.parse() != Ok(bytes.len()) {
        return Err(Fault::IncompleteBody);
    }
    Ok(Payload { bytes: bytes.into(), trailers })
}

/// Whether nothing but the empty chunk follows.
fn is_last(rest: &[u8]) -> bool {
    rest.starts_with(b"0;") || rest.starts_with(b"0\r\n")
}

struct Chunk<'a> {
    data: &'a [u8],
    signature: Option<&'a str>,
    rest: &'a [u8],
}

/// `SIZE[;chunk-signature=SIGNATURE]`, a line; then the data and a line's end, which
/// the empty chunk has not.
fn chunk(body: &[u8]) -> Result<Chunk<'_>, Fault> {
    let (line, rest) = line(body)?;
    let (size, extension) = line.split_once(';').map_or((line, None), |(s, e)| (s, Some(e)));
    let size = usize::from_str_radix(size, 16).map_err(|_| Fault::IncompleteBody)?;
    let signature = extension.and_then(|extension| extension.strip_prefix("chunk-signature="));
    if size == 0 {
        return Ok(Chunk { data: &[], signature, rest });
    }
    let data = rest.get(..size).ok_or(Fault::IncompleteBody)?;
    let rest = rest[size..].strip_prefix(b"\r\n").ok_or(Fault::IncompleteBody)?;
    Ok(Chunk { data, signature, rest })
}

fn line(body: &[u8]) -> Result<(&str, &[u8]), Fault> {
    let end = body.windows(2).position(|pair| pair == b"\r\n").ok_or(Fault::IncompleteBody)?;
    let line = std::str::from_utf8(&body[..end]).map_err(|_| Fault::IncompleteBody)?;
    Ok((line, &body[end + 2..]))
}

/// The trailers announced by `x-amz-trailer`, no more and no fewer.
fn trailers(
    mut rest: &[u8],
    mode: Mode,
    chain: Option<Chain>,
    ask: &Ask,
) -> Result<Vec<(String, String)>, Fault> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (text, after) = line(rest)?;
        rest = after;
        if !text.is_empty() {
            let (name, value) = text.split_once(':').ok_or(Fault::Trailer)?;
            found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    if let Some(chain) = chain.filter(|_| mode.trailers) {
        let at = found.iter().position(|(name, _)| name == "x-amz-trailer-signature");
        let (_, signature) = found.remove(at.ok_or(Fault::Trailer)?);
        chain.check_trailers(&found, &signature)?;
    }
    let announced = ask.header("x-amz-trailer").unwrap_or_default().split(',');
    let announced = announced.map(|name| name.trim().to_ascii_lowercase());
    let announced: Vec<_> = announced.filter(|name| !name.is_empty()).collect();
    let names: Vec<_> = found.iter().map(|(name, _)| name.clone()).collect();
    if names == announced { Ok(found) } else { Err(Fault::Trailer) }
}

/// Each signature vouches for the one before.
struct Chain {
    key: Vec<u8>,
    /// The date and the scope, as lines.
    context: String,
    last: String,
}

impl Chain {
    fn new(signed: &Signed, secret: &str) -> Self {
        let time = SystemTime::from(signed.time);
        let key = generate_signing_key(secret, time, &signed.region, &signed.service);
        let date = signed.time.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (day, region, service) = (&date[..8], &signed.region, &signed.service);
        let context = format!("{date}\n{day}/{region}/{service}/aws4_request");
        Self { key: key.as_ref().to_vec(), context, last: signed.signature.clone() }
    }

    fn check_chunk(&mut self, chunk: &Chunk<'_>) -> Result<(), Fault> {
        let hash = payload_hash(chunk.data);
        let text =
            format!("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{EMPTY}\n{hash}", self.context, self.last);
        self.last = self.check(&text, chunk.signature.unwrap_or_default())?;
        Ok(())
    }

    fn check_trailers(&self, trailers: &[(String, String)], signature: &str) -> Result<(), Fault> {
        let lines: String =
            trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = payload_hash(lines.as_bytes());
        let text = format!("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{hash}", self.context, self.last);
        self.check(&text, signature).map(|_| ())
    }

    fn check(&self, text: &str, signature: &str) -> Result<String, Fault> {
        let expected = calculate_signature(&self.key, text.as_bytes());
        let good = same(expected.as_bytes(), signature.as_bytes());
        if good { Ok(expected) } else { Err(Fault::Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::http::{HeaderMap, Method};

    /// The examples of "Signature Calculations for the Authorization Header:
    /// Transferring Payload in Multiple Chunks" and of the one with trailers, Amazon
    /// S3 API Reference: 65 kilobytes of `a`.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    const SIGNATURES: [&str; 3] = [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];
    const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    const TRAILER_SIGNATURES: [&str; 3] = [
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ];
    const TRAILER: &str = "x-amz-checksum-crc32c:sOO8/Q==\r\n\
        x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";

    fn signed(seed: &str) -> Signed {
        Signed {
            access_key_id: String::new(),
            region: "us-east-1".into(),
            service: "s3".into(),
            signed_headers: Vec::new(),
            signature: seed.into(),
            time: "2013-05-24T00:00:00Z".parse().expect("a time"),
            session_token: None,
            presigned: None,
        }
    }

    fn body(signatures: [&str; 3]) -> Vec<u8> {
        let [first, second, last] = signatures;
        let (a, b) = ("a".repeat(65536), "a".repeat(1024));
        format!(
            "10000;chunk-signature={first}\r\n{a}\r\n400;chunk-signature={second}\r\n{b}\r\n\
             0;chunk-signature={last}\r\n"
        )
        .into_bytes()
    }

    fn ask(body: Vec<u8>, length: &str, trailer: &str) -> Ask {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-decoded-content-length", length.parse().expect("a value"));
        headers.insert("x-amz-trailer", trailer.parse().expect("a value"));
        Ask::new(Method::PUT, "/", headers, body.into())
    }

    const SIGNED: Mode = Mode { signed: true, trailers: false };
    const WITH_TRAILER: Mode = Mode { signed: true, trailers: true };
    const UNSIGNED: Mode = Mode { signed: false, trailers: true };

    #[test]
    fn published_chunks_are_good() {
        let body = [body(SIGNATURES), b"\r\n".to_vec()].concat();
        let good = decode(&signed(SEED), &ask(body.clone(), "66560", ""), SECRET, SIGNED);
        assert_eq!(good.map(|payload| payload.bytes.len()), Ok(66560));
        let other = decode(&signed(SEED), &ask(body.clone(), "66560", ""), "another", SIGNED);
        assert_eq!(other, Err(Fault::Mismatch));
        let longer = decode(&signed(SEED), &ask(body.clone(), "66561", ""), SECRET, SIGNED);
        assert_eq!(longer, Err(Fault::IncompleteBody));
        let at = body.len() - 200;
        let changed = [&body[..at], b"b", &body[at + 1..]].concat();
        let changed = decode(&signed(SEED), &ask(changed, "66560", ""), SECRET, SIGNED);
        assert_eq!(changed, Err(Fault::Mismatch));
    }

    #[test]
    fn published_trailers_are_good() {
        let body = [body(TRAILER_SIGNATURES), TRAILER.into()].concat();
        let name = "x-amz-checksum-crc32c";
        let seed = signed(TRAILER_SEED);
        let good = decode(&seed, &ask(body.clone(), "66560", name), SECRET, WITH_TRAILER);
        let trailers = good.map(|payload| payload.trailers);
        assert_eq!(trailers, Ok(vec![(name.to_owned(), "sOO8/Q==".to_owned())]));
        let silent = decode(&seed, &ask(body.clone(), "66560", ""), SECRET, WITH_TRAILER);
        assert_eq!(silent, Err(Fault::Trailer), "a trailer that nobody announced");
        let text = String::from_utf8(body).expect("text").replace("sOO8", "sOO9");
        let changed = decode(&seed, &ask(text.into(), "66560", name), SECRET, WITH_TRAILER);
        assert_eq!(changed, Err(Fault::Mismatch));
    }

    #[test]
    fn unsigned_chunks() {
        let body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n".to_vec();
        let name = "x-amz-checksum-crc32";
        let good = decode(&signed(SEED), &ask(body, "5", name), SECRET, UNSIGNED).expect("good");
        assert_eq!((&good.bytes[..], good.trailers.len()), (&b"hello"[..], 1));
    }

    #[test]
    fn broken_framing_is_an_error_wherever_it_breaks() {
        let body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        for length in 0..body.len() - 2 {
            let ask = ask(body[..length].to_vec(), "5", "x-amz-checksum-crc32");
            assert!(decode(&signed(SEED), &ask, SECRET, UNSIGNED).is_err(), "{length}");
        }
    }
}
