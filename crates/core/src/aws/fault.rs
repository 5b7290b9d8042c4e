//! What went wrong with a call, in our words.

use super::wire::Unreached;
use crate::error::{Error, Kind};
use crate::explain;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A call that did not succeed.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The operation's AWS name.
    pub operation: &'static str,
    /// What happened.
    pub cause: Cause,
}

/// The ways a call can fail.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The service answered with an error.
    Answer(Box<Answer>),
    /// No answer arrived.
    Unreached {
        /// Scheme, host, port and path.
        url: String,
        /// The innermost reason.
        reason: String,
        /// Whether the connection could not even be made, so that the request
        /// cannot have had an effect.
        unsent: bool,
        /// The proxy in between, if one is set: host and port.
        proxy: Option<String>,
        /// The option, variable or line that moved the service there.
        moved_by: Option<String>,
    },
    /// An answer that makes no sense, or a request that could not be made.
    Garbled(String),
}

/// An error a service answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The error's code, such as `InvalidGrantException`.
    pub code: String,
    /// Its message, if it has one.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// `error`, `error_description`, `reason` and `region` of the OIDC service.
    pub details: Vec<(String, String)>,
    /// The service's `Date`, against which our clock can be held.
    pub date: Option<Timestamp>,
    /// `x-amz-bucket-region` or the body's `Region`, of S3.
    pub bucket_region: Option<String>,
}

impl Fault {
    /// Puts an SDK error into our words.
    pub fn of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let cause = match &error {
            // A page of somebody in between, such as a hotel's.
            SdkError::ServiceError(context) if context.raw().status().is_success() => {
                garbled(&error)
            }
            SdkError::ServiceError(context) => {
                let meta = context.err().meta();
                Cause::Answer(answer(context.raw(), meta.code(), meta.message()))
            }
            SdkError::ResponseError(context) if context.raw().status().as_u16() >= 400 => {
                Cause::Answer(answer(context.raw(), None, None))
            }
            SdkError::DispatchFailure(failure) => {
                failure.as_connector_error().map_or_else(|| garbled(&error), unreached)
            }
            SdkError::TimeoutError(_) => Cause::Unreached {
                url: String::new(),
                reason: "the time is over".to_owned(),
                unsent: false,
                proxy: None,
                moved_by: None,
            },
            _ => garbled(&error),
        };
        Self { operation, cause }
    }

    /// The error of a request sent without the SDK.
    pub(crate) fn of_connector(operation: &'static str, error: &ConnectorError) -> Self {
        Self { operation, cause: unreached(error) }
    }

    /// The error a service answered a request with that was sent without the SDK.
    pub(crate) fn of_status(operation: &'static str, raw: &HttpResponse) -> Self {
        Self { operation, cause: Cause::Answer(answer(raw, None, None)) }
    }

    /// An answer that makes no sense.
    pub(crate) fn garbled(operation: &'static str, why: String) -> Self {
        Self { operation, cause: Cause::Garbled(why) }
    }

    /// The answer's code, if the service answered.
    pub fn code(&self) -> Option<&str> {
        self.answer().map(|answer| answer.code.as_str())
    }

    /// The answer, if the service answered.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.cause {
            Cause::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    /// Whether the service answered with this code; OIDC's own names
    /// (`invalid_grant`) count as well.
    pub fn is(&self, code: &str) -> bool {
        self.answer().is_some_and(|answer| {
            answer.code == code
                || answer.details.iter().any(|(key, value)| key == "error" && value == code)
        })
    }

    /// The OIDC service's word on a detail, such as `reason`.
    pub fn detail(&self, name: &str) -> Option<&str> {
        let details = &self.answer()?.details;
        details.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the bearer token was not accepted.
    pub fn is_refusal(&self) -> bool {
        self.is("UnauthorizedException") || self.answer().is_some_and(|answer| answer.status == 401)
    }

    /// Whether it may pass by itself: no answer, throttling, a server's fault.
    pub fn is_passing(&self) -> bool {
        match &self.cause {
            Cause::Answer(answer) => answer.status == 429 || answer.status >= 500,
            Cause::Unreached { .. } => true,
            Cause::Garbled(_) => true,
        }
    }

    /// How far the service's clock is ahead of ours, where that is known.
    pub fn skew(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(self.answer()?.date?.duration_since(now))
    }

    /// The error a person meets.
    pub fn into_error(self, now: Timestamp) -> Error {
        let operation = self.operation;
        match &self.cause {
            Cause::Answer(answer) => explain::answer(operation, answer, now),
            Cause::Unreached { url, reason, unsent, proxy, moved_by } => {
                let error = Error::new(Kind::Network, silence(operation, url, *unsent));
                let error = error.because(reason.clone());
                let error = match moved_by {
                    Some(origin) => error.because(format!("this address comes from {origin}")),
                    None => error,
                };
                match proxy {
                    Some(proxy) => {
                        error.because(format!("the proxy {proxy} is in force")).hint(advice(
                            reason,
                            "check the proxy (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), and try again",
                        ))
                    }
                    None => error
                        .hint(advice(reason, "check the network and the region, and try again")),
                }
            }
            Cause::Garbled(reason) => {
                Error::new(Kind::Service, format!("the answer to {operation} makes no sense"))
                    .because(reason.clone())
            }
        }
    }
}

/// What is known of a call without an answer, in the AWS CLI's words.
fn silence(operation: &str, url: &str, unsent: bool) -> String {
    match (url.is_empty(), unsent) {
        (true, _) => format!("no answer to {operation}"),
        (_, true) => format!("Could not connect to the endpoint URL: \"{url}\""),
        (_, false) => format!("No answer came from the endpoint URL: \"{url}\""),
    }
}

fn advice<'a>(reason: &str, usual: &'a str) -> &'a str {
    match reason.starts_with(UNTRUSTED) {
        true => {
            "if a proxy of your company answers here, name its certificates with --ca-bundle or AWS_CA_BUNDLE"
        }
        false => usual,
    }
}

fn garbled(error: &(dyn std::error::Error + 'static)) -> Cause {
    Cause::Garbled(innermost(error))
}

/// The AWS CLI's words.
const UNTRUSTED: &str = "SSL validation failed";

fn unreached(error: &ConnectorError) -> Cause {
    let found = find::<Unreached>(error);
    let url = found.map(|unreached| unreached.url.clone()).unwrap_or_default();
    let connect = find::<hyper_util::client::legacy::Error>(error).is_some_and(|e| e.is_connect());
    let reason = match find::<rustls::Error>(error) {
        Some(tls) => format!("{UNTRUSTED}: {tls}"),
        None => innermost(error),
    };
    let proxy = found.and_then(|unreached| unreached.proxy.clone());
    let moved_by = found.and_then(|unreached| unreached.moved_by.clone());
    Cause::Unreached { url, reason, unsent: connect, proxy, moved_by }
}

fn find<'e, E: std::error::Error + 'static>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e E> {
    chain(error).find_map(|link| link.downcast_ref::<E>())
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An `io::Error`'s payload is not its `source()`: step into it by hand.
fn chain<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |&link| match link.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
        None => link.source(),
    })
}

fn answer(raw: &HttpResponse, code: Option<&str>, message: Option<&str>) -> Box<Answer> {
    let status = raw.status().as_u16();
    let header = |name: &str| raw.headers().get(name).map(str::to_owned);
    let body = raw.body().bytes().unwrap_or_default();
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let field = |key: &str| json.get(key).and_then(Value::as_str).map(clean);
    let details: Vec<(String, String)> = ["error", "error_description", "reason", "region"]
        .into_iter()
        .filter_map(|key| field(key).map(|value| (key.to_owned(), value)))
        .collect();
    let fallback =
        || details.first().map_or_else(|| status.to_string(), |(_, error)| error.clone());
    Box::new(Answer {
        code: code.map_or_else(fallback, clean),
        message: message.map(clean).or_else(|| field("message")).or_else(|| field("Message")),
        status,
        details,
        date: header("date")
            .and_then(|text| jiff::fmt::rfc2822::parse(&text).ok())
            .map(|zoned| zoned.timestamp()),
        bucket_region: header("x-amz-bucket-region").or_else(|| element(body, "Region")),
    })
}

/// Text of a server, without what could drive a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The text of the first `<name>…</name>` of an S3 error document.
fn element(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let start = text.find(&format!("<{name}>"))? + name.len() + 2;
    let length = text[start..].find("</")?;
    Some(clean(text[start..start + length].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_of_an_s3_error_is_found() {
        let body = b"<Error><Code>PermanentRedirect</Code><Region>us-west-2</Region></Error>";
        assert_eq!(element(body, "Region").as_deref(), Some("us-west-2"));
        assert_eq!(element(body, "Bucket"), None);
        assert_eq!(element(b"\xff<Region>x</Region>", "Region"), None);
        assert_eq!(element(b"<Region>x", "Region"), None);
    }
}
