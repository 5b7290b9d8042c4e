//! A sandbox with a throw-away home directory, and commands that run in it.

use crate::app::App;
use crate::report::Done;
use daypass_core::{Error, Kind, Result};
use sandbox::{Options, Running, World};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Who goes through the sign-in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// A scripted person, at once.
    Scripted,
    /// The user, in their own browser.
    Own,
}

/// A running sandbox and a home directory that ends with it.
pub struct Practice {
    running: Running,
    home: TempDir,
    browser: Option<PathBuf>,
}

/// Starts a sandbox.
pub fn start(world: World, options: Options) -> Result<Running> {
    sandbox::Sandbox::start_blocking(world, options).map_err(|error| {
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let error = Error::new(Kind::Network, error.to_string());
        why.into_iter().fold(error, Error::because)
    })
}

impl Practice {
    /// Makes the home directory, and the scripted browser if one is wanted.
    pub fn new(running: Running, browser: Browser) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::new(Kind::Store, "cannot make a throw-away home directory")
                .because(error.to_string())
        };
        let home =
            tempfile::Builder::new().prefix("daypass-home-").tempdir().map_err(|e| failed(&e))?;
        let browser = match browser {
            Browser::Own => None,
            Browser::Scripted => Some(scripted_browser(home.path()).map_err(|e| failed(&e))?),
        };
        Ok(Self { running, home, browser })
    }

    /// The throw-away home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A command in this environment: none of the caller's AWS settings, all of
    /// the sandbox's.
    pub fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        for (name, _) in crate::vars::inherited("AWS_") {
            command.env_remove(name);
        }
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            command.env_remove(proxy);
        }
        command
            .env("HOME", self.home())
            .env("USERPROFILE", self.home())
            .env_remove("XDG_STATE_HOME");
        command.envs(self.running.environment());
        if let Some(browser) = &self.browser {
            command.env("BROWSER", format!("{} %s", browser.display()));
        }
        command
    }

    /// Runs the user's words; they have the terminal.
    pub fn run(&self, app: &App, words: &[OsString]) -> Result<Done> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::new(Kind::Usage, "the command is missing"));
        };
        match self.command(program).args(arguments).status() {
            Ok(status) => Ok(Done::Child(exit_code(status))),
            Err(error) => {
                let absent = error.kind() == std::io::ErrorKind::NotFound;
                app.ui.complain(&format!("error: cannot run `{}`: {error}\n", program.display()));
                Ok(Done::Child(if absent { 127 } else { 126 }))
            }
        }
    }
}

fn exit_code(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(255);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
}

/// A program for `$BROWSER` that visits the page as the sandbox's user. It
/// returns at once: the AWS CLI serves its callback only after `$BROWSER` has.
fn scripted_browser(home: &Path) -> std::io::Result<PathBuf> {
    let daypass = std::env::current_exe()?;
    let quoted = format!("'{}'", daypass.display().to_string().replace('\'', r"'\''"));
    let path = home.join("browser");
    let script =
        format!("#!/bin/sh\n{quoted} sandbox approve \"$1\" </dev/null >/dev/null 2>&1 &\n");
    vault::write_private(&path, script.as_bytes()).map_err(|error| error.source)?;
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(path)
}
