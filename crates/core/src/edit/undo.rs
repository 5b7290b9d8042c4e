//! Taking back what commands did to the files.

use super::diff::{Diff, FileDiff};
use super::journal::{self, Kept, Record};
use super::secrets::masked_text;
use super::{Step, Transaction, transact};
use crate::error::{Error, Kind, Result, quoted};
use crate::files;
use crate::host::Host;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use vault::Secret;

/// A step that can be taken back, or could be.
#[derive(Clone, Debug)]
pub struct Past {
    /// How many steps back: 1 is the last.
    pub back: usize,
    /// When it was.
    pub at: Timestamp,
    /// The command's words.
    pub command: String,
    /// The files that it changed.
    pub files: Vec<String>,
    /// Those of them that somebody else has changed since.
    pub changed_since: Vec<String>,
}

/// How an undo ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The commands that were taken back, the newest first.
    Undone(Vec<String>),
    /// Somebody else has changed a file since: what undo would do to it now, and would
    /// be wrong.
    Changed {
        /// The command that is not taken back.
        command: String,
        /// From what the file says to what it said before.
        diff: Diff,
    },
}

/// The steps that are known, the newest first.
pub fn list(host: &Host) -> Vec<Past> {
    let mut hashes: BTreeMap<PathBuf, Option<Option<String>>> = BTreeMap::new();
    let mut fits = |kept: &Kept| {
        let on_disk = || {
            let text = files::read_if_there(&kept.path, &kept.shown).ok()?;
            Some(text.as_deref().map(journal::hash))
        };
        let now = hashes.entry(kept.path.clone()).or_insert_with(on_disk);
        *now = now.take().and_then(|hash| {
            (hash == kept.after_hash || hash == kept.before_hash).then(|| kept.before_hash.clone())
        });
        now.is_some()
    };
    let mut past = |(at, record): (usize, Record)| Past {
        back: at + 1,
        at: record.at,
        changed_since: shown(record.files.iter().filter(|kept| !fits(kept))),
        files: shown(record.files.iter()),
        command: record.command,
    };
    journal::all(host).into_iter().enumerate().map(&mut past).collect()
}

fn shown<'k>(kept: impl Iterator<Item = &'k Kept>) -> Vec<String> {
    kept.map(|kept| kept.shown.clone()).collect()
}

/// Takes back the last `count` steps, as one step that can be taken back itself.
///
/// # Errors
/// [`Kind::Usage`] where there are not so many steps, [`Kind::Store`] where a secret that
/// belongs there is no longer kept.
pub fn undo(host: &Host, step: &Step, count: usize) -> Result<Outcome> {
    // The store before the locks: it may ask for a passphrase.
    let sealed = sealed(host, step, count)?;
    transact(host, step, |all| {
        let mut records = journal::all(host);
        check_count(count, records.len())?;
        records.truncate(count);
        for record in &records {
            for kept in &record.files {
                if !go_back(all, record, kept, &sealed)? {
                    return changed(all, record, kept);
                }
            }
        }
        Ok(Outcome::Undone(records.into_iter().map(|record| record.command).collect()))
    })
}

type Sealed = BTreeMap<u32, Vec<Secret<String>>>;

/// What the last steps took away, by their numbers. Who only looks sees masks instead.
fn sealed(host: &Host, step: &Step, count: usize) -> Result<Sealed> {
    if !step.writes() {
        return Ok(Sealed::new());
    }
    let of = |record: Record| match journal::unseal(host, &record) {
        Ok(texts) => Ok((record.number, texts)),
        Err(error) => Err(Error::from(error)
            .while_doing(format!("cannot undo {}", quoted(&record.command)))
            .because("it took a secret out of a file, which is sealed in the store")),
    };
    journal::all(host).into_iter().take(count).map(of).collect()
}

fn check_count(count: usize, known: usize) -> Result<()> {
    match known {
        0 => Err(Error::new(Kind::Config, "there is nothing to undo")
            .because("daypass has changed no file, or its backups were removed")),
        _ if count > known => {
            Err(Error::new(Kind::Usage, format!("only the last {known} steps are kept"))
                .hint("see them with `daypass configure undo --list`"))
        }
        _ => Ok(()),
    }
}

/// One step back with one file; false where somebody else has changed it.
fn go_back(
    all: &mut Transaction<'_>,
    record: &Record,
    kept: &Kept,
    sealed: &Sealed,
) -> Result<bool> {
    let now = all.now(&kept.path, &kept.shown)?;
    let hash = now.as_deref().map(journal::hash);
    if hash != kept.after_hash {
        // Alike: killed between the backup and the edit, which was never made.
        return Ok(hash == kept.before_hash);
    }
    let sealed = sealed.get(&record.number).map(Vec::as_slice).unwrap_or_default();
    let before = match kept.rebuild(now.as_deref(), sealed) {
        Some(before) => before,
        None if !all.step.writes() => kept.masked(),
        None => return Err(secret_gone(record, kept)),
    };
    all.rewrite(&kept.path, &kept.shown, |_| Ok(before))?;
    Ok(true)
}

fn changed(all: &mut Transaction<'_>, record: &Record, kept: &Kept) -> Result<Outcome> {
    let now = all.now(&kept.path, &kept.shown)?;
    let now = now.as_deref().map(|text| masked_text(text, kept.reading));
    let before = kept.masked();
    let file = FileDiff::of(&kept.shown, kept.reading, now.as_deref(), before.as_deref());
    all.forget();
    Ok(Outcome::Changed { command: record.command.clone(), diff: Diff { files: vec![file] } })
}

fn secret_gone(record: &Record, kept: &Kept) -> Error {
    let message = format!("cannot undo {}", quoted(&record.command));
    Error::new(Kind::Store, message)
        .because(format!("it took a secret out of `{}`, which is kept no longer", kept.shown))
        .because("such secrets are sealed in the store for 30 days, and gone when its key is")
        .hint("`daypass configure undo --diff` shows the other lines, to be put back by hand")
}
