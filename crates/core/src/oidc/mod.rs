//! The login protocols: client registration, PKCE with its callback server, and
//! the device flow.

pub mod callback;
mod callback_page;
pub mod pasted;
pub mod pkce;
pub mod registration;
