//! `configure list`: the profile in force, and where its values come from.

use crate::app::App;
use crate::report::Done;
use daypass_core::credentials::Provided;
use daypass_core::resolve::profile::{self, Chosen};
use daypass_core::resolve::{Origin, Sourced};
use daypass_core::{Error, Result};

/// One row: value, type, location.
struct Row {
    name: &'static str,
    value: String,
    kind: String,
    location: String,
}

pub fn run(app: &App) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let aws = app.aws(&chosen)?;
    let provided = app.block_on(app.credentials(&aws, &chosen));
    let region = profile::region(&app.request, &app.host, &chosen.profile)?;
    let mut rows = vec![profile_row(&chosen)];
    rows.extend(key_rows(&provided));
    rows.push(row("region", region.map(|found| found.map(|region| region.to_string()))));
    let text: String = rows.iter().map(line).collect();
    app.print(&format!("{}{text}", line(&heading())))?;
    // The table is whole without a login; the code still tells a script.
    match provided {
        Err(error) if !is_absence(&error) => Err(error),
        _ => Ok(Done::Well),
    }
}

/// To have no credentials at all is a fact to list, not a failure.
fn is_absence(error: &Error) -> bool {
    error.message() == "Unable to locate credentials"
}

fn heading() -> Row {
    Row { name: "NAME", value: "VALUE".into(), kind: "TYPE".into(), location: "LOCATION".into() }
}

fn line(row: &Row) -> String {
    format!("{:<10} : {:<24} : {:<16} : {}\n", row.name, row.value, row.kind, row.location)
}

fn unset(name: &'static str) -> Row {
    Row { name, value: "<not set>".into(), kind: "None".into(), location: "None".into() }
}

fn profile_row(chosen: &Chosen<'_>) -> Row {
    match chosen.name.origin {
        Origin::Default => unset("profile"),
        _ => row("profile", Some(chosen.name.clone())),
    }
}

fn row(name: &'static str, found: Option<Sourced<String>>) -> Row {
    let Some(found) = found else { return unset(name) };
    let (kind, location) = match &found.origin {
        Origin::Flag(flag) => ("manual", (*flag).to_owned()),
        Origin::Variable(variable) => ("env", (*variable).to_owned()),
        Origin::File { shown, .. } => ("config-file", shown.clone()),
        Origin::Answer | Origin::Exec | Origin::Default => ("None", "None".to_owned()),
    };
    Row { name, value: found.value, kind: kind.to_owned(), location }
}

fn key_rows(provided: &Result<Provided>) -> [Row; 2] {
    let Ok(provided) = provided else { return [unset("access_key"), unset("secret_key")] };
    let keys = &provided.credentials;
    let made = |name, text: &str| Row {
        name,
        value: masked(text),
        kind: provided.method.to_owned(),
        location: String::new(),
    };
    [made("access_key", &keys.access_key_id), made("secret_key", keys.secret_access_key.expose())]
}

/// Sixteen stars and the last four characters, as the AWS CLI masks; a text too
/// short to hide anything shows none.
fn masked(text: &str) -> String {
    let count = text.chars().count();
    let tail: String =
        if count > 8 { text.chars().skip(count - 4).collect() } else { String::new() };
    format!("****************{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_four_characters_and_a_short_one_none() {
        assert_eq!(masked("ASIAEXAMPLE7KKA"), "****************7KKA");
        assert_eq!(masked("short"), "****************");
    }
}
