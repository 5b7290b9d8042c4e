//! `daypass`: AWS IAM Identity Center from one fast, safe program.

mod app;
mod args;
mod browser;
mod browsers;
mod caller;
mod commands;
mod deliver;
mod fast;
mod glance;
mod invitation;
mod output;
mod prompt;
mod report;
mod ui;
mod vars;
mod wizard;

use std::process::ExitCode;

fn main() -> ExitCode {
    fast::run().or_else(glance::run).unwrap_or_else(app::run)
}
