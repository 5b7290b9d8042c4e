//! `audit …`: what was handed out on this machine, to whom.

mod report;
mod switch;
mod tail;

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::Result;
use daypass_core::audit::Loaded;

/// See which credentials were handed out on this machine, and what asked for them
///
/// A line of JSON for each time: when, which profile and role, the last four characters
/// of the access key ID, the process that asked. Never a secret. It is kept in
/// ~/.aws/daypass/audit.jsonl, 0600, 8 MiB at most, and goes nowhere else.
/// `daypass audit off` or DAYPASS_AUDIT=off ends it.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the last events, and those to come with --follow
    Tail(tail::Tail),
    /// Sum up who got what, and how often
    Report(report::Report),
    /// Say whether the trail is kept, where, and since when
    Status,
    /// Keep a trail, which is how it comes
    On,
    /// Keep no trail from now on; what is there stays
    Off,
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    match command {
        Command::Tail(wanted) => tail::run(app, wanted),
        Command::Report(wanted) => report::run(app, wanted),
        Command::Status => switch::status(app),
        Command::On => switch::on(app),
        Command::Off => switch::off(app),
    }
}

/// The trail; what is wrong with it is said.
fn load(app: &App) -> Result<Loaded> {
    let loaded = daypass_core::audit::load(&app.host)?;
    if loaded.broken > 0 {
        app.ui.note(&format!("note: {} lines of the trail cannot be read", loaded.broken));
    }
    if let Some(why) = switch::unwritable(app) {
        app.ui.note(&format!("note: nothing is added to the trail at the moment: {why}"));
    }
    Ok(loaded)
}
