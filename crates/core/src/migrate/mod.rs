//! From long-lived keys in plain text, and from other tools, to daypass.
//!
//! [`survey`] only looks: what keys there are, where, and what uses them. What is done
//! about them is the command's business, as one transaction that can be undone.

mod apply;
mod comment;
pub mod imports;
mod keys;
mod lines;
mod places;
mod survey;
mod users;

pub use apply::{Decided, apply};
pub use keys::{Key, Treatment, keys, refuse_clashes};
pub use lines::{Assignment, assignments};
pub use places::{Place, Style, places};
pub use survey::{Found, KeyKind, Spot, Survey, survey};
pub use users::{Use, uses};
