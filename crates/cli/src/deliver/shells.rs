//! Lines that set variables, in the words of each shell.
//!
//! Whatever a value holds, a shell that evaluates its line gets the value back and
//! runs nothing.

use daypass_core::{Error, Kind, Result};

/// A shell, or what reads such lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `export NAME=VALUE`: sh, bash, zsh and their kin.
    Posix,
    /// `NAME=VALUE`, not exported.
    Assignments,
    /// `set -gx NAME VALUE`.
    Fish,
    /// `$Env:NAME=VALUE`.
    Powershell,
    /// `set NAME=VALUE`, for cmd.exe.
    Cmd,
    /// `os.environ["NAME"] = "VALUE"`.
    Python,
    /// `NAME=VALUE` as docker and the many readers of `.env` files agree on it.
    Dotenv,
}

/// The lines that make variables be as if they had never been set.
///
/// Set to nothing is something else: botocore looks for a profile without a name.
pub fn unset(shell: Shell, names: &[&str]) -> String {
    let each = |line: &dyn Fn(&str) -> String| names.iter().map(|name| line(name)).collect();
    match shell {
        _ if names.is_empty() => String::new(),
        Shell::Posix | Shell::Assignments => format!("unset {}\n", names.join(" ")),
        // Not the universal variables: those are kept over the end of the session.
        Shell::Fish => format!("set -eg {}\n", names.join(" ")),
        Shell::Powershell => each(&|name| format!("$Env:{name}=$null\n")),
        Shell::Cmd => each(&|name| format!("set {name}=\n")),
        Shell::Python => each(&|name| format!("os.environ.pop(\"{name}\", None)\n")),
        Shell::Dotenv => String::new(),
    }
}

/// One line; values of the usual letters look as the AWS CLI's, others are quoted.
pub fn set(shell: Shell, name: &str, value: &str) -> Result<String> {
    if value.chars().any(char::is_control) {
        return Err(Error::new(Kind::Profile, format!("{name} holds control characters"))
            .because("no shell could be given it safely"));
    }
    Ok(match shell {
        Shell::Posix => format!("export {name}={}\n", posix(value)),
        Shell::Assignments => format!("{name}={}\n", posix(value)),
        Shell::Fish => format!("set -gx {name} {}\n", fish(value)),
        Shell::Powershell => format!("$Env:{name}={}\n", powershell(value)),
        Shell::Cmd => format!("set {}\n", windows_cmd(name, value)?),
        Shell::Python => format!("os.environ[\"{name}\"] = \"{}\"\n", python(value)),
        Shell::Dotenv => format!("{name}={}\n", dotenv(name, value)?),
    })
}

/// Signs that are themselves in every shell.
pub fn is_plain(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_alphanumeric() || "_-./+=:,@".contains(c))
}

fn posix(value: &str) -> String {
    if is_plain(value) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

fn fish(value: &str) -> String {
    match is_plain(value) {
        true => format!("\"{value}\""),
        false => format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
    }
}

/// Besides the straight quote, PowerShell takes four typographic ones for it.
fn powershell(value: &str) -> String {
    if is_plain(value) { format!("\"{value}\"") } else { powershell_word(value) }
}

/// Any value between single quotes.
pub fn powershell_word(value: &str) -> String {
    let doubled = value.chars().flat_map(|c| {
        let twice = matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
        std::iter::repeat_n(c, if twice { 2 } else { 1 })
    });
    format!("'{}'", doubled.collect::<String>())
}

/// cmd.exe has no form that keeps these: a typed `%%` stays two signs, and quotes
/// end at the next one, whatever stands before it.
fn windows_cmd(name: &str, value: &str) -> Result<String> {
    if let Some(sign) = value.chars().find(|c| "%\"^!&|<>".contains(*c)) {
        let message = format!("{name} holds `{sign}`, which cmd.exe could take for its own");
        return Err(Error::new(Kind::Profile, message).hint("use `--format powershell`"));
    }
    Ok(match is_plain(value) {
        true => format!("{name}={value}"),
        false => format!("\"{name}={value}\""),
    })
}

/// ASCII only: a script's encoding is not ours to know.
fn python(value: &str) -> String {
    let quoted = |c: char| match c {
        '\\' | '"' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        _ => format!("\\U{:08x}", u32::from(c)),
    };
    value.chars().map(quoted).collect()
}

/// No two readers of such files agree on quotes, blanks and dollar signs.
fn dotenv<'v>(name: &str, value: &'v str) -> Result<&'v str> {
    match is_plain(value) {
        true => Ok(value),
        false => Err(Error::new(
            Kind::Profile,
            format!("{name} holds a sign that readers of .env files take for different things"),
        )
        .hint("use `--format sh` or `--format json`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "s$e c'r\"e`t\\;|&%PATH%!";

    #[test]
    fn usual_values_look_as_the_aws_cli_prints_them() {
        let shown = |shell| set(shell, "AWS_X", "abc/+=").unwrap();
        assert_eq!(shown(Shell::Posix), "export AWS_X=abc/+=\n");
        assert_eq!(shown(Shell::Assignments), "AWS_X=abc/+=\n");
        assert_eq!(shown(Shell::Powershell), "$Env:AWS_X=\"abc/+=\"\n");
        assert_eq!(shown(Shell::Cmd), "set AWS_X=abc/+=\n");
        assert_eq!(shown(Shell::Fish), "set -gx AWS_X \"abc/+=\"\n");
    }

    #[test]
    fn hostile_values_are_words_and_not_commands() {
        let shown = |shell| set(shell, "AWS_X", HOSTILE).unwrap();
        assert_eq!(shown(Shell::Posix), "export AWS_X='s$e c'\\''r\"e`t\\;|&%PATH%!'\n");
        assert_eq!(shown(Shell::Fish), "set -gx AWS_X 's$e c\\'r\"e`t\\\\;|&%PATH%!'\n");
        assert_eq!(shown(Shell::Powershell), "$Env:AWS_X='s$e c''r\"e`t\\;|&%PATH%!'\n");
        set(Shell::Posix, "AWS_X", "two\nlines").unwrap_err();
    }

    #[test]
    fn what_cmd_exe_would_take_apart_is_refused() {
        for sign in "%\"^!&|<>".chars() {
            set(Shell::Cmd, "AWS_X", &format!("a{sign}b")).unwrap_err();
        }
        assert_eq!(set(Shell::Cmd, "AWS_X", "a b").unwrap(), "set \"AWS_X=a b\"\n");
    }

    #[test]
    fn a_posix_shell_gets_back_what_went_in() {
        let script =
            format!("{}printf %s \"$AWS_X\"", set(Shell::Posix, "AWS_X", HOSTILE).unwrap());
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), HOSTILE);
    }
}
