//! What botocore reads but a person, or another SDK, may not expect.

use std::collections::HashMap;

use crate::grammar::{Grammar, LineKind};
use crate::header::{FileKind, INHERITED, SectionName, is_portable_name};
use crate::{lines, text};

/// Something legal that deserves a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// The 1-based line.
    pub line: usize,
    /// What about it.
    pub kind: WarningKind,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

/// What deserves a word. Which SDK does what was measured file by file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WarningKind {
    /// `[default]` and `[profile default]`, or one name in two spellings.
    #[error("this section is hidden by another spelling of the same name on line {by}")]
    Hidden {
        /// The line of the header that counts.
        by: usize,
    },
    /// `[profile a b]`, `[profile]`, `[profile it's]`.
    #[error("no tool reads this header: after its type must stand one name, quoted if needed")]
    UnreadHeader,
    /// `[NAME]` in the config file.
    #[error("in the config file a profile's header must start with `profile `")]
    MissingPrefix,
    /// `[profile NAME]` or `[sso-session NAME]` in the credentials file.
    #[error("in the credentials file a header is the profile's bare name")]
    PrefixInCredentials,
    /// A header that needs quotes, has odd blanks, or a name outside the common alphabet.
    #[error("several SDKs do not find a section with this header")]
    HeaderNotPortable,
    /// Anything after the `]`, blanks too.
    #[error("some tools do not find a section when text or blanks follow the `]`")]
    TextAfterHeader,
    /// `[DEFAULT]`.
    #[error("AWS CLI and boto3 give the keys of [DEFAULT] to every section, other SDKs do not")]
    Inherited,
    /// A key with a capital letter.
    #[error("most SDKs find keys in lower case only")]
    UpperCaseKey,
    /// `key: value`.
    #[error("several SDKs read `=` only, some refuse the file for a `:`")]
    Colon,
    /// An indented first key of a section.
    #[error("some SDKs refuse a file with an indented first key")]
    IndentedKey,
    /// ` # ...` or ` ; ...` after a value.
    #[error("AWS CLI and boto3 take this comment as a part of the value, most SDKs do not")]
    InlineComment,
}

/// All warnings, by line. The text is one that parses.
pub(crate) fn find(kind: FileKind, text: &str) -> Vec<Warning> {
    let mut finder = Finder { kind, after_header: false, last: HashMap::new(), found: Vec::new() };
    let mut grammar = Grammar::default();
    for (number, (line, _)) in (1..).zip(lines::split(text)) {
        match grammar.classify(line) {
            Ok(LineKind::Header(header)) => finder.header(number, line, header),
            Ok(LineKind::Entry { key, value }) => finder.entry(number, line, key, value),
            _ => {}
        }
    }
    finder.found.sort_by_key(|warning| warning.line);
    finder.found
}

struct Finder {
    kind: FileKind,
    after_header: bool,
    last: HashMap<SectionName, usize>,
    found: Vec<Warning>,
}

impl Finder {
    fn add(&mut self, line: usize, kind: WarningKind) {
        self.found.push(Warning { line, kind });
    }

    fn header(&mut self, number: usize, line: &str, header: &str) {
        self.after_header = true;
        if header == INHERITED {
            return self.add(number, WarningKind::Inherited);
        }
        let name = SectionName::parse_header(self.kind, header);
        if let Some(warning) = about_name(self.kind, &name, header) {
            self.add(number, warning);
        }
        if !line.ends_with(']') {
            self.add(number, WarningKind::TextAfterHeader);
        }
        if let Some(hidden) = self.last.insert(name, number) {
            self.add(hidden, WarningKind::Hidden { by: number });
        }
    }

    fn entry(&mut self, number: usize, line: &str, key: &str, value: &str) {
        if std::mem::take(&mut self.after_header) && text::indent(line) > 0 {
            self.add(number, WarningKind::IndentedKey);
        }
        if key.chars().any(char::is_uppercase) {
            self.add(number, WarningKind::UpperCaseKey);
        }
        let delimiter = text::strip(line).get(key.len()..).map(str::trim_start);
        if delimiter.is_some_and(|rest| rest.starts_with(':')) {
            self.add(number, WarningKind::Colon);
        }
        if [" #", " ;", "\t#", "\t;"].iter().any(|comment| value.contains(comment)) {
            self.add(number, WarningKind::InlineComment);
        }
    }
}

fn about_name(kind: FileKind, name: &SectionName, header: &str) -> Option<WarningKind> {
    let typed = ["profile ", "sso-session ", "services "].iter().any(|t| header.starts_with(t));
    match (kind, name) {
        (FileKind::Credentials, _) if typed => Some(WarningKind::PrefixInCredentials),
        (FileKind::Config, SectionName::Other(_)) => about_other(header),
        _ if is_portable_name(name.name()) && is_plain(kind, name, header) => None,
        _ => Some(WarningKind::HeaderNotPortable),
    }
}

fn about_other(header: &str) -> Option<WarningKind> {
    let looks_typed = |t: &&str| text::strip(header).starts_with(t);
    if ["profile", "sso-session", "services"].iter().any(looks_typed) {
        return Some(WarningKind::UnreadHeader);
    }
    (!matches!(header, "plugins" | "preview")).then_some(WarningKind::MissingPrefix)
}

fn is_plain(kind: FileKind, name: &SectionName, header: &str) -> bool {
    header == "profile default" || name.header_text(kind) == format!("[{header}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(kind: FileKind, text: &str) -> Vec<(usize, WarningKind)> {
        find(kind, text).into_iter().map(|w| (w.line, w.kind)).collect()
    }

    #[test]
    fn a_plain_file_is_quiet() {
        let text = "[default]\na = b # c\n[profile x]\ns3 =\n  k = v\n[sso-session s]\n[plugins]\n";
        let text = text.replace(" # c", "#c");
        assert_eq!(kinds(FileKind::Config, &text), []);
        assert_eq!(kinds(FileKind::Config, "[profile default]\n"), []);
        assert_eq!(kinds(FileKind::Credentials, "[default]\n[x]\n"), []);
    }

    #[test]
    fn hidden_sections_name_the_one_that_counts() {
        let text = "[default]\n[profile default]\n[profile x]\n[profile 'x']\n";
        let hidden = |line| (line - 1, WarningKind::Hidden { by: line });
        let want = [hidden(2), hidden(4), (4, WarningKind::HeaderNotPortable)];
        assert_eq!(kinds(FileKind::Config, text), want);
    }

    #[test]
    fn headers() {
        let cases = [
            ("[profile a b]", WarningKind::UnreadHeader),
            ("[profile it's]", WarningKind::UnreadHeader),
            ("[ profile p ]", WarningKind::UnreadHeader),
            ("[p]", WarningKind::MissingPrefix),
            ("[profile 'a b']", WarningKind::HeaderNotPortable),
            ("[profile  p]", WarningKind::HeaderNotPortable),
            ("[profile b\u{fc}cher]", WarningKind::HeaderNotPortable),
            ("[profile p] # c", WarningKind::TextAfterHeader),
            ("[profile p] ", WarningKind::TextAfterHeader),
            ("[DEFAULT]", WarningKind::Inherited),
        ];
        for (header, want) in cases {
            assert_eq!(kinds(FileKind::Config, header), [(1, want)], "{header}");
        }
        let prefixed = [(1, WarningKind::PrefixInCredentials)];
        assert_eq!(kinds(FileKind::Credentials, "[profile x]"), prefixed);
    }

    #[test]
    fn entries() {
        let text = "[default]\n  Region: x ; y\n";
        let want = [
            WarningKind::IndentedKey,
            WarningKind::UpperCaseKey,
            WarningKind::Colon,
            WarningKind::InlineComment,
        ];
        assert_eq!(kinds(FileKind::Config, text), want.map(|kind| (2, kind)));
    }
}
