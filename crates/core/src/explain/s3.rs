//! S3's errors in the words of someone who wants to see their data.

use super::{clock, retold};
use crate::aws::{Answer, Cause, Fault};
use crate::error::{Error, quoted};
use crate::names::Region;
use jiff::Timestamp;

/// What was asked when it failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    /// None for a listing of buckets.
    pub(crate) bucket: Option<&'a str>,
    /// Where it was asked.
    pub(crate) region: &'a Region,
    pub(crate) signed: bool,
    pub(crate) requester_pays: bool,
    pub(crate) now: Timestamp,
}

/// A fault of a listing; `otherwise` explains what is no matter of S3 alone.
pub(crate) fn bucket(
    fault: Fault,
    scene: Scene<'_>,
    otherwise: impl FnOnce(Fault) -> Error,
) -> Error {
    if let Some(bucket) = scene.bucket.filter(|_| fault.answer().is_some_and(is_misdirected)) {
        return elsewhere(fault, scene, bucket);
    }
    let step = next_step(&fault, scene);
    let error = otherwise(fault);
    match step {
        Some(step) => error.hint(step),
        None => error,
    }
}

/// A request that S3 wants to see in another region.
fn is_misdirected(answer: &Answer) -> bool {
    let codes =
        ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"];
    matches!(answer.status, 301 | 302 | 307 | 308) || codes.contains(&answer.code.as_str())
}

fn elsewhere(fault: Fault, scene: Scene<'_>, bucket: &str) -> Error {
    let there = fault.answer().and_then(|answer| answer.bucket_region.as_deref());
    let there = there.and_then(|name| Region::parse(name).ok());
    let asked = format!("it was asked for in {}", scene.region);
    let bucket = quoted(bucket);
    match there {
        Some(there) => retold(fault, scene.now, format!("the bucket {bucket} is in {there}"))
            .because(asked)
            .hint(format!("add `--region {there}`")),
        None => retold(
            fault,
            scene.now,
            format!("the bucket {bucket} is in another region, and S3 does not say in which"),
        )
        .because(asked)
        .hint("name the bucket's region with `--region`: its owner knows it"),
    }
}

fn next_step(fault: &Fault, scene: Scene<'_>) -> Option<String> {
    let Cause::Answer(answer) = &fault.cause else { return None };
    Some(match (answer.code.as_str(), scene.bucket) {
        ("NoSuchBucket", Some(bucket)) => {
            format!("check the spelling of {}; `daypass s3 ls s3://` lists your own buckets", quoted(bucket))
        }
        ("AccessDenied" | "AllAccessDisabled" | "403", _) => denied(scene),
        ("ExpiredToken" | "InvalidToken", _) => over(),
        ("InvalidAccessKeyId", _) => {
            "S3 does not know this access key: see where it comes from with `daypass configure list`"
                .to_owned()
        }
        ("RequestTimeTooSkewed" | "SignatureDoesNotMatch", _)
            if clock::off(answer, scene.now).is_some() =>
        {
            return None;
        }
        ("SignatureDoesNotMatch", _) => {
            "the secret access key does not belong to the access key ID: see where both come from \
             with `daypass configure list`"
                .to_owned()
        }
        ("InvalidArgument" | "InvalidRequest", None) => {
            "buckets of one region are listed in that region: give it to `--region` too".to_owned()
        }
        _ => return None,
    })
}

fn over() -> String {
    "the credentials are not valid any more: sign in again with `daypass sso login`, or get new \
     ones if they come from variables or a file"
        .to_owned()
}

fn denied(scene: Scene<'_>) -> String {
    match scene {
        Scene { bucket: None, .. } => {
            "this role may not list all buckets: name one, as in `daypass s3 ls s3://BUCKET`"
                .to_owned()
        }
        Scene { signed: false, .. } => {
            "the bucket is not public: try again without `--no-sign-request`".to_owned()
        }
        Scene { bucket: Some(bucket), requester_pays, .. } => {
            let payer = if requester_pays {
                ""
            } else {
                "; if readers pay for the bucket, add `--request-payer`"
            };
            format!(
                "ask for `s3:ListBucket` on {} for the role `daypass sts get-caller-identity` \
                 shows{payer}",
                quoted(bucket)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fault as any;
    use super::*;

    fn fault(status: u16, code: &str) -> Fault {
        any("ListObjectsV2", status, code)
    }

    fn scene<'a>(bucket: Option<&'a str>, region: &'a Region) -> Scene<'a> {
        let now = Timestamp::UNIX_EPOCH;
        Scene { bucket, region, signed: true, requester_pays: false, now }
    }

    fn east() -> Region {
        Region::parse("us-east-1").unwrap()
    }

    fn step(status: u16, code: &str, scene: Scene<'_>) -> String {
        next_step(&fault(status, code), scene).unwrap_or_default()
    }

    #[test]
    fn each_common_error_has_a_next_step() {
        let cases = [
            (404, "NoSuchBucket", "check the spelling of `b`"),
            (403, "AccessDenied", "s3:ListBucket"),
            (400, "ExpiredToken", "daypass sso login"),
            (400, "InvalidToken", "daypass sso login"),
            (403, "InvalidAccessKeyId", "daypass configure list"),
            (403, "SignatureDoesNotMatch", "secret access key"),
        ];
        let region = east();
        for (status, code, words) in cases {
            let step = step(status, code, scene(Some("b"), &region));
            assert!(step.contains(words), "{code}: {step}");
        }
        let none = next_step(&fault(500, "InternalError"), scene(Some("b"), &region));
        assert_eq!(none.as_deref(), None);
    }

    #[test]
    fn denied_depends_on_what_was_asked() {
        let region = east();
        assert!(step(403, "AccessDenied", scene(None, &region)).contains("s3://BUCKET"));
        let scene = scene(Some("b"), &region);
        let unsigned = Scene { signed: false, ..scene };
        assert!(step(403, "AccessDenied", unsigned).contains("--no-sign-request"));
        assert!(step(403, "AccessDenied", scene).contains("--request-payer"));
        let paying = Scene { requester_pays: true, ..scene };
        assert!(!step(403, "AccessDenied", paying).contains("--request-payer"));
    }

    #[test]
    fn a_bucket_elsewhere_is_said_to_be_there() {
        let region = east();
        for (status, code) in [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed")] {
            let mut fault = fault(status, code);
            let scene = scene(Some("b"), &region);
            let error = bucket(fault.clone(), scene, |_| unreachable!("it is a matter of S3"));
            assert!(error.message().contains("does not say in which"), "{error}");
            if let Cause::Answer(answer) = &mut fault.cause {
                answer.bucket_region = Some("us-west-2".to_owned());
            }
            let error = bucket(fault, scene, |_| unreachable!("it is a matter of S3"));
            assert_eq!(error.message(), "the bucket `b` is in us-west-2");
            assert_eq!(error.causes(), ["it was asked for in us-east-1"]);
            assert_eq!(error.next_step(), Some("add `--region us-west-2`"));
        }
    }
}
