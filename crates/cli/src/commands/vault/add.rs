//! `vault add` and `vault remove`: long-lived access keys.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::deliver::process_line;
use crate::prompt::Question;
use crate::report::Done;
use crate::wizard::stopped;
use awsconfig::{Document, FileKind, SectionName};
use clap::Args;
use daypass_core::edit::{self, Step, edit, transact};
use daypass_core::files::Files;
use daypass_core::kept::{self, AccessKey};
use daypass_core::resolve::profile::Profile;
use daypass_core::{Error, Kind, Result};
use hot::keys::{KEPT_KEYS, KEPT_MFA};
use vault::Secret;

/// Take a long-lived access key into the store, and hand out sessions made from it
///
/// Asks for the key on a terminal; without one it reads two lines from standard input:
/// the access key ID and the secret access key. The profile then asks daypass, which
/// makes session credentials of twelve hours from the key (STS GetSessionToken;
/// `duration_seconds` in the profile changes that).
///
/// For IAM users only. Temporary credentials, such as those of IAM Identity Center, are
/// refused: `daypass configure sso` is for those.
#[derive(Args, Debug)]
pub struct Add {
    /// The profile, which is made if need be
    #[arg(value_name = "PROFILE")]
    name: String,
    /// The MFA device whose code is asked for, on a terminal, when a session is made
    #[arg(long, value_name = "ARN")]
    mfa_serial: Option<String>,
    /// Take the key that the profile has in ~/.aws/credentials, and remove it there
    #[arg(long)]
    from_credentials_file: bool,
    /// Accept that the key is gone when the machine restarts
    #[arg(long)]
    until_restart: bool,
    #[command(flatten)]
    changes: Changes,
}

/// Remove a long-lived access key from the store
///
/// The profile stays, without credentials. The key itself lives on at AWS: deactivate
/// it there if you no longer need it.
#[derive(Args, Debug)]
pub struct Remove {
    /// The profile
    #[arg(value_name = "PROFILE")]
    name: String,
    #[command(flatten)]
    changes: Changes,
}

pub fn run(app: &App, wanted: &Add) -> Result<Done> {
    let files = app.files()?;
    let profile = Profile::named(&files, &wanted.name);
    check_rivals(wanted, &profile)?;
    let step = wanted.changes.step("vault add");
    if step.writes() {
        must_last(app, wanted.until_restart)?;
        let key = match wanted.from_credentials_file {
            true => of_file(&profile, &wanted.name)?,
            false => ask(app)?,
        };
        app.block_on(kept::add(&app.host, &wanted.name, &key))?;
    }
    write(app, &step, wanted, &files)?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    if wanted.from_credentials_file {
        app.ui.say(&format!("It is no longer in {}.", files.credentials.shown));
    }
    app.ui.say(&format!("The access key of profile `{}` is sealed.", wanted.name));
    Ok(Done::Well)
}

/// The key is safe by now: it need not be in the credentials file any more.
fn write(app: &App, step: &Step, wanted: &Add, files: &Files) -> Result<()> {
    let line = process_line::for_profile(&wanted.name)?;
    let section = SectionName::Profile(wanted.name.clone());
    let mut pairs = vec![("credential_process", line.as_str()), (KEPT_KEYS, &wanted.name)];
    pairs.extend(wanted.mfa_serial.as_deref().map(|serial| (KEPT_MFA, serial)));
    transact(&app.host, step, |all: &mut edit::Transaction<'_>| {
        all.edit(FileKind::Config, |document| document.set_many(&section, &pairs))?;
        if wanted.from_credentials_file {
            all.edit(FileKind::Credentials, |document| {
                forget_keys(document, files, &section);
                Ok(())
            })?;
        }
        Ok(())
    })
}

/// What is taken in here may exist nowhere else.
///
/// # Errors
/// The store's key is gone after a restart, and nobody has accepted that.
pub fn must_last(app: &App, until_restart: bool) -> Result<()> {
    app.host.store.open()?;
    let choice = app.host.store.choice()?;
    let backend = choice.map(|choice| choice.place.backend());
    match backend.filter(|backend| !backend.is_persistent() && !until_restart) {
        Some(backend) => Err(Error::new(
            Kind::Store,
            format!("the store's key is in {backend}, which is empty after a restart"),
        )
        .because("the access key would be gone with it")
        .hint("run `daypass vault use` with a place that lasts, such as secret-service or passphrase, or add --until-restart")),
        None => Ok(()),
    }
}

/// Whatever else the profile has would be used instead by some program.
fn check_rivals(wanted: &Add, profile: &Profile<'_>) -> Result<()> {
    let sso = ["sso_session", "sso_account_id", "sso_start_url"];
    let found = sso.iter().find_map(|key| profile.sso(key)).or_else(|| profile.get("role_arn"));
    if let Some(found) = found {
        let message = format!("profile `{}` already gets credentials in another way", wanted.name);
        return Err(Error::new(Kind::Config, message)
            .because(format!("it does so at {}", found.origin))
            .hint("choose another name for the access key's profile"));
    }
    if let Some(program) = profile.get("credential_process")
        && profile.get(KEPT_KEYS).is_none()
    {
        let message = format!("profile `{}` has a credential_process of its own", wanted.name);
        return Err(Error::new(Kind::Config, message)
            .because(format!("it is at {}", program.origin))
            .hint("remove that line, or choose another name"));
    }
    let leftover = profile.get("aws_access_key_id").filter(|_| !wanted.from_credentials_file);
    match leftover {
        Some(key) => Err(Error::new(
            Kind::Config,
            format!("profile `{}` has an access key in plain text", wanted.name),
        )
        .because(format!("it is at {}, and other programs would go on using it", key.origin))
        .hint("take that one with --from-credentials-file, or remove it first")),
        None => Ok(()),
    }
}

fn of_file(profile: &Profile<'_>, name: &str) -> Result<AccessKey> {
    let get = |key| profile.credentials_only(key).map(|found| found.value);
    let (Some(id), Some(secret)) = (get("aws_access_key_id"), get("aws_secret_access_key")) else {
        return Err(Error::new(
            Kind::Config,
            format!("the credentials file has no access key of profile `{name}`"),
        ));
    };
    AccessKey::parse(id, Secret::from(secret), get("aws_session_token").is_some())
}

fn forget_keys(document: &mut Document, files: &Files, section: &SectionName) {
    let only_keys = files.credentials.parsed.section(section).is_some_and(|found| {
        found.keys().all(|key| matches!(key, "aws_access_key_id" | "aws_secret_access_key"))
    });
    if only_keys {
        document.remove_section(section);
    } else {
        document.remove(section, "aws_access_key_id");
        document.remove(section, "aws_secret_access_key");
    }
}

fn ask(app: &App) -> Result<AccessKey> {
    if !app.ui.stdin_terminal {
        let id = app.ui.read_line().map_err(unread)?;
        let secret = app.ui.read_line().map(Secret::new).map_err(unread)?;
        return AccessKey::parse(&id, secret, false);
    }
    let id = app.prompter().text(&Question::new("AWS Access Key ID:")).map_err(stopped)?;
    // Before the secret is asked for: temporary ones need not be pasted at all.
    AccessKey::parse(&id, Secret::from("to come"), false)?;
    let secret = crate::prompt::secret("AWS Secret Access Key: ").map_err(stopped)?;
    AccessKey::parse(&id, secret, false)
}

fn unread(error: std::io::Error) -> Error {
    Error::new(Kind::Usage, "standard input does not give a key")
        .because(error.to_string())
        .hint("give the access key ID and the secret access key, a line each")
}

pub fn remove(app: &App, wanted: &Remove) -> Result<Done> {
    let step = wanted.changes.step("vault remove");
    let there = !step.writes() || app.block_on(kept::remove(&app.host, &wanted.name))?;
    let section = SectionName::Profile(wanted.name.clone());
    edit(&app.host, &step, FileKind::Config, |document| {
        if document.remove(&section, KEPT_KEYS) {
            document.remove(&section, "credential_process");
            document.remove(&section, KEPT_MFA);
        }
        if document.is_empty(&section) {
            document.remove_section(&section);
        }
        Ok(())
    })?;
    if !step.writes() {
        return changes::show(app, &step);
    }
    if !there {
        return Err(Error::new(
            Kind::Config,
            format!("the store has no access key of profile `{}`", wanted.name),
        )
        .hint("see `daypass vault list`"));
    }
    app.ui.say(&format!("The access key of profile `{}` is no longer in the store.", wanted.name));
    app.ui.note(
        "It lives on at AWS until it is deactivated there; sessions made from it, until they end.",
    );
    Ok(Done::Well)
}
