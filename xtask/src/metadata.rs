//! What cargo knows about the workspace.

use crate::steps::cargo;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The workspace's folder for build products.
pub fn target_dir(root: &Path) -> PathBuf {
    // The folder of this program is target/PROFILE.
    let here = std::env::current_exe().ok();
    let profile = here.as_deref().and_then(Path::parent);
    profile.and_then(Path::parent).map_or_else(|| root.join("target"), Path::to_path_buf)
}

/// The names of all crates that a package is made of, itself included, on any
/// machine, without those of its tests.
pub fn crates_of(root: &Path, package: &str) -> Result<BTreeSet<String>, String> {
    tree(root, &["--package", package])
}

/// The names of all crates of the workspace's products.
pub fn all_crates(root: &Path) -> Result<BTreeSet<String>, String> {
    tree(root, &["--workspace"])
}

fn tree(root: &Path, which: &[&str]) -> Result<BTreeSet<String>, String> {
    let mut command = cargo(root, &["tree", "--quiet", "--edges", "normal,build"]);
    command.args(["--target", "all", "--prefix", "none", "--format", "{p}"]).args(which);
    let output = command.output().map_err(|error| format!("cannot run cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}
