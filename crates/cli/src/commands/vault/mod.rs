//! `vault …`: secrets at rest.

mod add;
mod announce;
mod list;
mod place;
mod session;
mod status;

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::Result;

pub use add::must_last;
pub use announce::announce;
pub use session::{Policy, seal};

/// Keep secrets encrypted, and say where their key is
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is sealed, where its key is, and what that protects against
    Status,
    /// Show the credentials and logins that are sealed, without any secret
    List,
    /// Keep the key somewhere else, and seal everything anew
    Use(place::Use),
    /// Move an sso-session's login into the store, out of ~/.aws/sso/cache
    On(session::On),
    /// Move it back, where every SDK reads it
    Off(session::Off),
    /// Take a long-lived access key into the store, and hand out sessions made from it
    Add(add::Add),
    /// Remove such a key from the store
    Remove(add::Remove),
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    match command {
        Command::Status => status::run(app),
        Command::List => list::run(app),
        Command::Use(wanted) => place::run(app, wanted),
        Command::On(wanted) => session::on(app, wanted),
        Command::Off(wanted) => session::off(app, wanted),
        Command::Add(wanted) => add::run(app, wanted),
        Command::Remove(wanted) => add::remove(app, wanted),
    }
}
