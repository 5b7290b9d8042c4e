//! What passed, failed and was skipped, read off the closing lines of test runners.

/// Tests counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    /// One check that is no test runner's: it passed or it failed.
    pub fn one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; ...`
    pub fn of_cargo_line(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("test result: ")?;
        Some(Self {
            passed: before(rest, &["passed"]),
            failed: before(rest, &["failed"]),
            skipped: before(rest, &["ignored"]),
        })
    }

    /// `1 failed, 130 passed, 2 skipped in 93.21s (0:01:33)`, with or without a
    /// frame of `=`.
    pub fn of_pytest_line(line: &str) -> Option<Self> {
        let line = line.trim_matches(['=', ' ']);
        let counts = Self {
            passed: before(line, &["passed", "xfailed"]),
            failed: before(line, &["failed", "error", "errors", "xpassed"]),
            skipped: before(line, &["skipped"]),
        };
        let begins_with_a_number = line.starts_with(|c: char| c.is_ascii_digit());
        (begins_with_a_number && line.contains(" in ") && counts != Self::default())
            .then_some(counts)
    }
}

/// The sum of the numbers that stand before one of the words.
fn before(text: &str, words: &[&str]) -> u64 {
    let parts: Vec<&str> = text.split([' ', ',', ';', '.']).filter(|p| !p.is_empty()).collect();
    parts
        .windows(2)
        .filter(|pair| words.contains(&pair[1]))
        .filter_map(|pair| pair[0].parse::<u64>().ok())
        .sum()
}

/// The name and the reason of a test that cargo did not run:
/// `test tests::child ... ignored, run by other tests`.
pub fn ignored(line: &str) -> Option<String> {
    let (name, reason) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    let reason = reason.trim_start_matches(", ");
    Some(format!("{name}: {}", if reason.is_empty() { "no reason is given" } else { reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let counts = Counts { passed: 12, failed: 1, skipped: 2 };
        assert_eq!(Counts::of_cargo_line(line), Some(counts));
        assert_eq!(Counts::of_cargo_line("test oidc::pkce::vectors ... ok"), None);

        let line = "=== 1 failed, 130 passed, 2 skipped, 1 error in 93.21s (0:01:33) ===";
        let counts = Counts { passed: 130, failed: 2, skipped: 2 };
        assert_eq!(Counts::of_pytest_line(line), Some(counts));
        assert_eq!(Counts::of_pytest_line("3 passed in 0.10s").map(|c| c.passed), Some(3));
        assert_eq!(Counts::of_pytest_line("tests/peers/test_login.py ..."), None);
        assert_eq!(Counts::of_pytest_line("no tests ran in 0.10s"), None);
    }

    #[test]
    fn an_ignored_test_is_named_with_its_reason() {
        let line = "test tests::child ... ignored, run by other tests";
        assert_eq!(ignored(line).as_deref(), Some("tests::child: run by other tests"));
        assert_eq!(ignored("test tests::what_is_ignored ... ok"), None);
    }
}
