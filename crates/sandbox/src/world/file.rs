//! World files: TOML, with errors that name their line.

#[cfg(test)]
mod schema;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Account, AccountAssignment, Assignee, Bucket, Group, IamKey, Mfa, MfaDevice, Object,
    PermissionSet, Policy, Role, User, World, WorldError, check, directory,
};

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    organization: Organization,
    #[serde(default)]
    user: Vec<FileUser>,
    #[serde(default)]
    group: Vec<FileGroup>,
    #[serde(default)]
    account: Vec<FileAccount>,
    #[serde(default)]
    permission_set: Vec<FilePermissionSet>,
    #[serde(default)]
    assignment: Vec<FileAssignment>,
    #[serde(default)]
    bucket: Vec<FileBucket>,
    #[serde(default)]
    iam_key: Vec<FileIamKey>,
    #[serde(default)]
    role: Vec<FileRole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    start_url: Text,
    region: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileUser {
    name: Text,
    display_name: Option<String>,
    email: Option<String>,
    password: Option<Text>,
    #[serde(default)]
    mfa: bool,
    mfa_secret: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGroup {
    name: Text,
    members: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAccount {
    id: Text,
    name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    suspended: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePermissionSet {
    name: Text,
    session_duration: Option<Text>,
    allow: Option<Vec<Text>>,
    #[serde(default)]
    deny: Vec<Text>,
    role_suffix: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAssignment {
    user: Option<Text>,
    group: Option<Text>,
    account: Text,
    permission_sets: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBucket {
    name: Text,
    region: Text,
    account: Text,
    created: Option<Text>,
    #[serde(default)]
    readers: Vec<Text>,
    directory: Option<Text>,
    #[serde(default)]
    objects: Vec<FileObject>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileObject {
    key: String,
    size: Option<u64>,
    modified: Text,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIamKey {
    access_key_id: String,
    secret_access_key: String,
    user: String,
    account: Text,
    mfa_serial: Option<Text>,
    mfa_code: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRole {
    name: String,
    account: Text,
    #[serde(default)]
    trusts: Vec<Text>,
    external_id: Option<String>,
    #[serde(default)]
    mfa: bool,
    max_session_duration: Option<Text>,
}

/// Reads and checks a world.
pub(super) fn read(text: &str, name: &str, beside: Option<&Path>) -> Result<World, WorldError> {
    let reader = Reader { text, name, beside };
    let file = toml::from_str(text).map_err(|error| reader.error(error.span(), error.message()))?;
    reader.world(file)
}

struct Reader<'a> {
    text: &'a str,
    name: &'a str,
    /// Where directories are looked for. A world that somebody sends has none: it must
    /// not name the files of this machine.
    beside: Option<&'a Path>,
}

impl Reader<'_> {
    fn error(&self, span: Option<Range<usize>>, message: impl Into<String>) -> WorldError {
        let line = span
            .and_then(|span| self.text.get(..span.start))
            .map(|before| before.matches('\n').count() + 1);
        let place =
            line.map_or_else(|| self.name.to_owned(), |line| format!("{}:{line}", self.name));
        WorldError { place, message: message.into() }
    }

    fn checked(
        &self,
        text: Text,
        check: fn(&str) -> Result<(), String>,
    ) -> Result<String, WorldError> {
        check(text.get_ref()).map_err(|message| self.error(Some(text.span()), message))?;
        Ok(text.into_inner())
    }

    fn parsed<T: FromStr>(&self, text: &Text, what: &str) -> Result<T, WorldError> {
        let wrong =
            |_| self.error(Some(text.span()), format!("`{}` is not {what}", text.get_ref()));
        text.get_ref().parse().map_err(wrong)
    }

    fn moment(&self, text: &Text) -> Result<Timestamp, WorldError> {
        self.parsed(text, "an instant such as 2025-01-09T02:26:40Z")
    }

    fn session(&self, text: Option<&Text>) -> Result<SignedDuration, WorldError> {
        let Some(text) = text else { return Ok(SignedDuration::from_hours(1)) };
        let duration: SignedDuration = self.parsed(text, "a duration such as PT8H")?;
        if (1..=12).contains(&duration.as_hours()) && duration <= SignedDuration::from_hours(12) {
            return Ok(duration);
        }
        Err(self.error(Some(text.span()), "a session lasts 1 to 12 hours"))
    }

    /// `text` if `found`, else an error at its line.
    fn known(&self, text: Text, what: &str, found: bool) -> Result<String, WorldError> {
        if found {
            return Ok(text.into_inner());
        }
        Err(self.error(Some(text.span()), format!("there is no {what} `{}`", text.get_ref())))
    }

    fn fresh(&self, text: &Text, what: &str, taken: bool) -> Result<(), WorldError> {
        if !taken {
            return Ok(());
        }
        Err(self.error(Some(text.span()), format!("{what} `{}` is there twice", text.get_ref())))
    }

    fn world(&self, file: File) -> Result<World, WorldError> {
        let start_url = self.checked(file.organization.start_url, check::start_url)?;
        let region = self.checked(file.organization.region, check::region)?;
        let mut world = World::new(&start_url, &region);
        for user in file.user {
            self.user(&mut world, user)?;
        }
        for group in file.group {
            self.group(&mut world, group)?;
        }
        for account in file.account {
            self.account(&mut world, account)?;
        }
        for set in file.permission_set {
            self.permission_set(&mut world, set)?;
        }
        for assignment in file.assignment {
            self.assignment(&mut world, assignment)?;
        }
        for bucket in file.bucket {
            self.bucket(&mut world, bucket)?;
        }
        for key in file.iam_key {
            self.iam_key(&mut world, key)?;
        }
        for role in file.role {
            self.role(&mut world, role)?;
        }
        Ok(world)
    }

    fn user(&self, world: &mut World, user: FileUser) -> Result<(), WorldError> {
        self.fresh(&user.name, "user", world.user(user.name.get_ref()).is_some())?;
        let mfa = self.mfa(user.mfa, user.mfa_secret.as_ref())?;
        let password = user.password.map(|text| self.checked(text, check::password)).transpose()?;
        let name = user.name.into_inner();
        let display_name = user.display_name.unwrap_or_else(|| name.clone());
        let email = user.email.unwrap_or_else(|| format!("{name}@example.com"));
        world.users.push(User { name, display_name, email, password, mfa });
        Ok(())
    }

    fn mfa(&self, asked: bool, secret: Option<&Text>) -> Result<Mfa, WorldError> {
        let what = "a TOTP secret: at least 16 of A-Z 2-7";
        Ok(match secret {
            Some(secret) => Mfa::Registered(self.parsed(secret, what)?),
            None if asked => Mfa::Required,
            None => Mfa::Optional,
        })
    }

    fn group(&self, world: &mut World, group: FileGroup) -> Result<(), WorldError> {
        let taken = world.groups.iter().any(|other| other.name == *group.name.get_ref());
        self.fresh(&group.name, "group", taken)?;
        let member = |member: Text| {
            let found = world.user(member.get_ref()).is_some();
            self.known(member, "user", found)
        };
        let members = group.members.into_iter().map(member).collect::<Result<_, _>>()?;
        world.groups.push(Group { name: group.name.into_inner(), members });
        Ok(())
    }

    fn account(&self, world: &mut World, account: FileAccount) -> Result<(), WorldError> {
        self.fresh(&account.id, "account", world.account(account.id.get_ref()).is_some())?;
        let id = self.checked(account.id, check::account_id)?;
        let FileAccount { name, email, suspended, .. } = account;
        world.accounts.push(Account { id, name, email, suspended });
        Ok(())
    }

    fn permission_set(&self, world: &mut World, set: FilePermissionSet) -> Result<(), WorldError> {
        self.fresh(
            &set.name,
            "permission set",
            world.permission_set(set.name.get_ref()).is_some(),
        )?;
        let session_duration = self.session(set.session_duration.as_ref())?;
        let name = self.checked(set.name, check::permission_set_name)?;
        let policy = self.policy(set.allow, set.deny)?;
        let role_suffix = set.role_suffix;
        world.permission_sets.push(PermissionSet { name, session_duration, policy, role_suffix });
        Ok(())
    }

    fn policy(&self, allow: Option<Vec<Text>>, deny: Vec<Text>) -> Result<Policy, WorldError> {
        let actions = |list: Vec<Text>| {
            let checked = list.into_iter().map(|action| self.checked(action, check::action));
            checked.collect::<Result<Vec<_>, _>>()
        };
        let allow = allow.map(actions).transpose()?;
        let allow = allow.unwrap_or_else(|| Policy::default().allow);
        Ok(Policy { allow, deny: actions(deny)? })
    }

    fn assignment(&self, world: &mut World, assignment: FileAssignment) -> Result<(), WorldError> {
        let to = self.assignee(world, assignment.user, assignment.group, &assignment.account)?;
        let account = self.owner(world, assignment.account)?;
        for set in assignment.permission_sets {
            let found = world.permission_set(set.get_ref()).is_some();
            let permission_set = self.known(set, "permission set", found)?;
            let (to, account) = (to.clone(), account.clone());
            world.assignments.add(AccountAssignment { to, account, permission_set });
        }
        Ok(())
    }

    fn assignee(
        &self,
        world: &World,
        user: Option<Text>,
        group: Option<Text>,
        beside: &Text,
    ) -> Result<Assignee, WorldError> {
        match (user, group) {
            (Some(user), None) => {
                let found = world.user(user.get_ref()).is_some();
                self.known(user, "user", found).map(Assignee::User)
            }
            (None, Some(group)) => {
                let found = world.groups.iter().any(|other| other.name == *group.get_ref());
                self.known(group, "group", found).map(Assignee::Group)
            }
            _ => Err(self.error(
                Some(beside.span()),
                "an assignment is to a `user` or to a `group`, one of them",
            )),
        }
    }

    /// An account ID that the world has.
    fn owner(&self, world: &World, account: Text) -> Result<String, WorldError> {
        let found = world.account(account.get_ref()).is_some();
        self.known(account, "account", found)
    }

    fn bucket(&self, world: &mut World, bucket: FileBucket) -> Result<(), WorldError> {
        self.fresh(&bucket.name, "bucket", world.bucket(bucket.name.get_ref()).is_some())?;
        let name = self.checked(bucket.name, check::bucket_name)?;
        let region = self.checked(bucket.region, check::region)?;
        let account = self.owner(world, bucket.account)?;
        let readers =
            bucket.readers.into_iter().map(|reader| self.checked(reader, check::account_id));
        let readers = readers.collect::<Result<_, _>>()?;
        let created = bucket.created.as_ref().map(|text| self.moment(text)).transpose()?;
        let created = created.unwrap_or(Timestamp::UNIX_EPOCH);
        let mut objects = self.files(bucket.directory)?;
        objects.extend(self.objects(bucket.objects)?);
        world.buckets.push(Bucket { name, region, account, created, readers, objects });
        Ok(())
    }

    /// The files of a directory, which is named as seen from the world file.
    fn files(&self, directory: Option<Text>) -> Result<BTreeMap<String, Object>, WorldError> {
        let Some(named) = directory else { return Ok(BTreeMap::new()) };
        let beside = self.beside.ok_or_else(|| {
            let text = "a `directory` is for worlds that are files on this machine themselves";
            self.error(Some(named.span()), text)
        })?;
        directory::objects(&beside.join(named.get_ref())).map_err(|error| {
            let text = format!("the directory `{}` cannot be read: {error}", named.get_ref());
            self.error(Some(named.span()), text)
        })
    }

    fn objects(&self, objects: Vec<FileObject>) -> Result<BTreeMap<String, Object>, WorldError> {
        let read = |object: FileObject| {
            let modified = self.moment(&object.modified)?;
            let made = || Object::made_up(object.size.unwrap_or(0), modified);
            let content = object.text.as_deref().map(|text| Object::of_text(text, modified));
            Ok((object.key, content.unwrap_or_else(made)))
        };
        objects.into_iter().map(read).collect()
    }

    fn iam_key(&self, world: &mut World, key: FileIamKey) -> Result<(), WorldError> {
        let account = self.owner(world, key.account)?;
        let mfa = self.mfa_device(key.mfa_serial, key.mfa_code)?;
        let FileIamKey { access_key_id, secret_access_key, user, .. } = key;
        world.iam_keys.push(IamKey { access_key_id, secret_access_key, user, account, mfa });
        Ok(())
    }

    fn mfa_device(
        &self,
        serial: Option<Text>,
        code: Option<Text>,
    ) -> Result<Option<MfaDevice>, WorldError> {
        let (serial, code) = match (serial, code) {
            (None, None) => return Ok(None),
            (Some(serial), Some(code)) => (serial, code),
            (Some(alone), None) | (None, Some(alone)) => {
                let text = "`mfa_serial` and `mfa_code` come together";
                return Err(self.error(Some(alone.span()), text));
            }
        };
        let code = self.checked(code, check::mfa_code)?;
        Ok(Some(MfaDevice { serial: serial.into_inner(), code }))
    }

    fn role(&self, world: &mut World, role: FileRole) -> Result<(), WorldError> {
        let account = self.owner(world, role.account)?;
        let trusts = role.trusts.into_iter().map(|trusted| self.checked(trusted, check::trusted));
        let trusts = trusts.collect::<Result<_, _>>()?;
        let max_session_duration = self.session(role.max_session_duration.as_ref())?;
        let FileRole { name, external_id, mfa, .. } = role;
        world.roles.push(Role { name, account, trusts, external_id, mfa, max_session_duration });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
[organization]
start_url = "https://d-1111111111.awsapps.com/start"
region = "eu-west-1"

[[user]]
name = "grace"

[[account]]
id = "111111111111"

[[permission_set]]
name = "Admin"
session_duration = "PT2H"

[[assignment]]
user = "grace"
account = "111111111111"
permission_sets = ["Admin"]
"#;

    fn error(from: &str, to: &str) -> String {
        assert!(SMALL.contains(from), "the case changes something");
        let text = SMALL.replacen(from, to, 1);
        read(&text, "w.toml", None).expect_err("the world is wrong").to_string()
    }

    #[test]
    fn a_small_world() {
        let world = read(SMALL, "w.toml", None).expect("a good world");
        assert_eq!(world.users[0].email, "grace@example.com");
        assert_eq!(world.role_names("grace", "111111111111").collect::<Vec<_>>(), ["Admin"]);
        assert_eq!(world.permission_sets[0].session_duration, SignedDuration::from_hours(2));
    }

    #[test]
    fn passwords_and_mfa() {
        let user = |more: &str| {
            let text = SMALL.replacen("\"grace\"", &format!("\"grace\"\n{more}"), 1);
            read(&text, "w.toml", None)
                .map(|mut world| world.users.remove(0))
                .map_err(|e| e.to_string())
        };
        let secret: crate::TotpSecret = "JBSWY3DPEHPK3PXP".parse().expect("a secret");
        assert_eq!(user("").expect("a user").mfa, Mfa::Optional);
        assert_eq!(user("mfa = true").expect("a user").mfa, Mfa::Required);
        let both = user("password = \"x y\"\nmfa_secret = \"JBSWY3DPEHPK3PXP\"").expect("a user");
        assert_eq!((both.password.as_deref(), both.mfa), (Some("x y"), Mfa::Registered(secret)));
        assert_eq!(
            user("password = \"\"").expect_err("empty"),
            "w.toml:8: a password has a letter; leave it out for none"
        );
        let wrong = user("mfa_secret = \"1234\"").expect_err("no secret");
        assert_eq!(wrong, "w.toml:8: `1234` is not a TOTP secret: at least 16 of A-Z 2-7");
    }

    #[test]
    fn errors_name_their_line() {
        let no_region = error("eu-west-1", "europe");
        assert_eq!(no_region, "w.toml:4: `europe` is not a region");
        assert_eq!(
            error("\"111111111111\"", "\"11\""),
            "w.toml:10: account ID `11` is not 12 digits"
        );
        assert_eq!(
            error("user = \"grace\"", "user = \"gracie\""),
            "w.toml:17: there is no user `gracie`"
        );
        assert_eq!(
            error("[\"Admin\"]", "[\"Boss\"]"),
            "w.toml:19: there is no permission set `Boss`"
        );
        assert_eq!(error("PT2H", "PT13H"), "w.toml:14: a session lasts 1 to 12 hours");
        assert_eq!(error("PT2H", "two"), "w.toml:14: `two` is not a duration such as PT8H");
    }

    #[test]
    fn misspelt_keys_and_bad_toml_name_their_line() {
        assert!(error("region =", "regoin =").starts_with("w.toml:"), "a line is named");
        assert!(error("[[user]]", "[[user]").starts_with("w.toml:6:"), "a line is named");
    }

    #[test]
    fn groups_and_policies_name_their_line() {
        assert_eq!(
            error("[[account]]", "[[group]]\nname = \"team\"\nmembers = [\"eve\"]\n[[account]]"),
            "w.toml:11: there is no user `eve`"
        );
        assert_eq!(
            error("user = \"grace\"", "group = \"team\""),
            "w.toml:17: there is no group `team`"
        );
        assert_eq!(
            error("user = \"grace\"", ""),
            "w.toml:18: an assignment is to a `user` or to a `group`, one of them"
        );
        assert_eq!(
            error("session_duration", "allow = [\"everything\"]\nsession_duration"),
            "w.toml:14: `everything` is not an action such as s3:GetObject or s3:*"
        );
    }

    #[test]
    fn nothing_is_there_twice() {
        let twice =
            error("[[permission_set]]", "[[account]]\nid = \"111111111111\"\n[[permission_set]]");
        assert_eq!(twice, "w.toml:13: account `111111111111` is there twice");
    }
}
