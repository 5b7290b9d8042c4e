//! Which login is meant: an sso-session that is there, a new one, or the legacy
//! form inside a profile.

use super::interview::{Interview, Part};
use super::session::{self, Current, SessionFlags};
use crate::prompt::Question;
use awsconfig::SectionName;
use daypass_core::aws::Aws;
use daypass_core::files::Files;
use daypass_core::names::{Region, SessionName};
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::{self, SessionPlan, split_scopes};
use daypass_core::resolve::{Origin, Sourced};
use daypass_core::{Error, Kind, Result};

/// A login as it was answered.
pub struct Login {
    /// What to log in to.
    pub plan: SessionPlan,
    /// What to write of it, in order; the values as they were typed.
    pub keys: Vec<(String, String)>,
    /// The config file has this session already, as it is.
    pub known: bool,
}

impl Login {
    /// The portal turned out to live in another region: that is used and written.
    pub fn move_to(&mut self, region: Region) {
        for (key, value) in &mut self.keys {
            if key == "sso_region" {
                *value = region.to_string();
            }
        }
        self.plan.region = Sourced::new(region, Origin::Answer);
    }
}

/// Asks which login a profile is to have. An sso-session that is there needs no
/// further questions, unless options change it.
///
/// # Errors
/// Ctrl-C; options missing where nobody can be asked.
pub async fn of_profile(
    interview: &mut Interview,
    aws: &Aws,
    files: &Files,
    chosen: &Chosen<'_>,
    flags: &SessionFlags,
) -> Result<Login> {
    let name = ask_optional_name(interview, files, chosen, flags)?;
    let section = SectionName::SsoSession(name.clone());
    let existing = if name.is_empty() { None } else { Current::of(files, &section) };
    let untouched = flags.sso_start_url.is_none()
        && flags.sso_region.is_none()
        && flags.sso_registration_scopes.is_none();
    if existing.is_some() && untouched {
        let plan = sso::session(files, &name, Origin::Flag("--sso-session"))?;
        return Ok(Login { plan, keys: as_written(files, &section), known: true });
    }
    let profile = SectionName::Profile(chosen.name.value.clone());
    let current = existing.or_else(|| Current::of(files, &profile)).unwrap_or_default();
    details(interview, aws, files, flags, &current, &name).await
}

/// Asks for start URL, SSO region and (but in the legacy form) scopes.
///
/// # Errors
/// Ctrl-C; options missing where nobody can be asked.
pub async fn details(
    interview: &mut Interview,
    aws: &Aws,
    files: &Files,
    flags: &SessionFlags,
    current: &Current,
    name: &str,
) -> Result<Login> {
    let url = session::start_url(interview, files, flags, current)?;
    let region = session::region(interview, aws, url.as_ref(), flags, current).await?;
    let scopes = match name.is_empty() {
        true => None,
        false => Some(session::scopes(interview, files, flags, current)?),
    };
    interview.complete()?;
    let (Some(url), Some(region)) = (url, region) else {
        return Err(Error::new(Kind::Bug, "an answer is missing"));
    };
    let mut keys = vec![
        ("sso_start_url".to_owned(), url.raw().to_owned()),
        ("sso_region".to_owned(), region.to_string()),
    ];
    keys.extend(scopes.clone().map(|text| ("sso_registration_scopes".to_owned(), text)));
    let plan = SessionPlan {
        name: if name.is_empty() { None } else { Some(SessionName::parse(name)?) },
        start_url: Sourced::new(url, Origin::Answer),
        region: Sourced::new(region, Origin::Answer),
        scopes: scopes.as_deref().map(split_scopes),
        keeping: sso::keeping_of(files, name)?,
        profile: None,
    };
    Ok(Login { plan, keys, known: false })
}

/// Every plain key of a section: the AWS CLI writes a session it was given back,
/// which straightens the spaces around `=`.
fn as_written(files: &Files, section: &SectionName) -> Vec<(String, String)> {
    let Some(found) = files.config.parsed.section(section) else { return Vec::new() };
    let value = |key: &str| found.get(key)?.as_str().map(str::to_owned);
    found.keys().filter_map(|key| Some((key.to_owned(), value(key)?))).collect()
}

/// Asks for the name of an sso-session that must have one.
///
/// # Errors
/// Ctrl-C; a name that cannot head a section.
pub fn ask_name(interview: &mut Interview, files: &Files, flags: &SessionFlags) -> Result<String> {
    let check = |name: &str| match name.is_empty() {
        true => Err("A value is required".to_owned()),
        false => session::check_name(name),
    };
    ask(interview, files, flags, None, "SSO session name:".to_owned(), &check)
}

fn ask_optional_name(
    interview: &mut Interview,
    files: &Files,
    chosen: &Chosen<'_>,
    flags: &SessionFlags,
) -> Result<String> {
    let current = chosen.profile.sso("sso_session").map(|found| found.value.to_owned());
    let label = match &current {
        Some(name) => format!("SSO session name [{name}]:"),
        None => "SSO session name (Recommended):".to_owned(),
    };
    let check = |name: &str| if name.is_empty() { Ok(()) } else { session::check_name(name) };
    let name = ask(interview, files, flags, current, label, &check)?;
    if name.is_empty() && (interview.is_interactive() || flags.sso_session.is_some()) {
        interview.say("WARNING: Configuring using legacy format (e.g. without an SSO session).");
        interview
            .say("Consider re-running \"configure sso\" command and providing a session name.");
    }
    Ok(name)
}

fn ask(
    interview: &mut Interview,
    files: &Files,
    flags: &SessionFlags,
    default: Option<String>,
    label: String,
    check: &dyn Fn(&str) -> Result<(), String>,
) -> Result<String> {
    let panel = |name: &str| session::panel(files, name);
    interview.ask(&Part {
        flag: "--sso-session",
        given: flags.sso_session.as_deref(),
        optional: false,
        question: Question {
            default,
            note: Some(
                "A name of your choice for this login, such as that of your group.".to_owned(),
            ),
            suggestions: files.config.parsed.sso_sessions().map(str::to_owned).collect(),
            check,
            panel: Some(&panel),
            ..Question::new(label)
        },
    })
}
