//! `configure get`: one value, as the files have it.

use crate::app::App;
use crate::report::Done;
use awsconfig::{Section, SectionName};
use clap::Args;
use daypass_core::files::Files;
use daypass_core::resolve::Origin;
use daypass_core::{Error, Kind, Result};

/// Print one value of a profile
#[derive(Args, Debug)]
pub struct Get {
    /// The key, such as `region`, `s3.addressing_style` or `profile.NAME.region`
    #[arg(value_name = "KEY")]
    pub varname: String,
    /// Look into this [sso-session] section instead of a profile
    #[arg(long, value_name = "NAME")]
    pub sso_session: Option<String>,
    /// Look into this [services] section instead of a profile
    #[arg(long, value_name = "NAME", conflicts_with = "sso_session")]
    pub services: Option<String>,
}

/// What was found under a key.
enum Found {
    Text(String),
    Block,
    Nothing,
}

pub fn run(app: &App, wanted: &Get) -> Result<Done> {
    let files = app.files()?;
    let found = match (&wanted.sso_session, &wanted.services) {
        (Some(name), _) => {
            in_section(&files, SectionName::SsoSession(name.clone()), &wanted.varname)?
        }
        (_, Some(name)) => {
            in_section(&files, SectionName::Services(name.clone()), &wanted.varname)?
        }
        _ => in_profile(app, &files, &wanted.varname)?,
    };
    match found {
        Found::Text(value) => app.print(&format!("{value}\n")),
        Found::Nothing => Ok(Done::Empty),
        Found::Block => {
            app.ui.complain(&format!(
                "varname ({}) must reference a value, not a section or sub-section.\n",
                wanted.varname
            ));
            Ok(Done::Empty)
        }
    }
}

fn in_section(files: &Files, name: SectionName, key: &str) -> Result<Found> {
    match files.config.parsed.section(&name) {
        Some(section) => Ok(look(section, key)),
        None => Err(Error::new(
            Kind::Profile,
            format!("The config sub-section ({}) could not be found", name.name()),
        )),
    }
}

/// `key`, `key.sub`, `profile.NAME.key[.sub]`, `default.key`, `NAME.key`.
fn in_profile(app: &App, files: &Files, key: &str) -> Result<Found> {
    let (profile, key) = address(app, files, key)?;
    let section = SectionName::Profile(profile);
    let credentials = files.credentials.parsed.section(&section).map(|section| look(section, &key));
    match credentials {
        Some(found @ (Found::Text(_) | Found::Block)) => Ok(found),
        _ => Ok(files
            .config
            .parsed
            .section(&section)
            .map_or(Found::Nothing, |section| look(section, &key))),
    }
}

fn address(app: &App, files: &Files, key: &str) -> Result<(String, String)> {
    let known = |name: &str| {
        let section = SectionName::Profile(name.to_owned());
        files.config.parsed.section(&section).is_some()
            || files.credentials.parsed.section(&section).is_some()
    };
    if let Some(rest) = key.strip_prefix("profile.") {
        return match longest_name(rest, known) {
            Some(found) => Ok(found),
            None => Ok((rest.to_owned(), String::new())),
        };
    }
    match key.split_once('.') {
        Some((name, rest)) if name == "default" || known(name) => {
            Ok((name.to_owned(), rest.to_owned()))
        }
        _ => {
            let chosen = app.chosen(files);
            if chosen.name.origin != Origin::Default {
                chosen.must_exist()?;
            }
            Ok((chosen.name.value, key.to_owned()))
        }
    }
}

/// Profile names may hold dots: the longest one that exists is meant, else what
/// stands before the first dot.
fn longest_name(rest: &str, known: impl Fn(&str) -> bool) -> Option<(String, String)> {
    let dots: Vec<usize> = rest.match_indices('.').map(|(at, _)| at).collect();
    let split = |at: usize| (rest[..at].to_owned(), rest[at + 1..].to_owned());
    let exact = dots.iter().rev().copied().find(|at| known(&rest[..*at]));
    exact.or(dots.first().copied()).map(split)
}

fn look(section: &Section, key: &str) -> Found {
    let key = key.to_lowercase();
    let value = match key.split_once('.') {
        Some((outer, sub)) => section.nested(outer, sub),
        None => section.get(&key),
    };
    match value {
        None => Found::Nothing,
        Some(value) => value.as_str().map_or(Found::Block, |text| Found::Text(text.to_owned())),
    }
}
