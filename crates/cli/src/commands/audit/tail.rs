//! `audit tail`.

use super::load;
use crate::app::App;
use crate::output::{Format, clean};
use crate::report::Done;
use clap::Args;
use daypass_core::audit::{Entry, parse};
use daypass_core::token::format_time;
use daypass_core::{Error, Kind, Result};
use hot::trail;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Show the last events
///
/// Times are UTC. With `--output json` each event is one line, as it is kept.
#[derive(Args, Debug)]
pub struct Tail {
    /// Show those to come as well, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// How many of those that are there
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20)]
    lines: usize,
}

pub fn run(app: &App, wanted: &Tail) -> Result<Done> {
    if wanted.follow && app.wants_data() && !as_kept(app) {
        return Err(endless());
    }
    // Where those to come begin is settled before the others are read.
    let place = trail::place(&app.host.home);
    let mut follower = Follower::new(&place);
    let loaded = load(app)?;
    let shown: Vec<&Entry> = loaded.entries.iter().filter(mine_of(app)).collect();
    let shown = &shown[shown.len().saturating_sub(wanted.lines)..];
    if app.wants_data() && !as_kept(app) {
        let files = app.files()?;
        let renderer = app.renderer(&app.chosen(&files))?;
        let all: Vec<Value> = shown.iter().map(|entry| entry.value.clone()).collect();
        return app.show(&renderer, "audit-tail", &all.into());
    }
    for entry in shown {
        print(app, entry)?;
    }
    if !wanted.follow {
        return Ok(Done::Well);
    }
    app.block_on(async {
        loop {
            for entry in follower.fresh().iter().filter(mine_of(app)) {
                print(app, entry)?;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    })
}

fn mine_of(app: &App) -> impl Fn(&&Entry) -> bool {
    let profile = app.global.profile.clone();
    move |entry| profile.as_ref().is_none_or(|profile| entry.text("profile") == profile)
}

/// Whether each event is printed as its line of the trail.
fn as_kept(app: &App) -> bool {
    app.global.output == Some(Format::Json) && app.global.query.is_none()
}

fn endless() -> Error {
    Error::new(Kind::Usage, "--follow prints text, or with `--output json` a line for each event")
        .because("another format, and a --query, take the whole of what there is")
        .hint(
            "leave --follow out, or filter the lines: `daypass audit tail -f --output json | jq …`",
        )
}

fn print(app: &App, entry: &Entry) -> Result<Done> {
    match as_kept(app) {
        true => app.print(&format!("{}\n", entry.value)),
        false => app.print(&line(entry)),
    }
}

/// Time, what, who, by which command, for which process.
fn line(entry: &Entry) -> String {
    let text = |key: &str| entry.text(key);
    let at = format_time(entry.at);
    let subject = match (text("profile"), text("session")) {
        ("", session) => session,
        (profile, _) => profile,
    };
    let mut line = format!("{at}  {:<7}  {subject}", text("event"));
    let role = match (text("role"), text("account")) {
        ("", _) => String::new(),
        (role, "") => format!("  {role}"),
        (role, account) => format!("  {role} in {account}"),
    };
    line += &role;
    for (key, mark) in [("key", "  \u{2026}"), ("flow", "  "), ("change", "  "), ("program", "  ")]
    {
        if !text(key).is_empty() {
            line += &format!("{mark}{}", text(key));
        }
    }
    line += &format!("  {}", text("delivery"));
    if !text("parent").is_empty() {
        line += &format!("  for {}[{}]", text("parent"), entry.value["parentPid"]);
    }
    format!("{}\n", clean(line.trim_end()))
}

/// What is added to the trail from now on.
struct Follower<'p> {
    place: &'p Path,
    read: usize,
}

impl<'p> Follower<'p> {
    fn new(place: &'p Path) -> Self {
        let read = vault::read_private(place).ok().flatten().map_or(0, |bytes| bytes.len());
        Self { place, read }
    }

    /// Whole lines only; a trail that has become shorter is another one.
    fn fresh(&mut self) -> Vec<Entry> {
        let bytes = vault::read_private(self.place).ok().flatten().unwrap_or_default();
        if bytes.len() < self.read {
            self.read = 0;
        }
        let added = &bytes[self.read..];
        let whole = added.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.read += whole;
        added[..whole].split(|byte| *byte == b'\n').filter_map(parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_without_control_characters() {
        let entry = parse(
            br#"{"time":"2026-11-26T09:12:00Z","event":"issue","delivery":"exec","profile":"a\u001b[2J","account":"867530900000","role":"R","key":"MPLE","parent":"zsh","parentPid":12}"#,
        )
        .unwrap();
        assert_eq!(
            line(&entry),
            "2026-11-26T09:12:00Z  issue    a\u{fffd}[2J  R in 867530900000  \u{2026}MPLE  exec  for zsh[12]\n"
        );
        let entry = parse(
            br#"{"time":"2026-11-26T09:12:00Z","event":"login","delivery":"sso login","session":"corp","flow":"pkce"}"#,
        );
        assert_eq!(line(&entry.unwrap()), "2026-11-26T09:12:00Z  login    corp  pkce  sso login\n");
    }

    #[test]
    fn a_follower_waits_for_whole_lines_and_begins_anew_after_a_change_of_files() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("audit.jsonl");
        let line = |minute: u8| {
            format!("{{\"time\":\"2026-11-26T09:{minute:02}:00Z\",\"event\":\"login\"}}\n")
        };
        let put = |text: &str| vault::write_private(&place, text.as_bytes()).unwrap();
        put(&line(1));
        let mut follower = Follower::new(&place);
        put(&(line(1) + &line(2) + "{\"time\""));
        assert_eq!(follower.fresh().len(), 1);
        put(&(line(1) + &line(2) + &line(3)));
        assert_eq!(follower.fresh().len(), 1);
        put(&line(4));
        assert_eq!(follower.fresh().len(), 1);
        assert!(follower.fresh().is_empty());
    }
}
