//! What a file says, without where it says it: the check on every edit.

use std::collections::{HashMap, HashSet};

use crate::bulk::SectionEdit;
use crate::header::{FileKind, SectionName};
use crate::section::{Body, Section, Value};
use crate::{parse, text};

/// The sections one by one, with all line numbers left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    sections: Vec<(SectionName, Section)>,
}

impl Meaning {
    /// `None` for a text that does not parse.
    pub(crate) fn of(kind: FileKind, text: &str) -> Option<Meaning> {
        let read = parse::read(kind, text).ok()?;
        let sections = read.separate().ok()?.into_iter();
        let named = |header| SectionName::parse_header(kind, header);
        let sections = sections.map(|(header, s)| (named(header), s.without_lines()));
        Some(Meaning { sections: sections.collect() })
    }

    pub(crate) fn set(&mut self, section: &SectionName, key: &str, value: &str) {
        let body = Body::Plain(text::strip(value).to_owned());
        *self.slot(section, key) = body;
    }

    pub(crate) fn rename(&mut self, section: &SectionName, from: &str, to: &str) {
        let from = from.to_lowercase();
        let entries = &mut self.section(section).entries;
        if let Some((key, _)) = entries.iter_mut().find(|(key, _)| *key == from) {
            *key = to.to_lowercase();
        }
    }

    pub(crate) fn set_nested(&mut self, section: &SectionName, key: &str, sub: &str, value: &str) {
        let value = Value::plain(0, text::strip(value));
        let slot = self.slot(section, key);
        let mut nested = match slot {
            Body::Nested(nested) => nested.clone(),
            Body::Plain(_) => Default::default(),
        };
        nested.insert(sub, value);
        *slot = Body::Nested(nested);
    }

    /// All at once: looking for each section in turn would take thousands of them for
    /// ever.
    pub(crate) fn edit_sections(&mut self, edits: &[SectionEdit]) {
        let last: HashMap<SectionName, usize> =
            self.sections.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        let mut gone = HashSet::new();
        for edit in edits {
            if edit.remove {
                gone.insert(&edit.section);
                continue;
            }
            let at = last.get(&edit.section).copied().unwrap_or(self.sections.len());
            if at == self.sections.len() {
                self.sections.push((edit.section.clone(), Section::default()));
            }
            let entries = &mut self.sections[at].1.entries;
            entries.retain(|(known, _)| !edit.unset.iter().any(|key| key.to_lowercase() == *known));
            for (key, value) in &edit.set {
                *body_of(entries, key) = Body::Plain(text::strip(value).to_owned());
            }
        }
        self.sections.retain(|(name, _)| !gone.contains(name));
    }

    fn slot(&mut self, section: &SectionName, key: &str) -> &mut Body {
        body_of(&mut self.section(section).entries, key)
    }

    /// The last section of that name, or a new one.
    fn section(&mut self, name: &SectionName) -> &mut Section {
        let known = self.sections.iter().rposition(|(known, _)| known == name);
        let at = known.unwrap_or(self.sections.len());
        if at == self.sections.len() {
            self.sections.push((name.clone(), Section::default()));
        }
        &mut self.sections[at].1
    }
}

/// The value of a key, which is put behind the others if need be.
fn body_of<'e>(entries: &'e mut Vec<(String, Value)>, key: &str) -> &'e mut Body {
    let key = key.to_lowercase();
    let at = entries.iter().position(|(k, _)| *k == key).unwrap_or(entries.len());
    if at == entries.len() {
        entries.push((key, Value::plain(0, "")));
    }
    &mut entries[at].1.body
}
