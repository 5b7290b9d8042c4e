//! The user's encrypted store, as the core sees it.

use crate::error::{Error, Kind};
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault::{Choice, LockPlaces, OldKey, Place, StoreError, Surroundings, Vault};

/// The encrypted store; one for everything in a process, so that its key is asked
/// for once. Nothing is read or made before it is used.
#[derive(Clone)]
pub struct Store(Arc<Vault>);

impl Store {
    /// The store in these surroundings.
    pub fn new(around: Surroundings) -> Self {
        Self(Arc::new(Vault::new(around)))
    }

    /// The user's store in this home directory, with nobody to ask for a passphrase.
    pub fn in_home(home: &Path) -> Self {
        let place = Self::place(home);
        let locks = LockPlaces::for_user(&home.join(".aws").join("daypass").join("locks"));
        Self::new(Surroundings::for_user(&place, locks))
    }

    /// A store whose key lies in a file, for a home directory that is thrown away: a
    /// key in the kernel's keyring would outlive it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn with_key_file(home: &Path, key: &Path) -> Result<Self, StoreError> {
        let place = Self::place(home);
        let locks = LockPlaces::new([place.join("locks")]);
        let store = Self::new(Surroundings::for_user(&place, locks));
        store.reseal(Choice::of(Place::KeyFile(key.to_owned())), OldKey::MayBeLost)?;
        Ok(store)
    }

    /// Its place: no variable moves it, since all that share `~/.aws` must meet.
    pub fn place(home: &Path) -> PathBuf {
        home.join(".aws").join("daypass").join("vault")
    }

    /// Works with it on a thread of its own: a keyring may take its time, and
    /// Ctrl-C must be heard meanwhile.
    ///
    /// # Errors
    /// What `work` says.
    pub async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let vault = Arc::clone(&self.0);
        let ended = |_| StoreError::Unavailable("its thread ended".to_owned());
        tokio::task::spawn_blocking(move || work(&vault)).await.map_err(ended)?
    }
}

impl Deref for Store {
    type Target = Vault;
    fn deref(&self) -> &Vault {
        &self.0
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Write(error) => error.into(),
            StoreError::Busy(error) => error.into(),
            other => {
                let cure = other.cure();
                let told = Error::new(Kind::Store, other.to_string());
                cure.into_iter().fold(told, Error::hint)
            }
        }
    }
}
