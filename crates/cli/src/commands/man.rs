//! `man`: manual pages, made of the same words as `--help`.
#![expect(clippy::disallowed_methods, reason = "manual pages are public files, not private ones")]

use crate::app::App;
use crate::args::Cli;
use crate::commands::help::topics::{self, Topic};
use crate::report::Done;
use crate::vars;
use clap::{Args, Command, CommandFactory};
use daypass_core::{Error, Kind, Result};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Show a command's manual page
///
/// Into a pipe or a file goes the page's source: `daypass man exec > daypass-exec.1`.
#[derive(Args, Debug)]
pub struct Man {
    /// A command, such as `sso login`, or a topic of `daypass help`
    #[arg(value_name = "COMMAND|TOPIC", conflicts_with = "dir")]
    words: Vec<String>,
    /// Write all pages into this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// When the words were last gone over; not the day of a build, which would make two
/// builds of one source differ.
pub const CHANGED: &str = "2026-11-26";

/// A page and the name of its file.
struct Page {
    file: String,
    text: String,
}

pub fn run(app: &App, wanted: &Man) -> Result<Done> {
    if let Some(dir) = &wanted.dir {
        return write_all(dir);
    }
    let page = one(&wanted.words)?;
    match app.ui.stdout_terminal && app.ui.stdin_terminal {
        true => show(app, &page),
        false => app.print(&page.text),
    }
}

fn one(words: &[String]) -> Result<Page> {
    if let [word] = words
        && let Some(topic) = Topic::named(word)
    {
        return Ok(of_topic(topic));
    }
    let root = root();
    let found = words.iter().try_fold(&root, |command, word| command.find_subcommand(word));
    found.map(of_command).ok_or_else(|| {
        let message = format!("there is no manual page on `{}`", words.join(" "));
        Error::new(Kind::Usage, message).hint("`daypass help` lists the commands")
    })
}

/// Built, so that each command knows its whole name.
fn root() -> Command {
    let mut root = Cli::command();
    root.build();
    root
}

fn of_command(command: &Command) -> Page {
    let man = clap_mangen::Man::new(command.clone())
        .source(concat!("daypass ", env!("CARGO_PKG_VERSION")))
        .date(CHANGED)
        .manual("daypass");
    let mut text = Vec::new();
    // Into memory: there is nothing that could fail.
    let _ = man.render(&mut text);
    Page { file: man.get_filename(), text: String::from_utf8_lossy(&text).into_owned() }
}

fn of_topic(topic: &Topic) -> Page {
    Page { file: format!("daypass-{}.7", topic.name), text: topic.man() }
}

fn all() -> Vec<Page> {
    let mut pages = Vec::new();
    add(&root(), &mut pages);
    pages.extend(topics::ALL.iter().map(of_topic));
    pages
}

fn add(command: &Command, pages: &mut Vec<Page>) {
    pages.push(of_command(command));
    let seen = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    seen.filter(|sub| sub.get_name() != "help").for_each(|sub| add(sub, pages));
    // clap's own `help` below a command is no command of ours.
    if let Some(help) = command.find_subcommand("help")
        && command.get_name() == "daypass"
    {
        pages.push(of_command(help));
    }
}

fn write_all(dir: &Path) -> Result<Done> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Config, format!("cannot write manual pages into {}", dir.display()))
            .because(error.to_string())
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    for page in all() {
        std::fs::write(dir.join(page.file), page.text).map_err(failed)?;
    }
    Ok(Done::Well)
}

/// In the system's reader, which knows the person's terminal and pager.
fn show(app: &App, page: &Page) -> Result<Done> {
    let Some(man) = vars::path_dirs().iter().map(|dir| dir.join("man")).find(|path| path.is_file())
    else {
        app.ui.note("note: there is no `man` here; this is the page's source");
        return app.print(&page.text);
    };
    let failed = |error: std::io::Error| {
        Error::new(Kind::Config, "cannot show the manual page").because(error.to_string())
    };
    let mut file = tempfile::Builder::new().suffix(".1").tempfile().map_err(failed)?;
    file.write_all(page.text.as_bytes()).and_then(|()| file.flush()).map_err(failed)?;
    std::process::Command::new(man).arg(file.path()).status().map_err(failed)?;
    Ok(Done::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_no_two_share_one() {
        let mut files: Vec<String> = all().into_iter().map(|page| page.file).collect();
        let count = files.len();
        files.sort();
        files.dedup();
        assert_eq!(files.len(), count);
        for file in ["daypass.1", "daypass-sso-login.1", "daypass-help.1", "daypass-guide.7"] {
            assert!(files.iter().any(|known| known == file), "{file} is not in {files:?}");
        }
        assert!(!files.iter().any(|file| file.contains("attend")), "hidden ones have none");
    }

    #[test]
    fn a_page_says_what_help_says() {
        let words = ["exec".to_owned()];
        let page = one(&words).expect("a page");
        assert!(page.text.contains("Run a command with a profile"), "{}", page.text);
        assert!(page.text.contains("min\\-ttl"));
        one(&["nonsense".to_owned()]).err().expect("no page");
    }
}
