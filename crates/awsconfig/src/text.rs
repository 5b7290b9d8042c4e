//! Blanks and line breaks as Python's `str` knows them, which is how botocore reads.

/// `str.isspace`: Unicode white space and the four ASCII separators.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `str.strip`.
pub(crate) fn strip(s: &str) -> &str {
    s.trim_matches(is_space)
}

/// `str.rstrip`.
pub(crate) fn strip_end(s: &str) -> &str {
    s.trim_end_matches(is_space)
}

/// How many characters of white space a line starts with.
pub(crate) fn indent(line: &str) -> usize {
    line.chars().take_while(|c| is_space(*c)).count()
}

/// The first `count` characters of a line.
pub(crate) fn prefix(line: &str, count: usize) -> &str {
    let end = line.char_indices().nth(count).map_or(line.len(), |(i, _)| i);
    line.get(..end).unwrap_or(line)
}

/// A break for `str.splitlines`, other than the `\n` and `\r` that end a line of the file.
pub(crate) fn is_inner_break(c: char) -> bool {
    matches!(c, '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_strips_the_ascii_separators_too() {
        assert_eq!(strip("\u{1f}\u{a0} a b\t\u{3000}"), "a b");
        assert_eq!(strip_end(" a \u{1c}"), " a");
    }

    #[test]
    fn indent_counts_characters_not_bytes() {
        assert_eq!(indent("\u{3000}\tx"), 2);
        assert_eq!(prefix("\u{3000}\tx", 2), "\u{3000}\t");
        assert_eq!(prefix("ab", 9), "ab");
    }
}
