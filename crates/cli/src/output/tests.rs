//! Every case of `testdata/expected.json`: what the real AWS CLI printed, we print.

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
    fn printed(&self) -> Result<String, String> {
        let query = self.query.as_deref().map(Query::compile).transpose();
        let renderer = Renderer {
            color: self.color.as_deref() == Some("on"),
            columns: self.width.unwrap_or(80),
            ..Renderer::new(
                self.format.parse().map_err(|e: UnknownFormat| e.to_string())?,
                query.map_err(|e| format!("An error occurred (ParamValidation): {e}"))?,
            )
        };
        let text = match &self.list_key {
            Some(key) if !self.has("--no-paginate") => {
                let resume = self.has("--max-items").then_some(RESUME);
                renderer.render_pages(&self.operation, self.shown_pages(), key, resume)
            }
            _ => renderer.render(&self.operation, &self.pages[0]),
        };
        text.map_err(|e| e.to_string())
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

#[test]
fn prints_what_the_aws_cli_prints() {
    let mut failures = Vec::new();
    for case in cases() {
        let (got, want) = (case.printed(), case.expected());
        if got != want {
            let Case { operation, format, query, args, color, width, .. } = case;
            let line = format!("{operation} {format} {query:?} {args:?} {color:?} {width:?}");
            failures.push(format!("{line}\n got {got:?}\nwant {want:?}"));
        }
    }
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
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
fn sums_beyond_every_integer_are_floats() {
    let query = Query::compile("sum([to_number(a), to_number(a)])").expect("it parses");
    let renderer = Renderer::new(Format::Json, Some(query));
    let text = renderer.render("X", &json!({ "a": i128::MAX.to_string() }));
    assert_eq!(text, Ok("3.402823669209385e+38\n".into()));
}

#[test]
fn endless_nesting_is_refused() {
    for part in ["[", "(", "!", "a||", "a.", "a|", "{a:", "a[?", "f(", "a<", "[]", "[0]", "& "] {
        let error = Query::compile(&part.repeat(100_000)).expect_err("it is too deep");
        assert!(error.to_string().ends_with("maximum recursion depth exceeded"), "{part}");
    }
}

#[test]
fn no_expression_makes_it_panic() {
    let value = Node::new(&json!({ "a": [{ "b": 1 }, "x", null, 1.5], "c": true }));
    let parts = [
        "a", "b", "[", "]", "[?", "[]", "{", "}", "(", ")", "*", "@", "&", ".", ",", ":", "|",
        "||", "!", "==", "<", "-1", "0", "'x'", "`1`", "\"c\"", "sort_by", "length", " ",
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
