//! S3's errors in the words of someone who wants to see their data.

use super::S3;
use crate::aws::{Cause, Fault};
use crate::error::quoted;
use jiff::{SignedDuration, Timestamp};

/// What was asked when it failed.
#[derive(Clone, Copy, Debug)]
struct Scene<'a> {
    bucket: Option<&'a str>,
    signed: bool,
    requester_pays: bool,
    skewed: bool,
}

impl S3 {
    /// What may help after `fault`, as a hint. `bucket` is `None` for a listing of
    /// buckets.
    pub fn next_step(
        &self,
        fault: &Fault,
        bucket: Option<&str>,
        requester_pays: bool,
    ) -> Option<String> {
        let signed = self.credentials.is_some();
        let skewed = is_skewed(fault, self.aws.clock().now());
        next_step(fault, Scene { bucket, signed, requester_pays, skewed })
    }
}

fn is_skewed(fault: &Fault, now: Timestamp) -> bool {
    fault.skew(now).is_some_and(|skew| skew.abs() > SignedDuration::from_mins(5))
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
        ("RequestTimeTooSkewed" | "SignatureDoesNotMatch", _) if scene.skewed => {
            "set this machine's clock right and try again".to_owned()
        }
        ("SignatureDoesNotMatch", _) => {
            "the secret access key does not belong to the access key ID: see where both come from \
             with `daypass configure list`"
                .to_owned()
        }
        ("InvalidArgument" | "InvalidRequest", None) => {
            "buckets of one region are listed in that region: give it to `--region` too".to_owned()
        }
        (_, Some(bucket)) if matches!(answer.status, 301 | 302 | 307 | 308) => format!(
            "S3 does not say in which region {} is: name the region with `--region`",
            quoted(bucket)
        ),
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
    use super::*;
    use crate::aws::Answer;

    fn fault(status: u16, code: &str) -> Fault {
        let answer = Answer {
            code: code.to_owned(),
            message: None,
            status,
            details: Vec::new(),
            date: Some(Timestamp::UNIX_EPOCH),
            bucket_region: None,
        };
        Fault { operation: "ListObjectsV2", cause: Cause::Answer(answer.into()) }
    }

    fn scene(bucket: Option<&str>) -> Scene<'_> {
        Scene { bucket, signed: true, requester_pays: false, skewed: false }
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
            (301, "PermanentRedirect", "`--region`"),
        ];
        for (status, code, words) in cases {
            let step = step(status, code, scene(Some("b")));
            assert!(step.contains(words), "{code}: {step}");
        }
        assert_eq!(next_step(&fault(500, "InternalError"), scene(Some("b"))).as_deref(), None);
    }

    #[test]
    fn denied_depends_on_what_was_asked() {
        assert!(step(403, "AccessDenied", scene(None)).contains("s3://BUCKET"));
        let unsigned = Scene { signed: false, ..scene(Some("b")) };
        assert!(step(403, "AccessDenied", unsigned).contains("--no-sign-request"));
        assert!(step(403, "AccessDenied", scene(Some("b"))).contains("--request-payer"));
        let paying = Scene { requester_pays: true, ..scene(Some("b")) };
        assert!(!step(403, "AccessDenied", paying).contains("--request-payer"));
    }

    #[test]
    fn a_wrong_clock_comes_before_a_wrong_secret() {
        let hour = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        assert!(is_skewed(&fault(403, "SignatureDoesNotMatch"), hour));
        assert!(!is_skewed(&fault(403, "SignatureDoesNotMatch"), Timestamp::UNIX_EPOCH));
        let skewed = Scene { skewed: true, ..scene(Some("b")) };
        assert!(step(403, "SignatureDoesNotMatch", skewed).contains("clock"));
    }
}
