//! Keeping a server's text from steering a terminal.

use std::borrow::Cow;

use serde_json::Value;

/// Replaces what could move the cursor, colour or reorder a terminal's text by U+FFFD:
/// C0 and C1 controls (tab and line feed too: one value stays on one line), DEL, and
/// the bidirectional marks, embeddings, overrides and isolates.
///
/// Text and table output pass every string through here when they go to a terminal;
/// JSON and YAML escape the same characters instead. Piped output is never changed.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(is_risky) {
        Cow::Owned(text.replace(is_risky, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

pub(super) fn is_risky(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
}

/// The same value with every key and string cleaned.
pub(super) fn clean_tree(value: &Value) -> Value {
    match value {
        Value::String(text) => clean(text).into(),
        Value::Array(items) => items.iter().map(clean_tree).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (clean(key).into_owned(), clean_tree(value))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "Größe 日本語 😀 'x' \"y\" \\ \u{200b}\u{a0}"] {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn controls_and_overrides_are_replaced() {
        let cases = [
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("a\nb\tc\r", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("\u{7f}\u{9b}31m", "\u{fffd}\u{fffd}31m"),
            ("x\u{202e}y\u{2066}z\u{200f}", "x\u{fffd}y\u{fffd}z\u{fffd}"),
        ];
        for (text, want) in cases {
            assert_eq!(clean(text), want);
        }
    }
}
