//! `doctor --fix`: mending what can be mended, with a way back.

use crate::app::App;
use crate::commands::changes::{self, Changes};
use crate::report::Done;
use daypass_core::doctor::mend::{self, Mend};
use daypass_core::doctor::{Finding, Severity};
use daypass_core::{Error, Kind, Result};

/// What is to be mended, and how.
pub(super) struct Wanted<'w> {
    /// The findings that were named; none for all that are safe.
    pub names: Vec<&'w str>,
    /// Whether nobody is to be asked.
    pub yes: bool,
    /// Whether it is only shown.
    pub changes: Changes,
}

/// Mends; `again` finds what is wrong by then, since one mend may be the cure of another
/// finding.
pub(super) fn run(
    app: &App,
    wanted: &Wanted<'_>,
    findings: &[Finding],
    again: impl FnOnce() -> Vec<Finding>,
) -> Result<Done> {
    let mendable = chosen(&wanted.names, findings)?;
    let mends: Vec<&Mend> = mendable.iter().filter_map(|found| found.mend.as_ref()).collect();
    let step = wanted.changes.step("doctor --fix");
    if !step.writes() {
        mend::apply(&app.host, &step, &mends)?;
        return changes::show(app, &step);
    }
    if mendable.is_empty() {
        tell(app, "There is nothing that doctor can mend by itself.");
        return Ok(rest(app, wanted, || findings.to_vec()));
    }
    announce(app, &mendable)?;
    if !may(app, wanted, &mends)? {
        tell(app, "Nothing was changed.");
        return Ok(Done::Child(1));
    }
    let applied = mend::apply(&app.host, &step, &mends)?;
    for done in &applied.said {
        tell(app, &format!("  {done}"));
    }
    if !step.is_empty() {
        tell(app, "  `daypass configure undo` takes back what was done to your files.");
    }
    for error in &applied.failed {
        tell(app, &format!("  not mended: {error}"));
    }
    match rest(app, wanted, again) {
        Done::Well if !applied.failed.is_empty() => Ok(Done::Child(1)),
        done => Ok(done),
    }
}

/// To standard output, unless that is for data.
fn tell(app: &App, line: &str) {
    if app.wants_data() { app.ui.note(line) } else { app.ui.say(line) }
}

/// Those that are named, else all that are safe.
fn chosen<'f>(names: &[&str], findings: &'f [Finding]) -> Result<Vec<&'f Finding>> {
    let can =
        |name: &&&str| !findings.iter().any(|found| found.id == **name && found.mend.is_some());
    if let Some(odd) = names.iter().find(can) {
        return Err(Error::new(
            Kind::Usage,
            format!("there is no `{odd}` here that doctor could mend"),
        )
        .hint("see with `daypass doctor` what there is"));
    }
    let wanted = |finding: &&Finding| match (&finding.mend, names) {
        (None, _) => false,
        (Some(mend), []) => mend.safe,
        (Some(_), names) => names.contains(&finding.id),
    };
    Ok(findings.iter().filter(wanted).collect())
}

fn announce(app: &App, mendable: &[&Finding]) -> Result<()> {
    for finding in mendable {
        tell(app, &format!("{}: {}", finding.id, finding.what));
        if let Some(loses) = finding.mend.as_ref().and_then(|mend| mend.loses) {
            tell(app, &format!("  {loses}"));
            if !lasts(app)? {
                tell(
                    app,
                    "  warning: that backup ends with the next restart, as the store's key does; `daypass vault use` names places that last",
                );
            }
        }
    }
    Ok(())
}

/// Whether a backup of secrets outlives a restart; opens the store, without which there
/// is no such backup at all.
fn lasts(app: &App) -> Result<bool> {
    app.host.store.open()?;
    let choice = app.host.store.choice()?;
    Ok(choice.is_none_or(|choice| choice.place.backend().is_persistent()))
}

/// On a terminal somebody is asked; without one, what is safe is done.
fn may(app: &App, wanted: &Wanted<'_>, mends: &[&Mend]) -> Result<bool> {
    if wanted.yes {
        return Ok(true);
    }
    if app.ui.stdin_terminal {
        return agreed(app);
    }
    match mends.iter().all(|mend| mend.safe) {
        true => Ok(true),
        false => Err(Error::new(Kind::Usage, "this is not done without being asked for")
            .because("there is no terminal to ask on")
            .hint("add --yes")),
    }
}

fn agreed(app: &App) -> Result<bool> {
    let mut prompter = app.prompter();
    let question = crate::prompt::Question::new("Mend this? [y/N]:".to_owned());
    let answer = prompter.text(&question).map_err(crate::wizard::stopped)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What only the user's shell, or the user, can do. Who named a finding has got it.
fn rest(app: &App, wanted: &Wanted<'_>, left: impl FnOnce() -> Vec<Finding>) -> Done {
    if !wanted.names.is_empty() {
        return Done::Well;
    }
    let left = left();
    let serious = left.iter().filter(|finding| finding.severity != Severity::Note);
    for finding in serious {
        if let Some(command) = &finding.command {
            tell(app, &format!("{}: run `{command}`", finding.id));
        }
    }
    super::verdict(&left)
}
