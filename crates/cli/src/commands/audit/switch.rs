//! `audit on`, `off` and `status`.

use crate::app::App;
use crate::report::Done;
use crate::vars;
use daypass_core::{Error, Kind, Result};
use hot::trail;
use serde_json::json;

pub fn on(app: &App) -> Result<Done> {
    let switch = trail::off_switch(&app.host.home);
    daypass_core::audit::switch(&app.host, true)?;
    app.ui.say("The audit trail is kept.");
    if let Some(why) = vars::audit_is_off_by(&app.host.vars) {
        app.ui.note(&format!("note: not in this shell, where {why}"));
    }
    tracing::debug!(switch = %switch.display(), "removed");
    Ok(Done::Well)
}

pub fn off(app: &App) -> Result<Done> {
    daypass_core::audit::switch(&app.host, false)?;
    let place = app.host.shorten(&trail::place(&app.host.home));
    app.ui.say(&format!("No audit trail is kept from now on. What is there stays in {place}."));
    Ok(Done::Well)
}

/// Why nothing can be added, if that is so although it should be.
pub fn unwritable(app: &App) -> Option<String> {
    if is_off(app).is_some() {
        return None;
    }
    trail::probe(&app.host.home).err().map(|error| error.to_string())
}

fn is_off(app: &App) -> Option<String> {
    vars::audit_is_off_by(&app.host.vars).or_else(|| {
        let switch = trail::off_switch(&app.host.home);
        let there = switch.exists();
        there.then(|| format!("`daypass audit off` has made {}", app.host.shorten(&switch)))
    })
}

pub fn status(app: &App) -> Result<Done> {
    let place = trail::place(&app.host.home);
    let loaded = daypass_core::audit::load(&app.host)?;
    let (off, unwritable) = (is_off(app), unwritable(app));
    let since = loaded.entries.first().map(|entry| entry.text("time"));
    if app.wants_data() {
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        let value = json!({
            "Kept": off.is_none() && unwritable.is_none(),
            "Off": off, "Unwritable": unwritable,
            "Path": place.display().to_string(),
            "Events": loaded.entries.len(), "Broken": loaded.broken, "Since": since,
        });
        return app.show(&renderer, "audit-status", &value);
    }
    let shown = app.host.shorten(&place);
    let mut text = match (&off, &unwritable) {
        (Some(why), _) => format!("No audit trail is kept: {why}.\n"),
        (None, Some(why)) => format!("Nothing can be added to {shown}: {why}.\n"),
        (None, None) => format!("The audit trail is kept in {shown}.\n"),
    };
    text += &match since {
        Some(since) => format!("It has {} events since {since}.\n", loaded.entries.len()),
        None => "It is empty.\n".to_owned(),
    };
    match (off, unwritable) {
        (None, Some(why)) => Err(Error::new(
            Kind::Store,
            format!("nothing can be added to {shown}"),
        )
        .because(why)
        .hint("see who may write there with `ls -ld ~/.aws/daypass`, or run `daypass audit off`")),
        _ => app.print(&text),
    }
}
