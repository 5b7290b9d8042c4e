//! Private, atomic files.
//!
//! A file is written beside its target, synced, and renamed over it: readers see
//! the old bytes or the new ones, never half of either, and a crash or a full
//! disk leaves the old ones.
#![expect(clippy::disallowed_methods, reason = "this is the one place that writes files")]

use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// A file could not be written. The old content, if any, is untouched.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{path}`: {source}")]
pub struct WriteError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// How the names of staged replacements begin.
const STAGED: &str = ".daypass-";

/// Nobody stages a file for so long: its process was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Who may read the file afterwards.
#[derive(Clone, Copy)]
enum Mode {
    /// 0600, whatever an older file at this place had.
    Private,
    /// That of the older file; 0600 for a new one.
    Kept,
}

/// A replacement that is ready to be committed.
///
/// The space is already taken on disk when [`Pending::reserve`] returns, so that
/// a value that exists once (a refreshed token) is not lost to a full disk
/// between being fetched and being written. Dropping it changes nothing.
#[derive(Debug)]
pub struct Pending {
    staged: NamedTempFile,
    target: PathBuf,
}

impl Pending {
    /// Stages a private (0600) replacement for `path` with room for `bytes`
    /// bytes. Missing parent directories are made, 0700. A symbolic link at
    /// `path` is followed and stays a link.
    pub fn reserve(path: &Path, bytes: usize) -> Result<Self, WriteError> {
        Self::stage(path, bytes, Mode::Private)
    }

    fn stage(path: &Path, bytes: usize, mode: Mode) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let target = follow_links(path).map_err(failed)?;
        let parent = parent_of(&target);
        create_private_dir(&parent).map_err(failed)?;
        sweep_staged(&parent, ABANDONED);
        let mut staged = NamedTempFile::with_prefix_in(STAGED, &parent).map_err(failed)?;
        crate::owner::hand_over(staged.as_file(), &target, &parent).map_err(failed)?;
        if let (Mode::Kept, Ok(old)) = (mode, fs::metadata(&target)) {
            staged.as_file().set_permissions(old.permissions()).map_err(failed)?;
        }
        crate::steps::reached();
        fill(&mut staged, bytes).map_err(failed)?;
        crate::steps::reached();
        Ok(Self { staged, target })
    }

    /// Replaces the target by `content`, durably: the bytes and then the name
    /// are on disk when this returns.
    pub fn commit(mut self, content: &[u8]) -> Result<(), WriteError> {
        let target = self.target.clone();
        let failed = |source| WriteError { path: target.clone(), source };
        overwrite(&mut self.staged, content).map_err(failed)?;
        crate::steps::reached();
        self.staged.persist(&target).map_err(|e| failed(e.error))?;
        crate::steps::reached();
        sync_dir(&parent_of(&target));
        Ok(())
    }
}

/// Replaces `path` by `content`, 0600, atomically and durably.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    Pending::stage(path, content.len(), Mode::Private)?.commit(content)
}

/// The content of a small private file; `None` where there is none.
///
/// # Errors
/// The system's own.
pub fn read_private(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces a person's text file by `content`, atomically and durably: links
/// stay links, an existing file keeps its mode, a new one is 0600.
pub fn replace_text(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    Pending::stage(path, content.len(), Mode::Kept)?.commit(content)
}

/// Makes a directory and its missing parents, 0700. Existing ones keep theirs. What
/// root makes in another's home directory belongs to that other.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent_of(dir);
    if parent != dir {
        create_private_dir(&parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        // Another process was quicker.
        Err(_) if dir.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(io::ErrorKind::NotADirectory.into())
        }
        Err(error) => Err(error),
        Ok(()) => crate::owner::hand_over(&fs::File::open(dir)?, dir, &parent),
    }
}

/// Removes replacements in `dir` that were staged at least `age` ago and never
/// committed: a process that is killed leaves its own, perhaps with a token in it.
pub fn sweep_staged(dir: &Path, age: Duration) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let staged = entry.file_name().to_string_lossy().starts_with(STAGED);
        let old = |meta: fs::Metadata| {
            meta.is_file()
                && meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|past| past >= age))
        };
        if staged && entry.metadata().is_ok_and(old) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Where a write to `path` must really go: dotfile managers keep `~/.aws/config`
/// as a link, and a rename over the link would cut it. A dangling link leads to
/// the file it names; a loop is an error.
pub fn follow_links(path: &Path) -> io::Result<PathBuf> {
    const DEPTH: usize = 40;
    let mut current = path.to_owned();
    for _ in 0..DEPTH {
        match fs::read_link(&current) {
            Ok(next) => current = parent_of(&current).join(next),
            Err(_) => return Ok(current),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

pub(crate) fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn fill(staged: &mut NamedTempFile, bytes: usize) -> io::Result<()> {
    const BLANK: [u8; 4096] = [b' '; 4096];
    let mut left = bytes;
    while left > 0 {
        let step = left.min(BLANK.len());
        staged.write_all(&BLANK[..step])?;
        left -= step;
    }
    staged.as_file().sync_data()
}

fn overwrite(staged: &mut NamedTempFile, content: &[u8]) -> io::Result<()> {
    staged.seek(SeekFrom::Start(0))?;
    staged.write_all(content)?;
    staged.as_file().set_len(content.len() as u64)?;
    staged.as_file().sync_all()
}

/// Best effort: some file systems refuse to sync a directory, and the file's
/// own bytes are safe already.
fn sync_dir(dir: &Path) {
    if let Ok(handle) = fs::File::open(dir) {
        let _ = handle.sync_all();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_private_file_is_0600_even_over_a_looser_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/token.json");
        write_private(&path, b"one").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o600, b"two".to_vec()));
    }

    #[test]
    fn a_text_file_keeps_its_mode_and_its_link() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("dotfiles-config");
        let link = dir.path().join("config");
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("dotfiles-config", &link).unwrap();
        replace_text(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(mode(&real), 0o640);
    }

    #[test]
    fn a_dangling_link_makes_the_file_it_names() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("config");
        symlink("elsewhere/config", &link).unwrap();
        replace_text(&link, b"new").unwrap();
        assert_eq!(fs::read(dir.path().join("elsewhere/config")).unwrap(), b"new");
    }

    #[test]
    fn a_loop_of_links_is_an_error_and_not_a_hang() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("config");
        symlink("config", &link).unwrap();
        let error = replace_text(&link, b"new").unwrap_err();
        assert!(error.to_string().contains("symbolic links"), "{error}");
    }

    #[test]
    fn a_reservation_that_is_dropped_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token.json");
        write_private(&path, b"old").unwrap();
        drop(Pending::reserve(&path, 100_000).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_commit_shorter_than_its_reservation_leaves_no_padding() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token.json");
        Pending::reserve(&path, 100_000).unwrap().commit(b"short").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn a_full_disk_is_met_at_the_reservation() {
        let error = Pending::reserve(Path::new("/dev/full/token.json"), 1).unwrap_err();
        assert!(error.to_string().contains("/dev/full/token.json"), "{error}");
    }

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (left, other) = (dir.path().join(".daypass-Xy12ab"), dir.path().join("token.json"));
        fs::write(&left, "secret").unwrap();
        fs::write(&other, "{}").unwrap();
        sweep_staged(dir.path(), Duration::from_secs(60));
        assert!(left.exists(), "it may be in use");
        sweep_staged(dir.path(), Duration::ZERO);
        assert!(!left.exists() && other.exists());
    }

    #[test]
    fn what_root_writes_in_another_s_home_belongs_to_that_other() {
        if !rustix::process::geteuid().is_root() {
            // Only root can give files away; others have nothing to hand over.
            return;
        }
        use std::os::unix::fs::MetadataExt;
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(home.path(), Some(12345), Some(12345)).unwrap();
        let file = home.path().join(".aws/sso/cache/token.json");
        write_private(&file, b"{}").unwrap();
        for path in [file.as_path(), file.parent().unwrap(), &home.path().join(".aws")] {
            let meta = fs::metadata(path).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (12345, 12345), "{}", path.display());
        }
    }
}
