//! The steps of `cargo xtask test`, in order, each announced in one line.

use crate::tally::Counts;
use crate::{fences, peers, tally};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// How much is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Cargo's part only.
    Fast,
    /// The real clients too.
    Whole,
}

/// What has come of the steps so far.
#[derive(Default)]
struct Report {
    counts: Counts,
    failures: Vec<String>,
    skips: Vec<String>,
}

pub fn test(root: &Path, extent: Extent) -> ExitCode {
    let mut report = Report::default();
    report.check(root, "cargo fmt", &["fmt", "--all", "--check"]);
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    report.check(root, "cargo clippy", &lints);
    report.cargo_tests(root);
    report.fences(root);
    match extent {
        Extent::Whole => report.peers(root, &[]),
        Extent::Fast => report.skip("tests with real clients: --fast was given".to_owned()),
    }
    report.close()
}

pub fn only_peers(root: &Path, arguments: &[&str]) -> ExitCode {
    let mut report = Report::default();
    report.peers(root, arguments);
    report.close()
}

/// No client runs: the table is made from what the latest run left behind.
pub fn write_table(root: &Path) -> ExitCode {
    let mut report = Report::default();
    if let Some(installed) = report.installed(root) {
        announce("docs/compatibility.md: the table of clients");
        let status = installed.table(root, "--write").status();
        report.settle("the table", status.is_ok_and(|status| status.success()));
    }
    report.close()
}

/// The storms of the tests in another size, one after the other, with what each took.
pub fn storm(root: &Path, size: &str) -> ExitCode {
    let mut report = Report::default();
    let arguments = [
        "test",
        "--package",
        "daypass",
        "--test",
        "storm",
        "--",
        "--nocapture",
        "--test-threads=1",
    ];
    announce(&format!("STORM={size} cargo {}", arguments.join(" ")));
    let mut command = cargo(root, &arguments);
    command.env("STORM", size);
    report.runner("the storms", &mut command, Counts::of_cargo_line);
    report.close()
}

pub fn only_fences(root: &Path) -> ExitCode {
    let mut report = Report::default();
    report.fences(root);
    report.close()
}

impl Report {
    /// A step that passes or fails as a whole.
    fn check(&mut self, root: &Path, name: &str, arguments: &[&str]) {
        announce(&format!("cargo {}", arguments.join(" ")));
        let status = cargo(root, arguments).status();
        self.settle(name, status.is_ok_and(|status| status.success()));
    }

    fn cargo_tests(&mut self, root: &Path) {
        let arguments = ["test", "--workspace", "--no-fail-fast"];
        announce(&format!("cargo {}", arguments.join(" ")));
        let mut command = cargo(root, &arguments);
        self.runner("cargo test", &mut command, Counts::of_cargo_line);
    }

    fn fences(&mut self, root: &Path) {
        announce("fences: crate edges and file lengths");
        let breaches = fences::breaches(root);
        for breach in &breaches {
            println!("    {breach}");
        }
        self.settle("fences", breaches.is_empty());
    }

    fn peers(&mut self, root: &Path, arguments: &[&str]) {
        announce("peers: building daypass");
        let built = cargo(root, &["build", "--package", "daypass"]).status();
        if !built.is_ok_and(|status| status.success()) {
            return self.settle("cargo build", false);
        }
        let Some(installed) = self.installed(root) else { return };
        if let Some(reason) = installed.without_browser() {
            self.skip(format!("tests in a browser: {reason}"));
        }
        announce("pytest tests/peers");
        let mut command = installed.pytest(root, arguments);
        self.runner("pytest", &mut command, Counts::of_pytest_line);
        announce("docs/compatibility.md: the table says what the clients did");
        let status = installed.table(root, "--check").status();
        self.settle("the table in docs/compatibility.md", status.is_ok_and(|s| s.success()));
    }

    fn installed(&mut self, root: &Path) -> Option<peers::Installed> {
        announce("peers: installing real clients below target/peers");
        match peers::install(&crate::metadata::target_dir(root), root) {
            Ok(installed) => Some(installed),
            Err(reason) => {
                self.skip(format!("tests with real clients: {reason}"));
                None
            }
        }
    }

    /// Runs a test runner, shows what it says and counts along.
    fn runner(
        &mut self,
        name: &str,
        command: &mut Command,
        count: impl Fn(&str) -> Option<Counts>,
    ) {
        let mut counted = Counts::default();
        let mut ignored = Vec::new();
        let well = show_and_read(command, |line| {
            if let Some(more) = count(line) {
                counted.add(more);
            }
            ignored.extend(tally::ignored(line));
        });
        self.skips.append(&mut ignored);
        // A runner that broke off before it could count is a failure all the same.
        if !well && counted.failed == 0 {
            counted.failed = 1;
        }
        self.counts.add(counted);
        if !well {
            self.failures.push(name.to_owned());
        }
    }

    fn settle(&mut self, name: &str, passed: bool) {
        self.counts.add(Counts::one(passed));
        if !passed {
            self.failures.push(name.to_owned());
        }
    }

    /// On CI nobody reads the closing lines, so there a skip is a failure.
    fn skip(&mut self, what: String) {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        println!("SKIPPED: {what}");
        match ci {
            true => {
                self.counts.failed += 1;
                self.failures.push(format!("skipped, which CI does not allow: {what}"));
            }
            false => {
                self.counts.skipped += 1;
                self.skips.push(what);
            }
        }
    }

    fn close(&self) -> ExitCode {
        println!();
        for what in &self.skips {
            println!("SKIPPED: {what}");
        }
        for what in &self.failures {
            println!("FAILED: {what}");
        }
        let Counts { passed, failed, skipped } = self.counts;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 && self.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn announce(step: &str) {
    println!("==> {step}");
}

/// The cargo that runs us, at the repository's root.
pub fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root).args(arguments);
    command
}

/// Hands standard output through, line by line; whether the command ended well.
fn show_and_read(command: &mut Command, mut see: impl FnMut(&str)) -> bool {
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("cannot run {command:?}: {error}");
            return false;
        }
    };
    let stdout = child.stdout.take().map(BufReader::new);
    for line in stdout.into_iter().flat_map(|stdout| stdout.split(b'\n')).map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(line.trim_end());
    }
    child.wait().is_ok_and(|status| status.success())
}
