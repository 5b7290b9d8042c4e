//! The structure over the lines of a document.

use std::ops::Range;

use crate::grammar::{Grammar, LineKind};
use crate::header::{FileKind, SectionName};
use crate::lines::Line;
use crate::text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Blank,
    Comment,
    Header(SectionName),
    /// A key, in lower case.
    Entry(String),
    Continuation,
}

/// What each line is. Lines are counted from 0 here, as places in the document.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    roles: Vec<Role>,
    indents: Vec<usize>,
}

impl Outline {
    pub(crate) fn of(kind: FileKind, lines: &[Line]) -> Outline {
        let mut grammar = Grammar::default();
        let role = |line: &Line| match grammar.classify(&line.text) {
            Ok(LineKind::Header(h)) => Role::Header(SectionName::parse_header(kind, h)),
            Ok(LineKind::Entry { key, .. }) => Role::Entry(key.to_lowercase()),
            Ok(LineKind::Continuation(_)) => Role::Continuation,
            Ok(LineKind::Comment) => Role::Comment,
            // A document holds text that parses, so there is no error to lose here.
            Ok(LineKind::Blank) | Err(_) => Role::Blank,
        };
        let indents = lines.iter().map(|line| text::indent(&line.text)).collect();
        Outline { roles: lines.iter().map(role).collect(), indents }
    }

    /// Follows an edit that changes no other line's role.
    pub(crate) fn splice(&mut self, range: Range<usize>, roles: Vec<Role>, indents: Vec<usize>) {
        self.roles.splice(range.clone(), roles);
        self.indents.splice(range, indents);
    }

    pub(crate) fn len(&self) -> usize {
        self.roles.len()
    }

    fn role(&self, at: usize) -> &Role {
        self.roles.get(at).unwrap_or(&Role::Blank)
    }

    pub(crate) fn indent(&self, at: usize) -> usize {
        self.indents.get(at).copied().unwrap_or_default()
    }

    fn is_structure(&self, at: usize) -> bool {
        matches!(self.role(at), Role::Header(_) | Role::Entry(_))
    }

    pub(crate) fn is_continuation(&self, at: usize) -> bool {
        *self.role(at) == Role::Continuation
    }

    /// The header of a section; of several with one name the last, which is the one read.
    pub(crate) fn header(&self, section: &SectionName) -> Option<usize> {
        self.roles.iter().rposition(|role| matches!(role, Role::Header(name) if name == section))
    }

    /// Where each section begins.
    pub(crate) fn headers(&self) -> Vec<(usize, SectionName)> {
        let header = |(at, role): (usize, &Role)| match role {
            Role::Header(name) => Some((at, name.clone())),
            _ => None,
        };
        self.roles.iter().enumerate().filter_map(header).collect()
    }

    /// One past the last line of the section with this header.
    pub(crate) fn section_end(&self, header: usize) -> usize {
        self.first(header + 1, |role| matches!(role, Role::Header(_)))
    }

    /// The next header or entry at or after a line, or the end.
    pub(crate) fn next_structure(&self, from: usize) -> usize {
        self.first(from, |role| matches!(role, Role::Header(_) | Role::Entry(_)))
    }

    /// The indentation of the next header or entry.
    pub(crate) fn next_indent(&self, from: usize) -> usize {
        self.indent(self.next_structure(from))
    }

    fn first(&self, from: usize, wanted: impl Fn(&Role) -> bool) -> usize {
        (from..self.len()).find(|at| wanted(self.role(*at))).unwrap_or(self.len())
    }

    pub(crate) fn entry(&self, section: &SectionName, key: &str) -> Option<usize> {
        let header = self.header(section)?;
        let key = key.to_lowercase();
        (header..self.section_end(header))
            .find(|at| matches!(self.role(*at), Role::Entry(k) if *k == key))
    }

    /// The last entry before a line, unless a header is nearer.
    pub(crate) fn entry_before(&self, before: usize) -> Option<usize> {
        let at = (0..before).rev().find(|at| self.is_structure(*at))?;
        matches!(self.role(at), Role::Entry(_)).then_some(at)
    }

    /// One past the last line of an entry's value.
    pub(crate) fn value_end(&self, entry: usize) -> usize {
        let end = self.next_structure(entry + 1);
        let last = (entry + 1..end).rev().find(|at| self.is_continuation(*at));
        last.unwrap_or(entry) + 1
    }

    /// One past the comments that are indented below an entry, as a part of its block.
    pub(crate) fn block_end(&self, entry: usize) -> usize {
        let inside =
            |at: usize| *self.role(at) == Role::Comment && self.indent(at) > self.indent(entry);
        let end = self.value_end(entry);
        (end..self.len()).find(|at| !inside(*at)).unwrap_or(self.len())
    }

    /// The first line at or after a line that is not blank.
    pub(crate) fn skip_blanks(&self, from: usize) -> usize {
        self.first(from, |role| *role != Role::Blank)
    }
}
