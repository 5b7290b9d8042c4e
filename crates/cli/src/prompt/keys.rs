//! What was pressed, by meaning rather than by key.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// One thing a person did at a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character to insert.
    Char(char),
    /// Text that came in one piece, as it was pasted.
    Paste(String),
    /// Accept.
    Enter,
    /// Complete, or the next completion.
    Tab,
    /// The completion before.
    BackTab,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D: delete, or the end of the input where there is nothing to delete.
    EndOrDelete,
    /// Take back.
    Escape,
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character at the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete all before the cursor.
    DeleteToStart,
    /// Delete all from the cursor on.
    DeleteToEnd,
    /// One character back.
    Left,
    /// One character forward.
    Right,
    /// One word back.
    WordLeft,
    /// One word forward.
    WordRight,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// F1.
    Help,
    /// Nothing was pressed, but the screen has to be drawn again.
    Redraw,
}

impl Key {
    /// The meaning of a terminal event, if it has one for us.
    pub fn of(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Self::of_key(key),
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Resize(..) => Some(Self::Redraw),
            _ => None,
        }
    }

    fn of_key(key: KeyEvent) -> Option<Self> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            // Both together are how some keyboards write @ and brackets.
            KeyCode::Char(c) if control == alt => Some(Self::Char(c)),
            KeyCode::Char(c) if control => Self::of_control(c),
            KeyCode::Char(c) => Self::of_alt(c),
            code => Self::of_code(code, control || alt),
        }
    }

    fn of_code(code: KeyCode, by_word: bool) -> Option<Self> {
        Some(match code {
            KeyCode::Enter => Self::Enter,
            KeyCode::Tab => Self::Tab,
            KeyCode::BackTab => Self::BackTab,
            KeyCode::Esc => Self::Escape,
            KeyCode::Backspace if by_word => Self::DeleteWord,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Delete => Self::Delete,
            KeyCode::Left if by_word => Self::WordLeft,
            KeyCode::Left => Self::Left,
            KeyCode::Right if by_word => Self::WordRight,
            KeyCode::Right => Self::Right,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::F(1) => Self::Help,
            _ => return None,
        })
    }

    fn of_control(c: char) -> Option<Self> {
        Some(match c.to_ascii_lowercase() {
            'a' => Self::Home,
            'b' => Self::Left,
            'c' => Self::Interrupt,
            'd' => Self::EndOrDelete,
            'e' => Self::End,
            'f' => Self::Right,
            'h' => Self::Backspace,
            'i' => Self::Tab,
            // An Enter typed before the prompt opened has become a line feed.
            'j' | 'm' => Self::Enter,
            'k' => Self::DeleteToEnd,
            'l' => Self::Redraw,
            'n' => Self::Down,
            'p' => Self::Up,
            'u' => Self::DeleteToStart,
            'w' => Self::DeleteWord,
            _ => return None,
        })
    }

    fn of_alt(c: char) -> Option<Self> {
        match c {
            'b' => Some(Self::WordLeft),
            'f' => Some(Self::WordRight),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        Key::of(Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn control_keys_have_their_usual_meaning() {
        let control = |c| pressed(KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(control('c'), Some(Key::Interrupt));
        assert_eq!(control('d'), Some(Key::EndOrDelete));
        assert_eq!(control('j'), Some(Key::Enter));
        assert_eq!(control('u'), Some(Key::DeleteToStart));
        assert_eq!(control('y'), None);
    }

    #[test]
    fn characters_keep_case_and_alt_gr() {
        let none = KeyModifiers::NONE;
        let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
        assert_eq!(pressed(KeyCode::Char('Ü'), none), Some(Key::Char('Ü')));
        assert_eq!(pressed(KeyCode::Char('A'), KeyModifiers::SHIFT), Some(Key::Char('A')));
        assert_eq!(pressed(KeyCode::Char('@'), alt_gr), Some(Key::Char('@')));
        assert_eq!(pressed(KeyCode::Char('b'), KeyModifiers::ALT), Some(Key::WordLeft));
        assert_eq!(pressed(KeyCode::F(1), none), Some(Key::Help));
        assert_eq!(pressed(KeyCode::F(2), none), None);
    }

    #[test]
    fn a_key_let_go_is_nothing() {
        let released =
            KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(Key::of(Event::Key(released)), None);
        assert_eq!(Key::of(Event::Resize(40, 10)), Some(Key::Redraw));
    }
}
