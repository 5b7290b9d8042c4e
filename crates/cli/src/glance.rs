//! `status --prompt` before anything else is started: a shell waits for it before every
//! command. Options in another form go the long way, to the same answer.

use crate::commands::status::prompt::{self, Shell, Words};
use crate::vars::{self, Whose};
use clap::ValueEnum;
use daypass_core::resolve::Request;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

/// Answers `status --prompt`; `None` for everything else. Whatever goes wrong, it
/// prints nothing: an error in a prompt is an error before every command.
pub fn run() -> Option<ExitCode> {
    let words = vars::arguments();
    let (request, wanted) = parsed(&words)?;
    // Nobody can be asked for a passphrase while a prompt is drawn.
    if let Ok(host) = vars::host(Whose::Own, Arc::new(|_| None)) {
        vault::harden();
        let line = prompt::line(&host, &request, &wanted);
        let _ = io::stdout().write_all(line.as_bytes());
    }
    Some(ExitCode::SUCCESS)
}

fn parsed(words: &[OsString]) -> Option<(Request, Words)> {
    let words: Vec<&str> = words.iter().skip(1).map(|word| word.to_str()).collect::<Option<_>>()?;
    let (command, options) = words.split_first()?;
    if *command != "status" || !options.contains(&"--prompt") {
        return None;
    }
    let (mut request, mut wanted) = (Request::default(), Words::default());
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        if *option == "--prompt" {
            wanted.prompt = true;
            continue;
        }
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, value),
            None => (*option, *rest.next()?),
        };
        let value = value.to_owned();
        match name {
            "--profile" => request.profile = Some(value),
            "--format" => wanted.format = Some(value),
            "--symbol" => wanted.symbol = Some(value),
            "--shell" => wanted.shell = Some(Shell::from_str(&value, false).ok()?),
            _ => return None,
        }
    }
    Some((request, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Option<(Option<String>, Words)> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        parsed(&words).map(|(request, wanted)| (request.profile, wanted))
    }

    #[test]
    fn the_plain_forms_are_read_and_others_go_the_long_way() {
        let (profile, words) =
            of(&["daypass", "status", "--format={left}", "--prompt", "--profile", "p"]).unwrap();
        assert_eq!(profile.as_deref(), Some("p"));
        assert_eq!((words.prompt, words.format.as_deref()), (true, Some("{left}")));
        let shell = of(&["daypass", "status", "--prompt", "--shell", "zsh"]).unwrap().1.shell;
        assert_eq!(shell, Some(Shell::Zsh));
        for other in [
            &["daypass"] as &[&str],
            &["daypass", "status"],
            &["daypass", "status", "--prompt", "--debug", "x"],
            &["daypass", "status", "--prompt", "--format"],
            &["daypass", "status", "--prompt", "--shell", "csh"],
            &["daypass", "whoami", "--prompt"],
        ] {
            assert_eq!(of(other), None, "{other:?}");
        }
    }
}
