//! A line of the audit trail: who got which credentials, and never the credentials.
//!
//! Both lanes write it; it is made by hand, since the fast lane has no time for more.

use crate::identity::Identity;
use std::io;
use std::path::{Path, PathBuf};

/// A full trail is moved aside, in place of an older one: 8 MiB are all it takes.
const MOST: u64 = 4 << 20;

/// Where the trail of a home directory is.
pub fn place(home: &Path) -> PathBuf {
    home.join(".aws").join("daypass").join("audit.jsonl")
}

/// What turns the trail off by being there.
pub fn off_switch(home: &Path) -> PathBuf {
    home.join(".aws").join("daypass").join("audit.off")
}

/// Tries whether the trail can be written, without a line.
///
/// # Errors
/// The system's own.
pub fn probe(home: &Path) -> io::Result<()> {
    vault::append_line(&place(home), b"", MOST)
}

/// Who asked: the process that started this one.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The parent's name, where the system tells it.
    pub parent: Option<String>,
    /// The parent's process ID.
    pub parent_pid: Option<u32>,
    /// This process.
    pub pid: u32,
    /// The current directory.
    pub cwd: Option<String>,
    /// Whether there is a terminal to see.
    pub terminal: bool,
    /// The version of this program.
    pub version: &'static str,
}

/// What the trail says of credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct Issued<'a> {
    /// The command that handed them out.
    pub delivery: &'a str,
    /// Whose they are said to be.
    pub profile: &'a str,
    /// The kind of source, as `configure list` names it.
    pub source: &'a str,
    /// The sso-session that paid for them.
    pub session: Option<&'a str>,
    /// 12 digits.
    pub account: Option<&'a str>,
    /// The role's name.
    pub role: Option<&'a str>,
    /// The access key ID, of which four characters are kept.
    pub key_id: &'a str,
    /// Seconds since 1970.
    pub expires_at: Option<u64>,
}

impl<'a> Issued<'a> {
    /// With what an identity tells of session, account and role.
    #[must_use]
    pub fn of(self, identity: &'a Identity) -> Self {
        match identity {
            Identity::Sso { session, account_id, role_name, .. } => Self {
                source: "sso",
                session: session.as_deref(),
                account: Some(account_id),
                role: Some(role_name),
                ..self
            },
            Identity::Assumed { source, role_arn, .. } => {
                let paid = Self::default().of(source);
                Self { source: "assume-role", session: paid.session, ..self }.of_arn(role_arn)
            }
            Identity::Kept { .. } | Identity::Given { .. } => Self { source: "daypass", ..self },
        }
    }

    /// With the account and the name in a role's ARN.
    #[must_use]
    pub fn of_arn(self, role_arn: &'a str) -> Self {
        let role = role_arn.rsplit('/').next().filter(|name| !name.is_empty());
        Self { account: role_arn.split(':').nth(4), role, ..self }
    }

    /// The line.
    pub fn line(&self, now: u64, caller: &Caller) -> Line {
        let mut line = Line::new(now, "issue");
        line.text("delivery", self.delivery).text("profile", self.profile);
        line.text("source", self.source);
        line.option("session", self.session).option("account", self.account);
        line.option("role", self.role).text("key", last_four(self.key_id));
        if let Some(end) = self.expires_at {
            line.text("expires", &utc(end));
        }
        line.by(caller);
        line
    }
}

/// The last four characters of an access key ID: enough to tell two apart.
pub fn last_four(key_id: &str) -> &str {
    let start = key_id.len().saturating_sub(4);
    key_id.get(start..).unwrap_or_default()
}

/// A line under construction: one JSON object.
#[derive(Debug)]
pub struct Line(Vec<u8>);

impl Line {
    /// Begins with the time and what happened.
    pub fn new(now: u64, event: &str) -> Self {
        let mut line = Self(Vec::with_capacity(512));
        line.0.push(b'{');
        line.text("time", &utc(now)).text("event", event);
        line
    }

    /// A member with text.
    pub fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.0.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend([b'\\', byte]),
                0..0x20 => {
                    let hex = |n: u8| b"0123456789abcdef"[usize::from(n)];
                    self.0.extend([b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
                }
                _ => self.0.push(byte),
            }
        }
        self.0.push(b'"');
        self
    }

    /// A member that may have no value, and is then left out.
    pub fn option(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    fn number(&mut self, key: &str, value: u32) -> &mut Self {
        self.key(key);
        self.digits(value);
        self
    }

    fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key);
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// Who asked.
    pub fn by(&mut self, caller: &Caller) -> &mut Self {
        self.option("parent", caller.parent.as_deref());
        if let Some(pid) = caller.parent_pid {
            self.number("parentPid", pid);
        }
        self.number("pid", caller.pid).option("cwd", caller.cwd.as_deref());
        self.flag("terminal", caller.terminal).text("version", caller.version)
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn digits(&mut self, number: u32) {
        if number >= 10 {
            self.digits(number / 10);
        }
        self.0.push(b'0' + (number % 10) as u8);
    }

    /// Adds it to the trail.
    ///
    /// # Errors
    /// The system's own: no trail is worth failing for.
    pub fn append(mut self, trail: &Path) -> io::Result<()> {
        self.0.extend_from_slice(b"}\n");
        vault::append_line(trail, &self.0, MOST)
    }
}

/// Seconds since 1970 as `2026-11-26T09:12:00Z`.
pub fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days since 1970 only.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let mut text = String::with_capacity(20);
    let parts = [(year, 4, '-'), (month, 2, '-'), (day, 2, 'T')];
    let times = [(rest / 3600, 2, ':'), (rest / 60 % 60, 2, ':'), (rest % 60, 2, 'Z')];
    for (value, width, end) in parts.into_iter().chain(times) {
        for place in (0..width).rev() {
            text.push(char::from(b'0' + (value / 10_u64.pow(place) % 10) as u8));
        }
        text.push(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_684_320, "2026-11-26T09:12:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }

    #[test]
    fn names_cannot_break_the_line() {
        let mut line = Line::new(0, "issue");
        line.text("profile", "a\"b\\c\n\u{1b}[2J\u{e9}").option("role", None);
        assert_eq!(
            String::from_utf8(line.0).unwrap(),
            "{\"time\":\"1970-01-01T00:00:00Z\",\"event\":\"issue\",\
             \"profile\":\"a\\\"b\\\\c\\u000a\\u001b[2J\u{e9}\""
        );
    }

    #[test]
    fn of_a_key_four_characters_are_kept() {
        assert_eq!(last_four("ASIAIOSFODNN7EXAMPLE"), "MPLE");
        assert_eq!(last_four("abc"), "abc");
        assert_eq!(last_four("a\u{e9}\u{e9}\u{e9}"), "\u{e9}\u{e9}");
    }

    #[test]
    fn a_chain_is_of_the_last_role_and_the_first_session() {
        let source = Identity::Sso {
            session: Some("corp".into()),
            start_url: String::new(),
            region: String::new(),
            endpoint: None,
            account_id: "111111111111".into(),
            role_name: "a".into(),
        };
        let chain = Identity::Assumed {
            source: Box::new(source),
            role_arn: "arn:aws:iam::222222222222:role/team/deploy".into(),
            external_id: None,
            duration: None,
            session_name: None,
            mfa_serial: None,
            endpoint: None,
        };
        let issued = Issued::default().of(&chain);
        let said = (issued.session, issued.account, issued.role);
        assert_eq!(said, (Some("corp"), Some("222222222222"), Some("deploy")));
    }
}
