//! Which parts of a text are secrets: they are masked where a change is shown, and
//! sealed or left out where it is backed up.
//!
//! Seen line by line, so that it holds for lines that are commented out too.

use super::values::{Values, by_user};

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As one of the two AWS files: a secret has a name that says so.
    Aws,
    /// As any other: see [`Values`].
    Values,
}

/// A piece of a text; all pieces in a row are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Open(&'t str),
    Secret(&'t str),
}

pub(super) const MASK: &str = "****************";

/// The text in pieces; neighbours are of different kinds.
pub(super) fn pieces(text: &str, reading: Reading) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut open, mut at, mut follows) = (0, 0, false);
    let mut values = Values::default();
    for line in text.split_inclusive('\n') {
        let secret = match reading {
            Reading::Aws => secret_of(line, follows),
            Reading::Values => values.next(line),
        };
        follows = secret.is_some();
        if let Some((start, end)) = secret {
            pieces.push(Piece::Open(&text[open..at + start]));
            pieces.push(Piece::Secret(&text[at + start..at + end]));
            open = at + end;
        }
        at += line.len();
    }
    pieces.push(Piece::Open(&text[open..]));
    pieces
}

/// The text with a mask in place of each secret.
pub(super) fn masked_text(text: &str, reading: Reading) -> String {
    let shown = |piece| match piece {
        Piece::Open(text) => text,
        Piece::Secret(_) => MASK,
    };
    pieces(text, reading).into_iter().map(shown).collect()
}

/// The lines of a text as they may be shown, without their endings.
pub(super) fn masked_lines(text: &str, reading: Reading) -> Vec<String> {
    let shown = |line: &str| line.trim_end_matches(['\r', '\n']).to_owned();
    masked_text(text, reading).split_inclusive('\n').map(shown).collect()
}

/// Where in a line the secret is. A line that is indented below one goes on with it.
fn secret_of(line: &str, follows: bool) -> Option<(usize, usize)> {
    let end = line.trim_end().len();
    let by_user = || Some((by_user(&line[..end])?, end));
    by_sign(line, follows).or_else(|| by_word(line)).or_else(by_user)
}

/// `set -gx NAME value`, a call with the name, the second of two on a line.
fn by_word(line: &str) -> Option<(usize, usize)> {
    let said = line.trim_start_matches(|c: char| c.is_whitespace() || c == '#');
    let all = crate::migrate::assignments(said);
    let found = all.into_iter().find(|one| is_secret(one.name))?;
    Some((line.len() - said.len() + found.span.start, line.trim_end().len()))
}

fn by_sign(line: &str, follows: bool) -> Option<(usize, usize)> {
    let end = line.trim_end().len();
    // The first is the file's own; what somebody noted may have several.
    let most = if line.trim_start().starts_with(['#', ';']) { usize::MAX } else { 1 };
    let named = |sign: char| {
        let mut all = line.match_indices(sign).map(|(at, _)| at).take(most);
        all.find(|at| is_secret(line[..*at].trim_end()))
    };
    let start = match follows && line.starts_with([' ', '\t']) {
        true => 0,
        false => 1 + named(':').into_iter().chain(named('=')).min()?,
    };
    let start = start + (line[start..].len() - line[start..].trim_start().len());
    (start < end).then_some((start, end))
}

const NAMES: [&str; 8] =
    ["secret", "password", "passwd", "passphrase", "token", "api_key", "apikey", "private_key"];

/// By the last word before the `=`: `export AWS_SECRET_ACCESS_KEY`, `# "password"`.
pub(super) fn is_secret(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'']);
    let word = before.rsplit(|c: char| c.is_whitespace() || "#;\"'".contains(c)).next();
    let key = word.unwrap_or_default().to_ascii_lowercase().replace('-', "_");
    let named = NAMES.iter().any(|part| key.contains(part));
    named && !["_file", "_url", "_path", "_arn", "_process"].iter().any(|end| key.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> Vec<&str> {
        let secret = |piece: Piece<'_>| matches!(piece, Piece::Secret(_));
        let found = pieces(text, Reading::Aws).into_iter().filter(|piece| secret(*piece));
        found
            .map(|piece| match piece {
                Piece::Open(text) => text,
                Piece::Secret(text) => text,
            })
            .map(|part| &text[text.find(part).unwrap()..][..part.len()])
            .collect()
    }

    #[test]
    fn values_of_secret_keys_are_found_in_every_dialect() {
        for (line, secret) in [
            ("aws_secret_access_key = s3cr3t", "s3cr3t"),
            ("aws_secret_access_key=a=b:c\r\n", "a=b:c"),
            ("  AWS_SESSION_TOKEN : t\n", "t"),
            ("# aws_secret_access_key = old\n", "old"),
            ("export AWS_SECRET_ACCESS_KEY=\"x y\"\n", "\"x y\""),
            ("$env:AWS_SESSION_TOKEN = 'x'\n", "'x'"),
            ("#aws_secret_access_key = old", "old"),
            ("set -gx AWS_SECRET_ACCESS_KEY x\n", "x"),
            ("export AWS_ACCESS_KEY_ID=AKIA AWS_SECRET_ACCESS_KEY=x\n", "x"),
            ("# export AWS_ACCESS_KEY_ID=AKIA AWS_SECRET_ACCESS_KEY=x\n", "x"),
            ("# set -gx AWS_SECRET_ACCESS_KEY x\n", "x"),
            ("# export A=1 GITHUB_TOKEN=x\n", "x"),
            ("# \"password\": \"x\"\n", "\"x\""),
            ("stripe_api_key = x\n", "x"),
            ("endpoint_url = https://u:p@h/\n", "u:p@h/"),
        ] {
            assert_eq!(secrets(line), [secret], "{line:?}");
        }
    }

    #[test]
    fn other_values_are_open() {
        for line in [
            "aws_access_key_id = AKIA\n",
            "web_identity_token_file = /x\n",
            "credential_process = secret --token=x\n",
            "aws_secret_access_key =\n",
            "sso_start_url = https://x/?token=1\n",
            "[profile secret]\n",
        ] {
            assert!(secrets(line).is_empty(), "{line:?}");
        }
    }

    #[test]
    fn a_continued_secret_is_masked_to_its_end() {
        let text = "[p]\naws_session_token = abc\n   def\n\tghi\nregion = x\n";
        assert_eq!(secrets(text), ["abc", "def", "ghi"]);
        let lines = masked_lines(text, Reading::Aws);
        assert_eq!(lines[2], format!("   {MASK}"));
        assert_eq!(lines[4], "region = x");
    }

    #[test]
    fn the_pieces_are_the_text() {
        for text in ["", "\n", "a", "[p]\r\naws_secret_access_key = x\r\nk = v", "token=\n x\n"] {
            let all: String = pieces(text, Reading::Aws)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Open(text) | Piece::Secret(text) => text,
                })
                .collect();
            assert_eq!(all, text);
        }
    }
}
