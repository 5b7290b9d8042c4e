//! `docs/first-day.md`, typed into a shell as it stands there.
//!
//! Commands are the indented lines that begin with `$ `; more indented ones go on with
//! it. `> ` quotes what must be in what they print, `(exit N)` the code where it is not 0,
//! `(exit N, or M …)` two of them.
//! The command that starts a shell moves the rest of the page into that shell.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, Outcome, finish};
use std::path::PathBuf;

/// The line that opens a shell on the practice server.
const ENTER: &str = "daypass sandbox exec -- sh";

/// One command of the page, and what the page says of it.
#[derive(Debug, Default)]
struct Step {
    command: String,
    quotes: Vec<String>,
    /// One of these; none stands for success.
    codes: Vec<i32>,
}

fn page() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/first-day.md");
    std::fs::read_to_string(path).expect("the page")
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("    $ ") {
            steps.push(Step { command: command.to_owned(), ..Step::default() });
            continue;
        }
        let Some(step) = steps.last_mut() else { continue };
        if let Some(more) = line.strip_prefix("    ") {
            step.command += &format!("\n{more}");
        } else if let Some(quote) = line.strip_prefix("> ") {
            step.quotes.push(quote.to_owned());
        } else if let Some(code) = line.strip_prefix("(exit ") {
            let words = code.split(|c: char| !c.is_ascii_digit());
            step.codes = words.filter_map(|word| word.parse().ok()).collect();
        }
    }
    steps
}

/// A script that types the commands and marks where each one's output ends.
fn script(steps: &[Step]) -> String {
    let typed = |step: &Step| format!("{}\necho \"<<$?>>\"\n", step.command);
    steps.iter().map(typed).collect()
}

/// No terminal, no colour, and whatever browser: like a person who pipes into a file.
fn run(machine: &Machine, program: &str, arguments: &[&str], script: &str) -> Outcome {
    machine.write("~/script", script);
    let mut command = machine.command(program);
    command.args(arguments).stdin(std::fs::File::open(machine.path("~/script")).expect("a file"));
    finish(machine.start(command))
}

/// What each command printed, errors included, and its code.
fn parts(outcome: &Outcome) -> Vec<(String, i32)> {
    let mut parts = Vec::new();
    let mut rest = outcome.stdout.as_str();
    while let Some((text, more)) = rest.split_once("<<") {
        let (code, after) = more.split_once(">>\n").expect("a mark");
        parts.push((text.to_owned(), code.parse().expect("a number")));
        rest = after;
    }
    parts
}

#[test]
fn the_page_does_what_it_says() {
    let all = steps(&page());
    let door = all.iter().position(|step| step.command == ENTER).expect("a shell is started");
    let (outside, inside) = (&all[..door], &all[door + 1..]);
    assert!(inside.len() > 8, "{inside:#?}");
    let machine = Machine::new();
    let first = run(&machine, "sh", &[], &script(outside));
    check(outside, &first);
    let text = format!("exec 2>&1\n{}", script(inside));
    let second = run(&machine, "daypass", &["sandbox", "exec", "--", "sh"], &text);
    check(inside, &second);
    assert_eq!(machine.read("~/.aws/config"), "", "the user's files are not touched");
}

fn check(steps: &[Step], outcome: &Outcome) {
    let parts = parts(outcome);
    assert_eq!(parts.len(), steps.len(), "{outcome:#?}");
    for (step, (text, code)) in steps.iter().zip(parts) {
        let fits = step.codes.contains(&code) || step.codes.is_empty() && code == 0;
        assert!(fits, "$ {}\nends with {code}\n{text}", step.command);
        for quote in &step.quotes {
            assert!(text.contains(quote.as_str()), "$ {}\n{text}\nhas no: {quote}", step.command);
        }
        assert!(!text.contains('\u{1b}'), "colour in a pipe: {text:?}");
    }
}
