//! From words to candidates: clap knows the command line, [`super::known`] the values.

use super::known::Known;
use crate::app::App;
use crate::args::Cli;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// What could stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Candidates(Vec<Candidate>),
    /// Files: a shell has its own way with those.
    Files,
    /// A command of its own, which begins with this word.
    Command(usize),
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub value: String,
    pub help: Option<String>,
}

/// Candidates no argument can have, which stand for the other answers.
const FILES: &str = "\u{1}files";
const COMMAND: &str = "\u{1}command ";

/// `before` begins with the program's name.
pub fn answer(app: &App, before: &[String], word: &str) -> Answer {
    if let Some(at) = behind_dashes(before) {
        return Answer::Command(at);
    }
    let known = Arc::new(Known::new(app, before));
    let mut command = with_values(Cli::command(), &known);
    command.build();
    let shown = |(at, word)| if is_value(&command, before, at) { "-".into() } else { word };
    let words = before.iter().map(OsString::from).enumerate().map(shown).chain([word.into()]);
    let words = words.collect();
    let found = clap_complete::engine::complete(&mut command, words, before.len(), None);
    let start = |skipped| start_of_command(&command, before, skipped);
    sorted_out(found.unwrap_or_default(), word, before.len(), start)
}

/// The first word behind `--`: it belongs to a command that daypass will start.
fn behind_dashes(before: &[String]) -> Option<usize> {
    before.iter().position(|word| word == "--").map(|at| at + 1)
}

/// Where the command begins that daypass will start: the first word that is neither an
/// option nor its value, behind our own command's words and `skipped` of its arguments.
fn start_of_command(root: &Command, before: &[String], skipped: usize) -> usize {
    let (mut command, mut seen) = (root, 0);
    for (at, word) in before.iter().enumerate().skip(1) {
        if word.starts_with('-') || is_value(command, before, at) {
            continue;
        }
        match command.find_subcommand(word).filter(|_| seen == 0) {
            Some(sub) => command = sub,
            None if seen == skipped => return at,
            None => seen += 1,
        }
    }
    before.len()
}

/// The value of an option with its own word. clap would take one that is called as a
/// command is for that command.
fn is_value(command: &Command, before: &[String], at: usize) -> bool {
    let Some(option) = at.checked_sub(1).and_then(|at| before.get(at)) else { return false };
    let Some(long) = option.strip_prefix("--").filter(|long| !long.is_empty()) else {
        return false;
    };
    let arguments = command.get_arguments();
    arguments.into_iter().any(|arg| arg.get_long() == Some(long) && arg.get_action().takes_values())
}

fn sorted_out(
    found: Vec<CompletionCandidate>,
    word: &str,
    here: usize,
    start: impl Fn(usize) -> usize,
) -> Answer {
    let text = |text: &OsStr| text.to_str().map(str::to_owned);
    let mut all: Vec<Candidate> = found
        .iter()
        .filter_map(|one| {
            let help = one.get_help().map(|help| first_line(&help.to_string()));
            Some(Candidate { value: text(one.get_value())?, help })
        })
        .collect();
    let skipped = |one: &Candidate| one.value.strip_prefix(COMMAND)?.parse::<usize>().ok();
    if let Some(at) = all.iter().find_map(skipped).map(start) {
        // No command begins with a dash: an option of our own is meant.
        if at < here || !word.starts_with('-') {
            return Answer::Command(at);
        }
        all.retain(|one| skipped(one).is_none());
    }
    if all.iter().any(|one| one.value.ends_with(FILES)) {
        return Answer::Files;
    }
    // Where nothing is typed yet, options are noise beside the words that can stand there.
    if word.is_empty() && all.iter().any(|one| !one.value.starts_with('-')) {
        all.retain(|one| !one.value.starts_with('-'));
    }
    Answer::Candidates(all)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The whole command line with the values that are known for its arguments.
fn with_values(command: Command, known: &Arc<Known>) -> Command {
    let name = command.get_name().to_owned();
    let others = command.get_positionals().filter(|arg| !is_command(arg)).count();
    let command = command.mut_args(|arg| with_value(arg, &name, known, others));
    command.mut_subcommands(|sub| with_values(sub, known))
}

fn with_value(arg: Arg, command: &str, known: &Arc<Known>, others: usize) -> Arg {
    if !arg.get_action().takes_values() || !arg.get_possible_values().is_empty() {
        return arg;
    }
    if is_command(&arg) {
        let marker = move |_: &OsStr| vec![CompletionCandidate::new(format!("{COMMAND}{others}"))];
        return arg.add(ArgValueCompleter::new(marker));
    }
    let kind = Known::kind(command, &arg);
    if let Some(kind) = kind {
        let known = Arc::clone(known);
        return arg.add(ArgValueCompleter::new(move |word: &OsStr| known.of(kind, word)));
    }
    match arg.get_value_hint() {
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath => {
            arg.add(ArgValueCompleter::new(files))
        }
        ValueHint::Unknown if names_a_file(&arg) => arg.add(ArgValueCompleter::new(files)),
        _ => arg,
    }
}

fn is_command(arg: &Arg) -> bool {
    arg.get_value_hint() == ValueHint::CommandWithArguments
        || (arg.is_trailing_var_arg_set() || arg.is_last_set()) && says(arg, &["COMMAND"])
}

fn names_a_file(arg: &Arg) -> bool {
    says(arg, &["FILE", "DIR", "DIRECTORY", "PATH"])
}

fn says(arg: &Arg, words: &[&str]) -> bool {
    let names = arg.get_value_names().unwrap_or_default();
    names.iter().any(|name| words.contains(&name.as_str()))
}

fn files(_: &OsStr) -> Vec<CompletionCandidate> {
    vec![CompletionCandidate::new(FILES)]
}
