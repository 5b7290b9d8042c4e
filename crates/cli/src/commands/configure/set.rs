//! `configure set`: one value, everything else untouched.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::report::Done;
use awsconfig::{FileKind, SectionName};
use clap::Args;
use daypass_core::edit::edit;
use daypass_core::host::Host;
use daypass_core::{Error, Kind, Result};

/// Change one value of a profile
#[derive(Args, Debug)]
pub struct Set {
    /// The key, such as `region`, `s3.addressing_style` or `profile.NAME.region`
    #[arg(value_name = "KEY")]
    pub varname: String,
    /// The value
    #[arg(allow_hyphen_values = true)]
    pub value: String,
    /// Write into this [sso-session] section instead of a profile
    #[arg(long, value_name = "NAME")]
    pub sso_session: Option<String>,
    /// Write into this [services] section instead of a profile
    #[arg(long, value_name = "NAME", conflicts_with = "sso_session")]
    pub services: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
}

const IN_CREDENTIALS: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

pub fn run(app: &App, wanted: &Set) -> Result<Done> {
    let (section, key) = address(app, wanted)?;
    let parts: Vec<&str> = key.split('.').collect();
    let secret =
        matches!(section, SectionName::Profile(_)) && IN_CREDENTIALS.contains(&key.as_str());
    let kind = if secret { FileKind::Credentials } else { FileKind::Config };
    let step = wanted.changes.step(&format!("configure set {key}"));
    let edited = edit(&app.host, &step, kind, |document| match parts.as_slice() {
        [outer, sub] => document.set_nested(&section, outer, sub, &wanted.value),
        _ => document.set(&section, &key, &wanted.value),
    })
    .map_err(|error| error.because("nothing was changed"))?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    if secret {
        warn_of_readers(app, &edited.path);
    }
    Ok(Done::Well)
}

fn too_deep() -> Error {
    Error::new(
        Kind::Usage,
        "Found more than two parts in the property to set. Deep nesting of properties is not supported.",
    )
}

/// The section, and the key with at most one dot.
fn address(app: &App, wanted: &Set) -> Result<(SectionName, String)> {
    let key = wanted.varname.as_str();
    let shallow =
        |key: &str| if key.matches('.').count() > 1 { Err(too_deep()) } else { Ok(key.to_owned()) };
    if let Some(name) = &wanted.sso_session {
        return Ok((SectionName::SsoSession(name.clone()), shallow(key)?));
    }
    if let Some(name) = &wanted.services {
        return Ok((SectionName::Services(name.clone()), shallow(key)?));
    }
    let (name, key) = profile_and_key(app, key)?;
    Ok((SectionName::Profile(name), shallow(&key)?))
}

fn profile_and_key(app: &App, key: &str) -> Result<(String, String)> {
    if let Some(rest) = key.strip_prefix("profile.") {
        let Some((name, key)) = rest.split_once('.') else {
            return Err(Error::new(Kind::Usage, "the key is missing")
                .hint("name both, as in `profile.NAME.region`"));
        };
        return Ok((name.to_owned(), key.to_owned()));
    }
    if let Some(key) = key.strip_prefix("default.") {
        return Ok(("default".to_owned(), key.to_owned()));
    }
    Ok((profile_to_write(&app.host, app.request.profile.as_deref()), key.to_owned()))
}

/// A profile that is set need not exist yet.
fn profile_to_write(host: &Host, flag: Option<&str>) -> String {
    let variable = host.vars.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]).map(|(_, name)| name);
    flag.or(variable).unwrap_or("default").to_owned()
}

#[cfg(unix)]
fn warn_of_readers(app: &App, path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|meta| meta.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        let shown = path.display();
        app.ui.note(&format!("warning: others can read {shown}: run `chmod 600 {shown}`"));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &App, _: &std::path::Path) {}
