//! `attend`: what `exec` starts to serve its command. Nobody types it.

use super::serve::source::AppSource;
use crate::app::App;
use crate::deliver;
use crate::deliver::attendant::{Endpoint, Letter, Life, aside};
use crate::deliver::forewarn::{self, End, Told};
use crate::deliver::server::{Desk, Limits, News, Server, Shelf, Stay, Stock, TokenFile};
use crate::deliver::server::{follow, keep, random_token};
use crate::report::Done;
use crate::vars;
use clap::Args;
use daypass_core::resolve::credentials;
use daypass_core::{Error, Kind, Result};
use jiff::Timestamp;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// The endpoint of one command, for as long as that runs
#[derive(Args, Debug)]
pub struct Attend {
    /// The command's process
    #[arg(long)]
    pid: u32,
    /// When that process began
    #[arg(long)]
    since: Option<String>,
    /// Lines that stand at the end of the config file for this one command
    #[arg(long)]
    pub lines: Option<String>,
    /// Serve nothing: only say, in time, that the command's keys end then
    #[arg(long, value_name = "SECONDS")]
    keys_until: Option<i64>,
    /// Serve; without it, start another that does, and end
    #[arg(long)]
    apart: bool,
}

pub fn run(app: &App, wanted: &Attend) -> Result<Done> {
    if !wanted.apart {
        return tell(app, step_aside().map(|()| None));
    }
    vault::harden();
    leave_the_terminal();
    let life = Life::new(wanted.pid, wanted.since.clone());
    if let Some(end) = wanted.keys_until.and_then(|end| Timestamp::from_second(end).ok()) {
        return app.block_on(async {
            tokio::select! {
                () = watch(app, end) => Ok(Done::Well),
                () = life.end() => Ok(Done::Well),
            }
        });
    }
    let outcome = app.block_on(async {
        tokio::select! {
            outcome = attend(app, |endpoint| tell(app, Ok(Some(endpoint))).map(drop)) => outcome,
            () = life.end() => Ok(()),
        }
    });
    app.settle();
    match outcome {
        Err(error) if !matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => {
            tell(app, Err(error))
        }
        _ => Ok(Done::Well),
    }
}

/// Starts the process that attends. Its parent, this one, ends: so it is no child of
/// the command, which may wait for children of its own.
fn step_aside() -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Bug, "cannot start the process that serves the credentials")
            .because(error.to_string())
    };
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.args(vars::arguments().into_iter().skip(1)).arg("--apart").stdin(Stdio::null());
    command.spawn().map(drop).map_err(failed)
}

/// Writes the line that the starting process waits for.
fn tell(app: &App, outcome: Result<Option<Endpoint>>) -> Result<Done> {
    let letter = match outcome {
        Ok(None) => return Ok(Done::Well),
        Ok(Some(endpoint)) => Letter::from(Ok(endpoint)),
        Err(error) => Letter::from(Err(error)),
    };
    app.print(letter.line().expose())
}

/// Serves for ever, and says where when it is `ready`.
///
/// # Errors
/// There are no credentials to begin with.
pub async fn attend(app: &App, ready: impl FnOnce(Endpoint) -> Result<()>) -> Result<()> {
    let opened = Opened::new(app).await?;
    ready(opened.endpoint)?;
    let (shelf, desk) = (opened.shelf, opened.desk);
    let said = |news: &News| say(app, news);
    tokio::select! {
        never = opened.server.serve(desk) => match never {},
        error = follow(&shelf, Stay::ForEver, said) => Err(error),
        never = warn_of_the_end(app, &shelf) => match never {},
    }
}

/// By the clock on the wall: timers stand still while a laptop sleeps.
async fn watch(app: &App, end: Timestamp) {
    loop {
        if let Some(line) = forewarn::keys_news(end, app.host.now()) {
            return aside::say(&app.ui, &[line]);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How often the clocks are looked at.
const LOOK: Duration = Duration::from_secs(30);
const LEAST: Duration = Duration::from_millis(100);

/// Looks at the clocks, which costs a few small files, and at no network.
async fn warn_of_the_end(app: &App, shelf: &Shelf) -> std::convert::Infallible {
    let mut told = Told::at_start(end_of_login(app).as_ref(), app.host.now());
    loop {
        let living = |stock: &Stock| stock.living(shelf.now())?.credentials.expiration;
        let keys_end = shelf.stocks().iter().find_map(|(_, stock)| living(stock));
        let (end, now) = (end_of_login(app), app.host.now());
        if let Some(line) = told.news(end.as_ref(), keys_end, now) {
            aside::say(&app.ui, &[line]);
        }
        let rest = end.and_then(|end| end.until_near(now)).unwrap_or(LOOK);
        tokio::time::sleep(rest.clamp(LEAST, LOOK)).await;
    }
}

/// As the files are by now; what cannot be read says nothing.
fn end_of_login(app: &App) -> Option<End> {
    let files = app.files().ok()?;
    let chosen = deliver::chosen(app, &files);
    let plan = credentials::plan(&app.host, &chosen).ok()?;
    End::of(app, &files, &plan)
}

/// Out of the reach of the terminal's Ctrl-C, which is for the command.
#[cfg(unix)]
fn leave_the_terminal() {
    // It fails for the leader of a process group only: which one that was started
    // in another's group is not.
    let _ = rustix::process::setsid();
}

#[cfg(not(unix))]
fn leave_the_terminal() {}

struct Opened {
    server: Server,
    desk: Arc<Desk>,
    shelf: Arc<Shelf>,
    endpoint: Endpoint,
    _token_file: TokenFile,
}

impl Opened {
    /// Gets the first credentials, and everything else that can fail.
    async fn new(app: &App) -> Result<Self> {
        let source = AppSource::new(app)?;
        let profile = source.first().to_owned();
        let (shelf, supplies) = Shelf::new(&profile, &[], app.host.clock.clone());
        let first = source.fetch(app.ui, &profile).await?;
        let expires_at = first.expiration;
        for supply in &supplies {
            supply.put(Ok(first.clone()), app.host.now());
        }
        let server = Server::bind(0, Limits::default()).await?;
        let token = random_token()?;
        let token_file = TokenFile::write(&token, None)?;
        let endpoint = Endpoint {
            uri: server.uri_of(&profile),
            token: token.clone(),
            token_file: token_file.path(),
            expires_at,
        };
        keep(source, supplies, app.host.clock.clone())?;
        let desk = Arc::new(Desk { shelf: Arc::clone(&shelf), token, imds: None });
        Ok(Self { server, desk, shelf, endpoint, _token_file: token_file })
    }
}

/// To the terminal, if there is one: standard error is that, or nothing.
fn say(app: &App, news: &News) {
    aside::say(&app.ui, &super::serve::news::lines(app, news));
}
