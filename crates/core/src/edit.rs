//! Changing the user's files: all that a command changes is one transaction and one
//! step of undo.
//!
//! A [`Step`] is what a command does to the files, however many edits that takes. Each
//! [`transact`] reads afresh under a lock, keeps what was there below
//! `~/.aws/daypass/backups`, and then replaces all of its files or none. A step that
//! only shows ([`Step::shown_only`]) goes the same way and writes nothing: its
//! [`Step::diff`] is what would have been written.

mod diff;
mod journal;
mod secrets;
mod step;
pub mod undo;
mod values;

pub use diff::{Diff, FileDiff, Line, Sign};
pub use step::Step;

use crate::error::{Error, Kind, Result};
use crate::files::{self, LoadedFile, place};
use crate::host::Host;
use crate::lock;
use awsconfig::{Document, EditError, FileKind};
use secrets::Reading;
use std::path::{Path, PathBuf};
use std::time::Duration;
use step::Change;
use vault::Lock;

/// A file that now says what it should.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Where it is.
    pub path: PathBuf,
    /// The place as people know it.
    pub shown: String,
    /// Whether it said something else before.
    pub changed: bool,
}

/// Several edits that are written together.
#[derive(Debug)]
pub struct Transaction<'a> {
    host: &'a Host,
    step: &'a Step,
    all: Option<Lock>,
    locks: Vec<(PathBuf, Lock)>,
    changes: Vec<Change>,
}

/// Applies `change` to one of the two files.
///
/// The file is read again under the lock, so that an edit of another process is
/// not lost; comments, order, unknown keys, line endings, links and permissions
/// stay. A file that botocore would refuse is reported and not touched.
///
/// # Errors
/// [`Kind::Profile`] with file and line, [`Kind::Config`] for a value that cannot
/// be written, [`Kind::Store`] where the file cannot be backed up or replaced.
pub fn edit(
    host: &Host,
    step: &Step,
    kind: FileKind,
    change: impl FnOnce(&mut Document) -> std::result::Result<(), EditError>,
) -> Result<Edited> {
    transact(host, step, |all| all.edit(kind, change))
}

/// Works on several files and writes all of them, or none where anything fails.
///
/// # Errors
/// As [`edit`], and what `work` says.
pub fn transact<T>(
    host: &Host,
    step: &Step,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T>,
) -> Result<T> {
    // One at a time: whoever changes two files can then not wait for another who has
    // the second already.
    let held = Some(lock::edits(host, LOCK_WAIT)?);
    let mut all = Transaction { host, step, all: held, locks: Vec::new(), changes: Vec::new() };
    let outcome = work(&mut all)?;
    all.commit()?;
    Ok(outcome)
}

/// What an edit would write, without writing it.
///
/// # Errors
/// As [`edit`].
pub fn preview(
    host: &Host,
    kind: FileKind,
    change: impl FnOnce(&mut Document) -> std::result::Result<(), EditError>,
) -> Result<Diff> {
    let step = Step::shown_only("preview");
    edit(host, &step, kind, change)?;
    Ok(step.diff())
}

/// The two files as the step has left them, or would leave them.
///
/// # Errors
/// As [`files::Files::load`].
pub fn files(host: &Host, step: &Step) -> Result<files::Files> {
    let load = |kind| {
        let (path, shown) = place(host, kind);
        let text = step.text(&path, || files::read_if_there(&path, &shown))?.unwrap_or_default();
        LoadedFile::parse(kind, path, shown, text)
    };
    Ok(files::Files { config: load(FileKind::Config)?, credentials: load(FileKind::Credentials)? })
}

const LOCK_WAIT: Duration = Duration::from_secs(30);

impl Transaction<'_> {
    /// Edits one of the two files; nothing is written before the end.
    ///
    /// # Errors
    /// As [`edit`](fn@edit).
    pub fn edit(
        &mut self,
        kind: FileKind,
        change: impl FnOnce(&mut Document) -> std::result::Result<(), EditError>,
    ) -> Result<Edited> {
        let (path, shown) = place(self.host, kind);
        let changed = self.rewrite(&path, &shown, |text| {
            let mut document = Document::parse(kind, text.unwrap_or_default())
                .map_err(|error| files::syntax_error(&path, &error))?;
            change(&mut document).map_err(|error| {
                Error::new(Kind::Profile, format!("cannot change `{shown}`"))
                    .because(error.to_string())
            })?;
            Ok(match text {
                None if !document.is_changed() => None,
                _ => Some(document.to_text()),
            })
        })?;
        Ok(Edited { path, shown, changed })
    }

    /// Gives any text file of the user's a new text; `None` stands for no file. Tells
    /// whether that is another one than before.
    ///
    /// # Errors
    /// [`Kind::Profile`] for a file that cannot be read, and what `change` says.
    pub fn rewrite(
        &mut self,
        path: &Path,
        shown: &str,
        change: impl FnOnce(Option<&str>) -> Result<Option<String>>,
    ) -> Result<bool> {
        let now = self.now(path, shown)?;
        let after = change(now.as_deref())?;
        if after == now {
            return Ok(false);
        }
        match self.changes.iter_mut().find(|known| known.path == path) {
            Some(known) => known.after = after,
            None => self.changes.push(Change {
                path: path.to_owned(),
                shown: shown.to_owned(),
                reading: reading_of(self.host, path),
                before: now,
                after,
            }),
        }
        Ok(true)
    }

    /// A file's text as it is here and now, edits of this transaction included.
    fn now(&mut self, path: &Path, shown: &str) -> Result<Option<String>> {
        match self.changes.iter().find(|known| known.path == path) {
            Some(known) => Ok(known.after.clone()),
            None => self.read(path, shown),
        }
    }

    /// Leaves everything as it was.
    fn forget(&mut self) {
        self.changes.clear();
    }

    /// From disk, under the file's own lock: two homes may share one file.
    fn read(&mut self, path: &Path, shown: &str) -> Result<Option<String>> {
        if !self.locks.iter().any(|(known, _)| known == path) {
            let held = lock::config(self.host, path, LOCK_WAIT)?;
            self.locks.push((path.to_owned(), held));
        }
        self.step.text(path, || files::read_if_there(path, shown))
    }

    fn commit(mut self) -> Result<()> {
        let mut changes = std::mem::take(&mut self.changes);
        changes.retain(|change| change.before != change.after);
        if changes.is_empty() {
            return Ok(());
        }
        if self.step.writes() {
            if journal::takes_secrets(self.step, &changes) {
                self.open_store(&changes)?;
            }
            journal::record(self.host, self.step, &changes)?;
            write_all(&changes)?;
        }
        self.step.remember(changes);
        Ok(())
    }

    /// Has the store open before a secret is sealed in it. A person types a passphrase as
    /// slowly as they like, and whoever else edits does not wait for that: the locks are
    /// free meanwhile, and what was read under them must be what is there afterwards.
    fn open_store(&mut self, changes: &[Change]) -> Result<()> {
        let choice = self.host.store.choice()?;
        if choice.is_some_and(|choice| !choice.place.backend().is_slow()) {
            return Ok(());
        }
        self.locks.clear();
        self.all = None;
        self.host.store.open().map_err(journal::unsealed)?;
        self.all = Some(lock::edits(self.host, LOCK_WAIT)?);
        for Change { path, shown, before, .. } in changes {
            if self.read(path, shown)? != *before {
                return Err(Error::new(Kind::Store, format!("`{shown}` is not changed"))
                    .because("another program changed it while the store was being opened")
                    .hint("run the same command again"));
            }
        }
        Ok(())
    }
}

fn reading_of(host: &Host, path: &Path) -> Reading {
    let is_aws = [FileKind::Config, FileKind::Credentials];
    match is_aws.iter().any(|kind| place(host, *kind).0 == path) {
        true => Reading::Aws,
        false => Reading::Values,
    }
}

/// A disk that is full at the second file must not keep half of what was meant.
fn write_all(changes: &[Change]) -> Result<()> {
    for (done, change) in changes.iter().enumerate() {
        if let Err(error) = write(change, change.after.as_deref()) {
            for earlier in changes.iter().take(done) {
                let _ = write(earlier, earlier.before.as_deref());
            }
            return Err(error);
        }
    }
    Ok(())
}

fn write(change: &Change, text: Option<&str>) -> Result<()> {
    match text {
        Some(text) => Ok(vault::replace_text(&change.path, text.as_bytes())?),
        None => files::remove_text(&change.path).map_err(|error| {
            Error::new(Kind::Store, format!("cannot remove `{}`", change.shown))
                .because(error.to_string())
        }),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sees to its own files")]
mod tests;
