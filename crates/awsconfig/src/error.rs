//! What can be wrong with a file, or with an edit.

/// Why botocore (and so the AWS CLI) refuses the file, and where.
///
/// The message names the line and the rule, never the content of the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct SyntaxError {
    /// The 1-based line.
    pub line: usize,
    /// The rule that line breaks.
    pub kind: SyntaxErrorKind,
}

/// The rule a line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The file starts with a byte order mark.
    #[error("the file starts with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    /// A line before the first section header.
    #[error("text before the first [section] header")]
    BeforeFirstSection,
    /// A `[` that is not closed on its line, or closed with nothing inside.
    #[error("this section header has no name or no closing `]`")]
    UnclosedHeader,
    /// A line without `=` or `:`.
    #[error("neither a [section] header, a comment nor `key = value`")]
    NotAnEntry,
    /// A line that starts with `=` or `:`.
    #[error("no key before the `=`")]
    EmptyKey,
    /// The same section header a second time.
    #[error("duplicate section (first on line {first})")]
    DuplicateSection {
        /// The line of the first header.
        first: usize,
    },
    /// The same key a second time in one section, in any case.
    #[error("duplicate key in this section (first on line {first})")]
    DuplicateKey {
        /// The line of the first.
        first: usize,
    },
    /// A line of a nested block without `=`.
    #[error("a line of a nested block must be `key = value`")]
    NestedWithoutEquals,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8 text")]
    NotUtf8,
}

/// Why an edit was refused. The document is then as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The section's name is empty.
    #[error("the name is empty")]
    EmptyName,
    /// The section's name holds a `]`, which several SDKs take for the end of the header.
    #[error("the name must not contain `]`")]
    BracketInName,
    /// The section's name holds a control character.
    #[error("the name must not contain control characters or line breaks")]
    ControlInName,
    /// No header can be written that is read back as this name in this file.
    #[error("this name cannot be written as a section header of this file")]
    UnwritableName,
    /// The key is empty.
    #[error("the key is empty")]
    EmptyKey,
    /// The key would be read as something else.
    #[error(
        "the key must not contain `=`, `:` or control characters, start with `[`, `#` or `;`, \
         or have blanks around it"
    )]
    BadKey,
    /// The value holds a line break or another control character.
    #[error("the value must not contain line breaks or control characters")]
    ControlInValue,
    /// A nested key was to be set under a key that has a value of its own.
    #[error("the key on line {line} has a value of its own, so nothing can be nested under it")]
    PlainValue {
        /// The line of that key.
        line: usize,
    },
    /// The result would not read back as meant.
    #[error("the edit would change the meaning of other lines of this file")]
    WouldChangeMeaning,
}

impl SyntaxErrorKind {
    pub(crate) fn at(self, line: usize) -> SyntaxError {
        SyntaxError { line, kind: self }
    }
}
