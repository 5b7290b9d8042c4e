//! What one command does to the user's files.

use super::diff::{Diff, FileDiff};
use super::secrets::Reading;
use crate::error::Result;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A command and what it has changed so far: one step of `configure undo`.
///
/// Cheap to clone: all clones are the same step.
#[derive(Clone, Debug)]
pub struct Step(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    command: String,
    writes: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    number: Option<u32>,
    changes: Vec<Change>,
}

/// A file's text before and after; `None` where there was no file.
#[derive(Clone)]
pub(super) struct Change {
    pub path: PathBuf,
    pub shown: String,
    pub reading: Reading,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The place alone: the texts may hold keys.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Step {
    /// The step of a command that is named as people type it, without its values:
    /// `configure set region`.
    pub fn new(command: impl Into<String>) -> Self {
        Self::begin(command.into(), true)
    }

    /// The same, for a command that is to show what it would do: nothing is written.
    pub fn shown_only(command: impl Into<String>) -> Self {
        Self::begin(command.into(), false)
    }

    fn begin(command: String, writes: bool) -> Self {
        Self(Arc::new(Inner { command, writes, state: Mutex::default() }))
    }

    /// Whether it writes.
    pub fn writes(&self) -> bool {
        self.0.writes
    }

    /// The command's words.
    pub fn command(&self) -> &str {
        &self.0.command
    }

    /// Whether anything was changed, or would be.
    pub fn is_empty(&self) -> bool {
        self.state().changes.is_empty()
    }

    /// All that was changed, or would be; secrets masked.
    pub fn diff(&self) -> Diff {
        let state = self.state();
        let diff_of = |change: &Change| {
            let (before, after) = (change.before.as_deref(), change.after.as_deref());
            FileDiff::of(&change.shown, change.reading, before, after)
        };
        Diff { files: state.changes.iter().map(diff_of).collect() }
    }

    /// The text of a file as the step would have left it, else as it is.
    pub(super) fn text(
        &self,
        path: &Path,
        on_disk: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<Option<String>> {
        if !self.0.writes {
            let state = self.state();
            if let Some(known) = state.changes.iter().find(|known| known.path == path) {
                return Ok(known.after.clone());
            }
        }
        on_disk()
    }

    /// The number of its backup and everything that one must hold, with `new` to come;
    /// `None` for a backup of its own, as when another program has written in between.
    pub(super) fn continued(&self, new: &[Change]) -> (Option<u32>, Vec<Change>) {
        let state = self.state();
        let broken = new.iter().any(|change| {
            state.changes.iter().any(|old| old.path == change.path && old.after != change.before)
        });
        match state.number.filter(|_| !broken) {
            Some(number) => (Some(number), merged(&state.changes, new)),
            None => (None, new.to_vec()),
        }
    }

    pub(super) fn numbered(&self, number: u32) {
        self.state().number = Some(number);
    }

    pub(super) fn remember(&self, new: Vec<Change>) {
        let mut state = self.state();
        state.changes = merged(&state.changes, &new);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each file once, from its first text to its last.
fn merged(old: &[Change], new: &[Change]) -> Vec<Change> {
    let mut all = old.to_vec();
    for change in new {
        match all.iter_mut().find(|known| known.path == change.path) {
            Some(known) => known.after.clone_from(&change.after),
            None => all.push(change.clone()),
        }
    }
    all.retain(|change| change.before != change.after);
    all
}
