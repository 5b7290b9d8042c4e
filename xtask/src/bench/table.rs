//! Rows as a table of Markdown, and what they say of the targets.

use super::measure::Row;
use super::storm::Storm;
use std::time::Duration;

/// The table; ratios are to its first row.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| what | command | wall ms | × no-op | least ms | CPU ms | × no-op | MB | faults | runs |\n\
         | --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    let Some(floor) = rows.first() else { return text };
    for row in rows {
        text.push_str(&format!(
            "| {} | `{}` | {} | {} | {} | {} | {} | {:.1} | {} | {} |\n",
            row.name,
            row.words,
            milliseconds(row.wall),
            ratio(row.wall, floor.wall),
            milliseconds(row.least),
            milliseconds(row.cpu),
            ratio(row.cpu, floor.cpu),
            row.resident as f64 / 1e6,
            row.faults,
            row.runs,
        ));
    }
    text
}

pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

fn ratio(time: Duration, floor: Duration) -> String {
    let ratio = times(time, floor);
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

pub fn times(time: Duration, floor: Duration) -> f64 {
    time.as_secs_f64() / floor.as_secs_f64().max(1e-9)
}

/// One line on a storm.
pub fn storm(many: usize, storm: &Storm) -> String {
    format!(
        "{many} at once, expired token: {} refresh, {} GetRoleCredentials, {} failures, \
         {} different answers, {} ms",
        storm.refreshes,
        storm.fetches,
        storm.failures,
        storm.answers,
        storm.wall.as_millis()
    )
}

/// One line on a target.
pub fn target(is_met: bool, what: &str, found: &str) -> String {
    format!("{}: {what}: {found}", if is_met { "met" } else { "MISSED" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_to_the_first_row() {
        let row = |name: &str, ms: u64| Row {
            name: name.to_owned(),
            words: "x y".to_owned(),
            runs: 3,
            wall: Duration::from_millis(ms),
            least: Duration::from_millis(ms),
            cpu: Duration::from_millis(2 * ms),
            resident: 2_000_000,
            faults: 70,
        };
        let text = table(&[row("floor", 2), row("it", 5), row("slow", 900)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[3], "| it | `x y` | 5.00 | 2.50 | 5.00 | 10.00 | 2.50 | 2.0 | 70 | 3 |");
        assert!(lines[4].starts_with("| slow | `x y` | 900.00 | 450 |"), "{}", lines[4]);
    }
}
