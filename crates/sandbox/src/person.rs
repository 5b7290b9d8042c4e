//! A scripted person at the browser.
//!
//! Opens a sign-in link of the sandbox, types the user's name, allows or denies,
//! and follows the redirect to the waiting client. Plain blocking HTTP, so that it
//! can stand in for `$BROWSER` too.
//!
//! ```no_run
//! let ada = sandbox::person::Person::allowing("ada");
//! let page = ada.visit("http://127.0.0.1:4000/device?user_code=BCDF-GHJK")?;
//! assert!(page.contains("Request approved"));
//! # Ok::<(), sandbox::person::PersonError>(())
//! ```

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use url::{Host, Origin, Url};

/// More pages than any way through the sandbox has.
const MOST_PAGES: usize = 12;
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of a page.
const PAGE_LIMIT: u64 = 1 << 20;

/// What they choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// "Allow".
    Allow,
    /// "Deny".
    Deny,
}

/// A person with a name and a mind.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name they sign in with.
    pub user: String,
    /// What they choose when asked.
    pub decision: Decision,
}

/// Why a visit came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// Not a link of a sandbox: only http on loopback addresses is visited.
    #[error("`{0}` is not an http URL on this machine")]
    Elsewhere(String),
    /// The connection failed.
    #[error("cannot reach {host}")]
    Network {
        /// Host and port.
        host: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A page was refused.
    #[error("{path} answered {status}")]
    Refused {
        /// The page's path, without its query.
        path: String,
        /// HTTP status.
        status: u16,
        /// The page's text.
        page: String,
    },
    /// It never ended.
    #[error("the pages lead in a circle")]
    Circle,
}

/// A page, as a browser sees it.
struct Page {
    status: u16,
    location: Option<String>,
    cookie: Option<String>,
    body: String,
}

/// A request for a page: a form's fields make it a POST.
struct Step {
    url: Url,
    form: Option<String>,
}

impl Person {
    /// Somebody who allows everything.
    pub fn allowing(user: &str) -> Self {
        Self { user: user.to_owned(), decision: Decision::Allow }
    }

    /// Somebody who denies everything.
    pub fn denying(user: &str) -> Self {
        Self { user: user.to_owned(), decision: Decision::Deny }
    }

    /// Opens `url` and goes through the pages to the last one; returns its HTML.
    pub fn visit(&self, url: &str) -> Result<String, PersonError> {
        let home = here(url)?.origin();
        let mut step = Step { url: here(url)?, form: None };
        let mut cookie = None;
        for _ in 0..MOST_PAGES {
            let page = fetch(&step, cookie.as_deref())?;
            cookie = page.cookie.clone().or(cookie);
            match self.next(&home, &step.url, &page)? {
                Some(next) => step = next,
                None => return Ok(page.body),
            }
        }
        Err(PersonError::Circle)
    }

    /// Where the page leads: a redirect, a form of the sandbox, or nowhere.
    fn next(&self, home: &Origin, at: &Url, page: &Page) -> Result<Option<Step>, PersonError> {
        if let Some(location) = page.location.as_ref().filter(|_| (300..400).contains(&page.status))
        {
            return Ok(Some(Step { url: join(at, location)?, form: None }));
        }
        if page.status >= 400 {
            let (path, status, page) = (at.path().to_owned(), page.status, page.body.clone());
            return Err(PersonError::Refused { path, status, page });
        }
        let Some(form) = form(&page.body).filter(|_| at.origin() == *home) else { return Ok(None) };
        let action = attribute(form, "action").unwrap_or_default();
        Ok(Some(Step { url: join(at, &action)?, form: Some(self.fill(form)) }))
    }

    /// The form's fields, with what the person types and chooses.
    fn fill(&self, form: &str) -> String {
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for input in tags(form, "input") {
            let name = attribute(input, "name").unwrap_or_default();
            let value =
                if name == "user" { Some(self.user.clone()) } else { attribute(input, "value") };
            fields.append_pair(&name, &value.unwrap_or_default());
        }
        if tags(form, "button")
            .any(|button| attribute(button, "name").as_deref() == Some("decision"))
        {
            let decision = if self.decision == Decision::Allow { "allow" } else { "deny" };
            fields.append_pair("decision", decision);
        }
        fields.finish()
    }
}

fn here(url: &str) -> Result<Url, PersonError> {
    let elsewhere = || PersonError::Elsewhere(url.split('?').next().unwrap_or_default().to_owned());
    let url = Url::parse(url).map_err(|_| elsewhere())?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && loopback { Ok(url) } else { Err(elsewhere()) }
}

fn join(at: &Url, location: &str) -> Result<Url, PersonError> {
    let url = at.join(location).map_err(|_| PersonError::Elsewhere(location.to_owned()))?;
    here(url.as_str())
}

fn fetch(step: &Step, cookie: Option<&str>) -> Result<Page, PersonError> {
    let host = step.url.authority().to_owned();
    let text =
        exchange(step, cookie, &host).map_err(|source| PersonError::Network { host, source })?;
    Ok(read(&text))
}

/// HTTP/1.0: no chunks, and the end of the connection is the end of the page.
fn exchange(step: &Step, cookie: Option<&str>, host: &str) -> io::Result<String> {
    let address = step.url.socket_addrs(|| Some(80))?;
    let mut stream = TcpStream::connect(address.as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request(step, cookie, host).as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(PAGE_LIMIT).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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

/// The first form of a page, tags and all.
fn form(page: &str) -> Option<&str> {
    let start = page.find("<form ")?;
    let end = page[start..].find("</form>")?;
    Some(&page[start..start + end])
}

fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let tags = html.match_indices(&format!("<{name} ")).map(|(at, _)| at).collect::<Vec<_>>();
    tags.into_iter().map(|at| html[at..].split('>').next().unwrap_or_default())
}

/// An attribute of the first tag in `html`. The sandbox's values need no more
/// unescaping than this.
fn attribute(html: &str, name: &str) -> Option<String> {
    let tag = html.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split('"').next()?.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = r#"<p><form method="post" action="/x"><input type="hidden" name="csrf" value="a&amp;b">
        <input type="text" name="user"><button name="decision" value="allow">Allow</button></form>"#;

    #[test]
    fn forms_are_filled() {
        let form = form(FORM).expect("a form");
        assert_eq!(attribute(form, "action").as_deref(), Some("/x"));
        assert_eq!(Person::allowing("ada").fill(form), "csrf=a%26b&user=ada&decision=allow");
        assert_eq!(Person::denying("ada").fill(form), "csrf=a%26b&user=ada&decision=deny");
    }

    #[test]
    fn only_this_machine_is_visited() {
        for url in
            ["https://127.0.0.1/", "http://example.com/?secret=1", "file:///etc/passwd", "nonsense"]
        {
            let error = here(url).expect_err(url);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(here("http://127.0.0.1:1/authorize?x").is_ok());
    }

    #[test]
    fn pages_are_read() {
        let page =
            read("HTTP/1.1 303 See Other\r\nLocation: /a\r\nset-cookie: b=c; Path=/\r\n\r\nbody");
        assert_eq!((page.status, page.body.as_str()), (303, "body"));
        assert_eq!((page.location.as_deref(), page.cookie.as_deref()), (Some("/a"), Some("b=c")));
    }
}
