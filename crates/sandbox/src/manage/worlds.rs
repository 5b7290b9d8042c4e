//! Worlds beside the main one: one for each test or course.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Problem, Task, done, input, options};
use crate::http::Answer;
use crate::rooms::{LodgeError, Lodger, Rooms};
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    world: Option<String>,
    toml: Option<String>,
    #[serde(default)]
    options: Map<String, Value>,
}

/// A world's own token does not open the others.
fn rooms<'a>(task: &Task<'a>) -> Result<&'a Rooms, Problem> {
    let text = "worlds are made and ended at the management's own address, without /w/NAME";
    task.rooms.ok_or_else(|| Problem::new(403, "forbidden", text))
}

pub(super) fn list(task: &Task<'_>) -> Result<Answer, Problem> {
    let rooms = rooms(task)?;
    let lodgers = rooms.lodgers().into_iter();
    let lodgers = lodgers.map(|(name, lodger)| described(rooms, &name, &lodger));
    done(&json!({ "worlds": lodgers.collect::<Vec<_>>() }))
}

pub(super) fn create(task: &Task<'_>) -> Result<Answer, Problem> {
    let rooms = rooms(task)?;
    let input: Input = input(task.ask)?;
    let world = world(&input)?;
    let options = options::changed(task.control.options(), input.options)?;
    let lodger = rooms.lodge(&input.name, world, options).map_err(refused)?;
    Ok(Answer::json(201, &described(rooms, &input.name, &lodger)))
}

fn world(input: &Input) -> Result<World, Problem> {
    match (&input.world, &input.toml) {
        (Some(name), None) => World::built_in(name).ok_or_else(|| {
            let names = World::BUILT_IN.join(", ");
            Problem::bad(format!("`{name}` is no built-in world: choose one of {names}"))
        }),
        (None, Some(toml)) => {
            World::from_toml(toml, "toml").map_err(|error| Problem::bad(error.to_string()))
        }
        (None, None) => Ok(World::guide()),
        (Some(_), Some(_)) => Err(Problem::bad("a world is built in or given as TOML, not both")),
    }
}

fn refused(error: LodgeError) -> Problem {
    match error {
        LodgeError::Name(_) => Problem::bad(error.to_string()),
        LodgeError::Taken(_) | LodgeError::Full => Problem::new(409, "conflict", error.to_string()),
    }
}

pub(super) fn show(task: &Task<'_>) -> Result<Answer, Problem> {
    let (rooms, name) = (rooms(task)?, task.words.concat());
    let lodger = rooms.lodger(&name).ok_or_else(|| absent(&name))?;
    done(&described(rooms, &name, &lodger))
}

pub(super) fn remove(task: &Task<'_>) -> Result<Answer, Problem> {
    let name = task.words.concat();
    if rooms(task)?.evict(&name) { Ok(Answer::new(204)) } else { Err(absent(&name)) }
}

fn absent(name: &str) -> Problem {
    Problem::absent(format!("there is no world `{name}`"))
}

fn described(rooms: &Rooms, name: &str, lodger: &Lodger) -> Value {
    let environment = rooms.environment_of(name, lodger).into_iter();
    let environment: Map<_, _> = environment.map(|(name, value)| (name, value.into())).collect();
    let room = lodger.shared.lock();
    json!({
        "name": name,
        "start_url": room.world.start_url,
        "region": room.world.region,
        "users": room.world.users.iter().map(|user| &user.name).collect::<Vec<_>>(),
        "accounts": room.world.accounts.len(),
        "requests": room.journal.last(),
        "environment": environment,
    })
}
