//! The last step of the path: credentials to those who use them.

pub mod shells;
