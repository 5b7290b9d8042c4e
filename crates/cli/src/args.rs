//! The command line: the AWS CLI's own words where there are some.

use crate::commands;
use crate::output::Format;
use crate::report::Manners;
use crate::vars::Whose;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use daypass_core::resolve::Request;

/// Log in to AWS through IAM Identity Center, and use it.
///
/// Every command of the AWS CLI's Identity Center guide works here with `daypass`
/// typed in place of `aws`, on the same files.
#[derive(Debug, Parser)]
#[command(name = "daypass", version, propagate_version = false, max_term_width = 100)]
#[command(args_override_self = true, infer_long_args = true, disable_help_subcommand = true)]
#[command(
    after_help = "New here? `daypass tour` shows the whole way on a practice server, in a minute.\n\
                        For a real account: `daypass configure sso`, then `daypass s3 ls --profile NAME`.\n\
                        `daypass help guide` has the whole way, and `daypass help help` all topics."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes, with the AWS CLI's names.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Options for every command")]
pub struct Global {
    /// The profile to use: a name from `daypass configure list-profiles`
    #[arg(long, global = true, value_name = "NAME", value_hint = ValueHint::Other)]
    pub profile: Option<String>,
    /// The region your calls go to, such as us-west-2
    #[arg(long, global = true, value_name = "REGION", value_hint = ValueHint::Other)]
    pub region: Option<String>,
    /// How results are printed: json, yaml, yaml-stream, text, table or off
    #[arg(long, global = true, value_name = "FORMAT", value_parser = parse_format, value_hint = ValueHint::Other)]
    pub output: Option<Format>,
    /// Print only a part of the result, chosen by a JMESPath expression
    #[arg(long, global = true, value_name = "EXPRESSION", value_hint = ValueHint::Other)]
    pub query: Option<String>,
    /// Send the service's calls to this address instead of AWS's
    #[arg(long, global = true, value_name = "URL", value_parser = parse_endpoint)]
    pub endpoint_url: Option<String>,
    /// Trust the certificate authorities of this PEM file instead of the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_bundle: Option<String>,
    /// Do not check the server's certificate: anybody in between can read along
    #[arg(long, global = true)]
    pub no_verify_ssl: bool,
    /// Send unsigned requests, for public buckets
    #[arg(long, global = true)]
    pub no_sign_request: bool,
    /// Ask for the first page of a list only
    #[arg(long, global = true)]
    pub no_paginate: bool,
    /// Seconds to wait for a connection; 0 waits for ever [default: 60]
    #[arg(long, global = true, value_name = "SECONDS", value_hint = ValueHint::Other)]
    pub cli_connect_timeout: Option<u64>,
    /// Seconds to wait for an answer; 0 waits for ever [default: 60]
    #[arg(long, global = true, value_name = "SECONDS", value_hint = ValueHint::Other)]
    pub cli_read_timeout: Option<u64>,
    /// Colours: on, off, or auto, which means on a terminal
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true
    )]
    pub color: Color,
    /// Say on standard error what is done, step by step, without secrets
    #[arg(long, global = true)]
    pub debug: bool,
    /// Accepted for the AWS CLI's sake: daypass uses no pager
    #[arg(long, global = true)]
    pub no_cli_pager: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    On,
    Off,
    Auto,
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|_| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("choose one of {}", names.join(", "))
    })
}

fn parse_endpoint(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("it must be of the form http://HOST/ or https://HOST/".to_owned()),
    }
}

impl Cli {
    /// Inside an `exec`, whoever names a profile or edits the files means their own.
    pub fn files(&self) -> Whose {
        let own = matches!(
            self.command,
            Command::Exec(_)
                | Command::Env(_)
                | Command::Console(_)
                | Command::RunAs(_)
                | Command::Profiles(_)
                | Command::ListAccounts(_)
                | Command::ListRoles(_)
                | Command::Login(_)
                | Command::Pick(_)
                | Command::Configure(_)
                | Command::Invite(_)
                | Command::Vault(_)
                | Command::Status(_)
                | Command::Migrate(_)
                | Command::Use(_)
                | Command::Complete(_)
        );
        if own || self.global.profile.is_some() { Whose::Own } else { Whose::AsSet }
    }
}

impl Global {
    /// The part of the options that resolution asks about.
    pub fn request(&self) -> Request {
        Request {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            ca_bundle: self.ca_bundle.clone(),
            no_verify_ssl: self.no_verify_ssl,
            no_sign_request: self.no_sign_request,
            connect_timeout: self.cli_connect_timeout,
            read_timeout: self.cli_read_timeout,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// See who is logged in, for how long, and which profile is in force
    Status(commands::status::Status),
    Login(commands::login::Login),
    Whoami(commands::whoami::Whoami),
    Pick(commands::pick::Pick),
    Use(commands::shell::switch::Use),
    Console(commands::console::Console),
    Exec(commands::exec::Exec),
    RunAs(commands::reach::run_as::RunAs),
    Env(commands::env::Env),
    Serve(commands::serve::Serve),
    #[command(visible_alias = "process")]
    CredentialProcess(commands::credential_process::CredentialProcess),
    /// Write profiles for all accounts and roles, and list those there are
    #[command(subcommand)]
    Profiles(commands::reach::profiles::Command),
    ListAccounts(commands::reach::lists::ListAccounts),
    ListRoles(commands::reach::lists::ListRoles),
    /// Set up profiles, and look at what is set up
    #[command(subcommand)]
    Configure(commands::configure::Command),
    Invite(commands::invite::Invite),
    /// Keep secrets encrypted, and say where their key is
    #[command(subcommand)]
    Vault(commands::vault::Command),
    Migrate(commands::migrate::Migrate),
    /// See which credentials were handed out on this machine, and to what
    #[command(subcommand)]
    Audit(commands::audit::Command),
    Doctor(commands::doctor::Doctor),
    /// Log in and out of IAM Identity Center, and ask its portal
    #[command(subcommand)]
    Sso(commands::sso::Command),
    /// Ask AWS who you are
    #[command(subcommand)]
    Sts(commands::sts::Command),
    /// Look into S3 buckets
    #[command(subcommand)]
    S3(commands::s3::Command),
    Tour(commands::tour::Tour),
    Sandbox(commands::sandbox::Sandbox),
    /// Help on a command, or on a topic such as `guide`
    Help(commands::help::Help),
    Man(commands::man::Man),
    /// Print the completion script for a shell
    Completion(commands::shell::init::Completion),
    ShellInit(commands::shell::init::ShellInit),
    /// The list of accounts and roles anew, for later
    #[command(hide = true)]
    RefreshAccounts(commands::reach::refresh::RefreshAccounts),
    /// The endpoint of one command, for as long as that runs
    #[command(hide = true)]
    Attend(commands::attend::Attend),
    /// What a shell asks at every Tab
    #[command(hide = true)]
    Complete(commands::complete::Complete),
}

impl Command {
    /// Whose exit codes the command keeps.
    pub fn manners(&self) -> Manners {
        match self {
            Command::Configure(_) | Command::Sso(_) | Command::Sts(_) | Command::S3(_) => {
                Manners::AwsCli
            }
            Command::CredentialProcess(_) => Manners::Process,
            Command::Vault(_) | Command::Exec(_) | Command::Env(_) => Manners::Daypass,
            Command::Login(_)
            | Command::RunAs(_)
            | Command::ListAccounts(_)
            | Command::ListRoles(_)
            | Command::Profiles(_)
            | Command::RefreshAccounts(_)
            | Command::Console(_)
            | Command::Pick(_)
            | Command::Doctor(_)
            | Command::Status(_)
            | Command::Whoami(_)
            | Command::Tour(_)
            | Command::Invite(_)
            | Command::Serve(_)
            | Command::Attend(_)
            | Command::Sandbox(_)
            | Command::Migrate(_)
            | Command::Audit(_)
            | Command::Use(_)
            | Command::ShellInit(_)
            | Command::Completion(_)
            | Command::Help(_)
            | Command::Man(_)
            | Command::Complete(_) => Manners::Daypass,
        }
    }

    /// Lines that stand at the end of the config file for this one command.
    pub fn lines(&self) -> Option<String> {
        match self {
            Command::Attend(attend) => attend.lines.clone(),
            _ => None,
        }
    }

    /// Whether it ends with the secrets it holds: the others start programs of the
    /// user's, whose core dumps are none of our business.
    pub fn holds_secrets(&self) -> bool {
        let ours = matches!(
            self,
            Command::Env(_)
                | Command::Login(_)
                | Command::Status(_)
                | Command::Whoami(_)
                | Command::Migrate(_)
        );
        let prints = matches!(self, Command::Pick(pick) if pick.prints_secrets());
        self.manners() != Manners::Daypass || ours || prints
    }
}

/// Whether `--output json` is among words that could not be parsed.
pub fn asks_for_json(words: &[std::ffi::OsString]) -> bool {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    words.contains(&"--output=json") || words.windows(2).any(|pair| pair == ["--output", "json"])
}

/// The manners of a command line that could not be parsed: by its first word
/// that is a command.
pub fn manners_of_words(words: &[std::ffi::OsString]) -> Manners {
    let mirrored = ["configure", "sso", "sts", "s3"];
    let process = ["credential-process", "process"];
    let own = [
        "login",
        "vault",
        "exec",
        "env",
        "console",
        "status",
        "whoami",
        "invite",
        "run-as",
        "list-accounts",
        "list-roles",
        "profiles",
        "refresh-accounts",
        "pick",
        "tour",
        "serve",
        "attend",
        "sandbox",
        "migrate",
        "audit",
        "use",
        "shell-init",
        "completion",
        "doctor",
        "complete",
        "help",
        "man",
    ];
    let known = words
        .iter()
        .skip(1)
        .filter_map(|word| word.to_str())
        .find(|word| mirrored.contains(word) || own.contains(word) || process.contains(word));
    match known {
        Some(word) if mirrored.contains(&word) => Manners::AwsCli,
        Some(word) if process.contains(&word) => Manners::Process,
        _ => Manners::Daypass,
    }
}
