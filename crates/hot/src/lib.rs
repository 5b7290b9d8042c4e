//! The fast lane: `credential-process` for credentials that are in the store.
//!
//! SDKs run it before every call that finds their own copy ending, some of them a
//! dozen times in a row. So it scans, opens, checks the end, prints, and is gone: no
//! runtime, no TLS, no bus, no parsing of what it does not need. Whatever is not that
//! simple is `None`, and the slow lane, which can explain itself, takes over.
//!
//! The engine in the core writes what is read here, by the same three definitions:
//! [`Identity`] names the record, [`Ticket`] is its body, [`keys`] are the words of
//! ours in the user's config file.

mod identity;
pub mod keys;
mod lane;
mod lookup;
mod ticket;
pub mod trail;

pub use identity::{Family, Identity};
pub use lane::{Ambient, Answer, answer};
pub use ticket::{EARLY_SECONDS, Ticket, is_fresh};
