//! `configure undo`: what the last commands changed in the user's files, taken back.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::report::Done;
use clap::Args;
use daypass_core::edit::undo::{self, Outcome, Past};
use daypass_core::token::format_time;
use daypass_core::{Error, Kind, Result};
use serde_json::{Value, json};

/// Take back what the last command changed in your files
///
/// Every command that changes ~/.aws/config, ~/.aws/credentials or another file of yours
/// keeps what was there before; all that one command changes is one step. A file that
/// another program has changed since is left alone. An undo is a step like any other:
/// the next undo takes it back.
#[derive(Args, Debug)]
pub struct Undo {
    /// How many steps to go back
    #[arg(value_name = "STEPS", default_value = "1", value_parser = steps)]
    steps: usize,
    /// Show the steps that are known, the last one first
    #[arg(long, conflicts_with = "diff")]
    list: bool,
    #[command(flatten)]
    changes: Changes,
}

fn steps(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(steps) if steps > 0 => Ok(steps),
        _ => Err("give the number of steps, from 1".to_owned()),
    }
}

pub fn run(app: &App, wanted: &Undo) -> Result<Done> {
    if wanted.list {
        return list(app);
    }
    let step = wanted.changes.step("configure undo");
    match undo::undo(&app.host, &step, wanted.steps)? {
        Outcome::Undone(_) if !step.writes() => changes::show(app, &step),
        Outcome::Undone(commands) => {
            for command in commands {
                app.ui.say(&format!("Undone: {command}"));
            }
            Ok(Done::Well)
        }
        Outcome::Changed { command, diff } => {
            app.ui.complain(&changes::text(app, &diff, app.ui.stderr_terminal));
            let shown: Vec<&str> = diff.files.iter().map(|file| file.shown.as_str()).collect();
            Err(changed(&command, &shown.join(", ")))
        }
    }
}

fn changed(command: &str, file: &str) -> Error {
    Error::new(Kind::Config, format!("cannot undo `{command}`"))
        .because(format!("`{file}` has been changed since, by another program or by hand"))
        .because("above is what the file says (-) against what it said before that command (+)")
        .hint(format!("put back by hand what you want of it, in {file}"))
}

fn list(app: &App) -> Result<Done> {
    let steps = undo::list(&app.host);
    if app.wants_data() {
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        let rows: Vec<Value> = steps.iter().map(row).collect();
        return app.show(&renderer, "configure-undo", &json!({ "Steps": rows }));
    }
    app.print(&steps.iter().map(line).collect::<String>())
}

fn row(past: &Past) -> Value {
    json!({
        "Steps": past.back,
        "Time": format_time(past.at),
        "Command": past.command,
        "Files": past.files,
        "ChangedSince": past.changed_since,
    })
}

fn line(past: &Past) -> String {
    let since = match past.changed_since.is_empty() {
        true => String::new(),
        false => format!("  (changed since: {})", past.changed_since.join(", ")),
    };
    let Past { back, at, command, files, .. } = past;
    let text = format!("{command}  {}{since}", files.join(", "));
    format!("{back:>3}  {}  {}\n", format_time(*at), crate::output::clean(&text))
}
