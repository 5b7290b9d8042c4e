//! `serve`: the container credentials endpoint, for as long as one wants.

pub mod news;
pub mod source;

use crate::app::App;
use crate::deliver::server::{Desk, Imds, Limits, Server, Shelf, Stay, TokenFile};
use crate::deliver::server::{Supply, follow, keep, random_token};
use crate::report::Done;
use clap::Args;
use daypass_core::resolve::profile::{self, Profile};
use daypass_core::resolve::sso::shell_word;
use daypass_core::{Kind, Result};
use source::AppSource;
use std::sync::Arc;
use vault::Secret;

/// Give credentials to containers, notebooks and other programs over a local address
///
/// Serves the container credentials endpoint of AWS on 127.0.0.1, and prints the
/// variables that lead the SDKs there. The credentials are renewed by themselves for
/// as long as the login lasts; after a new login, they go on without a restart.
///
/// Whoever has the printed token gets the credentials of every profile that is
/// served: the one in force, and those named with --profiles. No others.
#[derive(Args, Debug)]
pub struct Serve {
    /// Serve these profiles too, each at its own path
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    profiles: Vec<String>,
    /// The port to listen on [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Be an instance's metadata service (IMDSv2) as well, which needs no token
    #[arg(long)]
    imds: bool,
}

pub fn run(app: &App, wanted: &Serve) -> Result<Done> {
    vault::harden();
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
    let (first, region) = in_force(app, wanted)?;
    let server = Server::bind(wanted.port, Limits::default()).await?;
    let (shelf, supplies) = Shelf::new(&first, &wanted.profiles, app.host.clock.clone());
    stock(app, &first, &supplies).await?;
    let token = random_token()?;
    let token_file = TokenFile::write(&token)?;
    let desk = Desk {
        shelf: Arc::clone(&shelf),
        token: token.clone(),
        imds: wanted.imds.then(|| Imds::new(region.clone())),
    };
    let printed =
        Printed { server: &server, first: &first, token: &token, file: &token_file, region };
    app.print(&printed.lines(wanted.imds))?;
    printed.explain(app, wanted);
    keep(source, supplies, app.host.clock.clone())?;
    let told = |news: &_| news::lines(app, news).iter().for_each(|line| app.ui.note(line));
    tokio::select! {
        never = server.serve(Arc::new(desk)) => match never {},
        error = follow(&shelf, Stay::UntilOver, told) => Err(error),
    }
}

/// The profile in force and its region; every other one must be in the files.
fn in_force(app: &App, wanted: &Serve) -> Result<(String, Option<String>)> {
    let files = app.files()?;
    for name in &wanted.profiles {
        if !Profile::named(&files, name).exists() {
            let mut request = app.request.clone();
            request.profile = Some(name.clone());
            profile::choose(&request, &app.host, &files).must_exist()?;
        }
    }
    let chosen = app.chosen(&files);
    let region = profile::region(&app.request, &app.host, &chosen.profile)?;
    Ok((chosen.name.value, region.map(|region| region.value.to_string())))
}

/// The first credentials of every profile. Only here may a question be asked, for an
/// MFA code. Without those of the profile in force there is nothing to begin with.
async fn stock(app: &App, first: &str, supplies: &[Supply]) -> Result<()> {
    for supply in supplies {
        let outcome = source::fetch(app, &supply.profile, supply.profile == first).await;
        if supply.profile == first {
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

/// What is printed at the start.
struct Printed<'a> {
    server: &'a Server,
    first: &'a str,
    token: &'a Secret<String>,
    file: &'a TokenFile,
    region: Option<String>,
}

impl Printed<'_> {
    fn lines(&self, imds: bool) -> String {
        let mut lines = String::new();
        let mut put =
            |name: &str, value: &str| lines += &format!("export {name}={}\n", shell_word(value));
        put("AWS_CONTAINER_CREDENTIALS_FULL_URI", &self.server.uri_of(self.first));
        put("AWS_CONTAINER_AUTHORIZATION_TOKEN", self.token.expose());
        put("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &self.file.path().display().to_string());
        if imds {
            put("AWS_EC2_METADATA_SERVICE_ENDPOINT", &self.server.url());
        }
        if let Some(region) = &self.region {
            put("AWS_REGION", region);
        }
        lines
    }

    fn explain(&self, app: &App, wanted: &Serve) {
        app.ui.note("# Serving until Ctrl-C. Paste the lines above where the programs run.");
        for profile in wanted.profiles.iter().filter(|name| *name != self.first) {
            app.ui.note(&format!("# Profile {profile}: {}", self.server.uri_of(profile)));
        }
    }
}
