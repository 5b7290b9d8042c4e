//! The questions of `migrate`.

use super::{Plan, Scene, logins, tools};
use crate::app::App;
use crate::prompt::{Menu, Prompter};
use crate::wizard::stopped;
use daypass_core::Result;
use daypass_core::migrate::{Key, KeyKind, Treatment};

/// Asks about each key, the lines of other files, and each tool.
pub fn plan(app: &App, scene: &Scene, usual: Plan) -> Result<Plan> {
    let mut prompter = app.prompter();
    let prompter = prompter.as_mut();
    let logins = logins(&scene.files);
    let mut taken = Vec::new();
    let mut keys = Vec::new();
    for (key, treatment) in usual.keys {
        let fixed = matches!(treatment, Treatment::Replace(_));
        let treatment = match fixed {
            true => treatment,
            false => about_key(prompter, scene, &key, &logins, &taken)?,
        };
        if let Treatment::Store(name) = &treatment {
            taken.push(name.clone());
        }
        keys.push((key, treatment));
    }
    let touched = keys.iter().any(|(key, what)| key.is_in_lines() && *what != Treatment::Leave);
    let lines = touched && (usual.lines || about_lines(prompter)?);
    let mut imports = usual.imports;
    for tool in tools(&imports) {
        let count = imports.iter().filter(|import| import.tool == tool).count();
        let title = format!("{count} profiles of {tool}:");
        let rows = ["take them over", "leave them as they are"];
        if choose(prompter, title, &rows)? == 1 {
            imports.retain(|import| import.tool != tool);
        }
    }
    Ok(Plan { keys, imports, lines })
}

fn about_key(
    prompter: &mut dyn Prompter,
    scene: &Scene,
    key: &Key,
    logins: &[String],
    taken: &[String],
) -> Result<Treatment> {
    let usual = key.usual(&scene.files, &scene.kept, taken);
    let place = key.places.first().map(|found| found.place()).unwrap_or_default();
    let mut choices = vec![(words(&usual, key), usual.clone())];
    if key.kind == KeyKind::LongLived {
        choices.extend(logins.iter().map(|login| {
            let words = format!("remove it: the login of profile {login} takes its place");
            (words, Treatment::Replace(login.clone()))
        }));
    }
    if usual != Treatment::Leave {
        choices.push((words(&Treatment::Leave, key), Treatment::Leave));
    }
    let rows: Vec<&str> = choices.iter().map(|(words, _)| words.as_str()).collect();
    let at = choose(prompter, format!("Access key {} at {place}:", key.id), &rows)?;
    Ok(choices.swap_remove(at).1)
}

pub(super) fn words(treatment: &Treatment, key: &Key) -> String {
    match treatment {
        Treatment::Store(name) if key.profiles().next().is_none() => {
            format!("into the store as `{name}`, a profile of that name")
        }
        Treatment::Store(name) => {
            format!("into the store as `{name}`; its profile goes on working")
        }
        Treatment::Replace(login) => format!("out: the login of profile {login} takes its place"),
        Treatment::TakeOut if key.kind == KeyKind::Temporary => {
            "out: it is temporary, and ends by itself".to_owned()
        }
        Treatment::TakeOut => "out: the profile has a login".to_owned(),
        Treatment::Leave => "it stays".to_owned(),
    }
}

fn about_lines(prompter: &mut dyn Prompter) -> Result<bool> {
    let title = "The lines of start-up files and files of variables that set these keys:";
    let rows = ["comment them out, the secrets masked", "leave them as they are"];
    Ok(choose(prompter, title.to_owned(), &rows)? == 0)
}

fn choose(prompter: &mut dyn Prompter, title: String, rows: &[&str]) -> Result<usize> {
    let rows = rows.iter().map(|row| (*row).to_owned()).collect();
    prompter.choose(&Menu { title, rows, start: 0 }).map_err(stopped)
}
