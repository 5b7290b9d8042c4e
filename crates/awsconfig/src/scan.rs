//! The fast lane: one pass over the file for a few sections.

use std::io::{BufRead, BufReader, Read};

use crate::error::SyntaxError;
use crate::header::{FileKind, SectionName};
use crate::parse::{Parsed, Sections, Wanted};
use crate::pass;

/// Why a scan failed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The reader failed.
    #[error("cannot read the file")]
    Io(#[from] std::io::Error),
    /// A line that the scan had to understand is wrong.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}

const BUFFER: usize = 32 * 1024;

/// Reads only the named sections.
///
/// They are what [`parse`](crate::parse) would say on any file it accepts: of two sections
/// with one name the last, with the keys inherited from `[DEFAULT]`. The rest of the file
/// is looked at for headers only, so a mistake there may go unseen. There are no warnings.
///
/// # Errors
///
/// The reader's error, or the first wrong line that was looked at.
pub fn scan<R: Read>(
    reader: R,
    kind: FileKind,
    names: &[SectionName],
) -> Result<Parsed, ScanError> {
    stream(reader, kind, Wanted { names, sso_sessions: false })
}

/// As [`scan`], and besides every sso-session: whoever reads a profile learns only
/// then which of them it is of, and a second pass over a large file costs as much as
/// the first.
///
/// # Errors
///
/// As [`scan`].
pub fn scan_with_sessions<R: Read>(
    reader: R,
    kind: FileKind,
    names: &[SectionName],
) -> Result<Parsed, ScanError> {
    stream(reader, kind, Wanted { names, sso_sessions: true })
}

fn stream<R: Read>(reader: R, kind: FileKind, wanted: Wanted<'_>) -> Result<Parsed, ScanError> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut sections = Sections::only(kind, wanted);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        feed(&mut sections, &line)?;
        line.clear();
        let passed = pass::sections(reader.buffer(), |line| wanted.may_be_opened_by(line));
        reader.consume(passed.bytes);
        sections.pass_over(passed.lines);
    }
    Ok(sections.merged(kind)?)
}

/// One `\n`-ended piece of the file, which a lone `\r` cuts into several lines.
fn feed(sections: &mut Sections<'_>, piece: &[u8]) -> Result<(), SyntaxError> {
    let line = piece.strip_suffix(b"\n").unwrap_or(piece);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !line.contains(&b'\r') {
        return sections.bytes(line);
    }
    line.split(|b| *b == b'\r').try_for_each(|line| sections.bytes(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::SyntaxErrorKind;

    /// Gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let one = buffer.len().min(1);
            self.0.read(buffer.get_mut(..one).unwrap_or_default())
        }
    }

    fn profile(name: &str) -> SectionName {
        SectionName::Profile(name.to_owned())
    }

    fn value(text: &[u8], name: &str, key: &str) -> Option<(usize, String)> {
        let parsed = scan(Slow(text), FileKind::Config, &[profile(name)]).ok()?;
        let value = parsed.section(&profile(name))?.get(key)?;
        Some((value.line, value.as_str()?.to_owned()))
    }

    #[test]
    fn lines_are_counted_over_all_endings() {
        let text = b"[profile x]\r\na = 1\r\rb = 2\n[profile y]\rc = 3\r";
        assert_eq!(value(text, "y", "c"), Some((6, "3".to_owned())));
        assert_eq!(value(text, "x", "b"), Some((4, "2".to_owned())));
    }

    #[test]
    fn an_indented_header_is_told_from_a_continued_value() {
        let text = b"[profile x]\nk = v\n  [profile y]\na = 1\n[profile z]\n  [profile y]\na = 2\n";
        assert_eq!(value(text, "y", "a"), Some((7, "2".to_owned())));
    }

    #[test]
    fn mistakes_in_other_sections_pass_mistakes_in_ours_do_not() {
        let text = b"[profile x]\nword\nk = \xff\n[profile y]\na = 1\n";
        assert_eq!(value(text, "y", "a"), Some((5, "1".to_owned())));
        let ours = scan(text.as_slice(), FileKind::Config, &[profile("x")]);
        let ScanError::Syntax(error) = ours.expect_err("a mistake") else {
            unreachable!("not the reader's mistake")
        };
        assert_eq!(error, SyntaxErrorKind::NotAnEntry.at(2));
    }

    #[test]
    fn all_sessions_come_along_when_asked_for() {
        let text = b"[sso-session a]\nk = 1\n[profile x]\nk = 2\n[profile y]\n[sso-session 'b c']\nk = 3\n";
        let names = [profile("x")];
        let parsed =
            scan_with_sessions(text.as_slice(), FileKind::Config, &names).expect("it reads");
        assert_eq!(parsed.sso_sessions().collect::<Vec<_>>(), ["a", "b c"]);
        assert_eq!(parsed.profiles().collect::<Vec<_>>(), ["x"]);
        let alone = scan(text.as_slice(), FileKind::Config, &names).expect("it reads");
        assert_eq!(alone.sso_sessions().count(), 0);
    }

    #[test]
    fn lines_longer_than_the_buffer() {
        let long = "x".repeat(3 * BUFFER);
        let text = format!("[profile x]\na = {long}\n[profile y]\na = {long}\n");
        assert_eq!(value(text.as_bytes(), "y", "a"), Some((4, long)));
    }

    #[test]
    fn sections_passed_over_count_in_files_larger_than_the_buffer() {
        let one = |n: usize| format!("[profile p{n}]\na = {n}\ns3 =\n  b = [{n}]\n\n");
        let text: String = (0..5000).map(one).collect();
        for n in [0, 1, 777, 4999] {
            let wanted = Some((5 * n + 2, n.to_string()));
            let scanned = scan(text.as_bytes(), FileKind::Config, &[profile(&format!("p{n}"))]);
            let section = scanned.expect("it reads");
            let value = section.section(&profile(&format!("p{n}"))).and_then(|s| s.get("a"));
            assert_eq!(value.map(|v| (v.line, v.as_str().unwrap_or_default().to_owned())), wanted);
        }
    }

    #[test]
    fn the_readers_error_is_handed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::PermissionDenied.into())
            }
        }
        let failed = scan(Broken, FileKind::Config, &[]);
        assert!(matches!(failed, Err(ScanError::Io(_))));
    }
}
