//! Private files that grow by whole lines.
#![expect(clippy::disallowed_methods, reason = "this is the one place that appends to files")]

use crate::file::{WriteError, create_private_dir, parent_of};
use std::fs::{File, OpenOptions};
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
    /// The system's own.
    pub fn open(path: &Path) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let parent = parent_of(path);
        create_private_dir(&parent).map_err(failed)?;
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        if is_new {
            crate::owner::hand_over(&file, &parent, &parent).map_err(failed)?;
        }
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
}
