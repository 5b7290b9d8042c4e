//! aws-sso-cli: `~/.config/aws-sso/config.yaml` or `~/.aws-sso/config.yaml`, and the
//! profiles it has written into `~/.aws/config`.

use super::outline::{Node, outline};
use super::{Portal, Refused, Role};
use crate::files;
use crate::host::Host;

/// One of its instances of Identity Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// What it is called there.
    pub name: String,
    /// The portal.
    pub portal: Portal,
    /// `DefaultRegion`.
    pub region: Option<String>,
    /// The roles that are spelt out.
    pub roles: Vec<ListedRole>,
}

/// A role that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRole {
    /// The profile's name: its own, or one made of account and role.
    pub profile: String,
    /// Account and role.
    pub role: Role,
    /// `DefaultRegion` of the role, the account or the instance.
    pub region: Option<String>,
}

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// All instances.
    pub instances: Vec<Instance>,
    /// `DefaultSSO`, else `Default`.
    pub default: String,
}

impl Config {
    /// An instance by name; the default one if none is named.
    pub fn instance(&self, name: Option<&str>) -> Option<&Instance> {
        let name = name.unwrap_or(&self.default);
        self.instances.iter().find(|instance| instance.name == name)
    }
}

/// The tool's file, where there is one: its place, and what it says.
pub fn file(host: &Host) -> Option<(String, String)> {
    // In its own order: the older place wins while it is there.
    let places = [".aws-sso/config.yaml", ".config/aws-sso/config.yaml"];
    places.into_iter().find_map(|place| {
        let path = host.home.join(place);
        let text = files::read_if_small(&path).ok().flatten()?;
        Some((host.shorten(&path), text))
    })
}

/// Reads the file; what cannot be taken over is refused by name and line.
pub fn parse(shown: &str, text: &str, refused: &mut Vec<Refused>) -> Config {
    let refuse = |line: usize, what: String| Refused { place: format!("{shown}:{line}"), what };
    let root = match outline(text, "SSOConfig") {
        Ok(root) => root,
        Err(unread) => {
            refused.push(refuse(unread.line, format!("this line is not read: {}", unread.why)));
            return Config::default();
        }
    };
    let default = root.text("DefaultSSO").unwrap_or("Default").to_owned();
    let Some(instances) = root.child("SSOConfig") else {
        refused.push(refuse(1, "there is no SSOConfig".to_owned()));
        return Config { default, ..Config::default() };
    };
    let mut found = Vec::new();
    for node in &instances.children {
        let (Some(start_url), Some(region)) = (node.text("StartUrl"), node.text("SSORegion"))
        else {
            refused
                .push(refuse(node.line, format!("{} has no StartUrl or no SSORegion", node.key)));
            continue;
        };
        match Portal::parse(start_url, region) {
            Ok(portal) => found.push(Instance {
                name: node.key.clone(),
                portal,
                region: node.text("DefaultRegion").map(str::to_owned),
                roles: roles(node, &refuse, refused),
            }),
            Err(why) => refused.push(refuse(node.line, format!("{}: {why}", node.key))),
        }
    }
    Config { instances: found, default }
}

fn roles(
    instance: &Node,
    refuse: &impl Fn(usize, String) -> Refused,
    refused: &mut Vec<Refused>,
) -> Vec<ListedRole> {
    let mut found = Vec::new();
    let accounts = instance.child("Accounts").map(|node| node.children.as_slice());
    for account in accounts.unwrap_or_default() {
        let listed = account.child("Roles").map(|node| node.children.as_slice());
        for role in listed.unwrap_or_default() {
            if let Some(via) = role.child("Via") {
                let what = format!("{} is reached through another role (Via)", role.key);
                refused.push(refuse(via.line, what));
                continue;
            }
            match Role::parse(&account.key, &role.key) {
                Ok(parsed) => found.push(ListedRole {
                    profile: name_of(account, role),
                    role: parsed,
                    region: [role, account, instance]
                        .iter()
                        .find_map(|node| node.text("DefaultRegion"))
                        .map(str::to_owned),
                }),
                Err(why) => refused.push(refuse(role.line, why)),
            }
        }
    }
    found
}

fn name_of(account: &Node, role: &Node) -> String {
    let made = || {
        let account = account.text("Name").unwrap_or(&account.key);
        super::safe_name(&format!("{account}-{}", role.key))
    };
    role.text("Profile").map_or_else(made, str::to_owned)
}

/// `aws-sso -u -S NAME process --arn arn:aws:iam::ID:role/NAME`: the instance, if it is
/// named, and the role.
pub(super) fn of_command(words: &[String]) -> Option<(Option<String>, Role)> {
    let value = |names: [&str; 2]| {
        let joined = words.iter().find_map(|word| {
            names.iter().find_map(|name| word.strip_prefix(&format!("{name}=")).map(str::to_owned))
        });
        let apart = words.windows(2).find(|pair| names.contains(&pair[0].as_str()));
        joined.or_else(|| apart.map(|pair| pair[1].clone()))
    };
    words.iter().any(|word| word == "process").then_some(())?;
    let role = match (value(["--arn", "-a"]), value(["--account", "-A"]), value(["--role", "-R"])) {
        (Some(arn), _, _) => {
            let (account, role) =
                (arn.split(':').nth(4)?.to_owned(), arn.rsplit('/').next()?.to_owned());
            Role::parse(&account, &role).ok()?
        }
        (None, Some(account), Some(role)) => Role::parse(&account, &role).ok()?,
        _ => return None,
    };
    Some((value(["--sso", "-S"]), role))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As its documentation has it.
    const DOCUMENTED: &str = "\
SSOConfig:
    Default:
        SSORegion: us-east-1
        StartUrl: https://d-9067c5bbc5.awsapps.com/start
        DefaultRegion: us-west-2
        AuthUrlAction: open
        Accounts:
            867530900000:
                Name: Disasters
                Tags:
                    Team: maps
                Roles:
                    Project-Power-User:
                        Profile: disasters
                        DefaultRegion: us-east-1
                    ReadOnlyAccess:
                        Tags:
                            Kind: read
                    Deep:
                        Via: arn:aws:iam::867530900000:role/Other
    Odd:
        SSORegion: us-east-1
DefaultSSO: Default
ProfileFormat: \"{{ .AccountIdPad }}:{{ .RoleName }}\"
";

    #[test]
    fn the_documented_file_is_read_and_what_cannot_be_taken_over_is_named() {
        let mut refused = Vec::new();
        let config = parse("~/c.yaml", DOCUMENTED, &mut refused);
        let instance = config.instance(None).unwrap();
        let names: Vec<_> = instance.roles.iter().map(|role| role.profile.as_str()).collect();
        assert_eq!(names, ["disasters", "Disasters-ReadOnlyAccess"]);
        assert_eq!(instance.roles[0].region.as_deref(), Some("us-east-1"));
        assert_eq!(instance.roles[1].region.as_deref(), Some("us-west-2"));
        let places: Vec<_> = refused.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["~/c.yaml:20", "~/c.yaml:21"]);
    }

    /// Half a file, or one with a hole, is refused by a line that it has.
    #[test]
    fn spoilt_files_are_refused_and_nothing_worse() {
        let places: Vec<usize> = DOCUMENTED.char_indices().map(|(at, _)| at).collect();
        for (n, from) in places.iter().enumerate() {
            for to in places[n..].iter().step_by(31) {
                let spoilt = [&DOCUMENTED[..*from], &DOCUMENTED[*to..]].concat();
                let mut refused = Vec::new();
                parse("c", &spoilt, &mut refused);
                let count = spoilt.lines().count().max(1);
                for one in &refused {
                    let line: usize = one.place[2..].parse().unwrap();
                    assert!((1..=count).contains(&line), "{one:?}");
                }
            }
        }
    }

    #[test]
    fn the_command_of_a_profile_names_instance_and_role() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = "/usr/bin/aws-sso -u open -S Default process --arn arn:aws:iam::867530900000:role/Admin";
        let (sso, role) = of_command(&words(line)).unwrap();
        assert_eq!((sso.as_deref(), role.name.as_str()), (Some("Default"), "Admin"));
        assert!(of_command(&words("aws-sso exec --arn x")).is_none());
        assert!(of_command(&words("aws-sso process --profile x")).is_none());
    }
}
