//! Where a bucket is, learned from answers that send a request elsewhere.

use super::{NO_REGION, Route, S3};
use crate::aws::{Answer, Fault};
use crate::names::Region;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The regions of buckets that were found elsewhere, for the length of a run.
#[derive(Debug, Default)]
pub(super) struct Regions(Mutex<BTreeMap<String, Region>>);

impl Regions {
    pub(super) fn of(&self, bucket: &str) -> Option<Region> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    fn remember(&self, bucket: &str, region: Region) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(bucket.to_owned(), region);
    }
}

/// What an error answer says about the bucket's place.
#[derive(Debug, PartialEq, Eq)]
enum Elsewhere {
    /// Nothing: the error is the answer.
    No,
    /// In this region.
    In(Region),
    /// Not here, and it does not say where.
    Unsaid,
}

impl Elsewhere {
    /// A 403 names the bucket's region even where it merely denies, so only another
    /// region than the one asked counts. A malformed header may be just that.
    fn of(answer: &Answer, asked: &Region) -> Self {
        let moved = matches!(answer.status, 301 | 302 | 307 | 308)
            || matches!(
                answer.code.as_str(),
                "PermanentRedirect" | "IllegalLocationConstraintException"
            );
        let misdirected = moved
            || answer.status == 403
            || answer.status == 400 && answer.code == "AuthorizationHeaderMalformed";
        match named_region(answer).filter(|_| misdirected) {
            Some(region) if is_same(&region, asked) => Self::No,
            Some(region) => Self::In(region),
            None if moved => Self::Unsaid,
            None => Self::No,
        }
    }
}

/// Without a region requests are signed for us-east-1.
fn is_same(region: &Region, asked: &Region) -> bool {
    region == asked || asked.as_str() == NO_REGION && region.as_str() == "us-east-1"
}

/// The text becomes part of a host name: anything odd is no region.
fn named_region(answer: &Answer) -> Option<Region> {
    Region::parse(answer.bucket_region.as_deref()?).ok()
}

impl S3 {
    /// The way to the bucket's region after `fault`, which comes back if it does not
    /// lead anywhere. An access point's ARN names its region itself.
    pub(super) async fn reroute(
        &self,
        used: &Route,
        bucket: &str,
        fault: Fault,
    ) -> Result<Route, Fault> {
        let said = match fault.answer() {
            Some(answer) if !bucket.starts_with("arn:") => Elsewhere::of(answer, &used.region),
            _ => Elsewhere::No,
        };
        let region = match said {
            Elsewhere::No => None,
            Elsewhere::In(region) => Some(region),
            Elsewhere::Unsaid => region_by_head(used, bucket).await,
        };
        let region = region.filter(|region| !is_same(region, &used.region)).ok_or(fault)?;
        tracing::debug!(bucket, region = region.as_str(), "the bucket is elsewhere");
        self.regions.remember(bucket, region.clone());
        Ok(self.route(region))
    }
}

/// Asks for the bucket's head; whatever the answer is, its header counts.
async fn region_by_head(route: &Route, bucket: &str) -> Option<Region> {
    match route.client.head_bucket().bucket(bucket).send().await {
        Ok(head) => Region::parse(head.bucket_region()?).ok(),
        Err(error) => named_region(Fault::of("HeadBucket", error).answer()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, code: &str, region: Option<&str>) -> Elsewhere {
        let answer = Answer {
            code: code.to_owned(),
            message: None,
            status,
            details: Vec::new(),
            date: None,
            bucket_region: region.map(str::to_owned),
        };
        Elsewhere::of(&answer, &Region::parse("us-east-1").unwrap())
    }

    fn west() -> Elsewhere {
        Elsewhere::In(Region::parse("us-west-2").unwrap())
    }

    #[test]
    fn every_form_of_redirect_is_followed() {
        let forms = [
            (301, "PermanentRedirect"),
            (302, "Found"),
            (307, "TemporaryRedirect"),
            (308, "PermanentRedirect"),
            (400, "AuthorizationHeaderMalformed"),
            (400, "IllegalLocationConstraintException"),
            (403, "AccessDenied"),
        ];
        for (status, code) in forms {
            assert_eq!(verdict(status, code, Some("us-west-2")), west(), "{status} {code}");
        }
    }

    #[test]
    fn without_a_region_only_a_sure_redirect_asks_on() {
        assert_eq!(verdict(301, "301", None), Elsewhere::Unsaid);
        assert_eq!(verdict(400, "IllegalLocationConstraintException", None), Elsewhere::Unsaid);
        assert_eq!(verdict(400, "AuthorizationHeaderMalformed", None), Elsewhere::No);
        assert_eq!(verdict(403, "AccessDenied", None), Elsewhere::No);
    }

    #[test]
    fn other_errors_are_the_answer() {
        assert_eq!(verdict(404, "NoSuchBucket", Some("us-west-2")), Elsewhere::No);
        assert_eq!(verdict(400, "ExpiredToken", Some("us-west-2")), Elsewhere::No);
        assert_eq!(verdict(403, "AccessDenied", Some("us-east-1")), Elsewhere::No);
        assert_eq!(verdict(301, "PermanentRedirect", Some("us-east-1")), Elsewhere::No);
    }

    #[test]
    fn no_region_is_us_east_1() {
        let region = |name| Region::parse(name).unwrap();
        assert!(is_same(&region("us-east-1"), &region(NO_REGION)));
        assert!(!is_same(&region("us-west-2"), &region(NO_REGION)));
    }

    #[test]
    fn a_region_cannot_smuggle_a_host_name() {
        assert_eq!(verdict(403, "AccessDenied", Some("evil.example/x")), Elsewhere::No);
        assert_eq!(verdict(301, "PermanentRedirect", Some("evil.example")), Elsewhere::Unsaid);
    }
}
