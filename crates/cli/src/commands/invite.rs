//! `invite`: the current set-up as an invitation for others.

use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::files::Files;
use daypass_core::invitation::{self, Suggestion};
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::Profile;
use daypass_core::resolve::sso::{self, SessionPlan, shell_word};
use daypass_core::{Error, Kind, Result};
use std::path::Path;

/// Write an invitation, so that others can set up the same login with one command
///
/// An invitation is a small TOML file: the sso-session's name, start URL, SSO region and
/// scopes, profiles with their account, role and region, and a word of yours. It holds no
/// secret and no command. Others take it with `daypass configure sso --from FILE`, or from
/// an https address.
#[derive(Args, Debug)]
pub struct Invite {
    /// Profiles to invite to [default: all of the session]
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// The sso-session to invite to [default: the profile's, or the only one]
    #[arg(long, value_name = "NAME")]
    sso_session: Option<String>,
    /// Write it to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    to: Option<String>,
    /// Let everybody choose account and role after the login
    #[arg(long)]
    leave_roles_open: bool,
    /// Bucket or prefix for `daypass s3 ls`, where a profile does not say
    #[arg(long, value_name = "URI")]
    default_s3_uri: Option<String>,
    /// Whose invitation it is
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Whom to ask: an address or a web page
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// A word for whoever is invited
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

pub fn run(app: &App, wanted: &Invite) -> Result<Done> {
    let files = app.files()?;
    let plan = plan(app, &files, wanted)?;
    let suggestion = Suggestion {
        profiles: profiles(app, &files, &plan, wanted)?,
        leave_roles_open: wanted.leave_roles_open,
        default_s3_uri: wanted.default_s3_uri.clone(),
        organization: wanted.organization.clone(),
        contact: wanted.contact.clone(),
        text: wanted.text.clone(),
    };
    let text = invitation::to_text(&files, &plan, &suggestion)?;
    let Some(to) = &wanted.to else { return app.print(&text) };
    write(&app.host.expand(to), to, &text)?;
    app.ui.note(&format!(
        "Written to {to}. Others take it with the next line, which a changed file does not pass:"
    ));
    app.print(&format!(
        "daypass configure sso --from {} --sha256 {}\n",
        shell_word(to),
        invitation::sha256(text.as_bytes())
    ))
}

/// The session that is named, that of a profile, or the only one.
fn plan(app: &App, files: &Files, wanted: &Invite) -> Result<SessionPlan> {
    let sessions: Vec<&str> = files.config.parsed.sso_sessions().collect();
    let first = wanted.profiles.first().map(|name| Profile::named(files, name));
    match (&wanted.sso_session, first, sessions.as_slice()) {
        (Some(name), ..) => sso::session(files, name, Origin::Flag("--sso-session")),
        (None, Some(profile), _) => {
            sso::of_profile(&profile, wanted.profiles.first().map_or("", String::as_str))
        }
        (None, None, [only]) => sso::session(files, only, Origin::Default),
        _ => {
            let chosen = app.chosen(files);
            sso::of_profile(&chosen.profile, &chosen.name.value)
        }
    }
}

fn profiles(app: &App, files: &Files, plan: &SessionPlan, wanted: &Invite) -> Result<Vec<String>> {
    let session = plan.name.as_ref().map(|name| name.as_str());
    let belongs = |name: &str| {
        let found = Profile::named(files, name).sso("sso_session");
        found.map(|found| found.value) == session
    };
    let named: Vec<String> =
        wanted.profiles.iter().chain(app.global.profile.as_ref()).cloned().collect();
    if named.is_empty() {
        // Nobody is invited to change their default profile.
        let all = files.config.parsed.profiles().filter(|name| belongs(name) && *name != "default");
        return Ok(all.map(str::to_owned).collect());
    }
    match named.iter().find(|name| !belongs(name)) {
        Some(other) => {
            Err(Error::new(Kind::Config, format!("profile `{other}` is of another login"))
                .because(format!("the invitation is to {}", plan.shown()))
                .hint("leave it out, or name its session with --sso-session"))
        }
        None => Ok(named),
    }
}

/// Another invitation is replaced, any other file is not.
fn write(path: &Path, shown: &str, text: &str) -> Result<()> {
    let old = vault::read_private(path).ok().flatten();
    if old.is_some_and(|old| invitation::parse(shown, &old).is_err()) {
        return Err(Error::new(Kind::Config, format!("`{shown}` is there, and is no invitation"))
            .hint("choose another file"));
    }
    Ok(vault::replace_text(path, text.as_bytes())?)
}
