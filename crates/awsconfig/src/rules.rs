//! What may be written at all.

use crate::error::EditError;
use crate::header::{FileKind, SectionName};
use crate::text;

/// A name is fine when its header can be written and is read back as the same name.
pub(crate) fn check_name(kind: FileKind, section: &SectionName) -> Result<(), EditError> {
    let name = section.name();
    if name.is_empty() {
        return Err(EditError::EmptyName);
    }
    if name.contains(']') {
        return Err(EditError::BracketInName);
    }
    if name.chars().any(|c| c.is_control() || text::is_inner_break(c)) {
        return Err(EditError::ControlInName);
    }
    if SectionName::parse_header(kind, &section.inside_header(kind)) == *section {
        Ok(())
    } else {
        Err(EditError::UnwritableName)
    }
}

pub(crate) fn check_key(key: &str) -> Result<(), EditError> {
    if key.is_empty() {
        return Err(EditError::EmptyKey);
    }
    let bad = |c: char| matches!(c, '=' | ':') || c.is_control() || text::is_inner_break(c);
    if key.contains(bad) || key.starts_with(['[', '#', ';', '\u{feff}']) || text::strip(key) != key
    {
        return Err(EditError::BadKey);
    }
    Ok(())
}

/// A tab is let through: it is a blank like any other inside a value.
pub(crate) fn check_value(value: &str) -> Result<(), EditError> {
    let bad = |c: char| (c.is_control() && c != '\t') || text::is_inner_break(c);
    if value.contains(bad) { Err(EditError::ControlInValue) } else { Ok(()) }
}

/// The pairs to write: of a key given twice the last value, at the first one's place.
pub(crate) fn check_pairs<'a>(
    pairs: &[(&'a str, &'a str)],
) -> Result<Vec<(&'a str, &'a str)>, EditError> {
    let mut checked: Vec<(&str, &str)> = Vec::new();
    for (key, value) in pairs {
        check_key(key)?;
        check_value(value)?;
        match checked.iter_mut().find(|(k, _)| same_key(k, key)) {
            Some((_, slot)) => *slot = value,
            None => checked.push((key, value)),
        }
    }
    Ok(checked)
}

pub(crate) fn same_key(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check =
            |name: &str| check_name(FileKind::Config, &SectionName::Profile(name.to_owned()));
        assert_eq!(check(""), Err(EditError::EmptyName));
        assert_eq!(check("a]"), Err(EditError::BracketInName));
        assert_eq!(check("a\nb"), Err(EditError::ControlInName));
        for name in ["p", "in", "default", "a b", "it's", "a\\b", "\"q\"", "DEFAULT", "#", "a=b"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_would_be_something_else() {
        use SectionName::{Other, Profile, SsoSession};
        let check = |kind, name: SectionName| check_name(kind, &name);
        let unwritable = Err(EditError::UnwritableName);
        assert_eq!(check(FileKind::Config, Other("profile x".into())), unwritable);
        assert_eq!(check(FileKind::Config, Other("default".into())), unwritable);
        assert_eq!(check(FileKind::Credentials, SsoSession("x".into())), unwritable);
        assert_eq!(check(FileKind::Credentials, Profile("DEFAULT".into())), unwritable);
        assert_eq!(check(FileKind::Config, Other("plugins".into())), Ok(()));
    }

    #[test]
    fn keys_and_values() {
        for key in ["a=b", "a:b", "[a", "#a", ";a", " a", "a ", "a\nb", "a\0"] {
            assert_eq!(check_key(key), Err(EditError::BadKey), "{key:?}");
        }
        assert_eq!(check_key(""), Err(EditError::EmptyKey));
        assert_eq!(check_key("my key"), Ok(()));
        for value in ["a\nb", "a\rb", "\0", "\u{1b}[0m", "\u{85}", "\u{2028}"] {
            assert_eq!(check_value(value), Err(EditError::ControlInValue), "{value:?}");
        }
        assert_eq!(check_value("a\t= [x] # ; \"é"), Ok(()));
    }

    #[test]
    fn a_pair_given_twice() {
        let pairs = check_pairs(&[("a", "1"), ("b", "2"), ("A", "3")]);
        assert_eq!(pairs, Ok(vec![("a", "3"), ("b", "2")]));
    }
}
