//! `configure lint`: what in the two files is wrong, or is read in two ways.

use crate::app::App;
use crate::output::clean;
use crate::report::Done;
use clap::Args;
use daypass_core::Result;
use daypass_core::lint::{self, Finding, Severity};
use serde_json::{Value, json};

/// Look through ~/.aws/config and ~/.aws/credentials for what programs read differently
///
/// Each finding has its file and line, the programs that disagree, and what mends it.
/// Ends with 1 if there is an error or a warning, with 0 if not.
#[derive(Args, Debug)]
pub struct Lint {}

pub fn run(app: &App, _: &Lint) -> Result<Done> {
    let findings = lint::lint(&app.host);
    let bad = findings.iter().any(|finding| finding.severity < Severity::Note);
    match app.wants_data() {
        true => show(app, &findings)?,
        false => app.print(&text(&findings))?,
    };
    if findings.is_empty() {
        app.ui.note("Nothing found: every program reads these files alike.");
    }
    Ok(if bad { Done::Child(1) } else { Done::Well })
}

/// A file that cannot be read has no profile that could name an output format.
fn show(app: &App, findings: &[Finding]) -> Result<Done> {
    let rows: Vec<Value> = findings.iter().map(row).collect();
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let value = json!({
        "Findings": rows,
        "Errors": count(Severity::Error),
        "Warnings": count(Severity::Warning),
        "Notes": count(Severity::Note),
    });
    app.show(&app.plain_renderer()?, "configure-lint", &value)
}

fn row(finding: &Finding) -> Value {
    json!({
        "File": finding.file,
        "Line": finding.line,
        "Severity": finding.severity.name(),
        "Rule": finding.rule,
        "Message": finding.message,
        "Programs": finding.programs,
        "Mend": finding.mend,
    })
}

fn text(findings: &[Finding]) -> String {
    findings.iter().map(lines).collect()
}

fn lines(finding: &Finding) -> String {
    let Finding { file, line, severity, rule, message, programs, mend } = finding;
    let place = if *line > 0 { format!("{file}:{line}") } else { file.clone() };
    let first = clean(&format!("{place}: {}: {message} [{rule}]", severity.name())).into_owned();
    format!("{first}\n    who:  {programs}\n    mend: {}\n", clean(mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_has_the_same_keys() {
        let schema: Value =
            serde_json::from_str(include_str!("../../../../../docs/lint.schema.json")).unwrap();
        let finding = Finding {
            file: "config".into(),
            line: 1,
            severity: Severity::Note,
            rule: "x",
            message: String::new(),
            programs: "",
            mend: String::new(),
        };
        let item = &schema["properties"]["Findings"]["items"];
        let written: Vec<String> = row(&finding).as_object().unwrap().keys().cloned().collect();
        assert_eq!(json!(written), item["required"]);
        let names = [Severity::Error, Severity::Warning, Severity::Note].map(Severity::name);
        assert_eq!(json!(names), item["properties"]["Severity"]["enum"]);
    }
}
