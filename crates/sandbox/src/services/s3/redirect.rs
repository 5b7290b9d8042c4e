//! How S3 says that a bucket is elsewhere.

use crate::http::Refusal;
use crate::options::RedirectStyle;
use crate::world::Bucket;

/// The answer to a request signed for `signed_for` instead of the bucket's region.
pub(super) fn refusal(
    style: RedirectStyle,
    operation: &str,
    bucket: &Bucket,
    signed_for: &str,
) -> Refusal {
    match style {
        RedirectStyle::Permanent => with_region(permanent(bucket), bucket),
        RedirectStyle::Temporary => with_region(temporary(bucket), bucket),
        RedirectStyle::Malformed => malformed(operation, bucket, signed_for),
        RedirectStyle::Silent if operation == "HeadBucket" => {
            with_region(permanent(bucket), bucket)
        }
        RedirectStyle::Silent | RedirectStyle::Mute => permanent(bucket),
    }
}

fn with_region(refusal: Refusal, bucket: &Bucket) -> Refusal {
    refusal.header("x-amz-bucket-region", &bucket.region).detail("Region", &bucket.region)
}

fn permanent(bucket: &Bucket) -> Refusal {
    let text = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                all future requests to this endpoint.";
    Refusal::new(301, "PermanentRedirect", text)
        .detail("Endpoint", format!("{}.s3.amazonaws.com", bucket.name))
        .detail("Bucket", &bucket.name)
}

fn temporary(bucket: &Bucket) -> Refusal {
    let text = "Please re-send this request to the specified temporary endpoint. Continue to use the original request \
                endpoint for future requests.";
    Refusal::new(307, "TemporaryRedirect", text)
        .detail("Endpoint", format!("{}.s3.amazonaws.com", bucket.name))
        .detail("Bucket", &bucket.name)
}

/// The region stands in the body; an answer to HEAD has none, so there the header
/// tells.
fn malformed(operation: &str, bucket: &Bucket, signed_for: &str) -> Refusal {
    let region = &bucket.region;
    let text = format!(
        "The authorization header is malformed; the region '{signed_for}' is wrong; expecting '{region}'"
    );
    let refusal = Refusal::new(400, "AuthorizationHeaderMalformed", text).detail("Region", region);
    if operation.starts_with("Head") {
        refusal.header("x-amz-bucket-region", region)
    } else {
        refusal
    }
}
