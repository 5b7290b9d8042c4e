//! The access portal's address: as the user wrote it, and in one canonical form.

use crate::error::{Error, Kind, Result, quoted};
use std::fmt;
use url::{Host, Url};

/// A start URL. The user's spelling stays in their files; comparisons and the
/// wire use the canonical form.
///
/// `…/start`, `…/start/`, `…/start#/` and `…/start/#` are one portal, but every
/// SDK hashes the text as written: one portal can have four token files.
#[derive(Clone, Debug)]
pub struct StartUrl {
    raw: String,
    canonical: Url,
}

impl StartUrl {
    /// Parses an `http` or `https` URL with a host.
    ///
    /// # Errors
    /// [`Kind::Config`], with the reason.
    pub fn parse(text: &str) -> Result<Self> {
        let raw = text.trim();
        let bad = |why: &str| {
            Error::new(Kind::Config, format!("{} is not a start URL", quoted(raw)))
                .because(why)
                .hint("the start URL is the portal's address, such as `https://d-1234567890.awsapps.com/start`")
        };
        if raw.contains(char::is_whitespace) {
            return Err(bad("it has a blank inside: two lines may have been pasted as one"));
        }
        let url = Url::parse(raw).map_err(|e| match e {
            url::ParseError::RelativeUrlWithoutBase => bad("it must begin with https://"),
            other => bad(&other.to_string()),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("it must begin with https://"));
        }
        match url.host() {
            Some(Host::Domain("")) => return Err(bad("it has no host")),
            None => return Err(bad("it has no host")),
            Some(_) => {}
        }
        Ok(Self { raw: raw.to_owned(), canonical: canonical(url) })
    }

    /// The text as the user wrote it, blanks around it removed.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Without query, fragment, user info, default port and trailing slash.
    pub fn canonical(&self) -> &str {
        self.canonical.as_str().trim_end_matches('/')
    }

    /// The host, lower case, without a trailing dot.
    pub fn host(&self) -> String {
        self.canonical.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
    }

    /// Whether the URL's scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.canonical.scheme() == "https"
    }

    /// The same address over https.
    pub fn over_https(&self) -> Self {
        let swapped = self.raw.replacen("http://", "https://", 1);
        Self::parse(&swapped).unwrap_or_else(|_| self.clone())
    }

    /// Every way this URL is written in the field, as it stands first: each may
    /// have a token file of its own.
    pub fn spellings(&self) -> Vec<String> {
        let base = self.canonical();
        let usual = ["", "/", "#/", "/#", "/#/", "#"].map(|end| format!("{base}{end}"));
        let mut all = vec![self.raw.clone()];
        all.extend(usual.into_iter().filter(|spelling| *spelling != self.raw));
        all
    }
}

/// Two start URLs are equal when they lead to the same portal.
impl PartialEq for StartUrl {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for StartUrl {}

impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}

fn canonical(mut url: Url) -> Url {
    url.set_fragment(None);
    url.set_query(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_spellings_are_one_portal() {
        let written = ["/start", "/start/", "/start#/", "/start/#"];
        let urls = written
            .map(|end| StartUrl::parse(&format!("https://d-9067c5bbc5.awsapps.com{end}")).unwrap());
        for url in &urls {
            assert_eq!(url.canonical(), "https://d-9067c5bbc5.awsapps.com/start");
            assert_eq!(url, &urls[0]);
            let spellings = url.spellings();
            assert_eq!(spellings[0], url.raw());
            for other in &urls {
                assert!(spellings.contains(&other.raw().to_owned()));
            }
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_a_reason() {
        for bad in [
            "",
            "d-9067c5bbc5.awsapps.com/start",
            "ftp://x/start",
            "https://",
            "not a url",
            "https://d-1.awsapps.com/ start",
        ] {
            let error = StartUrl::parse(bad).unwrap_err();
            assert!(!error.causes().is_empty(), "{bad}");
        }
    }

    #[test]
    fn deep_links_user_info_and_ports_do_not_count() {
        let url = StartUrl::parse("https://me@D-X.awsapps.com:443/start/#/?tab=accounts").unwrap();
        assert_eq!(url.canonical(), "https://d-x.awsapps.com/start");
    }
}
