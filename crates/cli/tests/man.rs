//! The manual pages, read by the programs that people read them with.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::Machine;
use std::path::PathBuf;
use std::process::Command;

fn pages(machine: &Machine) -> Vec<PathBuf> {
    machine.daypass("man --dir man").must_be(0);
    let entries = std::fs::read_dir(machine.home().join("man")).expect("pages");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a page").path()).collect();
    paths.sort();
    paths
}

fn is_here(program: &str) -> bool {
    ["/usr/bin", "/bin"].iter().any(|dir| PathBuf::from(dir).join(program).exists())
}

#[test]
fn every_page_has_a_title_a_name_and_a_purpose() {
    let machine = Machine::new();
    let pages = pages(&machine);
    assert!(pages.len() > 40, "{pages:?}");
    for path in &pages {
        let text = std::fs::read_to_string(path).expect("a page");
        assert!(text.contains("\n.TH ") || text.starts_with(".TH "), "{}", path.display());
        let name = text.split_once(".SH NAME\n").expect("a name").1;
        let line = name.lines().next().unwrap_or_default();
        assert!(
            line.starts_with("daypass") && line.contains(" \\- "),
            "{}: {line}",
            path.display()
        );
    }
}

#[test]
fn mandoc_finds_no_error_in_any() {
    if !is_here("mandoc") {
        return;
    }
    let machine = Machine::new();
    let pages = pages(&machine);
    let output = Command::new("mandoc").args(["-Tlint", "-Werror"]).args(&pages).output();
    let output = output.expect("mandoc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn man_shows_them_at_80_columns() {
    if !is_here("man") {
        return;
    }
    let machine = Machine::new();
    let pages = pages(&machine);
    for name in ["daypass-exec.1", "daypass-guide.7"] {
        let path = pages.iter().find(|path| path.ends_with(name)).expect("a page");
        let mut command = machine.command("man");
        command.env("MANWIDTH", "80").env("MAN_KEEP_FORMATTING", "").arg(path);
        let output = command.output().expect("man runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.contains("minimized") {
            // A container's `man` that shows nothing.
            return;
        }
        assert!(output.status.success(), "{output:?}");
        assert!(text.contains("NAME"), "{text}");
        assert!(text.contains("daypass"), "{text}");
    }
}
