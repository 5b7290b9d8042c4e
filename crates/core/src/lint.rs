//! What in the two files is wrong, or is read in two ways: line by line, with the
//! programs that disagree and what mends it.
//!
//! Which program does what was measured, file by file, with the clients themselves; a
//! test asks some of them again. Nothing of a value is repeated that may be a secret.

mod keys;
mod profiles;
mod texts;
mod values;

use crate::files::{self, place};
use crate::host::Host;
use awsconfig::{FileKind, Parsed};
use std::path::Path;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Programs refuse the file, or the profile cannot give credentials.
    Error,
    /// Programs read it in different ways.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// In small letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as people know it.
    pub file: String,
    /// Counted from 1; 0 is the file as a whole.
    pub line: usize,
    /// How bad it is.
    pub severity: Severity,
    /// The rule's name, which stays the same.
    pub rule: &'static str,
    /// What is there.
    pub message: String,
    /// Which programs do what with it.
    pub programs: &'static str,
    /// What mends it.
    pub mend: String,
}

/// One of the two files, as far as it can be read.
pub(crate) struct Source {
    kind: FileKind,
    shown: String,
    text: String,
    /// None where botocore refuses it.
    parsed: Option<Parsed>,
}

/// What a rule has to say, before it is known where.
struct Verdict {
    severity: Severity,
    rule: &'static str,
    message: String,
    programs: &'static str,
    mend: String,
}

impl Verdict {
    fn new(
        severity: Severity,
        rule: &'static str,
        message: impl Into<String>,
        programs: &'static str,
        mend: impl Into<String>,
    ) -> Self {
        Self { severity, rule, message: message.into(), programs, mend: mend.into() }
    }

    fn at(self, source: &Source, line: usize) -> Finding {
        let Self { severity, rule, message, programs, mend } = self;
        Finding { file: source.shown.clone(), line, severity, rule, message, programs, mend }
    }
}

/// Looks at both files; what is found first in a file comes first.
pub fn lint(host: &Host) -> Vec<Finding> {
    let mut findings = Vec::new();
    let [config, credentials] = [FileKind::Config, FileKind::Credentials].map(|kind| {
        let (path, shown) = place(host, kind);
        load(kind, &path, &shown, &mut findings)
    });
    for source in [&config, &credentials].into_iter().flatten() {
        texts::look(source, &mut findings);
        values::look(source, &mut findings);
        keys::look(source, &mut findings);
    }
    profiles::look(config.as_ref(), credentials.as_ref(), &mut findings);
    let order = |finding: &Finding| {
        let second = config.as_ref().is_none_or(|config| config.shown != finding.file);
        (second, finding.line, finding.severity)
    };
    findings.sort_by_key(order);
    findings.dedup();
    findings
}

fn load(kind: FileKind, path: &Path, shown: &str, found: &mut Vec<Finding>) -> Option<Source> {
    let source = |text: String| {
        let parsed = awsconfig::parse(kind, &text).ok();
        Source { kind, shown: shown.to_owned(), text, parsed }
    };
    match files::read_if_there(path, shown) {
        Ok(text) => {
            let source = source(text?);
            found.extend(open_to_others(&source, path));
            Some(source)
        }
        Err(error) => {
            let verdict = Verdict::new(
                Severity::Error,
                "unreadable",
                error.to_string(),
                "no program reads it",
                error.next_step().unwrap_or("see what the file is").to_owned(),
            );
            found.push(verdict.at(&source(String::new()), 0));
            None
        }
    }
}

/// A file with keys in it that others can read.
#[cfg(unix)]
fn open_to_others(source: &Source, path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let keys = source.text.contains("aws_secret_access_key");
    (mode & 0o077 != 0 && keys).then(|| {
        let message = format!("it has secret keys, and others can read it ({:o})", mode & 0o777);
        let mend = format!("chmod 600 {}", source.shown);
        Verdict::new(Severity::Warning, "open-to-others", message, "no program minds", mend)
            .at(source, 0)
    })
}

#[cfg(not(unix))]
fn open_to_others(_: &Source, _: &Path) -> Option<Finding> {
    None
}

#[cfg(test)]
mod tests;
