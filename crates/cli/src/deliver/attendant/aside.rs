//! A word to the person while their command has the terminal.

use crate::output::clean;
use crate::ui::Ui;

/// Says it: lines of their own where the terminal scrolls. A program that has taken the
/// whole screen gets a bell, and one line over its last one, until it next draws that.
pub fn say(ui: &Ui, lines: &[String]) {
    if !ui.stderr_terminal {
        lines.iter().for_each(|line| ui.note(line));
        return;
    }
    match is_taken() {
        true => ui.complain(&over_the_last_line(&lines.join("; "), columns())),
        false => ui.complain(&between(lines)),
    }
}

/// The cursor may stand behind a prompt or half a line.
fn between(lines: &[String]) -> String {
    lines.iter().fold("\r\n".to_owned(), |text, line| text + &clean(line) + "\r\n")
}

/// One line, in reverse, and the cursor back to where it was.
fn over_the_last_line(text: &str, columns: usize) -> String {
    let room = columns.saturating_sub(1);
    let shown: String = clean(text).chars().take(room).collect();
    format!("\u{7}\u{1b}7\u{1b}[999;1H\u{1b}[2K\u{1b}[7m{shown}\u{1b}[0m\u{1b}8")
}

/// Keys go to the program one by one: it draws the screen itself.
#[cfg(unix)]
fn is_taken() -> bool {
    use rustix::termios::{LocalModes, tcgetattr};
    tcgetattr(std::io::stderr()).is_ok_and(|state| !state.local_modes.contains(LocalModes::ICANON))
}

#[cfg(not(unix))]
fn is_taken() -> bool {
    false
}

fn columns() -> usize {
    match crossterm::terminal::size() {
        Ok((columns, _)) if columns > 0 => columns.into(),
        _ => 80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_goes_back_to_where_it_was() {
        assert_eq!(
            over_the_last_line("daypass: it\u{1b}ends", 12),
            "\u{7}\u{1b}7\u{1b}[999;1H\u{1b}[2K\u{1b}[7mdaypass: it\u{1b}[0m\u{1b}8"
        );
        assert_eq!(between(&["a".to_owned(), "b".to_owned()]), "\r\na\r\nb\r\n");
    }
}
