//! What a line is. The one state machine under [`parse`](crate::parse), the scan and the
//! document: Python's `RawConfigParser._read`, in strict mode, without inline comments.

use crate::error::SyntaxErrorKind;
use crate::text;

/// What a line turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind<'a> {
    Blank,
    Comment,
    /// The text between `[` and the last `]` of the line.
    Header(&'a str),
    Entry {
        key: &'a str,
        value: &'a str,
    },
    /// Indented deeper than the entry above, so a part of that entry's value.
    Continuation(&'a str),
}

/// What has to be remembered from line to line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grammar {
    in_section: bool,
    open_entry: bool,
    indent: usize,
}

impl Grammar {
    /// Reads the next line, given without its line ending.
    pub(crate) fn classify<'a>(&mut self, line: &'a str) -> Result<LineKind<'a>, SyntaxErrorKind> {
        let content = text::strip(line);
        if content.is_empty() {
            return Ok(LineKind::Blank);
        }
        if content.starts_with(['#', ';']) {
            return Ok(LineKind::Comment);
        }
        let indent = text::indent(line);
        if self.open_entry && indent > self.indent {
            return Ok(LineKind::Continuation(content));
        }
        self.indent = indent;
        self.structure(content)
    }

    fn structure<'a>(&mut self, content: &'a str) -> Result<LineKind<'a>, SyntaxErrorKind> {
        if let Some(header) = header(content) {
            self.in_section = true;
            self.open_entry = false;
            return Ok(LineKind::Header(header));
        }
        if !self.in_section {
            return Err(outside(content));
        }
        self.open_entry = true;
        entry(content)
    }

    /// Passes over a line in a section nobody asked for, by its first byte alone.
    ///
    /// False when that byte does not settle it, in which case nothing has changed and the
    /// line must be given to [`classify`](Self::classify). Lines that are an error pass
    /// unseen: who wants the errors parses.
    pub(crate) fn skip(&mut self, line: &[u8]) -> bool {
        match line.first() {
            None | Some(b'#' | b';') => true,
            Some(first) if self.in_section && first.is_ascii_graphic() && *first != b'[' => {
                self.open_entry = true;
                self.indent = 0;
                true
            }
            Some(_) => false,
        }
    }
}

/// Greedy as Python's `\[(.+)\]`: up to the last bracket of the line.
fn header(content: &str) -> Option<&str> {
    let inside = content.strip_prefix('[')?;
    let (header, _) = inside.rsplit_once(']')?;
    (!header.is_empty()).then_some(header)
}

fn entry(content: &str) -> Result<LineKind<'_>, SyntaxErrorKind> {
    let Some((key, value)) = content.split_once(['=', ':']) else {
        return Err(if content.starts_with('[') {
            SyntaxErrorKind::UnclosedHeader
        } else {
            SyntaxErrorKind::NotAnEntry
        });
    };
    let key = text::strip_end(key);
    if key.is_empty() {
        return Err(SyntaxErrorKind::EmptyKey);
    }
    Ok(LineKind::Entry { key, value: text::strip(value) })
}

fn outside(content: &str) -> SyntaxErrorKind {
    if content.starts_with('\u{feff}') {
        SyntaxErrorKind::ByteOrderMark
    } else if content.starts_with('[') {
        SyntaxErrorKind::UnclosedHeader
    } else {
        SyntaxErrorKind::BeforeFirstSection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds<'a>(lines: &[&'a str]) -> Vec<Result<LineKind<'a>, SyntaxErrorKind>> {
        let mut grammar = Grammar::default();
        lines.iter().map(|line| grammar.classify(line)).collect()
    }

    #[test]
    fn deeper_lines_continue_the_entry_above() {
        let got = kinds(&["[a]", "  k = v", "   more", "  l : w", "  [b]", " x=1"]);
        let want = [
            LineKind::Header("a"),
            LineKind::Entry { key: "k", value: "v" },
            LineKind::Continuation("more"),
            LineKind::Entry { key: "l", value: "w" },
            LineKind::Header("b"),
            LineKind::Entry { key: "x", value: "1" },
        ];
        assert_eq!(got, want.map(Ok));
    }

    #[test]
    fn an_indented_header_after_an_entry_is_its_continuation() {
        let got = kinds(&["[a]", "k = v", " [b]", "[c] # see [d]"]);
        assert_eq!(got.get(2), Some(&Ok(LineKind::Continuation("[b]"))));
        assert_eq!(got.get(3), Some(&Ok(LineKind::Header("c] # see [d"))));
    }

    #[test]
    fn errors_by_kind() {
        let cases = [
            ("k = v", SyntaxErrorKind::BeforeFirstSection),
            ("\u{feff}[a]", SyntaxErrorKind::ByteOrderMark),
            ("[a", SyntaxErrorKind::UnclosedHeader),
        ];
        for (line, want) in cases {
            assert_eq!(kinds(&[line]), [Err(want)]);
        }
        let inside = [
            ("[b", SyntaxErrorKind::UnclosedHeader),
            ("[]", SyntaxErrorKind::UnclosedHeader),
            ("word", SyntaxErrorKind::NotAnEntry),
            ("= v", SyntaxErrorKind::EmptyKey),
        ];
        for (line, want) in inside {
            assert_eq!(kinds(&["[a]", line]).get(1), Some(&Err(want)));
        }
    }

    #[test]
    fn skipping_keeps_the_same_state() {
        for line in ["", "# c", "; c", "k = v", "=", "é = x"] {
            let mut skipping = Grammar { in_section: true, open_entry: true, indent: 4 };
            let mut reading = skipping.clone();
            if skipping.skip(line.as_bytes()) && reading.classify(line).is_ok() {
                assert_eq!(format!("{skipping:?}"), format!("{reading:?}"), "{line}");
            }
        }
        assert!(!Grammar::default().skip(b"k = v"));
    }
}
