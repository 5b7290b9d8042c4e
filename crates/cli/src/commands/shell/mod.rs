//! Living in the user's shell: `shell-init`, `use`, and the scripts of both.

pub mod init;
pub mod switch;
mod words;

use crate::vars;
use clap::ValueEnum;
use std::path::Path;

/// The shells that daypass has an integration for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
}

impl Shell {
    /// By the program's name.
    fn of_program(path: &Path) -> Option<Self> {
        match path.file_stem()?.to_str()? {
            "bash" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            "fish" => Some(Shell::Fish),
            "pwsh" | "powershell" => Some(Shell::Powershell),
            _ => None,
        }
    }

    /// The user's own, where it is one of ours.
    fn of_user() -> Option<Self> {
        if cfg!(windows) {
            return Some(Shell::Powershell);
        }
        Self::of_program(Path::new(&vars::shell()?))
    }

    /// The line that sets the integration up.
    fn line(self) -> &'static str {
        match self {
            Shell::Bash => "eval \"$(daypass shell-init bash)\"",
            Shell::Zsh => "eval \"$(daypass shell-init zsh)\"",
            Shell::Fish => "daypass shell-init fish | source",
            Shell::Powershell => "daypass shell-init powershell | Out-String | Invoke-Expression",
        }
    }

    /// The file that is read when the shell starts.
    fn start_file(self) -> &'static str {
        match self {
            Shell::Bash => "~/.bashrc",
            Shell::Zsh => "~/.zshrc",
            Shell::Fish => "~/.config/fish/config.fish",
            Shell::Powershell => "$PROFILE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_its_programs_name() {
        let of = |path: &str| Shell::of_program(Path::new(path));
        assert_eq!(of("/bin/bash"), Some(Shell::Bash));
        assert_eq!(of("/opt/microsoft/powershell/7/pwsh"), Some(Shell::Powershell));
        assert_eq!(of("/usr/bin/fish"), Some(Shell::Fish));
        assert_eq!(of("/bin/sh"), None);
    }
}
