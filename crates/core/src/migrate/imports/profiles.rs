//! The profiles of `~/.aws/config` that name another tool.

use super::aws_sso::{self, Config};
use super::{Portal, Refused, Role, Tool};
use crate::files::{Files, LoadedFile};
use awsconfig::{Section, SectionName};

/// A profile and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The profile.
    pub profile: String,
    /// Whose it is.
    pub tool: Tool,
    /// File and line.
    pub place: String,
    /// What it becomes.
    pub becomes: Becomes,
    /// The keys that go.
    pub drop: Vec<String>,
    /// The region, for a profile that is not there yet.
    pub region: Option<String>,
}

/// What a profile becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// A native profile of an sso-session.
    Sso {
        /// The session's portal.
        portal: Portal,
        /// What the tool calls the instance.
        instance: Option<String>,
        /// Account and role.
        role: Role,
    },
    /// What it says besides is enough: the other tool's line goes.
    AsItIs,
    /// A profile of a key in daypass's store, which its owner moves there.
    Kept,
}

/// All profiles of other tools, and what is left as it is. `aws_sso` is aws-sso-cli's
/// configuration, if there is one: where, and what it says.
pub fn find(files: &Files, aws_sso: Option<(&str, &str)>) -> (Vec<Import>, Vec<Refused>) {
    let mut refused = Vec::new();
    let known = aws_sso.map(|(shown, text)| aws_sso::parse(shown, text, &mut refused));
    let mut found = Vec::new();
    for (name, section) in files.config.parsed.sections() {
        let SectionName::Profile(profile) = name else { continue };
        let seen = Seen { file: &files.config, profile, section };
        match seen.import(known.as_ref()) {
            Some(Ok(import)) => found.push(import),
            Some(Err(why)) => refused.push(why),
            None => {}
        }
    }
    if let (Some(config), Some((shown, _))) = (&known, aws_sso) {
        let fresh = listed(config, shown, files, &found);
        found.extend(fresh);
    }
    (found, refused)
}

/// Roles that aws-sso-cli's file spells out and no profile stands for yet.
fn listed(config: &Config, shown: &str, files: &Files, found: &[Import]) -> Vec<Import> {
    let has = |profile: &str| {
        files.config.parsed.section(&SectionName::Profile(profile.to_owned())).is_some()
    };
    let stands_for = |role: &Role| {
        found
            .iter()
            .any(|one| matches!(&one.becomes, Becomes::Sso { role: known, .. } if known == role))
    };
    let of_instance = |instance: &aws_sso::Instance| {
        let roles = instance.roles.iter();
        let fresh = roles.filter(|one| !has(&one.profile) && !stands_for(&one.role));
        fresh
            .map(|one| Import {
                profile: one.profile.clone(),
                tool: Tool::AwsSsoCli,
                place: shown.to_owned(),
                becomes: Becomes::Sso {
                    portal: instance.portal.clone(),
                    instance: Some(instance.name.clone()),
                    role: one.role.clone(),
                },
                drop: Vec::new(),
                region: one.region.clone(),
            })
            .collect::<Vec<_>>()
    };
    config.instances.iter().flat_map(of_instance).collect()
}

struct Seen<'a> {
    file: &'a LoadedFile,
    profile: &'a str,
    section: &'a Section,
}

impl Seen<'_> {
    fn import(&self, aws_sso: Option<&Config>) -> Option<Result<Import, Refused>> {
        if self.get("granted_sso_start_url").is_some() {
            return Some(self.of_keys(Tool::Granted, "granted_"));
        }
        let words = shlex::split(self.get("credential_process")?)?;
        let program = words.first()?.rsplit(['/', '\\']).next()?.trim_end_matches(".exe");
        match program {
            "granted" | "dgranted" => Some(Err(self.refuse("it has no granted_sso_start_url"))),
            "aws-sso-util" => Some(self.of_keys(Tool::AwsSsoUtil, "")),
            "aws-vault" => Some(Ok(self.of_vault())),
            "aws-sso" => Some(self.of_aws_sso(&words, aws_sso)),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.section.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn refuse(&self, why: &str) -> Refused {
        let line = self.section.get("credential_process").map(|value| value.line);
        let line = line.unwrap_or(self.section.header_line());
        Refused {
            place: format!("{}:{line}", self.file.shown),
            what: format!("profile {}: {why}", self.profile),
        }
    }

    fn made(&self, tool: Tool, becomes: Becomes, drop: &[&str]) -> Import {
        let there = drop.iter().filter(|key| self.section.get(key).is_some());
        Import {
            profile: self.profile.to_owned(),
            tool,
            place: format!("{}:{}", self.file.shown, self.section.header_line()),
            becomes,
            drop: there.map(|key| (*key).to_owned()).collect(),
            region: None,
        }
    }

    /// `sso_…` keys of the legacy form, open or under another tool's prefix.
    fn of_keys(&self, tool: Tool, prefix: &str) -> Result<Import, Refused> {
        let get = |key: &str| {
            let key = format!("{prefix}{key}");
            self.get(&key).ok_or_else(|| self.refuse(&format!("{key} is missing")))
        };
        if prefix.is_empty() && self.get("sso_session").is_some() {
            return Ok(self.made(
                tool,
                Becomes::AsItIs,
                &["credential_process", "sso_auto_populated"],
            ));
        }
        let portal = Portal::parse(get("sso_start_url")?, get("sso_region")?);
        let role = Role::parse(get("sso_account_id")?, get("sso_role_name")?);
        let (portal, role) =
            (portal.map_err(|why| self.refuse(&why))?, role.map_err(|why| self.refuse(&why))?);
        let becomes = Becomes::Sso { portal, instance: None, role };
        let drop = [
            "granted_sso_start_url",
            "granted_sso_region",
            "granted_sso_account_id",
            "granted_sso_role_name",
            "granted_sso_registration_scopes",
            "common_fate_generated_from",
            "sso_start_url",
            "sso_region",
            "sso_auto_populated",
            "credential_process",
        ];
        Ok(self.made(tool, becomes, &drop))
    }

    /// Its own keys are in its keyring; what the profile says besides, every SDK reads.
    fn of_vault(&self) -> Import {
        let says = ["sso_session", "sso_start_url", "role_arn"];
        let becomes = match says.iter().any(|key| self.get(key).is_some()) {
            true => Becomes::AsItIs,
            false => Becomes::Kept,
        };
        self.made(Tool::AwsVault, becomes, &["credential_process"])
    }

    fn of_aws_sso(&self, words: &[String], known: Option<&Config>) -> Result<Import, Refused> {
        let Some((instance, role)) = aws_sso::of_command(words) else {
            return Err(self.refuse("its line names no account and role that are understood"));
        };
        let Some(found) = known.and_then(|config| config.instance(instance.as_deref())) else {
            let name = instance.as_deref().unwrap_or("Default");
            let why =
                format!("aws-sso-cli's configuration has no instance {name} that is understood");
            return Err(self.refuse(&why));
        };
        let becomes =
            Becomes::Sso { portal: found.portal.clone(), instance: Some(found.name.clone()), role };
        Ok(self.made(Tool::AwsSsoCli, becomes, &["credential_process"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use awsconfig::FileKind;
    use std::path::PathBuf;

    fn files(config: &str) -> Files {
        let file = |kind, text: &str| LoadedFile {
            path: PathBuf::new(),
            shown: "~/.aws/config".to_owned(),
            text: text.to_owned(),
            parsed: awsconfig::parse(kind, text).unwrap(),
        };
        Files {
            config: file(FileKind::Config, config),
            credentials: file(FileKind::Credentials, ""),
        }
    }

    #[test]
    fn a_profile_of_granted_becomes_a_native_one() {
        let files = files(
            "[profile a/ReadOnly]\ngranted_sso_start_url = https://d-1234567890.awsapps.com/start/\n\
             granted_sso_region = us-east-1\ngranted_sso_account_id = 179203389603\n\
             granted_sso_role_name = ReadOnly\ncommon_fate_generated_from = aws-sso\n\
             credential_process = granted credential-process --profile a/ReadOnly\nregion = eu-west-1\n",
        );
        let (found, refused) = find(&files, None);
        assert_eq!((found.len(), refused.len()), (1, 0));
        let Becomes::Sso { portal, role, .. } = &found[0].becomes else { panic!("{found:?}") };
        assert_eq!(
            (portal.label().as_str(), role.account.as_str()),
            ("d-1234567890", "179203389603")
        );
        assert!(found[0].drop.contains(&"credential_process".to_owned()));
        assert!(!found[0].drop.contains(&"region".to_owned()));
    }

    #[test]
    fn aws_vault_leaves_what_the_profile_says_besides() {
        let files = files(
            "[profile keys]\ncredential_process = aws-vault exec --json keys\n\
             [profile sso]\nsso_session = x\ncredential_process = /opt/bin/aws-vault export --format=json sso\n\
             [profile other]\ncredential_process = vaulted\n[sso-session x]\nsso_region = us-east-1\n",
        );
        let (found, _) = find(&files, None);
        let all: Vec<_> = found.iter().map(|one| (one.profile.as_str(), &one.becomes)).collect();
        assert_eq!(all, [("keys", &Becomes::Kept), ("sso", &Becomes::AsItIs)]);
    }

    #[test]
    fn what_is_not_understood_stays_and_is_named_with_its_line() {
        let files = files(
            "[profile a]\ngranted_sso_start_url = https://x.awsapps.com/start\n\
             [profile b]\nregion = x\ncredential_process = aws-sso process --arn nonsense\n\
             [profile c]\ncredential_process = aws-sso process --arn arn:aws:iam::867530900000:role/R\n",
        );
        let (found, refused) = find(&files, None);
        assert!(found.is_empty());
        let places: Vec<_> = refused.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["~/.aws/config:1", "~/.aws/config:5", "~/.aws/config:7"]);
    }
}
