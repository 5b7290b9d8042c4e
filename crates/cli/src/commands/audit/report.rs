//! `audit report`.

use super::load;
use crate::app::App;
use crate::deliver::lifetime;
use crate::output::clean;
use crate::report::Done;
use clap::{Args, ValueEnum};
use daypass_core::audit::{By, Entry, report};
use daypass_core::token::{format_time, parse_time};
use daypass_core::{Error, Kind, Result};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Sum up who got what, and how often
///
/// Counts how often credentials were handed out, by profile, role and the process that
/// asked, or by what --by says. Logins, refreshes and log-outs are counted below.
#[derive(Args, Debug)]
#[command(
    after_help = "What used a role in the night:  daypass audit report --since 24h --by hour,role,parent\n\
                        For a spreadsheet:              daypass audit report --since 30d --csv"
)]
pub struct Report {
    /// Leave out what is older: a time such as 7d or 12h, or a date
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: String,
    /// What rows are told apart by, with commas between
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        default_value = "profile,role,parent"
    )]
    by: Vec<Column>,
    /// Print rows of comma-separated values
    #[arg(long)]
    csv: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Column {
    /// The profile
    Profile,
    /// The account and the role
    Role,
    /// The name of the process that asked
    Parent,
    /// The hour, in UTC
    Hour,
}

impl Column {
    fn by(self) -> By {
        match self {
            Column::Profile => By::Profile,
            Column::Role => By::Role,
            Column::Parent => By::Parent,
            Column::Hour => By::Hour,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Column::Profile => "Profile",
            Column::Role => "Role",
            Column::Parent => "Parent",
            Column::Hour => "Hour",
        }
    }
}

pub fn run(app: &App, wanted: &Report) -> Result<Done> {
    let since = since(&wanted.since, app.host.now())?;
    let loaded = load(app)?;
    let profile = app.global.profile.as_deref();
    let within = |entry: &&Entry| {
        entry.at >= since && profile.is_none_or(|profile| entry.text("profile") == profile)
    };
    let by: Vec<By> = wanted.by.iter().map(|column| column.by()).collect();
    let found = report(loaded.entries.iter().filter(within), &by);
    if wanted.csv {
        return app.print(&csv(&wanted.by, &found.rows));
    }
    if app.wants_data() {
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        let rows: Vec<Value> = found.rows.iter().map(|row| value(&wanted.by, row)).collect();
        let value = json!({
            "Since": format_time(since), "Rows": rows, "Events": found.others,
        });
        return app.show(&renderer, "audit-report", &value);
    }
    app.print(&text(&wanted.by, &found, since))
}

fn since(text: &str, now: Timestamp) -> Result<Timestamp> {
    if let Ok(length) = lifetime::parse(text) {
        return Ok(now - length);
    }
    let date = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    parse_time(text).or_else(|| Some(date()?.timestamp())).ok_or_else(|| {
        Error::new(Kind::Usage, format!("`{}` is no time", clean(text)))
            .hint("give --since a time such as 7d or 12h, or a date such as 2026-11-26")
    })
}

type Row = daypass_core::audit::Row;

fn deliveries(row: &Row) -> String {
    let names: Vec<&str> = row.deliveries.iter().map(String::as_str).collect();
    names.join(", ")
}

fn value(columns: &[Column], row: &Row) -> Value {
    let keys = columns.iter().zip(&row.key);
    let mut object: Map<String, Value> =
        keys.map(|(column, value)| (column.title().to_owned(), value.clone().into())).collect();
    object.insert("Issues".to_owned(), row.issues.into());
    object.insert("Deliveries".to_owned(), row.deliveries.iter().cloned().collect());
    object.insert("First".to_owned(), format_time(row.first).into());
    object.insert("Last".to_owned(), format_time(row.last).into());
    Value::Object(object)
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = row.key.clone();
    cells.extend([
        row.issues.to_string(),
        format_time(row.first),
        format_time(row.last),
        deliveries(row),
    ]);
    cells
}

fn titles(columns: &[Column]) -> Vec<String> {
    let own = columns.iter().map(|column| column.title());
    own.chain(["Issues", "First", "Last", "Deliveries"]).map(str::to_owned).collect()
}

/// RFC 4180, with quotes where they are needed. A cell that a spreadsheet would take for
/// a formula gets an apostrophe before it.
fn csv(columns: &[Column], rows: &[Row]) -> String {
    let quoted = |cell: &String| {
        let cell = match cell.starts_with(['=', '+', '-', '@']) {
            true => format!("'{cell}"),
            false => cell.clone(),
        };
        match cell.contains(['"', ',', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell,
        }
    };
    let line = |cells: Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
    std::iter::once(titles(columns)).chain(rows.iter().map(cells)).map(line).collect()
}

/// A table whose last column may be as long as it likes.
fn text(columns: &[Column], found: &daypass_core::audit::Report, since: Timestamp) -> String {
    let mut text = match found.rows.is_empty() {
        true => format!("Nothing was handed out since {}.\n", format_time(since)),
        false => table(columns, &found.rows),
    };
    let others: Vec<String> =
        found.others.iter().map(|(event, count)| format!("{event} {count}")).collect();
    if !others.is_empty() {
        text += &format!("\nBesides: {}\n", others.join(", "));
    }
    text
}

fn table(columns: &[Column], rows: &[Row]) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(titles(columns))
        .chain(rows.iter().map(cells))
        .map(|cells| cells.iter().map(|cell| clean(cell).into_owned()).collect())
        .collect();
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let shown = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_length_a_date_or_a_time() {
        let now: Timestamp = "2026-11-26T09:12:00Z".parse().unwrap();
        for (text, time) in [
            ("7d", "2026-11-19T09:12:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
        ] {
            assert_eq!(since(text, now).unwrap().to_string(), time);
        }
        assert_eq!(since("soon", now).unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_row() {
        let at = Timestamp::UNIX_EPOCH;
        let row = Row {
            key: vec!["=1+1".into(), "a,\"b".into()],
            issues: 2,
            deliveries: ["exec".to_owned()].into(),
            first: at,
            last: at,
        };
        assert_eq!(
            csv(&[Column::Profile, Column::Parent], &[row]),
            "Profile,Parent,Issues,First,Last,Deliveries\n\
             '=1+1,\"a,\"\"b\",2,1970-01-01T00:00:00Z,1970-01-01T00:00:00Z,exec\n"
        );
    }
}
