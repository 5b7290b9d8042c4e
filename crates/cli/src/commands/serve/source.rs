//! The server's credentials: the same that any command would use.

use crate::app::App;
use crate::deliver::server::Source;
use crate::deliver::{self, lifetime};
use crate::ui::Ui;
use daypass_core::aws::Aws;
use daypass_core::credentials::RoleCredentials;
use daypass_core::resolve::sso::RolePlan;
use daypass_core::resolve::{Origin, credentials};
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Error, Kind, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Asks each time from the files as they are then: a new login, or a changed profile,
/// needs no restart.
pub struct AppSource {
    app: App,
    first: String,
    /// The last access key of each profile, and how often it came again.
    last: RefCell<BTreeMap<String, (String, u32)>>,
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
        Ok(Self { first: chosen.name.value, app, last: RefCell::default() })
    }

    /// The profile in force.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// As the command line has it, the profile in force chosen.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The credentials of a profile. Somebody may be asked for a code, if `ui` says that
    /// there is somebody.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn fetch(&self, ui: Ui, profile: &str) -> Result<RoleCredentials> {
        let mut app = self.as_told(profile);
        app.ui = ui;
        let files = app.files()?;
        let chosen = app.chosen(&files);
        let aws = app.aws(&chosen)?;
        let found = app.credentials(&aws, &chosen).await?.credentials;
        self.came_again(profile, &found);
        Ok(found)
    }

    fn as_told(&self, profile: &str) -> App {
        let mut app = self.app.clone();
        if profile != self.first {
            app.request.profile = Some(profile.to_owned());
        }
        app
    }

    /// How often in a row these very credentials have come for the profile again.
    fn came_again(&self, profile: &str, found: &RoleCredentials) -> u32 {
        let mut last = self.last.borrow_mut();
        let known = last.entry(profile.to_owned()).or_default();
        if known.0 == found.access_key_id {
            known.1 += 1;
        } else {
            *known = (found.access_key_id.clone(), 0);
        }
        known.1
    }

    /// Why there are no new credentials: living ones are handed out again when the
    /// login has ended or the network is down, and nobody says so.
    async fn reason(&self, profile: &str) -> Result<RoleCredentials> {
        let app = self.as_told(profile);
        let files = app.files()?;
        let chosen = app.chosen(&files);
        let plan = credentials::plan(&app.host, &chosen)?;
        let not_yet = || {
            let message = format!("cannot renew the credentials of profile {}", chosen.shown());
            Error::new(Kind::Network, message).hint("it is tried again by itself")
        };
        let Some(role) = lifetime::login(&plan) else { return Err(not_yet()) };
        match ask_portal(&app, &app.aws(&chosen)?, role).await {
            Ok(()) => Err(not_yet()),
            Err(error) if error.kind() == Kind::LoginNeeded => {
                Err(error
                    .while_doing(format!("cannot get credentials for profile {}", chosen.shown())))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether the portal still accepts the login: the clock of the SSO token does not know
/// of a session that was ended.
async fn ask_portal(app: &App, aws: &Aws, role: &RolePlan) -> Result<()> {
    let keeper = TokenKeeper::new(&app.host, aws, &role.session);
    let token = keeper.current().await?;
    let (region, account) = (&role.session.region.value, role.account_id.as_str());
    let asked = aws.role_credentials(region, &token.access_token, account, role.role_name.as_str());
    match asked.await {
        Ok(_) => Ok(()),
        Err(fault) if fault.is_refusal() => keeper.after_refusal(&token).await.map(drop),
        Err(fault) => Err(fault.into_error(app.host.now())),
    }
}

impl Source for AppSource {
    async fn credentials(&self, profile: &str) -> Result<RoleCredentials> {
        let found = self.fetch(self.app.ui, profile).await?;
        let again = self.last.borrow().get(profile).map_or(0, |(_, times)| *times);
        match again {
            0 => Ok(found),
            // Perhaps another process is getting new ones at this very moment.
            1 => Err(Error::new(Kind::Network, "there are no new credentials yet")),
            _ => self.reason(profile).await,
        }
    }
}
