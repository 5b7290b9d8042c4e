//! Small private files that hold a key.
#![expect(clippy::disallowed_methods, reason = "key files are read here and nowhere else")]

use crate::Secret;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// No key file of ours is longer.
const MAX_BYTES: u64 = 16_384;

/// The file's bytes; `None` where there is none. A file that others could read
/// or that belongs to somebody else is an error.
pub(super) fn read(path: &Path) -> io::Result<Option<Secret<Vec<u8>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    refuse_readable(&file.metadata()?)?;
    // Its room is taken at once: growing would leave copies behind.
    let mut bytes = Secret::new(Vec::with_capacity(MAX_BYTES as usize + 1));
    file.take(MAX_BYTES + 1).read_to_end(bytes.expose_mut())?;
    if bytes.expose().len() as u64 > MAX_BYTES {
        return Err(io::Error::other("too long for a key file"));
    }
    Ok(Some(bytes))
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Root may read its user's key: what it writes into another's home directory
/// belongs to the home's owner.
#[cfg(unix)]
fn refuse_readable(meta: &fs::Metadata) -> io::Result<()> {
    match rustix::process::geteuid().is_root() && is_closed(meta) {
        true => Ok(()),
        false => refuse_shared(meta),
    }
}

/// A file or directory that is another's, or that others can open, is refused.
#[cfg(unix)]
pub(super) fn refuse_shared(meta: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    match meta.uid() == rustix::process::geteuid().as_raw() && is_closed(meta) {
        true => Ok(()),
        false => Err(io::Error::other("others could read it: it must be yours alone (chmod go=)")),
    }
}

#[cfg(unix)]
fn is_closed(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.mode().trailing_zeros() >= 6
}

#[cfg(not(unix))]
fn refuse_readable(_meta: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
