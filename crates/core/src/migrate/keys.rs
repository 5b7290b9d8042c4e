//! The keys that were found, each once, and what can be done about it.

use super::survey::{Found, KeyKind, Spot, Survey};
use super::users::{Use, uses};
use crate::files::Files;
use crate::resolve::Profile;
use std::path::Path;
use vault::Secret;

/// One access key, wherever it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// Not a secret.
    pub id: String,
    /// What kind of key it is.
    pub kind: KeyKind,
    /// The secret access key, if it was found.
    pub secret: Option<Secret<String>>,
    /// All places.
    pub places: Vec<Found>,
    /// What uses the profiles it stands in.
    pub uses: Vec<Use>,
}

/// What is done about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Into the store, under this name; its profiles ask daypass.
    Store(String),
    /// Out: its profiles get their credentials from this one's login.
    Replace(String),
    /// Out: nothing needs it, since its profiles have a login, or it has ended.
    TakeOut,
    /// It stays.
    Leave,
}

/// Every key once, with all its places.
pub fn keys(survey: &Survey, files: &Files) -> Vec<Key> {
    let mut all: Vec<Key> = Vec::new();
    for found in survey.keys.iter().filter(|found| found.kind != KeyKind::Unknown) {
        match all.iter_mut().find(|key| key.id == found.id) {
            Some(key) => {
                key.secret = key.secret.take().or_else(|| found.secret.clone());
                key.places.push(found.clone());
            }
            None => all.push(Key {
                id: found.id.clone(),
                kind: found.kind,
                secret: found.secret.clone(),
                places: vec![found.clone()],
                uses: Vec::new(),
            }),
        }
    }
    for key in &mut all {
        let profiles: Vec<String> = key.profiles().map(str::to_owned).collect();
        key.uses = profiles
            .iter()
            .flat_map(|profile| uses(files, &survey.profile_names, profile))
            .collect();
    }
    all
}

impl Key {
    /// The profiles that it stands in.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(|found| match &found.spot {
            Spot::Profile { profile, .. } => Some(profile.as_str()),
            Spot::Lines { .. } => None,
        })
    }

    /// Whether it stands in lines of files other than the two, and they can be put out of
    /// action.
    pub fn is_in_lines(&self) -> bool {
        self.places.iter().any(|found| matches!(found.spot, Spot::Lines { stays: false, .. }))
    }

    /// What is done unless somebody says otherwise.
    ///
    /// `kept` are the keys that the store has already, by ID.
    pub fn usual(&self, files: &Files, kept: &[(String, String)], taken: &[String]) -> Treatment {
        let has_login = |profile: &str| {
            let profile = Profile::named(files, profile);
            profile.sso("sso_session").or(profile.sso("sso_start_url")).is_some()
        };
        let profiles: Vec<&str> = self.profiles().collect();
        match self.kind {
            _ if profiles.is_empty() && !self.is_in_lines() => Treatment::Leave,
            KeyKind::Temporary => Treatment::TakeOut,
            _ if self.secret.is_none() => Treatment::Leave,
            _ if !profiles.is_empty() && profiles.iter().all(|profile| has_login(profile)) => {
                Treatment::TakeOut
            }
            // Two kinds of credentials in one profile: which one is meant, nobody knows.
            _ if profiles.iter().any(|profile| has_rival(files, profile)) => Treatment::Leave,
            _ => Treatment::Store(match kept.iter().find(|(id, _)| *id == self.id) {
                Some((_, name)) => name.clone(),
                None => self.name(files, taken),
            }),
        }
    }

    /// What it is called in the store: its profile's name, else one made of the file's.
    fn name(&self, files: &Files, taken: &[String]) -> String {
        if let Some(profile) = self.profiles().next() {
            return profile.to_owned();
        }
        let path = self.places.iter().find_map(|found| match &found.spot {
            Spot::Lines { path, .. } => Some(path.as_path()),
            Spot::Profile { .. } => None,
        });
        let base = path.map(label).filter(|label| !label.is_empty());
        let base = base.unwrap_or_else(|| "key".to_owned());
        let is_free =
            |name: &String| !taken.contains(name) && !Profile::named(files, name).exists();
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }
}

/// Whether a profile gets credentials in another way than by its keys.
pub(super) fn has_rival(files: &Files, profile: &str) -> bool {
    let profile = Profile::named(files, profile);
    let sso = profile.sso("sso_session").or(profile.sso("sso_start_url"));
    sso.is_some() || ["role_arn", "credential_process"].iter().any(|key| profile.get(key).is_some())
}

/// `maps` for `/home/ada/maps/.env`, `bashrc` for `~/.bashrc`.
fn label(path: &Path) -> String {
    let text = |name: Option<&std::ffi::OsStr>| {
        name.and_then(|name| name.to_str()).unwrap_or_default().to_owned()
    };
    let name = text(path.file_name());
    let label = match name.contains(".env") || name == "env.list" {
        true => text(path.parent().and_then(Path::file_name)),
        false => name.trim_start_matches('.').split('.').next().unwrap_or_default().to_owned(),
    };
    let safe = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    label.chars().map(safe).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_profile_is_named_after_its_file() {
        for (path, name) in [
            ("/home/ada/.bashrc", "bashrc"),
            ("/home/ada/maps/.env", "maps"),
            ("/home/ada/my maps/docker.env", "my-maps"),
            ("/home/ada/.config/fish/config.fish", "config"),
        ] {
            assert_eq!(label(Path::new(path)), name);
        }
    }
}
