//! Checksums of bodies: asked for by headers or trailers, kept with the object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::http::{Ask, Refusal};
use crate::sigv4::Payload;

/// What begins the names of all headers that carry one.
const PREFIX: &str = "x-amz-checksum-";

/// Those that S3 has, but for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Sha1, Self::Sha256];

    /// By its name as in `x-amz-checksum-algorithm`, in any case.
    pub(super) fn parse(name: &str) -> Result<Self, Refusal> {
        let known = Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name));
        known.ok_or_else(|| {
            Refusal::new(400, "InvalidRequest", format!("the sandbox does not know {name}"))
        })
    }

    /// `CRC32C`; with `Checksum` before it, the name of its XML element.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(super) fn element(self) -> String {
        format!("Checksum{}", self.name())
    }

    pub(super) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let crc = |kind| crc_fast::checksum(kind, bytes).to_be_bytes();
        match self {
            Self::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc)[4..].to_vec(),
            Self::Crc32c => crc(CrcAlgorithm::Crc32Iscsi)[4..].to_vec(),
            Self::Crc64nvme => crc(CrcAlgorithm::Crc64Nvme).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
        }
    }

    pub(super) fn compute(self, bytes: &[u8]) -> Checksum {
        let value = STANDARD.encode(self.digest(bytes));
        Checksum { algorithm: self, value, composite: false }
    }
}

/// A checksum of an object or of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// Base64; for a composite one with `-` and the number of parts.
    pub(crate) value: String,
    /// Made of the parts' checksums, not of the object.
    pub(crate) composite: bool,
}

impl Checksum {
    pub(super) fn kind(&self) -> &'static str {
        if self.composite { "COMPOSITE" } else { "FULL_OBJECT" }
    }
}

/// Checks the body against all that its sender said of it; its checksum, by the
/// sender's algorithm or S3's own choice.
pub(super) fn check(ask: &Ask, payload: &Payload) -> Result<Checksum, Refusal> {
    check_md5(ask, payload)?;
    let headers = ask.headers.iter().map(|(name, value)| (name.as_str(), value.to_str()));
    let headers = headers.filter_map(|(name, value)| Some((name, value.ok()?)));
    let trailers = payload.trailers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut said = headers.chain(trailers).filter_map(|(name, value)| {
        let name = name.strip_prefix(PREFIX)?;
        (name != "algorithm" && name != "type" && name != "mode").then_some((name, value))
    });
    let Some((name, value)) = said.next() else {
        return default(ask, payload);
    };
    if said.next().is_some() {
        let text =
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Refusal::new(400, "InvalidRequest", text));
    }
    let computed = Algorithm::parse(name)?.compute(&payload.bytes);
    if computed.value == value { Ok(computed) } else { Err(bad_digest(computed.algorithm.name())) }
}

/// None was sent: then none may have been promised.
fn default(ask: &Ask, payload: &Payload) -> Result<Checksum, Refusal> {
    if ask.header("x-amz-sdk-checksum-algorithm").is_some() {
        let text = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.";
        return Err(Refusal::new(400, "InvalidRequest", text));
    }
    Ok(Algorithm::Crc64nvme.compute(&payload.bytes))
}

pub(super) fn bad_digest(name: &str) -> Refusal {
    let text = format!("The {name} you specified did not match the calculated checksum.");
    Refusal::new(400, "BadDigest", text)
}

fn check_md5(ask: &Ask, payload: &Payload) -> Result<(), Refusal> {
    let Some(said) = ask.header("content-md5") else { return Ok(()) };
    let said = STANDARD.decode(said).ok().filter(|said| said.len() == 16);
    let said = said.ok_or_else(|| {
        Refusal::new(400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
    })?;
    if said == Md5::digest(&payload.bytes)[..] { Ok(()) } else { Err(bad_digest("Content-MD5")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        // The check values of the catalogue of CRCs, for `123456789`.
        let hex = |algorithm: Algorithm| crate::random::hex(&algorithm.digest(b"123456789"));
        assert_eq!(hex(Algorithm::Crc32), "cbf43926");
        assert_eq!(hex(Algorithm::Crc32c), "e3069283");
        assert_eq!(hex(Algorithm::Crc64nvme), "ae8b14860a799888");
        assert_eq!(hex(Algorithm::Sha1), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    }

    #[test]
    fn names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.name()).ok(), Some(algorithm));
            let header = algorithm.header().strip_prefix(PREFIX).expect("the prefix");
            assert_eq!(Algorithm::parse(header).ok(), Some(algorithm));
        }
        assert!(Algorithm::parse("xxhash64").is_err());
    }
}
