//! Every case of `testdata/expected.json`: what the real AWS CLI printed, we print; but
//! for [`DIFFERENT`].

use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Deserialize)]
struct Case {
    operation: String,
    list_key: Option<String>,
    pages: Vec<Value>,
    format: String,
    query: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    color: Option<String>,
    width: Option<usize>,
    stdout: String,
    stderr: String,
    code: i32,
}

impl Case {
    fn printed(&self) -> Result<String, RenderError> {
        let query = self.query.as_deref().map(Query::compile).transpose()?;
        let renderer = Renderer {
            color: self.color.as_deref() == Some("on"),
            columns: self.width.unwrap_or(80),
            ..Renderer::new(self.format.parse().expect("a format"), query)
        };
        match &self.list_key {
            Some(key) if !self.has("--no-paginate") => {
                let resume = self.has("--max-items").then_some(RESUME);
                renderer.render_pages(&self.operation, self.shown_pages(), key, resume)
            }
            _ => renderer.render(&self.operation, &self.pages[0]),
        }
    }

    /// Why a query fails may be told in other words, but not where it fails: before the
    /// call or after it.
    fn agrees(&self, got: &Result<String, RenderError>) -> bool {
        match (got, self.expected()) {
            (Err(RenderError::Query(QueryError::Evaluation(_))), Err(_)) => self.code == 255,
            (Err(RenderError::Query(error)), Err(want)) => {
                let query = self.query.as_deref().unwrap_or_default();
                let start = format!("Bad value for --query {query}: ");
                let want = want.strip_prefix("An error occurred (ParamValidation): ");
                error.to_string().starts_with(&start) && want.is_some_and(|w| w.starts_with(&start))
            }
            (Err(RenderError::Shape(got)), Err(want)) => *got == want,
            (Ok(got), Ok(want)) => *got == want,
            _ => false,
        }
    }

    fn has(&self, option: &str) -> bool {
        self.args.iter().any(|arg| arg == option)
    }

    /// `--max-items` cuts the pages before they are printed.
    fn shown_pages(&self) -> Vec<Value> {
        let mut pages = self.pages.clone();
        if let Some(Value::String(most)) = self.args.get(1).map(|arg| json!(arg)) {
            pages.truncate(1);
            let items = pages[0]["accountList"].as_array_mut().expect("a list");
            items.truncate(most.parse().expect("a number"));
        }
        pages
    }

    /// The message of the real program's stderr. What colorama writes when a program
    /// ends on a terminal is no part of the table.
    fn expected(&self) -> Result<String, String> {
        if self.code != 0 {
            let message = self.stderr.trim_start_matches("\naws: [ERROR]: ");
            return Err(message.strip_suffix('\n').unwrap_or(message).to_owned());
        }
        let on_terminal = self.width.is_some() && self.color.as_deref() == Some("on");
        let end = if on_terminal { "\x1b[0m" } else { "" };
        Ok(self.stdout.strip_suffix(end).unwrap_or_default().to_owned())
    }
}

/// `{"nextToken": null, "boto_truncate_amount": 1}` in base64.
const RESUME: &str = "eyJuZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==";

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("testdata/expected.json")).expect("the recorded cases parse")
}

/// Where we print something else on purpose, since the crate that runs the queries
/// does: JSON unless said otherwise, nothing for an error.
const DIFFERENT: &[(&str, Option<&str>)] = &[
    // YAML: what occurs twice is written twice, without anchors.
    ("`[[1]]`[*].[@,@]", Some("- - - 1\n  - - 1\n")),
    // The AWS CLI fails on what it did not expect; JMESPath says null or false.
    ("&a", Some("null\n")),
    ("accountList[?accountId<`1`]", Some("[]\n")),
    ("contains(`\"a\"`,`1`)", Some("false\n")),
    // To Python, true is 1.
    ("`[1]`==`[true]`", Some("false\n")),
    ("contains(`[1]`,`true`)", Some("false\n")),
    // Python's numbers.
    ("sum(`[0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1]`)", Some("0.9999999999999999\n")),
    ("to_number(' 1_0 ')", Some("null\n")),
    ("[99999999999999999999999]", None),
    // Functions.
    ("to_string(`[\"é😀\",1.0,true,null]`)", Some("\"[\\\"é😀\\\",1.0,true,null]\"\n")),
    ("avg(`[]`)", None),
    ("type(&a)", Some("\"expref\"\n")),
    // Grammar: a slice after an index projects, and the commas of a hash are no ornament.
    ("`[[{\"a\":1}]]`[0][0:1].a", Some("[\n    1\n]\n")),
    ("{a:b c:d}", None),
];

#[test]
fn prints_what_the_aws_cli_prints() {
    let mut failures = Vec::new();
    let mut differences = 0;
    for case in cases() {
        let (got, want) = (case.printed(), case.expected());
        let different = DIFFERENT.iter().find(|(query, _)| case.query.as_deref() == Some(query));
        differences += usize::from(different.is_some());
        let good = match different {
            Some((_, ours)) => got.as_deref().ok() == *ours && !case.agrees(&got),
            None => case.agrees(&got),
        };
        if !good {
            let Case { operation, format, query, args, color, width, .. } = case;
            let line = format!("{operation} {format} {query:?} {args:?} {color:?} {width:?}");
            failures.push(format!("{line}\n got {got:?}\nwant {want:?}"));
        }
    }
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(differences, DIFFERENT.len());
}

#[test]
fn a_terminal_sees_no_controls_from_a_server() {
    let value = json!({ "accountName": "\u{1b}[31m\u{9b}2J\u{202e}x\n" });
    for format in Format::ALL {
        let shown = Renderer { terminal: true, ..Renderer::new(format, None) };
        let text = shown.render("ListAccounts", &value).expect("it renders");
        let risky = |c| c != '\n' && clean::is_risky(c);
        assert!(!text.contains(risky), "{format:?}: {text:?}");
    }
}

#[test]
fn a_terminal_changes_nothing_about_harmless_text() {
    let value = json!({ "a": ["Größe 日本語", 1, null], "b": { "c": "it's: \"x\"" } });
    for format in Format::ALL {
        let piped = Renderer::new(format, None);
        let shown = Renderer { terminal: true, ..Renderer::new(format, None) };
        assert_eq!(shown.render("X", &value), piped.render("X", &value), "{format:?}");
    }
}

#[test]
fn formats_have_their_names() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let unknown = "xml".parse::<Format>().expect_err("there is no such format");
    assert_eq!(unknown.to_string(), "Unknown output type: xml");
}

#[test]
fn endless_nesting_is_refused() {
    for part in NESTED {
        let error = Query::compile(&part.repeat(100_000)).expect_err("it is too deep");
        assert!(error.to_string().ends_with("operators"), "{part}");
    }
}

#[test]
fn the_deepest_nesting_allowed_fits_the_stack() {
    let run = || {
        for (part, times) in NESTED.iter().flat_map(|part| [(part, 400), (part, 200), (part, 100)])
        {
            for end in ["", "a", &("a".to_owned() + &"]".repeat(times)), &")".repeat(times)] {
                if let Ok(query) = Query::compile(&(part.repeat(times) + end)) {
                    let _ = query.search(&json!({ "a": [[{ "b": 1 }]] }));
                }
            }
        }
    };
    // A debug build takes ten times the stack: this is less than a release has anywhere.
    let thread = std::thread::Builder::new().stack_size(10 << 20);
    thread.spawn(run).expect("a thread").join().expect("it ends well");
}

const NESTED: &[&str] = &[
    "[",
    "(",
    "!",
    "a||",
    "a.",
    "a|",
    "{a:",
    "a[?",
    "f(",
    "a<",
    "[]",
    "[0]",
    "& ",
    "*.",
    "a[*].",
    "not_null(",
    "[*]",
    "[:]",
    "a&&",
];

#[test]
fn no_expression_makes_it_panic() {
    let value = json!({ "a": [{ "b": 1 }, "x", null, 1.5], "c": true });
    let parts = [
        "a",
        "b",
        "[",
        "]",
        "[?",
        "[]",
        "{",
        "}",
        "(",
        ")",
        "*",
        "@",
        "&",
        ".",
        ",",
        ":",
        "|",
        "||",
        "!",
        "==",
        "<",
        "-1",
        "0",
        "'x'",
        "`1`",
        "\"c\"",
        "sort_by",
        "length",
        " ",
        "2147483647",
        "[1::",
    ];
    let next = |seed: u64| seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
    let mut seed = 1_u64;
    for _ in 0..200_000 {
        let mut expression = String::new();
        for _ in 0..(seed >> 40) % 9 {
            seed = next(seed);
            expression += parts[(seed >> 33) as usize % parts.len()];
        }
        seed = next(seed);
        if let Ok(query) = Query::compile(&expression) {
            let _ = query.search(&value);
        }
    }
}
