//! Python's `shlex`, the part that section headers go through.

/// `shlex.split(text)`: POSIX words, no comments. `None` where Python raises, that is for
/// a quotation that is not closed or a backslash with nothing after it.
pub(crate) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(chars.next()?),
            '\'' => single_quoted(&mut chars, word.get_or_insert_default())?,
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

fn single_quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '\'' => return Some(()),
            c => word.push(c),
        }
    }
}

fn double_quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// `shlex.quote(text)`.
pub(crate) fn quote(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r#"'"'"'"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<Vec<String>> {
        split(text)
    }

    #[test]
    fn splits_as_python_does() {
        let some = |w: &[&str]| Some(w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(words("profile a"), some(&["profile", "a"]));
        assert_eq!(words("profile  'a b'"), some(&["profile", "a b"]));
        assert_eq!(words(r#"profile "a \" \x b""#), some(&["profile", r#"a " \x b"#]));
        assert_eq!(words(r"profile a\ b"), some(&["profile", "a b"]));
        assert_eq!(words("profile ''"), some(&["profile", ""]));
        assert_eq!(words("profile a'b'\"c\""), some(&["profile", "abc"]));
        assert_eq!(words("profile #x"), some(&["profile", "#x"]));
        assert_eq!(words(""), some(&[]));
    }

    #[test]
    fn open_quotes_are_no_words() {
        for text in ["profile it's", "profile \"a", "profile a\\", "profile \"a\\"] {
            assert_eq!(words(text), None, "{text}");
        }
    }

    #[test]
    fn quotes_as_python_does() {
        assert_eq!(quote("a.b@c"), "a.b@c");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), r#"'it'"'"'s'"#);
        assert_eq!(quote(""), "''");
        assert_eq!(quote("ü"), "'ü'");
    }
}
