//! The token as a file: some clients take it in no other form, and read it again
//! each time.

use daypass_core::{Error, Kind, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use vault::{Lock, LockPlaces, Secret};

/// How the directories of token files are called.
const DIRS: &str = "endpoint-";
/// The file's name.
const FILE: &str = "token";
/// Held by the process that a directory belongs to, for as long as it lives.
const ALIVE: &str = "alive";

/// A token file in a directory of this process; both go with this value.
///
/// A process that is killed leaves them behind, with a token that opens nothing any
/// more. The next one to begin removes them: nobody holds their lock.
#[derive(Debug)]
pub struct TokenFile {
    // Before the directory, so that it is let go of first.
    _alive: Lock,
    dir: TempDir,
}

impl TokenFile {
    /// Writes the token, without a line end: SDKs refuse a token that has one. Who
    /// holds a `port` of their own gets a place that is the same each time, for files
    /// that name it.
    ///
    /// # Errors
    /// [`Kind::Store`]: there is no private directory, or no space.
    pub fn write(token: &Secret<String>, port: Option<u16>) -> Result<Self> {
        Self::write_below(&places(), token, port)
    }

    fn write_below(places: &[PathBuf], token: &Secret<String>, port: Option<u16>) -> Result<Self> {
        let mut failed =
            Error::new(Kind::Store, "there is no private directory for the token file");
        for place in places {
            match private(place).and_then(|()| claim(place, port)) {
                Ok(made) => {
                    vault::write_private(&made.path(), token.expose().as_bytes())?;
                    return Ok(made);
                }
                Err(error) => failed = failed.because(format!("`{}`: {error}", place.display())),
            }
        }
        Err(failed)
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(FILE)
    }
}

/// In memory where that is possible, so that no disk keeps the token.
fn places() -> Vec<PathBuf> {
    let mut places = vault::memory_dirs();
    // Where the system has made none, what is called so may be on a disk.
    places.retain(|place| place.parent().is_some_and(in_memory));
    places.push(shared_temporary());
    places
}

#[cfg(target_os = "linux")]
fn in_memory(dir: &Path) -> bool {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    // As wide as the machine's words, and signed on some.
    rustix::fs::statfs(dir)
        .is_ok_and(|fs| [TMPFS, RAMFS].contains(&(fs.f_type as u64 & 0xffff_ffff)))
}

/// There are no such directories elsewhere.
#[cfg(not(target_os = "linux"))]
fn in_memory(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn shared_temporary() -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    std::env::temp_dir().join(format!("daypass-{uid}"))
}

/// The temporary directory is the user's own there.
#[cfg(not(unix))]
fn shared_temporary() -> PathBuf {
    std::env::temp_dir().join("daypass")
}

/// Makes the directory, or sees that the one that is there is ours alone.
fn private(dir: &Path) -> io::Result<()> {
    vault::create_private_dir(dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::symlink_metadata(dir)?;
        let ours = meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw();
        if !(ours && meta.mode().trailing_zeros() >= 6) {
            return Err(io::Error::other("it is another's, or others can enter it"));
        }
    }
    Ok(())
}

/// A directory of our own, and the others' that are nobody's any more removed. Under
/// a lock: one that was just made is nobody's for a moment.
fn claim(place: &Path, port: Option<u16>) -> io::Result<TokenFile> {
    const WAIT: Duration = Duration::from_secs(5);
    let door = LockPlaces::new([place.to_owned()]).acquire("endpoints", WAIT);
    let door = door.map_err(io::Error::other)?;
    if door.is_held() {
        sweep(place);
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let dir = match port {
        Some(port) => {
            builder.prefix(&format!("{DIRS}port-{port}")).rand_bytes(0).tempdir_in(place)?
        }
        None => builder.prefix(&format!("{DIRS}{}-", std::process::id())).tempdir_in(place)?,
    };
    let alive = LockPlaces::new([dir.path().to_owned()]).acquire(ALIVE, Duration::ZERO);
    Ok(TokenFile { _alive: alive.map_err(io::Error::other)?, dir })
}

fn sweep(place: &Path) {
    let Ok(entries) = std::fs::read_dir(place) else { return };
    for dir in entries.flatten().filter(|entry| is_one(&entry.file_name())) {
        let alive = LockPlaces::new([dir.path()]).acquire(ALIVE, Duration::ZERO);
        if alive.is_ok_and(|lock| lock.is_held()) {
            let _ = std::fs::remove_dir_all(dir.path());
        }
    }
}

fn is_one(name: &std::ffi::OsStr) -> bool {
    name.to_string_lossy().starts_with(DIRS)
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests look at what is on the disk")]
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn token() -> Secret<String> {
        Secret::from("a-token")
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn it_is_private_has_no_line_end_and_goes_with_its_owner() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("place");
        let file = TokenFile::write_below(std::slice::from_ref(&place), &token(), None).unwrap();
        let path = file.path();
        assert_eq!(fs::read(&path).unwrap(), b"a-token");
        assert_eq!(
            (mode(&path), mode(path.parent().unwrap()), mode(&place)),
            (0o600, 0o700, 0o700)
        );
        drop(file);
        let left: Vec<_> = fs::read_dir(&place).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["endpoints.lock"]);
    }

    #[test]
    fn what_is_nobody_s_is_swept_and_what_lives_is_not() {
        let root = tempfile::tempdir().unwrap();
        let place = [root.path().join("place")];
        let lives = TokenFile::write_below(&place, &token(), None).unwrap();
        let dead = place[0].join("endpoint-1-killed");
        vault::write_private(&dead.join(FILE), b"old").unwrap();
        let other = place[0].join("key-0");
        vault::write_private(&other, b"not ours").unwrap();
        let _another = TokenFile::write_below(&place, &token(), None).unwrap();
        assert!(!dead.exists());
        assert!(lives.path().exists() && other.exists());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_on_no_memory_is_known() {
        assert!(!in_memory(Path::new("/proc")) && !in_memory(Path::new("/no/such/directory")));
        let shm = Path::new("/dev/shm");
        assert_eq!(in_memory(shm), shm.is_dir());
    }

    #[test]
    fn a_port_of_one_s_own_has_the_same_place_each_time() {
        let root = tempfile::tempdir().unwrap();
        let place = [root.path().join("place")];
        let path = TokenFile::write_below(&place, &token(), Some(4000)).unwrap().path();
        assert!(path.ends_with("endpoint-port-4000/token") && !path.exists());
        let again = TokenFile::write_below(&place, &token(), Some(4000)).unwrap();
        assert_eq!(again.path(), path);
        // Another's would be a token that does not fit.
        TokenFile::write_below(&place, &token(), Some(4000)).unwrap_err();
        assert!(again.path().exists());
    }

    #[test]
    fn a_directory_that_others_can_enter_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let (open, ours) = (root.path().join("open"), root.path().join("ours"));
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o711)).unwrap();
        let link = root.path().join("link");
        std::os::unix::fs::symlink(&open, &link).unwrap();
        let places = [open, link, ours.clone()];
        let file = TokenFile::write_below(&places, &token(), None).unwrap();
        assert!(file.path().starts_with(&ours));
        let error = TokenFile::write_below(&places[..2], &token(), None).unwrap_err();
        assert_eq!((error.kind(), error.causes().len()), (Kind::Store, 2));
    }
}
