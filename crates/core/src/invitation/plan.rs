//! What an invitation would change here, and changing it.

use super::{Invitation, InvitedProfile};
use crate::edit::{Step, edit};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::host::Host;
use crate::resolve::profile::Profile;
use crate::resolve::sso::shell_word;
use crate::start_url::StartUrl;
use awsconfig::{FileKind, SectionName};

/// What is to be written, and what is still to be asked.
#[derive(Clone, Debug)]
pub struct Outlook {
    session: (SectionName, Vec<(String, String)>),
    profiles: Vec<(SectionName, Vec<(String, String)>)>,
    /// Profiles without an account or a role: those are chosen after the login.
    pub open: Vec<InvitedProfile>,
    /// The other profiles' names.
    pub ready: Vec<String>,
}

/// Compares an invitation with what is set up. What the user has chosen for a profile
/// (region, output, what `s3 ls` lists) stays.
///
/// # Errors
/// [`Kind::Config`] where a name is taken by something else: an invitation changes no
/// login and no profile of another.
pub fn outlook(files: &Files, invitation: &Invitation) -> Result<Outlook> {
    let session = SectionName::SsoSession(invitation.session.clone());
    let mut outlook = Outlook {
        session: (session, session_keys(files, invitation)?),
        profiles: Vec::new(),
        open: Vec::new(),
        ready: Vec::new(),
    };
    for invited in &invitation.profiles {
        let profile = Profile::named(files, &invited.name);
        check_profile(&profile, invited, &invitation.session)?;
        if is_open(&profile, invited) {
            outlook.open.push(invited.clone());
            continue;
        }
        outlook.ready.push(invited.name.clone());
        let keys = profile_keys(&profile, invited, &invitation.session)?;
        outlook.profiles.push((SectionName::Profile(invited.name.clone()), keys));
    }
    Ok(outlook)
}

/// Writes it, all at once.
///
/// # Errors
/// As [`edit`](fn@edit).
pub fn write(host: &Host, step: &Step, outlook: &Outlook) -> Result<()> {
    let all = outlook.profiles.iter().chain([&outlook.session]);
    let wanted: Vec<_> = all.filter(|(_, keys)| !keys.is_empty()).collect();
    edit(host, step, FileKind::Config, |document| {
        let pairs: Vec<(&SectionName, Vec<(&str, &str)>)> = wanted
            .iter()
            .map(|(section, keys)| {
                (section, keys.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect())
            })
            .collect();
        let edits: Vec<_> =
            pairs.iter().map(|(section, keys)| (*section, keys.as_slice())).collect();
        document.set_all(&edits)
    })?;
    Ok(())
}

fn session_keys(files: &Files, invitation: &Invitation) -> Result<Vec<(String, String)>> {
    let section = SectionName::SsoSession(invitation.session.clone());
    let found = files.config.parsed.section(&section);
    let now = |key: &str| found.and_then(|section| section.get(key)?.as_str());
    let clash = |key: &str| {
        let line = found.and_then(|section| section.get(key)).map_or(0, |value| value.line);
        let name = quoted(&invitation.session);
        Error::new(Kind::Config, format!("there is another sso-session {name} already"))
            .because(format!("its {key} is another one ({}:{line})", files.config.shown))
            .hint(format!(
                "take the invitation under another name with --sso-session NAME, or remove the old one with `daypass configure remove --sso-session {}`",
                shell_word(&invitation.session)
            ))
    };
    if now("sso_start_url")
        .is_some_and(|url| !StartUrl::parse(url).is_ok_and(|url| url == invitation.start_url))
    {
        return Err(clash("sso_start_url"));
    }
    if now("sso_region").is_some_and(|region| region != invitation.sso_region.as_str()) {
        return Err(clash("sso_region"));
    }
    let wanted = [
        ("sso_start_url", invitation.start_url.raw().to_owned()),
        ("sso_region", invitation.sso_region.to_string()),
        ("sso_registration_scopes", invitation.scopes.join(",")),
    ];
    let missing = wanted.into_iter().filter(|(key, _)| now(key).is_none());
    Ok(missing.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// What a profile may have besides: whatever else gives credentials would be used instead
/// by some program.
const RIVALS: [&str; 5] = [
    "aws_access_key_id",
    "role_arn",
    "credential_source",
    "web_identity_token_file",
    "credential_process",
];

fn check_profile(profile: &Profile<'_>, invited: &InvitedProfile, session: &str) -> Result<()> {
    let taken = |why: String| {
        Error::new(Kind::Config, format!("there is another profile {} already", quoted(&invited.name)))
            .because(why)
            .hint(format!(
                "remove it with `daypass configure remove --profile {}`, or ask for an invitation with another name",
                shell_word(&invited.name)
            ))
    };
    if let Some(found) = profile.sso("sso_session")
        && found.value != session
    {
        return Err(taken(format!("it uses another sso-session ({})", found.origin)));
    }
    // A sealed login's profiles have a credential_process of ours.
    let sealed = profile.get("sso_session").is_none() && profile.sso("sso_session").is_some();
    let rival = RIVALS.iter().filter(|key| !(sealed && **key == "credential_process"));
    match rival.filter_map(|key| profile.get(key).map(|found| (key, found.origin))).next() {
        Some((key, origin)) => Err(taken(format!("it has {key} ({origin})"))),
        None => Ok(()),
    }
}

/// Of the account and the role what is there already counts, if the invitation names none.
fn is_open(profile: &Profile<'_>, invited: &InvitedProfile) -> bool {
    let lacks = |given: &Option<String>, key| given.is_none() && profile.sso(key).is_none();
    lacks(&invited.account_id, "sso_account_id") || lacks(&invited.role_name, "sso_role_name")
}

fn profile_keys(
    profile: &Profile<'_>,
    invited: &InvitedProfile,
    session: &str,
) -> Result<Vec<(String, String)>> {
    let session = Some(session.to_owned());
    let fixed = [
        ("sso_session", &session),
        ("sso_account_id", &invited.account_id),
        ("sso_role_name", &invited.role_name),
    ];
    let suggested = [
        ("region", &invited.region),
        ("output", &invited.output),
        ("default_s3_uri", &invited.default_s3_uri),
    ];
    let differs = |(key, value): &(&str, &Option<String>)| {
        value.as_deref().is_some_and(|value| profile.sso(key).is_none_or(|now| now.value != value))
    };
    let fixed: Vec<_> = fixed.into_iter().filter(differs).collect();
    let sealed = profile.get("sso_session").is_none() && profile.sso("sso_session").is_some();
    if sealed && !fixed.is_empty() {
        return Err(Error::new(
            Kind::Config,
            format!("profile {} is of a sealed login", quoted(&invited.name)),
        )
        .because("the invitation names another account or role than it has")
        .hint("run `daypass vault off`, take the invitation, and run `daypass vault on` again"));
    }
    let absent = suggested.into_iter().filter(|(key, _)| profile.get(key).is_none());
    let all = fixed.into_iter().chain(absent);
    Ok(all.filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect())
}
