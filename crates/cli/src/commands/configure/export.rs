//! `configure export-credentials`: the profile's credentials for other programs.

use crate::app::App;
use crate::deliver::shells::{self, Shell};
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
        Format::Env => lines(&keys, Shell::Posix)?,
        Format::EnvNoExport => lines(&keys, Shell::Assignments)?,
        Format::Fish => lines(&keys, Shell::Fish)?,
        Format::Powershell => lines(&keys, Shell::Powershell)?,
        Format::WindowsCmd => lines(&keys, Shell::Cmd)?,
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

fn lines(keys: &RoleCredentials, shell: Shell) -> Result<String> {
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
    pairs.iter().map(|(name, value)| shells::set(shell, name, value)).collect()
}
