//! The user's `~/.aws/config` and `~/.aws/credentials`, as text.
//!
//! Three ways in, by need:
//!
//! - [`parse`] reads the whole file and says what every section holds;
//! - [`scan::scan`] streams the file and keeps only the wanted sections (the fast lane);
//! - [`Document`] edits the text and leaves every other byte as it was.
//!
//! All three stand on one grammar, that of botocore (Python's strict `RawConfigParser`),
//! because the AWS CLI refuses every command when that parser refuses the file. The edits
//! are laid out as the AWS CLI's own writer lays them out, without its bugs.
//!
//! The crate is pure: no files, no environment, no clock. Errors carry line numbers and
//! never the file's content, which may be a secret.

mod bulk;
mod document;
mod error;
mod grammar;
mod header;
mod layout;
mod lines;
mod meaning;
mod outline;
mod parse;
mod pass;
mod rules;
pub mod scan;
mod section;
mod shell;
mod text;
mod warning;

pub use bulk::SectionEdit;
pub use document::Document;
pub use error::{EditError, SyntaxError, SyntaxErrorKind};
pub use header::{FileKind, SectionName, is_portable_name};
pub use parse::{Parsed, errors, parse, warnings};
pub use section::{Nested, Section, Value};
pub use warning::{Warning, WarningKind};
