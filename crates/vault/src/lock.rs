//! A lock between processes, dropped by the kernel when its holder dies.
#![expect(clippy::disallowed_methods, reason = "lock files are opened here and never hold content")]

use crate::file::create_private_dir;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where lock files may live, best place first.
///
/// Every process must try the same places in the same order, or two of them
/// would lock different files. A place that cannot lock (a home directory on
/// NFS that answers ENOLCK, a read-only one) is passed over by all alike.
#[derive(Debug, Clone)]
pub struct LockPlaces(Vec<PathBuf>);

/// Another process held the lock for the whole of the time allowed.
#[derive(Debug, thiserror::Error)]
#[error("another process has held `{path}` for {}", seconds(.waited))]
pub struct LockError {
    /// The lock file: `lsof` or `fuser` on it names the holder.
    pub path: PathBuf,
    /// How long this process waited.
    pub waited: Duration,
}

fn seconds(waited: &Duration) -> String {
    format!("{:.0} seconds", waited.as_secs_f64())
}

/// A held lock; released when dropped, or by the kernel when the process ends
/// in any way.
#[derive(Debug)]
#[must_use = "the lock is held only as long as this value lives"]
pub struct Lock(Option<File>);

impl Lock {
    /// Whether a lock is really held. It is not where no place could lock: work
    /// goes on then, since an unlockable machine must not be an unusable one.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }
}

impl LockPlaces {
    /// The places to try, best first. Missing directories are made, 0700.
    pub fn new(dirs: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(dirs.into_iter().collect())
    }

    /// The places for this user: the given state directory, then the runtime
    /// directory the system made for the user, then a private one below the
    /// temporary directory.
    pub fn for_user(state: &Path) -> Self {
        let mut dirs = vec![state.to_owned()];
        #[cfg(unix)]
        {
            let uid = rustix::process::getuid().as_raw();
            dirs.push(PathBuf::from(format!("/run/user/{uid}/daypass")));
            dirs.push(PathBuf::from(format!("/tmp/daypass-{uid}")));
        }
        Self(dirs)
    }

    /// Takes the lock `name`, waiting up to `wait` for another holder.
    ///
    /// # Errors
    /// [`LockError`] when the time is over. A machine on which nothing can be
    /// locked is not an error: see [`Lock::is_held`].
    pub fn acquire(&self, name: &str, wait: Duration) -> Result<Lock, LockError> {
        for dir in &self.0 {
            let path = dir.join(format!("{name}.lock"));
            let Ok(file) = open(dir, &path) else { continue };
            match wait_for(&file, wait) {
                Ok(()) => return Ok(Lock(Some(file))),
                Err(TryLockError::WouldBlock) => return Err(LockError { path, waited: wait }),
                Err(TryLockError::Error(_)) => {}
            }
        }
        Ok(Lock(None))
    }
}

fn open(dir: &Path, path: &Path) -> io::Result<File> {
    create_private_dir(dir)?;
    refuse_foreign(dir)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// In a shared `/tmp` somebody else may have made the directory first.
#[cfg(unix)]
fn refuse_foreign(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::symlink_metadata(dir)?;
    let shared = dir.starts_with("/tmp");
    let ours = meta.is_dir() && meta.uid() == rustix::process::getuid().as_raw();
    if shared && !(ours && meta.mode().trailing_zeros() >= 6) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_foreign(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Polls, since the blocking call of the platforms has no deadline. The steps
/// grow, so that two hundred waiters do not keep the machine busy.
fn wait_for(file: &File, wait: Duration) -> Result<(), TryLockError> {
    let deadline = Instant::now() + wait;
    let mut step = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(step.min(deadline.saturating_duration_since(Instant::now())));
                step = (step * 2).min(Duration::from_millis(25));
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let places = LockPlaces::new([dir.path().join("locks")]);
        let first = places.acquire("refresh", Duration::ZERO).unwrap();
        assert!(first.is_held());
        let refused = places.acquire("refresh", Duration::ZERO).unwrap_err();
        assert!(refused.path.ends_with("refresh.lock"));
        let _other_name = places.acquire("config", Duration::ZERO).unwrap();
        drop(first);
        let _second = places.acquire("refresh", Duration::ZERO).unwrap();
    }

    #[test]
    fn a_place_that_cannot_lock_is_passed_over_by_all_alike() {
        let dir = tempfile::tempdir().unwrap();
        let unusable = dir.path().join("a-file");
        std::fs::write(&unusable, "").unwrap();
        let places = LockPlaces::new([unusable, dir.path().join("good")]);
        let first = places.acquire("refresh", Duration::ZERO).unwrap();
        assert!(first.is_held());
        places.acquire("refresh", Duration::ZERO).unwrap_err();
    }

    #[test]
    fn where_nothing_can_lock_work_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let unusable = dir.path().join("a-file");
        std::fs::write(&unusable, "").unwrap();
        let lock = LockPlaces::new([unusable]).acquire("refresh", Duration::ZERO).unwrap();
        assert!(!lock.is_held());
    }

    #[cfg(unix)]
    #[test]
    fn a_shared_directory_that_others_can_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let lock = LockPlaces::new([dir.path().to_owned()]).acquire("x", Duration::ZERO).unwrap();
        assert!(!lock.is_held());
    }
}
