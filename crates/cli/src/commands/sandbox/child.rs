//! A child that has the terminal: its Ctrl-C is not ours.

use std::io;
use std::process::{Command, ExitStatus};
use tokio::process::Child;

/// Runs a command to its end, whatever signals come: what belongs to it (a sandbox,
/// a home directory) must outlive it, and be removed after it.
pub fn run(command: Command) -> io::Result<ExitStatus> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the child: a signal that comes early is not lost, nor deadly.
        let mut signals = Signals::listen()?;
        let mut child = tokio::process::Command::from(command).spawn()?;
        loop {
            tokio::select! {
                status = child.wait() => return status,
                signal = signals.next() => signals.pass_on(&child, signal),
            }
        }
    })
}

/// The code a shell would show.
pub fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(255);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
}

#[cfg(unix)]
use posix::Signals;
#[cfg(not(unix))]
use windows::Signals;

#[cfg(unix)]
mod posix {
    use super::{Child, io};
    use rustix::process::{Pid, Signal as Number, kill_process};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub struct Signals {
        interrupt: Signal,
        quit: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    impl Signals {
        pub fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// The next signal, if it is one that came to us alone: the terminal sends
        /// Ctrl-C and Ctrl-\ to the child as well.
        pub async fn next(&mut self) -> Option<Number> {
            tokio::select! {
                _ = self.interrupt.recv() => None,
                _ = self.quit.recv() => None,
                _ = self.terminate.recv() => Some(Number::TERM),
                _ = self.hangup.recv() => Some(Number::HUP),
            }
        }

        pub fn pass_on(&self, child: &Child, number: Option<Number>) {
            let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
            if let (Some(pid), Some(number)) = (pid, number) {
                // A child that has ended meanwhile needs no signal.
                let _ = kill_process(pid, number);
            }
        }
    }
}

#[cfg(not(unix))]
mod windows {
    use super::{Child, io};
    use tokio::signal::windows::{CtrlC, ctrl_c};

    pub struct Signals(CtrlC);

    impl Signals {
        pub fn listen() -> io::Result<Self> {
            ctrl_c().map(Self)
        }

        /// Ctrl-C goes to the child as well.
        pub async fn next(&mut self) {
            self.0.recv().await;
        }

        pub fn pass_on(&self, _: &Child, (): ()) {}
    }
}
