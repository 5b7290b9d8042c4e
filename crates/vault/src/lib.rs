//! Secrets at rest: bytes, files, locks and stores.
//!
//! This crate knows no AWS and no terminal. It brings
//!
//! - [`Secret`], the one type a secret lives in, with one door: [`Secret::expose`];
//! - [`Pending`] and [`write_private`], files that are 0600 from the moment they
//!   exist and are replaced whole or not at all;
//! - [`Lock`], a lock between processes that the kernel drops when its holder dies;
//! - [`Store`], the trait of every place that keeps sealed records, with
//!   [`MemoryStore`] and the suite that each store must pass.

mod file;
mod lock;
mod secret;
mod store;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use file::{
    Pending, WriteError, create_private_dir, follow_links, replace_text, write_private,
};
pub use lock::{Lock, LockError, LockPlaces};
pub use secret::Secret;
pub use store::{MemoryStore, RecordName, Store, StoreError};
