//! Where new lines go: where the AWS CLI's writer (`customizations/configure/writer.py`)
//! puts them, moved only when that place would change what the file means.

use crate::lines::Line;
use crate::outline::Outline;
use crate::text;

/// The place for new entries of a section.
///
/// The AWS CLI goes by lines that look like `key = value`, comments and nested lines
/// included: right below the last of them, and in the last section of the file one line
/// further. That may fall inside a value that goes on, so not before its end.
pub(crate) fn entry_place(lines: &[Line], outline: &Outline, header: usize) -> usize {
    let end = outline.section_end(header);
    let options = (header + 1..end).rev().find(|at| is_option(lines, *at));
    let last = options.unwrap_or(header);
    let place = if end == outline.len() { (last + 2).min(end) } else { last + 1 };
    let value_end = outline.entry_before(end).map_or(0, |entry| outline.value_end(entry));
    place.max(value_end)
}

/// The place for a new line in the nested block of an entry.
///
/// The AWS CLI goes down to the next header, or to the next line that looks like
/// `key = value` and stands as deep as the entry, or to the end of the file. Up to the next
/// entry or header all those places mean the same.
pub(crate) fn nested_place(lines: &[Line], outline: &Outline, entry: usize) -> usize {
    let end = outline.next_structure(entry + 1);
    let level = outline.indent(entry);
    let stop = |at: &usize| is_option(lines, *at) && outline.indent(*at) == level;
    (outline.value_end(entry)..end).find(stop).unwrap_or(end)
}

/// The blanks before an entry at this place: none, unless the lines below are indented and
/// would become a part of its value.
pub(crate) fn entry_indent<'a>(lines: &'a [Line], outline: &Outline, place: usize) -> &'a str {
    let next = outline.next_structure(place);
    lines.get(next).map_or("", |line| text::prefix(&line.text, outline.indent(next)))
}

/// The blanks before a nested line: four, and the entry's own if it has four or more.
pub(crate) fn nested_indent(lines: &[Line], outline: &Outline, entry: usize) -> String {
    let own = outline.indent(entry);
    let own = lines.get(entry).filter(|_| own >= 4).map(|line| text::prefix(&line.text, own));
    format!("{}    ", own.unwrap_or_default())
}

/// The AWS CLI's `OPTION_REGEX`: a `=` or `:` with another character before it.
fn is_option(lines: &[Line], at: usize) -> bool {
    let delimiter = |c: char| matches!(c, '=' | ':');
    let pairs = |text: &str| {
        text.chars().zip(text.chars().skip(1)).any(|(a, b)| !delimiter(a) && delimiter(b))
    };
    lines.get(at).is_some_and(|line| pairs(&line.text))
}
