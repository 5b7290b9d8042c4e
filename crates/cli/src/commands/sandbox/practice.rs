//! A sandbox with a throw-away home directory, and commands that run in it.

use super::child;
use crate::app::App;
use crate::report::{self, Done};
use crate::vars;
use daypass_core::resolve::sso::shell_word;
use daypass_core::store::Store;
use daypass_core::{Error, Kind, Result};
use sandbox::{Options, Running, World};
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
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
    /// `PATH` and `BROWSER` for the scripted person.
    person: Vec<(&'static str, OsString)>,
    /// What makes clients trust the sandbox, with TLS.
    trust: Vec<(String, String)>,
}

/// Where, in the home directory, our own things are.
const PLACE: &str = ".practice";

/// Settings of the caller's that would lead a command out of the sandbox, besides
/// everything that begins with `AWS_`.
const UNWANTED: [&str; 11] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "REQUESTS_CA_BUNDLE",
    "XDG_STATE_HOME",
    vars::PROFILE,
    vars::COPIES,
    daypass_core::provide::CHAIN,
];

/// Those of them that are set.
fn unwanted() -> Vec<String> {
    vars::names(|name| name.starts_with("AWS_") || UNWANTED.contains(&name))
}

/// Starts a sandbox.
pub fn start(world: World, options: Options) -> Result<Running> {
    sandbox::Sandbox::start_blocking(world, options).map_err(|error| {
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let error = Error::new(Kind::Network, error.to_string());
        why.into_iter().fold(error, Error::because)
    })
}

/// Writes the authority's certificate down; the variables that name the file.
fn trust(running: &Running, place: &Path) -> Result<Vec<(String, String)>> {
    let Some(authority) = running.certificate_authority() else { return Ok(Vec::new()) };
    let file = place.join("authority.pem");
    vault::write_private(&file, authority.as_bytes()).map_err(|error| no_home(&error.source))?;
    Ok(Running::trust(&file))
}

fn no_home(why: &dyn Display) -> Error {
    Error::new(Kind::Store, "cannot make a throw-away home directory").because(why.to_string())
}

/// A key in the kernel's keyring would outlive the home directory.
impl Drop for Practice {
    fn drop(&mut self) {
        if let Err(error) = Store::in_home(self.home()).forget() {
            tracing::debug!(%error, "the key of the practice store stays");
        }
    }
}

impl Practice {
    /// Makes the home directory, and the scripted browser if one is wanted.
    pub fn new(running: Running, browser: Browser, person: &[String]) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("daypass-home-").tempdir();
        let home = home.map_err(|error| no_home(&error))?;
        let person = match browser {
            Browser::Own => Vec::new(),
            Browser::Scripted => scripted_person(home.path(), person)?,
        };
        let trust = trust(&running, &home.path().join(PLACE))?;
        Ok(Self { running, home, person, trust })
    }

    /// A directory for what is ours, not the user's.
    pub fn place(&self) -> PathBuf {
        self.home().join(PLACE)
    }

    /// The certificate of whom clients have to trust; empty without TLS.
    pub fn authority(&self) -> &str {
        self.running.certificate_authority().unwrap_or_default()
    }

    fn environment(&self) -> impl Iterator<Item = (String, String)> {
        self.running.environment().into_iter().chain(self.trust.iter().cloned())
    }

    /// The throw-away home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where people sign in and see their roles.
    pub fn access_portal(&self) -> String {
        format!("{}/start", self.running.endpoints().sso_oidc)
    }

    /// A command in this environment: none of the caller's AWS settings, all of
    /// the sandbox's.
    pub fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        for name in unwanted() {
            command.env_remove(name);
        }
        command.env("HOME", self.home()).env("USERPROFILE", self.home());
        command.envs(self.environment());
        command.envs(self.person.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The same environment, as lines for the shell of another terminal.
    pub fn lines(&self) -> String {
        let home = self.home().display().to_string();
        let settings = std::iter::once((shell::HOME.to_owned(), home));
        let settings = settings.chain(self.environment());
        let lines = settings.map(|(name, value)| shell::set(&name, &value));
        shell::unset(&unwanted()) + &lines.collect::<String>()
    }

    /// Runs the user's words; they have the terminal.
    pub fn run(&self, app: &App, words: &[OsString]) -> Result<Done> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::new(Kind::Usage, "the command is missing"));
        };
        let mut command = self.command(program);
        command.args(arguments);
        match child::run(command) {
            Ok(status) => Ok(Done::Child(child::exit_code(status))),
            Err(error) => {
                app.ui.complain(&format!("error: cannot run `{}`: {error}\n", program.display()));
                Ok(Done::Child(report::unstartable(&error)))
            }
        }
    }
}

/// A line that sets a variable in the shell people have.
pub fn line(name: &str, value: &str) -> String {
    shell::set(name, value)
}

mod shell {
    //! Lines for the shell people have: POSIX, or PowerShell on Windows.

    use super::shell_word;

    pub const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

    pub fn set(name: &str, value: &str) -> String {
        match cfg!(windows) {
            true => format!("$Env:{name}='{}'\n", value.replace('\'', "''")),
            false => format!("export {name}={}\n", shell_word(value)),
        }
    }

    /// Names that a shell could not take are nobody's settings.
    pub fn unset(names: &[String]) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let names: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| name.chars().all(plain)).collect();
        match (names.is_empty(), cfg!(windows)) {
            (true, _) => String::new(),
            (_, true) => names.iter().map(|name| format!("$Env:{name}=$null\n")).collect(),
            (_, false) => format!("unset {}\n", names.join(" ")),
        }
    }
}

/// A `$BROWSER` that visits the page as the sandbox's user, whom the words describe. It is found by `PATH`:
/// the programs that read `$BROWSER` take a path with blanks in it apart, each in
/// its own way.
fn scripted_person(home: &Path, person: &[String]) -> Result<Vec<(&'static str, OsString)>> {
    let daypass = std::env::current_exe().map_err(|error| no_home(&error))?;
    if cfg!(windows) {
        let (dir, name) = (daypass.parent().unwrap_or(home), daypass.file_name());
        let name = name.unwrap_or_default().to_string_lossy();
        let path = vars::path_with(dir).map_err(|error| no_home(&error))?;
        return Ok(vec![
            ("PATH", path),
            ("BROWSER", format!("{name} sandbox approve {} %s", person.join(" ")).into()),
        ]);
    }
    let bin = home.join(PLACE);
    script(&bin.join("practice-browser"), &daypass, person).map_err(|error| no_home(&error))?;
    let path = vars::path_with(&bin).map_err(|error| no_home(&error))?;
    Ok(vec![("PATH", path), ("BROWSER", "practice-browser %s".into())])
}

/// It returns at once: the AWS CLI serves its callback only after `$BROWSER` has.
fn script(path: &Path, daypass: &Path, person: &[String]) -> std::io::Result<()> {
    let quoted = format!("'{}'", daypass.display().to_string().replace('\'', r"'\''"));
    let person: Vec<_> = person.iter().map(|word| shell_word(word)).collect();
    let person = person.join(" ");
    let script = format!(
        "#!/bin/sh\n{quoted} sandbox approve {person} \"$1\" </dev/null >/dev/null 2>&1 &\n"
    );
    vault::write_private(path, script.as_bytes()).map_err(|error| error.source)?;
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
