//! Which quotes a string needs.

use super::resolve::reads_as_string;
use crate::output::clean::is_risky;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
}

/// The lightest style that keeps the string a string, as libyaml chooses it.
pub(super) fn style(text: &str, terminal: bool) -> Style {
    if text.contains(|c| !is_printable(c, terminal)) || blank_meets_break(text) {
        return Style::Double;
    }
    let framed = text.starts_with(' ') || text.ends_with(' ');
    if framed || text.contains(is_break) || has_indicators(text) || !reads_as_string(text) {
        return Style::Single;
    }
    Style::Plain
}

/// Inside double quotes: what is written as a backslash and a code.
pub(super) fn takes_escape(c: char, terminal: bool) -> bool {
    !is_printable(c, terminal) || is_break(c) || matches!(c, '"' | '\\')
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// libyaml prints no tab, nothing beyond the basic plane and no byte order mark as is.
fn is_printable(c: char, terminal: bool) -> bool {
    let printable = matches!(c, ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}';
    c == '\n' || (printable && !(terminal && is_risky(c)))
}

/// Single quotes would lose a blank beside a line break.
fn blank_meets_break(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    pairs.into_iter().any(|(a, b)| (a == ' ' && is_break(b)) || (is_break(a) && b == ' '))
}

/// Whether something in the string would read as YAML syntax.
fn has_indicators(text: &str) -> bool {
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    let mut found = text.starts_with("---") || text.starts_with("...");
    let mut first = true;
    while let Some(c) = rest.next() {
        let blank_follows = rest.peek().is_none_or(|&next| next == ' ' || is_break(next));
        found |= match c {
            ':' => blank_follows,
            '#' => before == ' ' || is_break(before),
            '?' | '-' => first && blank_follows,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`' => first,
            _ => false,
        };
        before = c;
        first = false;
    }
    found
}
