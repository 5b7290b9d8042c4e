//! Errors by fault: what happened, why, and what to do next.

use std::fmt;

/// Whose fault it is, which decides the exit code and the tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command was given wrong words.
    Usage,
    /// Something is missing or wrong in the configuration.
    Config,
    /// The profile in force cannot be used: absent, unreadable, incomplete.
    Profile,
    /// A login is needed and was not possible here.
    LoginNeeded,
    /// A login was tried and did not succeed.
    LoginFailed,
    /// The service answered that this is not allowed: an administrator's matter.
    Denied,
    /// The service answered with an error.
    Service,
    /// The service could not be reached.
    Network,
    /// A file or store could not be read or written.
    Store,
    /// The person stopped it.
    Interrupted,
    /// The system asked it to end.
    Terminated,
    /// A mistake in this program.
    Bug,
}

/// An error as a person meets it: one line that stands alone, its causes, and
/// one command or action that helps.
///
/// None of the texts holds file content, a token, a code or a query string.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    said: Option<String>,
    hint: Option<String>,
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`; `message` is lower case, present tense, no full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { kind, message, causes: Vec::new(), said: None, hint: None }))
    }

    /// Adds a cause behind those already there.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.causes.push(cause.into());
        self
    }

    /// Sets the hint, unless a more precise one is there.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Keeps the words of the service, which the message puts into the user's.
    #[must_use]
    pub fn said(mut self, words: impl Into<String>) -> Self {
        self.0.said = Some(words.into());
        self
    }

    /// Puts a new first line before this error, which becomes its first cause.
    #[must_use]
    pub fn while_doing(mut self, message: impl Into<String>) -> Self {
        let inner = std::mem::replace(&mut self.0.message, message.into());
        self.0.causes.insert(0, inner);
        self
    }

    /// The same words under another kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Whose fault it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The first line, which stands alone.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Why, outermost cause first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// What the service itself said, where the message says it in other words.
    pub fn words_of_service(&self) -> Option<&str> {
        self.0.said.as_deref()
    }

    /// What to do next.
    pub fn next_step(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))?;
        self.0.said.iter().try_for_each(|words| write!(f, ": AWS said: {words}"))
    }
}

impl std::error::Error for Error {}

impl From<vault::WriteError> for Error {
    fn from(error: vault::WriteError) -> Self {
        Self::new(Kind::Store, format!("cannot write `{}`", error.path.display()))
            .because(error.source.to_string())
            .hint("check who may write to its directory, and the space left on the disk")
    }
}

impl From<vault::LockError> for Error {
    fn from(error: vault::LockError) -> Self {
        let path = error.path.display().to_string();
        Self::new(Kind::Store, error.to_string())
            .hint(format!("see which process it is with `lsof {path}`, end it, and try again"))
    }
}

/// A name between backticks for messages, without control characters.
pub(crate) fn quoted(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    format!("`{clean}`")
}
