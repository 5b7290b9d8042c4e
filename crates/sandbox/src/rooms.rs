//! Many worlds in one server: the main one, and those behind `/w/NAME`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::{Answer, Ask};
use crate::options::Options;
use crate::random;
use crate::room::{Room, Shared};
use crate::services::Service;
use crate::world::World;

/// Most worlds beside the main one.
const MOST_ROOMS: usize = 1_000;
/// Most letters of a world's name.
const MOST_LETTERS: usize = 32;

/// All worlds of a server.
#[derive(Debug)]
pub(crate) struct Rooms {
    main: Arc<Shared>,
    manage_url: String,
    token: String,
    others: Mutex<BTreeMap<String, Lodger>>,
}

/// A world behind a prefix, and the token that manages it alone.
#[derive(Debug, Clone)]
pub(crate) struct Lodger {
    pub(crate) shared: Arc<Shared>,
    pub(crate) token: String,
}

/// Why there is no such world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LodgeError {
    /// Its name could not stand in a path or a host.
    #[error("`{0}` is not a world's name: 1 to 32 of a-z 0-9 -, a letter or digit first")]
    Name(String),
    /// It is there already.
    #[error("there is a world `{0}` already")]
    Taken(String),
    /// There are enough.
    #[error("there are {MOST_ROOMS} worlds already")]
    Full,
}

impl Rooms {
    pub(crate) fn new(main: Room, manage_url: String) -> Self {
        let main = Arc::new(Shared::new(main));
        Self { main, manage_url, token: random::id(), others: Mutex::default() }
    }

    pub(crate) fn main(&self) -> &Arc<Shared> {
        &self.main
    }

    /// The token that manages everything.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Where the management is.
    pub(crate) fn manage_url(&self) -> &str {
        &self.manage_url
    }

    /// The variables for clients of the main world, who find it at `endpoints`.
    pub(crate) fn environment(&self, endpoints: Vec<(String, String)>) -> Vec<(String, String)> {
        variables(endpoints, &self.manage_url, &self.token)
    }

    /// The variables for clients of a world behind a prefix.
    pub(crate) fn environment_of(&self, name: &str, lodger: &Lodger) -> Vec<(String, String)> {
        let endpoints = lodger.shared.lock().endpoints.environment();
        variables(endpoints, &format!("{}{}", self.manage_url, prefix(name)), &lodger.token)
    }

    fn others(&self) -> MutexGuard<'_, BTreeMap<String, Lodger>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world behind a prefix.
    pub(crate) fn lodger(&self, name: &str) -> Option<Lodger> {
        self.others().get(name).cloned()
    }

    /// All of them, by name.
    pub(crate) fn lodgers(&self) -> Vec<(String, Lodger)> {
        self.others().iter().map(|(name, lodger)| (name.clone(), lodger.clone())).collect()
    }

    /// One more world.
    pub(crate) fn lodge(
        &self,
        name: &str,
        world: World,
        options: Options,
    ) -> Result<Lodger, LodgeError> {
        check(name)?;
        let endpoints = self.main.lock().endpoints.clone().under(&prefix(name));
        let mut others = self.others();
        if others.contains_key(name) {
            return Err(LodgeError::Taken(name.to_owned()));
        }
        if others.len() >= MOST_ROOMS {
            return Err(LodgeError::Full);
        }
        let shared = Arc::new(Shared::new(Room::new(world, options, endpoints)));
        let lodger = Lodger { shared, token: random::id() };
        others.insert(name.to_owned(), lodger.clone());
        Ok(lodger)
    }

    /// Ends a world; says whether it was there.
    pub(crate) fn evict(&self, name: &str) -> bool {
        self.others().remove(name).is_some()
    }

    /// The world a request is for; its prefix is taken off the path.
    pub(crate) fn enter(&self, service: Service, ask: &mut Ask) -> Option<Arc<Shared>> {
        let behind = behind(&ask.path).filter(|_| service.has_prefixes(ask));
        let Some((name, rest)) = behind else { return Some(Arc::clone(&self.main)) };
        let (prefix, rest) = (prefix(name), rest.to_owned());
        let lodger = self.lodger(name)?;
        (ask.prefix, ask.path) = (prefix, rest);
        Some(lodger.shared)
    }
}

fn variables(
    mut endpoints: Vec<(String, String)>,
    manage: &str,
    token: &str,
) -> Vec<(String, String)> {
    let more = [
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("DAYPASS_SANDBOX_CTL_URL", manage),
        ("DAYPASS_SANDBOX_CTL_TOKEN", token),
    ];
    endpoints.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    endpoints
}

/// What is before the paths of a world of that name.
pub(crate) fn prefix(name: &str) -> String {
    format!("/w/{name}")
}

/// Name and rest of `/w/NAME/rest`. Buckets have three letters at least: `/w/` is
/// none of theirs.
pub(crate) fn behind(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/w/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    Some((name, if rest.is_empty() { "/" } else { rest }))
}

fn check(name: &str) -> Result<(), LodgeError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fine = (1..=MOST_LETTERS).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with('-');
    if fine { Ok(()) } else { Err(LodgeError::Name(name.to_owned())) }
}

impl Answer {
    /// As it looks from before the prefix: paths of our own get it, those in
    /// redirects, cookies and the attributes of pages.
    pub(crate) fn behind(mut self, prefix: &str) -> Self {
        if prefix.is_empty() {
            return self;
        }
        if let Some(location) = self.headers.get_mut("location").filter(|at| at.starts_with('/')) {
            location.insert_str(0, prefix);
        }
        if let Some(cookie) = self.headers.get_mut("set-cookie") {
            *cookie = cookie.replacen("Path=/", &format!("Path={prefix}/"), 1);
        }
        let html = self.headers.get("content-type").is_some_and(|kind| kind.contains("html"));
        if let Ok(page) = std::str::from_utf8(&self.body).map(|page| page.to_owned())
            && html
        {
            // Quotes in texts are escaped: these are attributes.
            let page = ["href", "action", "src"].iter().fold(page, |page, name| {
                page.replace(&format!(" {name}=\"/"), &format!(" {name}=\"{prefix}/"))
            });
            self.body = page.into_bytes();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        assert_eq!(behind("/w/course/token"), Some(("course", "/token")));
        assert_eq!(behind("/w/course"), Some(("course", "/")));
        assert_eq!(behind("/w/course/"), Some(("course", "/")));
        assert_eq!(behind("/w"), None);
        assert_eq!(behind("/token"), None);
    }

    #[test]
    fn names() {
        assert!(check("course-1").is_ok());
        for bad in ["", "-a", "a/b", "A", "a.b", &"a".repeat(33)] {
            assert_eq!(check(bad), Err(LodgeError::Name(bad.to_owned())));
        }
    }

    #[test]
    fn pages_keep_their_prefix() {
        let page = r#"<a href="/x">="/y" <form action="/z"><img src="https://e/"></form>"#;
        let answer = Answer::redirect(303, "/consent?visit=1")
            .with("set-cookie", "a=b; Path=/; HttpOnly")
            .with_body("text/html; charset=utf-8", page)
            .behind("/w/n");
        assert_eq!(answer.headers["location"], "/w/n/consent?visit=1");
        assert_eq!(answer.headers["set-cookie"], "a=b; Path=/w/n/; HttpOnly");
        let expected =
            r#"<a href="/w/n/x">="/y" <form action="/w/n/z"><img src="https://e/"></form>"#;
        assert_eq!(String::from_utf8_lossy(&answer.body), expected);
    }
}
