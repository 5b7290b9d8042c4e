//! What all pages share: frame, style, headers.

use maud::{DOCTYPE, Markup, html};

use crate::http::Answer;

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0}
main{max-width:32rem;margin:2rem auto;padding:0 1rem}
header{background:#7a4b00;color:#fff;padding:.5rem 1rem;text-align:center}
label,input,button{display:block;font:inherit}
input[type=text]{width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0 1rem}
button{padding:.5rem 1.5rem;margin:.5rem 0}
code{font-size:1.1em}
";

/// A page. `form_targets` are origins, besides ours, that its forms may lead to:
/// browsers hold the redirects after a form against the policy too.
pub(super) fn page(status: u16, title: &str, form_targets: &str, content: &Markup) -> Answer {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – daypass sandbox" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header role="note" { "daypass sandbox – not AWS" }
                main { h1 { (title) } (content) }
            }
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'{form_targets}; base-uri 'none'; frame-ancestors 'none'"
    );
    Answer::html(status, document)
        .with("content-security-policy", policy)
        .with("x-content-type-options", "nosniff")
        .with("referrer-policy", "no-referrer")
        .with("cache-control", "no-store")
}

/// A page that says one thing.
pub(super) fn message(status: u16, title: &str, text: &str) -> Answer {
    page(status, title, "", &html! { p { (text) } })
}

pub(super) fn error(status: u16, text: &str) -> Answer {
    message(status, "This did not work", text)
}

pub(super) fn style() -> Answer {
    Answer::new(200).with_body("text/css", STYLE)
}
