//! What profiles and sso-sessions say together.

use super::{Finding, Severity, Source, Verdict};
use crate::start_url::StartUrl;
use awsconfig::{Section, SectionName};
use std::collections::BTreeMap;

/// The two files side by side.
struct Both<'a> {
    config: Option<&'a Source>,
    credentials: Option<&'a Source>,
}

/// A profile's keys with their places; the credentials file comes first, as in the SDKs.
struct Seen<'a> {
    name: &'a str,
    parts: Vec<(&'a Source, &'a Section)>,
}

impl<'a> Seen<'a> {
    fn get(&self, key: &str) -> Option<(&'a Source, &'a str, usize)> {
        self.parts.iter().find_map(|(source, section)| {
            let value = section.get(key)?;
            Some((*source, value.as_str()?, value.line))
        })
    }
}

pub(super) fn look(
    config: Option<&Source>,
    credentials: Option<&Source>,
    found: &mut Vec<Finding>,
) {
    let both = Both { config, credentials };
    for name in both.names() {
        let seen = both.profile(name);
        sso(&both, &seen, found);
        providers(&seen, found);
        chain(&both, &seen, found);
        keys(&seen, found);
    }
    sessions(&both, found);
    spellings(&both, found);
    in_credentials_file(&both, found);
}

impl<'a> Both<'a> {
    fn names(&self) -> Vec<&'a str> {
        let of = |source: Option<&'a Source>| source.and_then(|s| s.parsed.as_ref());
        let config = of(self.config).into_iter().flat_map(|parsed| parsed.profiles());
        let mut names: Vec<&str> = config.collect();
        let more = of(self.credentials).into_iter().flat_map(|parsed| parsed.profiles());
        names.extend(more.filter(|name| !names.contains(name)).collect::<Vec<_>>());
        names
    }

    fn profile(&self, name: &'a str) -> Seen<'a> {
        let section = SectionName::Profile(name.to_owned());
        let part = |source: Option<&'a Source>| {
            let source = source?;
            Some((source, source.parsed.as_ref()?.section(&section)?))
        };
        let parts = [part(self.credentials), part(self.config)].into_iter().flatten().collect();
        Seen { name, parts }
    }

    fn session(&self, name: &str) -> Option<(&'a Source, &'a Section)> {
        let source = self.config?;
        let section = SectionName::SsoSession(name.to_owned());
        Some((source, source.parsed.as_ref()?.section(&section)?))
    }
}

fn sso(both: &Both<'_>, seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let get = |key| seen.get(key);
    let (account, role) = (get("sso_account_id"), get("sso_role_name"));
    let first = ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"];
    let Some((source, _, line)) = first.iter().find_map(|key| get(key)) else { return };
    let session = get("sso_session");
    let mut missing: Vec<&str> = Vec::new();
    match (account, role) {
        (Some(_), None) => missing.push("sso_role_name"),
        (None, Some(_)) => missing.push("sso_account_id"),
        (None, None) if session.is_none() => missing.extend(["sso_account_id", "sso_role_name"]),
        _ => {}
    }
    if session.is_none() {
        missing.extend(["sso_start_url", "sso_region"].iter().filter(|key| get(key).is_none()));
    }
    if !missing.is_empty() {
        let verdict = Verdict::new(
            Severity::Error,
            "sso-incomplete",
            format!("profile `{}` lacks {}", clean(seen.name), missing.join(" and ")),
            "AWS CLI, boto3, Go and Rust fail; others take the next place for credentials",
            format!(
                "daypass configure sso --profile {}",
                crate::resolve::sso::shell_word(seen.name)
            ),
        );
        found.push(verdict.at(source, line));
    }
    if let Some((source, name, line)) = session {
        beside_session(both, seen, (source, name, line), found);
    }
}

fn beside_session(
    both: &Both<'_>,
    seen: &Seen<'_>,
    (source, name, line): (&Source, &str, usize),
    found: &mut Vec<Finding>,
) {
    let Some((_, session)) = both.session(name) else {
        let verdict = Verdict::new(
            Severity::Error,
            "sso-session-unknown",
            format!("there is no [sso-session {}]", clean(name)),
            "AWS CLI, boto3, Go, Rust, Java and C++ fail",
            format!(
                "daypass configure sso-session --sso-session {}",
                crate::resolve::sso::shell_word(name)
            ),
        );
        return found.push(verdict.at(source, line));
    };
    for key in ["sso_start_url", "sso_region"] {
        let Some((source, own, line)) = seen.get(key) else { continue };
        let theirs = session.get(key).and_then(|value| value.as_str());
        let (severity, programs) = match theirs == Some(own) {
            true => (Severity::Warning, "Rust refuses the profile, the others pass over the line"),
            false => (
                Severity::Error,
                "AWS CLI, boto3 and Rust refuse the profile, Go and JavaScript take that of the session",
            ),
        };
        let message = match theirs == Some(own) {
            true => format!("{key} is that of the session once more"),
            false => format!("{key} is another one than that of [sso-session {}]", clean(name)),
        };
        let verdict =
            Verdict::new(severity, "beside-sso-session", message, programs, "remove the line");
        found.push(verdict.at(source, line));
    }
}

/// Two kinds of credentials in one profile: which of them counts differs.
fn providers(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let sso = seen.get("sso_session").or(seen.get("sso_start_url"));
    let keys = seen.get("aws_access_key_id");
    let process = seen.get("credential_process");
    let mut two = |place: (&Source, &str, usize), what: &str, programs, mend: &str| {
        let message = format!("profile `{}` has {what}", clean(seen.name));
        let verdict = Verdict::new(Severity::Warning, "two-providers", message, programs, mend);
        found.push(verdict.at(place.0, place.2));
    };
    if let (Some(_), Some(process)) = (sso, process) {
        two(
            process,
            "both an sso-session and a credential_process",
            "AWS CLI, boto3, Go, Rust, Ruby, GDAL and Java take Identity Center; JavaScript, C++ and CRT run the program",
            "remove the one that is not meant",
        );
    }
    if let (Some(_), Some(keys)) = (sso, keys) {
        two(
            keys,
            "both an sso-session and an access key",
            "AWS CLI, boto3, Rust, Ruby and GDAL take Identity Center; Go, JavaScript, C++ and CRT take the key",
            "remove the key, if Identity Center is what you use",
        );
    }
    if let (None, Some(_), Some(keys)) = (sso, process, keys) {
        two(
            keys,
            "both a credential_process and an access key",
            "Rust and GDAL run the program, all others take the key",
            "remove the key, or `daypass vault add` with --from-credentials-file",
        );
    }
    let kinds =
        ["source_profile", "credential_source", "credential_process", "web_identity_token_file"];
    let several: Vec<&str> = kinds.into_iter().filter(|key| seen.get(key).is_some()).collect();
    if let (true, Some(last)) = (several.len() > 1, several.last().and_then(|key| seen.get(key))) {
        two(
            last,
            &several.join(" and "),
            "Go (Terraform, rclone) refuses the file, the others take one of them",
            "remove all but one",
        );
    }
}

fn chain(both: &Both<'_>, seen: &Seen<'_>, found: &mut Vec<Finding>) {
    if let Some((source, name, line)) = seen.get("source_profile")
        && both.profile_is_missing(name)
    {
        let verdict = Verdict::new(
            Severity::Error,
            "source-profile-unknown",
            format!("there is no profile `{}`", clean(name)),
            "no program can assume the role",
            "name a profile that there is: `daypass configure list-profiles`",
        );
        found.push(verdict.at(source, line));
    }
    let sources = ["source_profile", "credential_source", "web_identity_token_file"];
    if let Some((source, _, line)) = seen.get("role_arn")
        && sources.iter().all(|key| seen.get(key).is_none())
    {
        let verdict = Verdict::new(
            Severity::Error,
            "role-without-source",
            format!("profile `{}` does not say with what the role is assumed", clean(seen.name)),
            "AWS CLI, boto3 and Go fail; others take the next place for credentials",
            "add source_profile, credential_source or web_identity_token_file",
        );
        found.push(verdict.at(source, line));
    }
}

impl Both<'_> {
    fn profile_is_missing(&self, name: &str) -> bool {
        !self.names().contains(&name)
    }
}

fn keys(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let (id, secret) = (seen.get("aws_access_key_id"), seen.get("aws_secret_access_key"));
    if let (Some((source, _, line)), None) | (None, Some((source, _, line))) = (id, secret) {
        let verdict = Verdict::new(
            Severity::Error,
            "half-a-key",
            format!("profile `{}` has one half of an access key", clean(seen.name)),
            "AWS CLI, boto3 and Go fail; others take the next place for credentials",
            "add the other half, or remove this one",
        );
        found.push(verdict.at(source, line));
    }
    let token = seen.get("aws_session_token").or(seen.get("aws_security_token"));
    let temporary = id.filter(|(_, id, _)| token.is_some() || id.starts_with("ASIA"));
    if let Some((source, _, line)) = temporary {
        let verdict = Verdict::new(
            Severity::Warning,
            "temporary-keys",
            format!("profile `{}` has temporary keys in a file", clean(seen.name)),
            "all programs go on using them when they have ended: \"the security token included in the request is invalid\"",
            "remove them; `daypass configure sso` gives keys that renew themselves",
        );
        found.push(verdict.at(source, line));
    }
}

fn sessions(both: &Both<'_>, found: &mut Vec<Finding>) {
    let Some(source) = both.config else { return };
    for name in source.parsed.iter().flat_map(|parsed| parsed.sso_sessions()) {
        let Some((_, section)) = both.session(name) else { continue };
        let missing: Vec<&str> = ["sso_start_url", "sso_region"]
            .into_iter()
            .filter(|key| section.get(key).is_none())
            .collect();
        if !missing.is_empty() {
            let verdict = Verdict::new(
                Severity::Error,
                "sso-incomplete",
                format!("sso-session `{}` lacks {}", clean(name), missing.join(" and ")),
                "no program can log in with it",
                format!(
                    "daypass configure sso-session --sso-session {}",
                    crate::resolve::sso::shell_word(name)
                ),
            );
            found.push(verdict.at(source, section.header_line()));
        }
    }
}

/// One portal under several spellings is several logins to everybody but daypass.
fn spellings(both: &Both<'_>, found: &mut Vec<Finding>) {
    let Some(source) = both.config else { return };
    let mut first: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (_, section) in source.parsed.iter().flat_map(|parsed| parsed.sections()) {
        let Some(value) = section.get("sso_start_url") else { continue };
        let Some(url) = value.as_str().and_then(|text| StartUrl::parse(text).ok()) else {
            let verdict = Verdict::new(
                Severity::Error,
                "start-url",
                "this is not a start URL",
                "no program can log in with it",
                "write the portal's address, such as https://d-1234567890.awsapps.com/start",
            );
            found.push(verdict.at(source, value.line));
            continue;
        };
        if !url.is_https() {
            let verdict = Verdict::new(
                Severity::Warning,
                "start-url-http",
                "the start URL begins with http://",
                "AWS CLI refuses to log in",
                "write https://",
            );
            found.push(verdict.at(source, value.line));
        }
        let known = first
            .entry(url.canonical().to_owned())
            .or_insert_with(|| (url.raw().to_owned(), value.line));
        if known.0 != url.raw() {
            let verdict = Verdict::new(
                Severity::Warning,
                "start-url-spelling",
                format!("the same portal is written in another way on line {}", known.1),
                "profiles in the legacy form have a login for each spelling, in all programs but daypass",
                "write the address in one way",
            );
            found.push(verdict.at(source, value.line));
        }
    }
}

/// What is read in the config file only, by some.
fn in_credentials_file(both: &Both<'_>, found: &mut Vec<Finding>) {
    let Some(source) = both.credentials else { return };
    for (_, section) in source.parsed.iter().flat_map(|parsed| parsed.sections()) {
        for key in ["sso_session", "sso_start_url", "credential_process"] {
            let Some(value) = section.get(key) else { continue };
            let verdict = Verdict::new(
                Severity::Warning,
                "in-credentials-file",
                format!("{key} stands in the credentials file"),
                "C++, Ruby and GDAL do not find it, or not its sso-session, there",
                "move the line to the config file",
            );
            found.push(verdict.at(source, value.line));
        }
    }
}

fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
