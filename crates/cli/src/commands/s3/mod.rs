//! `s3`: looking into buckets.

mod args;
mod format;
mod ls;
#[cfg(test)]
mod tests;
pub mod uri;

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::Result;
use daypass_core::aws::s3::Addressing;
use daypass_core::explain;
use daypass_core::resolve::connection::Service;
use daypass_core::resolve::profile::{self, Chosen};
use jiff::tz::TimeZone;

pub use args::Ls;
pub use ls::{Desk, Found, list};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List buckets, or the objects in one
    Ls(Ls),
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    match command {
        Command::Ls(asked) => run_ls(app, asked),
    }
}

fn run_ls(app: &App, asked: &Ls) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let place = asked.place(chosen.profile.get("default_s3_uri").map(|uri| uri.value))?;
    let region = profile::region(&app.request, &app.host, &chosen.profile)?;
    let addressing = addressing(&chosen)?;
    let aws = app.aws_for(Service::S3, &chosen)?;
    let found = app.block_on(async {
        let provided = match app.request.no_sign_request {
            true => None,
            false => Some(app.credentials(&aws, &chosen).await?),
        };
        let credentials = provided.as_ref().map(|provided| &provided.credentials);
        let region = region.as_ref().map(|region| &region.value);
        let desk = Desk {
            s3: &aws.s3(region, credentials, addressing)?,
            zone: &TimeZone::system(),
            terminal: app.ui.stdout_terminal,
            explain: &|fault| {
                explain::signed(fault, app.host.now(), &chosen, provided.as_ref(), region)
            },
        };
        list(&desk, asked, &place, &mut std::io::stdout().lock()).await
    })?;
    Ok(match found {
        Found::Something => Done::Well,
        Found::Nothing => Done::Empty,
    })
}

fn addressing(chosen: &Chosen<'_>) -> Result<Addressing> {
    let word = chosen.profile.nested("s3", "addressing_style");
    word.map_or(Ok(Addressing::default()), |word| Addressing::parse(word.value))
}
