//! ListObjectsV2, page after page.

use super::{Next, Route, S3, timestamp};
use crate::aws::Fault;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, RequestPayer};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

const OPERATION: &str = "ListObjectsV2";

/// Which objects are asked for.
#[derive(Clone, Debug, Default)]
pub struct ListObjects {
    /// A bucket's name, or an access point's ARN.
    pub bucket: String,
    /// How the keys begin; empty for all.
    pub prefix: String,
    /// Keys with this text behind the prefix are rolled up into common prefixes.
    pub delimiter: Option<String>,
    /// Keys a page; S3 decides without it.
    pub page_size: Option<i32>,
    /// Says that the one who asks pays, which some buckets insist on.
    pub requester_pays: bool,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPage {
    /// Common prefixes, with their final delimiter.
    pub prefixes: Vec<String>,
    /// The objects.
    pub objects: Vec<Object>,
}

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its full key, which may hold any character but those UTF-8 cannot express.
    pub key: String,
    /// Bytes.
    pub size: i64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

/// A listing of objects under way: it holds no page.
#[derive(Debug)]
pub struct ObjectPages<'s> {
    s3: &'s S3,
    route: Route,
    wanted: ListObjects,
    next: Next,
}

impl S3 {
    /// Begins to list objects; nothing is asked yet.
    pub fn list_objects(&self, wanted: ListObjects) -> ObjectPages<'_> {
        let route = self.route_to(&wanted.bucket);
        ObjectPages { s3: self, route, wanted, next: Next::First }
    }
}

impl ObjectPages<'_> {
    /// The next page, which may be empty; `None` after the last one. A bucket in
    /// another region is followed there.
    ///
    /// # Errors
    /// Whatever ListObjectsV2 fails with. The page can be asked for again.
    pub async fn next_page(&mut self) -> Result<Option<ObjectPage>, Fault> {
        if self.next == Next::Done {
            return Ok(None);
        }
        let mut answer = match self.ask().await {
            Ok(answer) => answer,
            Err(fault) => {
                self.route = self.s3.reroute(&self.route, &self.wanted.bucket, fault).await?;
                self.ask().await?
            }
        };
        let more = answer.is_truncated == Some(true);
        let token = answer.next_continuation_token.take().filter(|_| more);
        self.next = self.next.then(OPERATION, token)?;
        Ok(Some(page(answer)))
    }

    async fn ask(&self) -> Result<ListObjectsV2Output, Fault> {
        let wanted = &self.wanted;
        let request = self.route.client.list_objects_v2().bucket(&wanted.bucket);
        request
            .prefix(&wanted.prefix)
            .set_delimiter(wanted.delimiter.clone())
            .set_max_keys(wanted.page_size)
            .set_request_payer(wanted.requester_pays.then_some(RequestPayer::Requester))
            .encoding_type(EncodingType::Url)
            .set_continuation_token(self.next.token())
            .send()
            .await
            .map_err(|error| Fault::of(OPERATION, error))
    }
}

fn page(answer: ListObjectsV2Output) -> ObjectPage {
    // Some servers that speak S3 do not know the encoding, and then do not name it.
    let encoded = answer.encoding_type == Some(EncodingType::Url);
    let plain = |text: Option<String>| match text.unwrap_or_default() {
        text if encoded => decoded(&text),
        text => text,
    };
    let prefixes = answer.common_prefixes.unwrap_or_default();
    let objects = answer.contents.unwrap_or_default();
    ObjectPage {
        prefixes: prefixes.into_iter().map(|common| plain(common.prefix)).collect(),
        objects: objects
            .into_iter()
            .map(|object| Object {
                size: object.size.unwrap_or_default(),
                modified: timestamp(object.last_modified.as_ref()),
                key: plain(object.key),
            })
            .collect(),
    }
}

/// S3 writes a blank as `+` and a plus as `%2B`.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_s3_writes_them() {
        let cases = [
            ("plain/key.txt", "plain/key.txt"),
            ("sar+change%20map%2B.png", "sar change map+.png"),
            ("%E6%97%A5%E6%9C%AC", "日本"),
            ("a%0Ab%1B%5B2J", "a\nb\u{1b}[2J"),
            ("bad%ff%zz%", "bad\u{fffd}%zz%"),
        ];
        for (text, key) in cases {
            assert_eq!(decoded(text), key, "{text}");
        }
    }
}
