//! `GetObject` and `HeadObject`, whole or a range.

use std::ops::Range;

use ::http::Method;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::http::{Answer, Ask, Refusal};
use crate::world::{Bucket, Object};

pub(super) fn read(bucket: &Bucket, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let object = bucket.objects.get(key).ok_or_else(|| {
        Refusal::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
    })?;
    let etag = object.etag(key);
    if ask.header("if-none-match").is_some_and(|known| known == etag) {
        return Ok(Answer::new(304).with("etag", etag));
    }
    let range =
        ask.header("range").and_then(|range| parse_range(range, object.size)).transpose()?;
    let answer = match &range {
        Some(range) => {
            let of = format!("bytes {}-{}/{}", range.start, range.end - 1, object.size);
            Answer::new(206).with("content-range", of)
        }
        None => Answer::new(200),
    };
    let answer = described(answer, object).with("etag", etag);
    Ok(filled(answer, object, key, range.unwrap_or(0..object.size), &ask.method))
}

fn described(answer: Answer, object: &Object) -> Answer {
    let modified =
        DateTimePrinter::new().timestamp_to_rfc9110_string(&object.modified).unwrap_or_default();
    answer.with("accept-ranges", "bytes").with("last-modified", modified)
}

/// With the bytes or, for HEAD, their number only.
fn filled(
    answer: Answer,
    object: &Object,
    key: &str,
    range: Range<u64>,
    method: &Method,
) -> Answer {
    if method == Method::HEAD {
        let length = (range.end - range.start).to_string();
        return answer.with("content-length", length).with("content-type", "binary/octet-stream");
    }
    answer.with_body("binary/octet-stream", object.bytes(key, range))
}

/// `bytes=A-B`, `bytes=A-`, `bytes=-N`. Nothing for what S3 ignores: other units
/// and lists of ranges.
fn parse_range(header: &str, size: u64) -> Option<Result<Range<u64>, Refusal>> {
    let (from, to) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (from, to) {
        ("", last) => size.saturating_sub(last.parse().ok()?)..size,
        (from, "") => from.parse().ok()?..size,
        (from, to) => from.parse().ok()?..to.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    if range.start < range.end && range.end <= size {
        return Some(Ok(range));
    }
    let refusal = Refusal::new(416, "InvalidRange", "The requested range is not satisfiable");
    Some(Err(refusal.header("content-range", format!("bytes */{size}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range = |header| parse_range(header, 100).and_then(Result::ok);
        assert_eq!(range("bytes=0-9"), Some(0..10));
        assert_eq!(range("bytes=90-"), Some(90..100));
        assert_eq!(range("bytes=-5"), Some(95..100));
        assert_eq!(range("bytes=95-500"), Some(95..100));
        assert_eq!(range("lines=1-2"), None);
        assert!(parse_range("bytes=100-", 100).is_some_and(|range| range.is_err()));
        assert!(parse_range("bytes=0-1,5-6", 100).is_none());
    }
}
