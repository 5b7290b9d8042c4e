//! The server's credentials: the same that any command would use.

use crate::app::App;
use crate::deliver::server::Source;
use daypass_core::Result;
use daypass_core::credentials::RoleCredentials;

/// Asks as the command line did, each time from the files as they are then: a new
/// login, or a changed profile, needs no restart.
pub struct AppSource {
    app: App,
    first: String,
}

impl AppSource {
    /// # Errors
    /// The files cannot be read, or the profile in force is not there.
    pub fn new(app: &App) -> Result<Self> {
        let files = app.files()?;
        let chosen = app.chosen(&files);
        chosen.must_exist()?;
        let mut app = app.clone();
        // A question in the middle of the day would stop the server.
        app.ui.stdin_terminal = false;
        Ok(Self { first: chosen.name.value, app })
    }

    /// The profile in force.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The credentials of a profile, as long-lived as they come.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn fetch(&self, profile: &str) -> Result<RoleCredentials> {
        fetch(&self.app, profile, profile == self.first).await
    }
}

impl Source for AppSource {
    async fn credentials(&self, profile: &str) -> Result<RoleCredentials> {
        self.fetch(profile).await
    }
}

/// The profile in force is asked for as it was chosen: where a variable named it,
/// keys in variables come before it.
pub async fn fetch(app: &App, profile: &str, in_force: bool) -> Result<RoleCredentials> {
    let mut app = app.clone();
    if !in_force {
        app.request.profile = Some(profile.to_owned());
    }
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let aws = app.aws(&chosen)?;
    Ok(app.credentials(&aws, &chosen).await?.credentials)
}
