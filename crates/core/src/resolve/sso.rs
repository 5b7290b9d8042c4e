//! What a profile or an sso-session says about Identity Center.

use super::profile::{self, Profile};
use super::{Origin, Sourced};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::names::{AccountId, Region, RoleName, SessionName};
use crate::start_url::StartUrl;
use crate::token::cache::TokenKey;
use awsconfig::SectionName;

/// The scopes a session has that names none: what the portal asks for.
pub const DEFAULT_SCOPE: &str = "sso:account:access";

/// One Identity Center login: an sso-session, or the legacy keys of a profile.
#[derive(Clone, Debug)]
pub struct SessionPlan {
    /// The section's name; `None` for a profile in the legacy form.
    pub name: Option<SessionName>,
    /// The start URL.
    pub start_url: Sourced<StartUrl>,
    /// Where Identity Center lives.
    pub region: Sourced<Region>,
    /// The registration scopes as configured; `None` where the key is absent.
    pub scopes: Option<Vec<String>>,
    /// Where its token is kept.
    pub keeping: Keeping,
    /// The profile the command was about, for the hints.
    pub profile: Option<String>,
}

/// Where a login's token is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In `~/.aws/sso/cache`, where every SDK finds it.
    Shared,
    /// In the encrypted store.
    Sealed(Policy),
}

/// How other programs come to credentials when the token is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Profiles have daypass as their `credential_process`.
    Process,
    /// They read the access token in the shared cache, without what could renew it.
    Mirror,
}

impl Policy {
    /// The word in the config file and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Process => "process",
            Policy::Mirror => "mirror",
        }
    }

    /// The policy called `word`.
    pub fn parse(word: &str) -> Option<Self> {
        [Policy::Process, Policy::Mirror].into_iter().find(|policy| policy.as_str() == word)
    }
}

/// One role of one account behind a login.
#[derive(Clone, Debug)]
pub struct RolePlan {
    /// The login.
    pub session: SessionPlan,
    /// The account.
    pub account_id: AccountId,
    /// The role.
    pub role_name: RoleName,
}

impl SessionPlan {
    /// What names the token's file.
    pub fn token_key(&self) -> TokenKey {
        match &self.name {
            Some(name) => TokenKey::Session(name.clone()),
            None => TokenKey::Legacy(self.start_url.value.clone()),
        }
    }

    /// The scopes to register for.
    pub fn effective_scopes(&self) -> Vec<String> {
        self.scopes.clone().unwrap_or_else(|| vec![DEFAULT_SCOPE.to_owned()])
    }

    /// The command that logs in to it, ready to be pasted.
    pub fn login_command(&self) -> String {
        match (&self.name, &self.profile) {
            (Some(name), _) => {
                format!("daypass sso login --sso-session {}", shell_word(name.as_str()))
            }
            (None, Some(profile)) => format!("daypass sso login --profile {}", shell_word(profile)),
            (None, None) => "daypass sso login".to_owned(),
        }
    }

    /// What people call it: ``sso-session `corp` `` or the start URL.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("sso-session {}", quoted(name.as_str())),
            None => format!("start URL {}", quoted(self.start_url.value.raw())),
        }
    }
}

/// A word as a POSIX shell must be given it.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./@%+=:,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}

/// The login of an `[sso-session NAME]`, asked for by name.
///
/// # Errors
/// [`Kind::Config`]: no such section, or keys missing in it.
pub fn session(files: &Files, name: &str, asked_by: Origin) -> Result<SessionPlan> {
    let section = SectionName::SsoSession(name.to_owned());
    let Some(found) = files.config.parsed.section(&section) else {
        return Err(unknown_session(files, name, &asked_by));
    };
    let get = |key| profile::lookup(Some(found), &files.config, key);
    let missing = missing_keys(&[
        ("sso_start_url", get("sso_start_url").is_some()),
        ("sso_region", get("sso_region").is_some()),
    ]);
    let (Some(url), Some(region)) = (get("sso_start_url"), get("sso_region")) else {
        return Err(Error::new(
            Kind::Config,
            format!("Missing the following required SSO configuration values: {missing}"),
        )
        .because(format!(
            "[sso-session {name}] is at {}:{}",
            files.config.shown,
            found.header_line()
        ))
        .hint("run `daypass configure sso-session` to complete it"));
    };
    Ok(SessionPlan {
        name: Some(SessionName::parse(name)?),
        start_url: start_url(url)?,
        region: profile::parse_region(region)?,
        scopes: get("sso_registration_scopes").map(|text| split_scopes(text.value)),
        keeping: keeping(get(hot::keys::SEALED))?,
        profile: None,
    })
}

/// Where the token of an sso-session is kept, whatever else its section lacks.
///
/// # Errors
/// [`Kind::Config`] for a word that is no policy.
pub fn keeping_of(files: &Files, session: &str) -> Result<Keeping> {
    let section = files.config.parsed.section(&SectionName::SsoSession(session.to_owned()));
    keeping(profile::lookup(section, &files.config, hot::keys::SEALED))
}

fn keeping(found: Option<Sourced<&str>>) -> Result<Keeping> {
    let Some(found) = found else { return Ok(Keeping::Shared) };
    match Policy::parse(found.value) {
        Some(policy) => Ok(Keeping::Sealed(policy)),
        None => Err(Error::new(
            Kind::Config,
            format!("{} is neither `process` nor `mirror`", quoted(found.value)),
        )
        .because(format!("{} is at {}", hot::keys::SEALED, found.origin))
        .hint(format!("write `{} = process` there, or remove the line", hot::keys::SEALED))),
    }
}

fn unknown_session(files: &Files, name: &str, asked_by: &Origin) -> Error {
    let known: Vec<&str> = files.config.parsed.sso_sessions().collect();
    let message = format!("The specified sso-session does not exist: \"{}\"", name.escape_debug());
    let error = Error::new(Kind::Config, message).because(match asked_by {
        Origin::File { .. } => {
            format!("{asked_by} names it, and {} has no such section", files.config.shown)
        }
        _ => format!("{} has no such section", files.config.shown),
    });
    match known.is_empty() {
        true => error.hint("make it with `daypass configure sso-session`"),
        false => error.hint(format!("the sso-sessions there: {}", known.join(", "))),
    }
}

/// The login a profile belongs to, session or legacy form.
///
/// # Errors
/// [`Kind::Config`]: keys missing, or an sso-session that does not exist.
pub fn of_profile(profile: &Profile<'_>, name: &str) -> Result<SessionPlan> {
    if let Some(session_name) = profile.sso("sso_session") {
        let plan = session(profile.files(), session_name.value, session_name.origin)?;
        agree(profile, &plan)?;
        return Ok(SessionPlan { profile: Some(name.to_owned()), ..plan });
    }
    legacy(profile, name)
}

/// What to do without a usable profile: name one, if there are any.
fn ways_on(files: &Files) -> String {
    const ENOUGH: usize = 3;
    let is_sso = |name: &&str| names_a_role(&Profile::named(files, name));
    let names: Vec<&str> = files.config.parsed.profiles().filter(is_sso).take(ENOUGH).collect();
    match names.as_slice() {
        [] => "run `daypass configure sso`".to_owned(),
        [first, ..] => format!(
            "name a profile, as in `--profile {}`, or set AWS_PROFILE (there are: {})",
            shell_word(first),
            names.join(", ")
        ),
    }
}

fn legacy(profile: &Profile<'_>, name: &str) -> Result<SessionPlan> {
    let (url, region) = (profile.sso("sso_start_url"), profile.sso("sso_region"));
    let missing =
        missing_keys(&[("sso_start_url", url.is_some()), ("sso_region", region.is_some())]);
    let (Some(url), Some(region)) = (url, region) else {
        return Err(Error::new(
            Kind::Config,
            format!("Missing the following required SSO configuration values: {missing}"),
        )
        .because(format!("profile {} is not set up for IAM Identity Center", quoted(name)))
        .hint(ways_on(profile.files())));
    };
    Ok(SessionPlan {
        name: None,
        start_url: start_url(url)?,
        region: profile::parse_region(region)?,
        scopes: None,
        keeping: Keeping::Shared,
        profile: Some(name.to_owned()),
    })
}

/// A profile may repeat its session's values, but not contradict them: the SDKs
/// disagree about which one wins.
fn agree(profile: &Profile<'_>, plan: &SessionPlan) -> Result<()> {
    let clash = |key: &str, here: &Sourced<&str>, there: &str, origin: &Origin| {
        Err(Error::new(
            Kind::Profile,
            format!("The value for {key} is inconsistent between profile ({}) and sso-session ({there}).", here.value),
        )
        .because(format!("they are at {} and {origin}", here.origin))
        .hint(format!("remove {key} from the profile: its sso_session names the section that has it")))
    };
    let (url, region) = (&plan.start_url, &plan.region);
    match profile.sso("sso_region") {
        Some(here) if here.value != region.value.as_str() => {
            return clash("sso_region", &here, region.value.as_str(), &region.origin);
        }
        _ => {}
    }
    match profile.sso("sso_start_url") {
        Some(here) if start_url(here.clone())?.value != url.value => {
            clash("sso_start_url", &here, url.value.raw(), &url.origin)
        }
        _ => Ok(()),
    }
}

/// Whether a profile gets its credentials from Identity Center: either of the
/// two keys is enough, as in botocore.
pub fn names_a_role(profile: &Profile<'_>) -> bool {
    profile.sso("sso_account_id").is_some() || profile.sso("sso_role_name").is_some()
}

/// The role a profile stands for.
///
/// # Errors
/// [`Kind::Profile`] naming every key that is missing.
pub fn role(profile: &Profile<'_>, name: &str) -> Result<RolePlan> {
    let get = |key| profile.sso(key);
    let in_session = get("sso_session").is_some();
    let missing = missing_keys(&[
        ("sso_role_name", get("sso_role_name").is_some()),
        ("sso_account_id", get("sso_account_id").is_some()),
        ("sso_start_url", in_session || get("sso_start_url").is_some()),
        ("sso_region", in_session || get("sso_region").is_some()),
    ]);
    let (Some(role), Some(account), true) =
        (get("sso_role_name"), get("sso_account_id"), missing.is_empty())
    else {
        return Err(Error::new(
            Kind::Profile,
            format!(
                "The profile \"{name}\" is configured to use SSO but is missing required configuration: {missing}"
            ),
        )
        .hint(format!("run `daypass configure sso --profile {}`", shell_word(name))));
    };
    let session = of_profile(profile, name).map_err(as_profile_error)?;
    Ok(RolePlan {
        session,
        account_id: named(AccountId::parse(account.value), &account.origin)?,
        role_name: named(RoleName::parse(role.value), &role.origin)?,
    })
}

fn named<T>(parsed: Result<T>, origin: &Origin) -> Result<T> {
    parsed.map_err(|error| as_profile_error(error).because(format!("it comes from {origin}")))
}

/// Inside the credential chain, botocore's session errors are plain ones.
fn as_profile_error(error: Error) -> Error {
    match error.kind() {
        Kind::Config => error.with_kind(Kind::Profile),
        _ => error,
    }
}

fn start_url(text: Sourced<&str>) -> Result<Sourced<StartUrl>> {
    match StartUrl::parse(text.value) {
        Ok(url) => Ok(Sourced::new(url, text.origin)),
        Err(error) => Err(error.because(format!("it comes from {}", text.origin))),
    }
}

fn missing_keys(present: &[(&str, bool)]) -> String {
    let absent: Vec<&str> =
        present.iter().filter(|(_, there)| !there).map(|(key, _)| *key).collect();
    absent.join(", ")
}

/// Comma-separated, blanks trimmed, empty items dropped.
pub fn split_scopes(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_survive_being_pasted() {
        assert_eq!(shell_word("disasters-sso"), "disasters-sso");
        assert_eq!(shell_word("p 1"), "'p 1'");
        assert_eq!(shell_word("it's"), "'it'\"'\"'s'");
        assert_eq!(shell_word("$(rm)"), "'$(rm)'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn scopes_are_split_as_the_aws_cli_splits_them() {
        assert_eq!(split_scopes(" a , ,b,"), ["a", "b"]);
    }
}
