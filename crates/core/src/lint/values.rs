//! Values that are not the same to every program.

use super::keys::KNOWN;
use super::{Finding, Severity, Source, Verdict};
use awsconfig::{Section, Value};

pub(super) fn look(source: &Source, found: &mut Vec<Finding>) {
    let sections = source.parsed.iter().flat_map(|parsed| parsed.sections());
    for (_, section) in sections {
        for key in section.keys() {
            let Some(value) = section.get(key) else { continue };
            let verdicts = match value.as_str() {
                Some(text) => of_text(key, text),
                None => of_nested(section, value),
            };
            found.extend(verdicts.into_iter().map(|verdict| verdict.at(source, value.line)));
        }
    }
}

fn of_text(key: &str, text: &str) -> Vec<Verdict> {
    let warn = |rule, message: &str, programs, mend: &str| {
        Verdict::new(Severity::Warning, rule, message, programs, mend)
    };
    let mut verdicts = Vec::new();
    if text.is_empty() {
        let programs = "JavaScript and Rust take the key as not set, the others as set to nothing";
        verdicts.push(warn("empty-value", "the value is empty", programs, "remove the line"));
    }
    if is_quoted(text) && key != "credential_process" {
        let programs =
            "Go and PHP take the quotes away, all others take them as a part of the value";
        verdicts.push(warn(
            "quoted-value",
            "the value is in quotes",
            programs,
            "write it without quotes",
        ));
    }
    if text.contains(';') && !text.contains(" ;") {
        let programs = "PHP cuts the value off there, the others do not";
        verdicts.push(warn(
            "semicolon",
            "the value has a `;`",
            programs,
            "leave the `;` out, if it can be",
        ));
    }
    if let Some(swallowed) = swallowed(text) {
        let message = format!("`{swallowed}` below it is indented, and so a part of this value");
        let programs = "AWS CLI, boto3 and Rust lose that key, Go and JavaScript read it";
        verdicts.push(warn(
            "swallowed-key",
            &message,
            programs,
            "begin that line in the first column",
        ));
    } else if text.contains('\n') {
        let programs = "JavaScript, Ruby and PHP take its first line only";
        verdicts.push(warn(
            "continued-value",
            "the value goes on in the next line",
            programs,
            "write it on one line",
        ));
    }
    if key == "credential_process" {
        verdicts.extend(of_process(text));
    }
    verdicts
}

fn is_quoted(text: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote))
}

/// A key that stands in a further line of a value.
fn swallowed(text: &str) -> Option<&str> {
    let keys = text.lines().skip(1).filter_map(|line| Some(line.split_once('=')?.0.trim()));
    keys.into_iter().find(|key| KNOWN.contains(key))
}

fn of_process(line: &str) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if is_quoted(line) {
        verdicts.push(Verdict::new(
            Severity::Warning,
            "process-quotes",
            "the command begins and ends with a quote",
            "Go takes both away and runs something else",
            "add an option at its end that needs no quotes, or choose a path without blanks",
        ));
    }
    if line.contains('\'') {
        verdicts.push(Verdict::new(
            Severity::Warning,
            "process-single-quotes",
            "the command has single quotes",
            "on Windows no program takes them as quotes",
            "use double quotes around a path with blanks",
        ));
    }
    if line.starts_with('~') || line.contains(['$', '|', '>', '<', '&', '`', '*']) {
        verdicts.push(Verdict::new(
            Severity::Warning,
            "process-shell",
            "the command has characters that only a shell understands",
            "Go, JavaScript and Rust run it through a shell, AWS CLI and boto3 do not",
            "give the whole path of a program, and put the rest into a script",
        ));
    }
    verdicts
}

fn of_nested(section: &Section, value: &Value) -> Vec<Verdict> {
    let subs = value.nested().into_iter().flat_map(|nested| nested.iter().map(|(sub, _)| sub));
    let twice = subs.filter(|sub| section.get(sub).is_some());
    let verdict = |sub| {
        Verdict::new(
            Severity::Warning,
            "nested-key-repeats",
            format!("`{sub}` of this block is a key of the section too"),
            "PHP takes the one of the block, C++ the later one, the others that of the section",
            format!("move `{sub}` of the section below the block, or drop one of the two"),
        )
    };
    twice.map(verdict).collect()
}
