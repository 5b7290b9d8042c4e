//! Thousands of sections changed at once: each is cut out with its lines, edited as a
//! small document of its own, and put back. The cost grows with the file, not with the
//! file times the edits.

use std::collections::HashMap;

use crate::document::Document;
use crate::error::EditError;
use crate::header::SectionName;
use crate::rules;

/// What becomes of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionEdit {
    /// Which one; it is made if need be.
    pub section: SectionName,
    /// Keys to set, in this order.
    pub set: Vec<(String, String)>,
    /// Keys to remove; those that are not there are fine.
    pub unset: Vec<String>,
    /// The section goes altogether, whatever else is said.
    pub remove: bool,
}

impl SectionEdit {
    /// An edit that sets keys.
    #[must_use]
    pub fn setting(section: SectionName, set: Vec<(String, String)>) -> Self {
        Self { section, set, unset: Vec::new(), remove: false }
    }

    /// An edit that removes the section.
    #[must_use]
    pub fn removing(section: SectionName) -> Self {
        Self { section, set: Vec::new(), unset: Vec::new(), remove: true }
    }

    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.set.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

impl Document {
    /// Makes all of the edits or none, each section at most once.
    ///
    /// # Errors
    ///
    /// As [`set_many`](Self::set_many).
    pub fn edit_sections(&mut self, edits: &[SectionEdit]) -> Result<(), EditError> {
        for edit in edits {
            rules::check_name(self.kind(), &edit.section)?;
            rules::check_pairs(&edit.pairs())?;
        }
        let by_name: HashMap<&SectionName, &SectionEdit> =
            edits.iter().map(|edit| (&edit.section, edit)).collect();
        self.checked(
            |meaning| meaning.edit_sections(edits),
            |document| document.rewrite(edits, &by_name),
        )
    }

    fn rewrite(&mut self, edits: &[SectionEdit], by_name: &HashMap<&SectionName, &SectionEdit>) {
        let headers = self.headers();
        // Of several sections with one name the last is the one that is read.
        let last: HashMap<&SectionName, usize> =
            headers.iter().map(|(at, name)| (name, *at)).collect();
        let first = headers.first().map_or(self.line_count(), |(at, _)| *at);
        let mut chunks = vec![self.cut_out(0..first)];
        for (n, (at, name)) in headers.iter().enumerate() {
            let end = headers.get(n + 1).map_or(self.line_count(), |(next, _)| *next);
            let mut chunk = self.cut_out(*at..end);
            if let Some(edit) = by_name.get(name)
                && (edit.remove || last.get(name) == Some(at))
            {
                chunk.edit_alone(edit, end == self.line_count());
            }
            chunks.push(chunk);
        }
        let new = edits.iter().filter(|edit| !edit.remove && !last.contains_key(&edit.section));
        let added: Vec<Document> = new.map(|edit| self.made(edit)).collect();
        self.join(chunks, added);
    }
}
