//! `completion SHELL`: the script that completes daypass's own words.

use crate::app::App;
use crate::args::Cli;
use crate::report::Done;
use clap::{Args, CommandFactory, ValueEnum};
use daypass_core::Result;

/// Print the completion script for a shell
#[derive(Args, Debug)]
#[command(
    after_help = "bash:        daypass completion bash > ~/.local/share/bash-completion/completions/daypass\n\
                        zsh:         daypass completion zsh > a file `_daypass` in a directory of $fpath\n\
                        fish:        daypass completion fish > ~/.config/fish/completions/daypass.fish\n\
                        PowerShell:  daypass completion powershell >> $PROFILE"
)]
pub struct Completion {
    /// The shell
    pub shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub fn run(app: &App, wanted: &Completion) -> Result<Done> {
    let shell = match wanted.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "daypass", &mut script);
    app.print(&String::from_utf8_lossy(&script))
}
