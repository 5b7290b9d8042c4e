//! `ListObjectsV2` and its elder `ListObjects`.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{NAMESPACE, argument};
use crate::http::{Answer, Ask, Refusal};
use crate::services::xml::Xml;
use crate::world::{Bucket, Object};

/// What `encoding-type=url` leaves as it is.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// A listing asked for.
struct Listing<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    /// Keys and prefixes up to and including this one are left out.
    after: String,
    most: usize,
    encode: bool,
}

/// A page found.
#[derive(Default)]
struct Page<'a> {
    objects: Vec<(&'a str, &'a Object)>,
    prefixes: Vec<String>,
    /// The last key or prefix, if there are more.
    next: Option<String>,
}

impl Page<'_> {
    fn count(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

/// One page; `most` caps `max-keys`.
pub(super) fn list(
    bucket: &Bucket,
    ask: &Ask,
    most: usize,
    version_2: bool,
) -> Result<Answer, Refusal> {
    let encode = match ask.parameter("encoding-type") {
        None => false,
        Some("url") => true,
        Some(_) => return Err(argument("Invalid Encoding Method specified in Request")),
    };
    let listing = Listing {
        prefix: ask.parameter("prefix").unwrap_or_default(),
        delimiter: ask.parameter("delimiter").unwrap_or_default(),
        after: start(ask, version_2)?,
        most: max_keys(ask)?.min(most),
        encode,
    };
    let page = listing.find(bucket);
    Ok(Answer::xml(200, "application/xml", listing.write(bucket, ask, &page, version_2)))
}

fn max_keys(ask: &Ask) -> Result<usize, Refusal> {
    let Some(asked) = ask.parameter("max-keys") else { return Ok(1000) };
    asked.parse().map_err(|_| argument("Provided max-keys not an integer or within integer range"))
}

fn start(ask: &Ask, version_2: bool) -> Result<String, Refusal> {
    if !version_2 {
        return Ok(ask.parameter("marker").unwrap_or_default().to_owned());
    }
    let Some(token) = ask.parameter("continuation-token") else {
        return Ok(ask.parameter("start-after").unwrap_or_default().to_owned());
    };
    let bytes = STANDARD.decode(token).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| argument("The continuation token provided is incorrect"))
}

impl Listing<'_> {
    fn find<'b>(&self, bucket: &'b Bucket) -> Page<'b> {
        let mut page = Page::default();
        let mut last = self.after.clone();
        while let Some((key, object)) = self.next(bucket, &last) {
            if page.count() == self.most {
                page.next = Some(last).filter(|_| self.most > 0);
                break;
            }
            last = match self.common_prefix(key) {
                Some(prefix) => {
                    page.prefixes.push(prefix.to_owned());
                    prefix.to_owned()
                }
                None => {
                    page.objects.push((key, object));
                    key.to_owned()
                }
            };
        }
        page
    }

    /// The first object after `last`; a common prefix has all its keys behind it.
    fn next<'b>(&self, bucket: &'b Bucket, last: &str) -> Option<(&'b str, &'b Object)> {
        let rolled_up = !self.delimiter.is_empty()
            && last.len() > self.prefix.len()
            && last.ends_with(self.delimiter);
        let from = if rolled_up {
            // Above every key that begins with `last`: no key holds U+10FFFF.
            Bound::Excluded(format!("{last}\u{10FFFF}"))
        } else if last < self.prefix {
            Bound::Included(self.prefix.to_owned())
        } else {
            Bound::Excluded(last.to_owned())
        };
        let (key, object) = bucket.objects.range((from, Bound::Unbounded)).next()?;
        key.starts_with(self.prefix).then_some((key, object))
    }

    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.get(self.prefix.len()..).filter(|_| !self.delimiter.is_empty())?;
        let end = self.prefix.len() + rest.find(self.delimiter)? + self.delimiter.len();
        Some(&key[..end])
    }

    fn text(&self, text: &str) -> String {
        if self.encode { utf8_percent_encode(text, KEPT).to_string() } else { text.to_owned() }
    }

    fn write(&self, bucket: &Bucket, ask: &Ask, page: &Page<'_>, version_2: bool) -> String {
        let mut xml = Xml::new();
        xml.open("ListBucketResult", NAMESPACE)
            .text("Name", &bucket.name)
            .text("Prefix", &self.text(self.prefix));
        let next = page.next.as_deref();
        if version_2 {
            xml.maybe(
                "StartAfter",
                ask.parameter("start-after").map(|key| self.text(key)).as_deref(),
            );
            xml.maybe("ContinuationToken", ask.parameter("continuation-token"));
            xml.maybe("NextContinuationToken", next.map(|next| STANDARD.encode(next)).as_deref());
            xml.text("KeyCount", &page.count().to_string());
        } else {
            xml.text("Marker", &self.text(&self.after));
            let next = next.filter(|_| !self.delimiter.is_empty()).map(|next| self.text(next));
            xml.maybe("NextMarker", next.as_deref());
        }
        xml.text("MaxKeys", &self.most.to_string());
        xml.maybe("Delimiter", ask.parameter("delimiter").map(|d| self.text(d)).as_deref());
        xml.maybe("EncodingType", ask.parameter("encoding-type"));
        xml.text("IsTruncated", if page.next.is_some() { "true" } else { "false" });
        let owned = !version_2 || ask.parameter("fetch-owner") == Some("true");
        self.entries(&mut xml, page, owned.then_some(&bucket.account));
        xml.close("ListBucketResult").finish()
    }

    fn entries(&self, xml: &mut Xml, page: &Page<'_>, owner: Option<&String>) {
        for (key, object) in &page.objects {
            let modified = object.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
            xml.open("Contents", "").text("Key", &self.text(key)).text("LastModified", &modified);
            xml.text("ETag", &object.etag(key)).text("Size", &object.size.to_string());
            if let Some(owner) = owner {
                xml.open("Owner", "").text("ID", owner).close("Owner");
            }
            xml.text("StorageClass", "STANDARD").close("Contents");
        }
        for prefix in &page.prefixes {
            xml.open("CommonPrefixes", "")
                .text("Prefix", &self.text(prefix))
                .close("CommonPrefixes");
        }
    }
}
