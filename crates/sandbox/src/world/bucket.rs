//! Buckets and objects. Bodies are made up when asked for: a listing of a hundred
//! thousand keys costs their names only.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use crate::random::{digest, hex};

/// An S3 bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, e.g. `us-west-2`.
    pub region: String,
    /// The account it belongs to; its principals may read it.
    pub account: String,
    /// When it was made.
    pub created: Timestamp,
    /// Other accounts whose principals may read it.
    pub readers: Vec<String>,
    /// Objects by key, in S3's order.
    pub objects: BTreeMap<String, Object>,
}

/// An S3 object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// Its content; without it, lines that repeat the key.
    pub text: Option<String>,
}

impl Bucket {
    /// An empty bucket.
    pub fn new(name: &str, region: &str, account: &str) -> Self {
        Self {
            name: name.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            created: Timestamp::UNIX_EPOCH,
            readers: Vec::new(),
            objects: BTreeMap::new(),
        }
    }

    /// With an object of made-up content.
    pub fn with_object(mut self, key: &str, size: u64, modified: Timestamp) -> Self {
        self.objects.insert(key.to_owned(), Object { size, modified, text: None });
        self
    }

    /// With an object that holds `text`.
    pub fn with_text(mut self, key: &str, text: &str, modified: Timestamp) -> Self {
        let (size, text) = (text.len() as u64, Some(text.to_owned()));
        self.objects.insert(key.to_owned(), Object { size, modified, text });
        self
    }

    /// With `count` objects `PREFIX000000`, `PREFIX000001`, ...
    pub fn with_many_objects(mut self, prefix: &str, count: usize) -> Self {
        for number in 0..count {
            let object = Object { size: 1000 + number as u64, modified: self.created, text: None };
            self.objects.insert(format!("{prefix}{number:06}"), object);
        }
        self
    }
}

impl Object {
    /// Bytes `range` of the content; the range must lie within `size`.
    pub(crate) fn bytes(&self, key: &str, range: Range<u64>) -> Vec<u8> {
        let line = match &self.text {
            Some(text) => text.clone(),
            None => format!("{key}\n"),
        };
        let length = line.len() as u64;
        let at = |position: u64| usize::try_from(position % length).map(|i| line.as_bytes()[i]);
        range.filter_map(|position| at(position).ok()).collect()
    }

    /// 32 hex digits that change with key, size and date.
    pub(crate) fn etag(&self, key: &str) -> String {
        let digest = digest(&[key, &self.size.to_string(), &self.modified.to_string()]);
        format!("\"{}\"", hex(&digest[..16]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_the_same_whole_or_in_parts() {
        let object = Object { size: 100, modified: Timestamp::UNIX_EPOCH, text: None };
        let whole = object.bytes("some/key", 0..100);
        assert_eq!(whole.len(), 100);
        assert_eq!(object.bytes("some/key", 40..60), whole[40..60]);
    }

    #[test]
    fn text_is_served_as_written() {
        let bucket =
            Bucket::new("b", "us-east-1", "1").with_text("k", "hello", Timestamp::UNIX_EPOCH);
        let object = &bucket.objects["k"];
        assert_eq!(object.bytes("k", 0..object.size), b"hello");
    }
}
