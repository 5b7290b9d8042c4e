//! `GetObject` and `HeadObject`, whole or a range, on conditions.

use std::ops::Range;

use ::http::Method;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use super::NAMESPACE;
use crate::http::{Answer, Ask, Refusal};
use crate::services::xml::Xml;
use crate::world::{Bucket, Object};

/// Parameters that put another header in the answer's place.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-content-type", "content-type"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-cache-control", "cache-control"),
    ("response-expires", "expires"),
];

pub(super) fn read(bucket: &Bucket, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let object = bucket.objects.get(key).ok_or_else(|| super::missing_key(key))?;
    let etag = object.etag(key);
    if let Some(status) = condition(ask, object, &etag)? {
        return Ok(Answer::new(status).with("etag", etag));
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
    let whole = range.is_none();
    let answer = filled(answer, object, key, range.unwrap_or(0..object.size), &ask.method)?;
    Ok(described(answer, object, ask, whole).with("etag", etag))
}

/// Nothing here has tags; who copies an object asks for them.
pub(super) fn tags(bucket: &Bucket, key: &str) -> Result<Answer, Refusal> {
    bucket.objects.get(key).ok_or_else(|| super::missing_key(key))?;
    let mut xml = Xml::new();
    xml.open("Tagging", NAMESPACE).open("TagSet", "").close("TagSet").close("Tagging");
    Ok(Answer::xml(200, "application/xml", xml.finish()))
}

/// 304 if the client has it already; an error if it is not as the client wants it.
fn condition(ask: &Ask, object: &Object, etag: &str) -> Result<Option<u16>, Refusal> {
    let names = |list: &str| {
        list.split(',')
            .any(|one| one.trim() == etag || one.trim().trim_matches('"') == etag.trim_matches('"'))
    };
    let moment = |name: &str| DateTimeParser::new().parse_timestamp(ask.header(name)?).ok();
    let fails = match ask.header("if-match") {
        Some(wanted) => wanted != "*" && !names(wanted),
        None => moment("if-unmodified-since").is_some_and(|since| object.modified > since),
    };
    if fails {
        let text = "At least one of the pre-conditions you specified did not hold";
        return Err(Refusal::new(412, "PreconditionFailed", text));
    }
    let known = match ask.header("if-none-match") {
        Some(known) => known == "*" || names(known),
        None => moment("if-modified-since").is_some_and(|since| object.modified <= since),
    };
    Ok(known.then_some(304))
}

fn described(mut answer: Answer, object: &Object, ask: &Ask, whole: bool) -> Answer {
    let modified =
        DateTimePrinter::new().timestamp_to_rfc9110_string(&object.modified).unwrap_or_default();
    for (name, value) in object.headers() {
        answer.headers.insert(name.clone().into(), value.clone());
    }
    let checked = whole && ask.header("x-amz-checksum-mode") == Some("ENABLED");
    if let Some(checksum) = object.checksum().filter(|_| checked) {
        answer = answer.with(checksum.algorithm.header(), &checksum.value);
        answer = answer.with("x-amz-checksum-type", checksum.kind());
    }
    for (parameter, header) in OVERRIDES {
        if let Some(value) = ask.parameter(parameter) {
            answer = answer.with(header, value);
        }
    }
    answer.with("accept-ranges", "bytes").with("last-modified", modified)
}

/// With the bytes or, for HEAD, their number only.
fn filled(
    answer: Answer,
    object: &Object,
    key: &str,
    range: Range<u64>,
    method: &Method,
) -> Result<Answer, Refusal> {
    if method == Method::HEAD {
        let length = (range.end - range.start).to_string();
        let answer = answer.with("content-length", length);
        return Ok(answer.with("content-type", "binary/octet-stream"));
    }
    let bytes = object.bytes(key, range).map_err(|error| super::lost(&error))?;
    Ok(answer.with_body("binary/octet-stream", bytes))
}

/// `bytes=A-B`, `bytes=A-`, `bytes=-N`. Nothing for what S3 ignores: other units
/// and lists of ranges.
pub(super) fn parse_range(header: &str, size: u64) -> Option<Result<Range<u64>, Refusal>> {
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
