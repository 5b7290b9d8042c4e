//! From a profile's name to the identity of its credentials, for the plain cases.

use crate::identity::{Family, Identity};
use crate::keys::{KEPT_KEYS, KEPT_MFA, SEALED, sso, text};
use crate::lane::Ambient;
use awsconfig::scan::{scan, scan_with_sessions};
use awsconfig::{FileKind, Parsed, Section, SectionName};
use std::fs::File;
use std::io;
use std::path::Path;

/// More hops than any chain has. A circle ends here too, for the slow lane to explain.
const DEEPEST: usize = 6;

/// Whose credentials a profile stands for.
pub(crate) struct Found {
    pub(crate) identity: Identity,
    /// The login that paid for them; `None` where a long-lived key did.
    pub(crate) login: Option<Login>,
}

/// Where a login's token is, if anybody is logged in: whoever logs out with any tool
/// removes it, and ends what it paid for.
pub(crate) enum Login {
    /// In the shared cache: the text whose hash is the file's name.
    Shared(String),
    /// In the store.
    Sealed(Family),
}

/// Who the profile is; `None` for whatever needs the slow lane's care.
pub(crate) fn find(around: &Ambient, profile: &str) -> Option<Found> {
    let config = read(&around.config, profile)?;
    let asked = config.section(&name_of(profile))?;
    // Endpoints of a services section are for the slow lane to find.
    if asked.get("services").is_some() || asked.get("ignore_configured_endpoint_urls").is_some() {
        return None;
    }
    let own = text(asked, "endpoint_url").map(str::to_owned);
    let sts = around.sts_endpoint.clone().or(own);
    of_profile(around, &config, asked, profile, sts.as_ref(), DEEPEST)
}

/// In the order of the core's `resolve::credentials`.
fn of_profile(
    around: &Ambient,
    config: &Parsed,
    section: &Section,
    name: &str,
    sts: Option<&String>,
    depth: usize,
) -> Option<Found> {
    if is_in_credentials(&around.credentials, name)?
        || section.get("web_identity_token_file").is_some()
    {
        return None;
    }
    let owned = |key: &str| text(section, key).map(str::to_owned);
    if let Some(role_arn) = owned("role_arn") {
        let source = text(section, "source_profile").filter(|source| *source != name)?;
        let there = read(&around.config, source)?;
        let next = there.section(&name_of(source))?;
        let paid = of_profile(around, &there, next, source, sts, depth.checked_sub(1)?)?;
        let identity = Identity::Assumed {
            source: Box::new(paid.identity),
            role_arn,
            external_id: owned("external_id"),
            duration: owned("duration_seconds"),
            session_name: owned("role_session_name"),
            mfa_serial: owned("mfa_serial"),
            endpoint: sts.cloned(),
        };
        return Some(Found { identity, login: paid.login });
    }
    if sso(section, "sso_account_id").is_some() || sso(section, "sso_role_name").is_some() {
        return of_role(around, config, section);
    }
    let identity = Identity::Kept {
        keys: owned(KEPT_KEYS)?,
        mfa_serial: owned(KEPT_MFA),
        duration: owned("duration_seconds"),
        endpoint: sts.cloned(),
    };
    Some(Found { identity, login: None })
}

fn of_role(around: &Ambient, config: &Parsed, section: &Section) -> Option<Found> {
    let session = sso(section, "sso_session");
    let login = match session {
        // A profile that repeats its session's values may contradict them.
        Some(_) if sso(section, "sso_start_url").or(sso(section, "sso_region")).is_some() => None,
        Some(name) => config.section(&SectionName::SsoSession(name.to_owned())),
        None => Some(section),
    }?;
    // The slow lane sees to it that the mirror's token lives on.
    if text(login, SEALED) == Some("mirror") {
        return None;
    }
    let owned = |section, key| sso(section, key).map(str::to_owned);
    let start_url = owned(login, "sso_start_url")?;
    let kept = match (session, login.get(SEALED)) {
        (Some(name), Some(_)) => Login::Sealed(Family::of_session(name)),
        (name, _) => Login::Shared(name.unwrap_or(&start_url).to_owned()),
    };
    let identity = Identity::Sso {
        session: session.map(str::to_owned),
        start_url,
        region: owned(login, "sso_region")?,
        endpoint: around.sso_endpoint.clone(),
        account_id: owned(section, "sso_account_id")?,
        role_name: owned(section, "sso_role_name")?,
    };
    Some(Found { identity, login: Some(kept) })
}

fn name_of(profile: &str) -> SectionName {
    SectionName::Profile(profile.to_owned())
}

fn read(path: &Path, profile: &str) -> Option<Parsed> {
    let file = open(path).ok()??;
    scan_with_sessions(file, FileKind::Config, &[name_of(profile)]).ok()
}

/// Whether the credentials file says something of the profile that counts.
fn is_in_credentials(path: &Path, profile: &str) -> Option<bool> {
    let Some(file) = open(path).ok()? else { return Some(false) };
    let name = name_of(profile);
    let parsed = scan(file, FileKind::Credentials, std::slice::from_ref(&name)).ok()?;
    let says = |section: &Section| section.keys().any(|key| !matches!(key, "region" | "output"));
    Some(parsed.section(&name).is_some_and(says))
}

#[expect(clippy::disallowed_methods, reason = "the fast lane reads the two files by itself")]
fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
