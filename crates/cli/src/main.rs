//! `daypass`: AWS IAM Identity Center from one fast, safe program.

mod app;
mod args;
mod browser;
mod browsers;
mod commands;
mod deliver;
mod fast;
mod invitation;
mod output;
mod prompt;
mod report;
mod ui;
mod vars;
mod wizard;

use std::process::ExitCode;

fn main() -> ExitCode {
    fast::run().unwrap_or_else(app::run)
}
