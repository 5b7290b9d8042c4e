//! What an attendant tells the process that started it: one line of JSON on a pipe.

use super::Endpoint;
use crate::report::kind_name;
use daypass_core::{Error, Kind, Result};
use serde_json::{Value, json};
use std::path::PathBuf;
use vault::Secret;

/// The address, or the error in whose stead there is none.
#[derive(Debug)]
pub struct Letter(Result<Endpoint>);

impl From<Result<Endpoint>> for Letter {
    fn from(outcome: Result<Endpoint>) -> Self {
        Self(outcome)
    }
}

const KINDS: [Kind; 12] = [
    Kind::Usage,
    Kind::Config,
    Kind::Profile,
    Kind::LoginNeeded,
    Kind::LoginFailed,
    Kind::Denied,
    Kind::Service,
    Kind::Network,
    Kind::Store,
    Kind::Interrupted,
    Kind::Terminated,
    Kind::Bug,
];

impl Letter {
    /// The line. It holds the token: it is for a pipe only.
    pub fn line(&self) -> Secret<String> {
        let value = match &self.0 {
            Ok(endpoint) => json!({
                "uri": endpoint.uri,
                "token": endpoint.token.expose(),
                "tokenFile": endpoint.token_file,
                "expiresAt": endpoint.expires_at.map(|at| at.to_string()),
            }),
            Err(error) => json!({"error": {
                "kind": kind_name(error.kind()),
                "message": error.message(),
                "causes": error.causes(),
                "hint": error.next_step(),
            }}),
        };
        Secret::new(format!("{value}\n"))
    }

    /// Reads the line.
    ///
    /// # Errors
    /// [`Kind::Bug`] for anything else than such a line: it ended before it had
    /// written one.
    pub fn parse(line: &Secret<String>) -> Result<Self> {
        let unfit =
            || Error::new(Kind::Bug, "the process that serves the credentials ended at once");
        let value: Value = serde_json::from_str(line.expose()).map_err(|_| unfit())?;
        if value["error"].is_object() {
            return Ok(Self(Err(error(&value["error"]))));
        }
        endpoint(&value).map(|endpoint| Self(Ok(endpoint))).ok_or_else(unfit)
    }

    /// What it says.
    ///
    /// # Errors
    /// The attendant's own.
    pub fn into_endpoint(self) -> Result<Endpoint> {
        self.0
    }
}

fn endpoint(value: &Value) -> Option<Endpoint> {
    Some(Endpoint {
        uri: value["uri"].as_str()?.to_owned(),
        token: Secret::from(value["token"].as_str()?),
        token_file: PathBuf::from(value["tokenFile"].as_str()?),
        expires_at: value["expiresAt"].as_str().and_then(|text| text.parse().ok()),
    })
}

fn error(value: &Value) -> Error {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let kind = KINDS.into_iter().find(|kind| kind_name(*kind) == text("kind"));
    let error = Error::new(kind.unwrap_or(Kind::Bug), text("message"));
    let causes = value["causes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let error = causes.fold(error, |error, cause| error.because(cause));
    match value["hint"].as_str() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(outcome: Result<Endpoint>) -> Result<Endpoint> {
        Letter::parse(&Letter::from(outcome).line())?.into_endpoint()
    }

    #[test]
    fn an_endpoint_arrives_whole() {
        let endpoint = Endpoint {
            uri: "http://127.0.0.1:4000/creds/dev".to_owned(),
            token: Secret::from("a-token"),
            token_file: PathBuf::from("/run/user/1000/daypass/endpoint-1-x/token"),
            expires_at: Some("2026-11-25T12:00:00Z".parse().unwrap()),
        };
        let arrived = sent(Ok(endpoint.clone())).unwrap();
        assert_eq!((&arrived.uri, &arrived.token), (&endpoint.uri, &endpoint.token));
        assert_eq!(arrived.token_file, endpoint.token_file);
        assert_eq!(arrived.expires_at, endpoint.expires_at);
    }

    #[test]
    fn an_error_keeps_its_kind_causes_and_hint() {
        for kind in KINDS {
            let error = Error::new(kind, "what").because("why").because("and why").hint("next");
            let arrived = sent(Err(error)).unwrap_err();
            assert_eq!(arrived.kind(), kind);
            assert_eq!(
                (arrived.to_string(), arrived.next_step()),
                ("what: why: and why".into(), Some("next"))
            );
        }
    }

    #[test]
    fn an_attendant_that_says_nothing_is_a_bug() {
        for line in ["", "{}", "nonsense", "{\"uri\": \"x\"}"] {
            assert_eq!(Letter::parse(&Secret::from(line)).unwrap_err().kind(), Kind::Bug, "{line}");
        }
    }
}
