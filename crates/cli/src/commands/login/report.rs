//! What came of it, as data.

use super::told::{Outcome, is_renewable};
use crate::app::App;
use crate::report::{Done, kind_name};
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::profile::Chosen;
use daypass_core::token::format_time;
use daypass_core::{Error, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

/// One login.
pub struct Row<'a> {
    /// The sso-session's, if it has one.
    pub name: Option<&'a str>,
    /// None where its section is not complete.
    pub plan: Option<&'a SessionPlan>,
    pub outcome: Result<&'a Outcome, &'a Error>,
}

/// Prints the rows where `--output` or `--query` asks for them.
///
/// # Errors
/// The format's own, and standard output's.
pub fn show(app: &App, chosen: &Chosen<'_>, rows: &[Row<'_>]) -> Result<Done> {
    if !app.wants_data() {
        return Ok(Done::Well);
    }
    let now = app.host.now();
    let rows: Vec<Value> = rows.iter().map(|row| row.value(now)).collect();
    app.show(&app.renderer(chosen)?, "login", &json!({ "Sessions": rows }))
}

impl Row<'_> {
    fn value(&self, now: Timestamp) -> Value {
        let url = self.plan.map(|plan| plan.start_url.value.raw());
        let mut value = json!({ "SsoSession": self.name, "StartUrl": url });
        match self.outcome {
            Ok(outcome) => {
                let token = outcome.token();
                value["Status"] = json!(outcome.word());
                value["ExpiresAt"] = json!(format_time(token.expires_at));
                value["Renewable"] = json!(is_renewable(token, now));
            }
            Err(error) => {
                value["Status"] = json!(kind_name(error.kind()));
                value["Error"] = json!(error.to_string());
            }
        }
        value
    }
}
