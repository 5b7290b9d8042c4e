//! ListBuckets, page after page.

use super::{Next, Route, S3, timestamp};
use crate::aws::Fault;
use aws_sdk_s3::operation::list_buckets::ListBucketsOutput;
use jiff::Timestamp;

const OPERATION: &str = "ListBuckets";

/// Which buckets are asked for; by default all of the account.
#[derive(Clone, Debug, Default)]
pub struct ListBuckets {
    /// How their names begin.
    pub prefix: Option<String>,
    /// Where they are. S3 answers this only at an endpoint of that region.
    pub region: Option<String>,
    /// Buckets a page; S3 decides without it.
    pub page_size: Option<i32>,
}

/// A bucket of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// A listing of buckets under way.
#[derive(Debug)]
pub struct BucketPages {
    route: Route,
    wanted: ListBuckets,
    next: Next,
}

impl S3 {
    /// Begins to list buckets; nothing is asked yet.
    pub fn list_buckets(&self, wanted: ListBuckets) -> BucketPages {
        BucketPages { route: self.route(self.start.clone()), wanted, next: Next::First }
    }
}

impl BucketPages {
    /// The next page, which may be empty; `None` after the last one.
    ///
    /// # Errors
    /// Whatever ListBuckets fails with. The page can be asked for again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Bucket>>, Fault> {
        if self.next == Next::Done {
            return Ok(None);
        }
        let answer = self.ask().await?;
        self.next = self.next.then(OPERATION, answer.continuation_token)?;
        let buckets = answer.buckets.unwrap_or_default().into_iter().map(|bucket| Bucket {
            created: timestamp(bucket.creation_date()),
            name: bucket.name.unwrap_or_default(),
        });
        Ok(Some(buckets.collect()))
    }

    async fn ask(&self) -> Result<ListBucketsOutput, Fault> {
        let request = self.route.client.list_buckets();
        request
            .set_prefix(self.wanted.prefix.clone())
            .set_bucket_region(self.wanted.region.clone())
            .set_max_buckets(self.wanted.page_size)
            .set_continuation_token(self.next.token())
            .send()
            .await
            .map_err(|error| Fault::of(OPERATION, error))
    }
}
