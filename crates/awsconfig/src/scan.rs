//! The fast lane: one pass over the file for a few sections.

use std::io::{BufRead, BufReader, Read};

use crate::error::SyntaxError;
use crate::header::{FileKind, SectionName};
use crate::parse::{Parsed, Sections};

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
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut sections = Sections::only(kind, names);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        feed(&mut sections, &line)?;
        line.clear();
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
