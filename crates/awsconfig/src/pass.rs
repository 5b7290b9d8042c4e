//! Whole sections passed over at the speed of memory.
//!
//! A line that begins with `[` is a header, whatever stands before it. So of a section
//! that nobody asked for only one thing has to be found: the next such line.

use memchr::{memchr, memchr_iter, memchr2};

/// How far a buffer was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
}

/// Passes over the sections at the buffer's beginning, whole ones only, up to the first
/// whose header is to be looked at. Nothing unless the buffer begins with a header.
pub(crate) fn sections(buffer: &[u8], may_open: impl Fn(&[u8]) -> bool) -> Passed {
    let (mut bytes, mut rest) = (0, buffer);
    while let Some((section, others)) = split_section(rest) {
        if may_open(first_line(section)) {
            break;
        }
        bytes += section.len();
        rest = others;
    }
    Passed { bytes, lines: line_ends(buffer.get(..bytes).unwrap_or_default()) }
}

/// The section, if the next one begins in the buffer too. None where an indented `[`
/// may be a header or a value's continuation: that takes reading every line.
fn split_section(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = bytes.starts_with(b"[").then_some(0)?;
    loop {
        at += 1 + memchr(b'[', bytes.get(at + 1..)?)?;
        let (before, rest) = bytes.split_at_checked(at)?;
        match before.iter().rev().find(|byte| is_break(**byte) || byte.is_ascii_graphic()) {
            Some(byte) if !is_break(*byte) => {}
            _ if before.last().copied().is_some_and(is_break) => return Some((before, rest)),
            _ => return None,
        }
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn first_line(section: &[u8]) -> &[u8] {
    let end = memchr2(b'\n', b'\r', section).unwrap_or(section.len());
    section.get(..end).unwrap_or_default()
}

/// Every `\n`, and every `\r` that none follows.
fn line_ends(bytes: &[u8]) -> usize {
    let feeds = memchr_iter(b'\n', bytes).count();
    let is_alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    feeds + memchr_iter(b'\r', bytes).filter(is_alone).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left after everything but `x` was passed over, and the lines before it.
    fn rest(text: &str) -> (&str, usize) {
        let passed = sections(text.as_bytes(), |line| line == b"[x]");
        (&text[passed.bytes..], passed.lines)
    }

    #[test]
    fn all_up_to_the_section_that_is_asked_for() {
        assert_eq!(rest("[a]\nk = [v]\n# [c]\n[b]\n\n[x]\nk"), ("[x]\nk", 5));
        assert_eq!(rest("[a]\r\nk\r\n[b]\r\r[x]\r"), ("[x]\r", 4));
        assert_eq!(rest("[x]\n[a]\n"), ("[x]\n[a]\n", 0));
    }

    #[test]
    fn only_whole_sections_that_need_no_reading() {
        for text in
            ["", "k = v\n[x]\n", "[a]\nk = v\n", "[a]\nk =\n  [b]\n[x]\n", "[a]\n\u{a0}[x]\n"]
        {
            assert_eq!(rest(text), (text, 0), "{text:?}");
        }
        assert_eq!(rest("[a]\n[b]\nk =\n\t[c]\n"), ("[b]\nk =\n\t[c]\n", 1));
    }

    #[test]
    fn more_lines_than_a_byte_counts() {
        let many = format!("[a]\n{}[x]\n", "\r\n".repeat(1000));
        assert_eq!(rest(&many), ("[x]\n", 1001));
    }
}
