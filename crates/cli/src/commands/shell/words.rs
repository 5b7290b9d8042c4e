//! The lines that `use` gives to a shell: variables set, removed, kept aside and put
//! back. What is kept stays in variables of the shell's own, which its children do not
//! get; the values never pass through us.

use super::Shell;
use crate::deliver::shells;
use daypass_core::Result;

/// How every text for `eval` begins: whatever does not (help, a list) is for people.
pub const MARK: &str = "# daypass use\n";

/// The shell variable with the names of those that are kept.
const KEPT: &str = "_daypass_kept";

/// Lines in one shell's words.
pub struct Lines {
    shell: Shell,
    text: String,
}

impl Lines {
    pub fn new(shell: Shell) -> Self {
        Self { shell, text: MARK.to_owned() }
    }

    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        self.text += &shells::set(self.language(), name, value)?;
        Ok(())
    }

    pub fn unset(&mut self, names: &[&str]) {
        self.text += &shells::unset(self.language(), names);
    }

    /// Takes a variable out of the environment and remembers it in the shell.
    pub fn keep(&mut self, name: &str) {
        self.text += &match self.shell {
            Shell::Bash | Shell::Zsh => format!("{KEPT}_{name}=\"${name}\"\n"),
            Shell::Fish => format!("set -g {KEPT}_{name} \"${name}\"\n"),
            Shell::Powershell => format!("$global:{KEPT}_{name}=$Env:{name}\n"),
        };
        self.unset(&[name]);
    }

    /// The opposite.
    pub fn put_back(&mut self, name: &str) {
        self.text += &match self.shell {
            Shell::Bash | Shell::Zsh => {
                format!("export {name}=\"${KEPT}_{name}\"\nunset {KEPT}_{name}\n")
            }
            Shell::Fish => format!("set -gx {name} \"${KEPT}_{name}\"\nset -eg {KEPT}_{name}\n"),
            Shell::Powershell => {
                format!("$Env:{name}=$global:{KEPT}_{name}\n$global:{KEPT}_{name}=$null\n")
            }
        };
    }

    /// Says which are kept, for the next call.
    pub fn remember(&mut self, names: &[&str]) {
        let list = names.join(",");
        self.text += &match self.shell {
            Shell::Bash | Shell::Zsh => format!("{KEPT}={list}\n"),
            Shell::Fish => format!("set -g {KEPT} \"{list}\"\n"),
            Shell::Powershell => format!("$global:{KEPT}='{list}'\n"),
        };
    }

    pub fn text(self) -> String {
        self.text
    }

    fn language(&self) -> shells::Shell {
        match self.shell {
            Shell::Bash | Shell::Zsh => shells::Shell::Posix,
            Shell::Fish => shells::Shell::Fish,
            Shell::Powershell => shells::Shell::Powershell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_no_longer_in_the_environment_and_comes_back() {
        let mut lines = Lines::new(Shell::Bash);
        lines.keep("AWS_ROLE_ARN");
        let away = lines.text();
        let mut lines = Lines::new(Shell::Bash);
        lines.put_back("AWS_ROLE_ARN");
        let back = lines.text();
        let script = format!("{away}printenv AWS_ROLE_ARN\n{back}printenv AWS_ROLE_ARN\n");
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .env("AWS_ROLE_ARN", "it's $HOME")
            .output()
            .expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "it's $HOME\n");
    }

    #[test]
    fn values_are_quoted_for_their_shell() {
        let shown = |shell| {
            let mut lines = Lines::new(shell);
            lines.set("AWS_PROFILE", "it's").expect("it can be said");
            lines.text()
        };
        assert_eq!(shown(Shell::Zsh), "# daypass use\nexport AWS_PROFILE='it'\\''s'\n");
        assert_eq!(shown(Shell::Fish), "# daypass use\nset -gx AWS_PROFILE 'it\\'s'\n");
        assert_eq!(shown(Shell::Powershell), "# daypass use\n$Env:AWS_PROFILE='it''s'\n");
    }
}
