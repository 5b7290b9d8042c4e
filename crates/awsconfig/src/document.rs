//! The file as lines, edited in place.

use std::collections::HashSet;
use std::ops::Range;

use crate::bulk::SectionEdit;
use crate::error::{EditError, SyntaxError};
use crate::header::{FileKind, SectionName};
use crate::lines::{self, Line};
use crate::meaning::Meaning;
use crate::outline::{Outline, Role};
use crate::parse::parse;
use crate::section::split_nested;
use crate::{layout, rules, text};

/// A config or credentials file that can be edited without loss.
///
/// Lines that no edit is about stay as they were, byte for byte: comments, blanks, odd
/// indentation, unknown sections, line endings. Edited and new lines look as the AWS CLI
/// writes them, with the line ending of the file. After each edit the result is read again;
/// should it mean anything but the old file with that one change, the edit is undone and
/// refused.
#[derive(Debug, Clone)]
pub struct Document {
    kind: FileKind,
    original: String,
    lines: Vec<Line>,
    outline: Outline,
    newline: &'static str,
}

/// A line to be written, and what it will be read as.
type NewLine = (Role, String);

fn entry_line(key: &str, text: &str) -> NewLine {
    (Role::Entry(key.to_lowercase()), text.to_owned())
}

impl Document {
    /// Takes a file's text; that of a file which does not exist yet is empty.
    ///
    /// # Errors
    ///
    /// The first line for which botocore refuses the file: such a file is not for editing.
    pub fn parse(kind: FileKind, text: &str) -> Result<Document, SyntaxError> {
        parse(kind, text)?;
        let line = |(text, ending): (&str, _)| Line { text: text.to_owned(), ending };
        let lines: Vec<Line> = lines::split(text).map(line).collect();
        let outline = Outline::of(kind, &lines);
        let newline = lines::style(&lines);
        Ok(Document { kind, original: text.to_owned(), lines, outline, newline })
    }

    /// Sets one key of a section, which is made if need be.
    ///
    /// # Errors
    ///
    /// A name, key or value that cannot be written. Nothing is changed then.
    pub fn set(&mut self, section: &SectionName, key: &str, value: &str) -> Result<(), EditError> {
        self.set_many(section, &[(key, value)])
    }

    /// Sets several keys of a section, all or none.
    ///
    /// Known keys are replaced where they stand, in whatever case they are written, with
    /// all lines of their old value. New ones follow the section's last entry, in the given
    /// order. Of a section that stands twice under one name the later one is edited, being
    /// the one that is read. This is the AWS CLI's `ConfigFileWriter.update_config`.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn set_many(
        &mut self,
        section: &SectionName,
        pairs: &[(&str, &str)],
    ) -> Result<(), EditError> {
        self.set_all(&[(section, pairs)])
    }

    /// Sets keys of several sections, all or none: thousands of new profiles cost one check.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn set_all(&mut self, edits: &[(&SectionName, &[(&str, &str)])]) -> Result<(), EditError> {
        let mut checked = Vec::new();
        for (section, pairs) in edits {
            rules::check_name(self.kind, section)?;
            checked.push((*section, rules::check_pairs(pairs)?));
        }
        let expect = |meaning: &mut Meaning| {
            for (section, pairs) in &checked {
                pairs.iter().for_each(|(key, value)| meaning.set(section, key, value));
            }
        };
        self.checked(expect, |document| {
            checked.iter().for_each(|(section, pairs)| document.put(section, pairs));
        })
    }

    /// Sets a key inside the nested block of another: `set_nested(profile, "s3",
    /// "addressing_style", "path")`.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set), and when the outer key has a plain value.
    pub fn set_nested(
        &mut self,
        section: &SectionName,
        key: &str,
        sub: &str,
        value: &str,
    ) -> Result<(), EditError> {
        rules::check_name(self.kind, section)?;
        rules::check_pairs(&[(key, ""), (sub, value)])?;
        self.check_not_plain(section, key)?;
        let expect = |meaning: &mut Meaning| meaning.set_nested(section, key, sub, value);
        self.checked(expect, |document| document.put_nested(section, key, sub, value))
    }

    /// Gives keys other names, all or none; value, place and comments stay as they are.
    ///
    /// Each item is a section, the key's name and the new one. Naming them back gives the
    /// file that was there before, byte for byte, if they were in lower case.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set); a key that is not there, or a name that is taken, would
    /// change the file's meaning.
    pub fn rename_all(&mut self, renames: &[(&SectionName, &str, &str)]) -> Result<(), EditError> {
        for (section, _, to) in renames {
            rules::check_name(self.kind, section)?;
            rules::check_key(to)?;
        }
        if !self.can_rename(renames) {
            return Err(EditError::WouldChangeMeaning);
        }
        let expect = |meaning: &mut Meaning| {
            renames.iter().for_each(|(section, from, to)| meaning.rename(section, from, to));
        };
        self.checked(expect, |document| {
            renames.iter().for_each(|(section, from, to)| document.rename(section, from, to));
        })
    }

    /// Whether the section has the key, in whatever case.
    #[must_use]
    pub fn has(&self, section: &SectionName, key: &str) -> bool {
        self.outline.entry(section, key).is_some()
    }

    /// Whether the section is there and has no key.
    #[must_use]
    pub fn is_empty(&self, section: &SectionName) -> bool {
        self.outline.header(section).is_some_and(|header| {
            self.outline.entry_before(self.outline.section_end(header)).is_none()
        })
    }

    /// Removes a key with its whole value or nested block. False if it is not there.
    pub fn remove(&mut self, section: &SectionName, key: &str) -> bool {
        let Some(at) = self.outline.entry(section, key) else {
            return false;
        };
        self.lines.drain(at..self.outline.block_end(at));
        self.read_again();
        true
    }

    /// Removes all sections of that name, else a hidden one would come back to life.
    ///
    /// Comments below a section's last entry stay, for they may be about the next section.
    /// False if there is no such section.
    pub fn remove_section(&mut self, section: &SectionName) -> bool {
        let mut found = false;
        while let Some(header) = self.outline.header(section) {
            self.cut_section(header);
            found = true;
        }
        found
    }

    /// The whole text.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), line.ending]).collect()
    }

    /// Whether the text is another than at the start.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.to_text() != self.original
    }

    /// After a removal, and for good measure at the end of every other edit.
    fn read_again(&mut self) {
        self.outline = Outline::of(self.kind, &self.lines);
    }

    fn meaning(&self) -> Option<Meaning> {
        Meaning::of(self.kind, &self.to_text())
    }

    pub(crate) fn kind(&self) -> FileKind {
        self.kind
    }

    pub(crate) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Where each section begins.
    pub(crate) fn headers(&self) -> Vec<(usize, SectionName)> {
        self.outline.headers()
    }

    /// Some of the lines as a document of their own.
    pub(crate) fn cut_out(&self, range: Range<usize>) -> Document {
        let lines = self.lines.get(range).unwrap_or_default().to_vec();
        self.of_lines(lines)
    }

    fn of_lines(&self, lines: Vec<Line>) -> Document {
        let outline = Outline::of(self.kind, &lines);
        let (kind, newline) = (self.kind, self.newline);
        Document { kind, original: String::new(), lines, outline, newline }
    }

    /// Edits the one section of a cut-out. What follows it in the file decides where new
    /// lines go: a header stands in for that.
    pub(crate) fn edit_alone(&mut self, edit: &SectionEdit, at_end: bool) {
        if !at_end {
            self.lines.push(Line { text: "[next]".to_owned(), ending: self.newline });
            self.read_again();
        }
        if edit.remove {
            self.cut_section(0);
        } else {
            for key in &edit.unset {
                self.remove(&edit.section, key);
            }
            self.put(&edit.section, &edit.pairs());
        }
        if !at_end {
            self.lines.pop();
        }
    }

    /// A section that is not there yet.
    pub(crate) fn made(&self, edit: &SectionEdit) -> Document {
        let mut made = self.of_lines(Vec::new());
        made.put(&edit.section, &edit.pairs());
        made
    }

    /// Puts the lines of the file together again.
    pub(crate) fn join(&mut self, parts: Vec<Document>, added: Vec<Document>) {
        self.lines = parts.into_iter().flat_map(|part| part.lines).collect();
        if !added.is_empty() {
            self.end_last_line();
        }
        self.lines.extend(added.into_iter().flat_map(|part| part.lines));
    }

    pub(crate) fn checked(
        &mut self,
        expect: impl FnOnce(&mut Meaning),
        edit: impl FnOnce(&mut Self),
    ) -> Result<(), EditError> {
        let before = self.lines.clone();
        let mut wanted = self.meaning().ok_or(EditError::WouldChangeMeaning)?;
        expect(&mut wanted);
        edit(self);
        self.read_again();
        if self.meaning().is_some_and(|got| got == wanted) {
            return Ok(());
        }
        self.lines = before;
        self.read_again();
        Err(EditError::WouldChangeMeaning)
    }

    fn put(&mut self, section: &SectionName, pairs: &[(&str, &str)]) {
        let mut new = Vec::new();
        for (key, value) in pairs {
            let line = entry_line(key, &format!("{key} = {value}"));
            match self.outline.entry(section, key) {
                Some(at) => self.replace_entry(at, line),
                None => new.push(line),
            }
        }
        if !new.is_empty() {
            self.insert(section, new);
        }
    }

    fn can_rename(&self, renames: &[(&SectionName, &str, &str)]) -> bool {
        let mut names = HashSet::new();
        renames.iter().all(|&(section, from, to)| {
            self.outline.entry(section, from).is_some()
                && self.outline.entry(section, to).is_none()
                && names.insert((section, from.to_lowercase()))
                && names.insert((section, to.to_lowercase()))
        })
    }

    fn rename(&mut self, section: &SectionName, from: &str, to: &str) {
        let Some(at) = self.outline.entry(section, from) else { return };
        let line = self.line(at);
        let Some(end) = line.find(['=', ':']) else { return };
        let key = text::strip_end(&line[..end]);
        let start = key.len() - text::strip(key).len();
        let renamed = format!("{}{to}{}", &line[..start], &line[key.len()..]);
        let ending = self.lines.get(at).map_or("", |line| line.ending);
        self.splice(at..at + 1, vec![(Role::Entry(to.to_lowercase()), renamed)], ending);
    }

    fn replace_entry(&mut self, at: usize, (role, text): NewLine) {
        let end = self.outline.value_end(at);
        let depth = if self.outline.next_indent(end) > 0 { self.outline.indent(at) } else { 0 };
        let text = format!("{}{text}", text::prefix(self.line(at), depth));
        self.replace_lines(at..end, (role, text));
    }

    /// One line for several; it keeps the ending of the first.
    fn replace_lines(&mut self, range: Range<usize>, new: NewLine) {
        let old = self.lines.get(range.start).map_or("", |line| line.ending);
        let ending = if old.is_empty() { self.newline } else { old };
        self.splice(range, vec![new], ending);
    }

    fn insert(&mut self, section: &SectionName, mut new: Vec<NewLine>) {
        let Some(header) = self.outline.header(section) else {
            let header = (Role::Header(section.clone()), section.header_text(self.kind));
            new.insert(0, header);
            return self.insert_lines(self.lines.len(), new);
        };
        let place = layout::entry_place(&self.lines, &self.outline, header);
        let indent = layout::entry_indent(&self.lines, &self.outline, place);
        new.iter_mut().for_each(|(_, text)| text.insert_str(0, indent));
        if self.outline.section_end(header) == self.lines.len() {
            self.end_last_line();
        }
        self.insert_lines(place, new);
    }

    fn insert_lines(&mut self, place: usize, new: Vec<NewLine>) {
        if place == self.lines.len() {
            self.end_last_line();
        }
        self.splice(place..place, new, self.newline);
    }

    fn splice(&mut self, range: Range<usize>, new: Vec<NewLine>, ending: &'static str) {
        let indents = new.iter().map(|(_, text)| text::indent(text)).collect();
        let (roles, texts): (Vec<_>, Vec<_>) = new.into_iter().unzip();
        self.outline.splice(range.clone(), roles, indents);
        self.lines.splice(range, texts.into_iter().map(|text| Line { text, ending }));
    }

    fn end_last_line(&mut self) {
        if let Some(line) = self.lines.last_mut().filter(|line| line.ending.is_empty()) {
            line.ending = self.newline;
        }
    }

    /// Refuses an outer key that has a value on its own line.
    fn check_not_plain(&self, section: &SectionName, key: &str) -> Result<(), EditError> {
        let Some(at) = self.outline.entry(section, key) else {
            return Ok(());
        };
        match self.line(at).split_once(['=', ':']) {
            Some((_, value)) if !text::strip(value).is_empty() => {
                Err(EditError::PlainValue { line: at + 1 })
            }
            _ => Ok(()),
        }
    }

    fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", |line| &line.text)
    }

    fn put_nested(&mut self, section: &SectionName, key: &str, sub: &str, value: &str) {
        let nested = |indent: &str| (Role::Continuation, format!("{indent}{sub} = {value}"));
        let Some(at) = self.outline.entry(section, key) else {
            return self
                .insert(section, vec![entry_line(key, &format!("{key} =")), nested("    ")]);
        };
        if let Some(old) = self.nested_line(at, sub) {
            let line = nested(&" ".repeat(self.outline.indent(old)));
            return self.replace_lines(old..old + 1, line);
        }
        let place = layout::nested_place(&self.lines, &self.outline, at);
        let indent = layout::nested_indent(&self.lines, &self.outline, at);
        self.insert_lines(place, vec![nested(&indent)]);
    }

    /// The last line of that nested key, being the one that is read.
    fn nested_line(&self, entry: usize, sub: &str) -> Option<usize> {
        let is_sub = |at: &usize| {
            let named = split_nested(self.line(*at)).is_some_and(|(name, _)| name == sub);
            named && self.outline.is_continuation(*at)
        };
        (entry + 1..self.outline.value_end(entry)).rev().find(is_sub)
    }

    fn cut_section(&mut self, header: usize) {
        let next = self.outline.section_end(header);
        let last = self.outline.entry_before(next);
        let end = last.map_or(header + 1, |entry| self.outline.block_end(entry));
        let above = self.outline.entry_before(header).map(|entry| self.outline.indent(entry));
        if above.is_some_and(|above| self.outline.indent(next) > above) {
            self.unindent(next);
        }
        self.lines.drain(header..self.outline.skip_blanks(end));
        self.read_again();
    }

    /// An indented header may only follow an entry as deep, or it is a part of its value.
    fn unindent(&mut self, at: usize) {
        if let Some(line) = self.lines.get_mut(at) {
            line.text = text::strip(&line.text).to_owned();
        }
    }
}
