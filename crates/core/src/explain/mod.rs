//! Errors of AWS in the words of someone who wants to get on with their work.
//!
//! Many of them mislead: "the security token included in the request is invalid" may be
//! about keys that were pasted in spring, `InvalidRequestException` about a region, a
//! 429 about nothing at all. So what happened comes first, then why, with the file and
//! line to blame, then what AWS said, word for word, and one command. The kind, and with
//! it the exit code, stays that of the answer.
//!
//! What is not misleading keeps the AWS CLI's own line, which people search for.

mod clock;
mod login;
mod portal;
mod s3;
mod signed;

pub(crate) use login::login;
pub(crate) use portal::{Had, role};
pub use portal::{portal, refused_token};
pub(crate) use s3::Scene;
pub(crate) use s3::bucket;
pub use signed::signed;
pub(crate) use signed::{chained, kept};

use crate::aws::{Answer, Fault};
use crate::error::{Error, Kind};
use jiff::Timestamp;

/// Any service's answer, without more to go by than itself.
pub(crate) fn answer(operation: &str, answer: &Answer, now: Timestamp) -> Error {
    let off = clock::off(answer, now);
    if let Some(off) = off.filter(|_| clock::is_blamed(answer)) {
        return told(operation, answer, off.sentence())
            .because(
                "AWS refuses what is signed more than five minutes before or after its own time",
            )
            .hint(clock::MEND);
    }
    let error = match is_throttled(answer) {
        true => throttled(operation, answer),
        false => as_said(operation, answer),
    };
    match off {
        Some(off) => error.because(off.sentence()).hint(clock::MEND),
        None => error,
    }
}

/// The AWS CLI's own line, with the details of the OIDC service below.
fn as_said(operation: &str, answer: &Answer) -> Error {
    let text = answer.message.as_deref().unwrap_or_default();
    let line = format!("{}: {text}", frame(operation, answer));
    let error = Error::new(kind(answer), line.trim_end().trim_end_matches(':'));
    let error = answer
        .details
        .iter()
        .fold(error, |error, (key, value)| error.because(format!("{key}: {value}")));
    match answer.status {
        500.. => error.hint("the service has a fault of its own: try again in a minute"),
        _ => error,
    }
}

/// The AWS CLI's opening.
fn frame(operation: &str, answer: &Answer) -> String {
    format!("An error occurred ({}) when calling the {operation} operation", answer.code)
}

/// An error with a first line of ours, and the service's own words below.
fn told(operation: &str, answer: &Answer, message: impl Into<String>) -> Error {
    let details = answer.details.iter().map(|(_, value)| value.as_str());
    let words: Vec<&str> = answer.message.as_deref().into_iter().chain(details).collect();
    let line = format!("{}: {}", frame(operation, answer), words.join(": "));
    Error::new(kind(answer), message).said(line.trim_end().trim_end_matches(':'))
}

/// The same for a fault; one without an answer, which has nothing to put into other
/// words, keeps its own.
fn retold(fault: Fault, now: Timestamp, message: impl Into<String>) -> Error {
    match fault.answer() {
        Some(answer) => {
            let error = told(fault.operation, answer, message);
            match clock::off(answer, now) {
                Some(off) => error.because(off.sentence()).hint(clock::MEND),
                None => error,
            }
        }
        None => fault.into_error(now).while_doing(message),
    }
}

fn kind(answer: &Answer) -> Kind {
    if answer.status == 403 { Kind::Denied } else { Kind::Service }
}

/// Throttling, as each of the services says it.
fn is_throttled(answer: &Answer) -> bool {
    let codes = ["Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown"];
    let slow_down = answer.code.as_str() == "SlowDown" && answer.status == 400;
    answer.status == 429 || codes.contains(&answer.code.as_str()) && !slow_down
}

fn throttled(operation: &str, answer: &Answer) -> Error {
    let portal = ["ListAccounts", "ListAccountRoles", "GetRoleCredentials"].contains(&operation);
    let error = told(operation, answer, "AWS is asked too often at the moment");
    let error = match portal {
        true => error.because(
            "the portal answers some 20 requests a second, all programs of yours together; \
             the login is as good as before",
        ),
        false => error,
    };
    error.hint("try again in a minute")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::aws::Cause;

    pub(crate) fn fault(operation: &'static str, status: u16, code: &str) -> Fault {
        let answer = Answer {
            code: code.to_owned(),
            message: Some("words".to_owned()),
            status,
            details: Vec::new(),
            date: Some(Timestamp::UNIX_EPOCH),
            bucket_region: None,
        };
        Fault { operation, cause: Cause::Answer(answer.into()) }
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    #[test]
    fn what_does_not_mislead_keeps_its_line() {
        let error = fault("ListObjectsV2", 404, "NoSuchBucket").into_error(at(0));
        let line =
            "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: words";
        assert_eq!((error.message(), error.words_of_service()), (line, None));
    }

    #[test]
    fn throttling_is_no_reason_to_log_in() {
        for (status, code) in [(429, "429"), (503, "SlowDown"), (400, "Throttling")] {
            let error = fault("GetRoleCredentials", status, code).into_error(at(0));
            assert_eq!(error.message(), "AWS is asked too often at the moment", "{code}");
            assert!(error.causes()[0].contains("login is as good"), "{error}");
            assert!(error.words_of_service().unwrap().contains(code), "{error}");
        }
        let other = fault("CreateToken", 400, "SlowDown").into_error(at(0));
        assert!(other.message().starts_with("An error occurred"), "{other}");
    }

    #[test]
    fn a_wrong_clock_comes_before_a_wrong_signature() {
        let error = fault("ListBuckets", 403, "RequestTimeTooSkewed").into_error(at(-90));
        assert_eq!(error.message(), "this machine's clock is 90 minutes behind that of AWS");
        assert_eq!(error.next_step(), Some(clock::MEND));
        assert_eq!(error.kind(), Kind::Denied);
        let error = fault("ListBuckets", 403, "AccessDenied").into_error(at(7));
        assert!(error.message().starts_with("An error occurred"), "{error}");
        assert_eq!(error.causes(), ["this machine's clock is 7 minutes ahead of that of AWS"]);
    }
}
