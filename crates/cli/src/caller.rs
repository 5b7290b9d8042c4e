//! The one door to the process that started this one: for the audit trail.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system who started this program"
)]

use hot::trail::Caller;
use std::io::{self, IsTerminal as _};

/// Who started this program, as far as the system tells. Nothing here can fail: what is
/// not known is left out.
pub fn caller() -> Caller {
    let parent_pid = parent_pid();
    Caller {
        parent: parent_pid.and_then(name),
        parent_pid,
        pid: std::process::id(),
        cwd: std::env::current_dir().ok().and_then(|dir| dir.into_os_string().into_string().ok()),
        terminal: io::stderr().is_terminal(),
        version: env!("CARGO_PKG_VERSION"),
    }
}

#[cfg(unix)]
fn parent_pid() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

#[cfg(not(unix))]
fn parent_pid() -> Option<u32> {
    None
}

/// The name of a process, of 15 bytes at most.
#[cfg(target_os = "linux")]
fn name(pid: u32) -> Option<String> {
    use std::io::Read as _;
    let mut bytes = [0; 32];
    let mut file = std::fs::File::open(format!("/proc/{pid}/comm")).ok()?;
    let length = file.read(&mut bytes).ok()?;
    let name = bytes[..length].strip_suffix(b"\n").unwrap_or(&bytes[..length]);
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(not(target_os = "linux"))]
fn name(_: u32) -> Option<String> {
    None
}
