//! How an error is shown, and the only file that knows an exit code.

use crate::output::{Format, clean};
use daypass_core::{Error, Kind};
use serde_json::json;
use std::process::ExitCode;

/// Whose table of exit codes a command keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// The AWS CLI's: `configure`, `sso`, `sts`, `s3`, since scripts test them.
    AwsCli,
    /// Our own.
    Daypass,
    /// Our own codes; errors in one line, which an SDK shows to its user verbatim.
    Process,
}

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It did what it was asked to.
    Well,
    /// It has nothing to show, and says so by its code alone.
    Empty,
    /// A child's own code.
    Child(u8),
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        match done {
            Done::Well => ExitCode::SUCCESS,
            Done::Empty => ExitCode::from(1),
            Done::Child(code) => ExitCode::from(code),
        }
    }
}

/// The code for a command that could not be started, as shells have it.
pub fn unstartable(error: &std::io::Error) -> u8 {
    if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }
}

/// The code an error ends with.
pub fn code(kind: Kind, manners: Manners) -> u8 {
    match (kind, manners) {
        (Kind::Interrupted, _) => 130,
        (Kind::Terminated, _) => 143,
        (Kind::Bug, _) => 255,
        (Kind::Usage, Manners::AwsCli) => 252,
        (Kind::Config, Manners::AwsCli) => 253,
        (Kind::Service | Kind::Denied, Manners::AwsCli) => 254,
        (_, Manners::AwsCli) => 255,
        (Kind::Usage, _) => 2,
        (Kind::LoginNeeded, _) => 4,
        _ => 1,
    }
}

/// The error's text for standard error; one JSON object where JSON was asked for.
pub fn text(error: &Error, asked: Option<Format>, manners: Manners) -> String {
    match (asked, manners) {
        (_, Manners::Process) => as_one_line(error),
        (Some(Format::Json), _) => format!("{}\n", as_json(error)),
        _ => as_lines(error),
    }
}

/// What happened, why and what next, without what AWS said, on a line that stands alone: most SDKs show
/// it as it is, some cut it off at the first line feed.
fn as_one_line(error: &Error) -> String {
    let hint = error.next_step().map(|hint| format!("; {hint}")).unwrap_or_default();
    let causes: String = error.causes().iter().map(|cause| format!(": {cause}")).collect();
    let flat = |text: String| clean(&text.replace('\n', " ")).into_owned();
    format!("daypass: {}\n", flat(format!("{}{causes}{hint}", error.message())))
}

fn as_lines(error: &Error) -> String {
    if error.kind() == Kind::Interrupted {
        return "\n".to_owned();
    }
    let mut text = format!("error: {}\n", shown(error.message()));
    for cause in error.causes() {
        text += &format!("  caused by: {}\n", shown(cause));
    }
    if let Some(words) = error.words_of_service() {
        text += &format!("  AWS said: {}\n", shown(words));
    }
    if error.kind() == Kind::Bug {
        text += "hint: this is a mistake in daypass: please report it, with the command that led here\n";
    }
    if let Some(hint) = error.next_step() {
        text += &format!("hint: {}\n", shown(hint));
    }
    text
}

/// Further lines (a query with a caret below its mistake) are indented alike.
fn shown(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(clean).collect();
    lines.join("\n    ")
}

fn as_json(error: &Error) -> String {
    json!({
        "kind": kind_name(error.kind()),
        "message": error.message(),
        "causes": error.causes(),
        "said": error.words_of_service(),
        "hint": error.next_step(),
    })
    .to_string()
}

/// A kind's name in JSON.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Usage => "usage",
        Kind::Config => "config",
        Kind::Profile => "profile",
        Kind::LoginNeeded => "login-needed",
        Kind::LoginFailed => "login-failed",
        Kind::Denied => "denied",
        Kind::Service => "service",
        Kind::Network => "network",
        Kind::Store => "store",
        Kind::Interrupted => "interrupted",
        Kind::Terminated => "terminated",
        Kind::Bug => "bug",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_why_and_next() {
        let error = Error::new(Kind::LoginNeeded, "cannot get credentials for profile `dev`")
            .because("the SSO token for sso-session `corp` expired 3 hours ago\u{1b}[2J")
            .hint("run `daypass sso login --sso-session corp`");
        assert_eq!(
            text(&error, None, Manners::Daypass),
            "error: cannot get credentials for profile `dev`\n  \
             caused by: the SSO token for sso-session `corp` expired 3 hours ago\u{fffd}[2J\n\
             hint: run `daypass sso login --sso-session corp`\n"
        );
        let json: serde_json::Value =
            serde_json::from_str(&text(&error, Some(Format::Json), Manners::Daypass)).unwrap();
        assert_eq!(json["kind"], "login-needed");
        assert_eq!(json["hint"], "run `daypass sso login --sso-session corp`");
    }

    #[test]
    fn the_words_of_aws_stand_below_ours() {
        let error = Error::new(Kind::Denied, "the credentials have ended")
            .because("they come from AWS_ACCESS_KEY_ID")
            .said("An error occurred (ExpiredToken)\u{1b}[2J")
            .hint("run it");
        assert_eq!(
            text(&error, None, Manners::AwsCli),
            "error: the credentials have ended\n  caused by: they come from AWS_ACCESS_KEY_ID\n  \
             AWS said: An error occurred (ExpiredToken)\u{fffd}[2J\nhint: run it\n"
        );
    }

    #[test]
    fn a_process_tells_everything_in_one_line() {
        let error = Error::new(Kind::LoginNeeded, "cannot get credentials for profile `dev`")
            .because("the login has\nended\u{1b}[2J")
            .hint("run `daypass sso login --sso-session corp`");
        assert_eq!(
            text(&error, Some(Format::Json), Manners::Process),
            "daypass: cannot get credentials for profile `dev`: the login has ended\u{fffd}[2J; \
             run `daypass sso login --sso-session corp`\n"
        );
    }

    #[test]
    fn a_caret_stays_below_its_mistake() {
        let error = Error::new(Kind::Usage, "Bad value for --query\n\"a[\"\n  ^");
        assert_eq!(
            text(&error, None, Manners::Daypass),
            "error: Bad value for --query\n    \"a[\"\n      ^\n"
        );
    }

    #[test]
    fn mirrored_commands_keep_the_aws_cli_s_codes() {
        let table = [
            (Kind::Usage, 252, 2),
            (Kind::Config, 253, 1),
            (Kind::Profile, 255, 1),
            (Kind::LoginNeeded, 255, 4),
            (Kind::Denied, 254, 1),
            (Kind::Service, 254, 1),
            (Kind::Network, 255, 1),
            (Kind::Interrupted, 130, 130),
            (Kind::Bug, 255, 255),
        ];
        for (kind, theirs, ours) in table {
            assert_eq!(
                (code(kind, Manners::AwsCli), code(kind, Manners::Daypass)),
                (theirs, ours),
                "{kind:?}"
            );
        }
    }
}
