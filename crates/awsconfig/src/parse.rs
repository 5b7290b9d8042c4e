//! The whole file, read for its values.

use std::collections::HashMap;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::grammar::{Grammar, LineKind};
use crate::header::{FileKind, INHERITED, SESSION, SectionName};
use crate::lines;
use crate::section::{RawValue, Section};
use crate::warning::{self, Warning};

/// What the file says, section by section.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    sections: Vec<(SectionName, Section)>,
    index: HashMap<SectionName, usize>,
    warnings: Vec<Warning>,
}

/// Reads the whole file as botocore does.
///
/// # Errors
///
/// Whatever makes botocore refuse the file; the first such line.
pub fn parse(kind: FileKind, text: &str) -> Result<Parsed, SyntaxError> {
    let mut parsed = read(kind, text)?.merged(kind)?;
    parsed.warnings = warning::find(kind, text);
    Ok(parsed)
}

/// Everything for which botocore would refuse the file, by line: whoever mends the first
/// would meet the next.
#[must_use]
pub fn errors(kind: FileKind, text: &str) -> Vec<SyntaxError> {
    let mut sections = Sections::all(kind);
    let lines = lines::split(text).map(|(line, _)| sections.line(line));
    let mut errors: Vec<SyntaxError> = lines.filter_map(Result::err).collect();
    let values = sections.sections.iter().flat_map(|raw| &raw.entries);
    errors.extend(values.filter_map(|(_, value)| value.read().err()));
    errors.sort_by_key(|error| error.line);
    errors
}

/// What is legal but surprising, by line, of a text that need not parse.
#[must_use]
pub fn warnings(kind: FileKind, text: &str) -> Vec<Warning> {
    warning::find(kind, text)
}

/// Reads the sections one by one, before names and `[DEFAULT]` are looked at.
pub(crate) fn read(kind: FileKind, text: &str) -> Result<Sections<'static>, SyntaxError> {
    let mut sections = Sections::all(kind);
    for (line, _) in lines::split(text) {
        sections.line(line)?;
    }
    Ok(sections)
}

impl Parsed {
    /// The section of that name. Of several with one name the last in the file, whole.
    #[must_use]
    pub fn section(&self, name: &SectionName) -> Option<&Section> {
        self.index.get(name).and_then(|i| self.sections.get(*i)).map(|(_, section)| section)
    }

    /// All sections in file order.
    pub fn sections(&self) -> impl Iterator<Item = (&SectionName, &Section)> {
        self.sections.iter().map(|(name, section)| (name, section))
    }

    /// The profiles' names in file order, each once.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.sections().filter_map(|(name, _)| match name {
            SectionName::Profile(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The names of the sso-sessions in file order, each once.
    pub fn sso_sessions(&self) -> impl Iterator<Item = &str> {
        self.sections().filter_map(|(name, _)| match name {
            SectionName::SsoSession(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The names of the services definitions in file order, each once.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.sections().filter_map(|(name, _)| match name {
            SectionName::Services(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What is legal here but surprising, or lost by other SDKs; by line.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// A second section of the same name takes the first one's place, as in a Python `dict`.
    fn insert(&mut self, name: SectionName, section: Section) {
        let next = self.sections.len();
        let slot = *self.index.entry(name.clone()).or_insert(next);
        match self.sections.get_mut(slot) {
            Some((_, old)) => *old = section,
            None => self.sections.push((name, section)),
        }
    }
}

/// Which sections a scan keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) names: &'w [SectionName],
    pub(crate) sso_sessions: bool,
}

impl Wanted<'_> {
    /// False when a line that begins with `[` opens none of them and nothing they inherit,
    /// seen without reading it as text.
    pub(crate) fn may_be_opened_by(self, line: &[u8]) -> bool {
        let inside = line.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
        let Some(header) = inside else { return true };
        header.starts_with(INHERITED.as_bytes())
            || self.sso_sessions && header.starts_with(SESSION.as_bytes())
            || self.names.iter().any(|name| name.may_be(header))
    }

    fn has(self, kind: FileKind, header: &str) -> bool {
        let is_named = self.names.iter().any(|name| name.may_be(header.as_bytes()))
            && self.names.contains(&SectionName::parse_header(kind, header));
        is_named || self.sso_sessions && kind == FileKind::Config && header.starts_with(SESSION)
    }
}

/// The sections read so far, each under the exact text of its header.
#[derive(Debug)]
pub(crate) struct Sections<'w> {
    kind: FileKind,
    wanted: Option<Wanted<'w>>,
    grammar: Grammar,
    line: usize,
    sections: Vec<RawSection>,
    by_header: HashMap<String, usize>,
    current: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct RawSection {
    pub(crate) header: String,
    line: usize,
    entries: Vec<(String, RawValue)>,
}

impl<'w> Sections<'w> {
    pub(crate) fn all(kind: FileKind) -> Sections<'static> {
        Sections {
            kind,
            wanted: None,
            grammar: Grammar::default(),
            line: 0,
            sections: Vec::new(),
            by_header: HashMap::new(),
            current: None,
        }
    }

    /// Keeps these sections only, and `[DEFAULT]`, which every section inherits.
    pub(crate) fn only(kind: FileKind, wanted: Wanted<'w>) -> Sections<'w> {
        Sections { wanted: Some(wanted), ..Sections::all(kind) }
    }

    /// So many lines, whole sections that were not wanted, were not handed in.
    pub(crate) fn pass_over(&mut self, lines: usize) {
        if lines > 0 {
            self.line += lines;
            self.current = None;
        }
    }

    /// The next line as bytes, which are looked at only as far as needed.
    pub(crate) fn bytes(&mut self, line: &[u8]) -> Result<(), SyntaxError> {
        if self.current.is_none() && self.grammar.skip(line) {
            self.line += 1;
            return Ok(());
        }
        match std::str::from_utf8(line) {
            Ok(text) => self.line(text),
            Err(_) => Err(SyntaxErrorKind::NotUtf8.at(self.line + 1)),
        }
    }

    /// The next line, without its ending.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), SyntaxError> {
        self.line += 1;
        let number = self.line;
        let kind = self.grammar.classify(text).map_err(|kind| kind.at(number))?;
        if let LineKind::Header(header) = kind {
            return self.open(header).map_err(|kind| kind.at(number));
        }
        let Some(section) = self.current.and_then(|i| self.sections.get_mut(i)) else {
            return Ok(());
        };
        section.line(number, kind).map_err(|kind| kind.at(number))
    }

    fn open(&mut self, header: &str) -> Result<(), SyntaxErrorKind> {
        self.current = None;
        if !self.wants(header) {
            return Ok(());
        }
        let known = self.by_header.get(header).copied();
        if let Some(section) = known.and_then(|i| self.sections.get(i))
            && header != INHERITED
        {
            return Err(SyntaxErrorKind::DuplicateSection { first: section.line });
        }
        self.current = known.or_else(|| Some(self.push(header)));
        Ok(())
    }

    fn push(&mut self, header: &str) -> usize {
        let next = self.sections.len();
        let header = header.to_owned();
        self.by_header.insert(header.clone(), next);
        self.sections.push(RawSection { header, line: self.line, entries: Vec::new() });
        next
    }

    fn wants(&self, header: &str) -> bool {
        header == INHERITED || self.wanted.is_none_or(|wanted| wanted.has(self.kind, header))
    }

    /// Each section on its own, in file order, `[DEFAULT]` among them.
    pub(crate) fn separate(&self) -> Result<Vec<(&str, Section)>, SyntaxError> {
        self.sections.iter().map(|raw| Ok((raw.header.as_str(), raw.read()?))).collect()
    }

    /// The sections by name, with what they inherit.
    pub(crate) fn merged(self, kind: FileKind) -> Result<Parsed, SyntaxError> {
        let mut parsed = Parsed::default();
        let inherited = self.sections.iter().find(|raw| raw.header == INHERITED);
        for raw in self.sections.iter().filter(|raw| raw.header != INHERITED) {
            let mut section = raw.read()?;
            for (key, value) in inherited.iter().flat_map(|raw| &raw.entries) {
                if section.get(key).is_none() {
                    section.entries.push((key.clone(), value.read()?));
                }
            }
            parsed.insert(SectionName::parse_header(kind, &raw.header), section);
        }
        Ok(parsed)
    }
}

impl RawSection {
    fn line(&mut self, number: usize, kind: LineKind<'_>) -> Result<(), SyntaxErrorKind> {
        match kind {
            LineKind::Header(_) | LineKind::Comment => {}
            LineKind::Entry { key, value } => self.open(number, key, value)?,
            LineKind::Blank => self.extend(number, ""),
            LineKind::Continuation(text) => self.extend(number, text),
        }
        Ok(())
    }

    fn open(&mut self, number: usize, key: &str, value: &str) -> Result<(), SyntaxErrorKind> {
        let key = key.to_lowercase();
        if let Some((_, first)) = self.entries.iter().find(|(k, _)| *k == key) {
            return Err(SyntaxErrorKind::DuplicateKey { first: first.line });
        }
        self.entries.push((key, RawValue::new(number, value)));
        Ok(())
    }

    fn extend(&mut self, number: usize, text: &str) {
        if let Some((_, value)) = self.entries.last_mut() {
            value.push(number, text);
        }
    }

    fn read(&self) -> Result<Section, SyntaxError> {
        let read = |(key, value): &(String, RawValue)| Ok((key.clone(), value.read()?));
        let entries = self.entries.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Section { header_line: self.line, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> SectionName {
        SectionName::Profile(name.to_owned())
    }

    fn read_value(text: &str, name: &str, key: &str) -> Option<String> {
        let parsed = parse(FileKind::Config, text).ok()?;
        parsed.section(&profile(name))?.get(key)?.as_str().map(str::to_owned)
    }

    #[test]
    fn the_later_default_wins_whole() {
        let text = "[default]\na = 1\nb = 2\n[profile x]\n[profile default]\na = 3\n";
        assert_eq!(read_value(text, "default", "a").as_deref(), Some("3"));
        assert_eq!(read_value(text, "default", "b"), None);
        let parsed = parse(FileKind::Config, text).unwrap_or_default();
        assert_eq!(parsed.profiles().collect::<Vec<_>>(), ["default", "x"]);
    }

    #[test]
    fn values_as_botocore_reads_them() {
        let text = "[default]\nA: 1 # c\nb = x\n\n  y\n  # no\n  z\nc =\n\nd=%(a)s\n";
        let want = [("a", "1 # c"), ("b", "x\n\ny\nz"), ("c", ""), ("d", "%(a)s")];
        for (key, value) in want {
            assert_eq!(read_value(text, "default", key).as_deref(), Some(value), "{key}");
        }
    }

    #[test]
    fn nested_blocks_know_their_lines() {
        let text = "[default]\ns3 =\n  A = 1\n\n  b = x:y=z\n  A = 2\n";
        let parsed = parse(FileKind::Config, text).unwrap_or_default();
        let section = parsed.section(&profile("default"));
        let sub = |sub| section.and_then(|s| s.nested("s3", sub));
        assert_eq!(sub("A").map(|v| (v.line, v.as_str())), Some((6, Some("2"))));
        assert_eq!(sub("b").map(|v| (v.line, v.as_str())), Some((5, Some("x:y=z"))));
        assert_eq!(sub("a"), None);
    }

    #[test]
    fn every_section_inherits_from_the_upper_case_default() {
        let text = "[profile x]\na = 1\n[DEFAULT]\na = 2\nb = 3\n[DEFAULT]\nc = 4\n";
        assert_eq!(read_value(text, "x", "a").as_deref(), Some("1"));
        assert_eq!(read_value(text, "x", "b").as_deref(), Some("3"));
        assert_eq!(read_value(text, "x", "c").as_deref(), Some("4"));
    }

    #[test]
    fn errors_name_the_line_and_never_the_text() {
        let cases = [
            ("[a]\n[b]\n[a]\n", "line 3: duplicate section (first on line 1)"),
            ("[a]\nk = 1\nK : 2\n", "line 3: duplicate key in this section (first on line 2)"),
            (
                "[a]\nAKIASECRET\n",
                "line 2: neither a [section] header, a comment nor `key = value`",
            ),
            ("[a]\ns3 =\n  x\n", "line 3: a line of a nested block must be `key = value`"),
            ("# c\nk = 1\n", "line 2: text before the first [section] header"),
        ];
        for (text, message) in cases {
            let got = parse(FileKind::Config, text).map(|_| ()).map_err(|e| e.to_string());
            assert_eq!(got, Err(message.to_owned()));
        }
        let bom = parse(FileKind::Config, "\u{feff}[a]\n").map(|_| ());
        assert_eq!(bom, Err(SyntaxErrorKind::ByteOrderMark.at(1)));
    }
}
