//! The pages the browser ends on: plain HTML, no script, no outside resource.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the browser is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The token is on disk.
    Success,
    /// The person, or the service, said no; the reason is the service's.
    Denied(String),
    /// The code could not be exchanged; the terminal says why.
    Failed,
    /// Not the answer we wait for; the wait goes on.
    Stray(&'static str),
}

impl Page {
    fn status(&self) -> StatusCode {
        match self {
            Page::Success => StatusCode::OK,
            Page::Denied(_) => StatusCode::FORBIDDEN,
            Page::Failed => StatusCode::BAD_GATEWAY,
            Page::Stray(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn words(&self) -> (&str, String) {
        match self {
            Page::Success => {
                ("You are logged in", "You can close this tab and go back to the terminal.".into())
            }
            Page::Denied(reason) => (
                "The login was not allowed",
                format!("{}. The terminal has the details.", escape(reason)),
            ),
            Page::Failed => ("The login did not succeed", "The terminal says why.".into()),
            Page::Stray(why) => {
                ("This is not the answer daypass is waiting for", (*why).to_owned())
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let (title, text) = self.words();
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <title>daypass: {title}</title></head>\n\
             <body><h1>{title}</h1><p>{text}</p></body></html>\n"
        );
        let mut response = (self.status(), html).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONNECTION, "close"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_cannot_bring_markup() {
        let (_, text) = Page::Denied("<script>&\"".into()).words();
        assert!(text.starts_with("&lt;script&gt;&amp;&quot;"), "{text}");
    }
}
