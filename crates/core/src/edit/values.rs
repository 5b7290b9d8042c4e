//! Values in a file that is not one of AWS's: a shell's start-up file, a file of variables.
//!
//! Nobody knows all names that secrets go by there, so every value counts as one, but for
//! those of a few names. One that counts and is none costs a mask in a diff.

use super::secrets::is_secret;

/// What reads such a file line by line.
#[derive(Debug, Default)]
pub(super) struct Values(Option<GoesOn>);

/// How a value goes on in the next line.
#[derive(Clone, Copy, Debug)]
enum GoesOn {
    /// To the quotation mark that ends it.
    Quote(char),
    /// By a backslash.
    Line,
    /// To the end of a key in PEM.
    Pem,
}

const PEM: [&str; 2] = ["-----BEGIN", "-----END"];

impl Values {
    /// Where in the next line a value is; it reaches to the line's end.
    pub fn next(&mut self, line: &str) -> Option<(usize, usize)> {
        let end = line.trim_end().len();
        let line = &line[..end];
        let start = match self.0 {
            Some(_) => Some(past_space(line, 0)),
            None => start_of(line),
        };
        let start = start.filter(|start| *start < end);
        let value = start.map_or("", |start| &line[start..]);
        self.0 = goes_on(self.0, value, line.trim_start().starts_with('#'));
        start.map(|start| (start, end))
    }
}

fn goes_on(before: Option<GoesOn>, value: &str, comment: bool) -> Option<GoesOn> {
    let ends = |mark: char| {
        let marks = value.match_indices(mark).filter(|(at, _)| !value[..*at].ends_with('\\'));
        marks.count() % 2 == 1
    };
    match before {
        Some(GoesOn::Quote(mark)) => (!ends(mark)).then_some(GoesOn::Quote(mark)),
        Some(GoesOn::Pem) => (!value.contains(PEM[1])).then_some(GoesOn::Pem),
        _ if value.contains(PEM[0]) && !value.contains(PEM[1]) => Some(GoesOn::Pem),
        _ => {
            // An apostrophe in a comment opens nothing.
            let within = if comment { value.get(..1).unwrap_or_default() } else { value };
            let mark = within.chars().find(|c| matches!(c, '"' | '\'')).filter(|mark| ends(*mark));
            let line = || value.ends_with('\\').then_some(GoesOn::Line);
            mark.map(GoesOn::Quote).or_else(line)
        }
    }
}

fn start_of(line: &str) -> Option<usize> {
    let all = [line.find(PEM[0]), by_user(line), by_sign(line), by_word(line)];
    all.into_iter().flatten().min()
}

/// The user and password of a URL, and all after them.
pub(super) fn by_user(line: &str) -> Option<usize> {
    let mut starts = line.match_indices("://").map(|(at, sign)| at + sign.len());
    starts.find(|start| {
        let url = line[*start..].split(|c: char| c.is_whitespace() || "\"'".contains(c)).next();
        url.is_some_and(|url| url.contains('@'))
    })
}

/// `NAME=value`, `name: value`, `"name": "value"`, `$env:NAME = "value"`.
fn by_sign(line: &str) -> Option<usize> {
    let starts = line.match_indices(['=', ':']).filter_map(|(at, sign)| {
        let (before, after) = (&line[..at], &line[at + 1..]);
        let name = last_word(before);
        let no_sign = sign == ":"
            && (after.starts_with("//")
                || after.starts_with(':')
                || before.ends_with(':')
                || name.eq_ignore_ascii_case("$env"));
        (!no_sign && !is_open(name)).then(|| past_space(line, at + 1))
    });
    starts.into_iter().find(|start| *start < line.len())
}

/// `set -gx NAME value`, `setenv NAME value`, `SetEnvironmentVariable("NAME", "value")`,
/// `--password value`.
fn by_word(line: &str) -> Option<usize> {
    let (mut at, mut sets) = (0, false);
    for word in line.split_inclusive(char::is_whitespace) {
        at += word.len();
        let word = word.trim_matches(|c: char| c.is_whitespace() || "#;&|,\"'".contains(c));
        let call = word.rsplit_once('(').filter(|(call, _)| call.ends_with("EnvironmentVariable"));
        let name = last_word(call.map_or(word, |(_, name)| name));
        let named = is_secret(name) || ((sets || call.is_some()) && !is_open(name));
        if name.is_empty() || word.contains('=') || (sets && word.starts_with('-')) {
            continue;
        }
        let signed = line[at..].trim_start().starts_with(['=', ':']);
        if named && !signed && at < line.len() {
            return Some(past_space(line, at));
        }
        sets = matches!(word, "set" | "setenv");
    }
    None
}

fn past_space(line: &str, at: usize) -> usize {
    line.len() - line[at..].trim_start().len()
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['"', '\'', '+']);
    text.rsplit(|c: char| c.is_whitespace() || "#;\"'(,{[&|".contains(c)).next().unwrap_or(text)
}

/// What a person wants to see, and may.
fn is_open(name: &str) -> bool {
    let name = name.rsplit(':').next().unwrap_or(name).to_ascii_uppercase();
    let known =
        ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_VAULT", "AWS_REGION"];
    known.contains(&name.as_str()) || name == "AWS_DEFAULT_REGION"
}

#[cfg(test)]
mod tests {
    use super::super::secrets::{MASK, Reading, masked_text};

    fn masked(text: &str) -> String {
        masked_text(text, Reading::Values).replace(MASK, "*")
    }

    #[test]
    fn every_value_is_masked_whatever_its_name() {
        for (line, want) in [
            ("STRIPE_API_KEY=x\n", "STRIPE_API_KEY=*\n"),
            ("DATABASE_URL=postgres://u:p@h/d\r\n", "DATABASE_URL=*\r\n"),
            ("export A=x GITHUB_TOKEN=x", "export A=*"),
            ("DEPLOY_PRIVATE_KEY = 'x y' # z\n", "DEPLOY_PRIVATE_KEY = *\n"),
            ("\"password\": \"x\",\n", "\"password\": *\n"),
            ("set -gx OPENAI_API_KEY x\n", "set -gx OPENAI_API_KEY *\n"),
            ("setenv OPENAI_API_KEY x\n", "setenv OPENAI_API_KEY *\n"),
            ("$env:OPENAI_API_KEY = \"x\"\n", "$env:OPENAI_API_KEY = *\n"),
            (
                "[Environment]::SetEnvironmentVariable(\"K\", \"x\")",
                "[Environment]::SetEnvironmentVariable(\"K\", *",
            ),
            ("curl -H 'Authorization: Bearer x'\n", "curl -H 'Authorization: *\n"),
            ("git clone https://x@host/y\n", "git clone https://*\n"),
            (
                "aws configure set aws_secret_access_key x",
                "aws configure set aws_secret_access_key *",
            ),
            ("tool --password x\n", "tool --password *\n"),
            ("PATH+=x\n", "PATH+=*\n"),
        ] {
            assert_eq!(masked(line), want, "{line:?}");
            assert_eq!(masked(&format!("# {line}")), format!("# {want}"), "{line:?}");
        }
    }

    #[test]
    fn what_may_be_seen_hides_nothing_after_it() {
        for (line, want) in [
            (
                "export AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=x",
                "export AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=*",
            ),
            ("# set -gx AWS_PROFILE p; set -gx K x", "# set -gx AWS_PROFILE p; set -gx K *"),
            ("AWS_REGION=r tool -u a:x", "AWS_REGION=r tool -u a:*"),
            ("$env:AWS_PROFILE = \"p\"\n", "$env:AWS_PROFILE = \"p\"\n"),
            ("if [ -r ~/.x ]; then\n  . ~/.x\nfi\n", "if [ -r ~/.x ]; then\n  . ~/.x\nfi\n"),
            ("# see https://x/y\nset -e\nA=\n", "# see https://x/y\nset -e\nA=\n"),
        ] {
            assert_eq!(masked(line), want, "{line:?}");
        }
    }

    #[test]
    fn a_value_of_several_lines_is_masked_to_its_end() {
        for (text, want) in [
            ("A=\"x\nx\n x\"\nls\n", "A=*\n*\n *\nls\n"),
            ("A=x\\\nx\nls\n", "A=*\n*\nls\n"),
            ("-----BEGIN KEY-----\nx=\nx\n-----END KEY-----\nls\n", "*\n*\n*\n*\nls\n"),
            ("# B: it's\nls\n", "# B: *\nls\n"),
        ] {
            assert_eq!(masked(text), want, "{text:?}");
            assert_eq!(masked(&masked_text(text, Reading::Values)), want, "{text:?}");
        }
    }
}
