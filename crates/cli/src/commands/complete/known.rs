//! The values that are known here and now: from the user's files, and from daypass' own
//! list of accounts and roles.

use crate::app::App;
use crate::args::Cli;
use crate::commands::help::topics;
use awsconfig::{FileKind, SectionName};
use clap::{Arg, CommandFactory};
use clap_complete::engine::CompletionCandidate;
use daypass_core::directory::{self, Directory};
use daypass_core::files::{self, Files};
use daypass_core::host::Host;
use daypass_core::resolve::{Origin, sso};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

/// What an argument's value names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Profile,
    Session,
    Services,
    /// By its ID.
    Account,
    /// By its ID or its name.
    AnyAccount,
    Role,
    Region,
    Bucket,
    Output,
    ConfigKey,
    Service,
    Tool,
    Browser,
    /// A command or a topic of `help`.
    Help,
}

/// A profile, as far as it helps to tell it from others.
#[derive(Clone, Debug, Default)]
struct Profile {
    account: Option<String>,
    role: Option<String>,
    region: Option<String>,
    bucket: Option<String>,
}

/// Read when it is asked for: most words need none of it.
pub struct Known {
    host: Host,
    config: String,
    credentials: String,
    before: Vec<String>,
}

impl Known {
    /// A file that cannot be read has nothing to offer: Tab is no place for errors.
    pub fn new(app: &App, before: &[String]) -> Self {
        let text = |kind| {
            let (path, _) = files::place(&app.host, kind);
            files::read_config_text(&path).unwrap_or_default()
        };
        Self {
            host: app.host.clone(),
            config: text(FileKind::Config),
            credentials: text(FileKind::Credentials),
            before: before.to_vec(),
        }
    }

    /// By an argument's name; `command` is the word of its command.
    pub fn kind(command: &str, arg: &Arg) -> Option<Kind> {
        let option = arg.get_long();
        if let Some(option) = option {
            return match option {
                "profile" | "profiles" | "source-profile" => Some(Kind::Profile),
                "sso-session" => Some(Kind::Session),
                "services" => Some(Kind::Services),
                "sso-account-id" | "account-id" => Some(Kind::Account),
                "account" | "exclude-account" => Some(Kind::AnyAccount),
                "sso-role-name" | "role-name" | "role" | "exclude-role" => Some(Kind::Role),
                "region" | "sso-region" | "bucket-region" => Some(Kind::Region),
                "default-s3-uri" => Some(Kind::Bucket),
                "output" => Some(Kind::Output),
                "service" => Some(Kind::Service),
                "for" if command == "doctor" => Some(Kind::Tool),
                "browser" => Some(Kind::Browser),
                _ => None,
            };
        }
        let name = arg.get_value_names().and_then(|names| names.first());
        let name =
            name.map_or_else(|| arg.get_id().as_str().to_uppercase(), |name| name.to_string());
        match (command, name.as_str()) {
            (_, "PROFILE" | "PROFILES") => Some(Kind::Profile),
            (_, "SESSION") => Some(Kind::Session),
            (_, "ACCOUNT") => Some(Kind::AnyAccount),
            (_, "ROLE") => Some(Kind::Role),
            (_, "S3_URI") => Some(Kind::Bucket),
            ("help" | "man", _) => Some(Kind::Help),
            ("get" | "set", "KEY") => Some(Kind::ConfigKey),
            _ => None,
        }
    }

    /// The candidates that begin with `word`.
    pub fn of(&self, kind: Kind, word: &OsStr) -> Vec<CompletionCandidate> {
        let Some(word) = word.to_str() else { return Vec::new() };
        let all = match kind {
            Kind::Profile => self.profiles(),
            Kind::Session => self.sections(|name| matches!(name, SectionName::SsoSession(_))),
            Kind::Services => self.sections(|name| matches!(name, SectionName::Services(_))),
            Kind::Account => self.accounts(),
            Kind::AnyAccount => self.accounts_and_names(),
            Kind::Role => self.roles(),
            Kind::Region => regions(),
            Kind::Bucket => self.buckets(),
            Kind::Output => fixed(&FORMATS),
            Kind::ConfigKey => fixed(&KEYS),
            Kind::Service => daypass_core::console::shortcuts().flat_map(fixed).collect(),
            Kind::Tool => tools(),
            Kind::Browser => fixed(&BROWSERS),
            Kind::Help => self.helped(),
        };
        let fits = all.into_iter().filter(|(value, _)| value.starts_with(word));
        fits.map(|(value, help)| CompletionCandidate::new(value).help(help.map(Into::into)))
            .collect()
    }

    fn profiles(&self) -> Named {
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for (text, kind) in
            [(&self.config, FileKind::Config), (&self.credentials, FileKind::Credentials)]
        {
            for (name, profile) in sections(text, kind) {
                if let SectionName::Profile(name) = name
                    && seen.insert(name.clone())
                {
                    all.push((name, profile.about()));
                }
            }
        }
        all
    }

    fn sections(&self, fits: impl Fn(&SectionName) -> bool) -> Named {
        let all = sections(&self.config, FileKind::Config).into_iter();
        all.filter(|(name, _)| fits(name)).map(|(name, _)| (name.name().to_owned(), None)).collect()
    }

    /// Accounts of the list, and of profiles where nothing was ever listed.
    fn accounts(&self) -> Named {
        let mut all: BTreeMap<String, Option<String>> = BTreeMap::new();
        for (name, profile) in sections(&self.config, FileKind::Config) {
            if let Some(account) = profile.account {
                all.entry(account).or_insert_with(|| Some(format!("profile {}", name.name())));
            }
        }
        for listed in self.directories().into_iter().flat_map(|known| known.accounts) {
            let about = listed.name.or(listed.email);
            let known = all.entry(listed.id).or_default();
            *known = about.or(known.take());
        }
        all.into_iter().collect()
    }

    fn accounts_and_names(&self) -> Named {
        let listed = self.directories().into_iter().flat_map(|known| known.accounts);
        let names: BTreeMap<_, _> =
            listed.filter_map(|account| Some((account.name?, Some(account.id)))).collect();
        self.accounts().into_iter().chain(names).collect()
    }

    /// The commands below those that the line names, and the topics.
    fn helped(&self) -> Named {
        let root = Cli::command();
        let words = self.before.iter().skip(2).filter(|word| !word.starts_with('-'));
        let found = words.clone().try_fold(&root, |command, word| command.find_subcommand(word));
        let Some(command) = found else { return Named::new() };
        let seen = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        let about = |sub: &clap::Command| sub.get_about().map(ToString::to_string);
        let mut all: Named = seen.map(|sub| (sub.get_name().to_owned(), about(sub))).collect();
        if words.count() == 0 {
            let topics = topics::ALL.iter();
            all.extend(topics.map(|topic| (topic.name.to_owned(), Some(topic.about.to_owned()))));
        }
        all
    }

    /// Roles of the account that is named before, else all.
    fn roles(&self) -> Named {
        let mut all: Vec<Role> = Vec::new();
        for account in self.directories().into_iter().flat_map(|known| known.accounts) {
            let of = |role| Role { account: account.id.clone(), title: account.name.clone(), role };
            all.extend(account.roles.iter().cloned().map(of));
        }
        for (_, profile) in sections(&self.config, FileKind::Config) {
            if let (Some(account), Some(role)) = (profile.account, profile.role) {
                all.push(Role { account, title: None, role });
            }
        }
        if all.iter().any(|role| self.names_account_of(role)) {
            all.retain(|role| self.names_account_of(role));
        }
        let about = |role: Role| (role.role, role.title.or(Some(role.account)));
        all.into_iter().rev().map(about).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// Whether a word of the line, or an option's value, is the account.
    fn names_account_of(&self, role: &Role) -> bool {
        let mut words = self.before.iter().skip(1).map(|word| behind_equals(word));
        words.any(|word| word == role.account || Some(word) == role.title.as_deref())
    }

    /// The lists of all sso-sessions, or of the one that the line names.
    fn directories(&self) -> Vec<Directory> {
        let Ok(files) = Files::load(&self.host) else { return Vec::new() };
        let named = self.value_of("--sso-session");
        let names = files.config.parsed.sso_sessions();
        let plans = names
            .filter(|name| named.is_none_or(|named| named == *name))
            .filter_map(|name| sso::session(&files, name, Origin::Default).ok());
        plans.filter_map(|plan| directory::cached(&self.host, &plan)).collect()
    }

    fn value_of(&self, option: &str) -> Option<&str> {
        let at = self.before.iter().position(|word| word == option)?;
        self.before.get(at + 1).map(String::as_str)
    }

    fn buckets(&self) -> Named {
        let profiles = sections(&self.config, FileKind::Config).into_iter();
        let all: BTreeMap<_, _> = profiles
            .filter_map(|(name, profile)| {
                Some((profile.bucket?, Some(format!("profile {}", name.name()))))
            })
            .collect();
        all.into_iter().collect()
    }
}

type Named = Vec<(String, Option<String>)>;

fn behind_equals(word: &str) -> &str {
    word.split_once('=').map_or(word, |(_, value)| value)
}

/// A role of an account, with the account's name.
struct Role {
    account: String,
    title: Option<String>,
    role: String,
}

impl Profile {
    fn about(&self) -> Option<String> {
        let parts = [&self.account, &self.role, &self.region];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn learn(&mut self, key: &str, value: &str) {
        let place = match key.strip_prefix("daypass_").unwrap_or(key) {
            "sso_account_id" => &mut self.account,
            "sso_role_name" => &mut self.role,
            "region" => &mut self.region,
            "default_s3_uri" => &mut self.bucket,
            _ => return,
        };
        *place = Some(value.to_owned());
    }
}

/// The sections of a file line by line: a file that no tool would accept still has names
/// in it, and whoever presses Tab may be about to mend it.
fn sections(text: &str, kind: FileKind) -> Vec<(SectionName, Profile)> {
    let mut all: Vec<(SectionName, Profile)> = Vec::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let inside = header.rsplit_once(']').map_or(header, |(inside, _)| inside);
            all.push((SectionName::parse_header(kind, inside), Profile::default()));
        } else if let (Some((_, profile)), Some((key, value))) =
            (all.last_mut(), line.split_once('='))
        {
            profile.learn(key.trim_end(), value.trim());
        }
    }
    all
}

fn fixed(words: &[&str]) -> Named {
    words.iter().map(|word| ((*word).to_owned(), None)).collect()
}

fn tools() -> Named {
    let all = daypass_core::doctor::order::all().iter();
    all.map(|tool| (tool.id.to_owned(), Some(tool.title.to_owned()))).collect()
}

fn regions() -> Named {
    REGIONS.iter().map(|(code, place)| ((*code).to_owned(), Some((*place).to_owned()))).collect()
}

const FORMATS: [&str; 6] = ["json", "yaml", "yaml-stream", "text", "table", "off"];

const BROWSERS: [&str; 6] = ["chrome", "chromium", "brave", "edge", "vivaldi", "firefox"];

/// The keys people look at and change; any other can be typed.
const KEYS: [&str; 17] = [
    "region",
    "output",
    "default_s3_uri",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "sso_region",
    "sso_registration_scopes",
    "role_arn",
    "source_profile",
    "credential_process",
    "mfa_serial",
    "duration_seconds",
    "endpoint_url",
    "ca_bundle",
    "services",
];

/// A convenience, and no judgement: any other region can be typed.
const REGIONS: [(&str, &str); 38] = [
    ("us-east-1", "N. Virginia"),
    ("us-east-2", "Ohio"),
    ("us-west-1", "N. California"),
    ("us-west-2", "Oregon"),
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-east-2", "Taipei"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-6", "New Zealand"),
    ("ap-southeast-7", "Thailand"),
    ("ca-central-1", "Canada"),
    ("ca-west-1", "Calgary"),
    ("cn-north-1", "Beijing"),
    ("cn-northwest-1", "Ningxia"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "Sao Paulo"),
    ("us-gov-east-1", "GovCloud East"),
    ("us-gov-west-1", "GovCloud West"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_mistakes_still_has_names() {
        let text = "[profile a]\nnonsense\nregion = us-west-2\n[profile 'b c']\n[profile\n[sso-session s]\n";
        let all = sections(text, FileKind::Config);
        assert_eq!(all[0].0, SectionName::Profile("a".into()));
        assert_eq!(all[0].1.about().as_deref(), Some("us-west-2"));
        assert_eq!(all[1].0, SectionName::Profile("b c".into()));
        assert_eq!(all.last().map(|(name, _)| name.name()), Some("s"));
    }

    #[test]
    fn hidden_keys_of_a_vault_count() {
        let text = "[profile a]\ndaypass_sso_account_id = 111111111111\ndaypass_sso_role_name=R\n";
        let all = sections(text, FileKind::Config);
        assert_eq!(all[0].1.about().as_deref(), Some("111111111111 R"));
    }
}
