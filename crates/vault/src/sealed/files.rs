//! Record files by their place in the directory: read, listed, removed.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads sealed files")]

use super::record::{MAX_FILE, Tag};
use crate::key::{from_hex, to_hex};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".sealed";
/// How [`crate::Pending`] calls what it has not committed yet.
const STAGED: &str = ".daypass-";

/// What is found in the directory.
pub(super) enum Found {
    /// The file of a record.
    Record(Tag, PathBuf),
    /// What a killed writer left behind, or a running one is writing.
    Staged(PathBuf),
}

/// Where a record lives.
pub(super) fn path_of(dir: &Path, tag: Tag) -> PathBuf {
    dir.join(to_hex(&tag.0) + SUFFIX)
}

/// The bytes of a file, at most one more than a record may have. `None` where
/// there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut bytes = Vec::with_capacity(4096);
    match file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        // Something that is no file stands in the place: it is no record.
        Err(e) if e.kind() == io::ErrorKind::IsADirectory => Ok(Some(Vec::new())),
        Err(e) => Err(e),
    }
}

/// Removes a file; `false` where there was none.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Everything of ours in the directory; nothing where there is no directory.
pub(super) fn list(dir: &Path) -> io::Result<Vec<Found>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        found.extend(entry.file_name().to_str().and_then(|name| recognise(name, entry.path())));
    }
    Ok(found)
}

fn recognise(name: &str, path: PathBuf) -> Option<Found> {
    if name.starts_with(STAGED) {
        return Some(Found::Staged(path));
    }
    let tag = from_hex(name.strip_suffix(SUFFIX)?)?;
    Some(Found::Record(Tag(tag), path))
}

/// When a file was last written, in seconds since 1970; 0 if nobody knows.
pub(super) fn written_at(path: &Path) -> u64 {
    let modified = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    let since = modified.ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_secs())
}
