//! `sandbox ctl`: a hand in a running sandbox.

mod text;

use crate::app::App;
use crate::output::Format;
use crate::report::Done;
use crate::vars;
use clap::{Args, Subcommand, ValueEnum};
use daypass_core::{Error, Kind, Result};
use jiff::SignedDuration;
use sandbox::ctl::{Ctl, CtlError};
use sandbox::{Rate, World};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How often `--follow` asks.
const PACE: Duration = Duration::from_millis(300);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the sandbox's clock, or move it
    Clock(ClockArgs),
    /// Show the faults, or ask for some
    Fault(FaultArgs),
    /// Show the knobs, or turn some
    Options(OptionsArgs),
    /// Show the devices that wait for a person
    Devices,
    /// Allow the device that shows this code
    Approve(Approve),
    /// Deny the device that shows this code
    Deny(Code),
    /// Take tokens, sessions, role credentials or registrations away
    Revoke(Revoke),
    /// Take a user's or a group's permission set in an account away
    Unassign(Unassign),
    /// Show how often each operation was asked for
    Counters,
    /// Show what each client did
    Journal(Journal),
    /// Show who and what exists
    World,
    /// Make and end worlds beside the main one
    #[command(subcommand)]
    Worlds(Worlds),
}

#[derive(Args, Debug)]
pub struct ClockArgs {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Let time go by, such as 90m or 1h: tokens age
    Advance {
        /// How much
        #[arg(value_parser = parse_duration)]
        by: SignedDuration,
    },
    /// Stop the clock
    Freeze,
    /// Let it go on
    Thaw,
    /// Make it wrong, for signatures too: 20m is fast, -20m slow
    Skew {
        /// How much
        #[arg(value_parser = parse_duration, allow_hyphen_values = true)]
        by: SignedDuration,
    },
}

#[derive(Args, Debug)]
pub struct FaultArgs {
    /// By chance, in so many of a hundred requests; 0 ends it
    #[arg(value_name = "KIND[:OPERATION]=PERCENT", conflicts_with_all = ["next", "clear"])]
    rates: Vec<Rate>,
    /// The next requests of an operation, such as `503 CreateToken 2`
    #[arg(long, num_args = 2..=3, value_names = ["KIND", "OPERATION", "TIMES"], conflicts_with = "clear")]
    next: Option<Vec<String>>,
    /// No faults any more
    #[arg(long)]
    clear: bool,
}

#[derive(Args, Debug)]
pub struct OptionsArgs {
    /// A knob and its value, such as `access_token_seconds=60`
    #[arg(value_name = "NAME=VALUE", value_parser = parse_knob)]
    changes: Vec<(String, Value)>,
}

#[derive(Args, Debug)]
pub struct Code {
    /// The code, however it is typed
    code: String,
}

#[derive(Args, Debug)]
pub struct Approve {
    #[command(flatten)]
    code: Code,
    /// Who allows it [default: the world's first user]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Every access token; refresh tokens go on
    AccessTokens,
    /// Every session, with its tokens; role credentials go on
    Sessions,
    /// Role credentials that were given
    RoleCredentials,
    /// Client registrations
    Registrations,
}

#[derive(Args, Debug)]
pub struct Revoke {
    /// What
    what: What,
    /// Only this user's access tokens or sessions
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

#[derive(Args, Debug)]
pub struct Unassign {
    /// The account's ID
    account: String,
    /// The permission set's name
    permission_set: String,
    /// The user who has it
    #[arg(long, value_name = "NAME", conflicts_with = "group", required_unless_present = "group")]
    user: Option<String>,
    /// The group that has it
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
}

#[derive(Args, Debug)]
pub struct Journal {
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only entries after the one with this number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    since: u64,
    /// Only this operation, such as CreateToken
    #[arg(long, value_name = "NAME", value_parser = parse_word)]
    operation: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Worlds {
    /// Show them
    List,
    /// Make one; prints the lines that lead a shell to it
    Create {
        /// 1 to 32 of a-z 0-9 -
        name: String,
        /// `guide`, `company`, `huge` or a TOML file
        #[arg(long, value_name = "WORLD", default_value = "guide")]
        world: PathBuf,
    },
    /// End one
    Delete {
        /// Its name
        #[arg(value_parser = parse_word)]
        name: String,
    },
}

fn parse_duration(text: &str) -> std::result::Result<SignedDuration, String> {
    text.parse().map_err(|_| "it must be of the form 90s, 20m or 1h30m".to_owned())
}

/// A word that can stand in an address as it is.
fn parse_word(text: &str) -> std::result::Result<String, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    match !text.is_empty() && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("it has letters, digits and - only".to_owned()),
    }
}

/// A value is JSON, or else a word.
fn parse_knob(text: &str) -> std::result::Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("it must be of the form NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    Ok((name.to_owned(), value))
}

/// Something to ask, and how a person reads the answer.
struct Question {
    method: &'static str,
    path: String,
    body: Option<Value>,
    shown: fn(&Value) -> String,
}

impl Question {
    fn look(path: &str, shown: fn(&Value) -> String) -> Self {
        Self { method: "GET", path: path.to_owned(), body: None, shown }
    }

    fn put(path: impl Into<String>, body: Value, shown: fn(&Value) -> String) -> Self {
        Self { method: "POST", path: path.into(), body: Some(body), shown }
    }
}

pub fn run(app: &App, command: &Command) -> Result<Done> {
    let ctl = ctl(app)?;
    match command {
        Command::Journal(wanted) => return journal(app, &ctl, wanted),
        Command::Fault(wanted) if wanted.rates.len() > 1 => {
            for rate in &wanted.rates[1..] {
                ask(&ctl, &by_chance(rate))?;
            }
        }
        _ => {}
    }
    let question = question(command)?;
    let answer = ask(&ctl, &question)?;
    show(app, &answer, question.shown)
}

/// The sandbox whose lines this shell has been given.
fn ctl(app: &App) -> Result<Ctl> {
    let url = app.host.vars.get(vars::CTL_URL);
    let token = app.host.vars.get(vars::CTL_TOKEN);
    let (Some(url), Some(token)) = (url, token) else {
        let text = format!("{} and {} are not both set", vars::CTL_URL, vars::CTL_TOKEN);
        return Err(Error::new(Kind::Config, "this shell does not know of a sandbox")
            .because(text)
            .hint("paste the lines that `daypass sandbox` prints, or run this in `daypass sandbox exec -- sh`"));
    };
    Ctl::new(url, token).map_err(|error| {
        Error::new(Kind::Config, "cannot use the sandbox's address").because(error.to_string())
    })
}

fn ask(ctl: &Ctl, question: &Question) -> Result<Value> {
    ctl.ask(question.method, &question.path, question.body.as_ref()).map_err(|error| {
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let (kind, hint) = match &error {
            CtlError::Network { .. } => (Kind::Network, Some("is the sandbox still running?")),
            CtlError::Refused { status: 401, .. } => {
                (Kind::Denied, Some("the lines are another sandbox's: paste those of this one"))
            }
            _ => (Kind::Service, None),
        };
        let wrong = why.into_iter().fold(Error::new(kind, error.to_string()), Error::because);
        hint.into_iter().fold(wrong, Error::hint)
    })
}

/// JSON if that is asked for, else text for people.
fn show(app: &App, answer: &Value, shown: fn(&Value) -> String) -> Result<Done> {
    match app.global.output {
        Some(Format::Off) => Ok(Done::Well),
        Some(Format::Json) => app.print(&format!("{answer:#}\n")),
        _ => app.print(&shown(answer)),
    }
}

fn question(command: &Command) -> Result<Question> {
    Ok(match command {
        Command::Clock(wanted) => clock(wanted.change.as_ref()),
        Command::Fault(wanted) => fault(wanted)?,
        Command::Options(wanted) => options(wanted),
        Command::Devices => Question::look("/devices", text::devices),
        Command::Approve(wanted) => {
            let body = wanted.user.as_ref().map_or(json!({}), |user| json!({ "user": user }));
            Question::put(device(&wanted.code, "approve"), body, text::devices)
        }
        Command::Deny(code) => Question::put(device(code, "deny"), json!({}), text::devices),
        Command::Revoke(wanted) => revoke(wanted),
        Command::Unassign(wanted) => unassign(wanted),
        Command::Counters | Command::Journal(_) => Question::look("/counters", text::counters),
        Command::World => Question::look("/world", text::world),
        Command::Worlds(wanted) => worlds(wanted)?,
    })
}

fn clock(change: Option<&Change>) -> Question {
    let seconds = |by: &SignedDuration| json!({ "seconds": by.as_secs() });
    match change {
        None => Question::look("/clock", text::clock),
        Some(Change::Advance { by }) => Question::put("/clock/advance", seconds(by), text::clock),
        Some(Change::Freeze) => Question::put("/clock/freeze", json!({}), text::clock),
        Some(Change::Thaw) => Question::put("/clock/thaw", json!({}), text::clock),
        Some(Change::Skew { by }) => {
            Question { method: "PUT", ..Question::put("/clock/skew", seconds(by), text::clock) }
        }
    }
}

fn fault(wanted: &FaultArgs) -> Result<Question> {
    if wanted.clear {
        return Ok(Question { method: "DELETE", ..Question::look("/faults", text::faults) });
    }
    if let Some([kind, operation, times @ ..]) = wanted.next.as_deref() {
        let times = times.first().map_or(Ok(1), |times| times.parse::<u64>());
        let times = times.map_err(|_| {
            Error::new(Kind::Usage, "--next takes KIND OPERATION, and a number of times")
        })?;
        let body = json!({ "kind": kind, "operation": operation, "times": times });
        return Ok(Question::put("/faults", body, text::faults));
    }
    Ok(wanted.rates.first().map_or_else(|| Question::look("/faults", text::faults), by_chance))
}

fn by_chance(rate: &Rate) -> Question {
    let mut body = json!({ "kind": rate.kind.name(), "percent": rate.percent });
    if let Some(operation) = &rate.operation {
        body["operation"] = json!(operation);
    }
    Question::put("/faults", body, text::faults)
}

fn options(wanted: &OptionsArgs) -> Question {
    if wanted.changes.is_empty() {
        return Question::look("/options", text::options);
    }
    let changes: serde_json::Map<_, _> = wanted.changes.iter().cloned().collect();
    Question { method: "PATCH", ..Question::put("/options", changes.into(), text::options) }
}

fn device(code: &Code, verb: &str) -> String {
    // Whatever else was typed is no part of a code, and none of the path either.
    let plain: String = code.code.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("/devices/{plain}/{verb}")
}

fn revoke(wanted: &Revoke) -> Question {
    let what = match wanted.what {
        What::AccessTokens => "access_tokens",
        What::Sessions => "sessions",
        What::RoleCredentials => "role_credentials",
        What::Registrations => "registrations",
    };
    let mut body = json!({ "what": what });
    if let Some(user) = &wanted.user {
        body["user"] = json!(user);
    }
    Question::put("/revoke", body, text::nothing)
}

fn unassign(wanted: &Unassign) -> Question {
    let mut body = json!({ "account": wanted.account, "permission_set": wanted.permission_set });
    for (name, who) in [("user", &wanted.user), ("group", &wanted.group)] {
        if let Some(who) = who {
            body[name] = json!(who);
        }
    }
    Question::put("/unassign", body, text::nothing)
}

fn worlds(wanted: &Worlds) -> Result<Question> {
    Ok(match wanted {
        Worlds::List => Question::look("/worlds", text::worlds),
        Worlds::Delete { name } => {
            let path = format!("/worlds/{name}");
            Question { method: "DELETE", ..Question::look(&path, text::nothing) }
        }
        Worlds::Create { name, world } => {
            Question::put("/worlds", new_world(name, world)?, text::lodging)
        }
    })
}

fn new_world(name: &str, world: &PathBuf) -> Result<Value> {
    if let Some(built_in) = world.to_str().filter(|name| World::BUILT_IN.contains(name)) {
        return Ok(json!({ "name": name, "world": built_in }));
    }
    let wrong =
        |why: String| Error::new(Kind::Config, "cannot use the world of the sandbox").because(why);
    // Read here as well: its errors name file and line.
    World::load(world).map_err(|error| wrong(error.to_string()))?;
    let text = World::text(world).map_err(|error| wrong(error.to_string()))?;
    Ok(json!({ "name": name, "toml": text }))
}

/// Prints entries; with `--follow` until Ctrl-C.
fn journal(app: &App, ctl: &Ctl, wanted: &Journal) -> Result<Done> {
    let mut since = wanted.since;
    let operation: String =
        wanted.operation.iter().map(|name| format!("&operation={name}")).collect();
    let page = |since: u64| {
        let path = format!("/journal?since={since}{operation}");
        ask(ctl, &Question::look(&path, text::journal))
    };
    loop {
        let answer = page(since)?;
        let next = answer["next"].as_u64().unwrap_or(since);
        entries(app, &answer)?;
        let more = next > since;
        since = next;
        if !more && !wanted.follow {
            return Ok(Done::Well);
        }
        if !more {
            wait(app)?;
        }
    }
}

/// One JSON object a line, or one line for people.
fn entries(app: &App, answer: &Value) -> Result<Done> {
    match app.global.output {
        Some(Format::Off) => Ok(Done::Well),
        Some(Format::Json) => {
            let entries = answer["entries"].as_array().into_iter().flatten();
            app.print(&entries.map(|entry| format!("{entry}\n")).collect::<String>())
        }
        _ => app.print(&text::journal(answer)),
    }
}

fn wait(app: &App) -> Result<()> {
    app.block_on(async {
        tokio::time::sleep(PACE).await;
        Ok(())
    })
}
