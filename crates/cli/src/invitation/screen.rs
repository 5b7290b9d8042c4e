//! What the terminal at hand can show.

use super::escapes::Multiplexer;
use crate::app::App;
use crate::args::Color;
use clap::{Args, ValueEnum};
use daypass_core::host::Vars;

/// How the invitation is shown.
#[derive(Args, Clone, Debug, Default)]
pub struct ScreenFlags {
    /// Show words only: no large type, no picture, no links, nothing copied; for screen
    /// readers
    #[arg(long, help_heading = "What is shown")]
    pub plain: bool,
    /// Show the address as a picture for a phone: on, off, or auto, where there is room
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        help_heading = "What is shown"
    )]
    pub qr: When,
    /// Do not copy the code to the clipboard
    #[arg(long, help_heading = "What is shown")]
    pub no_copy: bool,
}

/// When to show a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    On,
    Off,
    #[default]
    Auto,
}

/// The terminal behind standard error, and what the person wants on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// It understands more than text.
    pub escapes: bool,
    /// Block letters and half blocks.
    pub blocks: bool,
    pub colour: bool,
    pub copy: bool,
    pub qr: When,
    pub between: Multiplexer,
    pub columns: usize,
    pub rows: usize,
}

impl Screen {
    /// Looks at the terminal; nothing but text where there is none.
    pub fn of(app: &App, flags: &ScreenFlags) -> Self {
        let vars = &app.host.vars;
        let (columns, rows) = match crossterm::terminal::size() {
            Ok((columns, rows)) if app.ui.stderr_terminal && columns > 0 && rows > 0 => {
                (columns.into(), rows.into())
            }
            _ => (80, 24),
        };
        let terminal = app.ui.stderr_terminal && !flags.plain && is_terminal(vars);
        let no_colour = vars.get("NO_COLOR").is_some() || app.global.color == Color::Off;
        Self {
            escapes: terminal,
            blocks: (terminal || flags.qr == When::On) && !flags.plain && speaks_utf8(vars),
            colour: terminal && !no_colour,
            copy: terminal && !flags.no_copy,
            qr: if flags.plain { When::Off } else { flags.qr },
            between: multiplexer(vars),
            columns,
            rows,
        }
    }
}

/// Whether escapes are understood. What runs in a notebook's cell has a terminal whose
/// text ends on a page.
fn is_terminal(vars: &Vars) -> bool {
    let term = vars.get("TERM").unwrap_or(if cfg!(windows) { "windows" } else { "dumb" });
    term != "dumb" && vars.get("JPY_PARENT_PID").is_none()
}

fn speaks_utf8(vars: &Vars) -> bool {
    let named = vars.first(&["LC_ALL", "LC_CTYPE", "LANG"]).map(|(_, value)| value);
    let named = named.map(|locale| locale.to_ascii_lowercase().replace('-', ""));
    cfg!(windows) || named.is_some_and(|locale| locale.contains("utf8"))
}

fn multiplexer(vars: &Vars) -> Multiplexer {
    if vars.get("TMUX").is_some() {
        return Multiplexer::Tmux;
    }
    match vars.get("TERM").is_some_and(|term| term.starts_with("screen")) {
        true => Multiplexer::Screen,
        false => Multiplexer::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> Vars {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[cfg(unix)]
    #[test]
    fn a_terminal_says_what_it_can() {
        assert!(is_terminal(&vars(&[("TERM", "xterm")])));
        assert!(!is_terminal(&vars(&[("TERM", "dumb")])) && !is_terminal(&vars(&[])));
        assert!(!is_terminal(&vars(&[("TERM", "xterm-color"), ("JPY_PARENT_PID", "9")])));
        assert!(speaks_utf8(&vars(&[("LANG", "de_DE.UTF-8")])));
        assert!(speaks_utf8(&vars(&[("LC_ALL", "C.utf8"), ("LANG", "C")])));
        assert!(!speaks_utf8(&vars(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")])));
        assert!(!speaks_utf8(&vars(&[])));
        assert_eq!(
            multiplexer(&vars(&[("TMUX", "/tmp/x"), ("TERM", "screen")])),
            Multiplexer::Tmux
        );
        assert_eq!(multiplexer(&vars(&[("TERM", "screen-256color")])), Multiplexer::Screen);
    }
}
