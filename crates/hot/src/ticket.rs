//! The body of a record of role credentials.
//!
//! ```text
//! daypass-role-1 OBTAINED EXPIRES     seconds since 1970
//! {"profile": …}                      for people: JSON, one line
//! {"Version":1, …}                    what a credential process prints
//! ```

use vault::Secret;

/// We renew with fewer than this many seconds left, or half of a shorter life. The SDKs
/// run a credential process again at 15 minutes: what we hand out must not be so close
/// to its end that they come back at once.
pub const EARLY_SECONDS: u64 = 20 * 60;

const MAGIC: &str = "daypass-role-1";

/// Role credentials as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket<'b> {
    /// When they were fetched, in seconds since 1970.
    pub obtained_at: u64,
    /// When they end, in seconds since 1970.
    pub expires_at: u64,
    /// What they are of, for people.
    pub about: &'b str,
    /// What a credential process prints, its line feed included. Secret.
    pub output: &'b [u8],
}

impl<'b> Ticket<'b> {
    /// Reads a record's body; `None` for one of another version.
    pub fn read(body: &'b [u8]) -> Option<Self> {
        let (head, rest) = split_line(body)?;
        let (about, output) = split_line(rest)?;
        let mut words = std::str::from_utf8(head).ok()?.split(' ');
        let magic = words.next()?;
        let obtained_at = words.next()?.parse().ok()?;
        let expires_at = words.next()?.parse().ok()?;
        let fits = magic == MAGIC && words.next().is_none() && !output.is_empty();
        let about = std::str::from_utf8(about).ok()?;
        fits.then_some(Self { obtained_at, expires_at, about, output })
    }

    /// The record's body. `about` must be one line.
    pub fn write(&self) -> Secret<Vec<u8>> {
        let mut body = Vec::with_capacity(64 + self.about.len() + self.output.len());
        let head = format!("{MAGIC} {} {}\n{}\n", self.obtained_at, self.expires_at, self.about);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(self.output);
        Secret::new(body)
    }

    /// Whether they live long enough to be handed out.
    pub fn is_fresh(&self, now: u64) -> bool {
        is_fresh(self.obtained_at, self.expires_at, now)
    }
}

/// See [`EARLY_SECONDS`]. Half of a shorter life: else a role whose sessions last a
/// quarter of an hour would be fetched by every command. All in seconds since 1970.
pub fn is_fresh(obtained_at: u64, expires_at: u64, now: u64) -> bool {
    let life = expires_at.saturating_sub(obtained_at);
    let left = expires_at.saturating_sub(now);
    left > 0 && left >= EARLY_SECONDS.min(life / 2)
}

/// The bytes before the first line feed and those after it.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let ticket = Ticket { obtained_at: 1, expires_at: 2, about: "{}", output: b"{\"a\":1}\n" };
        assert_eq!(Ticket::read(ticket.write().expose()), Some(ticket));
    }

    #[test]
    fn other_bodies_are_none() {
        for body in [
            "",
            "daypass-role-1 1 2\n{}\n",
            "daypass-role-1 1 2\n{}",
            "daypass-role-2 1 2\n{}\nx\n",
            "daypass-role-1 1\n{}\nx\n",
            "daypass-role-1 1 2 3\n{}\nx\n",
            "daypass-role-1 1 -2\n{}\nx\n",
            "{\"Version\":1}\n\n\n",
        ] {
            assert_eq!(Ticket::read(body.as_bytes()), None, "{body:?}");
        }
    }

    #[test]
    fn fresh_is_twenty_minutes_or_half_of_a_shorter_life() {
        let hour = 3600;
        for (obtained, expires, now, fresh) in [
            (0, 8 * hour, 8 * hour - 1200, true),
            (0, 8 * hour, 8 * hour - 1199, false),
            (0, 900, 450, true),
            (0, 900, 451, false),
            (0, 900, 900, false),
            (0, 0, 0, false),
            // A clock that was set back makes nothing live longer than it says.
            (1000, 900, 500, true),
            (1000, 900, 900, false),
        ] {
            assert_eq!(is_fresh(obtained, expires, now), fresh, "{obtained} {expires} {now}");
        }
    }
}
