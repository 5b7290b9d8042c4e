//! `help`: of a command what its `--help` says, and topics of our own.

mod guide;
mod layout;
pub mod topics;

use crate::app::App;
use crate::args::Cli;
use crate::report::Done;
use clap::{Args, CommandFactory, Parser};
use daypass_core::{Error, Kind, Result};
use topics::Topic;

/// Help on a command, or on a topic
#[derive(Args, Debug)]
#[command(after_help = topics::list())]
pub struct Help {
    /// A command, such as `sso login`, or a topic, such as `guide`
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

pub fn run(app: &App, wanted: &Help) -> Result<Done> {
    match wanted.words.as_slice() {
        [word] if Topic::named(word).is_some() => {
            let text = Topic::named(word).map(|topic| topic.text(app)).unwrap_or_default();
            app.print(&text)
        }
        words => of_command(words),
    }
}

fn of_command(words: &[String]) -> Result<Done> {
    match is_command(words) && show(words) {
        true => Ok(Done::Well),
        false => Err(unknown(words)),
    }
}

/// clap says it, so that all ways to ask are answered alike.
fn show(words: &[String]) -> bool {
    let own = ["daypass".to_owned()];
    let asked = own.iter().chain(words).cloned().chain(["--help".to_owned()]);
    match Cli::try_parse_from(asked) {
        Err(help) if help.kind() == clap::error::ErrorKind::DisplayHelp => {
            // A reader that closes the pipe has what it wanted.
            let _ = help.print();
            true
        }
        _ => false,
    }
}

/// The AWS CLI's way to ask: `daypass sso login help`. Only for words that mean nothing
/// else.
pub fn asked_with_a_word(words: &[std::ffi::OsString]) -> bool {
    let words: Option<Vec<String>> =
        words.iter().skip(1).map(|word| word.to_str().map(str::to_owned)).collect();
    let Some((last, words)) = words.as_deref().and_then(|words| words.split_last()) else {
        return false;
    };
    last == "help" && is_command(words) && show(words)
}

/// `exec ls` is none: clap would answer for `exec` and say nothing of `ls`.
fn is_command(words: &[String]) -> bool {
    let root = Cli::command();
    words.iter().try_fold(&root, |command, word| command.find_subcommand(word)).is_some()
}

fn unknown(words: &[String]) -> Error {
    Error::new(Kind::Usage, format!("there is no help on `{}`", words.join(" ")))
        .because(format!("it is no command, and none of the topics {}", topics::names()))
        .hint("`daypass --help` lists the commands")
}
