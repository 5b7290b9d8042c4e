//! Words and surroundings in, the line to print out.

use crate::identity::Identity;
use crate::lookup::{self, Login};
use crate::ticket::Ticket;
use crate::trail::{Caller, Issued};
use sha1::{Digest, Sha1};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use vault::{Key, Secret};

/// What the fast lane needs to know of the world. Nothing here is read twice.
#[derive(Clone, Debug)]
pub struct Ambient {
    /// `~/.aws/config`, or where it was put.
    pub config: PathBuf,
    /// `~/.aws/credentials`, or where it was put.
    pub credentials: PathBuf,
    /// `~/.aws/sso/cache`.
    pub sso_cache: PathBuf,
    /// The store's directory.
    pub vault: PathBuf,
    /// The profile in force when none is named.
    pub profile: Option<String>,
    /// The profiles whose credential processes wait for this one, with commas between.
    pub chain: Option<String>,
    /// The portal's address, if a variable sets it.
    pub sso_endpoint: Option<String>,
    /// The address of STS, if a variable sets it.
    pub sts_endpoint: Option<String>,
    /// The audit trail, if one is kept.
    pub trail: Option<PathBuf>,
    /// Seconds since 1970.
    pub now: u64,
}

/// What a credential process says.
#[derive(Debug)]
pub struct Answer {
    /// The line to print.
    pub output: Secret<Vec<u8>>,
    /// What the audit trail is told once that is done.
    pub issue: Option<Issue>,
}

/// An answer as the audit trail has it.
#[derive(Debug)]
pub struct Issue {
    trail: PathBuf,
    profile: String,
    identity: Identity,
    key_id: String,
    expires_at: u64,
    now: u64,
}

impl Issue {
    /// Adds it to the trail. The answer is out by then, and nothing is lost but a line.
    pub fn keep(&self, caller: &Caller) {
        let issued = Issued {
            delivery: "credential-process",
            profile: &self.profile,
            key_id: &self.key_id,
            expires_at: Some(self.expires_at),
            ..Issued::default()
        };
        let _ = issued.of(&self.identity).line(self.now, caller).append(&self.trail);
    }
}

/// The output of a credential process whose credentials are stored and live long
/// enough. `None` sends the caller to the slow lane: other commands and options,
/// profiles that are not plain, a key that is not at hand, credentials that end.
pub fn answer(words: &[OsString], around: impl FnOnce() -> Option<Ambient>) -> Option<Answer> {
    let named = profile_of(words)?;
    let around = around()?;
    let profile = named.or(around.profile.as_deref()).unwrap_or("default");
    let circle = around.chain.as_deref().is_some_and(|c| c.split(',').any(|one| one == profile));
    if circle {
        return None;
    }
    let found = lookup::find(&around, profile)?;
    let key = vault::fast_key(&around.vault)?;
    found.login.is_none_or(|login| is_there(&around, &login, &key)).then_some(())?;
    let record = found.identity.record();
    let (_, body) = vault::open_one(&around.vault, &record, &key).ok()??;
    let ticket = Ticket::read(body.expose())?;
    ticket.is_fresh(around.now).then_some(())?;
    let issue = around.trail.map(|trail| Issue {
        trail,
        profile: profile.to_owned(),
        identity: found.identity,
        key_id: key_id(ticket.output),
        expires_at: ticket.expires_at,
        now: around.now,
    });
    Some(Answer { output: Secret::new(ticket.output.to_vec()), issue })
}

/// The access key ID in the line of a credential process.
fn key_id(output: &[u8]) -> String {
    const BEFORE: &[u8] = b"\"AccessKeyId\":\"";
    let found = output.windows(BEFORE.len()).position(|window| window == BEFORE);
    let rest = found.map_or(&b""[..], |at| &output[at + BEFORE.len()..]);
    let end = rest.iter().position(|byte| *byte == b'"').unwrap_or(0);
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

/// Whether the login's token is where it belongs. It need not live: what it paid for
/// does.
fn is_there(around: &Ambient, login: &Login, key: &Key) -> bool {
    match login {
        Login::Shared(hashed) => {
            let digits =
                Sha1::digest(hashed).iter().map(|b| format!("{b:02x}")).collect::<String>();
            around.sso_cache.join(digits + ".json").exists()
        }
        Login::Sealed(family) => vault::has_one(&around.vault, &family.record("token"), key),
    }
}

/// The profile that the words name; `None` where they are not just
/// `credential-process [--profile NAME]`, in either order.
fn profile_of(words: &[OsString]) -> Option<Option<&str>> {
    let words: Vec<&str> = words.iter().skip(1).map(|w| OsStr::to_str(w)).collect::<Option<_>>()?;
    let is_command = |word: &str| matches!(word, "credential-process" | "process");
    let joined = |word: &'_ str| word.starts_with("--profile=");
    match words.as_slice() {
        [command] if is_command(command) => Some(None),
        [command, "--profile", name] | ["--profile", name, command] if is_command(command) => {
            Some(Some(name))
        }
        [command, option] | [option, command] if is_command(command) && joined(option) => {
            Some(option.strip_prefix("--profile="))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Option<Option<String>> {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        profile_of(&words).map(|name| name.map(str::to_owned))
    }

    #[test]
    fn the_key_s_id_is_found_and_nothing_after_it() {
        let line = br#"{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"x"}"#;
        assert_eq!(key_id(line), "ASIAIOSFODNN7EXAMPLE");
        assert_eq!(key_id(br#"{"AccessKeyId":"unfinished"#), "");
        assert_eq!(key_id(b"{}"), "");
    }

    #[test]
    fn only_the_plain_command_line_is_ours() {
        let named = Some(Some("p".to_owned()));
        assert_eq!(of("daypass credential-process --profile p"), named);
        assert_eq!(of("daypass process --profile=p"), named);
        assert_eq!(of("daypass --profile p credential-process"), named);
        assert_eq!(of("daypass --profile=p process"), named);
        assert_eq!(of("daypass credential-process"), Some(None));
        for other in [
            "daypass",
            "daypass sso login",
            "daypass credential-process --debug",
            "daypass credential-process --profile",
            "daypass credential-process --profile p --region r",
            "daypass configure --profile p",
            "daypass --profile credential-process",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
