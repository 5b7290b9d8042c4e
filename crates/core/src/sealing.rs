//! `vault on` and `vault off`: a login's secrets into the store, and out again.
//!
//! In this order, so that whoever is killed in between leaves a login that works: the
//! secrets are put where they are going, the config file says so in one replacement,
//! and only then are they taken away where they were. What is left over then is tidied
//! up by the next command that uses the login.

use crate::edit::{Step, edit};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::host::Host;
use crate::lock;
use crate::names::SessionName;
use crate::resolve::profile::Profile;
use crate::resolve::sso::{Keeping, Policy, SessionPlan};
use crate::token::cache::{self, Found};
use crate::token::shelf::Shelf;
use awsconfig::{Document, EditError, FileKind, SectionName};
use hot::keys;
use std::time::Duration;

const LOCK_WAIT: Duration = Duration::from_secs(20);

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Sealed {
    /// Whether there was a token to move.
    pub token: bool,
    /// The profiles that were rewritten.
    pub profiles: Vec<String>,
    /// Profiles of the same portal in the legacy form, which are left as they are.
    pub legacy: Vec<String>,
}

/// Seals an sso-session's token under a policy. `command` makes the
/// `credential_process` of a profile. A step that only shows moves no token.
///
/// # Errors
/// [`Kind::Config`] for a legacy login or a profile that has a program of its own;
/// [`Kind::Store`] where the store does not work. Nothing is changed then.
pub async fn on(
    host: &Host,
    step: &Step,
    files: &Files,
    plan: &SessionPlan,
    policy: Policy,
    command: impl Fn(&str) -> Result<String>,
) -> Result<Sealed> {
    let name = session_name(plan)?;
    let profiles = profiles_of(files, name);
    check_programs(files, &profiles)?;
    let commands: Vec<String> = profiles.iter().map(|p| command(p)).collect::<Result<_>>()?;
    if !step.writes() {
        let profiles = edit_on(host, step, name, policy, &profiles, &commands)?;
        return Ok(Sealed { token: false, profiles, legacy: legacy_of(files, plan) });
    }
    let sealed = SessionPlan { keeping: Keeping::Sealed(policy), ..plan.clone() };
    let shelf = Shelf::of(host, &sealed);
    shelf.open().await?;
    let _lock = lock::token(host, &shelf.path(), LOCK_WAIT).await?;
    let had = Shelf::of(host, plan).load();
    if let Found::Token(token, _) = &had {
        shelf.seal(token)?;
        let again = shelf.load();
        if again.token().is_none_or(|kept| kept.access_token != token.access_token) {
            return Err(Error::new(Kind::Store, "the store forgot the token at once")
                .hint("see `daypass vault status`"));
        }
    }
    let rewritten = edit_on(host, step, name, policy, &profiles, &commands)?;
    shelf.tidy()?;
    Ok(Sealed { token: had.token().is_some(), profiles: rewritten, legacy: legacy_of(files, plan) })
}

/// Puts a sealed token back into the shared cache, and its profiles back into the form
/// that every SDK reads. A step that only shows moves no token.
///
/// # Errors
/// [`Kind::Store`] where the store does not give the token. Nothing is changed then.
pub async fn off(host: &Host, step: &Step, files: &Files, plan: &SessionPlan) -> Result<Sealed> {
    let name = session_name(plan)?;
    if !step.writes() {
        let profiles = edit_off(host, step, name, &profiles_of(files, name))?;
        return Ok(Sealed { profiles, ..Sealed::default() });
    }
    let shelf = Shelf::of(host, plan);
    shelf.open().await?;
    let _lock = lock::token(host, &shelf.path(), LOCK_WAIT).await?;
    let found = shelf.load();
    match &found {
        Found::Token(token, path) => cache::commit(cache::reserve(path)?, token)?,
        Found::OutOfReach(error) => {
            return Err(error.clone().while_doing("the store does not give the token"));
        }
        _ => {}
    }
    shelf.give_back_registration()?;
    let rewritten = edit_off(host, step, name, &profiles_of(files, name))?;
    shelf.unseal()?;
    Ok(Sealed { token: found.token().is_some(), profiles: rewritten, legacy: Vec::new() })
}

fn session_name(plan: &SessionPlan) -> Result<&SessionName> {
    plan.name.as_ref().ok_or_else(|| {
        Error::new(Kind::Config, format!("{} is no sso-session", plan.shown()))
            .because("a profile in the legacy form has its token where every SDK looks for it")
            .hint("give it a session with `daypass configure sso --profile NAME`, and try again")
    })
}

fn profiles_of(files: &Files, name: &SessionName) -> Vec<String> {
    let belongs = |profile: &&str| {
        let session = Profile::named(files, profile).sso("sso_session");
        session.is_some_and(|found| found.value == name.as_str())
    };
    files.config.parsed.profiles().filter(belongs).map(str::to_owned).collect()
}

fn legacy_of(files: &Files, plan: &SessionPlan) -> Vec<String> {
    let belongs = |name: &&str| {
        let profile = Profile::named(files, name);
        let url = profile.get("sso_start_url");
        profile.get("sso_session").is_none()
            && url.is_some_and(|url| {
                crate::start_url::StartUrl::parse(url.value)
                    .is_ok_and(|url| url == plan.start_url.value)
            })
    };
    files.config.parsed.profiles().filter(belongs).map(str::to_owned).collect()
}

/// A profile with both an sso-session and a program is read in two ways by the SDKs
/// already: nobody knows which of them the user means.
fn check_programs(files: &Files, profiles: &[String]) -> Result<()> {
    for name in profiles {
        let profile = Profile::named(files, name);
        let Some(program) = profile.get("credential_process") else { continue };
        if profile.get("sso_session").is_some() {
            let message = format!("profile {} has a credential_process of its own", quoted(name));
            return Err(Error::new(Kind::Config, message)
                .because(format!("it is at {}", program.origin))
                .hint("remove that line, or the sso_ lines beside it"));
        }
    }
    Ok(())
}

/// The keys of Identity Center that the section has in the open.
fn open_keys(document: &Document, section: &SectionName) -> Vec<&'static str> {
    keys::SSO.into_iter().filter(|key| document.has(section, key)).collect()
}

fn edit_on(
    host: &Host,
    step: &Step,
    session: &SessionName,
    policy: Policy,
    profiles: &[String],
    commands: &[String],
) -> Result<Vec<String>> {
    let session = SectionName::SsoSession(session.to_string());
    let mut rewritten = Vec::new();
    edit(host, step, FileKind::Config, |document| {
        document.set(&session, keys::SEALED, policy.as_str())?;
        match policy {
            Policy::Process => hide(document, profiles, commands, &mut rewritten),
            Policy::Mirror => show(document, profiles, &mut rewritten),
        }
    })?;
    Ok(rewritten)
}

fn edit_off(
    host: &Host,
    step: &Step,
    session: &SessionName,
    profiles: &[String],
) -> Result<Vec<String>> {
    let session = SectionName::SsoSession(session.to_string());
    let mut rewritten = Vec::new();
    edit(host, step, FileKind::Config, |document| {
        document.remove(&session, keys::SEALED);
        show(document, profiles, &mut rewritten)
    })?;
    Ok(rewritten)
}

/// Profiles ask daypass: `sso_…` keys get our prefix where they stand.
fn hide(
    document: &mut Document,
    profiles: &[String],
    commands: &[String],
    rewritten: &mut Vec<String>,
) -> Result<(), EditError> {
    let mut renames = Vec::new();
    let mut sets = Vec::new();
    for (name, command) in profiles.iter().zip(commands) {
        let section = SectionName::Profile(name.clone());
        let open = open_keys(document, &section);
        if !open.is_empty() {
            rewritten.push(name.clone());
            renames.extend(open.into_iter().map(|key| (section.clone(), key, keys::hidden(key))));
        }
        sets.push((section, command.as_str()));
    }
    let borrowed: Vec<_> =
        renames.iter().map(|(section, from, to)| (section, *from, to.as_str())).collect();
    document.rename_all(&borrowed)?;
    let pairs: Vec<_> = sets
        .iter()
        .map(|(section, command)| (section, [("credential_process", *command)]))
        .collect();
    let edits: Vec<_> = pairs.iter().map(|(section, pair)| (*section, pair.as_slice())).collect();
    document.set_all(&edits)
}

/// Profiles are read by the SDKs themselves.
fn show(
    document: &mut Document,
    profiles: &[String],
    rewritten: &mut Vec<String>,
) -> Result<(), EditError> {
    let mut renames = Vec::new();
    for name in profiles {
        let section = SectionName::Profile(name.clone());
        let hidden: Vec<_> = keys::SSO
            .into_iter()
            .filter(|key| document.has(&section, &keys::hidden(key)))
            .map(|key| (section.clone(), keys::hidden(key), key))
            .collect();
        if !hidden.is_empty() {
            rewritten.push(name.clone());
            document.remove(&section, "credential_process");
            renames.extend(hidden);
        }
    }
    let borrowed: Vec<_> =
        renames.iter().map(|(section, from, to)| (section, from.as_str(), *to)).collect();
    document.rename_all(&borrowed)
}
