//! A scripted person at the browser.
//!
//! Opens a sign-in link of the sandbox, types the user's name and, where they are
//! asked for, password and code, allows or denies, and follows the redirect to the
//! waiting client. Plain blocking HTTP, so that it can stand in for `$BROWSER` too.
//!
//! ```no_run
//! let ada = sandbox::person::Person::allowing("ada");
//! let page = ada.visit("http://127.0.0.1:4000/device?user_code=BCDF-GHJK")?;
//! assert!(page.contains("Request approved"));
//! # Ok::<(), sandbox::person::PersonError>(())
//! ```

mod browse;
mod form;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use url::{Origin, Url};

use crate::clock::{moved, real_now};
use crate::totp::TotpSecret;
use crate::world::{Mfa, User};
use browse::{Page, Step, fetch, here, join};
use form::{attribute, form, tags, text};

/// More pages than any way through the sandbox has.
const MOST_PAGES: usize = 20;
/// The codes a person can have: this one, the next, the one before. A code works
/// once, and nobody waits 30 seconds for a fresh one here.
const STEPS: [i64; 3] = [0, 30, -30];

/// What they choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// "Allow".
    Allow,
    /// "Deny".
    Deny,
}

/// A person with a name and a mind. Clones share the authenticator app.
#[derive(Debug, Clone)]
pub struct Person {
    user: String,
    password: String,
    decision: Decision,
    /// Whom they trust for https, in PEM.
    authority: Option<String>,
    app: Arc<Mutex<Option<TotpSecret>>>,
}

/// Why a visit came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// Not a link of a sandbox: only loopback addresses are visited.
    #[error("`{0}` is not a sandbox's URL on this machine")]
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

impl Person {
    /// Somebody who signs in by name alone.
    pub fn new(user: &str, decision: Decision) -> Self {
        let (user, password) = (user.to_owned(), String::new());
        Self { user, password, decision, authority: None, app: Arc::default() }
    }

    /// Somebody who allows everything.
    pub fn allowing(user: &str) -> Self {
        Self::new(user, Decision::Allow)
    }

    /// Somebody who denies everything.
    pub fn denying(user: &str) -> Self {
        Self::new(user, Decision::Deny)
    }

    /// A user of a world, with the password and the app that the world gives them.
    pub fn of(user: &User, decision: Decision) -> Self {
        let person = Self::new(&user.name, decision);
        let person = person.with_password(user.password.as_deref().unwrap_or_default());
        match &user.mfa {
            Mfa::Registered(secret) => person.with_totp(secret.clone()),
            Mfa::Optional | Mfa::Required => person,
        }
    }

    /// Who knows a password.
    pub fn with_password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// Who trusts the authority whose certificate (PEM) is in `file`, and so visits
    /// https pages of this machine too.
    #[expect(clippy::disallowed_methods, reason = "the sandbox's own certificate")]
    pub fn trusting(self, file: &Path) -> io::Result<Self> {
        Ok(Self { authority: Some(std::fs::read_to_string(file)?), ..self })
    }

    /// Whose authenticator app knows this secret. An app that the sandbox has them
    /// register is remembered without that.
    pub fn with_totp(self, secret: TotpSecret) -> Self {
        *self.app() = Some(secret);
        self
    }

    /// What their authenticator app knows.
    pub fn totp(&self) -> Option<TotpSecret> {
        self.app().clone()
    }

    fn app(&self) -> std::sync::MutexGuard<'_, Option<TotpSecret>> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens `url` and goes through the pages to the last one; returns its HTML.
    pub fn visit(&self, url: &str) -> Result<String, PersonError> {
        self.walk(url, |_| false).map(|(_, body)| body)
    }

    /// As [`visit`](Self::visit), but never leaves the sandbox: returns the address the
    /// browser would be sent to, as a person copies it who sits elsewhere.
    pub fn address_after(&self, url: &str) -> Result<String, PersonError> {
        let home = here(url, self.authority.as_deref())?.origin();
        self.walk(url, |at| at.origin() != home).map(|(at, _)| at.to_string())
    }

    /// Through the pages until one leads nowhere, or to a place that is not entered.
    fn walk(&self, url: &str, is_end: impl Fn(&Url) -> bool) -> Result<(Url, String), PersonError> {
        let trusted = self.authority.as_deref();
        let home = here(url, trusted)?.origin();
        let mut step = Step { url: here(url, trusted)?, form: None };
        let (mut cookie, mut codes) = (None, STEPS.into_iter());
        for _ in 0..MOST_PAGES {
            let page = fetch(&step, cookie.as_deref(), trusted)?;
            cookie = page.cookie.clone().or(cookie);
            match self.next(&home, &step.url, &page, &mut codes)? {
                Some(next) if is_end(&next.url) => return Ok((next.url, String::new())),
                Some(next) => step = next,
                None => return Ok((step.url, page.body)),
            }
        }
        Err(PersonError::Circle)
    }

    /// Where the page leads: a redirect, a form of the sandbox, or nowhere.
    fn next(
        &self,
        home: &Origin,
        at: &Url,
        page: &Page,
        codes: &mut impl Iterator<Item = i64>,
    ) -> Result<Option<Step>, PersonError> {
        let trusted = self.authority.as_deref();
        if let Some(location) = page.location.as_ref().filter(|_| (300..400).contains(&page.status))
        {
            return Ok(Some(Step { url: join(at, location, trusted)?, form: None }));
        }
        let form = form(&page.body).filter(|_| at.origin() == *home);
        let code = form.filter(|form| form.contains("name=\"code\"")).and_then(|_| codes.next());
        if page.status >= 400 && code.is_none() {
            let (path, status, page) = (at.path().to_owned(), page.status, page.body.clone());
            return Err(PersonError::Refused { path, status, page });
        }
        let Some(form) = form else { return Ok(None) };
        if let Some(secret) = text(&page.body, "secret").and_then(|secret| secret.parse().ok()) {
            *self.app() = Some(secret);
        }
        let action = attribute(form, "action").unwrap_or_default();
        let form = Some(self.fill(form, code.unwrap_or(0)));
        Ok(Some(Step { url: join(at, &action, trusted)?, form }))
    }

    /// The form's fields, with what the person types and chooses; `shift` chooses
    /// among the codes of their app.
    fn fill(&self, form: &str, shift: i64) -> String {
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for input in tags(form, "input") {
            let name = attribute(input, "name").unwrap_or_default();
            let value = match name.as_str() {
                "user" => self.user.clone(),
                "password" => self.password.clone(),
                "code" => self.code(shift),
                _ => attribute(input, "value").unwrap_or_default(),
            };
            fields.append_pair(&name, &value);
        }
        if tags(form, "button")
            .any(|button| attribute(button, "name").as_deref() == Some("decision"))
        {
            let decision = if self.decision == Decision::Allow { "allow" } else { "deny" };
            fields.append_pair("decision", decision);
        }
        fields.finish()
    }

    /// By real time: it is a phone, not a part of the sandbox.
    fn code(&self, shift: i64) -> String {
        let at = moved(real_now(), SignedDuration::from_secs(shift));
        self.app().as_ref().map(|secret| secret.code(at)).unwrap_or_default()
    }
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
        let filled = |person: Person| person.fill(form, 0);
        assert_eq!(filled(Person::allowing("ada")), "csrf=a%26b&user=ada&decision=allow");
        assert_eq!(filled(Person::denying("ada")), "csrf=a%26b&user=ada&decision=deny");
    }

    #[test]
    fn passwords_and_codes_are_typed() {
        let form = r#"<form ><input name="password"><input name="code">"#;
        let secret: TotpSecret = "JBSWY3DPEHPK3PXP".parse().expect("a secret");
        let person = Person::allowing("ada").with_password("x y").with_totp(secret);
        let filled = person.fill(form, 0);
        let code = filled.strip_prefix("password=x+y&code=").expect("both fields");
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{filled}");
        assert_eq!(Person::allowing("ada").fill(form, 0), "password=&code=");
    }

    #[test]
    fn elements_are_found_by_their_id() {
        assert_eq!(text(r#"<p><code class="v" id="secret">AB CD</code>"#, "secret"), Some("AB CD"));
        assert_eq!(text("<p>", "secret"), None);
    }
}
