//! The key that tells a profile that was made here, and whether it is still as it was.

use crate::token::cache::sha1_hex;
use awsconfig::Section;

/// In a profile: what it is of, and the fingerprint of its keys.
pub const MARK: &str = "daypass_generated";

/// A digest this long tells 25,000 profiles apart.
const DIGITS: usize = 12;

/// What a profile is of.
pub(super) fn identity(login: &str, account: &str, role: &str, region: &str) -> String {
    digest(&format!("{login}\n{account}\n{role}\n{region}"))
}

/// What is written under [`MARK`].
pub(super) fn mark<'k>(
    identity: &str,
    name: &str,
    pairs: impl Iterator<Item = (&'k str, &'k str)>,
) -> String {
    format!("{identity} {}", fingerprint(name, pairs))
}

/// What a profile's mark says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'s> {
    pub identity: &'s str,
    /// Whether its keys are still those that were written.
    pub intact: bool,
}

pub(super) fn read<'s>(name: &str, section: &'s Section) -> Option<Found<'s>> {
    let text = section.get(MARK)?.as_str()?;
    let (identity, print) = text.split_once(' ')?;
    let pairs: Option<Vec<(&str, &str)>> =
        section.keys().map(|key| Some((key, section.get(key)?.as_str()?))).collect();
    // A nested block was not written here.
    let intact = pairs.is_some_and(|pairs| fingerprint(name, pairs.into_iter()) == print);
    Some(Found { identity, intact })
}

/// Of the keys in any order. `vault on` and `vault off` move keys under our prefix and
/// back: that is no change by hand.
fn fingerprint<'k>(name: &str, pairs: impl Iterator<Item = (&'k str, &'k str)>) -> String {
    let pairs: Vec<(&str, &str)> = pairs.filter(|(key, _)| *key != MARK).collect();
    let is_ours = pairs.iter().any(|(key, _)| open(key).is_some());
    let mut lines: Vec<String> = pairs
        .iter()
        .filter(|(key, _)| !(is_ours && *key == "credential_process"))
        .map(|(key, value)| format!("{}={}\n", open(key).unwrap_or(key), value.trim()))
        .collect();
    lines.sort();
    digest(&format!("{name}\n{}", lines.concat()))
}

/// The open name of a key that is hidden from the SDKs.
fn open(key: &str) -> Option<&str> {
    key.strip_prefix(hot::keys::PREFIX).filter(|key| hot::keys::SSO.contains(key))
}

fn digest(text: &str) -> String {
    sha1_hex(text).chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use awsconfig::{FileKind, SectionName, parse};

    fn found(text: &str) -> Option<bool> {
        let parsed = parse(FileKind::Config, text).unwrap();
        let section = parsed.section(&SectionName::Profile("p".into())).unwrap();
        read("p", section).map(|found| found.intact)
    }

    #[test]
    fn a_change_by_hand_is_seen_and_one_of_ours_is_not() {
        let pairs = [("sso_session", "corp"), ("region", "us-east-1")];
        let mark = mark(&identity("corp", "1", "R", ""), "p", pairs.into_iter());
        let of = |keys: &str| found(&format!("[profile p]\n{keys}{MARK} = {mark}\n"));
        assert_eq!(of("sso_session = corp\nregion = us-east-1\n"), Some(true));
        assert_eq!(of("region = us-east-1\nsso_session = corp\n"), Some(true), "another order");
        assert_eq!(
            of("daypass_sso_session = corp\ncredential_process = x\nregion = us-east-1\n"),
            Some(true)
        );
        assert_eq!(of("sso_session = corp\nregion = us-west-2\n"), Some(false));
        assert_eq!(of("sso_session = corp\nregion = us-east-1\noutput = json\n"), Some(false));
        assert_eq!(of("sso_session = corp\nregion = us-east-1\ns3 =\n  a = b\n"), Some(false));
        assert_eq!(found("[profile p]\nregion = x\n"), None);
    }
}
