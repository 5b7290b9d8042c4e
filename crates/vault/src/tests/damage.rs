//! Files that somebody changed.
#![expect(clippy::disallowed_methods, reason = "a test damages files")]

use super::{name, secret};
use crate::{Key, Orphans, SealedStore, Store, StoreError};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

fn store(dir: &Path) -> SealedStore {
    SealedStore::new(dir, &Key::new([1; 32]))
}

/// The file of the one record that a fresh store has.
fn only_file(dir: &Path) -> PathBuf {
    fs::read_dir(dir).unwrap().next().unwrap().unwrap().path()
}

fn is_unreadable(store: &SealedStore, record: &str) -> bool {
    matches!(store.load(&name(record)), Err(StoreError::Unreadable(named)) if named == name(record))
}

#[test]
fn the_sealed_store_conforms() {
    let dir = tempfile::tempdir().unwrap();
    crate::conformance::run(&store(dir.path()));
    crate::conformance::run(&store(&dir.path().join("not/made/yet")));
}

#[test]
fn files_are_0600_in_a_directory_0700() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let records = dir.path().join("records");
    store(&records).save(&name("a"), &secret("x")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&records), mode(&only_file(&records))), (0o700, 0o600));
}

#[test]
fn two_keys_share_a_directory_without_seeing_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (store(dir.path()), SealedStore::new(dir.path(), &Key::new([2; 32])));
    one.save(&name("a"), &secret("one")).unwrap();
    two.save(&name("a"), &secret("two")).unwrap();
    assert_eq!(one.load(&name("a")).unwrap().unwrap().expose(), b"one");
    assert_eq!(two.names().unwrap(), [name("a")]);
    assert!(two.remove(&name("a")).unwrap());
    assert_eq!(one.names().unwrap(), [name("a")]);
}

#[test]
fn swapped_files_open_for_nobody_and_disturb_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.save(&name("a"), &secret("of a")).unwrap();
    let a = only_file(dir.path());
    store.save(&name("b"), &secret("of b")).unwrap();
    let of_a = |path: &PathBuf| *path != a;
    let b = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).find(of_a).unwrap();
    store.save(&name("c"), &secret("of c")).unwrap();
    let aside = dir.path().join("aside");
    fs::rename(&a, &aside).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(&aside, &b).unwrap();
    assert!(is_unreadable(&store, "a") && is_unreadable(&store, "b"));
    assert_eq!(store.names().unwrap(), [name("c")]);
    store.save(&name("a"), &secret("again")).unwrap();
    assert_eq!(store.load(&name("a")).unwrap().unwrap().expose(), b"again");
}

#[test]
fn what_is_no_record_at_all_is_unreadable_or_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.save(&name("a"), &secret("x")).unwrap();
    let path = only_file(dir.path());
    fs::write(dir.path().join("README"), "not ours").unwrap();
    fs::write(dir.path().join("zz.sealed"), "not a tag").unwrap();
    fs::write(dir.path().join(format!("{}.sealed", "0".repeat(32))), "no record").unwrap();
    assert_eq!(store.names().unwrap(), [name("a")]);
    fs::write(&path, vec![b'd'; 3 << 20]).unwrap();
    assert!(is_unreadable(&store, "a"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(is_unreadable(&store, "a"));
    assert!(store.names().unwrap().is_empty());
}

#[test]
fn damaged_records_are_swept_as_orphans_and_others_files_never() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.save_until(&name("a"), &secret("x"), 100).unwrap();
    fs::write(only_file(dir.path()), "damaged").unwrap();
    store.save_until(&name("b"), &secret("x"), 100).unwrap();
    store.save_until(&name("c"), &secret("x"), 300).unwrap();
    fs::write(dir.path().join("README"), "not ours").unwrap();
    let swept = store.sweep(100, Orphans::Keep).unwrap();
    assert_eq!((swept.expired, swept.orphans), (1, 0));
    let swept = store.sweep(100, Orphans::DropAfter(std::time::Duration::ZERO)).unwrap();
    assert_eq!((swept.expired, swept.orphans), (0, 1));
    assert_eq!(store.names().unwrap(), [name("c")]);
    assert!(dir.path().join("README").exists());
}

#[test]
fn a_body_over_the_limit_is_refused_and_the_older_record_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.save(&name("a"), &secret("x")).unwrap();
    let long = crate::Secret::new(vec![0; (1 << 20) + 1]);
    assert!(matches!(store.save(&name("a"), &long), Err(StoreError::TooLarge(_))));
    assert_eq!(store.load(&name("a")).unwrap().unwrap().expose(), b"x");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_change_to_a_file_is_unreadable_and_its_neighbour_is_not(
        at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        store.save(&name("a"), &secret("x")).unwrap();
        let path = only_file(dir.path());
        store.save(&name("b"), &secret("y")).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        fs::write(&path, &bytes).unwrap();
        prop_assert!(is_unreadable(&store, "a"));
        prop_assert_eq!(store.names().unwrap(), [name("b")]);
    }
}
