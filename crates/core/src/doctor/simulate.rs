//! What a tool would pick here and now: one walk along its order.

mod look;

use super::order::{Empty, Order, Source, Step, Tool, Unless};
use super::scene::Scene;
use crate::resolve::profile::Profile;
use crate::resolve::{Origin, Sourced};
pub use look::Look;
pub(crate) use look::key_kind;

/// What a tool would do.
#[derive(Debug)]
pub struct Answer {
    /// The tool.
    pub tool: &'static Tool,
    /// The profile that it takes; `None` where it knows no profiles.
    pub profile: Option<Sourced<String>>,
    /// The places it looks in, with what is there.
    pub lines: Vec<Line>,
    /// How that ends.
    pub end: End,
}

/// One place.
#[derive(Debug)]
pub struct Line {
    /// The place.
    pub source: Source,
    /// What the tool makes of it.
    pub state: State,
    /// What is there, for people; empty where nothing is.
    pub says: String,
    /// Where that was said.
    pub origins: Vec<Origin>,
}

/// What a tool makes of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is there.
    Absent,
    /// This is what it takes.
    Picked,
    /// It stops here with an error.
    Stops,
    /// There is something, but it is passed over: a profile was named.
    PassedOver,
    /// There is something, but an earlier place came first.
    NeverReached,
}

/// How the walk ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It takes credentials from there.
    Picks(Source),
    /// It fails, for this reason.
    Fails(String),
    /// It finds nothing.
    Nothing,
    /// It finds nothing, and sends requests without a signature.
    Anonymous,
}

impl Answer {
    /// The line where it stopped looking.
    pub fn decisive(&self) -> Option<&Line> {
        self.lines.iter().find(|line| matches!(line.state, State::Picked | State::Stops))
    }

    /// Whether it takes this source.
    pub fn picks(&self, source: Source) -> bool {
        self.end == End::Picks(source)
    }
}

/// Walks along the tool's order.
pub fn simulate(scene: &Scene, tool: &'static Tool) -> Answer {
    let order = tool.order;
    let chosen = choose(scene, order);
    let profile = match &chosen {
        Ok(chosen) => chosen.clone(),
        Err((name, _)) => Some(name.clone()),
    };
    let stopped = chosen.err().map(|(_, why)| why).or_else(|| refused(scene, order));
    let missing = missing(scene, order, profile.as_ref());
    let stopped = stopped.or_else(|| missing.clone().filter(|_| order.profile.missing_fails));
    let name = profile.as_ref().map_or("default", |found| found.value.as_str());
    let mut walk = Walk {
        scene,
        order,
        profile: scene.profile_for(order, name),
        name,
        origin: profile.as_ref().map(|p| &p.origin),
        done: stopped.is_some(),
    };
    let lines: Vec<Line> = order.steps.iter().map(|step| walk.line(step)).collect();
    let end = stopped.map_or_else(|| end(order, &lines), End::Fails);
    Answer { tool, profile, lines, end }
}

type Chosen = Result<Option<Sourced<String>>, (Sourced<String>, String)>;

/// The profile as this tool chooses it.
fn choose(scene: &Scene, order: &Order) -> Chosen {
    if order.profile.variables.is_empty() {
        return Ok(None);
    }
    if let Some(name) = &scene.request.profile {
        return Ok(Some(Sourced::new(name.clone(), Origin::Flag("--profile"))));
    }
    for variable in order.profile.variables {
        match scene.raw(variable) {
            Some("") if order.profile.empty == Empty::Fails => {
                let name = Sourced::new(String::new(), Origin::Variable(variable));
                return Err((
                    name,
                    format!(
                        "{variable} is set to nothing, and it looks for a profile without a name"
                    ),
                ));
            }
            Some("") if order.profile.empty == Empty::Unset => {}
            None => {}
            Some(name) => {
                return Ok(Some(Sourced::new(name.to_owned(), Origin::Variable(variable))));
            }
        }
    }
    Ok(Some(Sourced::new("default".to_owned(), Origin::Default)))
}

/// Why it cannot read the files.
fn refused(scene: &Scene, order: &Order) -> Option<String> {
    let broken =
        scene.broken.iter().find(|broken| order.files.strict || broken.syntax.is_none())?;
    order.files.files.then(|| broken.error.to_string())
}

/// What it says of a profile that somebody named and that is not there.
fn missing(scene: &Scene, order: &Order, name: Option<&Sourced<String>>) -> Option<String> {
    let name = name.filter(|name| name.origin != Origin::Default)?;
    let there = order.files.files && scene.profile_for(order, &name.value).exists();
    (!there).then(|| {
        format!("there is no profile `{}`, which {} names", name.value.escape_debug(), name.origin)
    })
}

fn end(order: &Order, lines: &[Line]) -> End {
    match lines.iter().find(|line| matches!(line.state, State::Picked | State::Stops)) {
        Some(line) if line.state == State::Picked => End::Picks(line.source),
        Some(line) => End::Fails(line.says.clone()),
        None if order.anonymous => End::Anonymous,
        None => End::Nothing,
    }
}

struct Walk<'a> {
    scene: &'a Scene,
    order: &'a Order,
    profile: Profile<'a>,
    name: &'a str,
    origin: Option<&'a Origin>,
    done: bool,
}

impl Walk<'_> {
    fn line(&mut self, step: &Step) -> Line {
        let look = look::look(self.scene, self.order, &self.profile, self.name, step.source);
        let (state, says, origins) = match look {
            Look::Absent => (State::Absent, String::new(), Vec::new()),
            Look::There(says, origins) => (self.state(step, State::Picked), says, origins),
            Look::Bad(why, origins) => (self.state(step, State::Stops), why, origins),
        };
        self.done |= matches!(state, State::Picked | State::Stops);
        Line { source: step.source, state, says, origins }
    }

    fn state(&self, step: &Step, reached: State) -> State {
        if self.done {
            return State::NeverReached;
        }
        let passed_over = matches!(
            (step.unless, self.origin),
            (Unless::Told | Unless::Named, Some(Origin::Flag(_)))
                | (Unless::Named, Some(Origin::Variable(_)))
        );
        if passed_over { State::PassedOver } else { reached }
    }
}
