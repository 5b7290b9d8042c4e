//! What all pages share: frame, style, headers.

use maud::{DOCTYPE, Markup, html};

use crate::http::Answer;

/// Changes of the style are seen at once: nothing is kept by the browser.
const STYLE: &str = include_str!("style.css");
/// Adds buttons that copy; without it a click selects the whole value.
const COPY: &str = include_str!("copy.js");
const ICON: &str = include_str!("icon.svg");

/// Who is signed in, as the top of a page shows it.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) display_name: String,
    pub(super) csrf: String,
}

/// A page in the making.
#[derive(Debug)]
pub(super) struct Page<'a> {
    title: &'a str,
    content: Markup,
    status: u16,
    form_target: String,
    wide: bool,
    who: Option<Who>,
}

impl<'a> Page<'a> {
    pub(super) fn new(title: &'a str, content: Markup) -> Self {
        Self { title, content, status: 200, form_target: String::new(), wide: false, who: None }
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// An origin, besides ours, that its forms may lead to: browsers hold the
    /// redirects after a form against the policy too.
    pub(super) fn form_target(mut self, origin: &str) -> Self {
        self.form_target = origin.to_owned();
        self
    }

    /// A page of the access portal: room for lists, and a way out.
    pub(super) fn portal(mut self, who: Who) -> Self {
        (self.wide, self.who) = (true, Some(who));
        self
    }

    pub(super) fn answer(self) -> Answer {
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
             form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            self.form_target
        );
        let answer = Answer::html(self.status, self.document());
        answer
            .with("content-security-policy", policy.replace(" ;", ";"))
            .with("x-content-type-options", "nosniff")
            .with("x-frame-options", "DENY")
            .with("referrer-policy", "no-referrer")
            .with("cross-origin-opener-policy", "same-origin")
            .with("cache-control", "no-store")
    }

    fn document(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · daypass sandbox" }
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/style.css";
                    @if self.wide { script src="/copy.js" defer {} }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        p.banner { strong { "This is not AWS." } " A daypass sandbox, on this machine, for practice." }
                        @if let Some(who) = &self.who { (bar(who)) }
                    }
                    main #main .wide[self.wide] tabindex="-1" {
                        @if !self.wide { span.mark.large aria-hidden="true" {} }
                        h1 { (self.title) }
                        (self.content)
                    }
                    footer { p { "People, accounts and keys here are made up, and good nowhere else." } }
                }
            }
        }
    }
}

/// The portal's top: where one is, who one is, the way out.
fn bar(who: &Who) -> Markup {
    html! {
        nav.bar aria-label="Access portal" {
            a.home href=(super::PORTAL) { span.mark aria-hidden="true" {} "Access portal" }
            span.who { bdi { (who.display_name) } }
            a href="/start/mfa" { "MFA device" }
            form method="post" action="/sign-out" {
                input type="hidden" name="csrf" value=(who.csrf);
                button.quiet type="submit" { "Sign out" }
            }
        }
    }
}

/// What is wrong with what was typed: read out at once, and named by the field.
pub(super) fn problem(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.problem #problem role="alert" { (text) } } }
}

/// A page that says one thing.
pub(super) fn message(status: u16, title: &str, text: &str) -> Answer {
    Page::new(title, html! { p { (text) } }).status(status).answer()
}

pub(super) fn error(status: u16, text: &str) -> Answer {
    message(status, "This did not work", text)
}

/// An address that is none.
pub(super) fn nothing() -> Answer {
    let content = html! {
        p { "No page has this address." }
        p { a.button href=(super::PORTAL) { "To the access portal" } }
    };
    Page::new("There is nothing here", content).status(404).answer()
}

/// What pages link to.
pub(super) fn asset(path: &str) -> Answer {
    let (content_type, body) = match path {
        "/copy.js" => ("text/javascript; charset=utf-8", COPY),
        "/icon.svg" => ("image/svg+xml", ICON),
        _ => ("text/css; charset=utf-8", STYLE),
    };
    let answer = Answer::new(200).with_body(content_type, body);
    answer.with("x-content-type-options", "nosniff").with("cache-control", "no-cache")
}
