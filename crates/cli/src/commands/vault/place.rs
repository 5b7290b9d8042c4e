//! `vault use`: another place for the key.

use super::announce::now_known;
use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::{Error, Kind, Result};
use std::path::PathBuf;
use vault::{Backend, Choice, OldKey, Place};

/// Keep the store's key somewhere else, and seal everything anew
///
/// kernel-keyring   in the kernel's memory until the machine restarts
/// memory-dir       in a private file in memory until the machine restarts
/// secret-service   in the Linux desktop's keyring
/// keychain         in the macOS login keychain
/// credential-manager  in Windows' Credential Manager
/// passphrase       on disk, sealed by a passphrase that you are asked for
/// key-file         in a file of your choice (--key-file)
/// key-command      what a command prints (after --), such as one that asks a TPM
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Use {
    /// Where to
    #[arg(value_name = "BACKEND", value_parser = parse)]
    backend: Backend,
    /// The file for `key-file`; on a stick, say
    #[arg(long, value_name = "FILE", required_if_eq("backend", "key-file"))]
    key_file: Option<PathBuf>,
    /// Ask for the key every time, instead of once in twelve hours
    #[arg(long)]
    no_cache: bool,
    /// The old key is lost: leave what it sealed behind, and log in again
    #[arg(long)]
    old_key_is_lost: bool,
    /// The command for `key-command`
    #[arg(last = true, value_name = "COMMAND", required_if_eq("backend", "key-command"))]
    command: Vec<String>,
}

fn parse(name: &str) -> Result<Backend, String> {
    Backend::parse(name).ok_or_else(|| {
        let names: Vec<&str> = Backend::ALL.iter().map(|backend| backend.as_str()).collect();
        format!("choose one of {}", names.join(", "))
    })
}

pub fn run(app: &App, wanted: &Use) -> Result<Done> {
    let mut choice = Choice::of(place(app, wanted)?);
    if wanted.no_cache {
        choice.cache = false;
    }
    let old = if wanted.old_key_is_lost { OldKey::MayBeLost } else { OldKey::Needed };
    let count = app.host.store.reseal(choice, old).map_err(|error| {
        Error::from(error)
            .while_doing("the key stays where it was")
            .hint("if the old key is gone for good, add --old-key-is-lost")
    })?;
    let records = if count == 1 { "1 record was" } else { &format!("{count} records were") };
    app.ui.say(&format!("The key is in {} now; {records} sealed anew.", wanted.backend));
    app.ui.say(&format!("What that means: {}.", wanted.backend.protection()));
    now_known(app, wanted.backend);
    Ok(Done::Well)
}

fn place(app: &App, wanted: &Use) -> Result<Place> {
    if wanted.key_file.is_some() && wanted.backend != Backend::KeyFile {
        return Err(Error::new(Kind::Usage, "--key-file goes with `key-file` only"));
    }
    if !wanted.command.is_empty() && wanted.backend != Backend::KeyCommand {
        return Err(Error::new(Kind::Usage, "a command goes with `key-command` only"));
    }
    Ok(match wanted.backend {
        Backend::KernelKeyring => Place::KernelKeyring,
        Backend::MemoryDir => Place::MemoryDir,
        Backend::Passphrase => Place::Passphrase,
        Backend::KeyFile => Place::KeyFile(absolute(app, wanted.key_file.as_deref())?),
        Backend::KeyCommand => Place::KeyCommand(wanted.command.clone()),
        desktop if is_here(desktop) => Place::Desktop(desktop),
        other => {
            let message = format!("this system has no {other}");
            return Err(Error::new(Kind::Usage, message)
                .hint("`daypass vault use --help` says which place is of which system"));
        }
    })
}

/// Whether a desktop's keyring is one of this system's.
fn is_here(backend: Backend) -> bool {
    match backend {
        Backend::Keychain => cfg!(target_os = "macos"),
        Backend::CredentialManager => cfg!(windows),
        Backend::SecretService => cfg!(target_os = "linux"),
        _ => true,
    }
}

/// The file is looked for from every directory later on.
fn absolute(app: &App, file: Option<&std::path::Path>) -> Result<PathBuf> {
    let file = file.unwrap_or(std::path::Path::new(""));
    let file = app.host.expand(&file.to_string_lossy());
    std::path::absolute(&file).map_err(|error| {
        Error::new(Kind::Usage, "--key-file names no file").because(error.to_string())
    })
}
