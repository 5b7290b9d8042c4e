//! What `migrate` says.

use super::ask::words;
use super::{Plan, Scene};
use crate::app::App;
use crate::output::clean;
use crate::report::Done;
use daypass_core::Result;
use daypass_core::edit::Step;
use daypass_core::migrate::imports::{Becomes, Import, Tool};
use daypass_core::migrate::{Key, KeyKind, Spot, Treatment};
use daypass_core::resolve::sso::shell_word;
use serde_json::{Value, json};

/// Why lines of a file are left alone.
const JOINED: &str = "part of a longer command, or of a line with another key";

/// What there is, before anything is asked or done.
pub fn survey(app: &App, scene: &Scene) -> Result<Done> {
    let mut text = String::new();
    for (kind, title) in [
        (KeyKind::LongLived, "Long-lived access keys in plain text:"),
        (KeyKind::Temporary, "Temporary keys, which end within hours and then shadow every login:"),
    ] {
        let keys: Vec<&Key> = scene.keys.iter().filter(|key| key.kind == kind).collect();
        if !keys.is_empty() {
            text += &format!("{title}\n");
            keys.iter().for_each(|key| text += &of_key(key, &scene.kept));
            text.push('\n');
        }
    }
    if !scene.imports.is_empty() {
        text += "Profiles of other tools:\n";
        scene.imports.iter().for_each(|import| text += &of_import(import));
        text.push('\n');
    }
    if scene.keys.is_empty() && scene.imports.is_empty() {
        text += "There is no access key in plain text, and no profile of another tool.\n";
    }
    for refused in &scene.refused {
        app.ui.note(&format!("note: {} stays as it is: {}", refused.place, refused.what));
    }
    for unread in &scene.survey.unread {
        app.ui.note(&format!("note: not looked into: {unread}"));
    }
    if app.host.vars.get("AWS_ACCESS_KEY_ID").is_some() {
        app.ui.note(
            "note: AWS_ACCESS_KEY_ID is set in this shell, and comes before every profile: \
             run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`",
        );
    }
    app.print(&shown(&text))
}

fn of_key(key: &Key, kept: &[(String, String)]) -> String {
    let mut text = format!("  {}\n", key.id);
    for found in &key.places {
        let profile = match &found.spot {
            Spot::Profile { profile, .. } => format!("  profile {profile}"),
            Spot::Lines { stays: true, .. } => format!("  stays: {JOINED}"),
            Spot::Lines { .. } => String::new(),
        };
        text += &format!("    {}{profile}\n", found.place());
    }
    if key.secret.is_none() {
        text += "    its secret is not there\n";
    }
    if let Some(obstacle) = key.obstacle(kept).filter(|_| key.kind == KeyKind::LongLived) {
        text += &format!("    {obstacle}\n");
    }
    for one in &key.uses {
        text += &format!("    used by {}  {}\n", one.what, one.place);
    }
    text
}

fn of_import(import: &Import) -> String {
    let becomes = match &import.becomes {
        Becomes::Sso { portal, role, .. } => {
            format!("{} in {} by a login at {}", role.name, role.account, portal.start_url)
        }
        Becomes::AsItIs => "what it says besides is enough".to_owned(),
        Becomes::Kept => "its key moves to daypass's store".to_owned(),
    };
    format!("  {}  {} ({}): {becomes}\n", import.place, import.profile, import.tool)
}

/// What was done, and what only a person can do.
pub fn done(app: &App, plan: &Plan, step: &Step) -> Result<Done> {
    let mut text = String::new();
    for (key, treatment) in &plan.keys {
        text += &format!("{}: {}\n", key.id, words(treatment, key));
    }
    for (place, stays) in still_set(plan) {
        let remedy = match stays {
            true => format!("take it out yourself, since it is {JOINED}"),
            false => {
                "`daypass migrate --yes --comment-out` puts that line out of action".to_owned()
            }
        };
        app.ui.note(&format!(
            "note: {place} still sets the key, and comes before every profile: {remedy}"
        ));
    }
    for import in &plan.imports {
        text += &format!("profile {} is no longer {}'s\n", import.profile, import.tool);
    }
    text += &what_next(plan);
    if step.is_empty() {
        text += "Nothing was changed.\n";
    } else {
        text += "`daypass configure undo` takes this back.\n";
    }
    app.print(&shown(&text))
}

/// Lines of other files that set a key which is in the store by now, or out, and whether
/// they are such as only a person can take out.
fn still_set(plan: &Plan) -> Vec<(String, bool)> {
    let done = plan.keys.iter().filter(|(_, what)| *what != Treatment::Leave);
    let places = done.flat_map(|(key, _)| &key.places);
    let still = places.filter_map(|found| match found.spot {
        Spot::Lines { stays, .. } if stays || !plan.lines => Some((found.place(), stays)),
        _ => None,
    });
    still.collect()
}

/// Commands that are never run from here.
fn what_next(plan: &Plan) -> String {
    let mut text = String::new();
    let live = plan
        .keys
        .iter()
        .filter(|(key, what)| key.kind == KeyKind::LongLived && *what != Treatment::Leave);
    for (key, treatment) in live {
        let (when, profile) = match treatment {
            Treatment::Store(_) => ("When nothing needs it any more", "ADMIN".to_owned()),
            Treatment::Replace(login) => ("When all works without it", shell_word(login)),
            _ => ("When all works without it", "ADMIN".to_owned()),
        };
        text += &format!(
            "{when}, deactivate the key at AWS:\n\n    aws iam update-access-key \
             --access-key-id {} --status Inactive --user-name USER --profile {profile}\n\n",
            key.id
        );
    }
    let moved = plan.imports.iter().filter(|import| import.becomes == Becomes::Kept);
    for import in moved.filter(|import| import.tool == Tool::AwsVault) {
        let name = shell_word(&import.profile);
        text += &format!(
            "The key of profile {} is still in aws-vault's keyring. Move it:\n\n    aws-vault exec \
             --no-session {name} -- sh -c 'printf \"%s\\n%s\\n\" \"$AWS_ACCESS_KEY_ID\" \
             \"$AWS_SECRET_ACCESS_KEY\"' | daypass vault add {name}\n\n",
            import.profile
        );
    }
    if plan.imports.iter().any(|import| matches!(import.becomes, Becomes::Sso { .. })) {
        text += "Log in once with `daypass login`, or `daypass sso login --sso-session NAME`.\n";
    }
    text
}

/// The same for a program.
pub fn value(app: &App, scene: &Scene, plan: &Plan) -> Result<Done> {
    let keys: Vec<Value> = plan.keys.iter().map(|(key, what)| of_plan(key, what)).collect();
    let imports: Vec<Value> = plan
        .imports
        .iter()
        .map(|import| {
            json!({
                "Profile": import.profile, "Tool": import.tool.to_string(),
                "Place": import.place,
            })
        })
        .collect();
    let refused: Vec<Value> =
        scene.refused.iter().map(|one| json!({ "Place": one.place, "Reason": one.what })).collect();
    let renderer = app.renderer(&app.chosen(&scene.files))?;
    let value = json!({ "Keys": keys, "Imports": imports, "Refused": refused });
    app.show(&renderer, "migrate", &value)
}

fn of_plan(key: &Key, treatment: &Treatment) -> Value {
    let kind = match key.kind {
        KeyKind::LongLived => "long-lived",
        KeyKind::Temporary => "temporary",
        KeyKind::Unknown => "unknown",
    };
    let (what, name) = match treatment {
        Treatment::Store(name) => ("store", Some(name)),
        Treatment::Replace(name) => ("replace", Some(name)),
        Treatment::TakeOut => ("remove", None),
        Treatment::Leave => ("leave", None),
    };
    json!({
        "AccessKeyId": key.id, "Kind": kind,
        "Places": key.places.iter().map(|found| found.place()).collect::<Vec<_>>(),
        "Profiles": key.profiles().collect::<Vec<_>>(),
        "Uses": key.uses.iter().map(|one| format!("{} {}", one.what, one.place)).collect::<Vec<_>>(),
        "Treatment": what, "Name": name,
    })
}

fn shown(text: &str) -> String {
    text.split('\n').map(|line| clean(line).into_owned()).collect::<Vec<_>>().join("\n")
}
