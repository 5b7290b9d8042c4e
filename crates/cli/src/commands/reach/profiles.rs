//! `profiles populate` and `profiles list`.

mod list;
mod populate;

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::Result;

#[derive(Debug, Subcommand)]
pub enum Command {
    Populate(Box<populate::Populate>),
    List(list::List),
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    match command {
        Command::Populate(wanted) => populate::run(app, wanted),
        Command::List(wanted) => list::run(app, wanted),
    }
}
