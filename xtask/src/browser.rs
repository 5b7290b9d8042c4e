//! Debian's Chromium, for the tests of the sandbox's pages.

use crate::peers::{read, run, write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A browser, its driver, and the script that checks pages for accessibility.
pub struct Browser {
    chromium: PathBuf,
    driver: PathBuf,
    axe: PathBuf,
}

/// Installs what is not there yet. The error says why there is no browser.
pub fn install(place: &Path, ours: &Path, python: &Path) -> Result<Browser, String> {
    if found("chromium").is_none() || found("chromedriver").is_none() {
        of_debian()?;
    }
    let program = |name: &str| found(name).ok_or_else(|| format!("{name} is not on PATH"));
    let (chromium, driver) = (program("chromium")?, program("chromedriver")?);
    Ok(Browser { chromium, driver, axe: axe(place, ours, python)? })
}

impl Browser {
    /// Tells a test run where everything is.
    pub fn announce(&self, command: &mut Command) {
        command.env("PEERS_CHROMIUM", &self.chromium);
        command.env("PEERS_CHROMEDRIVER", &self.driver).env("PEERS_AXE", &self.axe);
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.is_file())
}

/// Only where it is nobody's machine but ours: as root on Debian.
fn of_debian() -> Result<(), String> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !root || !Path::new("/etc/debian_version").exists() {
        return Err("chromium and chromedriver are not installed (Debian: chromium-driver)".into());
    }
    run("apt-get update", Command::new("apt-get").args(["update", "--quiet"]))?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let mut command = Command::new("apt-get");
    command.args(install).args(["chromium", "chromium-driver", "fonts-dejavu-core"]);
    run("apt-get install chromium", command.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn axe(place: &Path, ours: &Path, python: &Path) -> Result<PathBuf, String> {
    let (axe, stamp) = (place.join("axe.min.js"), place.join("axe.done"));
    let installer = ours.join("install_axe.py");
    let wanted = read(&installer)?;
    if !(axe.exists() && read(&stamp).is_ok_and(|done| done == wanted)) {
        run("install_axe.py", Command::new(python).arg(&installer).arg(&axe))?;
        write(&stamp, &wanted)?;
    }
    Ok(axe)
}
