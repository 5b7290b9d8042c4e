//! Tests of the whole: every place for the key, processes that race and die,
//! disks that are full, files that were tampered with.

mod crash;
mod damage;
mod desktop;
mod disk;
mod places;
mod race;

use crate::keys::{self, Surroundings};
use crate::settings::{Choice, Place, Settings};
use crate::{LockPlaces, OldKey, RecordName, Secret, Vault};
use std::fmt::Display;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// What no file may ever show.
const SENTINEL: &str = "SENTINEL-wJalrXUtnFEMI-867530900000";

/// Says aloud that this machine cannot run a test.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn skipped(why: &dyn Display) {
    eprintln!("SKIPPED: {why}");
}

/// A vault's directory, and its keys: forgotten in the end, wherever they are.
struct Home {
    dir: TempDir,
    memory: TempDir,
}

impl Home {
    fn new() -> Self {
        let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self { dir: tempfile::tempdir().unwrap(), memory }
    }

    /// A home whose key is in a place.
    fn with(place: Place) -> Self {
        let home = Self::new();
        home.vault().reseal(Choice::of(place), OldKey::Needed).unwrap();
        home
    }

    /// A home whose key is in a file: it works everywhere, and without quota.
    fn with_key_file() -> Self {
        let home = Self::new();
        let place = home.key_file();
        home.vault().reseal(Choice::of(place), OldKey::Needed).unwrap();
        home
    }

    fn key_file(&self) -> Place {
        Place::KeyFile(self.dir.path().join("key"))
    }

    fn around(&self) -> Surroundings {
        around(self.dir.path(), self.memory.path())
    }

    fn vault(&self) -> Vault {
        Vault::new(self.around())
    }

    fn settings(&self) -> Option<Settings> {
        Settings::load(self.dir.path()).unwrap()
    }

    /// The test binary again, as a process of its own, doing one job.
    fn child(&self, job: &str, argument: &str, stop_at: usize) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tests::child", "--ignored", "--nocapture", "-q"]);
        command.env("VAULT_TEST_JOB", job).env("VAULT_TEST_ARGUMENT", argument);
        command.env("VAULT_TEST_DIR", self.dir.path()).env("VAULT_TEST_MEMORY", self.memory.path());
        command.env("VAULT_TEST_STOP", stop_at.to_string());
        command.stdout(std::process::Stdio::null());
        command
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Ok(Some(settings)) = Settings::load(self.dir.path()) else { return };
        let places = [Some((settings.choice.place, settings.slot)), settings.retired];
        for (place, slot) in places.into_iter().flatten() {
            let _ = keys::source(&Choice::of(place), &self.around()).remove(&slot);
            keys::drop_copy(&slot);
        }
    }
}

fn around(dir: &Path, memory: &Path) -> Surroundings {
    Surroundings {
        dir: dir.to_owned(),
        locks: LockPlaces::new([dir.join("locks")]),
        memory_dirs: vec![memory.join("daypass")],
        ask: Arc::new(|_| Some("correct horse".into())),
        patience: Duration::from_secs(20),
    }
}

fn name(text: &str) -> RecordName {
    RecordName::parse(text).unwrap()
}

fn secret(text: &str) -> Secret<Vec<u8>> {
    Secret::new(text.as_bytes().to_vec())
}

#[expect(clippy::disallowed_methods, reason = "how a test tells its child what to do")]
fn told(what: &str) -> String {
    std::env::var(format!("VAULT_TEST_{what}")).unwrap_or_default()
}

#[test]
#[ignore = "run by other tests, as a process of its own"]
fn child() {
    let (dir, memory) = (told("DIR"), told("MEMORY"));
    if dir.is_empty() {
        return;
    }
    let around = around(dir.as_ref(), memory.as_ref());
    let stop_at = told("STOP").parse().unwrap();
    crate::steps::STOP_AT.store(stop_at, std::sync::atomic::Ordering::SeqCst);
    let argument = told("ARGUMENT");
    match told("JOB").as_str() {
        "save" => Vault::new(around).save_until(&name("role.a"), &secret(&argument), 7).unwrap(),
        "reseal" => crash::child_reseals(around, &argument),
        "rewrite" => race::child_rewrites(&around, &argument),
        "many" => race::child_saves_many(&around, &argument),
        "desktop" => desktop::child_conforms(&around),
        "locked" => desktop::child_is_not_kept_waiting(around),
        other => panic!("no such job: {other}"),
    }
}
