//! What `s3 ls` can be asked.

use super::uri::{self, Place};
use clap::Args;
use daypass_core::Result;

/// The options of `s3 ls`, with the AWS CLI's names.
#[derive(Args, Clone, Debug, Default)]
pub struct Ls {
    /// What to list: s3://BUCKET, or s3://BUCKET/PREFIX for what begins with PREFIX
    /// (end it with `/` to look into a folder). Without it: your buckets, or the
    /// profile's `default_s3_uri`
    #[arg(value_name = "S3_URI")]
    pub path: Option<String>,
    /// List everything below, with full names, instead of one level
    #[arg(long)]
    pub recursive: bool,
    /// Ask the service for this many entries at a time; the result is the same
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = page_size)]
    pub page_size: Option<i32>,
    /// Show sizes as 1.5 MiB instead of in bytes
    #[arg(long)]
    pub human_readable: bool,
    /// Add the number of objects and their size in total
    #[arg(long)]
    pub summarize: bool,
    /// Agree to pay for the request, which some public data sets ask for
    #[arg(long, value_name = "WHO", num_args = 0..=1, default_missing_value = "requester",
          value_parser = ["requester"])]
    pub request_payer: Option<String>,
    /// List only buckets whose names begin so
    #[arg(long, value_name = "PREFIX")]
    pub bucket_name_prefix: Option<String>,
    /// List only buckets of this region
    #[arg(long, value_name = "REGION")]
    pub bucket_region: Option<String>,
}

impl Ls {
    /// What is to be listed. `default` is the profile's `default_s3_uri`; who asks
    /// for certain buckets does not mean it.
    ///
    /// # Errors
    /// As [`uri::parse`].
    pub fn place(&self, default: Option<&str>) -> Result<Place> {
        let about_buckets = self.bucket_name_prefix.is_some() || self.bucket_region.is_some();
        match (&self.path, default) {
            (Some(path), _) => uri::parse(path),
            (None, Some(default)) if !about_buckets => uri::parse(default)
                .map_err(|error| error.because("it comes from the profile's `default_s3_uri`")),
            _ => Ok(Place::Buckets),
        }
    }
}

/// S3 itself refuses what is out of its range.
fn page_size(text: &str) -> Result<i32, String> {
    text.trim().parse().map_err(|_| "a whole number such as 1000 is needed".to_owned())
}
