//! Where the key is was chosen by itself: that is said once.

use crate::app::App;
use daypass_core::store::Store;
use std::path::PathBuf;
use vault::Backend;

/// Says where the store's key is, if nobody has been told yet. Only a person at a
/// terminal can be; scripts and credential processes stay silent.
pub fn announce(app: &App) {
    if !app.ui.stderr_terminal {
        return;
    }
    let Ok(Some(choice)) = app.host.store.choice() else { return };
    let backend = choice.place.backend();
    if is_known(app, backend) {
        return;
    }
    app.ui.note(&format!(
        "Credentials are kept sealed on this machine ({backend}): {}.",
        backend.protection()
    ));
    app.ui.note("`daypass vault status` shows this again, `daypass vault use` changes it.");
    now_known(app, backend);
}

fn note(app: &App) -> PathBuf {
    Store::place(&app.host.home).join("announced")
}

fn is_known(app: &App, backend: Backend) -> bool {
    let told = vault::read_private(&note(app)).ok().flatten();
    told.is_some_and(|text| text == backend.as_str().as_bytes())
}

/// The next command need not say it.
pub fn now_known(app: &App, backend: Backend) {
    if let Err(error) = vault::write_private(&note(app), backend.as_str().as_bytes()) {
        tracing::debug!(%error, "the announcement may come again");
    }
}
