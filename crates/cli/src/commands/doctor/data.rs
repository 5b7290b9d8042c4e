//! The report for programs: `docs/doctor.schema.json` describes it.

use super::Report;
use daypass_core::doctor::Finding;
use daypass_core::doctor::simulate::{Answer, End, Line, State};
use daypass_core::resolve::Origin;
use serde_json::{Value, json};

pub(super) fn report(report: &Report) -> Value {
    json!({
        "Findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "Tools": report.answers.iter().map(answer).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let mend = finding.mend.as_ref();
    json!({
        "Id": finding.id,
        "Severity": finding.severity.name(),
        "What": finding.what,
        "Why": finding.why,
        "Command": finding.command,
        "Fixable": mend.is_some(),
        "Safe": mend.is_some_and(|mend| mend.safe),
        "Loses": mend.and_then(|mend| mend.loses),
        "Origins": origins(&finding.origins),
    })
}

fn answer(answer: &Answer) -> Value {
    let (end, source, why) = match &answer.end {
        End::Picks(source) => ("picks", Some(source.name()), None),
        End::Fails(why) => ("fails", None, Some(why.as_str())),
        End::Nothing => ("nothing", None, None),
        End::Anonymous => ("anonymous", None, None),
    };
    let profile = answer.profile.as_ref();
    json!({
        "Tool": answer.tool.id,
        "Title": answer.tool.title,
        "Profile": profile.map(|found| found.value.as_str()),
        "ProfileOrigin": profile.map(|found| found.origin.to_string()),
        "End": end,
        "Source": source,
        "Reason": why,
        "Steps": answer.lines.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(line: &Line) -> Value {
    let state = match line.state {
        State::Absent => "absent",
        State::Picked => "picked",
        State::Stops => "stops",
        State::PassedOver => "passed-over",
        State::NeverReached => "never-reached",
    };
    json!({
        "Source": line.source.name(),
        "Place": line.source.title(),
        "State": state,
        "Says": line.says,
        "Origins": origins(&line.origins),
    })
}

fn origins(origins: &[Origin]) -> Vec<String> {
    origins.iter().map(ToString::to_string).collect()
}
