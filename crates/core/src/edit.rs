//! Changing the user's files: all of a command's changes in one replacement,
//! under a lock, or none.

use crate::error::{Error, Kind, Result};
use crate::files::{self, place};
use crate::host::Host;
use crate::lock;
use awsconfig::{Document, EditError, FileKind};
use std::path::PathBuf;
use std::time::Duration;

/// A file that now says what it should.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Where it is.
    pub path: PathBuf,
    /// The place as people know it.
    pub shown: String,
}

/// Applies `change` to one of the two files.
///
/// The file is read again under the lock, so that an edit of another process is
/// not lost; comments, order, unknown keys, line endings, links and permissions
/// stay. A file that botocore would refuse is reported and not touched.
///
/// # Errors
/// [`Kind::Profile`] with file and line, [`Kind::Config`] for a value that cannot
/// be written, [`Kind::Store`] where the file cannot be replaced.
pub fn edit(
    host: &Host,
    kind: FileKind,
    change: impl FnOnce(&mut Document) -> std::result::Result<(), EditError>,
) -> Result<Edited> {
    let (path, shown) = place(host, kind);
    let _lock = lock::config(host, &path, Duration::from_secs(30))?;
    let text = files::read_text(&path, &shown)?;
    let mut document =
        Document::parse(kind, &text).map_err(|error| files::syntax_error(&path, &error))?;
    change(&mut document).map_err(|error| {
        Error::new(Kind::Profile, format!("cannot change `{shown}`")).because(error.to_string())
    })?;
    if document.is_changed() {
        vault::replace_text(&path, document.to_text().as_bytes())?;
    }
    Ok(Edited { path, shown })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sees to its own files")]
mod tests {
    use super::*;
    use crate::host::{Clock, Vars};
    use awsconfig::SectionName;
    use vault::LockPlaces;

    fn host(home: &std::path::Path) -> Host {
        Host {
            home: home.to_owned(),
            vars: Vars::default(),
            clock: Clock::new(|| jiff::Timestamp::UNIX_EPOCH),
            locks: LockPlaces::new([home.join("locks")]),
            store: crate::store::Store::new(vault::Surroundings::for_user(
                home,
                LockPlaces::new([]),
            )),
            critical: crate::critical::Critical::default(),
        }
    }

    fn set(host: &Host, key: &str, value: &str) -> Result<Edited> {
        edit(host, FileKind::Config, |doc| doc.set(&SectionName::Profile("p".into()), key, value))
    }

    #[test]
    fn a_file_botocore_refuses_is_reported_and_not_touched() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join(".aws/config");
        let text = "[profile p]\nregion = a\nregion = SECRET-VALUE\n";
        vault::write_private(&config, text.as_bytes()).unwrap();
        let error = set(&host(home.path()), "output", "json").unwrap_err();
        assert!(error.message().ends_with("line 3"), "{error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
        assert_eq!(std::fs::read_to_string(&config).unwrap(), text);
    }

    #[test]
    fn edits_of_several_threads_are_all_there() {
        let home = tempfile::tempdir().unwrap();
        let host = host(home.path());
        std::thread::scope(|scope| {
            for n in 0..16 {
                let host = &host;
                scope.spawn(move || set(host, &format!("key{n}"), "x").unwrap());
            }
        });
        let text = std::fs::read_to_string(home.path().join(".aws/config")).unwrap();
        assert_eq!(text.lines().count(), 17, "{text}");
    }
}
