//! What a process does before it holds a secret.

/// Turns off core dumps and, on Linux, being traced by other processes of the
/// same user (ptrace, `/proc/PID/mem`). Call it once at the start.
///
/// On Linux this goes for the process itself and not for programs it becomes or
/// starts: the kernel makes a program dumpable again when it begins. The limit
/// on the size of core dumps is inherited, and is not raised again.
///
/// Returns whether everything worked; a system that refuses is no reason to
/// stop, since nothing is worse than before.
pub fn harden() -> bool {
    let size = no_core_files();
    let traced = no_tracing();
    size && traced
}

#[cfg(unix)]
fn no_core_files() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_ok()
}

#[cfg(not(unix))]
fn no_core_files() -> bool {
    true
}

#[cfg(target_os = "linux")]
fn no_tracing() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn no_tracing() -> bool {
    true
}
