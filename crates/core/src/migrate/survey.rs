//! Which keys lie about in plain text.

use super::lines::{Assignment, assignments, goes_on};
use super::places::{Style, places};
use crate::error::Result;
use crate::files::{self, Files, LoadedFile};
use crate::host::Host;
use awsconfig::{FileKind, Section, SectionName};
use std::path::{Path, PathBuf};
use vault::Secret;

/// What kind of key it is, by its ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `AKIA…`: an IAM user's, good until somebody deactivates it.
    LongLived,
    /// `ASIA…`, or one with a session token: good for hours.
    Temporary,
    /// Neither: placeholders, keys of other services.
    Unknown,
}

impl KeyKind {
    fn of(id: &str, has_token: bool) -> Self {
        let plain = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        match id.get(..4) {
            _ if !plain => KeyKind::Unknown,
            Some("ASIA") => KeyKind::Temporary,
            _ if has_token => KeyKind::Temporary,
            Some("AKIA") => KeyKind::LongLived,
            _ => KeyKind::Unknown,
        }
    }
}

/// Where a key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// In a section of one of the two files.
    Profile {
        /// Which file.
        kind: FileKind,
        /// The profile.
        profile: String,
    },
    /// In lines of another file.
    Lines {
        /// The file.
        path: PathBuf,
        /// How it sets variables.
        style: Style,
        /// The lines, from 1, that set the key.
        lines: Vec<usize>,
        /// Whether the file sets `AWS_PROFILE` as well.
        names_profile: bool,
        /// Whether they cannot be put out of action by themselves: they are part of a
        /// command of several lines, or one of them sets another key too.
        stays: bool,
    },
}

/// A key in plain text.
#[derive(Clone, Debug)]
pub struct Found {
    /// Not a secret.
    pub id: String,
    /// The secret access key; none where only the ID is there.
    pub secret: Option<Secret<String>>,
    /// What kind of key it is.
    pub kind: KeyKind,
    /// Where it stands.
    pub spot: Spot,
    /// The file, as people know it.
    pub shown: String,
    /// The line of the ID, from 1.
    pub line: usize,
}

impl Found {
    /// `~/.bashrc:12`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.shown, self.line)
    }
}

/// What was found, and which files could not be read.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// In the order of the files.
    pub keys: Vec<Found>,
    /// `~/.bashrc:3` with the profile it names.
    pub profile_names: Vec<(String, String)>,
    /// Files that are there and could not be read, and why.
    pub unread: Vec<String>,
}

/// Looks everywhere. `current` is the directory whose files of variables count too.
///
/// # Errors
/// Those of reading the two files.
pub fn survey(host: &Host, files: &Files, current: Option<&Path>) -> Result<Survey> {
    let mut survey = Survey::default();
    for (kind, file) in
        [(FileKind::Credentials, &files.credentials), (FileKind::Config, &files.config)]
    {
        survey.keys.extend(in_sections(kind, file));
    }
    for place in places(host, current) {
        let shown = host.shorten(&place.path);
        match files::read_if_small(&place.path) {
            Ok(Some(text)) => survey.take(&place.path, place.style, &shown, &text),
            Ok(None) => {}
            Err(error) => survey.unread.push(format!("{shown}: {error}")),
        }
    }
    Ok(survey)
}

fn in_sections(kind: FileKind, file: &LoadedFile) -> Vec<Found> {
    let sections = file.parsed.sections().filter_map(|(name, section)| match name {
        SectionName::Profile(profile) => Some((profile, section)),
        _ => None,
    });
    let text = |section: &Section, key: &str| {
        let value = section.get(key)?;
        value.as_str().filter(|text| !text.is_empty()).map(|text| (text.to_owned(), value.line))
    };
    sections
        .filter_map(|(profile, section)| {
            let (id, line) = text(section, "aws_access_key_id")?;
            let token = text(section, "aws_session_token").or(text(section, "aws_security_token"));
            Some(Found {
                kind: KeyKind::of(&id, token.is_some()),
                secret: text(section, "aws_secret_access_key").map(|(text, _)| Secret::new(text)),
                id,
                spot: Spot::Profile { kind, profile: profile.clone() },
                shown: file.shown.clone(),
                line,
            })
        })
        .collect()
}

impl Survey {
    fn take(&mut self, path: &Path, style: Style, shown: &str, text: &str) {
        let named = assignments(text).into_iter().filter(names_profile);
        self.profile_names.extend(named.map(|one| (format!("{shown}:{}", one.line), one.value)));
        self.keys.extend(in_lines(path, style, shown, text));
    }
}

fn names_profile(one: &Assignment) -> bool {
    one.name == "AWS_PROFILE" || one.name == "AWS_DEFAULT_PROFILE"
}

/// The keys that a text sets, as lines of a file of this style.
pub(super) fn in_lines(path: &Path, style: Style, shown: &str, text: &str) -> Vec<Found> {
    let all = assignments(text);
    let groups = groups(&all);
    let texts: Vec<&str> = text.lines().collect();
    let is_joined = |line: usize| {
        let goes_on = |at: Option<usize>| {
            at.and_then(|at| texts.get(at)).is_some_and(|line| goes_on(line, style))
        };
        goes_on(line.checked_sub(1)) || goes_on(line.checked_sub(2))
    };
    let is_shared = |line: usize| {
        groups.iter().filter(|group| group.iter().any(|one| one.line == line)).count() > 1
    };
    let found = groups.iter().map(|group| {
        let get = |names: &[&str]| group.iter().find(|one| names.contains(&one.name));
        let id = &group[0];
        let token = get(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
        let mut lines: Vec<usize> = group.iter().map(|one| one.line).collect();
        lines.sort_unstable();
        lines.dedup();
        Found {
            kind: KeyKind::of(&id.value, token.is_some()),
            secret: get(&["AWS_SECRET_ACCESS_KEY"]).map(|one| Secret::from(one.value.as_str())),
            id: id.value.clone(),
            spot: Spot::Lines {
                path: path.to_owned(),
                style,
                stays: lines.iter().any(|line| is_joined(*line) || is_shared(*line)),
                lines,
                names_profile: all.iter().any(names_profile),
            },
            shown: shown.to_owned(),
            line: id.line,
        }
    });
    found.collect()
}

/// Each access key ID with what follows it up to the next: its secret and its token.
fn groups(all: &[Assignment]) -> Vec<Vec<&Assignment>> {
    let mut groups: Vec<Vec<&Assignment>> = Vec::new();
    let mut early: Vec<&Assignment> = Vec::new();
    let keys = all.iter().filter(|one| one.name != "AWS_VAULT" && !one.name.ends_with("PROFILE"));
    for one in keys {
        if one.name == "AWS_ACCESS_KEY_ID" {
            groups.push(std::iter::once(one).chain(early.drain(..)).collect());
            continue;
        }
        let is_new = |group: &&mut Vec<&Assignment>| group.iter().all(|it| it.name != one.name);
        match groups.last_mut().filter(is_new) {
            Some(group) => group.push(one),
            // Some people write the secret first.
            None => early.push(one),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Found> {
        let mut survey = Survey::default();
        survey.take(Path::new("/x"), Style::Shell, "~/x", text);
        survey.keys
    }

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";

    #[test]
    fn an_id_is_found_with_its_secret_whatever_the_order() {
        for text in [
            format!("export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY=s\n"),
            format!("export AWS_SECRET_ACCESS_KEY=s\nexport AWS_ACCESS_KEY_ID={ID}\n"),
        ] {
            let keys = found(&text);
            assert_eq!((keys.len(), keys[0].kind), (1, KeyKind::LongLived));
            assert_eq!(keys[0].secret.as_ref().unwrap().expose(), "s");
        }
        let two = format!(
            "AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY=s\n\
             AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=t\nAWS_SESSION_TOKEN=u\n"
        );
        let keys = found(&two);
        assert_eq!(
            keys.iter().map(|key| key.kind).collect::<Vec<_>>(),
            [KeyKind::LongLived, KeyKind::Temporary]
        );
        assert!(matches!(&keys[1].spot, Spot::Lines { lines, .. } if lines == &[3, 4, 5]));
    }

    #[test]
    fn a_key_with_a_token_is_temporary_and_a_placeholder_is_no_key() {
        assert_eq!(KeyKind::of(ID, true), KeyKind::Temporary);
        assert_eq!(KeyKind::of("YOUR_KEY_HERE_PLEASE", false), KeyKind::Unknown);
        assert_eq!(KeyKind::of("minioadmin", false), KeyKind::Unknown);
    }
}
