//! The management: JSON over HTTP on a port of its own, for whoever holds the token.
//!
//! `openapi.json` describes it, and is served. What is asked about the main world at
//! `/clock` is asked about another one at `/w/NAME/clock`.

mod admission;
mod clock;
mod devices;
mod faults;
mod lives;
mod looking;
mod options;
mod worlds;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::control::Control;
use crate::http::{Answer, Ask};
use crate::rooms::Rooms;

const OPENAPI: &str = include_str!("openapi.json");

/// A request that was let in.
struct Task<'a> {
    /// The world it is about.
    control: Control,
    /// All worlds; only for those who manage everything.
    rooms: Option<&'a Rooms>,
    ask: &'a Ask,
    /// What stands in the path where the route has a `*`.
    words: Vec<String>,
}

type Work = fn(&Task<'_>) -> Result<Answer, Problem>;

/// Method, path and what is done; a `*` stands for one part of the path.
const ROUTES: [(&str, &str, Work); 22] = [
    ("GET", "/clock", clock::show),
    ("POST", "/clock/advance", clock::advance),
    ("POST", "/clock/freeze", clock::freeze),
    ("POST", "/clock/thaw", clock::thaw),
    ("PUT", "/clock/skew", clock::skew),
    ("GET", "/options", options::show),
    ("PATCH", "/options", options::change),
    ("GET", "/faults", faults::show),
    ("POST", "/faults", faults::add),
    ("DELETE", "/faults", faults::clear),
    ("GET", "/devices", devices::list),
    ("POST", "/devices/*/approve", devices::approve),
    ("POST", "/devices/*/deny", devices::deny),
    ("POST", "/revoke", lives::revoke),
    ("POST", "/unassign", lives::unassign),
    ("GET", "/counters", looking::counters),
    ("GET", "/journal", looking::journal),
    ("GET", "/world", looking::world),
    ("GET", "/worlds", worlds::list),
    ("POST", "/worlds", worlds::create),
    ("GET", "/worlds/*", worlds::show),
    ("DELETE", "/worlds/*", worlds::remove),
];

/// A request refused.
#[derive(Debug)]
struct Problem {
    status: u16,
    error: &'static str,
    message: String,
    allow: Option<String>,
}

impl Problem {
    fn new(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into(), allow: None }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "bad_request", message)
    }

    fn absent(message: impl Into<String>) -> Self {
        Self::new(404, "not_found", message)
    }

    fn answer(self) -> Answer {
        let body = json!({ "error": self.error, "message": self.message });
        let mut answer = Answer::json(self.status, &body);
        if self.status == 401 {
            answer = answer.with("www-authenticate", "Bearer");
        }
        match self.allow {
            Some(allow) => answer.with("allow", allow),
            None => answer,
        }
    }
}

/// Answers a request of the management's port.
pub(crate) fn answer(rooms: &Rooms, ask: &Ask) -> Answer {
    let answered = admission::check(rooms, ask).and_then(|admitted| match admitted {
        admission::Admitted::Anybody => Ok(description()),
        admission::Admitted::To { control, rooms, path } => {
            let (work, words) = find(ask.method.as_str(), path)?;
            work(&Task { control, rooms, ask, words })
        }
    });
    answered
        .unwrap_or_else(Problem::answer)
        .with("cache-control", "no-store")
        .with("x-content-type-options", "nosniff")
}

fn description() -> Answer {
    Answer::new(200).with_body("application/json", OPENAPI)
}

/// The work of a route, and the words of its stars.
fn find(method: &str, path: &str) -> Result<(Work, Vec<String>), Problem> {
    let fitting: Vec<_> = ROUTES
        .iter()
        .filter_map(|(method, route, work)| Some((*method, *work, words(route, path)?)))
        .collect();
    let allow: Vec<_> = fitting.iter().map(|(method, ..)| *method).collect();
    let allow = allow.join(", ");
    if allow.is_empty() {
        return Err(Problem::absent("there is nothing here; /openapi.json says what there is"));
    }
    let found = fitting.into_iter().find(|(known, ..)| *known == method);
    found.map(|(_, work, words)| (work, words)).ok_or_else(|| {
        let message = format!("this takes {allow}");
        Problem { allow: Some(allow), ..Problem::new(405, "method_not_allowed", message) }
    })
}

/// What stands for the stars, if the path fits the route.
fn words(route: &str, path: &str) -> Option<Vec<String>> {
    let (mut parts, mut words) = (path.split('/'), Vec::new());
    for wanted in route.split('/') {
        let part = parts.next()?;
        if wanted == "*" && !part.is_empty() {
            let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
            words.push(decoded.into_owned());
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(words)
}

/// Reads a JSON body; members that are not described are errors, and so is a null
/// where a member can be left out.
fn input<T: DeserializeOwned>(ask: &Ask) -> Result<T, Problem> {
    let body = value(ask)?;
    let null = body.as_object().and_then(|all| all.iter().find(|(_, value)| value.is_null()));
    if let Some((name, _)) = null {
        return Err(Problem::bad(format!("{name} is null: leave it out")));
    }
    serde_json::from_value(body)
        .map_err(|error| Problem::bad(format!("the body is not as it should be: {error}")))
}

/// A JSON body, with `3.0` read as 3: to JSON they are the same number.
fn value(ask: &Ask) -> Result<Value, Problem> {
    let content_type = ask.header("content-type").unwrap_or_default();
    if content_type.split(';').next().is_none_or(|kind| kind.trim() != "application/json") {
        return Err(Problem::bad("content-type is not application/json"));
    }
    let mut body = serde_json::from_slice(&ask.body)
        .map_err(|error| Problem::bad(format!("the body is not as it should be: {error}")))?;
    whole(&mut body);
    Ok(body)
}

fn whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0);
            // Beyond 2^53 a float is no longer one whole number.
            if let Some(float) = float.filter(|n| n.abs() <= 9_007_199_254_740_992.0) {
                #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small")]
                let integer = float as i64;
                *value = integer.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole),
        Value::Object(members) => members.values_mut().for_each(whole),
        _ => {}
    }
}

fn done(body: &Value) -> Result<Answer, Problem> {
    Ok(Answer::json(200, body))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described: Value = serde_json::from_str(OPENAPI).expect("JSON");
        let paths = described["paths"].as_object().expect("paths").iter();
        let described: BTreeSet<_> = paths
            .flat_map(|(path, methods)| {
                let parts = path.split('/').map(|p| if p.starts_with('{') { "*" } else { p });
                let path = parts.collect::<Vec<_>>().join("/");
                let methods = methods.as_object().expect("methods").keys();
                let methods = methods.filter(|method| *method != "parameters");
                methods.map(|m| (m.to_uppercase(), path.clone())).collect::<Vec<_>>()
            })
            .collect();
        let routes = ROUTES.iter().map(|(method, path, _)| ((*method).into(), (*path).into()));
        let routes: BTreeSet<(String, String)> =
            routes.chain([("GET".to_owned(), "/openapi.json".to_owned())]).collect();
        assert_eq!(described, routes);
    }

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let mut value = json!({ "a": [3.0, -2.0, 0.5], "b": 1e300 });
        whole(&mut value);
        assert_eq!(value, json!({ "a": [3, -2, 0.5], "b": 1e300 }));
    }

    #[test]
    fn routes() {
        assert_eq!(words("/devices/*/deny", "/devices/A%2DB/deny"), Some(vec!["A-B".into()]));
        assert_eq!(words("/devices/*/deny", "/devices//deny"), None);
        assert_eq!(words("/clock", "/clock/"), None);
        assert!(find("GET", "/clock").is_ok());
        let problem = find("POST", "/faults/x").expect_err("nothing is there");
        assert_eq!(problem.status, 404);
        let problem = find("PUT", "/faults").expect_err("not that way");
        assert_eq!((problem.status, problem.allow.as_deref()), (405, Some("GET, POST, DELETE")));
    }
}
