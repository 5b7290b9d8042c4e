//! The user's kernel keyring (`@u`): memory of the kernel, no file, no daemon.
//!
//! The keyring of the user and not that of the session: a session keyring is
//! another one in every terminal, in cron and under ssh (keyrings(7)). A
//! container has an empty one of its own, or none.

use super::backend::Backend;
use super::{KeyError, KeySource, Slot};
use crate::Secret;
use crate::key::{KEY_BYTES, Key};
use linux_keyutils::KeyError as Refusal;
use linux_keyutils::{KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};

/// Keys of type `user` called `daypass:SLOT` in the user's keyring.
pub(super) struct KernelKeyring {
    /// How long a key is kept, in seconds; 0 for as long as the system runs.
    seconds: u32,
}

impl KernelKeyring {
    pub(super) fn new(seconds: u32) -> Self {
        Self { seconds }
    }
}

impl KeySource for KernelKeyring {
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError> {
        let Some(found) = none_if_absent(ring()?.search(&description(slot)))? else {
            return Ok(None);
        };
        let mut bytes = Secret::new([0; KEY_BYTES + 1]);
        let read = none_if_absent(found.read(bytes.expose_mut()))?;
        let key = read.and_then(|length| Key::from_slice(bytes.expose().get(..length)?));
        // A key of another length was not made here; a new one displaces it.
        Ok(key)
    }

    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError> {
        let ring = ring()?;
        become_possessor(&ring)?;
        let made = ring.add_key(&description(slot), key.bytes().expose()).map_err(unavailable)?;
        // By default only a possessor may read it, which a process whose session
        // keyring does not lead to the user's (cron, `keyctl session`) is not.
        let ours = KeyPermissionsBuilder::builder()
            .posessor(Permission::ALL)
            .user(Permission::ALL)
            .build();
        made.set_perms(ours).map_err(unavailable)?;
        match usize::try_from(self.seconds) {
            Ok(seconds) if seconds > 0 => made.set_timeout(seconds).map_err(unavailable),
            _ => Ok(()),
        }
    }

    fn remove(&self, slot: &Slot) -> Result<(), KeyError> {
        let ring = ring()?;
        match none_if_absent(ring.search(&description(slot)))? {
            Some(found) => ring.unlink_key(found).map_err(unavailable),
            None => Ok(()),
        }
    }
}

fn ring() -> Result<KeyRing, KeyError> {
    KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(unavailable)
}

/// Only a possessor of a new key may say who else may read it. What hangs below
/// a keyring of the process is possessed, whatever the session keyring is.
fn become_possessor(ring: &KeyRing) -> Result<(), KeyError> {
    KeyRing::from_special_id(KeyRingIdentifier::Process, true)
        .and_then(|ours| ours.link_keyring(*ring))
        .map_err(unavailable)
}

fn description(slot: &Slot) -> String {
    format!("daypass:{}", slot.as_str())
}

fn none_if_absent<T>(result: Result<T, Refusal>) -> Result<Option<T>, KeyError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Refusal::KeyDoesNotExist | Refusal::KeyExpired | Refusal::KeyRevoked) => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: Refusal) -> KeyError {
    let why = match error {
        Refusal::AccessDenied | Refusal::PermissionDenied => "the system forbids it".to_owned(),
        Refusal::OperationNotSupported => "the kernel has none".to_owned(),
        Refusal::QuotaExceeded => "it is full (`/proc/key-users` shows who filled it)".to_owned(),
        // ENOSYS has no name in this library.
        Refusal::Unknown(38) => "the kernel has none".to_owned(),
        other => other.to_string(),
    };
    KeyError::new(Backend::KernelKeyring, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_replaced_and_forgotten() {
        let (ring, slot) = (KernelKeyring::new(60), Slot::draw().unwrap());
        if let Err(error) = ring.load(&slot) {
            crate::tests::skipped(&error);
            return;
        }
        for byte in [1, 2] {
            ring.store(&slot, &Key::new([byte; 32])).unwrap();
            let loaded = ring.load(&slot).unwrap().unwrap();
            assert_eq!(loaded.id(), Key::new([byte; 32]).id());
        }
        ring.remove(&slot).unwrap();
        ring.remove(&slot).unwrap();
        assert!(ring.load(&slot).unwrap().is_none());
    }

    #[test]
    fn a_timeout_is_the_end_of_a_key() {
        let (ring, slot) = (KernelKeyring::new(1), Slot::draw().unwrap());
        if let Err(error) = ring.store(&slot, &Key::new([1; 32])) {
            crate::tests::skipped(&error);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2100));
        assert!(ring.load(&slot).unwrap().is_none());
        ring.store(&slot, &Key::new([2; 32])).unwrap();
        assert!(ring.load(&slot).unwrap().is_some());
        ring.remove(&slot).unwrap();
    }
}
