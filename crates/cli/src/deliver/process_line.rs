//! The `credential_process` line of a profile: one that every parser of the field
//! splits in the same way (`docs/compatibility.md` has who runs it how).

use crate::vars;
use daypass_core::{Error, Kind, Result};
use std::path::{Path, PathBuf};

/// The line for a profile, with the program that is running now.
///
/// # Errors
/// [`Kind::Config`] for a path or a name that some parser would take apart.
pub fn for_profile(profile: &str) -> Result<String> {
    let program = program().ok_or_else(|| {
        Error::new(Kind::Bug, "this program does not know where it was started from")
    })?;
    line(&program, profile)
}

/// This program as the first word of such a line; none where it cannot stand there.
pub fn program_word() -> Option<String> {
    word(program()?.to_str()?, "the path of this program").ok()
}

/// Where this program is found: by the name in `PATH` that leads to it, since the
/// file behind a package manager's link moves with every upgrade.
fn program() -> Option<PathBuf> {
    let running = std::env::current_exe().ok()?;
    let name = running.file_name()?.to_owned();
    let same = |path: &PathBuf| {
        path.is_absolute()
            && std::fs::canonicalize(path).is_ok_and(|real| {
                std::fs::canonicalize(&running).is_ok_and(|running| real == running)
            })
    };
    vars::path_dirs().into_iter().map(|dir| dir.join(&name)).find(same).or(Some(running))
}

/// Botocore splits the line as a POSIX shell does, without one; Go, Rust, JS and Java
/// give it to `sh -c` or `cmd.exe /C`; GDAL splits at blanks and double quotes; Go takes
/// quotes away from a line that begins and ends with one; PHP ends it at a `;`. So: an
/// absolute path, double quotes only where there are blanks, and a plain word at the end.
fn line(program: &Path, profile: &str) -> Result<String> {
    let text = program.to_str().ok_or_else(|| unsafe_text("the path of this program", None))?;
    // The shells of Windows take forward slashes, and POSIX splitting eats the others.
    let path = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    let path = word(&path, "the path of this program")?;
    let name = word(profile, "the profile's name")?;
    Ok(match name.starts_with('"') {
        false => format!("{path} credential-process --profile {name}"),
        true => format!("{path} --profile {name} credential-process"),
    })
}

fn word(text: &str, what: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./@+=:,".contains(c);
    let quotable =
        |c: char| plain(c) || matches!(c, ' ' | '(' | ')' | '[' | ']') || c.is_alphabetic();
    match text {
        _ if text.is_empty() || text.starts_with('-') => Err(unsafe_text(what, None)),
        _ if text.chars().all(plain) => Ok(text.to_owned()),
        _ => match text.chars().find(|c| !quotable(*c)) {
            None => Ok(format!("\"{text}\"")),
            Some(sign) => Err(unsafe_text(what, Some(sign))),
        },
    }
}

fn unsafe_text(what: &str, sign: Option<char>) -> Error {
    let error =
        Error::new(Kind::Config, format!("{what} cannot stand in a credential_process line"));
    match sign {
        Some(sign) => error.because(format!(
            "`{}` means something to a shell, and some SDKs use one",
            sign.escape_default()
        )),
        None => error,
    }
    .hint("use a name or a place of letters, digits and _-./@+=:,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(program: &str, profile: &str) -> String {
        line(Path::new(program), profile).unwrap()
    }

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(
            of("/usr/local/bin/daypass", "disasters-sso"),
            "/usr/local/bin/daypass credential-process --profile disasters-sso"
        );
    }

    #[test]
    fn no_line_begins_and_ends_with_a_quote() {
        for (program, profile) in [
            ("/my tools/daypass", "p"),
            ("/usr/bin/daypass", "Power User"),
            ("/my tools/daypass", "Power User"),
            ("/usr/bin/daypass", "bücher"),
        ] {
            let line = of(program, profile);
            assert!(!(line.starts_with('"') && line.ends_with('"')), "{line}");
            let words = shlex_split(&line);
            assert_eq!(words[0], program);
            let at = words.iter().position(|word| word == "--profile").unwrap();
            assert_eq!(words[at + 1], profile, "{line}");
            assert!(words.contains(&"credential-process".to_owned()), "{line}");
        }
    }

    /// What `sh` makes of the line.
    fn shlex_split(line: &str) -> Vec<String> {
        let script = format!("set -- {line}; for word; do printf '%s\\n' \"$word\"; done");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_a_shell_would_take_for_its_own_is_refused() {
        for sign in "$`\"'\\;|&<>*?~#!%^\n{}".chars() {
            line(Path::new("/usr/bin/daypass"), &format!("a{sign}b")).unwrap_err();
            line(Path::new(&format!("/usr/{sign}/daypass")), "p").unwrap_err();
        }
        line(Path::new("/usr/bin/daypass"), "-p").unwrap_err();
        line(Path::new("/usr/bin/daypass"), "").unwrap_err();
    }
}
