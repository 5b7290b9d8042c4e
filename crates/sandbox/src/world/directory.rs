//! A bucket's objects from a directory: names, sizes and times now, content when it
//! is asked for. Nothing is ever written there.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use super::Object;

/// More files than a data directory for practice has.
const MOST: usize = 100_000;

/// Every file below `directory`, by its path with `/`. Links are not followed: they
/// could lead out of it.
pub(super) fn objects(directory: &Path) -> io::Result<BTreeMap<String, Object>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![(directory.to_owned(), String::new())];
    while let Some((directory, prefix)) = waiting.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| {
                io::Error::other(format!("the name of `{}` is not UTF-8", name.display()))
            })?;
            let (key, kind) = (format!("{prefix}{name}"), entry.file_type()?);
            if kind.is_dir() {
                waiting.push((entry.path(), key + "/"));
            } else if kind.is_file() {
                let metadata = entry.metadata()?;
                let modified = seconds(Timestamp::try_from(metadata.modified()?));
                found.insert(key, Object::of_file(entry.path(), metadata.len(), modified));
            }
            if found.len() > MOST {
                return Err(io::Error::other(format!("it has more than {MOST} files")));
            }
        }
    }
    Ok(found)
}

/// S3 keeps whole seconds.
fn seconds(moment: Result<Timestamp, jiff::Error>) -> Timestamp {
    let second = moment.map(|moment| moment.as_second()).unwrap_or_default();
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
