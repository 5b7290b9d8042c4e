//! Which way a login goes here, from options, config and place.

use crate::app::App;
use crate::browser::Browser;
use crate::invitation::{Host, Screen, ScreenFlags};
use clap::Args;
use daypass_core::Result;
use daypass_core::files::Files;
use daypass_core::login::Options;
use daypass_core::login::choice::{self, Choice, Way, Wishes};
use daypass_core::oidc::registration::Flow;
use daypass_core::resolve::SessionPlan;
use daypass_core::resolve::login_keys;

/// How to log in, where it must be.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "How to log in")]
pub struct WayFlags {
    /// With a code, approved in any browser on any device
    #[arg(long, conflicts_with_all = ["paste", "callback_port"])]
    pub use_device_code: bool,
    /// In any browser, whose last address you paste here
    #[arg(long)]
    pub paste: bool,
    /// Print the address instead of opening a browser
    #[arg(long)]
    pub no_browser: bool,
    /// The browser to open: a name (firefox, chrome, edge, brave) or a command line with %s
    #[arg(long, value_name = "COMMAND", conflicts_with = "no_browser")]
    pub browser: Option<String>,
    /// That browser's profile: for Chrome and its kin the directory, such as "Profile 1"
    #[arg(long, value_name = "NAME", conflicts_with = "no_browser")]
    pub browser_profile: Option<String>,
    /// The port the browser comes back to; prints the `ssh -L` line that forwards it
    #[arg(long, value_name = "PORT", alias = "redirect-port", value_parser = crate::commands::configure::port)]
    pub callback_port: Option<u16>,
}

/// What was chosen, with everything that carries it out.
pub struct Chosen<'a> {
    pub options: Options,
    pub host: Host<'a>,
    /// Why, if nobody asked for just that.
    pub reason: Option<String>,
}

/// Chooses for one login.
///
/// # Errors
/// A browser that cannot be understood, or a way that this login does not have.
pub fn choose<'a>(
    app: &'a App,
    flags: &WayFlags,
    screen: &ScreenFlags,
    files: &Files,
    plan: &SessionPlan,
) -> Result<Chosen<'a>> {
    let place = app.place();
    let mut keys = login_keys::of(files, plan);
    if !place.browser_comes_back() {
        // One config file serves a laptop and the machines it is copied to.
        (keys.browser, keys.browser_profile) = (None, None);
    }
    let variable = app.host.vars.get("BROWSER");
    let (named, profile) = (flags.browser.as_deref(), flags.browser_profile.as_deref());
    let browser = Browser::new(named, profile, &keys, variable)?;
    let wishes = Wishes {
        device: flags.use_device_code,
        paste: flags.paste,
        port: flags.callback_port.is_some(),
        browser: named.or(profile).is_some(),
        no_browser: flags.no_browser,
        legacy: plan.name.is_none(),
        configured: keys.device_code,
    };
    let Choice { way, open, reason } = choice::choose(&wishes, place)?;
    let options = Options {
        flow: if way == Way::Device { Flow::Device } else { Flow::Code },
        redirect_port: flags.callback_port,
        paste: way == Way::Paste,
    };
    let screen = Screen::of(app, screen);
    let host = Host { app, screen, browser, open, place, port_is_fixed: wishes.port };
    Ok(Chosen { options, host, reason })
}
