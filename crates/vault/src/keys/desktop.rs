//! The keyrings of desktops, through keyring-core's stores.
//!
//! They may prompt, be locked, or hang: every call has a thread of its own and
//! a time limit. A thread that is late is left behind; it ends with the process.

use super::backend::Backend;
use super::{KeyError, KeySource, Slot};
use crate::Secret;
use crate::key::{Key, from_hex, to_hex};
use std::sync::mpsc;
use std::time::Duration;

/// What our items are filed under; the slot is the user's name.
const SERVICE: &str = "daypass";

/// The keyring of the desktop that `backend` names.
pub(super) struct Desktop {
    pub(super) backend: Backend,
    pub(super) patience: Duration,
}

/// The work of one call, and what keyring-core said to it.
type Said<T> = Result<T, String>;

impl Desktop {
    fn timed<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Said<T> + Send + 'static,
    ) -> Result<T, KeyError> {
        let (send, receive) = mpsc::channel();
        let started = std::thread::Builder::new().spawn(move || {
            let _ = send.send(work());
        });
        started.map_err(|e| KeyError::new(self.backend, e))?;
        match receive.recv_timeout(self.patience) {
            Ok(said) => said.map_err(|why| KeyError::new(self.backend, why)),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(self.late()),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(KeyError::new(self.backend, "it broke off"))
            }
        }
    }

    fn late(&self) -> KeyError {
        let seconds = self.patience.as_secs_f64();
        let why = format!("no answer in {seconds:.0} seconds; it may be waiting to be unlocked");
        KeyError::new(self.backend, why)
    }
}

impl KeySource for Desktop {
    fn load(&self, slot: &Slot) -> Result<Option<Key>, KeyError> {
        let (backend, slot) = (self.backend, slot.clone());
        let found = self.timed(move || item::read(backend, slot.as_str()))?;
        // As text: KWallet keeps nothing else.
        let Some(text) = found else { return Ok(None) };
        let key = from_hex(text.expose()).map(Key::new);
        key.map(Some).ok_or_else(|| KeyError::new(self.backend, "what it holds is no key"))
    }

    fn store(&self, slot: &Slot, key: &Key) -> Result<(), KeyError> {
        let (backend, slot) = (self.backend, slot.clone());
        let text = Secret::new(to_hex(key.bytes().expose()));
        self.timed(move || item::write(backend, slot.as_str(), &text))
    }

    fn remove(&self, slot: &Slot) -> Result<(), KeyError> {
        let (backend, slot) = (self.backend, slot.clone());
        self.timed(move || item::remove(backend, slot.as_str()))
    }
}

#[cfg(any(
    all(target_os = "linux", feature = "secret-service"),
    target_os = "macos",
    target_os = "windows"
))]
mod item {
    use super::{Backend, SERVICE, Said};
    use crate::Secret;
    use keyring_core::api::CredentialStoreApi;
    use keyring_core::{Entry, Error};

    #[cfg(target_os = "linux")]
    use zbus_secret_service_keyring_store::Store;
    #[cfg(target_os = "linux")]
    const HERE: Backend = Backend::SecretService;
    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    #[cfg(target_os = "macos")]
    const HERE: Backend = Backend::Keychain;
    #[cfg(target_os = "windows")]
    use windows_native_keyring_store::Store;
    #[cfg(target_os = "windows")]
    const HERE: Backend = Backend::CredentialManager;

    fn entry(backend: Backend, slot: &str) -> Said<Entry> {
        if backend != HERE {
            return Err("this system has none".to_owned());
        }
        Store::new().and_then(|store| store.build(SERVICE, slot, None)).map_err(said)
    }

    pub(super) fn read(backend: Backend, slot: &str) -> Said<Option<Secret<String>>> {
        match entry(backend, slot)?.get_password() {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(said(error)),
        }
    }

    pub(super) fn write(backend: Backend, slot: &str, text: &Secret<String>) -> Said<()> {
        entry(backend, slot)?.set_password(text.expose()).map_err(said)
    }

    pub(super) fn remove(backend: Backend, slot: &str) -> Said<()> {
        match entry(backend, slot)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(said(error)),
        }
    }

    /// In words without what was stored: some errors carry it.
    fn said(error: Error) -> String {
        match error {
            Error::NoStorageAccess(_) => "it is locked, or there is none in this session".into(),
            Error::PlatformFailure(error) => error.to_string(),
            Error::BadEncoding(_) | Error::BadDataFormat(..) => "what it holds is no key".into(),
            Error::Ambiguous(_) => "it holds several keys of one name".into(),
            other => other.to_string(),
        }
    }
}

#[cfg(not(any(
    all(target_os = "linux", feature = "secret-service"),
    target_os = "macos",
    target_os = "windows"
)))]
mod item {
    use super::{Backend, SERVICE, Said};
    use crate::Secret;

    fn none<T>(_backend: Backend) -> Said<T> {
        Err(format!("this build of {SERVICE} has none"))
    }

    pub(super) fn read(backend: Backend, _slot: &str) -> Said<Option<Secret<String>>> {
        none(backend)
    }

    pub(super) fn write(backend: Backend, _slot: &str, _text: &Secret<String>) -> Said<()> {
        none(backend)
    }

    pub(super) fn remove(backend: Backend, _slot: &str) -> Said<()> {
        none(backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_hangs_costs_its_time_and_no_more() {
        let patience = Duration::from_millis(50);
        let desktop = Desktop { backend: Backend::SecretService, patience };
        let start = std::time::Instant::now();
        let error = desktop
            .timed(|| -> Said<()> {
                std::thread::sleep(Duration::from_secs(5));
                Ok(())
            })
            .unwrap_err();
        assert!(error.to_string().contains("waiting to be unlocked"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}
