//! The keys that were found, each once, and what can be done about it.

use super::survey::{Found, KeyKind, Spot, Survey};
use super::users::{Use, uses};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::resolve::Profile;
use crate::resolve::sso::shell_word;
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
    /// Other access keys of the profiles it stands in, by ID.
    pub rivals: Vec<String>,
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
                rivals: Vec::new(),
            }),
        }
    }
    for key in &mut all {
        let profiles: Vec<String> = key.profiles().map(str::to_owned).collect();
        key.uses = profiles
            .iter()
            .flat_map(|profile| uses(files, &survey.profile_names, profile))
            .collect();
        let stands_there = |found: &&Found| match &found.spot {
            Spot::Profile { profile, .. } => found.id != key.id && profiles.contains(profile),
            Spot::Lines { .. } => false,
        };
        key.rivals = survey.keys.iter().filter(stands_there).map(|one| one.id.clone()).collect();
    }
    all
}

/// That no key would take the place of another in the store, where `kept` are the IDs and
/// names of those that it has.
///
/// # Errors
/// [`Kind::Config`] for two keys of one name.
pub fn refuse_clashes(keys: &[(Key, Treatment)], kept: &[(String, String)]) -> Result<()> {
    let mut names = kept.to_vec();
    for (key, treatment) in keys {
        let Treatment::Store(name) = treatment else {
            continue;
        };
        if let Some(other) = holder(&names, name, &key.id) {
            let message = format!(
                "access keys {other} and {} would both be {} in the store",
                key.id,
                quoted(name)
            );
            return Err(Error::new(Kind::Config, message)
                .because("one would take the place of the other, which would then be nowhere")
                .hint(format!(
                    "nothing was changed: leave one with `--leave PROFILE`, or see `daypass vault \
                     list` and remove the old one with `daypass vault remove {}`",
                    shell_word(name)
                )));
        }
        names.push((key.id.clone(), name.clone()));
    }
    Ok(())
}

/// The ID of another key that goes by this name.
fn holder<'k>(kept: &'k [(String, String)], name: &str, id: &str) -> Option<&'k str> {
    kept.iter().find(|(other, known)| known == name && other != id).map(|(other, _)| other.as_str())
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
    /// `kept` are the keys that the store has already, by ID; `taken` the names that others
    /// get.
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
            _ if self.obstacle(kept).is_some() => Treatment::Leave,
            _ => match self.name(files, kept, taken) {
                name if taken.contains(&name) => Treatment::Leave,
                name => Treatment::Store(name),
            },
        }
    }

    /// Which other key is in the way of its going into the store, in words.
    pub fn obstacle(&self, kept: &[(String, String)]) -> Option<String> {
        if let Some(rival) = self.rivals.first() {
            return Some(format!(
                "{rival} stands in the same profile: you know which one is meant"
            ));
        }
        let is_kept = kept.iter().any(|(id, _)| *id == self.id);
        let profile = self.profiles().next().filter(|_| !is_kept)?;
        let other = holder(kept, profile, &self.id)?;
        Some(format!("the store has {other} by the name of its profile"))
    }

    /// What it is called in the store: its profile's name, else one made of the file's.
    fn name(&self, files: &Files, kept: &[(String, String)], taken: &[String]) -> String {
        if let Some((_, name)) = kept.iter().find(|(id, _)| *id == self.id) {
            return name.clone();
        }
        if let Some(profile) = self.profiles().next() {
            return profile.to_owned();
        }
        let path = self.places.iter().find_map(|found| match &found.spot {
            Spot::Lines { path, .. } => Some(path.as_path()),
            Spot::Profile { .. } => None,
        });
        let base = path.map(label).filter(|label| !label.is_empty());
        let base = base.unwrap_or_else(|| "key".to_owned());
        let is_free = |name: &String| {
            !taken.contains(name)
                && holder(kept, name, &self.id).is_none()
                && !Profile::named(files, name).exists()
        };
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
    use crate::files::LoadedFile;
    use awsconfig::FileKind;
    use std::path::PathBuf;

    fn files(config: &str) -> Files {
        let file = |kind, text: &str| LoadedFile {
            path: PathBuf::new(),
            shown: "~/.aws/config".to_owned(),
            text: text.to_owned(),
            parsed: awsconfig::parse(kind, text).unwrap(),
        };
        Files {
            config: file(FileKind::Config, config),
            credentials: file(FileKind::Credentials, ""),
        }
    }

    fn key(id: &str, profile: &str, kind: FileKind) -> Found {
        Found {
            id: id.to_owned(),
            secret: Some(Secret::from("s")),
            kind: KeyKind::LongLived,
            spot: Spot::Profile { kind, profile: profile.to_owned() },
            shown: "~/x".to_owned(),
            line: 1,
        }
    }

    fn pair(id: &str, name: &str) -> (String, String) {
        (id.to_owned(), name.to_owned())
    }

    #[test]
    fn no_key_takes_the_place_of_another_in_the_store() {
        let files = files("");
        let (a, b, c) = ("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "AKIAIOSFODNN8EXAMPLE");
        let found = vec![
            key(a, "p", FileKind::Credentials),
            key(b, "p", FileKind::Config),
            key(c, "q", FileKind::Config),
        ];
        let keys = keys(&Survey { keys: found, ..Survey::default() }, &files);
        let usual = |kept: &[(String, String)], taken: &[String]| -> Vec<Treatment> {
            keys.iter().map(|key| key.usual(&files, kept, taken)).collect()
        };
        let (leave, store) = (Treatment::Leave, Treatment::Store("q".to_owned()));
        assert_eq!(usual(&[], &[]), [leave.clone(), leave.clone(), store.clone()]);
        assert!(keys[0].obstacle(&[]).is_some_and(|why| why.contains(b)));
        // The store has another key of that name; the same one; somebody gets it just now.
        assert_eq!(usual(&[pair(a, "q")], &[])[2], leave);
        assert_eq!(usual(&[pair(c, "q")], &[])[2], store);
        assert_eq!(usual(&[], &["q".to_owned()])[2], leave);

        let all: Vec<_> = keys.iter().map(|key| (key.clone(), store.clone())).collect();
        let error = refuse_clashes(&all, &[]).expect_err("two keys of one name").to_string();
        assert!(error.contains(a) && error.contains(b), "{error}");
        assert!(refuse_clashes(&all[2..], &[pair(a, "q")]).is_err());
        assert!(refuse_clashes(&all[2..], &[pair(c, "q"), pair(a, "r")]).is_ok());
    }

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
