//! The report for people: 80 columns, no colour needed.

use super::Report;
use crate::output::clean;
use daypass_core::doctor::simulate::{Answer, End, Line, State};
use daypass_core::doctor::{Finding, Scene, Severity};
use daypass_core::resolve::{Origin, Sourced};

/// How the report is laid out.
pub(super) struct Page {
    pub columns: usize,
    pub in_detail: bool,
}

impl Page {
    pub(super) fn report(&self, scene: &Scene, report: &Report) -> String {
        let mut text = self.findings(&report.findings);
        text += "\n";
        text += &if self.in_detail {
            let walks: Vec<String> = report.answers.iter().map(|found| self.walk(found)).collect();
            walks.join("\n")
        } else {
            self.summary(scene, &report.answers)
        };
        text
    }

    fn findings(&self, findings: &[Finding]) -> String {
        if findings.is_empty() {
            return "Nothing is wrong here.\n".to_owned();
        }
        let blocks: Vec<String> =
            (1..).zip(findings).map(|(number, found)| self.finding(number, found)).collect();
        blocks.join("\n")
    }

    fn finding(&self, number: usize, finding: &Finding) -> String {
        let word = match finding.severity {
            Severity::Broken => "",
            Severity::Risk => "risk: ",
            Severity::Note => "note: ",
        };
        let head = format!("{number:>2}. ");
        let mut text = self.block(&head, 4, &format!("{word}{}", finding.what));
        if !finding.origins.is_empty() {
            text += &self.block("    at ", 7, &places(&finding.origins));
        }
        text += &self.block("    ", 4, &finding.why);
        if let Some(command) = &finding.command {
            // Whole, however long: it is there to be copied.
            text += &format!("    run: {}\n", clean(command));
        }
        if let Some(loses) = finding.mend.as_ref().and_then(|mend| mend.loses) {
            text += &self.block("    ", 4, &format!("({loses})"));
        }
        text
    }

    fn summary(&self, scene: &Scene, answers: &[Answer]) -> String {
        let chosen = scene.chosen();
        let mut text =
            self.block("", 0, &format!("What each tool would pick here ({}):", said(&chosen.name)));
        for (ids, says) in grouped(answers) {
            text += "\n";
            text += &self.block("  ", 2, &ids.join(", "));
            text += &self.block("      ", 6, &says);
        }
        text += "\n";
        text + &self.block(
            "",
            0,
            "`daypass doctor --for TOOL` walks through a tool's order line by line.",
        )
    }

    fn walk(&self, answer: &Answer) -> String {
        let profile = match &answer.profile {
            Some(name) => said(name),
            None => "knows no profiles".to_owned(),
        };
        let mut text = self.block("", 0, &format!("{}: {profile}", answer.tool.title));
        for line in &answer.lines {
            let (mark, says) = told(line);
            let title = line.source.title();
            text += &self.block(&format!("  {mark} {title:<32}"), 36, &says);
        }
        text += &self.block("  = ", 4, &ending(answer));
        text
    }

    /// A paragraph with a hanging indent.
    fn block(&self, head: &str, indent: usize, text: &str) -> String {
        let mut lines = vec![head.to_owned()];
        for word in clean(text).split(' ').filter(|word| !word.is_empty()) {
            let last = lines.last_mut().map(|line| (line.chars().count(), line));
            let Some((length, line)) = last else { break };
            let fresh = line.trim().is_empty() || line.ends_with(' ');
            let needed = length + word.chars().count() + usize::from(!fresh);
            if needed <= self.columns || length <= indent {
                if !fresh {
                    line.push(' ');
                }
                line.push_str(word);
            } else {
                lines.push(format!("{}{word}", " ".repeat(indent)));
            }
        }
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn said(name: &Sourced<String>) -> String {
    match name.origin {
        Origin::Default => format!("profile {}, since nobody names one", name.value),
        _ => format!("profile {}, from {}", name.value, name.origin),
    }
}

/// Lines of one file behind its name, which is said once.
fn places(origins: &[Origin]) -> String {
    let mut all: Vec<String> = Vec::new();
    let mut before = "";
    for origin in origins {
        match origin {
            Origin::File { shown, line, .. } if shown == before => all.push(line.to_string()),
            other => all.push(other.to_string()),
        }
        before = if let Origin::File { shown, .. } = origin { shown } else { "" };
    }
    all.dedup();
    all.join(", ")
}

/// The tools that would do the same, together, in the table's order.
fn grouped(answers: &[Answer]) -> Vec<(Vec<&'static str>, String)> {
    let mut groups: Vec<(Vec<&'static str>, String)> = Vec::new();
    for answer in answers {
        let says = ending(answer);
        match groups.iter_mut().find(|(_, known)| *known == says) {
            Some((ids, _)) => ids.push(answer.tool.id),
            None => groups.push((vec![answer.tool.id], says)),
        }
    }
    groups
}

fn ending(answer: &Answer) -> String {
    match (&answer.end, answer.decisive()) {
        (End::Picks(_), Some(line)) => {
            format!("{}: {} ({})", line.source.title(), line.says, places(&line.origins))
        }
        (End::Fails(why), _) => format!("an error: {why}"),
        (End::Anonymous, _) => {
            "nothing here; after the machine's metadata service, requests without a signature"
                .to_owned()
        }
        _ => "nothing here; the machine's metadata service is asked last".to_owned(),
    }
}

fn told(line: &Line) -> (&'static str, String) {
    let there = || format!("{} ({})", line.says, places(&line.origins));
    match line.state {
        State::Absent => (" ", "-".to_owned()),
        State::Picked => (">", there()),
        State::Stops => ("!", there()),
        State::PassedOver => (" ", format!("passed over, since a profile is named: {}", there())),
        State::NeverReached => (" ", format!("never reached: {}", there())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_hang_and_keep_long_words_whole() {
        let page = Page { columns: 20, in_detail: false };
        let text = page.block(" 1. ", 4, "one two three four five a-word-that-is-far-too-long x");
        let want = " 1. one two three\n    four five\n    a-word-that-is-far-too-long\n    x\n";
        assert_eq!(text, want);
        assert_eq!(page.block("    ", 4, ""), "\n");
        assert_eq!(page.block("", 0, "a\u{1b}b"), "a\u{fffd}b\n");
    }
}
