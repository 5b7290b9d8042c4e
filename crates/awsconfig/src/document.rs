//! The file as lines, edited in place.

use crate::error::{EditError, SyntaxError};
use crate::header::{FileKind, SectionName};
use crate::lines::{self, Line};
use crate::meaning::Meaning;
use crate::outline::Outline;
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
        let lines = lines::split(text).map(line).collect();
        Ok(Document { kind, original: text.to_owned(), lines })
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
        rules::check_name(self.kind, section)?;
        let pairs = rules::check_pairs(pairs)?;
        let expect = |meaning: &mut Meaning| {
            for (key, value) in &pairs {
                meaning.set(section, key, value);
            }
        };
        self.checked(expect, |document| document.put(section, &pairs))
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
        self.plain_value(section, key)?;
        let expect = |meaning: &mut Meaning| meaning.set_nested(section, key, sub, value);
        self.checked(expect, |document| document.put_nested(section, key, sub, value))
    }

    /// Removes a key with its whole value or nested block. False if it is not there.
    pub fn remove(&mut self, section: &SectionName, key: &str) -> bool {
        let outline = self.outline();
        let Some(at) = outline.entry(section, key) else {
            return false;
        };
        self.lines.drain(at..outline.block_end(at));
        true
    }

    /// Removes all sections of that name, else a hidden one would come back to life.
    ///
    /// Comments below a section's last entry stay, for they may be about the next section.
    /// False if there is no such section.
    pub fn remove_section(&mut self, section: &SectionName) -> bool {
        let mut found = false;
        while let Some(header) = self.outline().header(section) {
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

    fn outline(&self) -> Outline {
        Outline::of(self.kind, &self.lines)
    }

    fn meaning(&self) -> Option<Meaning> {
        Meaning::of(self.kind, &self.to_text())
    }

    fn checked(
        &mut self,
        expect: impl FnOnce(&mut Meaning),
        edit: impl FnOnce(&mut Self),
    ) -> Result<(), EditError> {
        let before = self.lines.clone();
        let mut wanted = self.meaning().ok_or(EditError::WouldChangeMeaning)?;
        expect(&mut wanted);
        edit(self);
        if self.meaning().is_some_and(|got| got == wanted) {
            return Ok(());
        }
        self.lines = before;
        Err(EditError::WouldChangeMeaning)
    }

    fn put(&mut self, section: &SectionName, pairs: &[(&str, &str)]) {
        let mut new = Vec::new();
        for (key, value) in pairs {
            let outline = self.outline();
            let text = format!("{key} = {value}");
            match outline.entry(section, key) {
                Some(at) => self.replace_entry(&outline, at, &text),
                None => new.push(text),
            }
        }
        if !new.is_empty() {
            self.insert(section, &new);
        }
    }

    fn replace_entry(&mut self, outline: &Outline, at: usize, text: &str) {
        let end = outline.value_end(at);
        let depth = if outline.next_indent(end) > 0 { outline.indent(at) } else { 0 };
        let Some(old) = self.lines.get(at) else {
            return;
        };
        let text = format!("{}{text}", text::prefix(&old.text, depth));
        self.lines.drain(at + 1..end);
        self.rewrite(at, text);
    }

    fn rewrite(&mut self, at: usize, text: String) {
        let style = lines::style(&self.lines);
        if let Some(line) = self.lines.get_mut(at) {
            line.text = text;
            if line.ending.is_empty() {
                line.ending = style;
            }
        }
    }

    fn insert(&mut self, section: &SectionName, new: &[String]) {
        let outline = self.outline();
        let Some(header) = outline.header(section) else {
            let header = section.header_text(self.kind);
            let new: Vec<String> = std::iter::once(header).chain(new.iter().cloned()).collect();
            return self.insert_lines(self.lines.len(), &new);
        };
        let place = layout::entry_place(&self.lines, &outline, header);
        let indent = layout::entry_indent(&self.lines, &outline, place);
        let new: Vec<String> = new.iter().map(|line| format!("{indent}{line}")).collect();
        if outline.section_end(header) == self.lines.len() {
            self.end_last_line();
        }
        self.insert_lines(place, &new);
    }

    fn insert_lines(&mut self, place: usize, new: &[String]) {
        if place == self.lines.len() {
            self.end_last_line();
        }
        let ending = lines::style(&self.lines);
        let new = new.iter().map(|text| Line { text: text.clone(), ending });
        self.lines.splice(place..place, new);
    }

    fn end_last_line(&mut self) {
        let style = lines::style(&self.lines);
        if let Some(line) = self.lines.last_mut().filter(|line| line.ending.is_empty()) {
            line.ending = style;
        }
    }

    /// Refuses an outer key that has a value on its own line.
    fn plain_value(&self, section: &SectionName, key: &str) -> Result<(), EditError> {
        let Some(at) = self.outline().entry(section, key) else {
            return Ok(());
        };
        let line = self.lines.get(at).map_or("", |line| &line.text);
        match line.split_once(['=', ':']) {
            Some((_, value)) if !text::strip(value).is_empty() => {
                Err(EditError::PlainValue { line: at + 1 })
            }
            _ => Ok(()),
        }
    }

    fn put_nested(&mut self, section: &SectionName, key: &str, sub: &str, value: &str) {
        let outline = self.outline();
        let text = format!("{sub} = {value}");
        let Some(at) = outline.entry(section, key) else {
            return self.insert(section, &[format!("{key} ="), format!("    {text}")]);
        };
        match self.nested_line(&outline, at, sub) {
            Some(old) => self.rewrite(old, format!("{}{text}", " ".repeat(outline.indent(old)))),
            None => {
                let place = layout::nested_place(&self.lines, &outline, at);
                let indent = layout::nested_indent(&self.lines, &outline, at);
                self.insert_lines(place, &[format!("{indent}{text}")]);
            }
        }
    }

    /// The last line of that nested key, being the one that is read.
    fn nested_line(&self, outline: &Outline, entry: usize, sub: &str) -> Option<usize> {
        let is_sub = |at: &usize| {
            let line = self.lines.get(*at).map_or("", |line| &line.text);
            outline.is_continuation(*at) && split_nested(line).is_some_and(|(k, _)| k == sub)
        };
        (entry + 1..outline.value_end(entry)).rev().find(is_sub)
    }

    fn cut_section(&mut self, header: usize) {
        let outline = self.outline();
        let last = outline.entry_before(outline.section_end(header));
        let end = last.map_or(header + 1, |entry| outline.block_end(entry));
        let next = outline.section_end(header);
        let above = outline.entry_before(header).map(|entry| outline.indent(entry));
        if above.is_some_and(|above| outline.indent(next) > above) {
            self.unindent(next);
        }
        self.lines.drain(header..outline.skip_blanks(end));
    }

    /// An indented header may only follow an entry as deep, or it is a part of its value.
    fn unindent(&mut self, at: usize) {
        if let Some(line) = self.lines.get_mut(at) {
            line.text = text::strip(&line.text).to_owned();
        }
    }
}
