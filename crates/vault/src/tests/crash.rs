//! Processes that die at every step of a write.

use super::{Home, name, secret};
use crate::keys::Surroundings;
use crate::settings::{Choice, Place};
use crate::{OldKey, Orphans, Store, Vault};

/// An hour and more after anything that a test writes.
const MUCH_LATER: u64 = 1 << 40;

/// Runs the job with one more step allowed each time until it comes through;
/// looks at what is left after each death. Returns how often it died.
fn die_at_every_step(job: &str, fresh: impl Fn() -> Home, look: impl Fn(&Home, usize)) -> usize {
    for step in 1.. {
        let home = fresh();
        let argument = home.dir.path().join("key").display().to_string();
        let status = home.child(job, &argument, step).status().unwrap();
        look(&home, step);
        if status.success() {
            return step - 1;
        }
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(status.signal(), Some(9), "step {step}");
    }
    unreachable!("a job has an end")
}

#[test]
fn a_killed_writer_leaves_the_old_record_or_the_new_one() {
    let fresh = || {
        let home = Home::with_key_file();
        home.vault().save_until(&name("role.a"), &secret("old"), 5).unwrap();
        home.vault().save(&name("role.b"), &secret("neighbour")).unwrap();
        home
    };
    let deaths = die_at_every_step("save", fresh, |home, step| {
        let vault = home.vault();
        let (expires_at, body) = vault.load_dated(&name("role.a")).unwrap().unwrap();
        let is_old = body.expose() == b"old";
        assert_eq!(expires_at, if is_old { 5 } else { 7 }, "step {step}");
        assert_eq!(vault.names().unwrap().len(), 2, "step {step}");
        vault.save_until(&name("role.a"), &secret("third"), u64::MAX).unwrap();
        let swept = vault.sweep(MUCH_LATER, Orphans::Keep).unwrap();
        assert!(swept.staged <= 1 && swept.expired == 0, "step {step}: {swept:?}");
        let records = home.dir.path().join("records");
        assert_eq!(std::fs::read_dir(records).unwrap().count(), 2, "step {step}");
    });
    assert_eq!(deaths, 4);
}

#[test]
fn a_writer_killed_before_there_were_settings_is_no_trouble() {
    let deaths = die_at_every_step("save", Home::new, |home, step| {
        let vault = home.vault();
        assert!(vault.names().unwrap().len() <= 1, "step {step}");
        vault.save(&name("role.b"), &secret("x")).unwrap();
        assert!(vault.names().unwrap().contains(&name("role.b")), "step {step}");
    });
    assert_eq!(deaths, 8);
}

pub(super) fn child_reseals(around: Surroundings, path: &str) {
    let place = Place::KeyFile(path.into());
    Vault::new(around).reseal(Choice::of(place), OldKey::Needed).unwrap();
}

#[test]
fn a_store_being_sealed_again_loses_nothing_at_any_step() {
    let all = [name("role.a"), name("role.b"), name("role.c")];
    let fresh = || {
        let home = Home::with(Place::MemoryDir);
        for record in &all {
            home.vault().save_until(record, &secret(record.as_str()), MUCH_LATER * 2).unwrap();
        }
        home
    };
    let deaths = die_at_every_step("reseal", fresh, |home, step| {
        let vault = home.vault();
        for record in &all {
            let body = vault.load(record).unwrap().unwrap();
            assert_eq!(body.expose().as_slice(), record.as_str().as_bytes(), "step {step}");
        }
        assert_eq!(vault.names().unwrap(), all, "step {step}");
        vault.save_until(&all[0], &secret("changed"), MUCH_LATER * 2).unwrap();
        vault.sweep(MUCH_LATER, Orphans::DropAfter(std::time::Duration::ZERO)).unwrap();
        assert_eq!(home.settings().unwrap().retired, None, "step {step}");
        let records = home.dir.path().join("records");
        assert_eq!(std::fs::read_dir(records).unwrap().count(), 3, "step {step}");
        assert_eq!(vault.load(&all[0]).unwrap().unwrap().expose(), b"changed", "step {step}");
        assert_eq!(vault.reseal(Choice::of(home.key_file()), OldKey::Needed).unwrap(), 3);
        assert_eq!(home.vault().names().unwrap(), all, "step {step}");
    });
    assert!(deaths > 20, "{deaths}");
}
