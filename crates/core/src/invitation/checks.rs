//! What may stand in an invitation, value by value.

use super::{File, Help, Invitation, InvitedProfile, Profile, VERSION};
use crate::names::{AccountId, Region, RoleName, SessionName};
use crate::resolve::sso::DEFAULT_SCOPE;
use crate::start_url::StartUrl;
use toml::Spanned;

/// Where in the file, and why.
type Refusal = (Option<usize>, String);

const MOST_PROFILES: usize = 100;
const MOST_LETTERS: usize = 4000;
const OUTPUTS: [&str; 6] = ["json", "yaml", "yaml-stream", "text", "table", "off"];

pub(super) fn check(file: File) -> Result<Invitation, Refusal> {
    let File { daypass_invitation: version, sso_session: session, profile, help } = file;
    if *version.get_ref() != VERSION {
        let why = format!(
            "it is of version {}: this daypass knows version {VERSION}; a newer one may know it",
            version.get_ref()
        );
        return Err((Some(version.span().start), why));
    }
    if profile.len() > MOST_PROFILES {
        return Err((None, format!("it has more than {MOST_PROFILES} profiles")));
    }
    let start_url = at(&session.start_url, start_url)?;
    let scopes: Vec<String> =
        session.scopes.iter().map(|scope| at(scope, self::scope)).collect::<Result<_, _>>()?;
    let Help { organization, contact, text } = help;
    Ok(Invitation {
        session: at(&session.name, session_name)?,
        start_url,
        sso_region: at(&session.region, |text| {
            Region::parse(text).map_err(|e| e.message().to_owned())
        })?,
        scopes: if scopes.is_empty() { vec![DEFAULT_SCOPE.to_owned()] } else { scopes },
        profiles: profiles(&profile)?,
        organization: line(organization)?,
        contact: line(contact)?,
        text: text.map(|text| at(&text, prose)).transpose()?,
    })
}

fn profiles(given: &[Profile]) -> Result<Vec<InvitedProfile>, Refusal> {
    let mut all: Vec<InvitedProfile> = Vec::new();
    for one in given {
        let name = at(&one.name, profile_name)?;
        if all.iter().any(|known| known.name == name) {
            return Err((Some(one.name.span().start), format!("`{name}` is there twice")));
        }
        let value = |value: &Option<Spanned<String>>, check: fn(&str) -> Result<String, String>| {
            value.as_ref().map(|text| at(text, check)).transpose()
        };
        all.push(InvitedProfile {
            name,
            account_id: value(&one.account_id, |text| {
                AccountId::parse(text).map(|id| id.to_string()).map_err(|e| e.message().to_owned())
            })?,
            role_name: value(&one.role_name, |text| {
                plain(text)?;
                RoleName::parse(text)
                    .map(|name| name.to_string())
                    .map_err(|e| e.message().to_owned())
            })?,
            region: value(&one.region, |text| {
                Region::parse(text).map(|r| r.to_string()).map_err(|e| e.message().to_owned())
            })?,
            output: value(&one.output, output)?,
            default_s3_uri: value(&one.default_s3_uri, s3_uri)?,
        });
    }
    Ok(all)
}

fn at<T>(
    value: &Spanned<String>,
    check: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, Refusal> {
    check(value.get_ref()).map_err(|why| (Some(value.span().start), why))
}

fn start_url(text: &str) -> Result<StartUrl, String> {
    let url = StartUrl::parse(text).map_err(|error| error.to_string())?;
    plain(text)?;
    match url.is_https() && !text.contains('@') {
        true => Ok(url),
        false => Err("the start URL must begin with https:// and name no user".to_owned()),
    }
}

fn session_name(text: &str) -> Result<String, String> {
    let name = SessionName::parse(text).map_err(|error| error.message().to_owned())?.to_string();
    portable(&name)
}

fn profile_name(text: &str) -> Result<String, String> {
    match text {
        "default" => Err("an invitation does not change the profile `default`".to_owned()),
        _ => portable(text),
    }
}

fn portable(name: &str) -> Result<String, String> {
    match awsconfig::is_portable_name(name) && name.len() <= 128 {
        true => Ok(name.to_owned()),
        false => Err("a name has letters, digits and _-/.%@:+ only, 128 at most".to_owned()),
    }
}

fn scope(text: &str) -> Result<String, String> {
    let fits = !text.is_empty()
        && text.len() <= 200
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b',' && b != b'"');
    if fits { Ok(text.to_owned()) } else { Err("this is not a scope".to_owned()) }
}

fn output(text: &str) -> Result<String, String> {
    match OUTPUTS.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("the output is one of {}", OUTPUTS.join(", "))),
    }
}

fn s3_uri(text: &str) -> Result<String, String> {
    plain(text)?;
    let bucket = text.strip_prefix("s3://").and_then(|rest| rest.split('/').next());
    match bucket.is_some_and(|bucket| !bucket.is_empty()) && !text.contains(char::is_whitespace) {
        true => Ok(text.to_owned()),
        false => Err("it looks like s3://BUCKET or s3://BUCKET/PREFIX".to_owned()),
    }
}

/// What is written into a line of the config file. A comment sign behind a blank, or
/// quotes around a value, are read in two ways by the SDKs.
fn plain(text: &str) -> Result<(), String> {
    let odd = text.contains(char::is_control)
        || [" #", " ;", "\""].iter().any(|part| text.contains(part))
        || text.trim() != text;
    if odd { Err("it has characters that no such value has".to_owned()) } else { Ok(()) }
}

fn line(value: Option<Spanned<String>>) -> Result<Option<String>, Refusal> {
    value.map(|text| at(&text, |text| prose(text).map(|text| one_line(&text)))).transpose()
}

/// Words for people: shown as lines of plain text, whatever they try.
fn prose(text: &str) -> Result<String, String> {
    match text.chars().count() <= MOST_LETTERS {
        true => Ok(text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect()),
        false => Err(format!("a text may have {MOST_LETTERS} letters and no more")),
    }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
