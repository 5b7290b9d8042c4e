//! The server's credentials: the same that any command would use.

use crate::app::App;
use crate::deliver;
use crate::deliver::server::Source;
use crate::ui::Ui;
use daypass_core::Result;
use daypass_core::credentials::RoleCredentials;
use daypass_core::resolve::Origin;

/// Asks each time from the files as they are then: a new login, or a changed profile,
/// needs no restart.
pub struct AppSource {
    app: App,
    first: String,
}

impl AppSource {
    /// # Errors
    /// The files cannot be read, or the profile in force is not there.
    pub fn new(app: &App) -> Result<Self> {
        let files = app.files()?;
        let chosen = deliver::chosen(app, &files);
        chosen.must_exist()?;
        let mut app = app.clone();
        if chosen.name.origin != Origin::Default {
            app.request.profile = Some(chosen.name.value.clone());
        }
        // A question in the middle of the day would stop the server.
        app.ui.stdin_terminal = false;
        Ok(Self { first: chosen.name.value, app })
    }

    /// The profile in force.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// As the command line has it, the profile in force chosen.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The credentials of a profile, as long-lived as they come.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn fetch(&self, profile: &str) -> Result<RoleCredentials> {
        self.fetch_asking(self.app.ui, profile).await
    }

    /// The same, with somebody there perhaps who can be asked for a code.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn fetch_asking(&self, ui: Ui, profile: &str) -> Result<RoleCredentials> {
        let mut app = self.app.clone();
        app.ui = ui;
        if profile != self.first {
            app.request.profile = Some(profile.to_owned());
        }
        let files = app.files()?;
        let chosen = app.chosen(&files);
        let aws = app.aws(&chosen)?;
        Ok(app.credentials(&aws, &chosen).await?.credentials)
    }
}

impl Source for AppSource {
    async fn credentials(&self, profile: &str) -> Result<RoleCredentials> {
        self.fetch(profile).await
    }
}
