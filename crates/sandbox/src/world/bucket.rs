//! Buckets and objects. Bodies are made up when asked for: a listing of a hundred
//! thousand keys costs their names only.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::random::{digest, hex};
use crate::services::Checksum;

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
    /// Where the content is instead, if somewhere else.
    kept: Kept,
}

/// Content that is neither text of the world's nor made up.
#[derive(Debug, Clone, Default)]
enum Kept {
    #[default]
    Nowhere,
    File(PathBuf),
    Memory(Arc<Upload>),
}

/// What a client has uploaded.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) bytes: Bytes,
    /// With its quotation marks.
    pub(crate) etag: String,
    /// Content type, metadata and the like, as they come back.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) checksum: Option<Checksum>,
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
        self.objects.insert(key.to_owned(), Object::made_up(size, modified));
        self
    }

    /// With an object that holds `text`.
    pub fn with_text(mut self, key: &str, text: &str, modified: Timestamp) -> Self {
        self.objects.insert(key.to_owned(), Object::of_text(text, modified));
        self
    }

    /// With `count` objects `PREFIX000000`, `PREFIX000001`, ...
    pub fn with_many_objects(mut self, prefix: &str, count: usize) -> Self {
        for number in 0..count {
            let object = Object::made_up(1000 + number as u64, self.created);
            self.objects.insert(format!("{prefix}{number:06}"), object);
        }
        self
    }
}

impl Object {
    /// Of that many bytes of made-up content.
    pub fn made_up(size: u64, modified: Timestamp) -> Self {
        Self { size, modified, text: None, kept: Kept::Nowhere }
    }

    /// That holds `text`.
    pub fn of_text(text: &str, modified: Timestamp) -> Self {
        Self { text: Some(text.to_owned()), ..Self::made_up(text.len() as u64, modified) }
    }

    /// Whose content is read from a file when it is asked for.
    pub fn of_file(path: PathBuf, size: u64, modified: Timestamp) -> Self {
        Self { kept: Kept::File(path), ..Self::made_up(size, modified) }
    }

    pub(crate) fn uploaded(upload: Arc<Upload>, modified: Timestamp) -> Self {
        let size = upload.bytes.len() as u64;
        Self { kept: Kept::Memory(upload), ..Self::made_up(size, modified) }
    }

    fn upload(&self) -> Option<&Upload> {
        match &self.kept {
            Kept::Memory(upload) => Some(upload),
            _ => None,
        }
    }

    /// What was said of it when it was uploaded.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        self.upload().map_or(&[], |upload| &upload.headers)
    }

    pub(crate) fn checksum(&self) -> Option<&Checksum> {
        self.upload().and_then(|upload| upload.checksum.as_ref())
    }

    /// Bytes `range` of the content; the range must lie within `size`.
    pub(crate) fn bytes(&self, key: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
        match &self.kept {
            Kept::File(path) => slice(path, range),
            Kept::Memory(upload) => {
                let at = |position| usize::try_from(position).unwrap_or(usize::MAX);
                let bytes = upload.bytes.get(at(range.start)..at(range.end));
                bytes.map(<[u8]>::to_vec).ok_or(io::ErrorKind::UnexpectedEof.into())
            }
            Kept::Nowhere => Ok(repeated(self.text.as_deref(), key, range)),
        }
    }

    /// The MD5 sum of what was uploaded and of texts. Anything else looks as if it had
    /// been uploaded in parts, so that nobody takes it for one.
    pub(crate) fn etag(&self, key: &str) -> String {
        if let Some(upload) = self.upload() {
            return upload.etag.clone();
        }
        if let Some(text) = &self.text {
            return format!("\"{}\"", hex(&<md5::Md5 as sha2::Digest>::digest(text)));
        }
        let digest = digest(&[key, &self.size.to_string(), &self.modified.to_string()]);
        format!("\"{}-1\"", hex(&digest[..16]))
    }
}

fn repeated(text: Option<&str>, key: &str, range: Range<u64>) -> Vec<u8> {
    let line = text.map_or_else(|| format!("{key}\n"), str::to_owned);
    let length = line.len() as u64;
    let at = |position: u64| usize::try_from(position % length).map(|i| line.as_bytes()[i]);
    range.filter_map(|position| at(position).ok()).collect()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox reads what its own world names")]
fn slice(path: &std::path::Path, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = Vec::new();
    file.take(range.end - range.start).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == range.end - range.start {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_the_same_whole_or_in_parts() {
        let object = Object::made_up(100, Timestamp::UNIX_EPOCH);
        let whole = object.bytes("some/key", 0..100).expect("bytes");
        assert_eq!(whole.len(), 100);
        assert_eq!(object.bytes("some/key", 40..60).expect("bytes"), whole[40..60]);
    }

    #[test]
    fn text_is_served_as_written() {
        let bucket =
            Bucket::new("b", "us-east-1", "1").with_text("k", "hello", Timestamp::UNIX_EPOCH);
        let object = &bucket.objects["k"];
        assert_eq!(object.bytes("k", 0..object.size).expect("bytes"), b"hello");
        assert_eq!(object.etag("k"), "\"5d41402abc4b2a76b9719d911017c592\"", "its MD5 sum");
    }
}
