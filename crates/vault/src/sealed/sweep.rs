//! Taking away what is of no use to anybody.

use super::files::{self, Found};
use super::record::Header;
use super::{SealedStore, broken};
use crate::StoreError;
use std::path::Path;
use std::time::Duration;

/// A writer that has not committed after this long is dead.
const STAGED_FOR: u64 = 3600;

/// What becomes of records that this key cannot open: sealed by a key that is
/// lost, by the key of another machine or container that shares the home
/// directory, or damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Orphans {
    /// They stay.
    Keep,
    /// They go when they have not been written for this long.
    DropAfter(Duration),
}

/// What a sweep took away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Records that had expired, whoever sealed them.
    pub expired: usize,
    /// Records that this key cannot open.
    pub orphans: usize,
    /// Files left behind by killed writers.
    pub staged: usize,
}

impl SealedStore {
    /// Removes expired records, what killed writers left, and, if so wished,
    /// orphans. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the directory cannot be listed or a file
    /// not removed.
    pub fn sweep(&self, now: u64, orphans: Orphans) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for found in files::list(&self.dir).map_err(|e| broken(&self.dir, &e))? {
            let path = match &found {
                Found::Record(_, path) | Found::Staged(path) => path.clone(),
            };
            let Some(count) = self.verdict(found, now, orphans, &mut swept) else { continue };
            *count += usize::from(files::remove(&path).map_err(|e| broken(&path, &e))?);
        }
        Ok(swept)
    }

    /// Which count a file falls under; `None` if it stays.
    fn verdict<'a>(
        &self,
        found: Found,
        now: u64,
        orphans: Orphans,
        swept: &'a mut Swept,
    ) -> Option<&'a mut usize> {
        let (tag, path) = match found {
            Found::Staged(path) => {
                return (age(&path, now) > STAGED_FOR).then_some(&mut swept.staged);
            }
            Found::Record(tag, path) => (tag, path),
        };
        let file = files::read(&path).ok()??;
        // Of another's record only the header can be read: whoever could forge
        // the date could as well remove the file.
        let expired = Header::parse(&file).is_some_and(|header| header.expires_at <= now);
        let readable = self.sealer.open(tag, &file).is_some();
        match orphans {
            _ if expired => Some(&mut swept.expired),
            Orphans::DropAfter(quiet) if !readable && age(&path, now) >= quiet.as_secs() => {
                Some(&mut swept.orphans)
            }
            _ => None,
        }
    }
}

fn age(path: &Path, now: u64) -> u64 {
    now.saturating_sub(files::written_at(path))
}
