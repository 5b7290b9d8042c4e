//! The files where keys are found: those that a shell reads at its start, and files of
//! variables in the home and the current directory.

use crate::host::Host;
use std::path::{Path, PathBuf};

/// How a file sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `export A=b`.
    Shell,
    /// `set -gx A b`.
    Fish,
    /// `$env:A = "b"`.
    Powershell,
    /// `A=b` in a file that programs read.
    Variables,
}

impl Style {
    /// The line that sets a profile.
    pub fn profile_line(self, profile: &str) -> String {
        let word = crate::resolve::sso::shell_word(profile);
        match self {
            Style::Shell => format!("export AWS_PROFILE={word}"),
            Style::Fish => format!("set -gx AWS_PROFILE {word}"),
            Style::Powershell => format!("$env:AWS_PROFILE = \"{profile}\""),
            Style::Variables => format!("AWS_PROFILE={profile}"),
        }
    }
}

/// A file that is looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is.
    pub path: PathBuf,
    /// How it sets variables.
    pub style: Style,
}

const SHELL: [&str; 11] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".kshrc",
    ".cshrc",
    ".tcshrc",
];

const POWERSHELL: [&str; 4] = [
    ".config/powershell/Microsoft.PowerShell_profile.ps1",
    ".config/powershell/profile.ps1",
    "Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
    "Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1",
];

/// All of them, whether they exist or not; each once.
pub fn places(host: &Host, current: Option<&Path>) -> Vec<Place> {
    let home = |name: &&str| host.home.join(name);
    let of = |style| move |path| Place { path, style };
    let mut all: Vec<Place> = SHELL.iter().map(home).map(of(Style::Shell)).collect();
    let fish = crate::files::matching(&host.home.join(".config/fish/conf.d"), |name| {
        name.ends_with(".fish")
    });
    all.extend(
        [host.home.join(".config/fish/config.fish")].into_iter().chain(fish).map(of(Style::Fish)),
    );
    all.extend(POWERSHELL.iter().map(home).map(of(Style::Powershell)));
    let mut dirs = vec![host.home.clone()];
    dirs.extend(current.filter(|dir| *dir != host.home).map(Path::to_owned));
    for dir in dirs {
        all.push(Place { path: dir.join(".envrc"), style: Style::Shell });
        let files = crate::files::matching(&dir, is_variables);
        all.extend(files.into_iter().map(of(Style::Variables)));
    }
    all
}

/// `.env`, `.env.local`, `docker.env`, `env.list`; not the examples beside them.
fn is_variables(name: &str) -> bool {
    let example = ["example", "sample", "template", "dist"].iter().any(|end| name.ends_with(end));
    let named = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    (named || name == "env.list") && !example
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_variables_are_known_by_name() {
        for name in [".env", ".env.local", "docker.env", "env.list"] {
            assert!(is_variables(name), "{name}");
        }
        for name in [".env.example", ".envrc", "environment", ".env.sample", "venv"] {
            assert!(!is_variables(name), "{name}");
        }
    }
}
