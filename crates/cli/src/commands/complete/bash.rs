//! bash's side of a completion: the line taken apart, and words put back in its quotes.

use crate::output::clean;

/// The command line up to the cursor, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The words before the one that is completed, quotes taken off.
    pub before: Vec<String>,
    /// The beginning of the word that is completed, quotes taken off.
    pub word: String,
    /// The part of `word` that bash keeps as it is.
    kept: String,
    /// The quote that is open at the cursor.
    quote: Option<char>,
}

/// Words, of which the last is perhaps unfinished.
#[derive(Default)]
struct Split {
    words: Vec<String>,
    word: String,
    /// Where the unfinished word begins, in bytes.
    start: usize,
    quote: Option<char>,
}

impl Line {
    /// `replaced` is the end of the line that bash will replace: what stands behind the
    /// last word break (`=`, `:`, …) or opening quote.
    pub fn read(text: &str, replaced: &str) -> Self {
        let split = split(text);
        let raw = &text[split.start..];
        let kept = raw.strip_suffix(replaced).map(|kept| self::split(kept).word);
        let before = without_assignments(split.words);
        Self { before, word: split.word, kept: kept.unwrap_or_default(), quote: split.quote }
    }

    /// What bash puts in place of the replaced part, to make the word `value`.
    pub fn quoted(&self, value: &str) -> Option<String> {
        let rest = value.strip_prefix(&self.kept)?;
        if clean(rest) != rest {
            return None;
        }
        Some(match self.quote {
            Some('\'') => rest.replace('\'', r"'\''"),
            Some(_) => escaped(rest, |c| "\\\"$`!".contains(c)),
            None => escaped(rest, |c| !(c.is_alphanumeric() || "_-./+=:,@%".contains(c))),
        })
    }
}

fn escaped(text: &str, special: impl Fn(char) -> bool) -> String {
    let one = |c| [special(c).then_some('\\'), Some(c)];
    text.chars().flat_map(one).flatten().collect()
}

/// A word with the quotes of whatever shell taken off, finished or not.
pub fn unquoted(text: &str) -> String {
    split(text).word
}

fn without_assignments(mut words: Vec<String>) -> Vec<String> {
    let is_assignment = |word: &String| {
        let name = word.split_once('=').map(|(name, _)| name).unwrap_or_default();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let assignments = words.iter().take_while(|word| is_assignment(word)).count();
    words.drain(..assignments);
    words
}

fn split(text: &str) -> Split {
    let mut split = Split::default();
    let mut chars = text.char_indices();
    let mut begun = false;
    while let Some((at, c)) = chars.next() {
        if !begun {
            split.start = at;
        }
        match (split.quote, c) {
            (None, ' ' | '\t' | '\n') => {
                if begun {
                    split.words.push(std::mem::take(&mut split.word));
                }
                begun = false;
                split.start = at + 1;
                continue;
            }
            (None, '\'' | '"') => split.quote = Some(c),
            (Some(open), c) if open == c => split.quote = None,
            (Some('\''), c) => split.word.push(c),
            (_, '\\') => split.word.extend(chars.next().map(|(_, c)| c)),
            (_, c) => split.word.push(c),
        }
        begun = true;
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, replaced: &str) -> (Vec<String>, String) {
        let line = Line::read(text, replaced);
        (line.before, line.word)
    }

    #[test]
    fn words_lose_their_quotes_and_the_last_may_be_unfinished() {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(read("daypass use ", ""), (words(&["daypass", "use"]), String::new()));
        assert_eq!(
            read("A=1 daypass --profile 'a b' s3 l", "l"),
            (words(&["daypass", "--profile", "a b", "s3"]), "l".to_owned())
        );
        assert_eq!(
            read(r"daypass use my\ pro", r"my\ pro"),
            (words(&["daypass", "use"]), "my pro".to_owned())
        );
        assert_eq!(
            read("daypass use \"it's ", "it's "),
            (words(&["daypass", "use"]), "it's ".to_owned())
        );
    }

    #[test]
    fn candidates_continue_what_is_typed() {
        let put = |text, replaced, value| Line::read(text, replaced).quoted(value);
        assert_eq!(put("daypass use my", "my", "my own"), Some(r"my\ own".to_owned()));
        assert_eq!(put("daypass use 'my", "my", "my own"), Some("my own".to_owned()));
        assert_eq!(put("daypass use 'it", "it", "it's"), Some(r"it'\''s".to_owned()));
        assert_eq!(put("daypass use \"a", "a", "a$b"), Some(r"a\$b".to_owned()));
        let option = "daypass --profile=my";
        assert_eq!(put(option, "my", "--profile=my own"), Some(r"my\ own".to_owned()));
        let quoted = "daypass --profile='my";
        assert_eq!(put(quoted, "my", "--profile=my own"), Some("my own".to_owned()));
        assert_eq!(put("daypass s3 ls s3://a", "//a", "s3://ab"), Some("//ab".to_owned()));
        assert_eq!(put("daypass use ", "", "two\nlines"), None);
    }
}
