//! `shell-init` and `completion`: the scripts that a shell reads once, when it starts.

use super::Shell;
use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::Result;

/// Print what one line in a shell's start-up file needs: `use` and completion
///
/// With it `daypass use PROFILE` switches the shell it is typed in, and Tab knows your
/// profiles, sessions, accounts, roles and regions. Nothing else is changed: no prompt,
/// no hook that runs at every command.
#[derive(Args, Debug)]
#[command(after_help = "\
~/.bashrc:                   eval \"$(daypass shell-init bash)\"
~/.zshrc, below compinit:    eval \"$(daypass shell-init zsh)\"
~/.config/fish/config.fish:  daypass shell-init fish | source
$PROFILE of PowerShell:      daypass shell-init powershell | Out-String | Invoke-Expression")]
pub struct ShellInit {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Print the completion script for a shell
///
/// The script asks daypass itself at every Tab: your profiles, sessions, accounts, roles
/// and regions are offered as they are then, without a network. It needs no renewal when
/// daypass is updated. `daypass shell-init` has it too.
#[derive(Args, Debug)]
#[command(
    after_help = "bash:        daypass completion bash > ~/.local/share/bash-completion/completions/daypass\n\
                        zsh:         daypass completion zsh > a file `_daypass` in a directory of $fpath\n\
                        fish:        daypass completion fish > ~/.config/fish/completions/daypass.fish\n\
                        PowerShell:  daypass completion powershell >> $PROFILE"
)]
pub struct Completion {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(app: &App, wanted: &ShellInit) -> Result<Done> {
    let script = match wanted.shell {
        Shell::Bash => {
            concat!(include_str!("scripts/use.bash"), include_str!("scripts/complete.bash"))
        }
        // The first line of a file in $fpath means nothing here.
        Shell::Zsh => {
            concat!(include_str!("scripts/use.zsh"), include_str!("scripts/complete.zsh"))
        }
        Shell::Fish => {
            concat!(include_str!("scripts/use.fish"), include_str!("scripts/complete.fish"))
        }
        Shell::Powershell => {
            concat!(include_str!("scripts/use.ps1"), include_str!("scripts/complete.ps1"))
        }
    };
    app.print(script)
}

pub fn completion(app: &App, wanted: &Completion) -> Result<Done> {
    app.print(match wanted.shell {
        Shell::Bash => include_str!("scripts/complete.bash"),
        Shell::Zsh => concat!("#compdef daypass\n", include_str!("scripts/complete.zsh")),
        Shell::Fish => include_str!("scripts/complete.fish"),
        Shell::Powershell => include_str!("scripts/complete.ps1"),
    })
}
