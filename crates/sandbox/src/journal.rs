//! What was asked and how it was answered, for tests to look at. No secrets.

use jiff::Timestamp;

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// The operation by its AWS name, or `Unknown`.
    pub operation: String,
    /// HTTP status; 0 when the connection was dropped instead.
    pub status: u16,
    /// The error's name, e.g. `InvalidGrantException`.
    pub code: Option<String>,
    /// What it was about: grant type, account and role, bucket; never a secret.
    pub subject: Option<String>,
    /// The region the request was signed for.
    pub region: Option<String>,
    /// The access key ID that signed the request.
    pub access_key_id: Option<String>,
}

impl Entry {
    /// Whether the request was granted: an answer below 400.
    pub fn ok(&self) -> bool {
        (1..400).contains(&self.status)
    }
}

/// All requests since the start.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    next: Notes,
}

/// What a service says about the request in hand, before it is entered.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) subject: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
}

impl Journal {
    /// Says what the request in hand is about.
    pub(crate) fn subject(&mut self, subject: impl Into<String>) {
        self.next.subject = Some(subject.into());
    }

    /// Says who signed the request in hand, and for which region.
    pub(crate) fn signer(&mut self, access_key_id: &str, region: &str) {
        self.next.access_key_id = Some(access_key_id.to_owned());
        self.next.region = Some(region.to_owned());
    }

    pub(crate) fn enter(
        &mut self,
        at: Timestamp,
        operation: &str,
        status: u16,
        code: Option<String>,
    ) {
        let Notes { subject, region, access_key_id } = std::mem::take(&mut self.next);
        let operation = operation.to_owned();
        self.entries.push(Entry { at, operation, status, code, subject, region, access_key_id });
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn count(&self, operation: &str, wanted: impl Fn(&Entry) -> bool) -> usize {
        let of_operation = self.entries.iter().filter(|entry| entry.operation == operation);
        of_operation.filter(|entry| wanted(entry)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_belong_to_one_request() {
        let mut journal = Journal::default();
        journal.subject("refresh_token");
        journal.enter(Timestamp::UNIX_EPOCH, "CreateToken", 400, None);
        journal.enter(Timestamp::UNIX_EPOCH, "CreateToken", 200, None);
        assert_eq!(journal.entries()[0].subject.as_deref(), Some("refresh_token"));
        assert_eq!(journal.entries()[1].subject, None);
        assert_eq!(journal.count("CreateToken", Entry::ok), 1);
    }
}
