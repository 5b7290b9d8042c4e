//! The knobs that can be turned while the sandbox runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Problem, Task, done, value};
use crate::http::Answer;
use crate::options::{Options, RedirectStyle};

/// More than any knob needs, and far from where sums would overflow.
const MOST: u64 = 1_000_000_000;

/// Names the knobs once: what is shown, what can be changed, and where it goes.
macro_rules! knobs {
    ($($name:ident: $kind:ty),* $(,)?) => {
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Knobs { $($name: $kind),* }

        impl Knobs {
            fn of(options: &Options) -> Self {
                Self { $($name: options.$name.clone()),* }
            }

            fn set(self, options: Options) -> Options {
                Options { $($name: self.$name,)* ..options }
            }
        }
    };
}

knobs! {
    access_token_seconds: u64,
    session_seconds: u64,
    registration_seconds: u64,
    device_code_seconds: u64,
    device_interval_seconds: u64,
    authorization_code_seconds: u64,
    role_credentials_seconds: Option<u64>,
    rotate_refresh_tokens: bool,
    revoke_family_on_reuse: bool,
    refresh_grace_seconds: u64,
    omit_refresh_token_on_refresh: bool,
    page_size: usize,
    empty_pages: bool,
    portal_requests_per_second: Option<usize>,
    s3_page_size: usize,
    redirect_style: RedirectStyle,
    strict: bool,
}

fn shown(options: &Options) -> Value {
    serde_json::to_value(Knobs::of(options)).unwrap_or_default()
}

pub(super) fn show(task: &Task<'_>) -> Result<Answer, Problem> {
    done(&shown(&task.control.options()))
}

/// Those that are given change, the others stay.
pub(super) fn change(task: &Task<'_>) -> Result<Answer, Problem> {
    let Value::Object(changes) = value(task.ask)? else {
        return Err(Problem::bad("the body is no object"));
    };
    task.control.set_options(changed(task.control.options(), changes)?);
    show(task)
}

/// `options` with changes by name.
pub(super) fn changed(
    options: Options,
    changes: serde_json::Map<String, Value>,
) -> Result<Options, Problem> {
    let mut knobs = shown(&options);
    for (name, value) in changes {
        if value.as_u64().is_some_and(|number| number > MOST) {
            return Err(Problem::bad(format!("{name} is more than {MOST}")));
        }
        knobs[&name] = value;
    }
    let knobs: Knobs = serde_json::from_value(knobs)
        .map_err(|error| Problem::bad(format!("this cannot be: {error}")))?;
    Ok(knobs.set(options))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(changes: Value) -> Result<Options, Problem> {
        let changes = changes.as_object().expect("an object").clone();
        changed(Options::default(), changes)
    }

    #[test]
    fn what_is_given_changes_and_the_rest_stays() {
        let options = change(json!({
            "page_size": 7,
            "portal_requests_per_second": 20,
            "redirect_style": "silent",
        }));
        let options = options.expect("good changes");
        assert_eq!((options.page_size, options.portal_requests_per_second), (7, Some(20)));
        assert_eq!(options.redirect_style, RedirectStyle::Silent);
        assert_eq!(options.session_seconds, Options::default().session_seconds);
    }

    #[test]
    fn what_is_no_knob_changes_nothing() {
        for bad in [
            json!({ "port": 1 }),
            json!({ "page_size": -1 }),
            json!({ "page_size": "2" }),
            json!({ "page_size": null }),
            json!({ "session_seconds": 1_000_000_001 }),
        ] {
            assert_eq!(change(bad.clone()).err().map(|problem| problem.status), Some(400), "{bad}");
        }
    }
}
