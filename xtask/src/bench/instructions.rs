//! How many instructions the cached path takes: the same on a busy machine as on an
//! idle one, so growth can be told.

use super::world::Home;
use crate::peers::{read, write};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// The counts that are kept, next to this file.
const KEPT: &str = "xtask/src/bench/instructions.txt";

const HEAD: &str = "\
# Instructions of a cached `daypass credential-process`, the start of the process
# included, by callgrind: the no-op process, then homes with so many profiles.
# Written by `cargo xtask bench --instructions`, checked with `--check`.
";

/// A compiler or a C library of another version moves them a little.
const GROWTH_PERCENT: u64 = 5;

/// A name and its instructions.
pub type Count = (String, u64);

/// Counts the no-op process and each home.
pub fn count(noop: &Path, homes: &[(usize, Home)]) -> Result<Vec<Count>, String> {
    let floor = instructions(&Command::new(noop))?;
    let mut counts = vec![("no-op".to_owned(), floor)];
    for (profiles, home) in homes {
        counts.push((profiles.to_string(), instructions(&home.credential_process())?));
    }
    Ok(counts)
}

/// Writes the counts down.
pub fn keep(root: &Path, counts: &[Count]) -> Result<(), String> {
    let mut text = HEAD.to_owned();
    for (name, count) in counts {
        let _ = writeln!(text, "{name} {count}");
    }
    write(&root.join(KEPT), &text)
}

/// What has grown since they were written down; empty if nothing has.
pub fn growth(root: &Path, counts: &[Count]) -> Result<Vec<String>, String> {
    Ok(compare(&parse(&read(&root.join(KEPT))?), counts))
}

/// Above the no-op process: what the C library does at its start is not ours.
fn compare(kept: &[Count], counts: &[Count]) -> Vec<String> {
    let above = |counts: &[Count], wanted: &str| {
        let of = |wanted: &str| counts.iter().find(|(name, _)| name == wanted).map(|(_, n)| *n);
        Some(of(wanted)?.saturating_sub(of("no-op")?))
    };
    let names = counts.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "no-op");
    let complaint = |name: &str| match (above(kept, name), above(counts, name)) {
        (Some(old), Some(new)) if new * 100 > old * (100 + GROWTH_PERCENT) => {
            Some(format!("{name} profiles: {new} instructions above a no-op, {old} are kept"))
        }
        (None, _) => Some(format!("{name} profiles: no count is kept")),
        _ => None,
    };
    names.filter_map(complaint).collect()
}

fn parse(text: &str) -> Vec<Count> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    lines.filter_map(pair).collect()
}

fn instructions(command: &Command) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(command.get_program()).args(command.get_args()).env_clear();
    valgrind.env("PATH", "/usr/bin:/bin");
    valgrind.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = super::world::well(&mut valgrind)?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said).ok_or_else(|| format!("callgrind said no count: {}", said.trim()))
}

/// `==123== Collected : 456`
fn collected(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("Collected : ")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(floor: u64, ten: u64) -> Vec<Count> {
        vec![("no-op".into(), floor), ("10".into(), ten)]
    }

    #[test]
    fn growth_is_counted_above_the_floor() {
        let kept = parse("# head\nno-op 1000\n10 2000\n");
        assert_eq!(kept, counts(1000, 2000));
        assert!(compare(&kept, &counts(1500, 2550)).is_empty());
        assert!(compare(&kept, &counts(1000, 1500)).is_empty());
        assert_eq!(compare(&kept, &counts(1000, 2051)).len(), 1);
        assert_eq!(compare(&[], &counts(1000, 2000)), ["10 profiles: no count is kept"]);
    }

    #[test]
    fn the_count_is_read_off() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("nothing"), None);
    }
}
