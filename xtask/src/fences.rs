//! The fences of docs/architecture.md: who may know whom, and how long a file may be.

use crate::metadata;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 600;

const OURS: [&str; 6] = [
    "daypass",
    "daypass-awsconfig",
    "daypass-core",
    "daypass-hot",
    "daypass-sandbox",
    "daypass-vault",
];

/// Each crate of ours and those of ours that it may be made of.
const MAY_KNOW: [(&str, &[&str]); 6] = [
    ("daypass-awsconfig", &[]),
    ("daypass-vault", &[]),
    ("daypass-sandbox", &[]),
    ("daypass-hot", &["daypass-awsconfig", "daypass-vault"]),
    ("daypass-core", &["daypass-awsconfig", "daypass-hot", "daypass-vault"]),
    (
        "daypass",
        &["daypass-awsconfig", "daypass-core", "daypass-hot", "daypass-sandbox", "daypass-vault"],
    ),
];

/// One TLS stack and one HTTP stack: ring and rustls, hyper.
const UNWANTED: [&str; 6] =
    ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "reqwest"];

/// What the fast lane has no time for: each of these costs more at the start than all
/// that it does.
const TOO_SLOW: [&str; 8] =
    ["tokio", "clap", "serde", "serde_json", "tracing", "hyper", "rustls", "zbus"];

/// Everything that stands where it must not; empty if all is well.
pub fn breaches(root: &Path) -> Vec<String> {
    let mut breaches = Vec::new();
    for (package, allowed) in MAY_KNOW {
        match metadata::crates_of(root, package) {
            Ok(crates) => breaches.extend(forbidden_edges(package, allowed, &crates)),
            Err(error) => breaches.push(error),
        }
    }
    match metadata::all_crates(root) {
        Ok(crates) => breaches.extend(strangers(&crates)),
        Err(error) => breaches.push(error),
    }
    match metadata::crates_of(root, "daypass-hot") {
        Ok(crates) => breaches.extend(slow_crates(&crates)),
        Err(error) => breaches.push(error),
    }
    breaches.extend(long_files(root));
    breaches
}

fn slow_crates(crates: &BTreeSet<String>) -> Vec<String> {
    let slow = |name: &&String| TOO_SLOW.contains(&name.as_str()) || name.starts_with("aws-");
    crates
        .iter()
        .filter(slow)
        .map(|name| format!("daypass-hot must not depend on {name}"))
        .collect()
}

fn forbidden_edges(package: &str, allowed: &[&str], crates: &BTreeSet<String>) -> Vec<String> {
    OURS.into_iter()
        .filter(|name| *name != package && !allowed.contains(name) && crates.contains(*name))
        .map(|name| format!("{package} must not depend on {name}"))
        .collect()
}

/// Crates nobody wants, and crates of ours that the table above does not know.
fn strangers(crates: &BTreeSet<String>) -> Vec<String> {
    let unwanted = UNWANTED.into_iter().filter(|name| crates.contains(*name));
    let unwanted = unwanted.map(|name| format!("nothing may depend on {name}"));
    let new = crates.iter().filter(|name| name.starts_with("daypass"));
    let new = new.filter(|name| !OURS.contains(&name.as_str()));
    unwanted
        .chain(new.map(|name| format!("say in xtask/src/fences.rs what {name} may know")))
        .collect()
}

fn long_files(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        rust_files(&root.join(folder), &mut files);
    }
    files.sort();
    files.iter().filter_map(|path| too_long(root, path)).collect()
}

fn too_long(root: &Path, path: &Path) -> Option<String> {
    let shown = path.strip_prefix(root).unwrap_or(path).display();
    match std::fs::read_to_string(path).map(|text| text.lines().count()) {
        Ok(lines) if lines > LONGEST_FILE => {
            Some(format!("{shown} has {lines} lines, more than {LONGEST_FILE}"))
        }
        Ok(_) => None,
        Err(error) => Some(format!("{shown}: {error}")),
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_against_the_drawing_is_seen() {
        let crates = ["daypass-vault", "daypass-core", "serde"].map(str::to_owned).into();
        assert_eq!(
            forbidden_edges("daypass-vault", &[], &crates),
            ["daypass-vault must not depend on daypass-core"]
        );
        assert!(forbidden_edges("daypass-core", &["daypass-vault"], &crates).is_empty());
    }

    #[test]
    fn a_slow_crate_in_the_fast_lane_is_seen() {
        let crates = ["daypass-vault", "tokio", "aws-sdk-sso"].map(str::to_owned).into();
        assert_eq!(slow_crates(&crates).len(), 2);
    }

    #[test]
    fn unwanted_and_unknown_crates_are_seen() {
        let crates = ["openssl", "daypass-new", "ring"].map(str::to_owned).into();
        assert_eq!(strangers(&crates).len(), 2);
    }
}
