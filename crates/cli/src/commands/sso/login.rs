//! `sso login`.

use crate::app::App;
use crate::browser::{self, Browser};
use crate::commands::configure::LoginFlags;
use crate::report::Done;
use awsconfig::{FileKind, SectionName};
use clap::Args;
use daypass_core::Result;
use daypass_core::edit::{Step, edit};
use daypass_core::files::Files;
use daypass_core::login::{self, Options, choice};
use daypass_core::names::Region;
use daypass_core::oidc::registration::Flow;
use daypass_core::resolve::login_keys::{self, LoginKeys};
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::{self, SessionPlan};
use daypass_core::resolve::{Origin, Sourced};

/// Log in with the browser
///
/// Always signs in anew, as the AWS CLI does. The login is kept fresh by itself
/// until the session that your administrator allows has ended.
#[derive(Args, Debug)]
pub struct Login {
    /// The sso-session to log in to, instead of the profile's
    #[arg(long, value_name = "NAME")]
    pub sso_session: Option<String>,
    #[command(flatten)]
    pub flags: LoginFlags,
}

pub fn run(app: &App, wanted: &Login) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let plan = plan(&files, &chosen, wanted.sso_session.as_deref())?;
    let aws = app.aws(&chosen)?;
    let keys = login_keys::of(&files, &plan);
    let options = options(app, &wanted.flags, &plan, &keys);
    let browser = Browser::new(None, None, &keys, app.host.vars.get("BROWSER"))?;
    let mut companion = browser::Host::new(&app.ui, !wanted.flags.no_browser, browser);
    let done = app.block_on(login::login(&app.host, &aws, &plan, options, &mut companion))?;
    app.ui.say(&format!("Successfully logged into Start URL: {}", plan.start_url.value));
    if let Some(region) = done.moved_to {
        write_region(app, &plan, &region)?;
        app.ui.say(&format!("SSO region updated to {region}"));
    }
    Ok(Done::Well)
}

/// The flow that the AWS CLI's options mean. None is chosen silently in their place:
/// where it cannot work, a remark says so.
pub fn options(app: &App, flags: &LoginFlags, plan: &SessionPlan, keys: &LoginKeys) -> Options {
    let device = flags.use_device_code || plan.name.is_none() || keys.device_code.is_some();
    let place = app.place();
    if !device && flags.redirect_port.is_none() && !place.browser_comes_back() {
        app.ui.note(&format!("{}: {ADVICE}", choice::obstacle(place)));
    }
    let flow = if device { Flow::Device } else { Flow::Code };
    Options { flow, redirect_port: flags.redirect_port, paste: false }
}

const ADVICE: &str = "add --use-device-code, or use `daypass login`";

/// The login that `--sso-session` or the profile names.
pub fn plan(files: &Files, chosen: &Chosen<'_>, session: Option<&str>) -> Result<SessionPlan> {
    match session {
        Some(name) => sso::session(files, name, Origin::Flag("--sso-session")),
        None => sso::of_profile(&chosen.profile, &chosen.name.value),
    }
}

/// The portal turned out to live elsewhere: the section that named the old
/// region is told, so that refreshes go to the right place.
pub fn write_region(app: &App, plan: &SessionPlan, region: &Region) -> Result<()> {
    let section = match (&plan.name, &plan.profile) {
        (Some(name), _) => SectionName::SsoSession(name.to_string()),
        (None, profile) => {
            SectionName::Profile(profile.clone().unwrap_or_else(|| "default".to_owned()))
        }
    };
    let Sourced { origin, .. } = &plan.region;
    tracing::debug!(%origin, "the SSO region is rewritten");
    edit(&app.host, &Step::new("sso login"), FileKind::Config, |document| {
        document.set(&section, "sso_region", region.as_str())
    })?;
    Ok(())
}
