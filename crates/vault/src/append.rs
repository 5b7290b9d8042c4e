//! Private files that grow by whole lines.

use crate::file::WriteError;
use crate::lines;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file of lines, 0600 from the moment it exists.
///
/// Each call writes once: whoever is killed leaves half of the last line at worst,
/// and the lines of two writers do not mix.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: PathBuf,
}

impl Appender {
    /// Opens the file, which is made if need be, with its directory.
    ///
    /// # Errors
    /// The system's own; it is no plain file.
    pub fn open(path: &Path) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let file = lines::open(path).map_err(failed)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Adds lines, each with its line feed.
    ///
    /// # Errors
    /// The system's own.
    pub fn append(&mut self, lines: &str) -> Result<(), WriteError> {
        let failed = |source| WriteError { path: self.path.clone(), source };
        self.file.write_all(lines.as_bytes()).map_err(failed)
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::disallowed_methods, reason = "tests read what was written")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn lines_are_added_to_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/list.jsonl");
        Appender::open(&path).unwrap().append("one\n").unwrap();
        Appender::open(&path).unwrap().append("two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_leads_elsewhere_is_not_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("list.jsonl"), dir.path().join("other"));
        std::os::unix::fs::symlink(&other, &path).unwrap();
        Appender::open(&path).unwrap_err();
        assert!(!other.exists());
        Appender::open(Path::new("/dev/null")).unwrap_err();
    }
}
