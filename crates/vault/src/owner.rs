//! Whose a file is when root writes into another's home directory (`sudo`, a
//! container's entry point): without care that person could no longer read it.

use std::fs::File;
use std::io;
use std::path::Path;

/// Gives what root has just made to the owner of the file it replaces, or of the
/// directory it is in.
#[cfg(unix)]
pub(crate) fn hand_over(made: &File, target: &Path, parent: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let model = match std::fs::metadata(target) {
        Ok(old) if old.is_file() => old,
        _ => std::fs::metadata(parent)?,
    };
    if (model.uid(), model.gid()) == (0, 0) {
        return Ok(());
    }
    std::os::unix::fs::fchown(made, Some(model.uid()), Some(model.gid()))
}

/// Elsewhere files inherit what the directory says.
#[cfg(not(unix))]
pub(crate) fn hand_over(_: &File, _: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
