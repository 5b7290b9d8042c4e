//! Opening the browser, and showing a login in the AWS CLI's words.

mod start;

pub use start::Browser;

use crate::ui::Ui;
use daypass_core::Result;
use daypass_core::aws::oidc::DeviceAuthorization;
use daypass_core::login::{Companion, Invitation};

/// Shows a login in the AWS CLI's words, and opens the browser unless told not to.
pub struct Host<'a> {
    ui: &'a Ui,
    open: bool,
    browser: Browser,
}

impl<'a> Host<'a> {
    /// `open` is false for `--no-browser`.
    pub fn new(ui: &'a Ui, open: bool, browser: Browser) -> Self {
        Self { ui, open, browser }
    }

    fn show_code(&self, url: &str) {
        if self.open {
            self.ui.say(
                "Attempting to open your default browser. If the browser does not open, open the following URL.\n\
                 If you are unable to open the URL on this device, run this command again with the '--use-device-code' option.",
            );
        } else {
            self.ui
                .say("Browser will not be automatically opened.\nPlease visit the following URL:");
        }
        self.ui.say(&format!("\n{url}{}", if self.open { "\n" } else { "" }));
    }

    fn show_device(&self, device: &DeviceAuthorization) {
        let (uri, code) = (&device.verification_uri, &device.user_code);
        if self.open {
            self.ui.say(
                "Attempting to open your default browser.\n\
                 If the browser does not open or you wish to use a different device to authorize this request, open the following URL:",
            );
        } else {
            self.ui
                .say("Browser will not be automatically opened.\nPlease visit the following URL:");
        }
        self.ui.say(&format!("\n{uri}\n\nThen enter the code:\n\n{code}"));
        if let (false, Some(complete)) = (self.open, &device.verification_uri_complete) {
            self.ui.say(&format!(
                "\nAlternatively, you may visit the following URL which will autofill the code upon loading:\n{complete}"
            ));
        }
        self.ui.note(
            "Allow only a request that shows this code, and only if you started it yourself.",
        );
    }
}

impl Companion for Host<'_> {
    fn invite(&mut self, invitation: &Invitation) -> Result<()> {
        let url = match invitation {
            Invitation::Code { url, .. } | Invitation::Paste { url, .. } => {
                self.show_code(url);
                url
            }
            Invitation::Device(device) => {
                self.show_device(device);
                device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri)
            }
        };
        if self.open {
            self.browser.clone().open(*self.ui, url.clone(), NO_BROWSER);
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.ui.note(text);
    }
}

const NO_BROWSER: &str = "No browser could be opened here: open the address yourself, or press \
                          Ctrl-C and add --use-device-code.";
