//! `configure …`: set-up, and what is set up.

mod export;
mod from;
mod get;
mod lint;
mod list;
mod process;
mod remove;
mod set;
mod sso;
mod sso_session;
mod undo;

use crate::app::App;
use crate::commands::changes::Changes;
use crate::commands::vault;
use crate::report::Done;
use crate::wizard::session::SessionFlags;
use clap::{Args, Subcommand};
use daypass_core::Result;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a profile: log in, choose account and role, write it down
    Sso(Sso),
    /// Set up only the login that profiles share, without choosing a role
    SsoSession(SsoSession),
    /// Show the profile in force, and where each of its values comes from
    List,
    /// Print the names of all profiles
    ListProfiles,
    /// Print one value of a profile
    Get(get::Get),
    /// Change one value of a profile
    Set(set::Set),
    /// Print the profile's credentials for other programs
    ExportCredentials(export::Export),
    /// Make a profile that gets another one's credentials from daypass
    Process(process::Process),
    /// Remove a profile or an sso-session, with all that it left behind
    Remove(remove::Remove),
    /// Look through your files for what programs read differently
    Lint(lint::Lint),
    /// Take back what the last command changed in your files
    Undo(undo::Undo),
}

/// How to log in.
#[derive(Args, Clone, Debug)]
pub struct LoginFlags {
    /// Print the address instead of opening a browser
    #[arg(long)]
    pub no_browser: bool,
    /// Log in with a code typed on any device: for machines without a browser
    #[arg(long)]
    pub use_device_code: bool,
    /// Port the browser comes back to, to be forwarded with `ssh -L`
    #[arg(long, value_name = "PORT", value_parser = port)]
    pub redirect_port: Option<u16>,
}

pub fn port(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err("a port is a number from 1 to 65535".to_owned()),
    }
}

#[derive(Args, Debug)]
pub struct Sso {
    #[command(flatten)]
    pub session: SessionFlags,
    /// Account to use: 12 digits
    #[arg(long, value_name = "ID")]
    pub sso_account_id: Option<String>,
    /// Role to use in that account
    #[arg(long, value_name = "NAME")]
    pub sso_role_name: Option<String>,
    /// Bucket or prefix that `daypass s3 ls` lists when none is given, such as s3://nasa-disasters
    #[arg(long, value_name = "URI")]
    pub default_s3_uri: Option<String>,
    /// Keep the login encrypted from the start; other programs then ask daypass for
    /// credentials (process), or read the access token alone (mirror)
    #[arg(long, value_enum, value_name = "POLICY", num_args = 0..=1, require_equals = true,
          default_missing_value = "process")]
    pub vault: Option<vault::Policy>,
    #[command(flatten)]
    pub from: from::FromFlags,
    #[command(flatten)]
    pub login: LoginFlags,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Args, Debug)]
pub struct SsoSession {
    #[command(flatten)]
    pub session: SessionFlags,
    #[command(flatten)]
    pub changes: Changes,
}

pub fn run(app: &App, command: Command) -> Result<Done> {
    match command {
        Command::Sso(wanted) => sso::run(app, &wanted),
        Command::SsoSession(wanted) => sso_session::run(app, &wanted),
        Command::List => list::run(app),
        Command::ListProfiles => list_profiles(app),
        Command::Get(wanted) => get::run(app, &wanted),
        Command::Set(wanted) => set::run(app, &wanted),
        Command::ExportCredentials(wanted) => export::run(app, &wanted),
        Command::Process(wanted) => process::run(app, &wanted),
        Command::Remove(wanted) => remove::run(app, &wanted),
        Command::Lint(wanted) => lint::run(app, &wanted),
        Command::Undo(wanted) => undo::run(app, &wanted),
    }
}

/// Config file order, then the names that only the credentials file has.
fn list_profiles(app: &App) -> Result<Done> {
    let files = app.files()?;
    let in_config: Vec<&str> = files.config.parsed.profiles().collect();
    let others = files.credentials.parsed.profiles().filter(|name| !in_config.contains(name));
    let text: String =
        in_config.iter().copied().chain(others).map(|name| format!("{name}\n")).collect();
    app.print(&text)
}

/// Pairs as an edit takes them.
fn borrowed(keys: &[(String, String)]) -> Vec<(&str, &str)> {
    keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
