//! IAM Identity Center: profile → token → role credentials.
//!
//! The core prints nothing, ends nothing, and reads no ambient clock or
//! environment: those come in as a [`host::Host`]. The path of the data:
//!
//! ```text
//! ask ──▶ resolve ──▶ token ──▶ role credentials ──▶ (deliver, elsewhere)
//! ```
//!
//! [`provide`] holds the whole sentence; read it first.

pub mod audit;
pub mod aws;
pub mod clocks;
pub mod console;
pub mod credentials;
pub mod critical;
pub mod directory;
pub mod doctor;
pub mod edit;
pub mod error;
pub mod explain;
pub mod files;
pub mod frecency;
pub mod host;
pub mod invitation;
pub mod kept;
pub mod lint;
mod lock;
pub mod login;
pub mod logout;
pub mod migrate;
pub mod names;
pub mod oidc;
pub mod partition;
pub mod populate;
pub mod provide;
mod pyjson;
pub mod remove;
pub mod resolve;
pub mod sealing;
pub mod start_url;
pub mod store;
pub mod token;
pub mod vanity;
pub mod whereabouts;

pub use error::{Error, Kind, Result};
