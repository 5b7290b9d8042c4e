//! The locks of this program, named by the file they guard.

use crate::host::Host;
use crate::token::cache::sha1_hex;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{Lock, LockError};

/// Guards a token's file. Waits on a thread of its own, so that Ctrl-C is heard.
///
/// # Errors
/// Another process has held it for the whole of `wait`.
pub(crate) async fn token(host: &Host, file: &Path, wait: Duration) -> Result<Lock, LockError> {
    let (places, name) = (host.locks.clone(), name("token", file));
    let task = tokio::task::spawn_blocking(move || places.acquire(&name, wait));
    match task.await {
        Ok(result) => result,
        Err(_) => Err(LockError { path: file.to_owned(), waited: wait }),
    }
}

/// The same for who waits on the thread it is on.
///
/// # Errors
/// Another process has held it for the whole of `wait`.
pub(crate) fn token_here(host: &Host, file: &Path, wait: Duration) -> Result<Lock, LockError> {
    host.locks.acquire(&name("token", file), wait)
}

/// Guards one of the user's two files.
///
/// # Errors
/// Another process has held it for the whole of `wait`.
pub(crate) fn config(host: &Host, file: &Path, wait: Duration) -> Result<Lock, LockError> {
    host.locks.acquire(&name("config", file), wait)
}

/// Guards all edits of this home's files and their backups.
///
/// # Errors
/// Another process has held it for the whole of `wait`.
pub(crate) fn edits(host: &Host, wait: Duration) -> Result<Lock, LockError> {
    host.locks.acquire("edits", wait)
}

fn name(kind: &str, file: &Path) -> String {
    format!("{kind}-{}", sha1_hex(&identity(file).to_string_lossy()))
}

/// One file may be spelt in several ways: through a linked home directory, or
/// relative to where one is.
fn identity(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let real = std::fs::canonicalize(parent.unwrap_or(Path::new(".")));
    match (real, file.file_name()) {
        (Ok(real), Some(name)) => real.join(name),
        _ => file.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_lock_however_it_is_spelt() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        let through_link = dir.path().join("link/../link/config");
        assert_eq!(name("config", &through_link), name("config", &real.join("config")));
        assert_ne!(name("config", &real.join("a")), name("config", &real.join("b")));
    }
}
