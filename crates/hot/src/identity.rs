//! Which credentials: enough to tell them from all others, hashed to a record's name.

use sha2::{Digest, Sha256};
use vault::RecordName;

/// What credentials are of. Whatever leads to other credentials is in it, so that an
/// edit of the config file, or an endpoint that points elsewhere, never finds the
/// credentials of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A role behind Identity Center.
    Sso {
        /// The sso-session's name; `None` for a profile in the legacy form.
        session: Option<String>,
        /// As the config file spells it.
        start_url: String,
        /// The SSO region.
        region: String,
        /// The portal's address, if it was set by hand.
        endpoint: Option<String>,
        /// 12 digits.
        account_id: String,
        /// The role.
        role_name: String,
    },
    /// Session credentials of a long-lived key in the store.
    Kept {
        /// The name of the key in the store.
        keys: String,
        /// The MFA device, if the sessions need one.
        mfa_serial: Option<String>,
        /// `duration_seconds`, as written.
        duration: Option<String>,
        /// The address of STS, if it was set by hand.
        endpoint: Option<String>,
    },
    /// A long-lived key that lies in a file: only what it pays for is kept.
    Given {
        /// Not a secret.
        access_key_id: String,
    },
    /// A role assumed with other credentials.
    Assumed {
        /// Whose.
        source: Box<Identity>,
        /// The role.
        role_arn: String,
        /// `external_id`.
        external_id: Option<String>,
        /// `duration_seconds`, as written.
        duration: Option<String>,
        /// `role_session_name`.
        session_name: Option<String>,
        /// `mfa_serial`.
        mfa_serial: Option<String>,
        /// The address of STS, if it was set by hand.
        endpoint: Option<String>,
    },
}

/// All that ends together: one login, or one long-lived key, with every credential
/// it paid for. It is the middle part of their records' names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family(String);

impl Family {
    /// Of an sso-session, by its name.
    pub fn of_session(name: &str) -> Self {
        Self::new("session", name)
    }

    /// Of a login in the legacy form, by its start URL as written.
    pub fn of_start_url(url: &str) -> Self {
        Self::new("url", url)
    }

    /// Of a long-lived key in the store, by its name.
    pub fn of_keys(name: &str) -> Self {
        Self::new("keys", name)
    }

    fn new(kind: &str, name: &str) -> Self {
        let mut hash = Hash::default();
        hash.part(kind);
        hash.part(name);
        Self(hash.hex(12))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a record of role credentials belongs to it.
    pub fn owns(&self, record: &RecordName) -> bool {
        record.as_str().split('.').nth(1) == Some(&self.0)
    }

    /// The record `KIND.FAMILY`, of which each family has one.
    pub fn record(&self, kind: &str) -> RecordName {
        name_of(&format!("{kind}.{}", self.0))
    }
}

impl Identity {
    /// The name of the record: `role.FAMILY.HASH` for what a login paid for,
    /// `keyed.FAMILY.HASH` for what a long-lived key did. A log-out ends the former.
    pub fn record(&self) -> RecordName {
        let mut hash = Hash::default();
        self.feed(&mut hash);
        let kind = if self.is_of_login() { "role" } else { "keyed" };
        name_of(&format!("{kind}.{}.{}", self.family().0, hash.hex(32)))
    }

    fn is_of_login(&self) -> bool {
        match self {
            Self::Sso { .. } => true,
            Self::Kept { .. } | Self::Given { .. } => false,
            Self::Assumed { source, .. } => source.is_of_login(),
        }
    }

    /// The login or the key it all comes from.
    pub fn family(&self) -> Family {
        match self {
            Self::Sso { session: Some(name), .. } => Family::of_session(name),
            Self::Sso { start_url, .. } => Family::of_start_url(start_url),
            Self::Kept { keys, .. } => Family::of_keys(keys),
            Self::Given { access_key_id } => Family::of_keys(access_key_id),
            Self::Assumed { source, .. } => source.family(),
        }
    }

    fn feed(&self, hash: &mut Hash) {
        match self {
            Self::Sso { session, start_url, region, endpoint, account_id, role_name } => {
                hash.part("sso");
                hash.option(session.as_deref());
                hash.parts(&[start_url, region]);
                hash.option(endpoint.as_deref());
                hash.parts(&[account_id, role_name]);
            }
            Self::Kept { keys, mfa_serial, duration, endpoint } => {
                hash.parts(&["kept", keys]);
                hash.options(&[mfa_serial, duration, endpoint]);
            }
            Self::Given { access_key_id } => hash.parts(&["given", access_key_id]),
            Self::Assumed {
                source,
                role_arn,
                external_id,
                duration,
                session_name,
                mfa_serial,
                endpoint,
            } => {
                hash.parts(&["assumed", role_arn]);
                hash.options(&[external_id, duration, session_name, mfa_serial, endpoint]);
                source.feed(hash);
            }
        }
    }
}

fn name_of(text: &str) -> RecordName {
    RecordName::parse(text).unwrap_or_else(|_| unreachable!("letters, digits and dots"))
}

/// Each part with its length before it: no two lists of parts are one text.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn part(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    fn parts(&mut self, texts: &[&str]) {
        texts.iter().for_each(|text| self.part(text));
    }

    fn option(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.part(text.unwrap_or_default());
    }

    fn options(&mut self, texts: &[&Option<String>]) {
        texts.iter().for_each(|text| self.option(text.as_deref()));
    }

    fn hex(self, digits: usize) -> String {
        let bytes = self.0.finalize();
        let all = bytes.iter().flat_map(|b| [b >> 4, b & 15]);
        all.take(digits).filter_map(|d| char::from_digit(d.into(), 16)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sso(role: &str) -> Identity {
        Identity::Sso {
            session: Some("corp".into()),
            start_url: "https://d-1.awsapps.com/start".into(),
            region: "us-east-1".into(),
            endpoint: None,
            account_id: "111111111111".into(),
            role_name: role.into(),
        }
    }

    fn assumed(external_id: Option<&str>, session_name: Option<&str>) -> Identity {
        Identity::Assumed {
            source: Box::new(sso("a")),
            role_arn: "arn:aws:iam::1:role/x".into(),
            external_id: external_id.map(str::to_owned),
            duration: None,
            session_name: session_name.map(str::to_owned),
            mfa_serial: None,
            endpoint: None,
        }
    }

    #[test]
    fn a_name_tells_neither_account_nor_role_and_every_part_counts() {
        let name = sso("Admin").record();
        assert_eq!(name, sso("Admin").record());
        assert!(!name.as_str().contains("1111") && !name.as_str().contains("Admin"), "{name}");
        let others = [
            sso("Admi"),
            assumed(None, None),
            assumed(Some(""), None),
            assumed(Some("x"), None),
            assumed(None, Some("x")),
        ];
        for (at, one) in others.iter().enumerate() {
            assert_ne!(one.record(), name);
            assert!(others[at + 1..].iter().all(|other| other.record() != one.record()));
        }
    }

    #[test]
    fn a_chain_ends_with_the_login_that_paid_for_it() {
        let family = Family::of_session("corp");
        assert!(family.owns(&sso("a").record()));
        assert!(family.owns(&assumed(None, None).record()));
        assert!(!Family::of_session("lab").owns(&sso("a").record()));
        assert!(!Family::of_start_url("corp").owns(&sso("a").record()));
        assert!(family.owns(&family.record("token")));
    }
}
