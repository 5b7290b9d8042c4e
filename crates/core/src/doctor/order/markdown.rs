//! The table as the manual has it.

use super::{Checked, Step, Tool, Unless, all};
use std::fmt::Write as _;

/// One row a tool: its places in order, and how far that is proven.
pub fn markdown() -> String {
    let mut text = "| `--for` | Tool | Looks for credentials in this order | A profile that is not there | Proof |\n\
                    | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for tool in all() {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            tool.id,
            tool.title,
            places(tool),
            missing(tool),
            proof(tool.checked)
        );
    }
    text
}

fn places(tool: &Tool) -> String {
    let mut places: Vec<String> = tool.order.steps.iter().map(place).collect();
    if tool.order.anonymous {
        places.push("no signature at all".to_owned());
    }
    places.join(" › ")
}

fn place(step: &Step) -> String {
    let title = step.source.title();
    match step.unless {
        Unless::Never => title.to_owned(),
        Unless::Told => format!("{title} (unless told a profile)"),
        Unless::Named => format!("{title} (unless a profile is named)"),
    }
}

fn missing(tool: &Tool) -> &'static str {
    match (tool.order.profile.variables.is_empty(), tool.order.profile.missing_fails) {
        (true, _) => "knows no profiles",
        (false, true) => "an error",
        (false, false) => "passed over",
    }
}

const fn proof(checked: Checked) -> &'static str {
    match checked {
        Checked::Run => "asked by the tests",
        Checked::Read => "read, not run",
    }
}
