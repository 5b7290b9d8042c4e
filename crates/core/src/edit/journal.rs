//! Backups: what the files said before each step, below `~/.aws/daypass/backups`.
//!
//! One private file a step, `000007.json`. No secret is in there in plain text: one that
//! the step left where it was is a reference to the file itself, which undo finds
//! unchanged or does nothing; one that the step took away is sealed in the store for
//! [`SEALED_FOR`].

use super::secrets::{Piece, Reading, pieces};
use super::step::{Change, Step};
use crate::error::{Error, Result};
use crate::files;
use crate::host::Host;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use vault::{RecordName, Secret, Store as _, StoreError};

/// Steps that are kept, if they are not too large.
const MOST_STEPS: usize = 50;

/// Bytes of all steps together; the newest is kept whatever its size.
const MOST_BYTES: u64 = 16 << 20;

/// Thirty days: whoever notices a mistake in a key later than that has made a new one.
const SEALED_FOR: u64 = 30 * 24 * 3600;

const VERSION: u64 = 1;

/// What a step did to the files.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub number: u32,
    pub at: Timestamp,
    pub command: String,
    pub files: Vec<Kept>,
}

/// One file of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub path: PathBuf,
    pub shown: String,
    /// How the file is read.
    pub reading: Reading,
    /// The text before; `None` where there was no file.
    pub before: Option<Vec<Part>>,
    /// Of the text before.
    pub before_hash: Option<String>,
    /// Of the text that the step left; `None` where it left no file.
    pub after_hash: Option<String>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Open(String),
    /// The secret of that number in the text that the step left.
    InFile(usize),
    /// The secret of that number in the step's sealed record.
    Sealed(usize),
}

/// Keeps what the step's files said before it; to be called under the lock of edits,
/// before anything is written.
pub(super) fn record(host: &Host, step: &Step, new: &[Change]) -> Result<()> {
    let (number, changes) = step.continued(new);
    let dir = dir(host);
    let number = number.unwrap_or_else(|| 1 + numbers(&dir).last().copied().unwrap_or_default());
    let mut gone = Vec::new();
    let kept = changes.iter().map(|change| Kept::of(change, &mut gone)).collect();
    seal(host, number, &gone)?;
    let record = Record { number, at: host.now(), command: step.command().to_owned(), files: kept };
    let text = record.to_json().to_string();
    vault::write_private(&path(&dir, number), text.as_bytes()).map_err(|error| {
        Error::from(error).while_doing("cannot keep a backup of what is about to be changed")
    })?;
    step.numbered(number);
    prune(&dir);
    Ok(())
}

/// Whether the step takes a secret out of a file, so that it has to be sealed.
pub(super) fn takes_secrets(step: &Step, new: &[Change]) -> bool {
    let mut gone = Vec::new();
    step.continued(new).1.iter().for_each(|change| drop(Kept::of(change, &mut gone)));
    !gone.is_empty()
}

/// All steps that can be read, the newest first.
pub(super) fn all(host: &Host) -> Vec<Record> {
    let dir = dir(host);
    numbers(&dir).into_iter().rev().filter_map(|number| read(&dir, number)).collect()
}

/// The secrets that a step took away; empty where they are no longer there.
///
/// # Errors
/// The store's key is out of reach: they may well be there.
pub(super) fn unseal(host: &Host, record: &Record) -> Result<Vec<Secret<String>>, StoreError> {
    if !record.files.iter().any(Kept::has_sealed) {
        return Ok(Vec::new());
    }
    let body = match host.store.load(&sealed_name(record.number)?) {
        Ok(Some(body)) => body,
        Err(error @ StoreError::Key(_)) => return Err(error),
        Ok(None) | Err(_) => return Ok(Vec::new()),
    };
    let texts: Vec<String> = serde_json::from_slice(body.expose()).unwrap_or_default();
    Ok(texts.into_iter().map(Secret::new).collect())
}

pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn dir(host: &Host) -> PathBuf {
    host.home.join(".aws").join("daypass").join("backups")
}

fn path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:06}.json"))
}

fn numbers(dir: &Path) -> Vec<u32> {
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse().ok();
    let mut numbers: Vec<u32> = files::json_files(dir).iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn sealed_name(number: u32) -> Result<RecordName, vault::StoreError> {
    RecordName::parse(&format!("undo.{number:06}"))
}

/// What cannot be sealed is not taken away either: it may be nowhere else.
fn seal(host: &Host, number: u32, gone: &[String]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let body = Secret::new(json!(gone).to_string().into_bytes());
    let ends = u64::try_from(host.now().as_second()).unwrap_or_default() + SEALED_FOR;
    let sealed = sealed_name(number).and_then(|name| host.store.save_until(&name, &body, ends));
    sealed.map_err(unsealed)
}

/// Why a step that takes a secret away is not taken.
pub(super) fn unsealed(error: StoreError) -> Error {
    Error::from(error)
        .while_doing("cannot seal the secret that is about to be taken away")
        .because("nothing was changed: without that, nobody could bring it back")
}

/// Takes the oldest away, above the number and the size that are kept.
fn prune(dir: &Path) {
    let (mut steps, mut bytes) = (0, 0);
    for number in numbers(dir).into_iter().rev() {
        let path = path(dir, number);
        steps += 1;
        bytes += std::fs::metadata(&path).map_or(0, |meta| meta.len());
        if steps > 1 && (steps > MOST_STEPS || bytes > MOST_BYTES) {
            let _ = files::remove(&path);
        }
    }
}

impl Kept {
    /// Secrets that the text after does not have any more are added to `gone`.
    fn of(change: &Change, gone: &mut Vec<String>) -> Self {
        let reading = change.reading;
        let after = change.after.as_deref().map(|text| secrets(text, reading));
        let after: Vec<&str> = after.unwrap_or_default();
        let mut part = |piece: Piece<'_>| match piece {
            Piece::Open(text) => Part::Open(text.to_owned()),
            Piece::Secret(text) => match after.iter().position(|kept| *kept == text) {
                Some(at) => Part::InFile(at),
                None => {
                    gone.push(text.to_owned());
                    Part::Sealed(gone.len() - 1)
                }
            },
        };
        let before = change.before.as_deref();
        Self {
            path: change.path.clone(),
            shown: change.shown.clone(),
            reading,
            before: before.map(|text| pieces(text, reading).into_iter().map(&mut part).collect()),
            before_hash: before.map(hash),
            after_hash: change.after.as_deref().map(hash),
        }
    }

    /// The text before the step, from the text that it left; `None` for a secret that is
    /// not kept any more.
    pub fn rebuild(
        &self,
        after: Option<&str>,
        sealed: &[Secret<String>],
    ) -> Option<Option<String>> {
        let Some(parts) = &self.before else { return Some(None) };
        let in_file = after.map(|text| secrets(text, self.reading)).unwrap_or_default();
        let text = |part: &Part| match part {
            Part::Open(text) => Some(text.clone()),
            Part::InFile(at) => in_file.get(*at).map(|text| (*text).to_owned()),
            Part::Sealed(at) => sealed.get(*at).map(|text| text.expose().clone()),
        };
        let text: String = parts.iter().map(text).collect::<Option<_>>()?;
        (Some(hash(&text)) == self.before_hash).then_some(Some(text))
    }

    /// The same for eyes: with a mask in place of each secret.
    pub fn masked(&self) -> Option<String> {
        let text = |part: &Part| match part {
            Part::Open(text) => text.clone(),
            _ => super::secrets::MASK.to_owned(),
        };
        self.before.as_ref().map(|parts| parts.iter().map(text).collect())
    }

    pub fn has_sealed(&self) -> bool {
        self.before.iter().flatten().any(|part| matches!(part, Part::Sealed(_)))
    }
}

fn secrets(text: &str, reading: Reading) -> Vec<&str> {
    let secret = |piece| match piece {
        Piece::Secret(text) => Some(text),
        Piece::Open(_) => None,
    };
    pieces(text, reading).into_iter().filter_map(secret).collect()
}

impl Record {
    fn to_json(&self) -> Value {
        json!({
            "version": VERSION,
            "at": self.at.to_string(),
            "command": self.command,
            "files": self.files.iter().map(Kept::to_json).collect::<Vec<_>>(),
        })
    }

    fn of_json(number: u32, value: &Value) -> Option<Self> {
        if value["version"].as_u64() != Some(VERSION) {
            return None;
        }
        let files = value["files"].as_array()?.iter().map(Kept::of_json).collect::<Option<_>>()?;
        let at = value["at"].as_str()?.parse().ok()?;
        Some(Self { number, at, command: value["command"].as_str()?.to_owned(), files })
    }
}

impl Kept {
    fn to_json(&self) -> Value {
        let part = |part: &Part| match part {
            Part::Open(text) => json!(text),
            Part::InFile(at) => json!({ "secretInFile": at }),
            Part::Sealed(at) => json!({ "secretSealed": at }),
        };
        json!({
            "path": self.path.display().to_string(),
            "shown": self.shown,
            "values": self.reading == Reading::Values,
            "before": self.before.as_ref().map(|parts| parts.iter().map(part).collect::<Vec<_>>()),
            "sha256Before": self.before_hash,
            "sha256After": self.after_hash,
        })
    }

    fn of_json(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let at = |value: &Value| usize::try_from(value.as_u64()?).ok();
        let part = |part: &Value| match part {
            Value::String(text) => Some(Part::Open(text.clone())),
            _ => at(&part["secretInFile"])
                .map(Part::InFile)
                .or_else(|| at(&part["secretSealed"]).map(Part::Sealed)),
        };
        let before = match value["before"].as_array() {
            Some(parts) => Some(parts.iter().map(part).collect::<Option<_>>()?),
            None => None,
        };
        Some(Self {
            path: PathBuf::from(text("path")?),
            shown: text("shown")?,
            reading: match value["values"].as_bool() {
                Some(true) => Reading::Values,
                _ => Reading::Aws,
            },
            before,
            before_hash: text("sha256Before"),
            after_hash: text("sha256After"),
        })
    }
}

fn read(dir: &Path, number: u32) -> Option<Record> {
    let bytes = vault::read_private(&path(dir, number)).ok()??;
    Record::of_json(number, &serde_json::from_slice(&bytes).ok()?)
}
