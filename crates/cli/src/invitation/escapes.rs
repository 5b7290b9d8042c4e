//! What a terminal is told beside text: where a link leads, and what to copy.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Who stands between us and the person's terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Multiplexer {
    #[default]
    None,
    Tmux,
    Screen,
}

/// A link (OSC 8) whose text is its address; the bare address if it could be anything
/// but one.
pub fn link(address: &str) -> String {
    let safe = address.chars().all(|c| c.is_ascii_graphic());
    let known = address.starts_with("https://") || address.starts_with("http://");
    match safe && known {
        true => format!("\u{1b}]8;;{address}\u{1b}\\{address}\u{1b}]8;;\u{1b}\\"),
        false => address.to_owned(),
    }
}

/// Copies a text (OSC 52): it goes through SSH to the terminal that the person sits at.
/// A tmux may take it for itself (`set-clipboard on`) or let it through
/// (`allow-passthrough on`): either will do.
pub fn copy(text: &str, between: Multiplexer) -> String {
    let bare = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
    let doubled = bare.replace('\u{1b}', "\u{1b}\u{1b}");
    match between {
        Multiplexer::None => bare,
        Multiplexer::Tmux => format!("{bare}\u{1b}Ptmux;{doubled}\u{1b}\\"),
        Multiplexer::Screen => format!("\u{1b}P{bare}\u{1b}\\"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_leads() {
        assert_eq!(
            link("https://example.com/?a=b"),
            "\u{1b}]8;;https://example.com/?a=b\u{1b}\\https://example.com/?a=b\u{1b}]8;;\u{1b}\\"
        );
        for odd in ["https://a/\u{1b}\\", "https://ä/", "javascript:alert(1)", ""] {
            assert_eq!(link(odd), odd);
        }
    }

    #[test]
    fn a_copy_reaches_the_terminal_behind_a_multiplexer() {
        assert_eq!(copy("ABCD", Multiplexer::None), "\u{1b}]52;c;QUJDRA==\u{7}");
        assert_eq!(copy("ABCD", Multiplexer::Screen), "\u{1b}P\u{1b}]52;c;QUJDRA==\u{7}\u{1b}\\");
        assert_eq!(
            copy("ABCD", Multiplexer::Tmux),
            "\u{1b}]52;c;QUJDRA==\u{7}\u{1b}Ptmux;\u{1b}\u{1b}]52;c;QUJDRA==\u{7}\u{1b}\\"
        );
    }
}
