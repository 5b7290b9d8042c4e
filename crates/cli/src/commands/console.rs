//! `console`: a profile's role in the web console.

mod handover;

use crate::app::App;
use crate::browsers::{Container, Opener, Room};
use crate::deliver::{self, lifetime};
use crate::report::Done;
use clap::{Args, ValueHint};
use daypass_core::aws::{Aws, Fault};
use daypass_core::console::{self, Page};
use daypass_core::credentials::RoleCredentials;
use daypass_core::names::Region;
use daypass_core::partition::Partition;
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::look::Look;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::{CredentialPlan, credentials, profile};
use daypass_core::{Error, Kind, Result};
use handover::Handover;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use vault::Secret;

/// Open a profile's role in the web console
///
/// Gets the role's credentials, trades them for a sign-in link by a POST, so that no proxy
/// sees them in an address, and opens the link in your browser. The link never stands in
/// the browser's arguments, which everybody on this machine could read.
///
/// Keys in the environment work too, if they are temporary ones of a role.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "daypass console --profile NAME --service s3 --path BUCKET/FOLDER/\n\
                        daypass console --profile NAME --container\n\n\
                        In a profile or its sso-session these keys are the defaults: daypass_browser,\n\
                        daypass_browser_profile, daypass_container, daypass_color, daypass_icon.")]
pub struct Console {
    /// The service to open: s3, ec2, cfn, logs, … or its name in the console's addresses
    #[arg(long, short, value_name = "SERVICE", conflicts_with = "destination", value_hint = ValueHint::Other)]
    service: Option<String>,
    /// A bucket, a folder (BUCKET/FOLDER/) or an object (BUCKET/KEY), for --service s3
    #[arg(long, value_name = "BUCKET", value_hint = ValueHint::Other)]
    path: Option<String>,
    /// The page to open, by its address
    #[arg(long, value_name = "URL", conflicts_with = "path", value_hint = ValueHint::Url)]
    destination: Option<String>,
    /// How long the console session lasts (1h, 12h), for roles assumed with a user's own keys
    #[arg(long, value_name = "TIME", value_parser = lifetime::parse, value_hint = ValueHint::Other)]
    duration: Option<SignedDuration>,
    /// The browser: chrome, chromium, brave, edge, vivaldi, firefox, or a program's path
    #[arg(long, value_name = "BROWSER", value_hint = ValueHint::CommandName)]
    browser: Option<String>,
    /// Open in a Firefox container; without a name, one for each account
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = AUTO, value_hint = ValueHint::Other)]
    container: Option<String>,
    /// Open in a profile of the browser; without a name, one for each account
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = AUTO, conflicts_with = "container", value_hint = ValueHint::Other)]
    browser_profile: Option<String>,
    /// Print the link instead: whoever opens it within 15 minutes is signed in as you
    #[arg(long, conflicts_with_all = ["browser", "container", "browser_profile"])]
    print: bool,
}

/// One room for each account.
const AUTO: &str = "auto";

/// A browser may have to be updated before it opens anything.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn run(app: &App, wanted: &Console) -> Result<Done> {
    let files = app.files()?;
    let chosen = deliver::chosen(app, &files);
    refuse_circle(&app.host, &chosen.name.value)?;
    let plan = credentials::plan(&app.host, &chosen)?;
    let visit = Visit { app, wanted, chosen: &chosen, plan: &plan };
    visit.must_be_possible()?;
    let region = profile::region(&app.request, &app.host, &chosen.profile)?.map(|r| r.value);
    let partition = visit.partition(region.as_ref())?;
    let address = visit.page()?.address(partition, region.as_ref())?;
    // What the browser lacks is said before anything is fetched.
    let opener = if wanted.print { None } else { Some(visit.opener()?) };
    let (link, account) = app.block_on(visit.link(partition, &address))?;
    app.note_use(&chosen);
    match opener {
        None => visit.print(&link, &address),
        Some(opener) => {
            app.ui.note(&format!("Opening the console {}.", visit.whose(account.as_deref())));
            app.block_on(hand_over(link, opener))?;
            Ok(Done::Well)
        }
    }
}

struct Visit<'a> {
    app: &'a App,
    wanted: &'a Console,
    chosen: &'a Chosen<'a>,
    plan: &'a CredentialPlan,
}

impl Visit<'_> {
    /// Refusals that need no network.
    fn must_be_possible(&self) -> Result<()> {
        match self.plan {
            CredentialPlan::Static(keys) if keys.session_token.is_none() => {
                return Err(long_lived().because(format!("the keys are in {}", keys.origin)));
            }
            CredentialPlan::Kept(_) => {
                return Err(long_lived().because(format!(
                    "profile {} has a long-lived key in the store",
                    self.chosen.shown()
                )));
            }
            _ => {}
        }
        let Some(asked) = self.wanted.duration else { return Ok(()) };
        let limits = SignedDuration::from_mins(15)..=SignedDuration::from_hours(12);
        if !limits.contains(&asked) {
            return Err(Error::new(Kind::Usage, "--duration is from 15m to 12h"));
        }
        match self.plan {
            CredentialPlan::Sso(_) => {
                Err(as_long_as("an Identity Center role's", "the permission set says"))
            }
            CredentialPlan::AssumeRole(role) if !of_a_user(&role.source) => {
                Err(as_long_as("a chained role's", "the role session does"))
            }
            _ => Ok(()),
        }
    }

    fn page(&self) -> Result<Page<'_>> {
        let wanted = self.wanted;
        let is_s3 = |word: &str| word.trim().eq_ignore_ascii_case("s3");
        match (&wanted.destination, wanted.service.as_deref(), &wanted.path) {
            (Some(url), ..) => Ok(Page::Address(url)),
            (_, Some(word), Some(path)) if is_s3(word) => Ok(Page::Bucket(path)),
            (_, None, Some(path)) => Ok(Page::Bucket(path)),
            (_, Some(_), Some(_)) => Err(Error::new(Kind::Usage, "--path is for --service s3")
                .hint("for other pages give the whole address with --destination")),
            (_, Some(word), None) => Ok(Page::Service(word)),
            _ => Ok(Page::Home),
        }
    }

    /// Who pays says which partition; a region of another one would lead nowhere.
    fn partition(&self, region: Option<&Region>) -> Result<&'static Partition> {
        let known = match self.plan {
            CredentialPlan::Sso(role) => Some(Partition::of_region(&role.session.region.value)),
            CredentialPlan::AssumeRole(role) => Partition::of_arn(&role.role_arn),
            CredentialPlan::WebIdentity(role) => Partition::of_arn(&role.role_arn),
            _ => None,
        };
        match (known, region.map(|region| (region, Partition::of_region(region)))) {
            (Some(known), Some((region, other))) if known != other => {
                let message =
                    format!("there is no region {region} in the partition {}", known.name);
                Err(Error::new(Kind::Usage, message)
                    .because(format!("the role is in {}, the region in {}", known.name, other.name))
                    .hint("name another one with --region"))
            }
            (Some(known), _) => Ok(known),
            (None, Some((_, partition))) => Ok(partition),
            (None, None) => Ok(Partition::commercial()),
        }
    }

    async fn link(
        &self,
        partition: &Partition,
        address: &str,
    ) -> Result<(Secret<String>, Option<String>)> {
        let aws = self.app.aws(self.chosen)?;
        let asked = self.app.credentials_by(self.plan, SignedDuration::ZERO, &aws, self.chosen);
        let provided = Box::pin(asked).await?.credentials;
        if provided.session_token.is_none() {
            return Err(long_lived());
        }
        let base = aws.signin_base(partition);
        let token = self.token(&aws, &base, &provided).await?;
        let issuer = match self.plan {
            CredentialPlan::Sso(role) => Some(role.session.start_url.value.canonical()),
            _ => None,
        };
        Ok((console::link(&base, issuer, address, &token), provided.account_id))
    }

    async fn token(&self, aws: &Aws, base: &str, keys: &RoleCredentials) -> Result<Secret<String>> {
        let asked = aws.signin_token(base, keys, self.wanted.duration).await;
        asked.map_err(|fault| self.explain(fault))
    }

    fn explain(&self, fault: Fault) -> Error {
        let refused = fault.answer().is_some_and(|answer| matches!(answer.status, 400 | 401 | 403));
        let error = fault.into_error(self.app.host.now());
        match (refused, self.wanted.duration) {
            (false, _) => error,
            (true, Some(_)) => error
                .because("the sign-in takes temporary credentials of a role, and a duration only for a role assumed with a user's own keys")
                .hint("leave --duration out"),
            (true, None) => error
                .because(format!(
                    "the sign-in takes temporary credentials of a role that still live; those of {} are none",
                    self.chosen.shown()
                ))
                .hint("see whose they are with `daypass sts get-caller-identity`"),
        }
    }

    fn print(&self, link: &Secret<String>, address: &str) -> Result<Done> {
        match self.app.wants_data() {
            false => self.app.print(&format!("{}\n", link.expose())),
            true => {
                let renderer = self.app.renderer(self.chosen)?;
                let value = json!({ "Url": link.expose(), "Destination": address });
                self.app.show(&renderer, "Console", &value)
            }
        }
    }

    /// Who one is in there, for the person.
    fn whose(&self, account: Option<&str>) -> String {
        match (self.plan, account) {
            (CredentialPlan::Sso(role), _) => {
                format!("as {} in account {}", role.role_name, role.account_id)
            }
            (CredentialPlan::AssumeRole(role), _) => format!("as {}", role.role_arn),
            (_, Some(account)) => format!("of account {account}"),
            _ => format!("with the credentials of {}", self.chosen.shown()),
        }
    }

    fn opener(&self) -> Result<Opener> {
        let look = Look::of(&self.chosen.profile);
        let wanted = self.wanted;
        let name = wanted.browser.as_deref().or(look.browser.as_deref());
        let by_option = wanted.container.is_some() || wanted.browser_profile.is_some();
        let (container, profile) = match by_option {
            true => (wanted.container.as_deref(), wanted.browser_profile.as_deref()),
            false => (look.container.as_deref(), look.browser_profile.as_deref()),
        };
        let named = |name: &str| if name == AUTO { self.account() } else { name.to_owned() };
        let room = match (container, profile) {
            (Some(name), _) => Room::Container(Container {
                name: named(name),
                color: look.color,
                icon: look.icon.clone(),
            }),
            (None, Some(name)) => Room::Profile(named(name)),
            (None, None) => Room::Usual,
        };
        Opener::choose(name, room)
    }

    /// What the room of this account is called: its number, since names may change and
    /// need not be unique.
    fn account(&self) -> String {
        match self.plan {
            CredentialPlan::Sso(role) => role.account_id.to_string(),
            CredentialPlan::AssumeRole(role) => {
                let account = role.role_arn.split(':').nth(4);
                account.unwrap_or(&self.chosen.name.value).to_owned()
            }
            _ => self.chosen.name.value.clone(),
        }
    }
}

fn of_a_user(plan: &CredentialPlan) -> bool {
    match plan {
        CredentialPlan::Kept(_) => true,
        CredentialPlan::Static(keys) => keys.session_token.is_none(),
        _ => false,
    }
}

fn long_lived() -> Error {
    Error::new(Kind::Profile, "a user's own access key cannot open the console")
        .because("AWS signs in with temporary credentials: those of a role, or of GetFederationToken")
        .hint("use a profile with a role: one of Identity Center, or `role_arn` with `source_profile`")
}

fn as_long_as(whose: &str, says: &str) -> Error {
    Error::new(Kind::Usage, format!("{whose} console session lasts as long as {says}"))
        .because("--duration is for roles assumed with a user's own keys")
        .hint("leave --duration out")
}

/// Opens the browser on a thread of its own, since some stay in the foreground, and waits
/// until it has come for the link.
async fn hand_over(link: Secret<String>, opener: Opener) -> Result<()> {
    let handover = Handover::of(link).await?;
    let (url, (failed, failure)) = (handover.url(), tokio::sync::oneshot::channel());
    // A browser that was started may still take a while: only a failure is told.
    std::thread::spawn(move || opener.open(&url).map_err(|error| failed.send(error)));
    let late = || {
        Error::new(Kind::LoginFailed, "no browser came for the console's page")
            .because("it was waited for two minutes")
    };
    let ended = tokio::select! {
        () = handover.taken() => Ok(()),
        Ok(error) = failure => Err(Error::new(Kind::LoginFailed, "no browser could be opened here")
            .because(error.to_string())),
        () = tokio::time::sleep(PATIENCE) => Err(late()),
    };
    ended.map_err(|error| {
        error.hint("`daypass console --print` prints the link, to be opened by hand")
    })
}
