//! What packages are made of: `packaging/`, tried as far as any machine can.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Machine, Outcome};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a line with `$P` for the directory of the recipes.
fn run(machine: &mut Machine, line: &str) -> Outcome {
    machine.set("P", &root().join("packaging").display().to_string());
    machine.set("DAYPASS", env!("CARGO_BIN_EXE_daypass"));
    machine.shell(line)
}

#[test]
fn what_is_assembled_has_pages_and_completions_that_their_shells_accept() {
    let mut machine = Machine::new();
    run(&mut machine, "\"$P/assemble\" \"$DAYPASS\" out && ls out/man/daypass-use.1").must_be(0);
    for (shell, options, file) in [
        ("bash", "-n", "daypass.bash"),
        ("zsh", "-n", "_daypass"),
        ("fish", "--no-execute", "daypass.fish"),
    ] {
        assert!(!machine.read(&format!("~/out/completions/{file}")).is_empty(), "{file}");
        if Path::new("/usr/bin").join(shell).exists() {
            run(&mut machine, &format!("{shell} {options} out/completions/{file}")).must_be(0);
        }
    }
    assert!(machine.read("~/out/completions/daypass.ps1").contains("Register-ArgumentCompleter"));
}

#[test]
fn an_archive_is_what_its_checksum_says() {
    let mut machine = Machine::new();
    let line = "\"$P/archive\" \"$DAYPASS\" x86_64-unknown-linux-musl out && cd out && \
                (sha256sum daypass* || shasum -a 256 daypass*) > SHA256SUMS 2>/dev/null && \
                tar -xzf daypass-*.tar.gz && daypass-*/daypass --version && ls daypass-*/LICENSE-MIT";
    let outcome = run(&mut machine, line).must_be(0);
    assert!(outcome.stdout.starts_with("daypass "), "{outcome:?}");
    let sums = machine.read("~/out/SHA256SUMS");
    assert!(sums.contains("-x86_64-unknown-linux-musl.tar.gz"), "{sums}");
}

#[test]
fn a_formula_has_the_sums_of_its_archives() {
    let mut machine = Machine::new();
    let sum = |sign: char, target| {
        format!("{}  daypass-1.2.3-{target}.tar.gz\n", String::from(sign).repeat(64))
    };
    let sums = [
        sum('a', "aarch64-apple-darwin"),
        sum('b', "x86_64-apple-darwin"),
        sum('c', "aarch64-unknown-linux-musl"),
        sum('d', "x86_64-unknown-linux-musl"),
    ];
    machine.write("~/SHA256SUMS", &sums.concat());
    let line = "\"$P/homebrew/formula\" https://forge.example/o/daypass/releases/download/v1.2.3 1.2.3 SHA256SUMS";
    let formula = run(&mut machine, line).must_be(0).stdout;
    assert!(formula.contains("homepage \"https://forge.example/o/daypass\""), "{formula}");
    for (target, sign) in [("aarch64-apple-darwin", "a"), ("x86_64-unknown-linux-musl", "d")] {
        let url =
            format!("v1.2.3/daypass-1.2.3-{target}.tar.gz\"\n      sha256 \"{}\"", sign.repeat(64));
        assert!(formula.contains(&url), "{formula}");
    }
    machine.write("~/SHA256SUMS", &sums[..3].concat());
    run(&mut machine, line).must_be(1);
}

#[test]
fn actions_are_pinned_to_commits() {
    let path = root().join(".github/workflows/release.yml");
    let text = std::fs::read_to_string(path).expect("the workflow");
    let uses: Vec<&str> = text.lines().filter(|line| line.contains("uses: ")).collect();
    assert!(uses.len() >= 4, "{uses:?}");
    for line in uses {
        let (_, pin) = line.split_once('@').expect("a version");
        let commit = pin.split(' ').next().unwrap_or_default();
        assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{line}");
    }
}
