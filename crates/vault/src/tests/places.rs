//! Every place for the key that this machine has.

use super::{Home, SENTINEL, name, secret, skipped};
use crate::settings::{Choice, Place};
use crate::{Backend, KeyStatus, News, OldKey, Orphans, Store, StoreError, Vault, keys};
use std::path::Path;
use std::time::Duration;

/// The places that need nothing but this machine.
fn places(home: &Home) -> Vec<Place> {
    let print = ["sh", "-c", "echo 0123456789abcdef0123456789abcdef"];
    vec![
        Place::KernelKeyring,
        Place::MemoryDir,
        home.key_file(),
        Place::Passphrase,
        Place::KeyCommand(print.map(str::to_owned).into()),
    ]
}

/// Whether the place works here; said aloud if not.
fn works(home: &Home, place: &Place) -> bool {
    let slot = keys::Slot::draw().unwrap();
    let source = keys::source(&Choice::of(place.clone()), &home.around());
    let tried = source.load(&slot);
    tried.map_err(|error| skipped(&error)).is_ok()
}

#[test]
fn the_vault_conforms_in_every_place() {
    let home = Home::new();
    for place in places(&home).into_iter().filter(|place| works(&home, place)) {
        let home = Home::with(match place {
            Place::KeyFile(_) => home.key_file(),
            other => other,
        });
        crate::conformance::run(&home.vault());
    }
}

#[test]
fn records_come_along_from_place_to_place_and_leave_nothing_behind() {
    let home = Home::with_key_file();
    let vault = home.vault();
    for record in ["role.867530900000.a", "role.867530900000.b"] {
        vault.save_until(&name(record), &secret(SENTINEL), 1234).unwrap();
    }
    let mut stops = places(&home);
    stops.push(Place::MemoryDir);
    stops.push(home.key_file());
    stops.push(home.key_file());
    for place in stops.into_iter().filter(|place| works(&home, place)) {
        let moved = vault.reseal(Choice::of(place.clone()), OldKey::Needed).unwrap();
        assert_eq!(moved, 2, "{place:?}");
        // The same vault, and one that a new process opens.
        for vault in [&vault, &home.vault()] {
            let (expires_at, body) =
                vault.load_dated(&name("role.867530900000.a")).unwrap().unwrap();
            assert_eq!((expires_at, body.expose().as_slice()), (1234, SENTINEL.as_bytes()));
            assert_eq!(vault.names().unwrap().len(), 2, "{place:?}");
            let status = vault.status().unwrap();
            assert!(matches!(status.key, KeyStatus::Present));
            assert_eq!(status.sentence(), place.backend().protection());
        }
        assert_eq!(home.settings().unwrap().retired, None);
        let records = std::fs::read_dir(home.dir.path().join("records")).unwrap();
        assert_eq!(records.count(), 2, "{place:?}");
        shows_nothing(home.dir.path());
    }
    let left = |dir: &Path| std::fs::read_dir(dir).unwrap().count();
    assert_eq!(left(&home.memory.path().join("daypass")), 0);
}

/// Neither the sentinel nor the account ID, in no file and no file name.
fn shows_nothing(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.to_string_lossy().contains("867530900000"), "{path:?}");
        if path.is_dir() {
            shows_nothing(&path);
            continue;
        }
        #[expect(clippy::disallowed_methods, reason = "a test looks at every file")]
        let bytes = std::fs::read(&path).unwrap();
        for shown in [SENTINEL, "SENTINEL", "867530900000"] {
            let found = bytes.windows(shown.len()).any(|window| window == shown.as_bytes());
            assert!(!found, "{path:?} shows {shown}");
        }
    }
}

#[test]
fn without_a_choice_the_key_goes_to_memory_and_that_is_said_once() {
    let home = Home::new();
    let vault = home.vault();
    assert!(vault.load(&name("a")).unwrap().is_none());
    assert!(vault.names().unwrap().is_empty() && !vault.remove(&name("a")).unwrap());
    assert!(home.settings().is_none() && vault.status().unwrap().choice.is_none());
    vault.save(&name("a"), &secret("x")).unwrap();
    let backend = home.settings().unwrap().choice.place.backend();
    assert!(matches!(backend, Backend::KernelKeyring | Backend::MemoryDir));
    assert_eq!(vault.take_news(), Some(News::Chosen(backend)));
    assert_eq!(vault.take_news(), None);
    home.vault().save(&name("b"), &secret("y")).unwrap();
    assert_eq!(vault.names().unwrap(), [name("a"), name("b")]);
}

#[test]
fn a_lost_key_is_an_empty_store_and_the_next_save_makes_another() {
    for place in [Place::KernelKeyring, Place::MemoryDir] {
        let home = Home::new();
        if !works(&home, &place) {
            continue;
        }
        let backend = place.backend();
        home.vault().reseal(Choice::of(place), OldKey::Needed).unwrap();
        home.vault().save_until(&name("a"), &secret("x"), 50).unwrap();
        let lost = home.settings().unwrap();
        keys::source(&lost.choice, &home.around()).remove(&lost.slot).unwrap();

        let vault = home.vault();
        assert!(vault.load(&name("a")).unwrap().is_none());
        assert!(vault.names().unwrap().is_empty());
        assert!(matches!(vault.status().unwrap().key, KeyStatus::Absent));
        assert_eq!(home.settings(), Some(lost), "reading changes nothing");
        vault.save_until(&name("b"), &secret("y"), 200).unwrap();
        assert_eq!(vault.take_news(), Some(News::KeyLost(backend)));
        assert_eq!(vault.names().unwrap(), [name("b")]);
        let swept = vault.sweep(100, Orphans::Keep).unwrap();
        assert_eq!((swept.expired, swept.orphans), (1, 0));
    }
}

#[test]
fn a_key_file_that_is_not_there_is_missed_and_not_replaced() {
    let home = Home::with_key_file();
    home.vault().save(&name("a"), &secret("x")).unwrap();
    let (before, Place::KeyFile(file)) = (home.settings(), home.key_file()) else { unreachable!() };
    let elsewhere = file.with_extension("elsewhere");
    std::fs::copy(&file, &elsewhere).unwrap();
    std::fs::remove_file(&file).unwrap();
    let vault = home.vault();
    for error in [
        vault.load(&name("a")).unwrap_err(),
        vault.save(&name("b"), &secret("y")).unwrap_err(),
        vault.reseal(Choice::of(Place::MemoryDir), OldKey::Needed).unwrap_err(),
    ] {
        assert!(error.to_string().contains("is not there"), "{error}");
        assert!(error.cure().unwrap().contains("--old-key-is-lost"), "{error}");
    }
    assert_eq!(home.settings(), before);
    std::fs::copy(&elsewhere, &file).unwrap();
    assert_eq!(home.vault().names().unwrap(), [name("a")]);
}

#[test]
fn orphans_stay_until_they_have_been_quiet_for_long() {
    let home = Home::with_key_file();
    home.vault().save(&name("a"), &secret("x")).unwrap();
    let lost = home.settings().unwrap();
    let Place::KeyFile(file) = home.key_file() else { unreachable!() };
    keys::source(&lost.choice, &home.around()).remove(&lost.slot).unwrap();
    crate::write_private(&file, b"").unwrap();
    let vault = home.vault();
    vault.save(&name("b"), &secret("y")).unwrap();
    let path = home.dir.path().join("records");
    let written = std::fs::metadata(&path).unwrap().modified().unwrap();
    let now = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let week = Orphans::DropAfter(Duration::from_secs(7 * 86_400));
    assert_eq!(vault.sweep(now, Orphans::Keep).unwrap(), Default::default());
    assert_eq!(vault.sweep(now, week).unwrap(), Default::default());
    assert_eq!(vault.sweep(now + 8 * 86_400, week).unwrap().orphans, 1);
    assert_eq!(vault.names().unwrap(), [name("b")]);
}

#[test]
fn a_place_out_of_reach_is_an_error_with_a_cure_and_never_another_place() {
    let home = Home::with(Place::Passphrase);
    home.vault().save(&name("a"), &secret("x")).unwrap();
    keys::drop_copy(&home.settings().unwrap().slot);
    let before = home.settings();
    let mut around = home.around();
    around.ask = std::sync::Arc::new(|_| None);
    let vault = Vault::new(around);
    for error in [
        vault.load(&name("a")).unwrap_err(),
        vault.save(&name("a"), &secret("y")).unwrap_err(),
        vault.reseal(Choice::of(home.key_file()), OldKey::Needed).unwrap_err(),
    ] {
        let StoreError::Key(error) = error else { panic!("{error}") };
        assert!(error.to_string().contains("nobody can be asked"), "{error}");
        assert!(StoreError::from(error.clone()).cure().is_some());
        assert!(error.cure().contains("daypass vault use"), "{error}");
    }
    assert!(matches!(vault.status().unwrap().key, KeyStatus::OutOfReach(_)));
    assert_eq!(home.settings(), before);
    assert_eq!(vault.reseal(Choice::of(home.key_file()), OldKey::MayBeLost).unwrap(), 0);
    vault.save(&name("a"), &secret("z")).unwrap();
    assert_eq!(home.vault().names().unwrap(), [name("a")]);
}

#[test]
fn where_nothing_in_memory_works_the_user_must_choose() {
    let home = Home::new();
    let mut around = home.around();
    around.memory_dirs = vec!["/proc/daypass".into()];
    let source = keys::source(&Choice::of(Place::MemoryDir), &around);
    assert!(source.load(&keys::Slot::draw().unwrap()).is_err());
    match keys::automatic(&around) {
        Ok(choice) => assert_eq!(choice.place, Place::KernelKeyring),
        Err(error) => assert!(matches!(error, StoreError::Key(_)), "{error}"),
    }
}

#[test]
fn a_command_that_prints_another_key_is_not_believed() {
    let home = Home::new();
    let key = home.dir.path().join("material");
    crate::write_private(&key, &[b'a'; 40]).unwrap();
    let argv = vec!["cat".to_owned(), key.to_str().unwrap().to_owned()];
    let choice = Choice { cache: false, ..Choice::of(Place::KeyCommand(argv)) };
    home.vault().reseal(choice, OldKey::Needed).unwrap();
    home.vault().save(&name("a"), &secret("x")).unwrap();
    crate::write_private(&key, &[b'b'; 40]).unwrap();
    let error = home.vault().load(&name("a")).unwrap_err();
    assert!(error.to_string().contains("another one"), "{error}");
}

#[test]
fn the_fast_lane_has_the_key_of_every_quick_place_and_of_a_copy() {
    let home = Home::new();
    let mut around = home.around();
    around.memory_dirs = keys::memory_dirs();
    let vault = Vault::new(around.clone());
    let dir = home.dir.path();
    assert!(crate::fast_key(dir).is_none());
    for place in places(&home) {
        let tried = keys::source(&Choice::of(place.clone()), &around);
        if tried.load(&keys::Slot::draw().unwrap()).is_err() {
            continue;
        }
        vault.reseal(Choice::of(place.clone()), OldKey::Needed).unwrap();
        vault.save_until(&name("a"), &secret("x"), 99).unwrap();
        let Some(key) = crate::fast_key(dir) else { panic!("{place:?}") };
        let (expires_at, body) = crate::open_one(dir, &name("a"), &key).unwrap().unwrap();
        assert_eq!((expires_at, body.expose().as_slice()), (99, &b"x"[..]));
        assert!(crate::open_one(dir, &name("b"), &key).unwrap().is_none());
    }
    let settings = home.settings().unwrap();
    keys::drop_copy(&settings.slot);
    assert!(crate::fast_key(dir).is_none(), "a command is not for the fast lane");
}

#[test]
fn whoever_runs_for_long_notices_that_the_key_is_another_one() {
    for place in [Place::KernelKeyring, Place::MemoryDir] {
        let home = Home::new();
        if !works(&home, &place) {
            continue;
        }
        let long = home.vault();
        long.reseal(Choice::of(place.clone()), OldKey::Needed).unwrap();
        long.save(&name("a"), &secret("before")).unwrap();
        let slot = home.settings().unwrap().slot;
        keys::source(&Choice::of(place.clone()), &home.around()).remove(&slot).unwrap();
        assert!(long.load(&name("a")).unwrap().is_none(), "{place:?}");
        home.vault().save(&name("a"), &secret("after")).unwrap();
        let found = long.load(&name("a")).unwrap().unwrap();
        assert_eq!(found.expose(), b"after", "{place:?}");
    }
}
