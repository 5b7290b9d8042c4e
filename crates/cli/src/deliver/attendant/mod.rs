//! The attendant: a process that serves the credentials endpoint to one command, for
//! exactly as long as the command lives.
//!
//! `exec` becomes the command, so that the command's exit code, signals and terminal
//! are its own. The attendant is therefore no thread and no child of it:
//!
//! ```text
//! daypass exec ──▶ daypass attend ──▶ daypass attend --apart   (a session of its own)
//!      │               └ ends                  │ one line: the address, or the error
//!      ◀───────────────────────────────────────┘
//!      └ becomes the command                   └ watches it, serves, ends after it
//! ```

pub mod aside;
mod letter;
mod life;

pub use letter::Letter;
pub use life::Life;

use crate::app::App;
use daypass_core::{Error, Kind, Result};
use jiff::Timestamp;
use std::path::PathBuf;
use vault::Secret;

/// Where a command finds its credentials.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// For `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub uri: String,
    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    pub token: Secret<String>,
    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    pub token_file: PathBuf,
    /// When the credentials of the moment end; they are renewed before that.
    pub expires_at: Option<Timestamp>,
}

/// Starts an attendant for the command that this process is about to become, with
/// the profile in force. It is ready to answer when this returns; it ends within a
/// second of this process, whatever that has become.
///
/// Neither its arguments nor its environment hold a secret that ours do not.
///
/// # Errors
/// As getting the credentials themselves, with kind and hint: the command need not
/// be started then.
#[cfg(unix)]
pub fn start(app: &App) -> Result<Endpoint> {
    use std::io::IsTerminal;
    use std::process::Stdio;
    let stderr = match std::io::stderr().is_terminal() {
        true => Stdio::inherit(),
        // A pipe held open by us would keep its reader waiting after the command.
        false => Stdio::null(),
    };
    let mut command = tokio::process::Command::new(std::env::current_exe().map_err(failed)?);
    command.args(words(app)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    app.block_on(async {
        use tokio::io::{AsyncBufReadExt, BufReader};
        let mut child = command.spawn().map_err(failed)?;
        let mut line = Secret::new(String::new());
        if let Some(stdout) = child.stdout.take() {
            line = Secret::new(
                BufReader::new(stdout)
                    .lines()
                    .next_line()
                    .await
                    .map_err(failed)?
                    .unwrap_or_default(),
            );
        }
        child.wait().await.map_err(failed)?;
        Letter::parse(&line)?.into_endpoint()
    })
}

/// Starts what tells the person at the terminal, in time, that the keys end which the
/// command was given. It serves nothing, and ends with the command.
#[cfg(unix)]
pub fn watch_keys(end: Timestamp) {
    use std::process::{Command, Stdio};
    let life = Life::mine();
    let started = std::env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        command.args(["attend", &format!("--pid={}", life.pid())]);
        command.args(life.since().map(|since| format!("--since={since}")));
        command.arg(format!("--keys-until={}", end.as_second()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?.wait()
    });
    if let Err(error) = started {
        tracing::debug!(%error, "nobody watches the keys' end");
    }
}

/// Nobody: the process that waits for the command has no terminal of its own to tell.
#[cfg(not(unix))]
pub fn watch_keys(_: Timestamp) {}

/// The server lives in this process, which waits for the command and ends with it.
///
/// # Errors
/// As getting the credentials themselves.
#[cfg(not(unix))]
pub fn start(app: &App) -> Result<Endpoint> {
    let (sender, ready) = std::sync::mpsc::channel();
    let app = app.clone();
    std::thread::spawn(move || {
        let work = crate::commands::attend::attend(&app, |endpoint| {
            // Whoever waits for it waits still.
            let _ = sender.send(Ok(endpoint));
            Ok(())
        });
        if let Err(error) = app.block_on(work) {
            let _ = sender.send(Err(error));
        }
    });
    ready.recv().unwrap_or_else(|gone| Err(failed(std::io::Error::other(gone))))
}

fn failed(error: std::io::Error) -> Error {
    Error::new(Kind::Bug, "cannot start the process that serves the credentials")
        .because(error.to_string())
}

/// The command line that leads to the same profile as ours.
#[cfg(unix)]
fn words(app: &App) -> Vec<String> {
    let global = &app.global;
    let mut words = vec!["attend".to_owned()];
    let mut put = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{name}={value}")));
    };
    let life = Life::mine();
    put("--pid", Some(life.pid().to_string()));
    put("--since", life.since().map(str::to_owned));
    put("--lines", app.lines.clone());
    put("--profile", global.profile.clone());
    put("--region", global.region.clone());
    put("--endpoint-url", global.endpoint_url.clone());
    put("--ca-bundle", global.ca_bundle.clone());
    put("--cli-connect-timeout", global.cli_connect_timeout.map(|seconds| seconds.to_string()));
    put("--cli-read-timeout", global.cli_read_timeout.map(|seconds| seconds.to_string()));
    let flags =
        [("--no-verify-ssl", global.no_verify_ssl), ("--no-sign-request", global.no_sign_request)];
    words.extend(flags.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag.to_owned()));
    words
}
