//! Section headers: which section a `[...]` names, and how a name is written.

use crate::shell;
use memchr::memchr3;

/// Which of the two files: their section headers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// `~/.aws/config`: `[default]`, `[profile NAME]`, `[sso-session NAME]`, ...
    Config,
    /// `~/.aws/credentials`: every header is a profile's name, taken literally.
    Credentials,
}

/// What a section is, whatever the spelling of its header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionName {
    /// A profile; `[default]` and `[profile default]` are both `Profile("default")`.
    Profile(String),
    /// `[sso-session NAME]` in the config file.
    SsoSession(String),
    /// `[services NAME]` in the config file.
    Services(String),
    /// Anything else, by the text between the brackets: `[plugins]`, and headers such as
    /// `[profile a b]` that botocore drops without a word.
    Other(String),
}

/// The section whose keys Python's `configparser` gives to every other section.
pub(crate) const INHERITED: &str = "DEFAULT";

/// How the headers of sso-sessions begin.
pub(crate) const SESSION: &str = "sso-session";

impl SectionName {
    /// Reads the text between the brackets as botocore does (`configloader.py`,
    /// `build_profile_map`): by its first letters, then by its two shell words.
    ///
    /// It is that loose in truth: `[profiles x]` is the profile `x` too.
    #[must_use]
    pub fn parse_header(kind: FileKind, header_text: &str) -> SectionName {
        let other = || SectionName::Other(header_text.to_owned());
        match kind {
            _ if header_text == INHERITED => other(),
            FileKind::Credentials => SectionName::Profile(header_text.to_owned()),
            FileKind::Config if header_text == "default" => {
                SectionName::Profile(header_text.to_owned())
            }
            FileKind::Config => typed(header_text).unwrap_or_else(other),
        }
    }

    /// The header line we write, as the AWS CLI writes it: `[default]`, `[profile NAME]`,
    /// `[profile 'a b']`; in the credentials file `[NAME]`.
    ///
    /// A name that botocore would not read back bare (`it's`) is quoted as well, where the
    /// AWS CLI writes a section nobody can read.
    #[must_use]
    pub fn header_text(&self, kind: FileKind) -> String {
        format!("[{}]", self.inside_header(kind))
    }

    /// The text between the brackets.
    pub(crate) fn inside_header(&self, kind: FileKind) -> String {
        match self {
            SectionName::Profile(name) if kind == FileKind::Credentials || name == "default" => {
                name.clone()
            }
            SectionName::Profile(name) => format!("profile {}", word(name)),
            SectionName::SsoSession(name) => format!("sso-session {}", word(name)),
            SectionName::Services(name) => format!("services {}", word(name)),
            SectionName::Other(text) => text.clone(),
        }
    }

    /// False when a header cannot be of this name, seen by its end: without quotes and
    /// backslashes a header ends in its name, give or take blanks.
    pub(crate) fn may_be(&self, header: &[u8]) -> bool {
        without_end_blanks(header).ends_with(without_end_blanks(self.name().as_bytes()))
            || memchr3(b'\'', b'"', b'\\', header).is_some()
    }

    /// The name without its type.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            SectionName::Profile(name)
            | SectionName::SsoSession(name)
            | SectionName::Services(name)
            | SectionName::Other(name) => name,
        }
    }
}

fn without_end_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |i| i + 1);
    text.get(..end).unwrap_or_default()
}

fn typed(header: &str) -> Option<SectionName> {
    let named: fn(String) -> SectionName = if header.starts_with("profile") {
        SectionName::Profile
    } else if header.starts_with(SESSION) {
        SectionName::SsoSession
    } else if header.starts_with("services") {
        SectionName::Services
    } else {
        return None;
    };
    match <[String; 2]>::try_from(shell::split(header)?) {
        Ok([_, name]) => Some(named(name)),
        Err(_) => None,
    }
}

fn word(name: &str) -> String {
    let bare = !name.contains([' ', '\t']) && shell::split(name).is_some_and(|w| w == [name]);
    if bare { name.to_owned() } else { shell::quote(name) }
}

/// Whether every SDK finds a section of this name: letters, digits and `_-/.%@:+` only.
///
/// Rust, Java, Kotlin and the CRT drop sections with any other character, each with no
/// more than a log line.
#[must_use]
pub fn is_portable_name(name: &str) -> bool {
    let portable = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    !name.is_empty() && name != "__proto__" && name.chars().all(portable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> SectionName {
        SectionName::Profile(name.to_owned())
    }

    fn config(header: &str) -> SectionName {
        SectionName::parse_header(FileKind::Config, header)
    }

    #[test]
    fn config_headers() {
        assert_eq!(config("default"), profile("default"));
        assert_eq!(config("profile default"), profile("default"));
        assert_eq!(config("profile \"p 1\""), profile("p 1"));
        assert_eq!(config("profile\tp"), profile("p"));
        assert_eq!(config("profiles p"), profile("p"));
        assert_eq!(config("sso-session corp"), SectionName::SsoSession("corp".into()));
        assert_eq!(config("services s"), SectionName::Services("s".into()));
    }

    #[test]
    fn headers_nobody_reads() {
        for header in ["profile", "profile a b", "profile it's", " profile p", "p", " default"] {
            assert_eq!(config(header), SectionName::Other(header.to_owned()));
        }
    }

    #[test]
    fn credentials_headers_are_literal() {
        let read = |h| SectionName::parse_header(FileKind::Credentials, h);
        assert_eq!(read("profile p"), profile("profile p"));
        assert_eq!(read("'a b'"), profile("'a b'"));
        assert_eq!(read("DEFAULT"), SectionName::Other("DEFAULT".into()));
    }

    #[test]
    fn written_headers() {
        let cases = [
            ("default", "[default]", "[default]"),
            ("p", "[profile p]", "[p]"),
            ("a b", "[profile 'a b']", "[a b]"),
            ("bücher", "[profile bücher]", "[bücher]"),
            ("it's", r#"[profile 'it'"'"'s']"#, "[it's]"),
        ];
        for (name, in_config, in_credentials) in cases {
            assert_eq!(profile(name).header_text(FileKind::Config), in_config);
            assert_eq!(profile(name).header_text(FileKind::Credentials), in_credentials);
        }
    }

    #[test]
    fn portable_names() {
        assert!(is_portable_name("corp/dev.eu-1_x%@:+"));
        for name in ["", "a b", "it's", "a(b)", "bücher", "a,b=c", "__proto__"] {
            assert!(!is_portable_name(name), "{name}");
        }
    }
}
