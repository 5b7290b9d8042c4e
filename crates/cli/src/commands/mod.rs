//! The commands, one verb a file.

pub mod attend;
pub mod audit;
pub mod changes;
pub mod complete;
pub mod configure;
pub mod console;
pub mod credential_process;
pub mod doctor;
pub mod env;
pub mod exec;
pub mod help;
pub mod invite;
pub mod login;
pub mod man;
pub mod migrate;
pub mod reach;
pub mod s3;
pub mod sandbox;
pub mod serve;
pub mod shell;
pub mod sso;
pub mod status;
pub mod sts;
pub mod tour;
pub mod vault;
pub mod whoami;
