//! Whether a process still lives, by its ID and the time it began: the system gives
//! the IDs of the dead to others.
#![expect(clippy::disallowed_methods, reason = "the system's table of processes is read here")]

use std::time::Duration;

/// One process, of which becoming another program is a part of its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    pid: u32,
    since: Option<String>,
}

impl Life {
    /// A process as another has described it.
    pub fn new(pid: u32, since: Option<String>) -> Self {
        Self { pid, since }
    }

    /// This process.
    pub fn mine() -> Self {
        let pid = std::process::id();
        Self { pid, since: began(pid) }
    }

    /// Its ID.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// When it began, in the system's own words.
    pub fn since(&self) -> Option<&str> {
        self.since.as_deref()
    }

    /// Waits for its end.
    pub async fn end(&self) {
        #[cfg(target_os = "linux")]
        if let Some(watch) = watch(self.pid) {
            // It is the right one if it still is after the watch was set.
            if self.lasts() {
                let _ = tokio::task::spawn_blocking(move || until_ready(&watch)).await;
            }
            return;
        }
        const LOOK: Duration = Duration::from_millis(500);
        while self.lasts() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn lasts(&self) -> bool {
        let now = began(self.pid);
        now.is_some() && (self.since.is_none() || self.since == now)
    }
}

/// The kernel's own notice; there is none before Linux 5.3.
#[cfg(target_os = "linux")]
fn watch(pid: u32) -> Option<std::os::fd::OwnedFd> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    pidfd_open(Pid::from_raw(pid.try_into().ok()?)?, PidfdFlags::empty()).ok()
}

/// Sleeps in the kernel: the runtime's own way to wait for it is not safe Rust.
#[cfg(target_os = "linux")]
fn until_ready(watch: &std::os::fd::OwnedFd) {
    use rustix::event::{PollFd, PollFlags, poll};
    while poll(&mut [PollFd::new(watch, PollFlags::IN)], None) == Err(rustix::io::Errno::INTR) {}
}

/// When a process began, in ticks since the machine did; `None` for one that has
/// ended, though its parent may not have taken note.
#[cfg(target_os = "linux")]
fn began(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the program's name, which may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    fields.nth(18).filter(|_| !"ZX".contains(state)).map(str::to_owned)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn began(pid: u32) -> Option<String> {
    let ps = std::process::Command::new("ps")
        .args(["-o", "stat=", "-o", "lstart=", "-p", &pid.to_string()])
        .output();
    let text = String::from_utf8_lossy(&ps.ok()?.stdout).into_owned();
    let (state, began) = text.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| began.trim().to_owned())
}

/// Nobody asks there: the server lives in the process that waits for the command.
#[cfg(not(unix))]
fn began(_: u32) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    fn process() -> Child {
        Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    fn wait(life: &Life) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let end = async { tokio::time::timeout(Duration::from_secs(60), life.end()).await };
        runtime.block_on(end).expect("its end is noticed");
    }

    #[test]
    fn the_end_of_a_process_is_noticed_before_its_parent_takes_note() {
        let mut child = process();
        let life = Life::new(child.id(), began(child.id()));
        assert!(life.since().is_some() && life.lasts());
        child.kill().unwrap();
        wait(&life);
        assert!(!life.lasts(), "what is left of it is no life");
        child.wait().unwrap();
    }

    #[test]
    fn another_process_of_the_same_id_is_not_waited_for() {
        let mut child = process();
        wait(&Life::new(child.id(), Some("once upon a time".to_owned())));
        child.kill().unwrap();
        child.wait().unwrap();
        wait(&Life::new(child.id(), None));
    }
}
