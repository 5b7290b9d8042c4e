//! Requests and answers as values: services are plain functions between them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::http::{HeaderMap, Method};
use bytes::Bytes;
use maud::Markup;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// What was before the path: `/w/NAME`, or nothing.
    pub(crate) prefix: String,
    /// As sent, which is as signed.
    pub(crate) sent_path: String,
    /// What is behind the prefix: still percent-encoded.
    pub(crate) path: String,
    /// As sent, without the `?`.
    pub(crate) raw_query: String,
    /// Decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn new(method: Method, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        let query = pairs(raw_query.as_bytes());
        let (path, raw_query) = (path.to_owned(), raw_query.to_owned());
        let (prefix, sent_path) = (String::new(), path.clone());
        Self { method, prefix, sent_path, path, raw_query, query, headers, body }
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The fields of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.header("cookie")?.split(';');
        let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The path, percent-decoded once.
    pub(crate) fn decoded_path(&self) -> String {
        percent_decode_str(&self.path).decode_utf8_lossy().into_owned()
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

/// The first value of `name` in decoded pairs.
pub(crate) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What goes back to the client.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<Cow<'static, str>, String>,
    pub(crate) body: Vec<u8>,
    /// The error's name, for the journal.
    pub(crate) code: Option<String>,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status).with_body("application/json", body.to_string())
    }

    pub(crate) fn xml(status: u16, content_type: &str, body: String) -> Self {
        Self::new(status).with_body(content_type, body)
    }

    pub(crate) fn html(status: u16, body: Markup) -> Self {
        Self::new(status).with_body("text/html; charset=utf-8", body.into_string())
    }

    pub(crate) fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::new(status).with("location", location)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    pub(crate) fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with("content-type", content_type)
    }
}

/// A request refused: each service writes it in its own dialect.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The error's name as AWS spells it, e.g. `InvalidGrantException`.
    pub(crate) code: String,
    pub(crate) message: String,
    /// More members or elements of the error's body.
    pub(crate) details: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { status, code, message, details: Vec::new(), headers: Vec::new() }
    }

    pub(crate) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Puts what all dialects share on an answer that already has its body.
    pub(crate) fn finish(self, mut answer: Answer) -> Answer {
        for (name, value) in self.headers {
            answer = answer.with(name, value);
        }
        answer.code = Some(self.code);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(target: &str, cookie: &str) -> Ask {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.parse().expect("a header value"));
        Ask::new(Method::GET, target, headers, Bytes::new())
    }

    #[test]
    fn the_query_is_decoded_and_kept_raw() {
        let ask = ask("/a%20b?x=1%2B1&y=&x=2", "");
        assert_eq!(ask.path, "/a%20b");
        assert_eq!(ask.decoded_path(), "/a b");
        assert_eq!(ask.parameter("x"), Some("1+1"));
        assert_eq!(ask.parameter("y"), Some(""));
        assert_eq!(ask.parameter("z"), None);
        assert_eq!(ask.raw_query, "x=1%2B1&y=&x=2");
    }

    #[test]
    fn cookies_are_found_by_whole_name() {
        let ask = ask("/", "other-browser=1; browser=2");
        assert_eq!(ask.cookie("browser"), Some("2"));
        assert_eq!(ask.cookie("rowser"), None);
    }
}
