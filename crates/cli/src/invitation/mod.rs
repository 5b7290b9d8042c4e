//! How `daypass login` asks a person to log in.

mod escapes;
mod letters;
mod qr;
mod screen;
mod words;

pub use screen::{Screen, ScreenFlags};

use crate::app::App;
use crate::browser::Browser;
use crate::prompt::{self, PromptError};
use crate::{vars, wizard};
use daypass_core::login::{Companion, Invitation, Pasting};
use daypass_core::whereabouts::{Place, forward_line};
use daypass_core::{Error, Kind, Result};

/// Shows a login, opens the browser where that helps, and takes what is pasted.
pub struct Host<'a> {
    pub app: &'a App,
    pub screen: Screen,
    pub browser: Browser,
    /// Whether a browser is opened.
    pub open: bool,
    pub place: Place,
    /// Somebody chose the port, so as to forward it.
    pub port_is_fixed: bool,
}

impl Host<'_> {
    fn words(&self, invitation: &Invitation) -> String {
        match invitation {
            Invitation::Code { url, client, port } if self.is_forwarded() => {
                let user = vars::user(&self.app.host.vars);
                let forward = forward_line(&self.app.host.vars, user, *port);
                words::forwarded(&self.screen, url, client, &forward)
            }
            Invitation::Code { url, client, .. } => {
                words::code(&self.screen, self.open, url, client)
            }
            Invitation::Paste { url, client, port } => {
                words::paste(&self.screen, url, client, *port)
            }
            Invitation::Device(device) => words::device(&self.screen, device),
        }
    }

    fn is_forwarded(&self) -> bool {
        self.port_is_fixed && !self.place.browser_comes_back()
    }
}

impl Companion for Host<'_> {
    fn invite(&mut self, invitation: &Invitation) -> Result<()> {
        let url = match invitation {
            Invitation::Code { url, .. } | Invitation::Paste { url, .. } => url,
            Invitation::Device(device) => {
                device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri)
            }
        };
        self.app.ui.complain(&format!("\n{}", self.words(invitation)));
        if self.open {
            self.browser.clone().open(self.app.ui, url.clone(), UNOPENED);
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.app.ui.note(text);
    }

    fn paste(&mut self) -> Pasting<'_> {
        Box::pin(async { prompt::pasted("The address, not shown: ").await.map_err(unanswered) })
    }
}

const UNOPENED: &str = "No browser could be opened here: open the page yourself, or press Ctrl-C \
                        and add --use-device-code.";

/// Why no address came.
fn unanswered(error: PromptError) -> Error {
    let nobody = |why| Error::new(Kind::LoginFailed, "nobody pasted the address").because(why);
    match error {
        PromptError::EndOfInput => nobody("the input has ended"),
        PromptError::NotATerminal => nobody("there is no terminal to ask on"),
        other => wizard::stopped(other),
    }
}
