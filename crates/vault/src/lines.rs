//! A private file that many processes add lines to, each line whole.
#![expect(clippy::disallowed_methods, reason = "this is the one place that appends to files")]

use crate::file::{create_private_dir, parent_of};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Adds `line`, which ends in a line feed, to a file that is 0600 from the moment it
/// exists. One write under `O_APPEND`: lines of several processes never mix.
///
/// A file of `most` bytes or more is first moved aside, in place of an older one: see
/// [`older`]. So two times `most` is all that it ever takes, and a line.
///
/// # Errors
/// The system's own. The line may then be there in part.
pub fn append_line(path: &Path, line: &[u8], most: u64) -> io::Result<()> {
    let mut file = open(path)?;
    let length = file.metadata()?.len();
    if length > 0 && length >= most && move_aside(&file, path) {
        file = open(path)?;
    }
    match file.write(line)? {
        written if written == line.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// Where a full file is moved to: `audit.jsonl` to `audit.1.jsonl`.
pub fn older(path: &Path) -> PathBuf {
    let ending = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_extension(format!("1.{ending}"))
}

/// Opens a file to add to, which is made if need be, with its directory: a plain one,
/// and of whoever has the directory.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = open_any(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if meta.len() == 0 {
        // The file itself is no model: root has just made it.
        let parent = parent_of(path);
        crate::owner::hand_over(&file, &parent, &parent)?;
    }
    Ok(file)
}

fn open_any(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A pipe that somebody has put here must not hold us up.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        options.mode(0o600).custom_flags(flags.bits() as i32);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_private_dir(&parent_of(path))?;
            options.open(path)
        }
        other => other,
    }
}

/// Of all processes that find the file full, one moves it. Those that have it open go
/// on writing to it where it is then.
fn move_aside(file: &File, path: &Path) -> bool {
    if file.try_lock().is_err() || !is_still(file, path) {
        return false;
    }
    fs::rename(path, older(path)).is_ok()
}

/// Whether the name still leads to this very file.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => id(ours) == id(theirs),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_is_private_from_the_start_and_so_is_its_directory() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/audit.jsonl");
        append_line(&path, b"one\n", 100).unwrap();
        append_line(&path, b"two\n", 100).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_root_makes_belongs_to_whoever_has_the_directory() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let home = tempfile::tempdir().unwrap();
        if chown(home.path(), Some(4711), Some(4711)).is_err() {
            return;
        }
        let path = home.path().join("audit.jsonl");
        append_line(&path, b"one\n", 100).unwrap();
        let meta = fs::metadata(&path).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (4711, 4711));
    }

    #[test]
    fn a_full_file_is_moved_aside_once() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("audit.jsonl");
        for n in 0..10 {
            append_line(&path, format!("line {n}\n").as_bytes(), 20).unwrap();
        }
        assert_eq!(fs::read(older(&path)).unwrap(), b"line 6\nline 7\nline 8\n");
        assert_eq!(fs::read(&path).unwrap(), b"line 9\n");
        assert!(older(&path).ends_with("audit.1.jsonl"));
    }

    #[test]
    fn many_at_once_write_whole_lines_and_lose_none() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("audit.jsonl");
        std::thread::scope(|scope| {
            for n in 0..8u8 {
                let path = &path;
                scope.spawn(move || {
                    let line = [vec![b'a' + n; 200], vec![b'\n']].concat();
                    (0..50).for_each(|_| append_line(path, &line, 60_000).unwrap());
                });
            }
        });
        let text = [fs::read(older(&path)).unwrap(), fs::read(&path).unwrap()].concat();
        let lines: Vec<_> = text.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 400);
        assert!(lines.iter().all(|line| line.len() == 200 && line.iter().all(|b| *b == line[0])));
    }

    #[test]
    fn what_is_no_plain_file_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("audit.jsonl");
        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        append_line(&path, b"x\n", 100).unwrap_err();
        assert!(!home.path().join("elsewhere").exists());
        append_line(Path::new("/dev/null"), b"x\n", 100).unwrap_err();
    }
}
