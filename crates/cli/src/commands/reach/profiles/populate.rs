//! `profiles populate`.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::commands::reach::{Age, Filter, Login, listed, login};
use crate::deliver::process_line;
use crate::output::clean;
use crate::report::Done;
use clap::{Args, ValueEnum, ValueHint};
use daypass_core::aws::portal::Account;
use daypass_core::directory::STALE;
use daypass_core::files::Files;
use daypass_core::names::Region;
use daypass_core::populate::{self, Outcome, Recipe, Template, Wanted};
use daypass_core::resolve::{SessionPlan, profile};
use daypass_core::{Error, Kind, Result};
use serde_json::json;

/// Write profiles for all accounts and roles that you reach
///
/// Run it again at any time: profiles that are there keep their names, new accounts and
/// roles get theirs, and what you have changed by hand is left alone. All is one change
/// of the config file, which `daypass configure undo` takes back.
///
/// Patterns are names with * and ?, in whatever case, or regular expressions between
/// slashes: --account 'prod-*', --role '/Admin|Power/'.
///
/// Fields of --name: {account_name}, {account_id}, {email}, {role}, {region}, {session};
/// behind a | they can be changed: slug, lower, upper, short (of a region), local (of an
/// e-mail address), first:N, without:TEXT. Whatever comes out is made safe for all SDKs.
#[derive(Args, Debug)]
#[command(after_help = "daypass profiles populate --diff\n\
                        daypass profiles populate --account 'prod-*' --role ReadOnlyAccess --region us-west-2\n\
                        daypass profiles populate --name '{session}-{account_id}-{role|lower}' --set output=json\n\
                        daypass profiles populate --regions us-east-1,eu-west-1 --prune")]
pub struct Populate {
    #[command(flatten)]
    login: Login,
    #[command(flatten)]
    filter: Filter,
    /// How profiles are named [default: {account_name|slug}.{role}]
    #[arg(long, value_name = "TEMPLATE", value_hint = ValueHint::Other)]
    name: Option<String>,
    /// Make a profile for each of these regions; for one region, --region does
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_hint = ValueHint::Other)]
    regions: Vec<String>,
    /// A further key for each profile, such as output=json; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair, value_hint = ValueHint::Other)]
    extra: Vec<(String, String)>,
    /// How profiles get credentials [default: session; process where the login is sealed]
    #[arg(long, value_name = "STYLE")]
    style: Option<Style>,
    /// Remove profiles made here whose account or role is gone, unless you changed them
    #[arg(long)]
    prune: bool,
    /// Give profiles made here new names, if another template has named them
    #[arg(long)]
    rename: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    age: Age,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Style {
    /// sso_session: every SDK since 2023
    Session,
    /// credential_process: daypass is asked for credentials
    Process,
    /// sso_start_url in each profile, for a login without an sso-session
    Legacy,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

pub fn run(app: &App, wanted: &Populate) -> Result<Done> {
    wanted.extra.iter().try_for_each(|(key, _)| populate::check_extra(key))?;
    let choice = wanted.filter.read()?;
    let files = app.files()?;
    let plan = login(app, &files, wanted.login.sso_session.as_deref())?;
    let style = style(wanted, &plan)?;
    let regions = Regions::of(app, &files, &plan, wanted)?;
    let template = match &wanted.name {
        Some(text) => Template::parse(text)?,
        None => Template::usual(regions.names.len() > 1),
    };
    let of = |account: &Account| choice.of(account);
    let directory = listed(app, &files, &plan, wanted.age.or(STALE), &of)?;
    let pairs = choice.pairs(&directory);
    if pairs.is_empty() && !wanted.prune {
        return Err(Error::new(Kind::Config, "no account and role fits")
            .because(format!("{} accounts are known of {}", directory.accounts.len(), plan.shown()))
            .hint("`daypass list-roles` shows all of them"));
    }
    let recipe = Recipe {
        login: &plan,
        template: &template,
        style,
        regions: &regions.names,
        region_is_asked: regions.asked,
        extra: &wanted.extra,
        prune: wanted.prune,
        rename: wanted.rename,
        command: &process_line::for_profile,
    };
    let step = Changes { diff: wanted.changes.diff || wanted.dry_run }.step("profiles populate");
    let outcome =
        populate::apply(&app.host, &step, &recipe, &Wanted { directory: &directory, pairs })?;
    if wanted.changes.diff {
        changes::show(app, &step)?;
    }
    regions.tell(app, &outcome);
    tell(app, &plan, &outcome, step.writes());
    report(app, wanted, &outcome)
}

fn style(wanted: &Populate, plan: &SessionPlan) -> Result<populate::Style> {
    let style = match wanted.style {
        None => populate::Style::of(plan),
        Some(Style::Session) => populate::Style::Session,
        Some(Style::Process) => populate::Style::Process,
        Some(Style::Legacy) => populate::Style::Legacy,
    };
    style.fits(plan)
}

/// The regions of the profiles, and whether anybody has asked for them.
struct Regions {
    names: Vec<Region>,
    asked: bool,
}

impl Regions {
    /// `--regions`, `--region`, the variables, the profile in force; else the SSO region,
    /// since many programs do nothing without one.
    fn of(app: &App, files: &Files, plan: &SessionPlan, wanted: &Populate) -> Result<Self> {
        if !wanted.regions.is_empty() {
            let mut names: Vec<Region> = Vec::new();
            for text in &wanted.regions {
                let region = Region::parse(text)?;
                if !names.contains(&region) {
                    names.push(region);
                }
            }
            return Ok(Self { names, asked: true });
        }
        let chosen = app.chosen(files);
        let found = profile::region(&app.request, &app.host, &chosen.profile)?;
        let region = found.map_or_else(|| plan.region.value.clone(), |found| found.value);
        Ok(Self { names: vec![region], asked: app.request.region.is_some() })
    }

    fn tell(&self, app: &App, outcome: &Outcome) {
        if let [only] = self.names.as_slice()
            && !self.asked
            && !outcome.added.is_empty()
        {
            app.ui.note(&format!("New profiles have region {only}: --region sets another."));
        }
    }
}

/// What was done, or would be.
fn tell(app: &App, plan: &SessionPlan, outcome: &Outcome, writes: bool) {
    let counts = [
        (outcome.added.len(), if writes { "added" } else { "to be added" }),
        (outcome.changed.len(), if writes { "changed" } else { "to be changed" }),
        (outcome.renamed.len(), if writes { "renamed" } else { "to be renamed" }),
        (outcome.removed.len(), if writes { "removed" } else { "to be removed" }),
        (outcome.kept.len(), "left as you changed them"),
        (outcome.same, "as they were"),
    ];
    let words = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = words.map(|(count, what)| format!("{count} {what}")).collect();
    let words = if words.is_empty() { "nothing to do".to_owned() } else { words.join(", ") };
    app.ui.note(&format!("Profiles of {}: {words}.", plan.shown()));
    name_some(app, "Added", &outcome.added);
    name_some(app, "Changed", &outcome.changed);
    name_some(app, "Removed", &outcome.removed);
    name_some(app, "Left alone", &outcome.kept);
    for (name, dependent) in &outcome.leant_on {
        app.ui.note(&format!(
            "  Left alone: {}, which is the source_profile of {}: change that first.",
            clean(name),
            clean(dependent)
        ));
    }
    if !outcome.gone.is_empty() {
        name_some(app, "Account or role is gone", &outcome.gone);
        app.ui.note("--prune removes those that you have not changed.");
    }
    if outcome.old_names > 0 {
        let count = outcome.old_names;
        app.ui.note(&format!(
            "{count} keep the names that another template gave them: --rename gives new ones."
        ));
    }
    if writes && !outcome.edits.is_empty() {
        app.ui.note("`daypass configure undo` takes this back.");
    }
}

fn name_some(app: &App, what: &str, names: &[String]) {
    const ENOUGH: usize = 6;
    let some: Vec<&str> = names.iter().take(ENOUGH).map(String::as_str).collect();
    let more = match names.len().saturating_sub(ENOUGH) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    if !some.is_empty() {
        app.ui.note(&format!("  {what}: {}{more}", clean(&some.join(", "))));
    }
}

/// For scripts.
fn report(app: &App, wanted: &Populate, outcome: &Outcome) -> Result<Done> {
    if !app.wants_data() || wanted.changes.diff {
        return Ok(Done::Well);
    }
    let renamed: Vec<_> =
        outcome.renamed.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
    let leant_on = outcome.leant_on.iter();
    let leant_on: Vec<_> =
        leant_on.map(|(name, by)| json!({"profile": name, "source_profile_of": by})).collect();
    let value = json!({
        "added": outcome.added, "changed": outcome.changed, "renamed": renamed,
        "removed": outcome.removed, "gone": outcome.gone, "kept": outcome.kept,
        "leant_on": leant_on,
        "same": outcome.same,
    });
    let files = app.files()?;
    let renderer = app.renderer(&app.chosen(&files))?;
    app.show(&renderer, "populate", &value)
}
