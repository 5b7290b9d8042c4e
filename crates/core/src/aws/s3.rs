//! Simple Storage Service, for looking around: listings of buckets and objects.
//!
//! Listings come page after page, so memory does not grow with the number of keys.
//! S3 answers a request for a bucket elsewhere with an error; `redirect` reads the
//! bucket's region from it, and the request is sent once more.

mod buckets;
mod objects;
mod redirect;

pub use buckets::{Bucket, BucketPages, ListBuckets};
pub use objects::{ListObjects, Object, ObjectPage, ObjectPages};

use super::{Aws, Cause, Fault};
use crate::credentials::RoleCredentials;
use crate::error::{Error, Kind, Result, quoted};
use crate::explain;
use crate::names::Region;
use crate::resolve::connection::Service;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use jiff::Timestamp;
use redirect::Regions;

/// What the SDKs call S3 without a region: `s3.amazonaws.com`, signed for us-east-1.
const NO_REGION: &str = "aws-global";

/// Where the bucket's name stands in an address: the profile's `s3.addressing_style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// In the host, where it can stand there; in the path at a custom endpoint.
    #[default]
    Auto,
    /// In the path.
    Path,
    /// In the host, at a custom endpoint too.
    Virtual,
}

impl Addressing {
    /// Reads the configuration's word.
    ///
    /// # Errors
    /// [`Kind::Profile`] for another word than `auto`, `virtual` and `path`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "path" => Ok(Self::Path),
            "virtual" => Ok(Self::Virtual),
            other => Err(Error::new(
                Kind::Profile,
                format!("S3 addressing style {} is invalid", quoted(other)),
            )
            .because("valid options are `auto`, `virtual` and `path`")
            .hint("correct `addressing_style` below `s3 =` in the profile")),
        }
    }

    fn forces_path(self, custom_endpoint: bool) -> bool {
        self == Self::Path || self == Self::Auto && custom_endpoint
    }
}

/// S3 for one run: who asks, from where, and which buckets were found elsewhere.
#[derive(Debug)]
pub struct S3 {
    aws: Aws,
    credentials: Option<RoleCredentials>,
    addressing: Addressing,
    start: Region,
    regions: Regions,
}

impl Aws {
    /// S3 as seen from `region`. Without credentials requests are not signed, which
    /// public buckets accept; without a region they go to `s3.amazonaws.com`.
    ///
    /// # Errors
    /// None that depends on the input.
    pub fn s3(
        &self,
        region: Option<&Region>,
        credentials: Option<&RoleCredentials>,
        addressing: Addressing,
    ) -> Result<S3> {
        let start = region.map_or_else(|| Region::parse(NO_REGION), |region| Ok(region.clone()))?;
        let credentials = credentials.cloned();
        Ok(S3 { aws: self.clone(), credentials, addressing, start, regions: Regions::default() })
    }
}

/// A client and the region it asks in.
#[derive(Clone, Debug)]
struct Route {
    region: Region,
    client: Client,
}

impl S3 {
    fn route(&self, region: Region) -> Route {
        let endpoint = self.aws.connection().endpoint(Service::S3);
        let builder = match &self.credentials {
            Some(keys) => Builder::from(&self.aws.signed(Service::S3, &region, keys)),
            None => Builder::from(&self.aws.config(Service::S3, &region).build()).allow_no_auth(),
        };
        let config = builder
            .force_path_style(self.addressing.forces_path(endpoint.is_some()))
            .use_arn_region(true)
            .build();
        Route { region, client: Client::from_conf(config) }
    }

    /// A fault of a listing, put into words; `bucket` is `None` for a listing of buckets.
    /// `otherwise` explains what is no matter of S3 alone.
    pub fn explained(
        &self,
        fault: Fault,
        bucket: Option<&str>,
        requester_pays: bool,
        otherwise: impl FnOnce(Fault) -> Error,
    ) -> Error {
        let region = bucket.and_then(|bucket| self.regions.of(bucket));
        let region = region.as_ref().unwrap_or(&self.start);
        let (signed, now) = (self.credentials.is_some(), self.aws.clock().now());
        let scene = explain::Scene { bucket, region, signed, requester_pays, now };
        explain::bucket(fault, scene, otherwise)
    }

    /// The way to a bucket: to where it was found before, else to the start.
    fn route_to(&self, bucket: &str) -> Route {
        self.route(self.regions.of(bucket).unwrap_or_else(|| self.start.clone()))
    }
}

/// Which page comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    First,
    After(String),
    Done,
}

impl Next {
    fn token(&self) -> Option<String> {
        match self {
            Self::After(token) => Some(token.clone()),
            _ => None,
        }
    }

    /// What follows a page that ended with `token`. A page that ends where it began
    /// would be asked for over and over.
    fn then(&self, operation: &'static str, token: Option<String>) -> Result<Self, Fault> {
        match token.filter(|token| !token.is_empty()) {
            None => Ok(Self::Done),
            Some(token) if self.token().as_ref() == Some(&token) => {
                let cause = Cause::Garbled("the same page is offered again".to_owned());
                Err(Fault { operation, cause })
            }
            Some(token) => Ok(Self::After(token)),
        }
    }
}

/// To our time; parts of a second play no role here.
fn timestamp(time: Option<&aws_sdk_s3::primitives::DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_endpoint_asks_for_the_path_unless_told_otherwise() {
        let cases = [
            ("auto", false, false),
            ("auto", true, true),
            ("path", false, true),
            ("virtual", true, false),
        ];
        for (word, custom, path) in cases {
            assert_eq!(Addressing::parse(word).unwrap().forces_path(custom), path, "{word}");
        }
        assert_eq!(Addressing::parse("odd").unwrap_err().kind(), Kind::Profile);
    }

    #[test]
    fn pages_end_and_never_repeat() {
        let token = |text: &str| Some(text.to_owned());
        assert_eq!(Next::First.then("L", None).unwrap(), Next::Done);
        assert_eq!(Next::First.then("L", token("")).unwrap(), Next::Done);
        let second = Next::First.then("L", token("a")).unwrap();
        assert_eq!(second, Next::After("a".into()));
        assert_eq!(second.then("L", token("b")).unwrap(), Next::After("b".into()));
        assert!(matches!(second.then("L", token("a")).unwrap_err().cause, Cause::Garbled(_)));
    }
}
