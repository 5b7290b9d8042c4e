//! `--diff`: what a command would change in the user's files.

use crate::app::App;
use crate::output::clean;
use crate::prompt::Question;
use crate::report::Done;
use crate::wizard::stopped;
use clap::Args;
use daypass_core::edit::{Diff, Line, Sign, Step};
use daypass_core::{Error, Kind, Result};

/// What every command takes that changes the files.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Changes {
    /// Show what would be changed in your files, as a diff, and change nothing
    #[arg(long)]
    pub diff: bool,
}

impl Changes {
    /// The step of a command, named as people type it and without its values.
    pub fn step(self, command: &str) -> Step {
        if self.diff { Step::shown_only(command) } else { Step::new(command) }
    }
}

/// Prints the diff of a step that only shows; nothing where nothing would be changed.
pub fn show(app: &App, step: &Step) -> Result<Done> {
    app.print(&text(app, &step.diff(), app.ui.stdout_terminal))
}

/// Asks whether to go on; anything but yes is no, and `not_done` is then said.
///
/// # Errors
/// [`Kind::Usage`] where there is nobody to ask, and Ctrl-C.
pub fn confirm(app: &App, question: &str, not_done: &str) -> Result<bool> {
    if !app.ui.stdin_terminal {
        return Err(Error::new(Kind::Usage, "this is asked about, and there is no terminal")
            .because(not_done)
            .hint("look at it with --diff, and give --yes to go on without a question"));
    }
    let answer = app.prompter().text(&Question::new(question)).map_err(stopped)?;
    let yes = matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes");
    if !yes {
        app.ui.note(&format!("No: {not_done}."));
    }
    Ok(yes)
}

/// A diff as text, with colours on a terminal; what is in the files does not steer it.
pub fn text(app: &App, diff: &Diff, terminal: bool) -> String {
    let color = app.has_color(terminal);
    diff.lines().map(|line| painted(line, color, terminal)).collect()
}

fn painted(line: &Line, color: bool, terminal: bool) -> String {
    let text = line.to_string();
    // A tab is no danger, and would be a question mark.
    let parts = text.split('\t').map(|part| if terminal { clean(part) } else { part.into() });
    let text = parts.collect::<Vec<_>>().join("\t");
    let code = match line.sign {
        Sign::File => "1",
        Sign::Hunk => "36",
        Sign::Removed => "31",
        Sign::Added => "32",
        Sign::Same => return format!("{text}\n"),
    };
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m\n") } else { format!("{text}\n") }
}
