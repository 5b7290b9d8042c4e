//! Disks that are full and directories that cannot be written.

use super::{Home, name, secret, skipped};
use crate::{Choice, Key, OldKey, SealedStore, Secret, Store, StoreError};
use std::path::Path;
use std::process::Command;

/// A small file system of its own, where the tests run as root.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        if mount(&["-t", "tmpfs", "-o", "size=112k,mode=0700", "none"], disk.0.path()) {
            return Some(disk);
        }
        skipped(&"a small disk can be mounted by root only");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], place: &Path) -> bool {
    let mount = Command::new("mount").args(arguments).arg(place).output();
    mount.is_ok_and(|output| output.status.success())
}

fn store(dir: &Path) -> SealedStore {
    SealedStore::new(dir, &Key::new([1; 32]))
}

#[test]
fn a_full_disk_costs_the_new_record_and_no_old_one() {
    let Some(disk) = Disk::new() else { return };
    let store = store(disk.0.path());
    let body = |byte| Secret::new(vec![byte; 30_000]);
    for record in ["a", "b", "c"] {
        store.save(&name(record), &body(1)).unwrap();
    }
    for record in ["d", "a"] {
        let error = store.save(&name(record), &body(2)).unwrap_err();
        assert!(matches!(error, StoreError::Write(_)), "{error}");
    }
    assert_eq!(store.names().unwrap().len(), 3);
    assert_eq!(store.load(&name("a")).unwrap().unwrap().expose(), body(1).expose());
    assert_eq!(std::fs::read_dir(disk.0.path()).unwrap().count(), 3, "nothing is left lying");
    assert!(store.remove(&name("c")).unwrap());
    store.save(&name("a"), &body(2)).unwrap();
}

#[test]
fn a_read_only_directory_can_be_read() {
    let Some(disk) = Disk::new() else { return };
    let store = store(disk.0.path());
    store.save(&name("a"), &secret("x")).unwrap();
    assert!(mount(&["-o", "remount,ro"], disk.0.path()));
    assert_eq!(store.load(&name("a")).unwrap().unwrap().expose(), b"x");
    assert!(matches!(store.save(&name("a"), &secret("y")), Err(StoreError::Write(_))));
    assert!(matches!(store.remove(&name("a")), Err(StoreError::Unavailable(_))));
}

#[test]
fn a_directory_that_cannot_be_made_is_said_by_name() {
    let home = Home::new();
    let store = store(Path::new("/dev/full/records"));
    let error = store.save(&name("a"), &secret("x")).unwrap_err().to_string();
    assert!(error.contains("/dev/full"), "{error}");
    assert!(store.load(&name("a")).is_err() && store.names().is_err());
    drop(home);
}

#[test]
fn a_hardened_process_cannot_be_dumped() {
    assert!(crate::harden());
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    #[cfg(target_os = "linux")]
    assert_eq!(
        rustix::process::dumpable_behavior().unwrap(),
        rustix::process::DumpableBehavior::NotDumpable
    );
}

#[cfg(target_os = "linux")]
#[test]
fn root_in_anothers_home_leaves_that_person_their_store() {
    use std::os::unix::fs::{MetadataExt, chown};
    if !rustix::process::geteuid().is_root() {
        return skipped(&"only root writes into another's home directory");
    }
    let home = Home::new();
    chown(home.dir.path(), Some(65_534), Some(65_534)).unwrap();
    home.vault().reseal(Choice::of(home.key_file()), OldKey::Needed).unwrap();
    home.vault().save(&name("a"), &secret("x")).unwrap();
    assert_eq!(home.vault().names().unwrap(), [name("a")]);
    for file in ["key", "vault.toml"] {
        assert_eq!(std::fs::metadata(home.dir.path().join(file)).unwrap().uid(), 65_534, "{file}");
    }
}
