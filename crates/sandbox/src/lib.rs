//! A strict local IAM Identity Center.
//!
//! One process plays the four services a signed-in person touches: sso-oidc (with
//! its web pages), the access portal, STS and a read-only S3. Everything lives in
//! memory and listens on 127.0.0.1. Where the real service leaves freedom this one
//! takes the awkward side: refresh tokens are single use, pages are short, unknown
//! JSON members are refused. A client that works here has met the rare paths.
//!
//! ```no_run
//! use sandbox::{Options, Sandbox, World};
//! let running = Sandbox::start_blocking(World::guide(), Options::default())?;
//! for (name, value) in running.environment() {
//!     // give these to the AWS CLI, an SDK, or daypass
//!     let _ = (name, value);
//! }
//! # Ok::<(), sandbox::StartError>(())
//! ```
//!
//! Operations are named as AWS names them (`RegisterClient`, `CreateToken`,
//! `GetRoleCredentials`, `ListObjectsV2`, ...); the pages are `Authorize`, `Device`,
//! `SignIn`, `Mfa`, `Consent`, and those of the access portal, `AccessPortal` first.

mod clock;
mod control;
pub mod ctl;
mod dice;
mod faults;
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod journal;
mod manage;
mod options;
mod pages;
pub mod person;
mod random;
mod room;
mod rooms;
mod server;
mod services;
mod sigv4;
mod state;
mod strict;
mod totp;
mod transport;
pub mod world;

pub use control::Control;
pub use control::{ClockFace, Waiting};
pub use faults::{Fault, FaultKind, Hold, Rate};
pub use journal::{Count, Entry};
pub use options::{Options, RedirectStyle};
pub use rooms::LodgeError;
pub use server::{Endpoints, Lodging, Running, Sandbox, StartError};
pub use totp::{NotATotpSecret, TotpSecret};
pub use world::{World, WorldError};
