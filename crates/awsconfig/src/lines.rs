//! Text cut into lines that still know how they ended.

/// One line: its text, and the `\n`, `\r\n`, `\r` or nothing it ended with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) ending: &'static str,
}

/// Cuts as Python's universal newlines do, so a lone `\r` ends a line as well.
///
/// Every piece is `(text, ending)`; joined again they are the input.
pub(crate) fn split(text: &str) -> impl Iterator<Item = (&str, &'static str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        let ending = ending_of(tail);
        rest = tail.get(ending.len()..).unwrap_or_default();
        Some((line, ending))
    })
}

fn ending_of(tail: &str) -> &'static str {
    ["\r\n", "\n", "\r"].into_iter().find(|e| tail.starts_with(e)).unwrap_or_default()
}

/// The ending new lines get: `\r\n` where most lines of the file have it.
pub(crate) fn style(lines: &[Line]) -> &'static str {
    let crlf = lines.iter().filter(|l| l.ending == "\r\n").count();
    let lf = lines.iter().filter(|l| l.ending == "\n").count();
    if crlf > lf { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_endings_and_none() {
        let cut: Vec<_> = split("a\nb\r\nc\r\r\n\rd").collect();
        let want = [("a", "\n"), ("b", "\r\n"), ("c", "\r"), ("", "\r\n"), ("", "\r"), ("d", "")];
        assert_eq!(cut, want);
        assert_eq!(split("").count(), 0);
    }

    #[test]
    fn the_majority_sets_the_style() {
        let lines = |text| {
            split(text)
                .map(|(text, ending)| Line { text: text.to_owned(), ending })
                .collect::<Vec<_>>()
        };
        assert_eq!(style(&lines("a\r\nb\r\nc\n")), "\r\n");
        assert_eq!(style(&lines("a\r\nb\n")), "\n");
        assert_eq!(style(&[]), "\n");
    }
}
