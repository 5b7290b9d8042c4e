//! What was decided, done: one transaction, one step of undo.

use super::comment::put_out;
use super::imports::{Becomes, Import, Portal};
use super::keys::{Key, Treatment};
use super::survey::{Found, Spot};
use crate::edit::{Step, Transaction, transact};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::host::Host;
use crate::resolve::Profile;
use awsconfig::{Document, FileKind, SectionName};
use hot::keys::KEPT_KEYS;
use std::path::Path;

const STATIC: [&str; 5] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "aws_credential_expiration",
];

/// Everything that was decided.
pub struct Decided<'a> {
    /// Each key with what is done about it.
    pub keys: &'a [(Key, Treatment)],
    /// Profiles of other tools.
    pub imports: &'a [Import],
    /// Whether lines of start-up files and files of variables are put out of action.
    pub lines: bool,
    /// The `credential_process` line of a profile.
    pub process_line: &'a dyn Fn(&str) -> Result<String>,
}

/// Changes the files. The secrets that go into the store must be there by now.
///
/// # Errors
/// Those of an edit, and [`Kind::Config`] for a replacement that is no login.
pub fn apply(host: &Host, step: &Step, files: &Files, decided: &Decided<'_>) -> Result<()> {
    transact(host, step, |all: &mut Transaction<'_>| {
        for (key, treatment) in decided.keys {
            for found in &key.places {
                in_profile(all, files, found, treatment, decided)?;
            }
            if let Treatment::Store(name) = treatment {
                let profiles = key.profiles().chain([name.as_str()]);
                for profile in profiles.filter(|profile| !is_kept(files, profile)) {
                    let line = (decided.process_line)(profile)?;
                    keep(all, profile, name, &line)?;
                }
            }
        }
        in_lines(all, decided)?;
        imports(all, files, decided)
    })
}

fn is_kept(files: &Files, profile: &str) -> bool {
    Profile::named(files, profile).get(KEPT_KEYS).is_some()
}

fn in_profile(
    all: &mut Transaction<'_>,
    files: &Files,
    found: &Found,
    treatment: &Treatment,
    decided: &Decided<'_>,
) -> Result<()> {
    let Spot::Profile { kind, profile } = &found.spot else {
        return Ok(());
    };
    if *treatment == Treatment::Leave {
        return Ok(());
    }
    let section = SectionName::Profile(profile.clone());
    all.edit(*kind, |document| {
        forget(document, files, *kind, &section);
        Ok(())
    })?;
    match treatment {
        Treatment::Replace(login) if login != profile => {
            replace(all, files, profile, login, decided.process_line)
        }
        _ => Ok(()),
    }
}

/// Each file once, with all its keys.
fn in_lines(all: &mut Transaction<'_>, decided: &Decided<'_>) -> Result<()> {
    let mut by_file: Vec<(&Path, Vec<(&Found, &Treatment)>)> = Vec::new();
    let keys = decided.keys.iter().filter(|(_, what)| decided.lines && *what != Treatment::Leave);
    for (found, treatment) in
        keys.flat_map(|(key, what)| key.places.iter().map(move |found| (found, what)))
    {
        let Spot::Lines { path, stays: false, .. } = &found.spot else {
            continue;
        };
        match by_file.iter_mut().find(|(known, _)| known == path) {
            Some((_, wanted)) => wanted.push((found, treatment)),
            None => by_file.push((path, vec![(found, treatment)])),
        }
    }
    for (path, wanted) in by_file {
        let shown = wanted.first().map(|(found, _)| found.shown.as_str()).unwrap_or_default();
        all.rewrite(path, shown, |text| text.map(|text| put_out(text, &wanted)).transpose())?;
    }
    Ok(())
}

/// A section with nothing but keys goes with them.
fn forget(document: &mut Document, files: &Files, kind: FileKind, section: &SectionName) {
    let file = match kind {
        FileKind::Credentials => &files.credentials,
        FileKind::Config => &files.config,
    };
    let only_keys = file
        .parsed
        .section(section)
        .is_some_and(|found| found.keys().all(|key| STATIC.contains(&key)));
    if only_keys && kind == FileKind::Credentials {
        document.remove_section(section);
        return;
    }
    for key in STATIC {
        document.remove(section, key);
    }
}

fn keep(all: &mut Transaction<'_>, profile: &str, name: &str, line: &str) -> Result<()> {
    let section = SectionName::Profile(profile.to_owned());
    let pairs = [("credential_process", line), (KEPT_KEYS, name)];
    all.edit(FileKind::Config, |document| document.set_many(&section, &pairs))?;
    Ok(())
}

/// The profile says what the login's profile says of Identity Center.
fn replace(
    all: &mut Transaction<'_>,
    files: &Files,
    profile: &str,
    login: &str,
    process_line: &dyn Fn(&str) -> Result<String>,
) -> Result<()> {
    let there = Profile::named(files, login);
    let found: Vec<(&str, &str)> = hot::keys::SSO
        .into_iter()
        .filter_map(|key| there.sso(key).map(|found| (key, found.value)))
        .collect();
    if !found.iter().any(|(key, _)| *key == "sso_account_id") {
        let message = format!("profile {} has no login to take the place of a key", quoted(login));
        return Err(Error::new(Kind::Config, message)
            .hint("name a profile with sso_account_id and sso_role_name, as `daypass configure sso` makes them"));
    }
    let section = SectionName::Profile(profile.to_owned());
    // A login that is sealed is read by daypass alone: the profile asks that too.
    let is_hidden = there.get("sso_account_id").is_none();
    let key_of = |key: &str| if is_hidden { hot::keys::hidden(key) } else { key.to_owned() };
    let mut pairs: Vec<(String, String)> =
        found.iter().map(|(key, value)| (key_of(key), (*value).to_owned())).collect();
    let region =
        there.get("region").filter(|_| Profile::named(files, profile).get("region").is_none());
    pairs.extend(region.map(|found| ("region".to_owned(), found.value.to_owned())));
    if is_hidden {
        pairs.push(("credential_process".to_owned(), process_line(profile)?));
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    all.edit(FileKind::Config, |document| document.set_many(&section, &pairs))?;
    Ok(())
}

fn imports(all: &mut Transaction<'_>, files: &Files, decided: &Decided<'_>) -> Result<()> {
    let mut sessions = Sessions::of(files);
    for import in decided.imports {
        let section = SectionName::Profile(import.profile.clone());
        for key in &import.drop {
            all.edit(FileKind::Config, |document| {
                document.remove(&section, key);
                Ok(())
            })?;
        }
        match &import.becomes {
            Becomes::AsItIs => {}
            Becomes::Kept => {
                let line = (decided.process_line)(&import.profile)?;
                keep(all, &import.profile, &import.profile, &line)?;
            }
            Becomes::Sso { portal, instance, role } => {
                let (session, is_new) = sessions.name(portal, instance.as_deref());
                if is_new {
                    let name = SectionName::SsoSession(session.clone());
                    let pairs = [
                        ("sso_start_url", portal.start_url.as_str()),
                        ("sso_region", portal.region.as_str()),
                        ("sso_registration_scopes", crate::resolve::sso::DEFAULT_SCOPE),
                    ];
                    all.edit(FileKind::Config, |document| document.set_many(&name, &pairs))?;
                }
                let mut pairs = vec![
                    ("sso_session", session.as_str()),
                    ("sso_account_id", role.account.as_str()),
                    ("sso_role_name", role.name.as_str()),
                ];
                pairs.extend(import.region.as_deref().map(|region| ("region", region)));
                all.edit(FileKind::Config, |document| document.set_many(&section, &pairs))?;
            }
        }
    }
    Ok(())
}

/// The sso-sessions that are there, and those that are made on the way.
struct Sessions(Vec<(String, Portal)>);

impl Sessions {
    fn of(files: &Files) -> Self {
        let known = files.config.parsed.sso_sessions().filter_map(|name| {
            let section = files.config.parsed.section(&SectionName::SsoSession(name.to_owned()))?;
            let text = |key| section.get(key).and_then(|value| value.as_str()).map(str::to_owned);
            let (start_url, region) = (text("sso_start_url")?, text("sso_region")?);
            Some((name.to_owned(), Portal { start_url, region }))
        });
        Self(known.collect())
    }

    /// The session of a portal; a new one is named after what the other tool calls it.
    fn name(&mut self, portal: &Portal, instance: Option<&str>) -> (String, bool) {
        let is_it = |known: &Portal| known.is(&portal.start_url, &portal.region);
        if let Some((name, _)) = self.0.iter().find(|(_, known)| is_it(known)) {
            return (name.clone(), false);
        }
        let base = match instance.filter(|name| !name.eq_ignore_ascii_case("default")) {
            Some(name) => super::imports::safe_name(name),
            None => portal.label(),
        };
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        let free = |name: &String| self.0.iter().all(|(known, _)| known != name);
        let name = std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or_default();
        self.0.push((name.clone(), portal.clone()));
        (name, true)
    }
}
