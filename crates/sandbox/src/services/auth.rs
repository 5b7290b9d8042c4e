//! Who signed an STS or S3 request: the same checks, two dialects of refusal.

use jiff::{SignedDuration, Timestamp};

use super::regions;
use crate::http::{Ask, Refusal};
use crate::room::Room;
use crate::sigv4::{Fault, Payload, Signed};
use crate::state::{Key, Principal};
use crate::world::is_region;

/// How the two services name the same faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sts,
    S3,
    /// sso-oidc, for its one operation that is signed.
    Oauth,
}

/// A request known to be someone's.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    /// The region the request was signed for.
    pub(super) region: String,
    pub(super) access_key_id: String,
    /// Whether the keys are temporary: they have a session token.
    pub(super) temporary: bool,
    /// The body, out of its chunks if it came in some.
    pub(super) payload: Payload,
}

/// Checks everything about a request's signature, in the order AWS does: form,
/// scope, key, age, signature, token, expiry.
pub(super) fn authenticate(
    room: &mut Room,
    ask: &Ask,
    dialect: Dialect,
) -> Result<Caller, Refusal> {
    let signed = Signed::of(ask).map_err(|fault| dialect.fault(&fault))?;
    let signed = signed.ok_or_else(|| dialect.unsigned())?;
    room.journal.signer(&signed.access_key_id, &signed.region);
    dialect.check_scope(ask, &signed)?;
    let key = room.state.keys.get(&signed.access_key_id);
    let key = key.ok_or_else(|| dialect.unknown_key(&signed.access_key_id))?;
    dialect.check_age(room, &signed)?;
    let payload = signed.verify(ask, &key.secret).map_err(|fault| dialect.fault(&fault))?;
    dialect.check_token(&signed, key)?;
    if key.expires.is_some_and(|expires| room.now() >= expires) {
        return Err(dialect.expired());
    }
    let (principal, temporary) = (key.principal.clone(), key.session_token.is_some());
    let Signed { region, access_key_id, .. } = signed;
    Ok(Caller { principal, region, access_key_id, temporary, payload })
}

impl Dialect {
    fn service(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::S3 => "s3",
            Self::Oauth => "sso-oauth",
        }
    }

    /// How old or early a signature may be.
    fn tolerance(self) -> SignedDuration {
        SignedDuration::from_mins(if self == Self::S3 { 15 } else { 5 })
    }

    fn unsigned(self) -> Refusal {
        match self {
            Self::Sts | Self::Oauth => Refusal::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            Self::S3 => Refusal::new(403, "AccessDenied", "Access Denied"),
        }
    }

    fn unknown_key(self, access_key_id: &str) -> Refusal {
        match self {
            Self::Sts | Self::Oauth => invalid_token(),
            Self::S3 => {
                let text = "The AWS Access Key Id you provided does not exist in our records.";
                Refusal::new(403, "InvalidAccessKeyId", text)
                    .detail("AWSAccessKeyId", access_key_id)
            }
        }
    }

    fn expired(self) -> Refusal {
        match self {
            Self::Sts | Self::Oauth => Refusal::new(
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            Self::S3 => Refusal::new(400, "ExpiredToken", "The provided token has expired."),
        }
    }

    fn fault(self, fault: &Fault) -> Refusal {
        match (fault, self) {
            (Fault::Malformed(what), Self::S3) => {
                Refusal::new(400, "AuthorizationHeaderMalformed", what)
            }
            (Fault::Malformed(what), _) => Refusal::new(400, "IncompleteSignature", what),
            (Fault::UnsignedHeader(name), _) => {
                let text = "There were headers present in the request which were not signed";
                Refusal::new(403, "AccessDenied", text).detail("HeadersNotSigned", name)
            }
            (Fault::PayloadHash, _) => {
                let text =
                    "The provided 'x-amz-content-sha256' header does not match what was computed.";
                Refusal::new(400, "XAmzContentSHA256Mismatch", text)
            }
            (Fault::UnknownStreaming, _) => {
                Refusal::new(501, "NotImplemented", "the sandbox does not know such chunks")
            }
            (Fault::IncompleteBody, _) => {
                let text = "The request body terminated unexpectedly";
                Refusal::new(400, "IncompleteBody", text)
            }
            (Fault::NoDecodedLength, _) => {
                let text = "You must provide the x-amz-decoded-content-length HTTP header.";
                Refusal::new(411, "MissingContentLength", text)
            }
            (Fault::ChunkSize, _) => {
                let text = "Only the last chunk is allowed to have a size less than 8192 bytes";
                Refusal::new(403, "InvalidChunkSizeError", text)
            }
            (Fault::Trailer, _) => {
                let text = "The trailing headers are not those that the request announced.";
                Refusal::new(400, "MalformedTrailerError", text)
            }
            (Fault::Mismatch, _) => mismatch(
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.",
            ),
        }
    }

    fn check_scope(self, ask: &Ask, signed: &Signed) -> Result<(), Refusal> {
        let service = self.service();
        if signed.service != service {
            return Err(mismatch(&format!(
                "Credential should be scoped to correct service: '{service}'."
            )));
        }
        if !is_region(&signed.region) {
            return Err(mismatch("Credential should be scoped to a valid region."));
        }
        match self.region_of(ask).filter(|region| *region != signed.region) {
            Some(region) => Err(self.wrong_region(&signed.region, region)),
            None => Ok(()),
        }
    }

    /// The region that the host is named for, which requests to it are signed for.
    fn region_of(self, ask: &Ask) -> Option<&str> {
        let global = ask.header("host").is_some_and(|host| host.starts_with("sts.amazonaws.com"));
        regions::of_host(ask).or_else(|| global.then_some("us-east-1"))
    }

    fn wrong_region(self, signed_for: &str, region: &str) -> Refusal {
        if self == Self::S3 {
            let text = format!(
                "The authorization header is malformed; the region '{signed_for}' is wrong; expecting '{region}'"
            );
            return Refusal::new(400, "AuthorizationHeaderMalformed", text)
                .detail("Region", region);
        }
        mismatch(&format!("Credential should be scoped to a valid region, not '{signed_for}'."))
    }

    /// The signature's age by the sandbox's clock or, if a test let time go by, by
    /// the real one.
    fn check_age(self, room: &Room, signed: &Signed) -> Result<(), Refusal> {
        let clocks = [room.clock.now(), room.clock.unadvanced()];
        let ages = clocks.map(|now| now.duration_since(signed.time));
        if let Some(seconds) = signed.presigned {
            let life = SignedDuration::from_secs(seconds);
            let fine = ages.iter().any(|age| (-self.tolerance()..=life).contains(age));
            return if fine {
                Ok(())
            } else {
                Err(Refusal::new(403, "AccessDenied", "Request has expired"))
            };
        }
        let fine = ages.iter().any(|age| age.abs() <= self.tolerance());
        if fine { Ok(()) } else { Err(self.skewed(signed.time, room.now())) }
    }

    fn skewed(self, signed: Timestamp, now: Timestamp) -> Refusal {
        match self {
            Self::Sts | Self::Oauth => {
                let what =
                    if signed < now { "Signature expired" } else { "Signature not yet current" };
                let form = "%Y%m%dT%H%M%SZ";
                mismatch(&format!(
                    "{what}: {} against {} (5 min.)",
                    signed.strftime(form),
                    now.strftime(form)
                ))
            }
            Self::S3 => {
                let text =
                    "The difference between the request time and the current time is too large.";
                Refusal::new(403, "RequestTimeTooSkewed", text)
                    .detail("ServerTime", now.to_string())
            }
        }
    }

    fn check_token(self, signed: &Signed, key: &Key) -> Result<(), Refusal> {
        if signed.session_token == key.session_token {
            return Ok(());
        }
        Err(match (self, &signed.session_token) {
            (Self::Sts | Self::Oauth, _) => invalid_token(),
            (Self::S3, None) => self.unknown_key(&signed.access_key_id),
            (Self::S3, Some(_)) => Refusal::new(
                400,
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            ),
        })
    }
}

fn invalid_token() -> Refusal {
    Refusal::new(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )
}

fn mismatch(text: &str) -> Refusal {
    Refusal::new(403, "SignatureDoesNotMatch", text)
}
