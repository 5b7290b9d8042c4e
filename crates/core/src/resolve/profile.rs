//! Which profile is in force, and what it says.

use super::{Origin, Request, Sourced};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::{Files, LoadedFile};
use crate::host::Host;
use crate::names::Region;
use awsconfig::{Section, SectionName, Value};
use std::fmt;

/// A profile as the files have it: the config file's section with the
/// credentials file's merged over it, key by key.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    files: &'a Files,
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
}

/// Where the sections are: what they say may be keys.
impl fmt::Debug for Profile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("config_line", &self.config.map(Section::header_line))
            .field("credentials_line", &self.credentials.map(Section::header_line))
            .finish()
    }
}

/// The profile in force: its name, who chose it, and what the files say of it.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// The name, and the option or variable that gave it.
    pub name: Sourced<String>,
    /// What the files say; empty for a name they do not have.
    pub profile: Profile<'a>,
}

/// Chooses by `--profile`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`.
pub fn choose<'a>(request: &Request, host: &Host, files: &'a Files) -> Chosen<'a> {
    let name = name(request, host);
    let profile = Profile::named(files, &name.value);
    Chosen { name, profile }
}

/// The name in force, and who chose it.
pub fn name(request: &Request, host: &Host) -> Sourced<String> {
    let flag = request.profile.clone().map(|name| Sourced::new(name, Origin::Flag("--profile")));
    let variable = || {
        let (variable, name) = host.vars.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])?;
        Some(Sourced::new(name.to_owned(), Origin::Variable(static_name(variable))))
    };
    flag.or_else(variable).unwrap_or_else(|| Sourced::new("default".to_owned(), Origin::Default))
}

fn static_name(variable: &str) -> &'static str {
    if variable == "AWS_PROFILE" { "AWS_PROFILE" } else { "AWS_DEFAULT_PROFILE" }
}

impl Chosen<'_> {
    /// Insists on a profile that somebody named to be in the files.
    ///
    /// # Errors
    /// [`Kind::Profile`], saying who named it and which ones there are.
    pub fn must_exist(&self) -> Result<()> {
        if self.profile.exists() || self.name.origin == Origin::Default {
            return Ok(());
        }
        Err(not_found(&self.name.value, &self.profile)
            .because(format!("the name comes from {}", self.name.origin)))
    }

    /// The profile's name between backticks, for messages.
    pub fn shown(&self) -> String {
        quoted(&self.name.value)
    }
}

/// The AWS CLI's words, with the likely names behind them.
pub(crate) fn not_found(name: &str, near: &Profile<'_>) -> Error {
    let files = near.files;
    let message = format!("The config profile ({}) could not be found", name.escape_debug());
    let error = Error::new(Kind::Profile, message)
        .because(format!("neither {} nor {} has it", files.config.shown, files.credentials.shown));
    let bare = files.config.parsed.section(&SectionName::Other(name.to_owned()));
    if let Some(section) = bare {
        let (shown, line) = (&files.config.shown, section.header_line());
        return error
            .because(format!("{shown}:{line} says [{name}], which is no profile there"))
            .hint(format!("write [profile {name}] in line {line} of {shown}"));
    }
    match closest(name, files.config.parsed.profiles()) {
        Some(candidate) => error.hint(format!(
            "did you mean `{candidate}`? `daypass configure list-profiles` shows all of them"
        )),
        None => error
            .hint("make it with `daypass configure sso`, or see `daypass configure list-profiles`"),
    }
}

/// The candidate within two edits (or one beginning with the other), if any.
pub(crate) fn closest<'n>(
    name: &str,
    candidates: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    candidates
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 2 || (name.len() >= 3 && candidate.starts_with(name))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
pub fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

impl<'a> Profile<'a> {
    /// What the files say of the profile `name`, perhaps nothing.
    pub fn named(files: &'a Files, name: &str) -> Self {
        let section = SectionName::Profile(name.to_owned());
        Self {
            files,
            config: files.config.parsed.section(&section),
            credentials: files.credentials.parsed.section(&section),
        }
    }

    /// Whether either file has it.
    pub fn exists(&self) -> bool {
        self.config.is_some() || self.credentials.is_some()
    }

    /// Where its section begins; the config file's, if both have one.
    pub fn place(&self) -> Option<Origin> {
        let header = |section: Option<&Section>, file: &LoadedFile| {
            section.map(|section| line_of(file, section.header_line()))
        };
        header(self.config, &self.files.config)
            .or_else(|| header(self.credentials, &self.files.credentials))
    }

    /// The files it was looked up in.
    pub fn files(&self) -> &'a Files {
        self.files
    }

    /// A plain value by its lower-case key; the credentials file's one wins.
    pub fn get(&self, key: &str) -> Option<Sourced<&'a str>> {
        let credentials = lookup(self.credentials, &self.files.credentials, key);
        credentials.or_else(|| self.config_only(key))
    }

    /// A value of Identity Center: a key of [`hot::keys::SSO`], or the same under our
    /// prefix, where the SDKs do not see it.
    pub fn sso(&self, key: &str) -> Option<Sourced<&'a str>> {
        self.get(key).or_else(|| self.get(&hot::keys::hidden(key)))
    }

    /// A plain value of the config file's section.
    pub fn config_only(&self, key: &str) -> Option<Sourced<&'a str>> {
        lookup(self.config, &self.files.config, key)
    }

    /// A plain value of the credentials file's section.
    pub fn credentials_only(&self, key: &str) -> Option<Sourced<&'a str>> {
        lookup(self.credentials, &self.files.credentials, key)
    }

    /// A value inside a nested block of the config file, such as `s3` /
    /// `addressing_style`.
    pub fn nested(&self, key: &str, sub: &str) -> Option<Sourced<&'a str>> {
        self.config.and_then(|section| nested_in(section, &self.files.config, key, sub))
    }
}

pub(crate) fn nested_in<'a>(
    section: &'a Section,
    file: &LoadedFile,
    key: &str,
    sub: &str,
) -> Option<Sourced<&'a str>> {
    let value = section.nested(key, sub)?;
    Some(Sourced::new(value.as_str()?, at(file, value)))
}

pub(crate) fn lookup<'a>(
    section: Option<&'a Section>,
    file: &LoadedFile,
    key: &str,
) -> Option<Sourced<&'a str>> {
    let value = section?.get(key)?;
    Some(Sourced::new(value.as_str()?, at(file, value))).filter(|found| !found.value.is_empty())
}

fn at(file: &LoadedFile, value: &Value) -> Origin {
    line_of(file, value.line)
}

fn line_of(file: &LoadedFile, line: usize) -> Origin {
    Origin::File { shown: file.shown.clone(), path: file.path.clone(), line }
}

/// The region for the role's calls: `--region`, `AWS_REGION`,
/// `AWS_DEFAULT_REGION`, the profile's `region`.
///
/// # Errors
/// [`Kind::Config`] for text that cannot be a region, naming its origin.
pub fn region(
    request: &Request,
    host: &Host,
    profile: &Profile<'_>,
) -> Result<Option<Sourced<Region>>> {
    let flag = request.region.as_deref().map(|text| Sourced::new(text, Origin::Flag("--region")));
    let variable = |name: &'static str| {
        host.vars.get(name).map(|text| Sourced::new(text, Origin::Variable(name)))
    };
    let found = flag
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| profile.get("region"));
    found.map(parse_region).transpose()
}

pub(crate) fn parse_region(text: Sourced<&str>) -> Result<Sourced<Region>> {
    match Region::parse(text.value) {
        Ok(region) => Ok(Sourced::new(region, text.origin)),
        Err(error) => Err(error.because(format!("it comes from {}", text.origin))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_finds_its_profile() {
        let names = ["default", "disasters-sso", "dev"];
        let near = |name| closest(name, names.into_iter());
        assert_eq!(near("disaster-sso"), Some("disasters-sso"));
        assert_eq!(near("disasters"), Some("disasters-sso"));
        assert_eq!(near("dve"), Some("dev"));
        assert_eq!(near("production"), None);
    }
}
