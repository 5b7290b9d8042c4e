//! `status`: where one stands, without asking the network or anybody.

mod check;
pub mod prompt;
mod sheet;
#[cfg(test)]
mod testing;
pub mod text;
pub mod value;
mod watch;
pub mod words;

pub use sheet::{Ink, Paper, Sheet};

use crate::app::App;
use crate::deliver::lifetime;
use crate::report::Done;
use clap::{Args, ValueHint};
use daypass_core::Result;
use daypass_core::clocks::portal::{self, Answer};
use daypass_core::clocks::{InForce, Orphan, RoleClock, SessionClock, StoreState, Survey};
use daypass_core::files::Files;
use daypass_core::resolve::{Origin, sso};
use jiff::{SignedDuration, Timestamp};

/// See who is logged in, for how long, and which profile is in force
///
/// Shows every login with its clocks: the access token, what renews it, the portal's
/// session behind both, and the credentials kept for each profile. The portal tells
/// nobody when a session ends: daypass learns it from the sessions before, and always
/// calls it an estimate. Nothing is asked of the network unless you say --online.
#[derive(Args, Debug)]
#[command(after_help = "daypass status --check || daypass login\n\
                        daypass status --output json --query 'Sessions[].Standing'\n\
                        PS1='$(daypass status --prompt) $ '\n\n\
                        Codes of --check: 0 no person is needed, 4 a login is needed, 1 not set up,\n\
                        or nobody can tell. docs/status.md has recipes for shells and starship.")]
pub struct Status {
    /// Show this sso-session alone
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    sso_session: Option<String>,
    /// Say by the exit code alone whether a login is needed: see below
    #[arg(long, conflicts_with_all = ["watch", "prompt"])]
    check: bool,
    /// With --check: whether one will be needed within this time (6h, 90m, 3600)
    #[arg(long, value_name = "TIME", requires = "check", value_parser = lifetime::parse, value_hint = ValueHint::Other)]
    min_ttl: Option<SignedDuration>,
    /// Ask the portal, too, whether it accepts the logins
    #[arg(long, conflicts_with = "prompt")]
    online: bool,
    /// Stay, and show what changes; q ends it
    #[arg(long, conflicts_with = "prompt")]
    watch: bool,
    #[command(flatten)]
    prompt: prompt::Words,
}

/// Everything that is known, at one time.
struct Standpoint {
    now: Timestamp,
    force: InForce,
    sessions: Vec<SessionClock>,
    roles: Vec<RoleClock>,
    orphans: Vec<Orphan>,
    store: StoreState,
    /// What the portal says of each session; empty where it was not asked.
    answers: Vec<Option<Answer>>,
    /// The profile whose keys `exec` or `env` put into the environment.
    keys_of: Option<String>,
    about: About,
}

/// What was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Everything,
    Profile,
    Session,
}

pub fn run(app: &App, wanted: &Status) -> Result<Done> {
    if wanted.prompt.prompt {
        return app.print(&prompt::line(&app.host, &app.request, &wanted.prompt));
    }
    if wanted.watch {
        return watch::run(app, wanted);
    }
    let mut point = look(app, wanted)?;
    if wanted.online {
        point.answers = app.block_on(ask(app, &point))?;
    }
    if wanted.check {
        let verdict = check::verdict(&point, wanted.min_ttl);
        if app.wants_data() {
            show(app, &point)?;
        }
        return verdict.map(|()| Done::Well);
    }
    show(app, &point)
}

fn show(app: &App, point: &Standpoint) -> Result<Done> {
    if !app.wants_data() {
        return app.print(&text::of(point, &app.sheet()));
    }
    let files = app.files()?;
    let renderer = app.renderer(&app.chosen(&files))?;
    app.show(&renderer, "status", &value::of(point, &app.host))
}

fn look(app: &App, wanted: &Status) -> Result<Standpoint> {
    let files = app.files()?;
    let survey = Survey::new(&app.host, &files, &app.request);
    let force = survey.in_force();
    if app.request.profile.is_some() {
        app.chosen(&files).must_exist()?;
    }
    let about = match (&wanted.sso_session, &app.request.profile) {
        (Some(_), _) => About::Session,
        (None, Some(_)) => About::Profile,
        (None, None) => About::Everything,
    };
    let sessions = sessions(wanted, about, &files, &survey, &force)?;
    let (roles, orphans) = match about {
        About::Everything => (survey.roles(), survey.orphans(&sessions)),
        _ => (roles_of(about, &survey, &sessions, &force), Vec::new()),
    };
    let (now, store, answers) = (survey.now, survey.store, Vec::new());
    let keys_of = app.host.vars.get(crate::vars::PROFILE).map(str::to_owned);
    Ok(Standpoint { now, force, sessions, roles, orphans, store, answers, keys_of, about })
}

/// All logins, or the one that is asked about.
fn sessions(
    wanted: &Status,
    about: About,
    files: &Files,
    survey: &Survey<'_>,
    force: &InForce,
) -> Result<Vec<SessionClock>> {
    if let Some(name) = &wanted.sso_session {
        let plan = sso::session(files, name, Origin::Flag("--sso-session"))?;
        return Ok(vec![survey.of_plan(&plan)]);
    }
    if about == About::Profile {
        let role = force.clock.plan.as_ref().ok().and_then(lifetime::login);
        return Ok(role.map(|role| survey.of_plan(&role.session)).into_iter().collect());
    }
    Ok(survey.sessions())
}

fn roles_of(
    about: About,
    survey: &Survey<'_>,
    sessions: &[SessionClock],
    force: &InForce,
) -> Vec<RoleClock> {
    let mut names: Vec<&str> =
        sessions.iter().flat_map(|session| &session.profiles).map(String::as_str).collect();
    if about == About::Profile && !names.contains(&force.name.value.as_str()) {
        names.push(&force.name.value);
    }
    names.into_iter().map(|name| survey.role(name)).collect()
}

/// Shows every living access token to its portal.
async fn ask(app: &App, point: &Standpoint) -> Result<Vec<Option<Answer>>> {
    let files = app.files()?;
    let aws = app.aws(&app.chosen(&files))?;
    let mut answers = Vec::new();
    for session in &point.sessions {
        let lives = session.token.held().is_some_and(|held| point.now < held.expires_at);
        answers.push(match &session.plan {
            Ok(plan) if lives => portal::ask(&app.host, &aws, plan).await,
            _ => None,
        });
    }
    Ok(answers)
}

impl Standpoint {
    /// Whether there is nothing to tell of yet.
    fn is_blank(&self) -> bool {
        self.sessions.is_empty() && self.roles.is_empty() && !self.has_keys()
    }

    /// Whether a profile, or something in its place, answers a command that names none.
    fn is_anything_in_force(&self) -> bool {
        self.force.place.is_some() || self.force.name.origin != Origin::Default || self.has_keys()
    }

    fn has_keys(&self) -> bool {
        !self.force.overrides.is_empty()
    }
}
