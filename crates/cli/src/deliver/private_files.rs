//! Copies of the user's two files in which the default profile has no credentials.
//!
//! Every SDK asks the default profile before the container endpoint: what it finds
//! there it takes, and never comes to us.

use crate::deliver::variables::Settings;
use crate::vars;
use awsconfig::{Document, FileKind, Parsed, SectionName, Value, WarningKind};
use daypass_core::files::Files;
use daypass_core::{Error, Kind, Result};
use std::path::Path;

/// The two texts; no secret is in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Copies {
    pub config: String,
    pub credentials: String,
}

impl Copies {
    /// Writes them where they go with the command's end, and says where they are. What
    /// was there before is kept for a daypass that runs inside.
    ///
    /// # Errors
    /// [`Kind::Store`]: they cannot be written.
    pub fn write(&self, dir: &Path, settings: &mut Settings) -> Result<()> {
        let (config, credentials) = (dir.join("config"), dir.join("credentials"));
        vault::write_private(&config, self.config.as_bytes())?;
        vault::write_private(&credentials, self.credentials.as_bytes())?;
        // GDAL does not know the second variable, and nobody else the third.
        for ((name, kept), copy) in
            vars::COPIED.into_iter().zip([&config, &credentials, &credentials])
        {
            settings.put(name, copy.display().to_string());
            if let Some(own) = vars::own(name) {
                settings.put(kept, own.to_string_lossy().into_owned());
            }
        }
        settings.put(vars::COPIES, dir.display().to_string());
        tracing::debug!(dir = %dir.display(), "copies of your files without the default profile's credentials, and without all keys");
        Ok(())
    }
}

/// The keys by which some SDK gets credentials, or that are part of such a way.
const CREDENTIALS: [&str; 19] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "role_arn",
    "source_profile",
    "credential_source",
    "role_session_name",
    "external_id",
    "mfa_serial",
    "duration_seconds",
    "web_identity_token_file",
    "credential_process",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "sso_region",
    "login_session",
];

/// Those of them that must not be copied to another place on the disk.
const SECRET: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// The copies that a container's consumers need; `None` where the files can stay
/// as they are.
///
/// Everything but credentials is kept: regions, endpoints, services, sso-sessions and
/// the other profiles. Of those the keys are left out.
///
/// # Errors
/// The file's own form keeps the credentials in it (`[DEFAULT]`).
pub fn without_default(files: &Files) -> Result<Option<Copies>> {
    let (config, credentials) = (&files.config, &files.credentials);
    if !(concerns(&config.parsed) || concerns(&credentials.parsed)) {
        return Ok(None);
    }
    let copies = Copies {
        config: stripped_config(&config.parsed, &config.text)?,
        credentials: stripped_credentials(&credentials.parsed)?,
    };
    let left = awsconfig::parse(FileKind::Config, &copies.config);
    if left.is_ok_and(|parsed| concerns(&parsed)) {
        return Err(Error::new(Kind::Config, "cannot take the default profile's credentials away")
            .because(format!("{} gives them to every profile", config.shown))
            .hint("use `--env`, or move the keys below [DEFAULT] to the profiles they are for"));
    }
    Ok(Some(copies))
}

fn default() -> SectionName {
    SectionName::Profile("default".to_owned())
}

/// A section that is hidden from us by another of the same name may be the one that
/// another SDK reads.
fn concerns(parsed: &Parsed) -> bool {
    let Some(section) = parsed.section(&default()) else { return false };
    let hides = |warning: &awsconfig::Warning| matches!(warning.kind, WarningKind::Hidden { .. });
    section.keys().any(|key| CREDENTIALS.contains(&key)) || parsed.warnings().iter().any(hides)
}

fn stripped_config(parsed: &Parsed, text: &str) -> Result<String> {
    let broken = |error: &dyn std::fmt::Display| {
        Error::new(Kind::Profile, "cannot copy the config file for the command")
            .because(error.to_string())
            .hint("use `--env`")
    };
    let mut document = Document::parse(FileKind::Config, text).map_err(|e| broken(&e))?;
    document.remove_section(&default());
    keep(&mut document, parsed).map_err(|error| broken(&error))?;
    for name in parsed.profiles() {
        let section = SectionName::Profile(name.to_owned());
        for key in SECRET {
            document.remove(&section, key);
        }
    }
    Ok(plain_lines(&document.to_text()))
}

/// The default profile's other keys, written anew.
fn keep(document: &mut Document, parsed: &Parsed) -> Result<(), awsconfig::EditError> {
    let Some(section) = parsed.section(&default()) else { return Ok(()) };
    for key in section.keys().filter(|key| !CREDENTIALS.contains(key)) {
        match section.get(key).map(|value| (value.as_str(), value.nested())) {
            Some((Some(text), _)) => document.set(&default(), key, text)?,
            Some((_, Some(nested))) => {
                for (sub, value) in nested.iter() {
                    let text = value.as_str().unwrap_or_default();
                    document.set_nested(&default(), key, sub, text)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Without comments, in which old keys like to stay, and without the keys of
/// sections that are hidden from us.
fn plain_lines(text: &str) -> String {
    let is_plain = |line: &&str| {
        let line = line.trim_start();
        let key = line.split(['=', ':']).next().unwrap_or_default().trim().to_lowercase();
        !line.starts_with(['#', ';']) && !SECRET.contains(&key.as_str())
    };
    text.split_inclusive('\n').filter(is_plain).collect()
}

/// Only what the default profile has there besides keys: a region, say.
fn stripped_credentials(parsed: &Parsed) -> Result<String> {
    let Some(section) = parsed.section(&default()) else { return Ok(String::new()) };
    let mut document = Document::parse(FileKind::Credentials, "")
        .map_err(|error| Error::new(Kind::Bug, error.to_string()))?;
    let others = section.keys().filter(|key| !CREDENTIALS.contains(key));
    for (key, text) in
        others.filter_map(|key| Some((key, section.get(key).and_then(Value::as_str)?)))
    {
        document.set(&default(), key, text).map_err(|error| {
            Error::new(Kind::Profile, "cannot copy the credentials file for the command")
                .because(error.to_string())
                .hint("use `--env`")
        })?;
    }
    Ok(document.to_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(config: &str, credentials: &str) -> Option<Copies> {
        let loaded = |kind, text: &str| daypass_core::files::LoadedFile {
            path: "/x".into(),
            shown: "~/x".into(),
            text: text.into(),
            parsed: awsconfig::parse(kind, text).unwrap(),
        };
        without_default(&Files {
            config: loaded(FileKind::Config, config),
            credentials: loaded(FileKind::Credentials, credentials),
        })
        .unwrap()
    }

    #[test]
    fn files_without_default_credentials_stay_as_they_are() {
        let other = "[profile p]\nsso_session = s\n[default]\nregion = us-west-2\n";
        assert_eq!(copies(other, "[q]\naws_access_key_id = AKIA\n"), None);
        assert_eq!(copies("", ""), None);
    }

    #[test]
    fn every_kind_of_credentials_is_taken_away_and_the_rest_kept() {
        for key in CREDENTIALS {
            let config = format!(
                "# aws_secret_access_key = OLD\n[default]\nregion = us-west-2\n{key} = X\n\
                 s3 =\n    addressing_style = path\n[profile p]\naws_secret_access_key = SECRET\n\
                 output = json\n[sso-session s]\nsso_region = us-east-1\n"
            );
            let copies = copies(&config, "[p]\naws_secret_access_key = SECRET\n").unwrap();
            assert_eq!(
                copies.config,
                "[profile p]\noutput = json\n[sso-session s]\nsso_region = us-east-1\n\
                 [default]\nregion = us-west-2\ns3 =\n    addressing_style = path\n",
                "{key}"
            );
            assert_eq!(copies.credentials, "");
        }
    }

    #[test]
    fn keys_in_the_credentials_file_are_reason_enough() {
        let credentials = "[default]\naws_access_key_id = AKIA\nregion = eu-west-1\n";
        let copies = copies("[profile p]\nregion = us-east-1\n", credentials).unwrap();
        assert_eq!(copies.config, "[profile p]\nregion = us-east-1\n");
        assert_eq!(copies.credentials, "[default]\nregion = eu-west-1\n");
    }

    #[test]
    fn a_hidden_default_section_is_taken_away_as_well() {
        let config = "[profile default]\ncredential_process = x\n[default]\nregion = us-east-1\n";
        let copies = copies(config, "").unwrap();
        assert_eq!(copies.config, "[default]\nregion = us-east-1\n");
    }

    #[test]
    fn what_every_profile_inherits_cannot_be_taken_away() {
        let text = "[DEFAULT]\ncredential_process = x\n[default]\nregion = us-east-1\n";
        let loaded = |kind, text: &str| daypass_core::files::LoadedFile {
            path: "/x".into(),
            shown: "~/x".into(),
            text: text.into(),
            parsed: awsconfig::parse(kind, text).unwrap(),
        };
        let files = Files {
            config: loaded(FileKind::Config, text),
            credentials: loaded(FileKind::Credentials, ""),
        };
        assert_eq!(without_default(&files).unwrap_err().kind(), Kind::Config);
    }
}
