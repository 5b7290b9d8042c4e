//! Secrets at rest: bytes, files, locks, keys and stores.
//!
//! This crate knows no AWS and no terminal. It brings
//!
//! - [`Secret`], the one type a secret lives in, with one door: [`Secret::expose`];
//! - [`Pending`] and [`write_private`], files that are 0600 from the moment they
//!   exist and are replaced whole or not at all;
//! - [`Lock`], a lock between processes that the kernel drops when its holder dies;
//! - [`Store`], the trait of every place that keeps secret records, with
//!   [`MemoryStore`] and the suite that each store must pass;
//! - [`SealedStore`], sealed files under one [`Key`], and [`Vault`], which finds
//!   that key where the platform keeps secrets;
//! - [`fast_key`] and [`open_one`], the same for a process that has a millisecond.
//!
//! ```no_run
//! use vault::{LockPlaces, RecordName, Secret, Surroundings, Vault};
//! # fn main() -> Result<(), vault::StoreError> {
//! let dir = std::path::Path::new("/home/me/.local/share/daypass/vault");
//! let vault = Vault::new(Surroundings::for_user(dir, LockPlaces::for_user(dir)));
//! let name = RecordName::parse("role.corp.867530900000.ReadOnlyAccess")?;
//! vault.save_until(&name, &Secret::new(b"{}".to_vec()), 1_900_000_000)?;
//! if let Some(news) = vault.take_news() {
//!     println!("{news:?}: {}", vault.status()?.sentence());
//! }
//! # Ok(()) }
//! ```

mod append;
mod file;
mod harden;
mod key;
mod keys;
mod lines;
mod lock;
mod owner;
mod reseal;
mod sealed;
mod secret;
mod settings;
mod steps;
mod store;
mod vault;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(all(test, unix))]
mod tests;

pub use append::Appender;
pub use file::{
    Pending, WriteError, create_private_dir, follow_links, read_private, replace_text,
    sweep_staged, write_private,
};
pub use harden::harden;
pub use key::{Key, KeyId};
pub use keys::backend::Backend;
pub use keys::{Ask, KeyError, KeySource, Purpose, Slot, Surroundings, memory_dirs};
pub use lines::{append_line, older};
pub use lock::{Lock, LockError, LockPlaces};
pub use reseal::OldKey;
pub use sealed::{Dated, Header, NEVER, Orphans, SealedStore, Swept, has_one, open_one};
pub use secret::Secret;
pub use settings::{Choice, Place};
pub use store::{MemoryStore, RecordName, Store, StoreError};
pub use vault::{KeyStatus, News, Room, Status, Vault, fast_key};

/// The parsers of outside bytes that are not public otherwise.
#[cfg(feature = "conformance")]
pub mod parsers {
    pub use crate::keys::parse_wrapped_key;
    pub use crate::sealed::{open_record, sample_record};
    pub use crate::settings::parse_settings;
}
