//! The questions about an sso-session: name, start URL, SSO region, scopes.

use super::interview::{Interview, Part};
use crate::prompt::Question;
use awsconfig::SectionName;
use daypass_core::aws::Aws;
use daypass_core::files::Files;
use daypass_core::names::{Region, SessionName};
use daypass_core::resolve::sso::{DEFAULT_SCOPE, split_scopes};
use daypass_core::start_url::StartUrl;
use daypass_core::{Result, vanity};
use std::collections::BTreeSet;

/// The options that answer the questions.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SessionFlags {
    /// Name of the sso-session: one login that several profiles can share
    #[arg(long, value_name = "NAME")]
    pub sso_session: Option<String>,
    /// Address of the access portal, such as https://d-1234567890.awsapps.com/start
    #[arg(long, value_name = "URL")]
    pub sso_start_url: Option<String>,
    /// Region where Identity Center lives; not the region of your data
    #[arg(long, value_name = "REGION")]
    pub sso_region: Option<String>,
    /// Comma-separated scopes to register for [default: sso:account:access]
    #[arg(long, value_name = "SCOPES")]
    pub sso_registration_scopes: Option<String>,
}

/// What the config file says of an sso-session (or, in the legacy form, a profile).
#[derive(Clone, Debug, Default)]
pub struct Current {
    pub start_url: Option<String>,
    pub region: Option<String>,
    pub scopes: Option<String>,
}

impl Current {
    /// The values of a section; `None` where there is no such section.
    pub fn of(files: &Files, section: &SectionName) -> Option<Self> {
        let found = files.config.parsed.section(section)?;
        let get = |key: &str| {
            found.get(key).and_then(|v| v.as_str()).map(str::to_owned).filter(|v| !v.is_empty())
        };
        Some(Self {
            start_url: get("sso_start_url"),
            region: get("sso_region"),
            scopes: get("sso_registration_scopes"),
        })
    }
}

/// Text typed before, offered for completion.
fn used_before(files: &Files, key: &str) -> Vec<String> {
    let values =
        files.config.parsed.sections().filter_map(|(_, section)| section.get(key)?.as_str());
    let distinct: BTreeSet<String> =
        values.flat_map(|text| text.split(',')).map(|v| v.trim().to_owned()).collect();
    distinct.into_iter().filter(|value| !value.is_empty()).collect()
}

/// What the config file says of a named session, below the question.
pub fn panel(files: &Files, name: &str) -> Vec<String> {
    let Some(current) = Current::of(files, &SectionName::SsoSession(name.trim().to_owned())) else {
        return Vec::new();
    };
    let line = |key: &str, value: Option<String>| value.map(|value| format!("{key} = {value}"));
    [
        Some(format!("[sso-session {}]", name.trim())),
        line("sso_start_url", current.start_url),
        line("sso_region", current.region),
        line("sso_registration_scopes", current.scopes),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Accepts names that can head a section.
pub fn check_name(name: &str) -> Result<(), String> {
    SessionName::parse(name).map(drop).map_err(|error| error.to_string())
}

fn required(value: &str) -> Result<(), String> {
    if value.is_empty() { Err("A value is required".to_owned()) } else { Ok(()) }
}

fn check_url(value: &str) -> Result<(), String> {
    StartUrl::parse(value).map(drop).map_err(|_| "Not a valid Start URL".to_owned())
}

fn check_region(value: &str) -> Result<(), String> {
    required(value)?;
    Region::parse(value).map(drop).map_err(|_| "Not a region: it looks like us-east-1".to_owned())
}

/// Accepts a region for the profile's calls; none is needed.
pub fn check_client_region(value: &str) -> Result<(), String> {
    if value.is_empty() { Ok(()) } else { check_region(value) }
}

fn check_scopes(value: &str) -> Result<(), String> {
    match split_scopes(value).iter().any(|scope| scope.contains(char::is_whitespace)) {
        true => Err("Scope values must be separated by commas".to_owned()),
        false => Ok(()),
    }
}

/// Asks for the start URL.
pub fn start_url(
    interview: &mut Interview,
    files: &Files,
    flags: &SessionFlags,
    current: &Current,
) -> Result<Option<StartUrl>> {
    let answer = interview.ask(&Part {
        flag: "--sso-start-url",
        given: flags.sso_start_url.as_deref(),
        optional: false,
        question: Question {
            default: current.start_url.clone(),
            note: Some(
                "The access portal's address, such as https://d-1234567890.awsapps.com/start"
                    .to_owned(),
            ),
            suggestions: used_before(files, "sso_start_url"),
            check: &check_url,
            ..Question::new(format!("SSO start URL [{}]:", shown(current.start_url.as_ref())))
        },
    })?;
    if answer.is_empty() {
        return Ok(None);
    }
    let url = StartUrl::parse(&answer)?;
    if url.is_https() {
        return Ok(Some(url));
    }
    interview
        .say(&format!("{url} is not safe to log in over: {} is used instead.", url.over_https()));
    Ok(Some(url.over_https()))
}

/// Asks for the SSO region, unless the portal's own address tells it.
pub async fn region(
    interview: &mut Interview,
    aws: &Aws,
    url: Option<&StartUrl>,
    flags: &SessionFlags,
    current: &Current,
) -> Result<Option<Region>> {
    if flags.sso_region.is_none()
        && let Some(region) = told_by_address(interview, aws, url).await
    {
        return Ok(Some(region));
    }
    let answer = interview.ask(&Part {
        flag: "--sso-region",
        given: flags.sso_region.as_deref(),
        optional: false,
        question: Question {
            default: current.region.clone(),
            note: Some("Where Identity Center lives; often not where your data is.".to_owned()),
            suggestions: REGIONS.iter().map(|region| (*region).to_owned()).collect(),
            check: &check_region,
            ..Question::new(format!("SSO region [{}]:", shown(current.region.as_ref())))
        },
    })?;
    if answer.is_empty() { Ok(None) } else { Region::parse(&answer).map(Some) }
}

/// An address on the organization's own domain leads to a host with the region
/// in its name; one that does not resolve is said, and asked about.
async fn told_by_address(
    interview: &mut Interview,
    aws: &Aws,
    url: Option<&StartUrl>,
) -> Option<Region> {
    let url = url.filter(|url| !vanity::is_aws_host(&url.host()))?;
    match vanity::resolve(aws, url).await {
        Ok(resolved) => {
            interview.say(&format!("{url} leads to {}", resolved.url.canonical()));
            resolved.region
        }
        Err(error) => {
            interview.say(&format!("The start URL could not be resolved ({error})."));
            None
        }
    }
}

/// Asks for the registration scopes; they are kept as they were typed.
pub fn scopes(
    interview: &mut Interview,
    files: &Files,
    flags: &SessionFlags,
    current: &Current,
) -> Result<String> {
    let default = current.scopes.clone().unwrap_or_else(|| DEFAULT_SCOPE.to_owned());
    let mut suggestions = used_before(files, "sso_registration_scopes");
    if !suggestions.iter().any(|scope| scope == DEFAULT_SCOPE) {
        suggestions.push(DEFAULT_SCOPE.to_owned());
    }
    // Who gave the rest on the command line wants to be asked nothing.
    let is_told = flags.sso_start_url.is_some() && flags.sso_region.is_some();
    let given = flags.sso_registration_scopes.as_deref().or(is_told.then_some(default.as_str()));
    let answer = interview.ask(&Part {
        flag: "--sso-registration-scopes",
        given,
        optional: true,
        question: Question {
            note: Some(
                "Press Enter: the default is right for using accounts and roles.".to_owned(),
            ),
            suggestions,
            check: &check_scopes,
            ..Question::new(format!("SSO registration scopes [{default}]:"))
        },
    })?;
    Ok(if answer.is_empty() { default } else { answer })
}

/// A default as a prompt shows it.
pub fn shown(value: Option<&String>) -> &str {
    value.map_or("None", String::as_str)
}

/// Regions with Identity Center, for completion only: any region can be typed.
const REGIONS: [&str; 34] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "ca-west-1",
    "sa-east-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "af-south-1",
    "me-central-1",
    "me-south-1",
    "il-central-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eusc-de-east-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_say_what_the_aws_cli_says() {
        assert_eq!(check_url("nonsense"), Err("Not a valid Start URL".to_owned()));
        assert_eq!(check_region(""), Err("A value is required".to_owned()));
        assert_eq!(check_scopes("a b"), Err("Scope values must be separated by commas".to_owned()));
        assert_eq!(check_scopes("a, b"), Ok(()));
        assert!(check_region("us east").is_err());
    }
}
