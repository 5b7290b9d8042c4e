//! `vault list`.

use crate::app::App;
use crate::report::Done;
use daypass_core::Result;
use daypass_core::token::format_time;
use hot::Ticket;
use jiff::Timestamp;
use serde_json::{Value, json};
use vault::{NEVER, RecordName, Store as _};

pub fn run(app: &App) -> Result<Done> {
    let mut rows = Vec::new();
    for name in app.host.store.names()? {
        rows.extend(row(app, &name)?);
    }
    // Names of records are hashes: their order means nothing to anybody.
    rows.sort_by_cached_key(|row| (row["Kind"].to_string(), row["Of"].to_string()));
    if app.wants_data() {
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        return app.show(&renderer, "vault-list", &json!({ "Records": rows }));
    }
    let lines: String = rows.iter().map(line).collect();
    app.print(&lines)
}

/// A record without its secret; none for what is no credential.
fn row(app: &App, name: &RecordName) -> Result<Option<Value>> {
    let Ok(Some((expires_at, body))) = app.host.store.load_dated(name) else { return Ok(None) };
    let kind = name.as_str().split('.').next().unwrap_or_default();
    let (kind, what) = match kind {
        "role" | "keyed" => match Ticket::read(body.expose()) {
            Some(ticket) => ("role credentials", about(ticket.about)),
            None => return Ok(None),
        },
        "token" => ("login", login(body.expose())),
        "keys" => ("access key", keys(body.expose())),
        "undo" => ("old secrets", "taken out of your files, for `configure undo`".to_owned()),
        _ => return Ok(None),
    };
    let ends = match expires_at {
        NEVER => None,
        seconds => i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok()),
    };
    Ok(Some(json!({ "Kind": kind, "Of": what, "Expiration": ends.map(format_time) })))
}

fn line(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or("never ends").to_owned();
    format!("{:<16}  {:<20}  {}\n", text("Kind"), text("Expiration"), text("Of"))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn about(line: &str) -> String {
    let value: Value = serde_json::from_str(line).unwrap_or_default();
    words(&value)
}

fn words(value: &Value) -> String {
    match text(value, "kind") {
        "sso" => {
            let login = value["session"].as_str().unwrap_or(text(value, "startUrl"));
            format!("{} in {} ({login})", text(value, "roleName"), text(value, "accountId"))
        }
        "assumed" => format!("{} by {}", text(value, "roleArn"), words(&value["source"])),
        _ => format!("access key {}", text(value, "keys")),
    }
}

/// The line feed ends what the store notes of its own; JSON follows.
fn login(body: &[u8]) -> String {
    let json = body.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    let value: Value = serde_json::from_slice(json).unwrap_or_default();
    format!("{} in {}", text(&value, "startUrl"), text(&value, "region"))
}

fn keys(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    format!("{} ({})", text(&value, "accessKeyId"), text(&value, "name"))
}
