//! A command that prints the key: `systemd-creds decrypt`, `pass`, `op read`.

use super::backend::Backend;
use super::{KeyError, KeySource, Slot};
use crate::key::{Key, hmac};
use crate::{Secret, StoreError};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Fewer characters than this cannot hold a key: 32 bytes are 43 in Base64.
const LEAST: usize = 32;
const MOST: usize = 65_536;

/// A program with its arguments. It is run directly, without a shell.
pub(super) struct KeyCommand {
    pub(super) argv: Vec<String>,
    pub(super) patience: Duration,
}

impl KeyCommand {
    fn run(&self) -> Result<Secret<Vec<u8>>, KeyError> {
        let (program, arguments) = self.argv.split_first().ok_or_else(|| failed("it is empty"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| failed(format!("`{program}`: {e}")))?;
        let printed = read_aside(&mut child);
        let ended = ended_within(&mut child, self.patience);
        match ended {
            Some(true) => printed.recv_timeout(self.patience).ok().flatten(),
            Some(false) => return Err(failed(format!("`{program}` failed"))),
            None => return Err(failed(format!("`{program}` took too long"))),
        }
        .ok_or_else(|| failed(format!("`{program}` printed too much, or goes on printing")))
    }

    fn key(&self) -> Result<Key, KeyError> {
        let printed = self.run()?;
        let material = printed.expose().trim_ascii_end();
        if material.len() < LEAST {
            return Err(failed(format!("it printed fewer than {LEAST} characters")));
        }
        // The material may have any form: its hash is the key.
        Ok(Key::new(hmac(b"daypass-vault-1 from key command", &[material])))
    }
}

impl KeySource for KeyCommand {
    fn load(&self, _slot: &Slot) -> Result<Option<Key>, KeyError> {
        self.key().map(Some)
    }

    fn make(&self, _slot: &Slot) -> Result<Key, StoreError> {
        Ok(self.key()?)
    }

    /// The command keeps it.
    fn store(&self, _slot: &Slot, _key: &Key) -> Result<(), KeyError> {
        Ok(())
    }

    /// What the command does with it is not ours to say.
    fn remove(&self, _slot: &Slot) -> Result<(), KeyError> {
        Ok(())
    }
}

fn failed(why: impl std::fmt::Display) -> KeyError {
    KeyError::new(Backend::KeyCommand, why)
}

/// Reads on a thread of its own, since a grandchild may keep the pipe open for
/// ever. `None` is sent when there was too much to read.
fn read_aside(child: &mut Child) -> mpsc::Receiver<Option<Secret<Vec<u8>>>> {
    let (send, receive) = mpsc::channel();
    let Some(pipe) = child.stdout.take() else { return receive };
    std::thread::spawn(move || {
        let mut bytes = Secret::new(Vec::with_capacity(MOST + 1));
        let read = pipe.take(MOST as u64 + 1).read_to_end(bytes.expose_mut());
        let whole = read.is_ok_and(|length| length <= MOST);
        let _ = send.send(whole.then_some(bytes));
    });
    receive
}

/// Whether the child ended well; `None` when it was killed for being late.
fn ended_within(child: &mut Child, patience: Duration) -> Option<bool> {
    let deadline = Instant::now() + patience;
    let mut step = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(step),
            _ => break,
        }
        step = (step * 2).min(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn key(script: &str) -> Result<Key, KeyError> {
        let argv = ["sh", "-c", script].map(str::to_owned).into();
        let command = KeyCommand { argv, patience: Duration::from_millis(1500) };
        Ok(command.load(&Slot::draw().unwrap())?.unwrap())
    }

    #[test]
    fn the_key_is_what_it_prints_but_for_the_end_of_the_line() {
        let material = "0123456789abcdef0123456789abcdef";
        let one = key(&format!("echo {material}")).unwrap();
        assert_eq!(one.id(), key(&format!("printf {material}")).unwrap().id());
        assert_ne!(one.id(), key(&format!("echo {material}0")).unwrap().id());
    }

    #[test]
    fn what_goes_wrong_is_said() {
        for (script, why) in [
            ("exit 3", "`sh` failed"),
            ("echo short", "fewer than 32"),
            ("exec sleep 60", "took too long"),
        ] {
            let error = key(script).unwrap_err().to_string();
            assert!(error.contains(why), "{script}: {error}");
        }
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_does_not_hang_us() {
        let start = Instant::now();
        let error = key("sleep 30 & echo 0123456789abcdef0123456789abcdef").unwrap_err();
        assert!(error.to_string().contains("goes on printing"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
