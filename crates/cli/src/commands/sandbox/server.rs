//! The options that say what a sandbox is like.

use super::network;
use super::practice::start;
use clap::{Args, ValueEnum};
use daypass_core::{Error, Kind, Result};
use sandbox::world::Mfa;
use sandbox::{Options, Rate, RedirectStyle, Running, World};
use std::path::PathBuf;

/// What the server is like.
#[derive(Args, Debug, Clone)]
pub struct Server {
    /// First of five ports in a row [default: free ones]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Who and what exists: `guide`, `company`, `huge` (5,000 accounts), or a TOML file
    #[arg(long, value_name = "WORLD", default_value = "guide")]
    world: PathBuf,
    /// Life of an access token
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().access_token_seconds)]
    access_token_life: u64,
    /// Life of a login: how long refreshing works
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().session_seconds)]
    session_life: u64,
    /// Life of a device code
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().device_code_seconds)]
    device_code_life: u64,
    /// Life of role credentials [default: the permission set's]
    #[arg(long, value_name = "SECONDS")]
    role_credentials_life: Option<u64>,
    /// Let refresh tokens be used again and again
    #[arg(long)]
    no_rotation: bool,
    /// Items on a portal page when the client does not ask for a number
    #[arg(long, value_name = "COUNT", default_value_t = Options::default().page_size)]
    portal_page_size: usize,
    /// Put an empty page before every portal page
    #[arg(long)]
    empty_pages: bool,
    /// How S3 answers a request for another region's bucket
    #[arg(long, value_name = "STYLE", default_value = "permanent")]
    redirect_style: Redirects,
    /// Portal requests a second, beyond which it answers 429; 0 for no limit
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    portal_rate: usize,
    #[command(flatten)]
    network: network::Network,
    /// A fault that requests meet by chance; again for another. KIND is one of
    /// latency, 429, 500, 503, drop-before, drop-after, truncate, cut-off, garbage,
    /// drip, skew, revoked-token, forgotten-client, expired-code, denied-user,
    /// rotated-keys
    #[arg(long, value_name = "KIND[:OPERATION]=PERCENT")]
    fault: Vec<Rate>,
    /// Take the freedoms of the real services: pages of any size, unknown JSON members,
    /// slow_down now and then
    #[arg(long)]
    strict: bool,
    /// What chance begins with: the same seed gives the same faults [default: any]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// The ways in which S3 is known to send a client to a bucket's region.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Redirects {
    /// 301, the region in header and body
    Permanent,
    /// 307, the region in the header
    Temporary,
    /// 400, the region in the body only
    Malformed,
    /// 301 without a region: HeadBucket tells it
    Silent,
    /// 301 without a region, and HeadBucket does not tell it either
    Mute,
}

impl From<Redirects> for RedirectStyle {
    fn from(wanted: Redirects) -> Self {
        match wanted {
            Redirects::Permanent => RedirectStyle::Permanent,
            Redirects::Temporary => RedirectStyle::Temporary,
            Redirects::Malformed => RedirectStyle::Malformed,
            Redirects::Silent => RedirectStyle::Silent,
            Redirects::Mute => RedirectStyle::Mute,
        }
    }
}

impl Server {
    pub fn world(&self) -> Result<World> {
        let built_in = self.world.to_str().and_then(World::built_in);
        built_in.map_or_else(|| World::load(&self.world), Ok).map_err(|error| {
            let wrong = Error::new(Kind::Config, "cannot use the world of the sandbox");
            let wrong = wrong.because(error.to_string());
            match self.world.exists() {
                true => wrong,
                false => wrong.hint("`--world` takes a TOML file, or one of guide, company, huge"),
            }
        })
    }

    /// What chance began with, if anything is left to it.
    pub fn seed(&self, running: &Running) -> Option<u64> {
        (self.strict || !self.fault.is_empty()).then(|| running.control().seed())
    }

    /// The words by which `approve` signs in as that user, or as the first one.
    pub fn person(&self, name: Option<&str>) -> Result<Vec<String>> {
        let world = self.world()?;
        let mut users = world.users.iter();
        let user = match name {
            Some(name) => users.find(|user| user.name == name),
            None => users.next(),
        };
        let name = name.or(user.map(|user| user.name.as_str())).unwrap_or_default();
        let mut words = vec![format!("--user={name}")];
        words.extend(user.and_then(|user| Some(format!("--password={}", user.password.as_ref()?))));
        if let Some(Mfa::Registered(secret)) = user.map(|user| &user.mfa) {
            words.push(format!("--mfa-secret={secret}"));
        }
        Ok(words)
    }

    pub fn start(&self) -> Result<Running> {
        self.start_as(self.options())
    }

    /// With the world and the faults asked for, and these options.
    pub fn start_as(&self, options: Options) -> Result<Running> {
        let running = start(self.world()?, options)?;
        for rate in &self.fault {
            running.control().fail_sometimes(rate.clone());
        }
        Ok(running)
    }

    pub fn options(&self) -> Options {
        self.network.apply(Options {
            port: self.port,
            access_token_seconds: self.access_token_life,
            session_seconds: self.session_life,
            device_code_seconds: self.device_code_life,
            role_credentials_seconds: self.role_credentials_life,
            rotate_refresh_tokens: !self.no_rotation,
            page_size: self.portal_page_size.max(1),
            empty_pages: self.empty_pages,
            redirect_style: self.redirect_style.into(),
            portal_requests_per_second: Some(self.portal_rate).filter(|rate| *rate > 0),
            strict: self.strict,
            seed: self.seed,
            ..Options::default()
        })
    }
}
