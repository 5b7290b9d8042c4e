//! The interviews of `configure sso` and `configure sso-session`: the AWS CLI's
//! prompts in its order, each of which can be answered by an option instead.

pub mod accounts;
mod interview;
pub mod login;
pub mod session;

pub use interview::{Interview, Part};

use crate::app::interrupted;
use crate::prompt::PromptError;
use daypass_core::{Error, Kind};

/// What it means that a question got no answer.
pub fn stopped(error: PromptError) -> Error {
    match error {
        PromptError::Interrupted => interrupted(),
        PromptError::EndOfInput => {
            Error::new(Kind::Profile, "the input ended before the question was answered")
                .because("nothing was written to the config file")
        }
        PromptError::Terminated => Error::new(Kind::Terminated, "terminated"),
        PromptError::NotATerminal => Error::new(Kind::Profile, "there is no terminal to ask on"),
        PromptError::Io(error) => {
            Error::new(Kind::Profile, "cannot use the terminal").because(error.to_string())
        }
    }
}
