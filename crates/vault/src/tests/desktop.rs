//! GNOME Keyring on a bus of its own.

use super::{Home, name, secret, skipped};
use crate::keys::{self, Surroundings};
use crate::settings::{Choice, Place};
use crate::{Backend, KeyStatus, OldKey, Store, StoreError, Vault};
use std::process::Command;
use std::time::Duration;

const PLACE: Place = Place::Desktop(Backend::SecretService);

/// Starts the keyring, unlocked, and becomes us.
const UNLOCKED: &str = "printf pw | gnome-keyring-daemon --unlock --components=secrets \
                        >/dev/null && exec \"$@\"";
/// The same with a keyring that nobody has unlocked, and nobody can.
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null && exec \"$@\"";

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs a job beside a keyring of its own, if this machine has one.
fn beside_a_keyring(start: &str, job: &str) {
    if !cfg!(feature = "secret-service") {
        return skipped(&"built without the Secret Service");
    }
    if !["dbus-run-session", "gnome-keyring-daemon"].into_iter().all(is_installed) {
        return skipped(&"dbus-run-session and gnome-keyring-daemon are not installed");
    }
    let (home, user) = (Home::new(), tempfile::tempdir().unwrap());
    let child = home.child(job, "", 0);
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", start, "sh"]).arg(child.get_program());
    session.args(child.get_args());
    session.envs(child.get_envs().filter_map(|(key, value)| Some((key, value?))));
    session.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        session.env(variable, user.path());
    }
    let output = session.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_vault_conforms_on_the_secret_service() {
    beside_a_keyring(UNLOCKED, "desktop");
}

#[test]
fn a_locked_keyring_is_an_error_in_good_time() {
    beside_a_keyring(LOCKED, "locked");
}

pub(super) fn child_is_not_kept_waiting(around: Surroundings) {
    let start = std::time::Instant::now();
    let vault = Vault::new(Surroundings { patience: Duration::from_secs(2), ..around });
    let error = vault.reseal(Choice::of(PLACE), OldKey::Needed).unwrap_err();
    assert!(matches!(error, StoreError::Key(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(8));
    assert!(vault.status().unwrap().choice.is_none(), "nothing was changed");
}

pub(super) fn child_conforms(around: &Surroundings) {
    let vault = Vault::new(around.clone());
    let uncached = Choice { cache: false, ..Choice::of(PLACE) };
    vault.reseal(uncached, OldKey::Needed).unwrap();
    crate::conformance::run(&vault);
    vault.save(&name("a"), &secret("x")).unwrap();
    assert!(crate::fast_key(&around.dir).is_none());
    assert_eq!(vault.reseal(Choice::of(PLACE), OldKey::Needed).unwrap(), 1);
    let again = Vault::new(around.clone());
    assert_eq!(again.load(&name("a")).unwrap().unwrap().expose(), b"x");
    let key_file = Place::KeyFile(around.dir.join("key"));
    assert_eq!(again.reseal(Choice::of(key_file), OldKey::Needed).unwrap(), 1);
}

#[test]
fn another_systems_keyring_is_out_of_reach() {
    let home = Home::new();
    let around = home.around();
    let choice = Choice::of(Place::Desktop(Backend::Keychain));
    let error = keys::source(&choice, &around).load(&keys::Slot::draw().unwrap()).unwrap_err();
    assert!(error.to_string().contains("has none"), "{error}");
    assert!(Vault::new(around).reseal(choice, OldKey::Needed).is_err());
    assert!(matches!(home.vault().status().unwrap().key, KeyStatus::Absent));
}
