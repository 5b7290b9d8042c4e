//! `migrate`: long-lived keys out of plain text, and other tools' profiles to daypass.

mod ask;
mod show;

use crate::app::App;
use crate::commands::{changes, vault};
use crate::deliver::process_line;
use crate::report::Done;
use crate::vars;
use clap::Args;
use daypass_core::edit::Step;
use daypass_core::files::Files;
use daypass_core::kept::{self, AccessKey};
use daypass_core::migrate::imports::{self, Import, Refused, Tool};
use daypass_core::migrate::{
    Decided, Key, KeyKind, Survey, Treatment, apply, keys, refuse_clashes, survey,
};
use daypass_core::{Error, Kind, Result};

/// Move long-lived keys out of plain text, and other tools' profiles to daypass
///
/// Looks for access keys in ~/.aws/credentials and ~/.aws/config, in the start-up files
/// of shells, and in files of variables (.env, .envrc, docker.env) of the home and the
/// current directory. Says where each is and what uses it. A key goes into the encrypted
/// store, where its profile goes on working, or out, where a login takes its place.
/// Profiles that aws-vault, granted, aws-sso-cli or aws-sso-util answer become native
/// ones.
///
/// Everything is one step of `daypass configure undo`. Keys are never deactivated at AWS:
/// the command for that is printed.
#[derive(Args, Debug)]
#[command(after_help = "See what there is:  daypass migrate --dry-run\n\
                        Without questions:  daypass migrate --yes --comment-out")]
pub struct Migrate {
    /// Say what there is and what would be changed, as a diff, and change nothing
    #[arg(long, visible_alias = "diff")]
    dry_run: bool,
    /// Do without asking what is usual
    #[arg(long, short)]
    yes: bool,
    /// Let a login take the place of a profile's key: the profile, and one with the login
    #[arg(long, value_name = "PROFILE=LOGIN", value_parser = pair)]
    replace: Vec<(String, String)>,
    /// Leave the keys of this profile, or a profile of another tool, as they are
    #[arg(long, value_name = "PROFILE")]
    leave: Vec<String>,
    /// With --yes: comment out the lines of start-up files and files of variables too
    #[arg(long)]
    comment_out: bool,
    /// With --yes: remove temporary keys too, which end by themselves
    #[arg(long)]
    remove_temporary: bool,
    /// Accept that keys in the store are gone when the machine restarts
    #[arg(long)]
    until_restart: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((profile, login)) if !profile.is_empty() && !login.is_empty() => {
            Ok((profile.to_owned(), login.to_owned()))
        }
        _ => Err("give two profiles, as in `old=new`".to_owned()),
    }
}

/// What there is.
struct Scene {
    files: Files,
    survey: Survey,
    keys: Vec<Key>,
    imports: Vec<Import>,
    refused: Vec<Refused>,
    /// IDs and names of the keys that are in the store already.
    kept: Vec<(String, String)>,
}

/// What is done about it.
struct Plan {
    keys: Vec<(Key, Treatment)>,
    imports: Vec<Import>,
    lines: bool,
}

pub fn run(app: &App, wanted: &Migrate) -> Result<Done> {
    let scene = look(app)?;
    if app.wants_data() && wanted.dry_run {
        return show::value(app, &scene, &usual(&scene, wanted));
    }
    show::survey(app, &scene)?;
    if scene.keys.is_empty() && scene.imports.is_empty() {
        return Ok(Done::Well);
    }
    let plan = match (wanted.dry_run || wanted.yes, app.ui.stdin_terminal) {
        (true, _) => usual(&scene, wanted),
        (false, true) => ask::plan(app, &scene, usual(&scene, wanted))?,
        (false, false) => {
            return Err(Error::new(Kind::Usage, "nothing is changed without being asked for")
                .because("there is no terminal to ask on")
                .hint("add --yes, or --dry-run to see what would be changed"));
        }
    };
    let step = match wanted.dry_run {
        true => Step::shown_only("migrate"),
        false => Step::new("migrate"),
    };
    carry_out(app, wanted, &scene, &plan, &step)?;
    match wanted.dry_run {
        true => changes::show(app, &step),
        false => show::done(app, &plan, &step),
    }
}

fn look(app: &App) -> Result<Scene> {
    let files = app.files()?;
    let current = vars::current_dir();
    let survey = survey(&app.host, &files, current.as_deref())?;
    let keys = keys(&survey, &files);
    let aws_sso = imports::aws_sso::file(&app.host);
    let (imports, refused) = imports::find(
        &files,
        aws_sso.as_ref().map(|(shown, text)| (shown.as_str(), text.as_str())),
    );
    // A store that asks for a passphrase is not asked for nothing.
    let kept = if keys.is_empty() { Vec::new() } else { kept::ids(&app.host) };
    Ok(Scene { files, survey, keys, imports, refused, kept })
}

/// What is done unless somebody says otherwise.
fn usual(scene: &Scene, wanted: &Migrate) -> Plan {
    let mut taken: Vec<String> = Vec::new();
    let keys = scene.keys.iter().map(|key| {
        let treatment = match asked(key, wanted) {
            Some(treatment) => treatment,
            None if key.kind == KeyKind::Temporary && !wanted.remove_temporary => Treatment::Leave,
            None if key.profiles().next().is_none() && !wanted.comment_out => Treatment::Leave,
            None => key.usual(&scene.files, &scene.kept, &taken),
        };
        if let Treatment::Store(name) = &treatment {
            taken.push(name.clone());
        }
        (key.clone(), treatment)
    });
    let keys = keys.collect();
    let stays = |import: &&Import| !wanted.leave.contains(&import.profile);
    let imports = scene.imports.iter().filter(stays).cloned().collect();
    Plan { keys, imports, lines: wanted.comment_out }
}

fn asked(key: &Key, wanted: &Migrate) -> Option<Treatment> {
    let mine = |profile: &String| key.profiles().any(|one| one == profile);
    if wanted.leave.iter().any(mine) {
        return Some(Treatment::Leave);
    }
    let replaced = wanted.replace.iter().find(|(profile, _)| mine(profile));
    replaced.map(|(_, login)| Treatment::Replace(login.clone()))
}

/// First the store, then the files: a secret is never nowhere.
fn carry_out(app: &App, wanted: &Migrate, scene: &Scene, plan: &Plan, step: &Step) -> Result<()> {
    refuse_clashes(&plan.keys, &scene.kept)?;
    let stored = plan.keys.iter().filter_map(|(key, treatment)| match treatment {
        Treatment::Store(name) => Some((key, name)),
        _ => None,
    });
    let stored: Vec<(&Key, &String)> = stored.collect();
    if step.writes() && !stored.is_empty() {
        vault::must_last(app, wanted.until_restart)?;
        // Questions take time: somebody may have put a key there since.
        refuse_clashes(&plan.keys, &kept::ids(&app.host))?;
        for (key, name) in stored {
            let secret = key.secret.clone().ok_or_else(|| {
                Error::new(
                    Kind::Config,
                    format!("the secret of access key {} is not there", key.id),
                )
            })?;
            let key = AccessKey::parse(&key.id, secret, false)?;
            app.block_on(kept::add(&app.host, name, &key))?;
        }
    }
    let decided = Decided {
        keys: &plan.keys,
        imports: &plan.imports,
        lines: plan.lines,
        process_line: &process_line::for_profile,
    };
    apply(&app.host, step, &scene.files, &decided)
}

/// The profiles whose login could take a key's place.
fn logins(files: &Files) -> Vec<String> {
    let profiles = files.config.parsed.profiles().map(str::to_owned);
    profiles
        .filter(|name| {
            let profile = daypass_core::resolve::Profile::named(files, name);
            profile.sso("sso_account_id").is_some() && profile.sso("sso_role_name").is_some()
        })
        .collect()
}

/// The tools among them, each once.
fn tools(imports: &[Import]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = imports.iter().map(|import| import.tool).collect();
    tools.sort();
    tools.dedup();
    tools
}
