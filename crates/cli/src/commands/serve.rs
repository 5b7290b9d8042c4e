//! `serve`: the container credentials endpoint, for as long as one wants.

mod engines;
pub mod news;
mod recipes;
pub mod source;

use super::env::{Format, or_native, text};
use crate::app::App;
use crate::deliver::attendant::Endpoint;
use crate::deliver::private_files;
use crate::deliver::server::{Desk, Imds, Limits, Server, Shelf, Stay, TokenFile};
use crate::deliver::server::{Supply, follow, keep, random_token};
use crate::deliver::variables::Settings;
use crate::report::Done;
use clap::Args;
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::profile::{self, Chosen, Profile};
use daypass_core::resolve::{Origin, Sourced};
use daypass_core::{Error, Kind, Result};
use recipes::Recipe;
use source::AppSource;
use std::path::Path;
use std::sync::Arc;
use vault::Secret;

/// Give credentials to containers, notebooks and other programs over a local address
///
/// Serves the container credentials endpoint of AWS on 127.0.0.1, and prints the
/// variables that lead the SDKs there. The credentials are renewed by themselves for
/// as long as the login lasts; after a new login they go on without a restart.
///
/// Whoever has the printed token gets the credentials of every profile that is
/// served: the one in force, and those named with --profiles. No others.
#[derive(Args, Debug)]
#[command(
    after_help = "daypass serve --profile NAME                    in one terminal, and its lines in another\n\
                        daypass serve --profile NAME --format python    the lines for a notebook\n\
                        daypass serve --profile NAME --for docker       how a container gets there"
)]
pub struct Serve {
    /// Serve these profiles too, each at its own path
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    profiles: Vec<String>,
    /// The port to listen on, so that address and token file stay the same [default: a free one]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Be an instance's metadata service (IMDSv2) as well, which needs no token
    #[arg(long)]
    imds: bool,
    /// Print what to write for a container instead, as it works on this machine
    #[arg(long = "for", value_name = "WHAT", conflicts_with = "format")]
    wanted: Option<Recipe>,
    /// For whom the lines are [default: the shell in $SHELL; on Windows, powershell]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

pub fn run(app: &App, wanted: &Serve) -> Result<Done> {
    vault::harden();
    if wanted.format == Some(Format::Gdal) {
        return Err(Error::new(Kind::Usage, "GDAL takes the address from variables")
            .hint("use `--format sh`, or keys for its file: `daypass env --format gdal`"));
    }
    let outcome = app.block_on(serve(app, wanted));
    app.settle();
    match outcome {
        // How it is meant to be ended.
        Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => {
            Ok(Done::Well)
        }
        other => other,
    }
}

async fn serve(app: &App, wanted: &Serve) -> Result<Done> {
    let source = AppSource::new(app)?;
    let first = source.first().to_owned();
    let region = check(source.app(), wanted)?;
    let server = Server::bind(wanted.port.unwrap_or(0), Limits::default()).await?;
    let (shelf, supplies) = Shelf::new(&first, &wanted.profiles, app.host.clock.clone());
    stock(app, &source, &supplies).await?;
    let token = random_token()?;
    let token_file = TokenFile::write(&token, wanted.port)?;
    let imds = wanted.imds.then(|| Imds::new(region.clone()));
    let opened =
        Opened { server: &server, first: &first, token: &token, file: &token_file.path(), region };
    opened.announce(app, wanted).await?;
    keep(source, supplies, app.host.clock.clone())?;
    let desk = Arc::new(Desk { shelf: Arc::clone(&shelf), token, imds });
    let told = |news: &_| news::lines(app, news).iter().for_each(|line| app.ui.note(line));
    tokio::select! {
        never = server.serve(desk) => match never {},
        error = follow(&shelf, Stay::UntilOver, told) => Err(error),
    }
}

/// Every profile is in the files, and none asks us. Returns the region.
fn check(app: &App, wanted: &Serve) -> Result<Option<String>> {
    let files = app.files()?;
    for name in &wanted.profiles {
        let name = Sourced::new(name.clone(), Origin::Flag("--profiles"));
        let named = Chosen { profile: Profile::named(&files, &name.value), name };
        named.must_exist()?;
        refuse_circle(&app.host, &named.name.value)?;
    }
    let chosen = app.chosen(&files);
    refuse_circle(&app.host, &chosen.name.value)?;
    let region = profile::region(&app.request, &app.host, &chosen.profile)?;
    Ok(region.map(|region| region.value.to_string()))
}

/// The first credentials of every profile. Only here may a question be asked, for an
/// MFA code. Without those of the profile in force there is nothing to begin with.
async fn stock(app: &App, source: &AppSource, supplies: &[Supply]) -> Result<()> {
    for supply in supplies {
        let outcome = source.fetch(app.ui, &supply.profile).await;
        if supply.profile == source.first() {
            supply.put(Ok(outcome?), app.host.now());
            continue;
        }
        if let Err(error) = &outcome {
            app.ui.note(&format!("warning: {error}"));
        }
        supply.put(outcome, app.host.now());
    }
    Ok(())
}

/// What is served, and where.
struct Opened<'a> {
    server: &'a Server,
    first: &'a str,
    token: &'a Secret<String>,
    file: &'a Path,
    region: Option<String>,
}

impl Opened<'_> {
    async fn announce(&self, app: &App, wanted: &Serve) -> Result<()> {
        match wanted.wanted {
            Some(recipe) => self.print_recipe(app, recipe, wanted.port.is_some()).await?,
            None => {
                let format = or_native(wanted.format)?;
                app.print(&text(format, &self.settings(app, wanted.imds)?)?)?;
                app.ui
                    .note("# Serving until Ctrl-C. Paste the lines above where the programs run.");
            }
        }
        for profile in wanted.profiles.iter().filter(|name| *name != self.first) {
            app.ui.note(&format!("# Profile {profile}: {}", self.server.uri_of(profile)));
        }
        if wanted.imds && cfg!(not(target_os = "linux")) {
            app.ui.note("warning: on this system, --imds answers to every user of this machine");
        }
        Ok(())
    }

    fn settings(&self, app: &App, imds: bool) -> Result<Settings> {
        let mut settings = Settings::served(&Endpoint {
            uri: self.server.uri_of(self.first),
            token: self.token.clone(),
            token_file: self.file.to_owned(),
            expires_at: None,
        });
        if imds {
            settings.set.retain(|(name, _)| *name != "AWS_EC2_METADATA_DISABLED");
            settings.unset.push("AWS_EC2_METADATA_DISABLED");
            // The SDKs', obstore's and GDAL's name for it.
            for name in [
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                "AWS_METADATA_ENDPOINT",
                "CPL_AWS_EC2_API_ROOT_URL",
            ] {
                settings.put(name, self.server.url());
            }
        }
        if let Some(region) = &self.region {
            settings.region(region);
        }
        match private_files::without_default(&app.files()?) {
            Ok(Some(copies)) => {
                copies.write(self.file.parent().unwrap_or(self.file), &mut settings)?
            }
            Ok(None) => {}
            Err(error) => {
                app.ui.note(&format!("warning: {error}: SDKs ask it before this address"))
            }
        }
        Ok(settings)
    }

    async fn print_recipe(&self, app: &App, recipe: Recipe, fixed: bool) -> Result<()> {
        let engine = engines::look(recipe.program()).await;
        let facts = recipes::Facts {
            uri: &self.server.uri_of(self.first),
            port: self.server.port(),
            token_file: self.file,
            region: self.region.as_deref(),
            way: engine.way(),
            labelled: engines::has_selinux(),
        };
        app.print(&recipe.text(&facts))?;
        for line in engine.lines() {
            app.ui.note(&format!("# {line}"));
        }
        if recipe.is_kept() && !fixed {
            app.ui.note("# With --port, the address and the token file's place are the same at every start.");
        }
        app.ui.note("# Serving until Ctrl-C.");
        Ok(())
    }
}
