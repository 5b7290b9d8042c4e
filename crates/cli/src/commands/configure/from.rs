//! `configure sso --from`: an invitation fills in everything but the login.

use super::sso::{cached, interview, sign_in};
use super::{LoginFlags, Sso};
use crate::app::App;
use crate::commands::changes;
use crate::report::Done;
use crate::wizard::login::Login;
use crate::wizard::session::SessionFlags;
use awsconfig::{FileKind, SectionName};
use clap::Args;
use daypass_core::edit::{self, Step};
use daypass_core::invitation::{self, Invitation, InvitedProfile, Outlook};
use daypass_core::names::SessionName;
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::Profile;
use daypass_core::resolve::sso::{self, shell_word};
use daypass_core::{Error, Kind, Result};

/// Where the answers come from, if from an invitation.
#[derive(Args, Clone, Debug)]
pub struct FromFlags {
    /// Take the answers from an invitation: a file, or an https address. It is shown, and
    /// asked about once
    #[arg(long, value_name = "FILE|URL",
          conflicts_with_all = ["sso_start_url", "sso_region", "sso_registration_scopes"])]
    pub from: Option<String>,
    /// The SHA-256 that the invitation must have
    #[arg(long, value_name = "HASH", requires = "from")]
    pub sha256: Option<String>,
    /// Take the invitation without asking
    #[arg(long, short, requires = "from")]
    pub yes: bool,
    /// Write the config file, and log in another time
    #[arg(long, requires = "from")]
    pub no_login: bool,
}

pub fn run(app: &App, wanted: &Sso, from: &str, step: &Step) -> Result<Done> {
    let invitation = load(app, wanted, from)?;
    introduce(app, &invitation);
    let files = app.files()?;
    let outlook = invitation::outlook(&files, &invitation)?;
    let preview = Step::shown_only("configure sso");
    invitation::write(&app.host, &preview, &outlook)?;
    if !step.writes() {
        changes::show(app, &preview)?;
        tell_open(app, &outlook);
        return Ok(Done::Well);
    }
    if preview.is_empty() {
        app.ui.note("All that it says is set up already.");
    } else {
        app.ui.complain(&changes::text(app, &preview.diff(), app.ui.stderr_terminal));
        tell_open(app, &outlook);
        let question = match wanted.from.no_login {
            true => "Write this? [y/N]:",
            false => "Write this, and log in? [y/N]:",
        };
        if !wanted.from.yes && !changes::confirm(app, question, "nothing was written")? {
            return Ok(Done::Empty);
        }
        invitation::write(&app.host, step, &outlook)?;
    }
    if wanted.from.no_login {
        return goodbye_without_login(app, &invitation, &outlook);
    }
    log_in(app, wanted, &invitation.session, step)?;
    for open in &outlook.open {
        ask_for_the_rest(app, wanted, &invitation, open, step)?;
    }
    farewell(app, &outlook)?;
    Ok(Done::Well)
}

/// From the file or the address, with the names that options give.
fn load(app: &App, wanted: &Sso, from: &str) -> Result<Invitation> {
    let bytes = if from.contains("://") {
        let files = app.files()?;
        let aws = app.aws(&app.chosen(&files))?;
        app.block_on(invitation::fetch(&aws, from))?
    } else {
        invitation::load(&app.host.expand(from), from)?
    };
    check_hash(wanted, from, &bytes)?;
    let mut invitation = invitation::parse(from, &bytes)?;
    if let Some(name) = &wanted.session.sso_session {
        invitation.session = SessionName::parse(name)?.to_string();
    }
    if let Some(name) = &app.global.profile {
        choose(&mut invitation, name)?;
    }
    Ok(invitation)
}

fn check_hash(wanted: &Sso, from: &str, bytes: &[u8]) -> Result<()> {
    let Some(expected) = &wanted.from.sha256 else { return Ok(()) };
    let found = invitation::sha256(bytes);
    if expected.trim().eq_ignore_ascii_case(&found) {
        return Ok(());
    }
    Err(Error::new(Kind::Config, format!("the invitation `{from}` is not the one that was meant"))
        .because(format!("its SHA-256 is {found}"))
        .because("--sha256 gives another one")
        .hint("ask whoever invited you for the right file and its SHA-256"))
}

/// The one of several profiles that is named, or the only one under another name.
fn choose(invitation: &mut Invitation, name: &str) -> Result<()> {
    let invited = &mut invitation.profiles;
    if invited.iter().any(|profile| profile.name == name) {
        invited.retain(|profile| profile.name == name);
        return Ok(());
    }
    match invited.as_mut_slice() {
        [only] => only.name = name.to_owned(),
        [] => invited.push(InvitedProfile { name: name.to_owned(), ..InvitedProfile::default() }),
        several => {
            let names: Vec<&str> = several.iter().map(|profile| profile.name.as_str()).collect();
            return Err(Error::new(Kind::Usage, format!("the invitation has no profile `{name}`"))
                .hint(format!("it has {}", names.join(", "))));
        }
    }
    Ok(())
}

/// Who invites, in their own words; nothing of it is taken on trust.
fn introduce(app: &App, invitation: &Invitation) {
    let whose = invitation.organization.as_deref().map(|name| format!(" of {name}"));
    app.ui.note(&format!(
        "An invitation{} to log in at {}.",
        whose.unwrap_or_default(),
        invitation.start_url
    ));
    for line in invitation.text.iter().flat_map(|text| text.lines()) {
        app.ui.note(&format!("  {line}"));
    }
    if let Some(contact) = &invitation.contact {
        app.ui.note(&format!("  Questions: {contact}"));
    }
}

fn tell_open(app: &App, outlook: &Outlook) {
    for profile in &outlook.open {
        app.ui.note(&format!(
            "Profile `{}`: you choose account and role after the login.",
            profile.name
        ));
    }
}

fn log_in(app: &App, wanted: &Sso, session: &str, step: &Step) -> Result<()> {
    let files = app.files()?;
    let plan = sso::session(&files, session, Origin::Flag("--from"))?;
    let aws = app.aws(&app.chosen(&files))?;
    let mut login = Login { plan, keys: Vec::new(), known: true };
    let region = login.plan.region.value.clone();
    let done = app.block_on(async {
        match cached(app, &aws, &login).await {
            Some(_) => Ok(()),
            None => sign_in(app, &aws, &mut login, wanted).await.map(drop),
        }
    });
    done.map_err(|error| {
        error.hint(format!(
            "all is written: log in later with `daypass sso login --sso-session {}`",
            shell_word(session)
        ))
    })?;
    let moved = &login.plan.region.value;
    if *moved != region {
        let section = SectionName::SsoSession(session.to_owned());
        edit::edit(&app.host, step, FileKind::Config, |document| {
            document.set(&section, "sso_region", moved.as_str())
        })?;
    }
    Ok(())
}

/// The usual questions for what the invitation leaves open.
fn ask_for_the_rest(
    app: &App,
    wanted: &Sso,
    invitation: &Invitation,
    open: &InvitedProfile,
    step: &Step,
) -> Result<()> {
    let mut app = app.clone();
    app.global.profile = Some(open.name.clone());
    app.request.profile = Some(open.name.clone());
    app.global.region = app.global.region.or_else(|| open.region.clone());
    app.global.output =
        app.global.output.or_else(|| open.output.as_deref().and_then(|name| name.parse().ok()));
    let session =
        SessionFlags { sso_session: Some(invitation.session.clone()), ..SessionFlags::default() };
    let flag = |own: &Option<String>, theirs: &Option<String>| own.clone().or(theirs.clone());
    let wanted = Sso {
        session,
        sso_account_id: flag(&wanted.sso_account_id, &open.account_id),
        sso_role_name: flag(&wanted.sso_role_name, &open.role_name),
        default_s3_uri: flag(&wanted.default_s3_uri, &open.default_s3_uri),
        vault: wanted.vault,
        from: FromFlags { from: None, sha256: None, yes: false, no_login: false },
        login: LoginFlags { ..wanted.login.clone() },
        changes: wanted.changes,
    };
    interview(&app, &wanted, step).map(drop)
}

fn goodbye_without_login(app: &App, invitation: &Invitation, outlook: &Outlook) -> Result<Done> {
    app.ui.say(&format!(
        "Log in with:\n\ndaypass sso login --sso-session {}",
        shell_word(&invitation.session)
    ));
    for profile in &outlook.open {
        app.ui.say(&format!(
            "daypass configure sso --sso-session {} --profile {}",
            shell_word(&invitation.session),
            shell_word(&profile.name)
        ));
    }
    Ok(Done::Well)
}

/// What one does next: to look at the data, where the invitation says where that is.
fn farewell(app: &App, outlook: &Outlook) -> Result<()> {
    if outlook.ready.is_empty() {
        return Ok(());
    }
    let files = app.files()?;
    app.ui.say("To use a profile, specify its name using --profile, as shown:\n");
    for name in &outlook.ready {
        let has_data = Profile::named(&files, name).get("default_s3_uri").is_some();
        let command = if has_data { "s3 ls" } else { "sts get-caller-identity" };
        app.ui.say(&format!("daypass {command} --profile {}", shell_word(name)));
    }
    Ok(())
}
