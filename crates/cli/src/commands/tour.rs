//! `tour`: the guide, step by step, on a sandbox inside this program.

use crate::app::App;
use crate::commands::sandbox::{Browser, Practice, start};
use crate::report::Done;
use clap::Args;
use daypass_core::resolve::sso::shell_word;
use daypass_core::{Error, Kind, Result};
use sandbox::{Options, World};
use std::process::{Output, Stdio};

/// See the whole way, from set-up to log-out, on a practice server in this program
///
/// Needs no AWS account and no network, and touches none of your files: the server
/// and the home directory end with the tour.
#[derive(Args, Debug)]
pub struct Tour {
    /// Open your own browser at the login, and click for yourself
    #[arg(long)]
    browser: bool,
}

/// One stop: why, the command, and whether it is meant to succeed.
struct Stop {
    why: &'static str,
    words: &'static [&'static str],
    succeeds: bool,
}

const fn stop(why: &'static str, words: &'static [&'static str]) -> Stop {
    Stop { why, words, succeeds: true }
}

const STOPS: &[Stop] = &[
    stop(
        "Set up once. On a terminal `daypass configure sso` asks for each of these; here they are\n\
         given as options. The browser signs in, and you choose account and role.",
        &[
            "configure",
            "sso",
            "--sso-session",
            "disasters",
            "--sso-start-url",
            "https://d-9067c5bbc5.awsapps.com/start/#",
            "--sso-region",
            "us-east-1",
            "--sso-account-id",
            "867530900000",
            "--sso-role-name",
            "Project-Power-User",
            "--region",
            "us-east-1",
            "--output",
            "json",
            "--default-s3-uri",
            "s3://nasa-disasters",
            "--profile",
            "disasters-sso",
        ],
    ),
    stop(
        "Read your data. The bucket is in another region than the profile: that is followed.",
        &["s3", "ls", "--profile", "disasters-sso"],
    ),
    stop("Ask who you are.", &["sts", "get-caller-identity", "--profile", "disasters-sso"]),
    stop("See where each value comes from.", &["configure", "list", "--profile", "disasters-sso"]),
    stop("Log in again another day.", &["sso", "login", "--profile", "disasters-sso"]),
    stop(
        "Look further into the bucket.",
        &[
            "s3",
            "ls",
            "s3://nasa-disasters/disasters/",
            "--recursive",
            "--human-readable",
            "--summarize",
            "--profile",
            "disasters-sso",
        ],
    ),
    stop("Log out when you are finished.", &["sso", "logout"]),
    Stop {
        why: "After that nothing works any more, and the error says what to do.",
        words: &["s3", "ls", "--profile", "disasters-sso"],
        succeeds: false,
    },
];

pub fn run(app: &App, wanted: &Tour) -> Result<Done> {
    let browser = if wanted.browser { Browser::Own } else { Browser::Scripted };
    let practice = Practice::new(
        start(World::guide(), Options::default())?,
        browser,
        &["--user=ada".to_owned()],
    )?;
    app.print(
        "This is daypass on a practice Identity Center inside this program: no AWS account, no network,\n\
         and none of your files are touched. Everything below really happens.\n",
    )?;
    if wanted.browser {
        app.print("When your browser opens, sign in as `ada` and choose Allow.\n")?;
    }
    for (number, stop) in STOPS.iter().enumerate() {
        app.print(&format!("\n{}. {}\n\n", number + 1, stop.why))?;
        visit(app, &practice, stop)?;
        if number == 0 {
            show_config(app, &practice)?;
        }
    }
    app.print(FAREWELL)
}

const FAREWELL: &str = "
That is all. For a real account, run

    daypass configure sso

and have two things at hand from your administrator: the start URL of your access portal, such as
https://d-1234567890.awsapps.com/start, and the region Identity Center lives in.
";

fn visit(app: &App, practice: &Practice, stop: &Stop) -> Result<Done> {
    let words: Vec<String> = stop.words.iter().map(|word| shell_word(word)).collect();
    app.print(&format!("    $ daypass {}\n", words.join(" ")))?;
    let output = perform(app, practice, stop.words)?;
    let shown = [output.stdout, output.stderr].concat();
    app.print(&indented(&String::from_utf8_lossy(&shown)))?;
    if output.status.success() == stop.succeeds {
        return Ok(Done::Well);
    }
    Err(Error::new(
        Kind::Bug,
        format!("the tour's step `daypass {}` did not go as it should", words.join(" ")),
    )
    .because(format!("it ended with {}", output.status)))
}

fn perform(app: &App, practice: &Practice, words: &[&str]) -> Result<Output> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Bug, "cannot start this program again").because(error.to_string())
    };
    let daypass = std::env::current_exe().map_err(failed)?;
    let mut command = practice.command(daypass.as_os_str());
    command.args(words).stdin(Stdio::null());
    // Ctrl-C ends the tour here, so that its home directory is removed.
    app.block_on(async {
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true).output().await.map_err(failed)
    })
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect()
}

fn show_config(app: &App, practice: &Practice) -> Result<Done> {
    let path = practice.home().join(".aws").join("config");
    let text = daypass_core::files::read_config_text(&path)?;
    app.print(&format!(
        "\n    It is written down where every AWS tool looks, in ~/.aws/config:\n\n{}",
        indented(&text)
    ))
}
