//! `vault status`.

use crate::app::App;
use crate::report::Done;
use daypass_core::resolve::sso::{self, Keeping};
use daypass_core::resolve::{Origin, SessionPlan};
use daypass_core::{Error, Kind, Result};
use serde_json::{Value, json};
use vault::{KeyStatus, Status, Store as _};

/// How many records of each kind there are.
#[derive(Default)]
struct Held {
    roles: usize,
    logins: usize,
    keys: usize,
}

pub fn run(app: &App) -> Result<Done> {
    let status = app.host.store.status()?;
    let held = held(app, &status)?;
    let sessions = sessions(app)?;
    if app.wants_data() {
        return show(app, &status, &held, &sessions);
    }
    let mut text = format!("store: {}\n", app.host.shorten(&place(app)));
    text += &format!("key: {}\n", key(&status));
    text += &format!("{}\n", upper(status.sentence()));
    let (logins, keys) = (counted(held.logins, "login"), counted(held.keys, "access key"));
    text += &format!("sealed: {} role credentials, {logins}, {keys}\n", held.roles);
    for session in &sessions {
        text += &format!("{}: {}\n", session.shown(), keeping(session));
    }
    app.print(&text)?;
    match status.key {
        KeyStatus::OutOfReach(error) => Err(out_of_reach(&error)),
        _ => Ok(Done::Well),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn place(app: &App) -> std::path::PathBuf {
    daypass_core::store::Store::place(&app.host.home)
}

fn out_of_reach(error: &vault::KeyError) -> Error {
    Error::new(Kind::Store, "the store's key is out of reach")
        .because(error.to_string())
        .hint(error.cure())
}

fn held(app: &App, status: &Status) -> Result<Held> {
    let mut held = Held::default();
    if !matches!(status.key, KeyStatus::Present) {
        return Ok(held);
    }
    for name in app.host.store.names()? {
        match name.as_str().split('.').next() {
            Some("role" | "keyed") => held.roles += 1,
            Some("token") => held.logins += 1,
            Some("keys") => held.keys += 1,
            _ => {}
        }
    }
    Ok(held)
}

fn sessions(app: &App) -> Result<Vec<SessionPlan>> {
    let files = app.files()?;
    let plan = |name| sso::session(&files, name, Origin::Default).ok();
    Ok(files.config.parsed.sso_sessions().filter_map(plan).collect())
}

fn backend(status: &Status) -> Option<&'static str> {
    status.choice.as_ref().map(|choice| choice.place.backend().as_str())
}

fn key(status: &Status) -> String {
    let backend = backend(status).unwrap_or("not chosen yet");
    match (&status.choice, &status.key) {
        (None, _) => backend.to_owned(),
        (_, KeyStatus::Present) => format!("{backend}, at hand"),
        (_, KeyStatus::Absent) => {
            format!("{backend}, gone (as after a restart): log in, and there is a new one")
        }
        (_, KeyStatus::OutOfReach(_)) => format!("{backend}, out of reach"),
    }
}

fn keeping(session: &SessionPlan) -> String {
    match session.keeping {
        Keeping::Shared => "its login is plain text in ~/.aws/sso/cache, for every SDK \
                            (`daypass vault on` seals it)"
            .to_owned(),
        Keeping::Sealed(policy) => {
            format!("its login is sealed; other programs: {}", policy.as_str())
        }
    }
}

fn upper(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn show(app: &App, status: &Status, held: &Held, sessions: &[SessionPlan]) -> Result<Done> {
    let state = match status.key {
        KeyStatus::Present => "present",
        KeyStatus::Absent => "absent",
        KeyStatus::OutOfReach(_) => "out-of-reach",
    };
    let session = |plan: &SessionPlan| {
        let policy = match plan.keeping {
            Keeping::Shared => Value::Null,
            Keeping::Sealed(policy) => json!(policy.as_str()),
        };
        json!({ "Name": plan.name.as_ref().map(ToString::to_string), "Sealed": policy })
    };
    let value = json!({
        "Place": place(app).display().to_string(),
        "Backend": backend(status),
        "Key": state,
        "Protection": status.sentence(),
        "RoleCredentials": held.roles,
        "Logins": held.logins,
        "AccessKeys": held.keys,
        "Sessions": sessions.iter().map(session).collect::<Vec<_>>(),
    });
    let files = app.files()?;
    let renderer = app.renderer(&app.chosen(&files))?;
    app.show(&renderer, "vault-status", &value)
}
