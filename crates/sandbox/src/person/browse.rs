//! The person's browser: one request a page, and what the page looks like.

use url::{Host, Url};

use super::PersonError;
use crate::transport;

/// A page, as a browser sees it.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) body: String,
}

/// A request for a page: a form's fields make it a POST.
pub(super) struct Step {
    pub(super) url: Url,
    pub(super) form: Option<String>,
}

/// A URL that may be visited; https only by who trusts somebody. Where the name of
/// such a one leads is looked at when it is connected to.
pub(super) fn here(url: &str, authority: Option<&str>) -> Result<Url, PersonError> {
    let elsewhere = || PersonError::Elsewhere(url.split('?').next().unwrap_or_default().to_owned());
    let url = Url::parse(url).map_err(|_| elsewhere())?;
    let here = match url.scheme() {
        "http" => is_loopback(&url),
        "https" => authority.is_some(),
        _ => false,
    };
    if here { Ok(url) } else { Err(elsewhere()) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

pub(super) fn join(at: &Url, to: &str, authority: Option<&str>) -> Result<Url, PersonError> {
    let url = at.join(to).map_err(|_| PersonError::Elsewhere(to.to_owned()))?;
    here(url.as_str(), authority)
}

/// HTTP/1.0: no chunks, and the end of the connection is the end of the page.
pub(super) fn fetch(
    step: &Step,
    cookie: Option<&str>,
    authority: Option<&str>,
) -> Result<Page, PersonError> {
    let host = step.url.authority().to_owned();
    let answer = transport::exchange(&step.url, authority, &request(step, cookie, &host));
    let bytes = answer.map_err(|source| PersonError::Network { host, source })?;
    Ok(read(&String::from_utf8_lossy(&bytes)))
}

fn request(step: &Step, cookie: Option<&str>, host: &str) -> String {
    let method = if step.form.is_some() { "POST" } else { "GET" };
    let target = &step.url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut text = format!("{method} {target} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n");
    if let Some(cookie) = cookie {
        text.push_str(&format!("Cookie: {cookie}\r\n"));
    }
    let form = step.form.as_deref().unwrap_or_default();
    if step.form.is_some() {
        let length = form.len();
        text.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        ));
    }
    text + "\r\n" + form
}

fn read(text: &str) -> Page {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let cookie =
        header("set-cookie").map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned());
    Page {
        status: status.unwrap_or(0),
        location: header("location"),
        cookie,
        body: body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_visited() {
        for url in
            ["https://127.0.0.1/", "http://example.com/?secret=1", "file:///etc/passwd", "nonsense"]
        {
            let error = here(url, None).expect_err(url);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(here("http://127.0.0.1:1/authorize?x", None).is_ok());
        let elsewhere = here("https://192.0.2.1/", Some("")).expect("a URL");
        let step = Step { url: elsewhere, form: None };
        let error = fetch(&step, None, Some("")).err().expect("another machine");
        assert!(matches!(error, PersonError::Network { .. }), "{error}");
    }

    #[test]
    fn pages_are_read() {
        let page =
            read("HTTP/1.1 303 See Other\r\nLocation: /a\r\nset-cookie: b=c; Path=/\r\n\r\nbody");
        assert_eq!((page.status, page.body.as_str()), (303, "body"));
        assert_eq!((page.location.as_deref(), page.cookie.as_deref()), (Some("/a"), Some("b=c")));
    }
}
