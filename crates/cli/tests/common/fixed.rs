//! Words in place of what is different every time: ports, IDs, codes, times.

use super::Machine;
use regex_lite::{Captures, Regex};

/// Pattern and replacement, applied in this order.
const RULES: &[(&str, &str)] = &[
    (r"127\.0\.0\.1(:|%3A)\d{4,5}", "127.0.0.1${1}PORT"),
    (r"SigninToken=[A-Za-z0-9%+/=_-]+", "SigninToken=TOKEN"),
    (r"(client_id|state|code_challenge)=[A-Za-z0-9._~-]+", "${1}=RANDOM"),
    (r"CTL_TOKEN=[A-Za-z0-9_-]{22}", "CTL_TOKEN=RANDOM"),
    (r"\b[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}\b", "CODE-CODE"),
    (r"ASIA[A-Z2-7]{16}", "ASIAXXXXXXXXXXXXXXXX"),
    (r"\*{16}[A-Za-z0-9+/]{4}", "****************XXXX"),
    (r"20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", "TIME${2}"),
    (r"\b1[6-9]\d{11}\b", "MILLISECONDS"),
    (r"daypass-1[6-9]\d{8}\b", "daypass-SECONDS"),
    (r"until (\w{3} \d\d \w{3} )?\d\d:\d\d, for [0-9a-z ]+", "until HH:MM, for N min"),
    (r"\bfor [\w.-]+\[\d+\]", "for PARENT[PID]"),
    ("\u{2026}[A-Z2-7]{4}\\b", "\u{2026}XXXX"),
    (r"expired \d+ seconds? ago", "expired SECONDS ago"),
    (r"\d+ (d|h|min)( \d+ (h|min))? to \d+ (d|h|min)( \d+ (h|min))? left", "SPAN to SPAN left"),
    (r"(\d+ (d|h|min)( \d+ (h|min))?|less than a minute) (left|ago)", "SPAN ${5}"),
    (r#""SecondsLeft": \d+"#, "\"SecondsLeft\": SECONDS"),
];

/// `text` as it reads every time.
pub fn words(machine: &Machine, text: &str) -> String {
    let places = machine.running.endpoints();
    let endpoints =
        [(places.sso_oidc, "OIDC"), (places.sso, "PORTAL"), (places.sts, "STS"), (places.s3, "S3")];
    let mut text = text.replace(&machine.root.path().display().to_string(), "");
    text = text.replace(env!("CARGO_BIN_EXE_daypass"), "/usr/local/bin/daypass");
    for (url, name) in endpoints {
        text = text.replace(&url, &format!("http://{name}"));
    }
    for (pattern, word) in RULES {
        text = Regex::new(pattern).expect(pattern).replace_all(&text, *word).into_owned();
    }
    let long = Regex::new("[A-Za-z0-9+/]{40,}={0,2}").expect("a pattern");
    long.replace_all(&text, |found: &Captures<'_>| secret_or_word(&found[0])).into_owned()
}

/// Keys and tokens have digits and letters of both cases; file names and prose
/// have not.
fn secret_or_word(text: &str) -> String {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    let random =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    match (random, text.len()) {
        (false, _) => text.to_owned(),
        (true, 40) => "SECRET".to_owned(),
        (true, _) => "TOKEN".to_owned(),
    }
}
