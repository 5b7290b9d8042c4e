//! `configure export-credentials`: the profile's credentials for other programs.

use crate::app::App;
use crate::report::Done;
use clap::{Args, ValueEnum};
use daypass_core::credentials::RoleCredentials;
use daypass_core::resolve::credentials;
use daypass_core::{Error, Kind, Result};
use jiff::Timestamp;
use serde_json::json;

/// Print the profile's credentials for other programs
///
/// The result is secret: do not store it. Every form is safe to evaluate in its
/// shell, whatever the values hold.
#[derive(Args, Debug)]
pub struct Export {
    /// The form: JSON of a credential process, or lines for a shell
    #[arg(long, value_name = "FORMAT", default_value = "process")]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The JSON that `credential_process` expects
    Process,
    /// export NAME=VALUE
    Env,
    /// NAME=VALUE
    EnvNoExport,
    /// $Env:NAME="VALUE"
    Powershell,
    /// set NAME=VALUE
    WindowsCmd,
    /// set -gx NAME "VALUE"
    Fish,
}

pub fn run(app: &App, wanted: &Export) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    daypass_core::provide::refuse_circle(&app.host, &chosen.name.value)?;
    // What is wrong before anything was fetched is the configuration's fault here.
    credentials::plan(&app.host, &chosen).map_err(|error| unusable(&error))?;
    let aws = app.aws(&chosen)?;
    let provided =
        app.block_on(app.credentials(&aws, &chosen)).map_err(|error| match error.message() {
            "Unable to locate credentials" => {
                error.while_doing("Unable to retrieve credentials: no credentials found")
            }
            _ => error,
        })?;
    let keys = provided.credentials;
    let text = match wanted.format {
        Format::Process => process(&keys),
        shell => lines(&keys, shell)?,
    };
    app.print(&text)
}

fn unusable(error: &Error) -> Error {
    let message = format!("Unable to retrieve credentials: {}", error.message());
    let told = Error::new(Kind::Config, message);
    let told = error.causes().iter().cloned().fold(told, Error::because);
    error.next_step().into_iter().fold(told, Error::hint)
}

fn time(expiration: Timestamp) -> String {
    expiration.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

fn process(keys: &RoleCredentials) -> String {
    let mut value = json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key.expose(),
    });
    if let Some(token) = &keys.session_token {
        value["SessionToken"] = json!(token.expose());
    }
    if let Some(expiration) = keys.expiration {
        value["Expiration"] = json!(time(expiration));
    }
    format!("{value:#}\n")
}

fn lines(keys: &RoleCredentials, shell: Format) -> Result<String> {
    let mut pairs = vec![
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.expose().clone()),
    ];
    if let Some(token) = &keys.session_token {
        pairs.push(("AWS_SESSION_TOKEN", token.expose().clone()));
    }
    if let Some(expiration) = keys.expiration {
        pairs.push(("AWS_CREDENTIAL_EXPIRATION", time(expiration)));
    }
    pairs.iter().map(|(name, value)| line(shell, name, value)).collect()
}

/// One line; values of the usual letters look as the AWS CLI's, others are quoted.
fn line(shell: Format, name: &str, value: &str) -> Result<String> {
    if value.chars().any(char::is_control) {
        return Err(Error::new(Kind::Profile, format!("{name} holds control characters"))
            .because("no shell could be given it safely"));
    }
    Ok(match shell {
        Format::Env => format!("export {name}={}\n", posix(value)),
        Format::EnvNoExport | Format::Process => format!("{name}={}\n", posix(value)),
        Format::Fish => format!("set -gx {name} {}\n", fish(value)),
        Format::Powershell => format!("$Env:{name}={}\n", powershell(value)),
        Format::WindowsCmd => format!("set {}\n", windows_cmd(name, value)?),
    })
}

fn is_plain(value: &str) -> bool {
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
    if is_plain(value) {
        return format!("\"{value}\"");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "s$e c'r\"e`t\\;|&%PATH%!";

    #[test]
    fn usual_values_look_as_the_aws_cli_prints_them() {
        let shown = |shell| line(shell, "AWS_X", "abc/+=").unwrap();
        assert_eq!(shown(Format::Env), "export AWS_X=abc/+=\n");
        assert_eq!(shown(Format::EnvNoExport), "AWS_X=abc/+=\n");
        assert_eq!(shown(Format::Powershell), "$Env:AWS_X=\"abc/+=\"\n");
        assert_eq!(shown(Format::WindowsCmd), "set AWS_X=abc/+=\n");
        assert_eq!(shown(Format::Fish), "set -gx AWS_X \"abc/+=\"\n");
    }

    #[test]
    fn hostile_values_are_words_and_not_commands() {
        let shown = |shell| line(shell, "AWS_X", HOSTILE).unwrap();
        assert_eq!(shown(Format::Env), "export AWS_X='s$e c'\\''r\"e`t\\;|&%PATH%!'\n");
        assert_eq!(shown(Format::Fish), "set -gx AWS_X 's$e c\\'r\"e`t\\\\;|&%PATH%!'\n");
        assert_eq!(shown(Format::Powershell), "$Env:AWS_X='s$e c''r\"e`t\\;|&%PATH%!'\n");
        line(Format::Env, "AWS_X", "two\nlines").unwrap_err();
    }

    #[test]
    fn what_cmd_exe_would_take_apart_is_refused() {
        for sign in "%\"^!&|<>".chars() {
            line(Format::WindowsCmd, "AWS_X", &format!("a{sign}b")).unwrap_err();
        }
        assert_eq!(line(Format::WindowsCmd, "AWS_X", "a b").unwrap(), "set \"AWS_X=a b\"\n");
    }

    #[test]
    fn a_posix_shell_gets_back_what_went_in() {
        let script =
            format!("{}printf %s \"$AWS_X\"", line(Format::Env, "AWS_X", HOSTILE).unwrap());
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), HOSTILE);
    }
}
