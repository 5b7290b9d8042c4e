//! `use`: the profile of the shell one is in.

use super::Shell;
use super::words::Lines;
use crate::app::App;
use crate::deliver::variables::COMPETING;
use crate::output::clean;
use crate::prompt::Menu;
use crate::report::Done;
use crate::vars;
use clap::Args;
use daypass_core::clocks::{Standing, Survey};
use daypass_core::files::Files;
use daypass_core::resolve::profile::{Chosen, Profile};
use daypass_core::resolve::{Origin, Sourced, sso};
use daypass_core::{Error, Kind, Result};

/// Switch this shell to a profile
///
/// Sets AWS_PROFILE in the shell it is typed in, and sets aside what would win over it:
/// keys, a hub's or cluster's role, a container's address. It says which, and
/// `daypass use --unset` puts them back. Needs one line in the shell's start-up file:
/// see `daypass shell-init --help`.
#[derive(Args, Debug)]
#[command(after_help = "daypass use NAME      switch to a profile; Tab completes it\n\
                        daypass use           choose one from a menu\n\
                        daypass use -         back to the one before\n\
                        daypass use --unset   no profile: everything as it was")]
pub struct Use {
    /// The profile; `-` is the one before [default: choose from a menu]
    #[arg(value_name = "PROFILE", conflicts_with = "unset")]
    name: Option<String>,
    /// Take back what `use` has done in this shell
    #[arg(long)]
    unset: bool,
    /// Print lines that this shell evaluates: `daypass shell-init` sets that up
    #[arg(long, value_name = "SHELL")]
    shell: Option<Shell>,
}

/// Where to.
enum Target {
    Profile(String),
    Nothing,
}

/// Stands for "no profile" in [`vars::USE_PREVIOUS`], which cannot be empty.
const NONE: &str = "--unset";

/// The two that name a profile: [`Target::Nothing`] means neither.
const PROFILES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

pub fn run(app: &App, wanted: &Use) -> Result<Done> {
    let Some(shell) = wanted.shell else { return Err(no_integration()) };
    let files = app.files()?;
    let Some(target) = target(app, wanted, &files)? else { return list(app, &files) };
    match target {
        Target::Profile(name) => switch(app, shell, &files, name),
        Target::Nothing => leave(app, shell),
    }
}

fn no_integration() -> Error {
    let error = Error::new(Kind::Usage, "`daypass use` is not set up in this shell")
        .because("a program cannot change the shell that starts it: a line in the shell's start-up file lets it");
    match Shell::of_user() {
        Some(shell) => error.hint(format!(
            "run `{}`; the same line in {} is for all shells to come",
            shell.line(),
            shell.start_file()
        )),
        None => error.hint(
            "see `daypass shell-init --help`; for one command there is `daypass exec --profile NAME -- COMMAND`",
        ),
    }
}

/// `None` where there is nobody to choose.
fn target(app: &App, wanted: &Use, files: &Files) -> Result<Option<Target>> {
    if wanted.unset {
        return Ok(Some(Target::Nothing));
    }
    match wanted.name.as_ref().or(app.global.profile.as_ref()).map(String::as_str) {
        Some("-") => previous(app).map(Some),
        Some(name) => Ok(Some(Target::Profile(name.to_owned()))),
        None if app.ui.stdin_terminal && app.ui.stderr_terminal => choose(app, files).map(Some),
        None => Ok(None),
    }
}

fn previous(app: &App) -> Result<Target> {
    match app.host.vars.get(vars::USE_PREVIOUS) {
        Some(NONE) => Ok(Target::Nothing),
        Some(name) => Ok(Target::Profile(name.to_owned())),
        None => Err(Error::new(Kind::Usage, "there is no profile before this one")
            .because("`daypass use` has not switched this shell yet")
            .hint("name one: `daypass use NAME`, or choose with `daypass use`")),
    }
}

fn choose(app: &App, files: &Files) -> Result<Target> {
    let names = names(files)?;
    let now = in_force(app);
    let start = names.iter().position(|name| Some(name.as_str()) == now).unwrap_or_default();
    let rows = names.iter().map(|name| row(files, name, None)).collect();
    let menu = Menu { title: "Use which profile?".to_owned(), rows, start };
    let chosen = app.prompter().choose(&menu).map_err(crate::wizard::stopped)?;
    Ok(Target::Profile(names[chosen].clone()))
}

fn list(app: &App, files: &Files) -> Result<Done> {
    let now = in_force(app);
    let line = |name: &String| {
        let sign = if Some(name.as_str()) == now { '*' } else { ' ' };
        format!("{sign} {}\n", clean(name))
    };
    app.print(&names(files)?.iter().map(line).collect::<String>())
}

fn names(files: &Files) -> Result<Vec<String>> {
    let all = files.config.parsed.profiles().chain(files.credentials.parsed.profiles());
    let mut names: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    names.extend(all.filter(|name| seen.insert(*name)).map(str::to_owned));
    match names.is_empty() {
        false => Ok(names),
        true => Err(Error::new(Kind::Profile, "there are no profiles yet")
            .hint("make one with `daypass configure sso`")),
    }
}

fn in_force(app: &App) -> Option<&str> {
    app.host.vars.first(&PROFILES).map(|(_, name)| name)
}

fn switch(app: &App, shell: Shell, files: &Files, name: String) -> Result<Done> {
    let profile = Profile::named(files, &name);
    let chosen = Chosen { name: Sourced::new(name, Origin::Flag("the command line")), profile };
    chosen.must_exist()?;
    app.note_use(&chosen);
    let mut lines = Lines::new(shell);
    leave_exec(&mut lines)?;
    let aside = set_aside(app, &mut lines);
    let name = chosen.name.value.as_str();
    lines.set("AWS_PROFILE", name)?;
    let before = in_force(app);
    if before != Some(name) {
        lines.set(vars::USE_PREVIOUS, before.unwrap_or(NONE))?;
    }
    set_region(app, &mut lines)?;
    tell(app, &chosen, &aside);
    app.print(&lines.text())
}

/// Whatever wins over a profile goes; what is not ours to lose is kept.
fn set_aside<'a>(app: &'a App, lines: &mut Lines) -> Vec<&'a str> {
    let set = vars::names(|name| COMPETING.iter().any(|(competing, _)| *competing == name));
    let is_set = |name: &str| set.iter().any(|set| set == name);
    let mut aside = Vec::new();
    for (name, _) in COMPETING.iter().filter(|(name, _)| is_set(name)) {
        match PROFILES.contains(name) {
            true => lines.unset(&[name]),
            false => {
                lines.keep(name);
                aside.push(*name);
            }
        }
    }
    if app.host.vars.get(vars::PROFILE).is_some() {
        lines.unset(&[vars::PROFILE]);
    }
    let mut kept = kept(app);
    kept.retain(|name| !aside.contains(name));
    kept.extend(&aside);
    if !kept.is_empty() {
        lines.remember(&kept);
    }
    aside
}

/// What earlier calls have set aside in this shell; names of ours only, since the list
/// becomes names of variables again.
fn kept(app: &App) -> Vec<&'static str> {
    let list = app.host.vars.get(vars::USE_KEPT).unwrap_or_default();
    let known = |name: &str| COMPETING.iter().map(|(known, _)| *known).find(|known| *known == name);
    list.split(',').filter_map(known).collect()
}

/// `--region` lasts until the next switch.
fn set_region(app: &App, lines: &mut Lines) -> Result<()> {
    match &app.request.region {
        Some(region) => {
            let region = daypass_core::names::Region::parse(region)?;
            for name in REGIONS.into_iter().chain([vars::USE_REGION]) {
                lines.set(name, region.as_str())?;
            }
        }
        None => forget_region(app, lines),
    }
    Ok(())
}

fn forget_region(app: &App, lines: &mut Lines) {
    let Some(ours) = app.host.vars.get(vars::USE_REGION) else { return };
    let unchanged = |name: &&&str| app.host.vars.get(name) == Some(ours);
    let mut names: Vec<&str> = REGIONS.iter().filter(unchanged).copied().collect();
    names.push(vars::USE_REGION);
    lines.unset(&names);
}

/// A shell that `exec` has started reads copies of the user's files: from here on their
/// own count.
fn leave_exec(lines: &mut Lines) -> Result<()> {
    if vars::names(|name| name == vars::COPIES).is_empty() {
        return Ok(());
    }
    for (name, keeper) in vars::COPIED {
        match vars::own(name).and_then(|path| path.into_string().ok()) {
            Some(path) => lines.set(name, &path)?,
            None => lines.unset(&[name]),
        }
        lines.unset(&[keeper]);
    }
    lines.unset(&[vars::COPIES]);
    Ok(())
}

fn leave(app: &App, shell: Shell) -> Result<Done> {
    let mut lines = Lines::new(shell);
    lines.unset(&PROFILES);
    forget_region(app, &mut lines);
    let kept = kept(app);
    for name in &kept {
        lines.put_back(name);
    }
    if !kept.is_empty() {
        lines.remember(&[]);
        app.ui.note(&format!("put back: {}", kept.join(", ")));
    }
    if let Some(before) = in_force(app) {
        lines.set(vars::USE_PREVIOUS, before)?;
    }
    app.print(&lines.text())
}

fn tell(app: &App, chosen: &Chosen<'_>, aside: &[&str]) {
    if app.ui.stderr_terminal {
        let row = row(chosen.profile.files(), &chosen.name.value, app.request.region.as_deref());
        app.ui.note(&format!("now using {row}"));
        hint_at_login(app, chosen);
    }
    if !aside.is_empty() {
        app.ui.note(
            "set aside, since they win over a profile (`daypass use --unset` puts them back):",
        );
        aside.iter().for_each(|name| app.ui.note(&format!("  {name}")));
    }
    let region = app.host.vars.first(&REGIONS);
    let ours = app.host.vars.get(vars::USE_REGION);
    if let (Some((name, region)), None) = (region, &app.request.region)
        && Some(region) != ours
        && chosen.profile.get("region").is_none_or(|own| own.value != region)
    {
        app.ui.note(&format!("note: {name}={region} is set, and wins over the profile's region"));
    }
}

/// As far as the files know; nobody is asked, and nothing is waited for.
fn hint_at_login(app: &App, chosen: &Chosen<'_>) {
    let Ok(plan) = sso::of_profile(&chosen.profile, &chosen.name.value) else { return };
    let survey = Survey::new(&app.host, chosen.profile.files(), &app.request).hurried();
    if let Standing::LoginNeeded(_) = survey.of_login(&plan).standing(survey.now) {
        app.ui.note("a login is needed: `daypass login`");
    }
}

/// A profile in one line: its name, and what leads where it leads. A region that was asked
/// for counts, whatever the profile's own is.
fn row(files: &Files, name: &str, region: Option<&str>) -> String {
    let profile = Profile::named(files, name);
    let values = [
        profile.sso("sso_account_id"),
        profile.sso("sso_role_name").or_else(|| profile.get("role_arn")),
    ];
    let own = || profile.get("region").map(|value| value.value);
    let about = values.into_iter().flatten().map(|value| value.value);
    let about: Vec<&str> = about.chain(region.or_else(own)).collect();
    match about.is_empty() {
        true => name.to_owned(),
        false => format!("{name}  ({})", about.join(", ")),
    }
}
