//! What doctor may change, and changing it.

use super::{disk, repair};
use crate::edit::{Step, Transaction, transact};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::{files, lock};
use awsconfig::{FileKind, SectionName};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What mends one finding.
#[derive(Clone, Debug)]
pub struct Mend {
    /// The changes, all of them or none.
    pub changes: Vec<Change>,
    /// Whether `--fix` alone does it; otherwise it wants to be named.
    pub safe: bool,
    /// What cannot come back by itself.
    pub loses: Option<&'static str>,
}

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// Keys of a section.
    Remove {
        /// The file.
        kind: FileKind,
        /// The section.
        section: SectionName,
        /// The keys.
        keys: Vec<String>,
    },
    /// A key of a section.
    Set {
        /// The file.
        kind: FileKind,
        /// The section.
        section: SectionName,
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// A whole line, its number from 1.
    Line {
        /// The file.
        kind: FileKind,
        /// The line.
        line: usize,
        /// What it says then.
        text: String,
    },
    /// What botocore refuses, as comments.
    CommentRefused {
        /// The file.
        kind: FileKind,
    },
    /// A file's mode.
    Mode {
        /// The file.
        path: PathBuf,
        /// The mode.
        mode: u32,
    },
    /// A file of the cache, made whole from what it says by then.
    Rewrite {
        /// The file.
        path: PathBuf,
    },
    /// A file of the cache, renamed so that nobody reads it.
    SetAside {
        /// The file.
        path: PathBuf,
    },
}

impl Mend {
    pub(super) fn safe(changes: impl IntoIterator<Item = Change>) -> Self {
        Self { changes: changes.into_iter().collect(), safe: true, loses: None }
    }

    /// One that has to be named.
    pub(super) fn asking(changes: impl IntoIterator<Item = Change>) -> Self {
        Self { safe: false, ..Self::safe(changes) }
    }

    pub(super) fn losing(self, what: &'static str) -> Self {
        Self { loses: Some(what), ..self }
    }
}

/// What came of the changes.
#[derive(Debug)]
pub struct Applied {
    /// What was done, one line each.
    pub said: Vec<String>,
    /// What could not be done to files besides the two.
    pub failed: Vec<Error>,
}

/// Makes the changes as one step of undo, and says of each what was done. One other file
/// that cannot be changed holds up none of the rest.
///
/// # Errors
/// What editing or writing the two files says: nothing was changed then.
pub fn apply(host: &Host, step: &Step, mends: &[&Mend]) -> Result<Applied> {
    let changes = || mends.iter().flat_map(|mend| &mend.changes);
    let mut said = transact(host, step, |all| {
        changes()
            .filter_map(|change| in_text(host, all, change).transpose())
            .collect::<Result<Vec<_>>>()
    })?;
    let mut failed = Vec::new();
    for change in changes().filter(|_| step.writes()) {
        match beside(host, change) {
            Ok(done) => said.extend(done),
            Err(error) => failed.push(error),
        }
    }
    said.dedup();
    Ok(Applied { said, failed })
}

/// Changes of the two files; `None` for others.
fn in_text(host: &Host, all: &mut Transaction<'_>, change: &Change) -> Result<Option<String>> {
    let said = match change {
        Change::Remove { kind, section, keys } => {
            let edited = all.edit(*kind, |document| {
                for key in keys {
                    document.remove(section, key);
                }
                if *kind == FileKind::Credentials && document.is_empty(section) {
                    document.remove_section(section);
                }
                Ok(())
            })?;
            format!("{}: {} is out of [{}]", edited.shown, few(keys), section.name())
        }
        Change::Set { kind, section, key, value } => {
            let edited = all.edit(*kind, |document| document.set(section, key, value))?;
            format!("{}: {key} of [{}] is set", edited.shown, section.name())
        }
        Change::Line { kind, line, text } => {
            let shown = rewrite(host, all, *kind, |before| Some(with_line(before, *line, text)))?;
            format!("{shown}: line {line} is mended")
        }
        Change::CommentRefused { kind } => {
            let shown = rewrite(host, all, *kind, |before| repair::without_refused(*kind, before))?;
            format!("{shown}: the refused lines are comments now")
        }
        Change::Mode { .. } | Change::Rewrite { .. } | Change::SetAside { .. } => return Ok(None),
    };
    Ok(Some(said))
}

/// Changes of other files.
fn beside(host: &Host, change: &Change) -> Result<Option<String>> {
    match change {
        Change::Mode { path, mode } => set_mode(host, path, *mode),
        Change::Rewrite { path } => of_cache(host, path, make_whole).map(Some),
        Change::SetAside { path } => of_cache(host, path, set_aside).map(Some),
        _ => Ok(None),
    }
}

/// The file is looked at again with its lock held: since it was judged, somebody may
/// have logged in, and a token from before would take the place of the new one.
fn of_cache(
    host: &Host,
    path: &Path,
    mend: fn(&Host, &Path, Option<&str>) -> Result<String>,
) -> Result<String> {
    const PATIENCE: Duration = Duration::from_secs(20);
    let _lock = lock::token_here(host, path, PATIENCE)?;
    match disk::neighbour(path.to_owned()) {
        Some(found) => mend(host, path, found.whole.as_ref().map(|text| text.expose().as_str())),
        None => Ok(format!("{} needs no mending any more", host.shorten(path))),
    }
}

fn make_whole(host: &Host, path: &Path, whole: Option<&str>) -> Result<String> {
    let Some(text) = whole else { return Ok(is_another(host, path)) };
    vault::write_private(path, text.as_bytes())?;
    Ok(format!("{} is whole again", host.shorten(path)))
}

fn is_another(host: &Host, path: &Path) -> String {
    format!("{} has changed meanwhile and stays: run doctor again", host.shorten(path))
}

fn few(keys: &[String]) -> &str {
    keys.first().map_or("", String::as_str)
}

/// A whole text; only one that botocore then reads is written.
fn rewrite(
    host: &Host,
    all: &mut Transaction<'_>,
    kind: FileKind,
    change: impl FnOnce(&str) -> Option<String>,
) -> Result<String> {
    let (path, shown) = files::place(host, kind);
    all.rewrite(&path, &shown, |before| {
        let after = change(before.unwrap_or_default());
        let after = after.filter(|after| awsconfig::parse(kind, after).is_ok());
        after.map(Some).ok_or_else(|| {
            Error::new(Kind::Profile, format!("cannot mend `{shown}`"))
                .because("it would still be refused")
        })
    })?;
    Ok(shown)
}

fn with_line(text: &str, number: usize, line: &str) -> String {
    let put = |(at, old): (usize, &str)| match at == number {
        true => format!("{line}{}", old.trim_start_matches(|c| c != '\r' && c != '\n')),
        false => old.to_owned(),
    };
    (1..).zip(text.split_inclusive('\n')).map(put).collect()
}

/// `None` where the file is gone by then: an earlier change may have renamed it.
#[cfg(unix)]
fn set_mode(host: &Host, path: &Path, mode: u32) -> Result<Option<String>> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)) {
        Ok(()) => Ok(Some(format!("{} is yours alone (mode {mode:o})", host.shorten(path)))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot(host, path, &error)),
    }
}

#[cfg(not(unix))]
fn set_mode(host: &Host, path: &Path, _: u32) -> Result<Option<String>> {
    Ok(Some(format!("{} stays as it is", host.shorten(path))))
}

/// Under a name that no tool looks for; nothing is lost, neither what was put there
/// before. Half a login may be in it, and nobody looks at its mode later.
fn set_aside(host: &Host, path: &Path, whole: Option<&str>) -> Result<String> {
    if whole.is_some() {
        return Ok(is_another(host, path));
    }
    let names = (1..).map(|number: u32| match number {
        1 => path.with_extension("json.broken"),
        _ => path.with_extension(format!("json.broken-{number}")),
    });
    let is_free = |aside: &PathBuf| aside.symlink_metadata().is_err();
    let aside = names.into_iter().find(is_free).unwrap_or_else(|| path.with_extension("broken"));
    if cfg!(unix) {
        set_mode(host, path, 0o600)?;
    }
    files::rename(path, &aside).map_err(|error| cannot(host, path, &error))?;
    Ok(format!("{} is {} now", host.shorten(path), host.shorten(&aside)))
}

fn cannot(host: &Host, path: &Path, error: &std::io::Error) -> Error {
    Error::new(Kind::Store, format!("cannot change `{}`", host.shorten(path)))
        .because(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Clock, Vars};

    const WHOLE: &str = r#"{"accessToken": "new", "expiresAt": "2099-01-01T00:00:00Z"}"#;
    const TORN: &str = r#"{"accessToken": "old", "expiresAt": "2099-01-01T00:00:00Z"}}"#;

    fn host(home: &Path) -> Host {
        Host {
            home: home.to_owned(),
            vars: Vars::default(),
            clock: Clock::new(|| jiff::Timestamp::UNIX_EPOCH),
            locks: vault::LockPlaces::new([home.join("locks")]),
            store: crate::store::Store::in_home(home),
            critical: crate::critical::Critical::default(),
            trail: crate::audit::Trail::default(),
        }
    }

    fn put(path: &Path, text: &str) {
        vault::write_private(path, text.as_bytes()).unwrap();
    }

    fn text(path: &Path) -> String {
        files::read_text(path, "it").unwrap()
    }

    #[test]
    fn what_became_whole_by_itself_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let (host, path) = (host(dir.path()), dir.path().join("t.json"));
        for change in
            [Change::Rewrite { path: path.clone() }, Change::SetAside { path: path.clone() }]
        {
            put(&path, WHOLE);
            let said = beside(&host, &change).unwrap().unwrap();
            assert!(said.contains("no mending"), "{said}");
            assert_eq!(text(&path), WHOLE);
        }
    }

    #[test]
    fn what_is_written_is_what_the_file_says_by_then() {
        let dir = tempfile::tempdir().unwrap();
        let (host, path) = (host(dir.path()), dir.path().join("t.json"));
        let change = Change::Rewrite { path: path.clone() };
        put(&path, &format!("{WHOLE}}}"));
        beside(&host, &change).unwrap();
        assert_eq!(text(&path), WHOLE);
        put(&path, "{");
        assert!(beside(&host, &change).unwrap().unwrap().contains("stays"));
        assert_eq!(text(&path), "{");
    }

    #[test]
    fn what_is_set_aside_takes_no_place_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let (host, path) = (host(dir.path()), dir.path().join("t.json"));
        let change = Change::SetAside { path: path.clone() };
        for garbage in ["[1]", "[2]", "[3]"] {
            put(&path, garbage);
            beside(&host, &change).unwrap();
        }
        let names = ["t.json.broken", "t.json.broken-2", "t.json.broken-3"];
        assert_eq!(names.map(|name| text(&dir.path().join(name))), ["[1]", "[2]", "[3]"]);
        put(&path, TORN);
        assert!(beside(&host, &change).unwrap().unwrap().contains("stays"));
        assert_eq!(text(&path), TORN);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_gone_by_then_is_passed_over_and_what_fails_holds_up_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (host, path) = (host(dir.path()), dir.path().join("t.json"));
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        put(&path, "x");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let other = dir.path().join("other");
        put(&other, "x");
        let mends = [
            Mend::safe([Change::SetAside { path: path.clone() }]),
            Mend::safe([Change::Mode { path: other.join("no-directory"), mode: 0o600 }]),
            Mend::safe([
                Change::Mode { path: path.clone(), mode: 0o600 },
                Change::Mode { path: other.clone(), mode: 0o400 },
            ]),
        ];
        let mends: Vec<&Mend> = mends.iter().collect();
        let applied = apply(&host, &Step::new("t"), &mends).unwrap();
        assert_eq!((applied.said.len(), applied.failed.len()), (2, 1), "{applied:?}");
        assert_eq!(mode(&dir.path().join("t.json.broken")), 0o600);
        assert_eq!(mode(&other), 0o400);
    }

    #[test]
    fn a_line_is_replaced_with_its_own_ending() {
        assert_eq!(with_line("a\r\nb\r\n", 1, "x"), "x\r\nb\r\n");
        assert_eq!(with_line("a\nb", 2, "x"), "a\nx");
    }
}
