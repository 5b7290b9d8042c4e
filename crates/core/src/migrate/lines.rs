//! AWS variables that a start-up file of a shell, or a file of variables, sets.
//!
//! Line by line, in all the ways that people write it down: `export A=b`, `A=b`,
//! `set -gx A b`, `setenv A b`, `$env:A = "b"`, `SetEnvironmentVariable("A", "b")`,
//! `A: b`. What is commented out, or refers to another variable, sets nothing.

use super::places::Style;
use std::ops::Range;

/// The variables that matter here.
const NAMES: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_VAULT",
];

/// A variable that is set.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// From 1.
    pub line: usize,
    /// Its name.
    pub name: &'static str,
    /// Its value, which may be a secret.
    pub value: String,
    /// Where the value is in its line, in bytes.
    pub span: Range<usize>,
}

/// The name alone: the value may be a secret.
impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignment")
            .field("line", &self.line)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All that a text sets, in order.
pub fn assignments(text: &str) -> Vec<Assignment> {
    let lines = text.lines().enumerate().filter(|(_, line)| !is_comment(line));
    lines.flat_map(|(at, line)| of_line(at + 1, line)).collect()
}

fn is_comment(line: &str) -> bool {
    let start = line.trim_start();
    start.starts_with('#') || start.starts_with("//")
}

/// Whether a command goes on in the line after this one.
pub(super) fn goes_on(line: &str, style: Style) -> bool {
    let end = line.trim_end();
    let is_joined = line.ends_with('\\') || ["&&", "||", "|"].iter().any(|it| end.ends_with(it));
    !is_comment(line) && (is_joined || (style == Style::Powershell && line.ends_with('`')))
}

fn of_line(number: usize, line: &str) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = NAMES
        .into_iter()
        .flat_map(|name| places(line, name).map(move |at| (name, at)))
        .filter_map(|(name, at)| {
            let span = value_at(line, at, at + name.len())?;
            let value = line[span.clone()].to_owned();
            let is_reference = value.contains('$') || value.contains('`');
            (!value.is_empty() && !is_reference).then_some(Assignment {
                line: number,
                name,
                value,
                span,
            })
        })
        .collect();
    found.sort_by_key(|found| found.span.start);
    found
}

/// Where a name stands as a word of its own, and not after a `$`.
fn places<'l>(line: &'l str, name: &'l str) -> impl Iterator<Item = usize> + 'l {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let before = line[..*at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || c == '$' || c == '{') && !after.is_some_and(is_word)
    })
}

/// Where the value is of the name that ends at `end`.
fn value_at(line: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let quoted_name = line[..start].ends_with(['"', '\'']);
    let end = if quoted_name { end + 1 } else { end };
    let rest = line.get(end..)?;
    let blank = rest.len() - rest.trim_start().len();
    let sign = rest.trim_start().chars().next()?;
    let before = line[..start].trim_end_matches(['"', '\'']);
    let by_word = || {
        let words: Vec<&str> = before.split_whitespace().collect();
        matches!(words.first(), Some(&("set" | "setenv" | "setx"))) && blank > 0
    };
    let is_call = || before.trim_end().ends_with('(');
    let from = match sign {
        '=' => end + blank + 1,
        ':' if before.trim_matches(['-', ' ', '\t']).is_empty() || quoted_name => end + blank + 1,
        ',' if is_call() => end + blank + 1,
        _ if by_word() => end + blank,
        _ => return None,
    };
    Some(word(line, from))
}

/// A word of a shell, without its quotes.
fn word(line: &str, from: usize) -> Range<usize> {
    let from = from + (line[from..].len() - line[from..].trim_start().len());
    let rest = &line[from..];
    match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let length = rest[1..].find(quote).unwrap_or(rest.len() - 1);
            from + 1..from + 1 + length
        }
        _ => {
            let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')' | ',');
            let length = rest.find(ends).unwrap_or(rest.len());
            from..from + length
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(usize, &'static str, String)> {
        assignments(text).into_iter().map(|found| (found.line, found.name, found.value)).collect()
    }

    #[test]
    fn every_way_of_setting_a_variable_is_read() {
        for line in [
            "export AWS_SECRET_ACCESS_KEY=ab/cd+ef",
            "AWS_SECRET_ACCESS_KEY=ab/cd+ef # the key",
            "  export AWS_SECRET_ACCESS_KEY='ab/cd+ef'",
            "export AWS_SECRET_ACCESS_KEY=\"ab/cd+ef\";",
            "declare -x AWS_SECRET_ACCESS_KEY=ab/cd+ef",
            "set -gx AWS_SECRET_ACCESS_KEY ab/cd+ef",
            "set -Ux AWS_SECRET_ACCESS_KEY 'ab/cd+ef'",
            "setenv AWS_SECRET_ACCESS_KEY ab/cd+ef",
            "$env:AWS_SECRET_ACCESS_KEY = \"ab/cd+ef\"",
            "[Environment]::SetEnvironmentVariable(\"AWS_SECRET_ACCESS_KEY\", \"ab/cd+ef\", \"User\")",
            "      AWS_SECRET_ACCESS_KEY: ab/cd+ef",
            "      - AWS_SECRET_ACCESS_KEY=ab/cd+ef",
        ] {
            let found = of(line);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert_eq!((found[0].1, found[0].2.as_str()), ("AWS_SECRET_ACCESS_KEY", "ab/cd+ef"));
        }
    }

    #[test]
    fn several_on_a_line_and_what_sets_nothing() {
        let two = "export AWS_ACCESS_KEY_ID=AKIA1 AWS_SECRET_ACCESS_KEY=s && echo";
        let names: Vec<_> = of(two).into_iter().map(|(_, name, value)| (name, value)).collect();
        assert_eq!(
            names,
            [("AWS_ACCESS_KEY_ID", "AKIA1".into()), ("AWS_SECRET_ACCESS_KEY", "s".to_owned())]
        );
        for line in [
            "# export AWS_ACCESS_KEY_ID=AKIA1",
            "export AWS_ACCESS_KEY_ID=$OTHER",
            "export AWS_ACCESS_KEY_ID=$(pass show aws)",
            "unset AWS_ACCESS_KEY_ID",
            "echo $AWS_ACCESS_KEY_ID",
            "export MY_AWS_ACCESS_KEY_ID=AKIA1",
            "export AWS_ACCESS_KEY_ID_OLD=AKIA1",
            "export AWS_ACCESS_KEY_ID=",
            "if [ -n \"${AWS_ACCESS_KEY_ID}\" ]; then",
        ] {
            assert_eq!(of(line), [], "{line}");
        }
        assert_eq!(of("\n\nAWS_PROFILE=a\n")[0].0, 3);
    }

    /// Whatever a text is like, each value is where it is said to be.
    #[test]
    fn spans_are_right_in_spoilt_texts_too() {
        let text = "export AWS_ACCESS_KEY_ID=\"\u{e9}\" AWS_SECRET_ACCESS_KEY='a b';\n\
                    $env:AWS_PROFILE = \"x\"\nset -gx AWS_SESSION_TOKEN \u{1f511}\n";
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for (n, from) in places.iter().enumerate() {
            for to in places[n..].iter().step_by(7) {
                let spoilt = [&text[..*from], &text[*to..]].concat();
                let lines: Vec<&str> = spoilt.lines().collect();
                for found in assignments(&spoilt) {
                    assert_eq!(lines[found.line - 1].get(found.span.clone()), Some(&*found.value));
                }
            }
        }
    }

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        let found = assignments("AWS_SECRET_ACCESS_KEY=sentinel");
        assert!(!format!("{found:?}").contains("sentinel"));
    }
}
