//! `complete`: what a shell asks at every Tab. No network, no lock, no secret.
//!
//! The scripts of `completion` call it. One candidate a line; a line that begins with a
//! colon hands the word over to the shell: `:files`, or `:command:N` where the word N
//! begins a command of its own.

mod bash;
mod engine;
mod known;

use crate::app::App;
use crate::commands::shell::Shell;
use crate::deliver::shells;
use crate::output::clean;
use crate::report::Done;
use clap::Args;
use daypass_core::Result;
use engine::{Answer, Candidate};
use std::ffi::OsString;

/// Print what could stand where the cursor is
#[derive(Args, Debug)]
pub struct Complete {
    shell: Shell,
    /// The line up to the cursor, as bash has it
    #[arg(long, value_name = "TEXT", conflicts_with = "before")]
    line: Option<String>,
    /// The beginning of the word that is completed
    #[arg(long, value_name = "TEXT", default_value = "")]
    word: String,
    /// The candidates are shown, and none is put into the line
    #[arg(long)]
    list: bool,
    /// The words before it, the program's name first
    #[arg(last = true, value_name = "WORD")]
    before: Vec<OsString>,
}

pub fn run(app: &App, wanted: &Complete) -> Result<Done> {
    let text = match &wanted.line {
        Some(line) => for_bash(app, wanted, line),
        None => {
            let word = if wanted.shell == Shell::Bash { String::new() } else { plain(wanted) };
            let before = lossless(&wanted.before);
            lines(&engine::answer(app, &before, &word), |candidate| shown(wanted.shell, candidate))
        }
    };
    app.print(&text)
}

/// bash wants its own half of the work done here: quotes taken off and put on, and only
/// what stands behind the last of its word breaks given back.
fn for_bash(app: &App, wanted: &Complete, line: &str) -> String {
    let line = bash::Line::read(line, &wanted.word);
    let answer = engine::answer(app, &line.before, &line.word);
    lines(&answer, |candidate| {
        let rest = line.quoted(&candidate.value)?;
        Some(match (&candidate.help, wanted.list) {
            (Some(help), true) => format!("{rest}  ({})", clean(help)),
            _ => rest,
        })
    })
}

/// zsh and fish match values themselves, as their users have set that up: they are given
/// all of them.
fn plain(wanted: &Complete) -> String {
    match wanted.shell {
        Shell::Fish if !wanted.word.starts_with('-') => String::new(),
        Shell::Powershell | Shell::Fish => bash::unquoted(&wanted.word),
        _ => wanted.word.clone(),
    }
}

fn lossless(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn lines(answer: &Answer, shown: impl Fn(&Candidate) -> Option<String>) -> String {
    match answer {
        Answer::Files => ":files\n".to_owned(),
        Answer::Command(at) => format!(":command:{at}\n"),
        Answer::Candidates(all) => all.iter().filter_map(|one| Some(shown(one)? + "\n")).collect(),
    }
}

fn shown(shell: Shell, candidate: &Candidate) -> Option<String> {
    // A name with such characters can be given to no shell in one line.
    if clean(&candidate.value) != candidate.value {
        return None;
    }
    let help = candidate.help.as_deref().map(clean);
    let value = &candidate.value;
    Some(match (shell, help) {
        (Shell::Powershell, help) => {
            let word = if shells::is_plain(value) && !value.contains([',', '@']) {
                value.clone()
            } else {
                shells::powershell_word(value)
            };
            format!("{word}\t{value}\t{}", help.unwrap_or_default())
        }
        (_, Some(help)) => format!("{value}\t{help}"),
        (_, None) => value.clone(),
    })
}
