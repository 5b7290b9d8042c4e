//! Answers as people read them.

use crate::output::clean;
use serde_json::Value;

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// Rows of columns as wide as their widest word, without blanks at the end.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let words = rows.iter().filter_map(|row| row.get(column));
        words.map(|word| word.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let words = row.iter().zip(&widths).map(|(word, width)| format!("{word:width$}"));
        let line = words.collect::<Vec<_>>().join("  ");
        format!("{}\n", clean(line.trim_end()))
    };
    rows.iter().map(line).collect()
}

/// `2026-11-25T22:40:02.123Z` is `22:40:02` to a person.
fn time(instant: &str) -> String {
    instant.split('T').nth(1).and_then(|time| time.get(..8)).unwrap_or(instant).to_owned()
}

fn span(seconds: &Value) -> String {
    let span = jiff::SignedDuration::from_secs(seconds.as_i64().unwrap_or(0));
    format!("{}{:#}", if span.is_negative() { "-" } else { "" }, span.abs())
}

pub fn clock(answer: &Value) -> String {
    let state = if answer["frozen"] == true { "stands still" } else { "runs" };
    let now = word(answer, "now").split('.').next().unwrap_or_default().trim_end_matches('Z');
    format!(
        "{now}Z ({state}; advanced by {}, wrong by {})\n",
        span(&answer["advanced_seconds"]),
        span(&answer["skew_seconds"])
    )
}

pub fn faults(answer: &Value) -> String {
    let rates = items(answer, "rates").map(|rate| {
        let of = rate["operation"].as_str().unwrap_or("every operation");
        vec![word(rate, "kind").to_owned(), percent(&rate["percent"]), format!("of {of}")]
    });
    let waiting = items(answer, "waiting").map(|fault| {
        let of = format!("of {}", word(fault, "operation"));
        vec![word(fault, "fault").to_owned(), "next".to_owned(), of]
    });
    let rows: Vec<_> = rates.chain(waiting).collect();
    if rows.is_empty() {
        return "no faults\n".to_owned();
    }
    format!("{}chance began with seed {}\n", table(&rows), answer["seed"])
}

fn percent(value: &Value) -> String {
    format!("{}%", value.as_f64().unwrap_or(0.0))
}

pub fn options(answer: &Value) -> String {
    let row = |(name, value): (&String, &Value)| {
        vec![name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]
    };
    table(&answer.as_object().into_iter().flatten().map(row).collect::<Vec<_>>())
}

pub fn devices(answer: &Value) -> String {
    let row = |device: &Value| {
        let until = format!("until {}", time(word(device, "expires_at")));
        vec![word(device, "user_code").to_owned(), word(device, "client").to_owned(), until]
    };
    let rows: Vec<_> = items(answer, "devices").map(row).collect();
    if rows.is_empty() { "no device waits\n".to_owned() } else { table(&rows) }
}

pub fn counters(answer: &Value) -> String {
    let row = |(name, count): (&String, &Value)| {
        let refused = count["requests"].as_u64().unwrap_or(0) - count["ok"].as_u64().unwrap_or(0);
        let refused = if refused == 0 { String::new() } else { format!("{refused} refused") };
        vec![name.clone(), count["requests"].to_string(), refused]
    };
    let operations = answer["operations"].as_object().into_iter().flatten();
    table(&operations.map(row).collect::<Vec<_>>())
}

pub fn journal(answer: &Value) -> String {
    table(&items(answer, "entries").map(entry).collect::<Vec<_>>())
}

fn entry(entry: &Value) -> Vec<String> {
    let status = match entry["status"].as_u64() {
        Some(0) | None => "---".to_owned(),
        Some(status) => status.to_string(),
    };
    let outcome = entry["code"].as_str().or(entry["subject"].as_str()).unwrap_or_default();
    let both = match (entry["code"].as_str(), entry["subject"].as_str()) {
        (Some(code), Some(subject)) => format!("{code} ({subject})"),
        _ => outcome.to_owned(),
    };
    let fault = entry["fault"].as_str().map(|fault| format!(" [fault: {fault}]"));
    let client = word(entry, "client").split(' ').next().unwrap_or_default();
    vec![
        entry["id"].to_string(),
        time(word(entry, "at")),
        word(entry, "operation").to_owned(),
        status,
        both + &fault.unwrap_or_default(),
        client.to_owned(),
    ]
}

pub fn world(answer: &Value) -> String {
    let names = |name: &str| items(answer, name).filter_map(Value::as_str).collect::<Vec<_>>();
    let head = [
        ("start URL", word(answer, "start_url").to_owned()),
        ("region", word(answer, "region").to_owned()),
        ("users", names("users").join(", ")),
        ("groups", names("groups").join(", ")),
        ("roles", names("permission_sets").join(", ")),
        ("buckets", names("buckets").join(", ")),
    ];
    let mut rows: Vec<_> = head.map(|(name, text)| vec![name.to_owned(), text]).into();
    rows.extend(items(answer, "accounts").map(|account| {
        let suspended = if account["suspended"] == true { " (suspended)" } else { "" };
        let name = account["name"].as_str().unwrap_or("(no name)");
        vec![word(account, "id").to_owned(), format!("{name}{suspended}")]
    }));
    table(&rows)
}

pub fn worlds(answer: &Value) -> String {
    let row = |world: &Value| {
        let requests = format!("{} requests", world["requests"]);
        vec![word(world, "name").to_owned(), word(world, "start_url").to_owned(), requests]
    };
    let rows: Vec<_> = items(answer, "worlds").map(row).collect();
    if rows.is_empty() { "no world beside the main one\n".to_owned() } else { table(&rows) }
}

/// The lines that lead a shell to a new world.
pub fn lodging(answer: &Value) -> String {
    let variables = answer["environment"].as_object().into_iter().flatten();
    let lines = variables.map(|(name, value)| {
        super::super::practice::line(name, value.as_str().unwrap_or_default())
    });
    lines.collect()
}

pub fn nothing(_: &Value) -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clocks() {
        let answer = json!({
            "now": "2026-11-25T22:40:02.123456Z",
            "advanced_seconds": 5400,
            "skew_seconds": -1200,
            "frozen": true,
        });
        let text = "2026-11-25T22:40:02Z (stands still; advanced by 1h 30m, wrong by -20m)\n";
        assert_eq!(clock(&answer), text);
    }

    #[test]
    fn a_line_of_the_journal() {
        let answer = json!({ "entries": [{
            "id": 7,
            "at": "2026-11-25T22:40:02Z",
            "operation": "CreateToken",
            "status": 0,
            "code": "InvalidGrantException",
            "subject": "refresh_token",
            "client": "aws-cli/2.38.5 md/x",
            "fault": "drop-after",
        }] });
        assert_eq!(
            journal(&answer),
            "7  22:40:02  CreateToken  ---  InvalidGrantException (refresh_token) [fault: drop-after]  aws-cli/2.38.5\n"
        );
    }

    #[test]
    fn what_a_client_calls_itself_does_not_move_the_cursor() {
        let answer =
            json!({ "devices": [{ "user_code": "A", "client": "\u{1b}[2J", "expires_at": "" }] });
        assert!(!devices(&answer).contains('\u{1b}'));
    }
}
