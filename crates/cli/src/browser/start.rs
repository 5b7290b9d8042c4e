//! Which browser opens an address, and how it is told.

use crate::browsers::{self, Family};
use crate::ui::Ui;
use daypass_core::resolve::login_keys::LoginKeys;
use daypass_core::{Error, Kind, Result};
use std::io;

/// The browser of one login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// Command lines to try in turn, `%s` for the address; none for the system's choice.
    lines: Vec<Vec<String>>,
}

impl Browser {
    /// What the command line says, else what the session's section does. `variable` is
    /// `BROWSER`, whose program a profile may be meant for.
    ///
    /// # Errors
    /// [`Kind::Usage`]: a command line with an open quote, or a profile of no known
    /// browser.
    pub fn new(
        named: Option<&str>,
        profile: Option<&str>,
        keys: &LoginKeys,
        variable: Option<&str>,
    ) -> Result<Self> {
        let configured = keys.browser.as_ref().map(|found| found.value.as_str());
        let profile = profile.or(keys.browser_profile.as_ref().map(|found| found.value.as_str()));
        let named = named.or(configured).or(variable.filter(|_| profile.is_some()));
        let Some(named) = named else { return Self::without_name(profile) };
        let mut lines = lines(named)?;
        for line in &mut lines {
            with_profile(line, profile)?;
        }
        Ok(Self { lines })
    }

    fn without_name(profile: Option<&str>) -> Result<Self> {
        match profile {
            None => Ok(Self::default()),
            Some(_) => Err(Error::new(Kind::Usage, "a browser profile needs a browser").hint(
                "name it: `--browser firefox`, or `daypass_browser = firefox` in the sso-session",
            )),
        }
    }

    /// Whether somebody has chosen it.
    pub fn is_named(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Opens it on a thread of its own: one that stays in the foreground (w3m, a script
    /// in `$BROWSER`) must not keep us from answering its callback.
    pub fn open(self, ui: Ui, url: String, advice: &'static str) {
        std::thread::spawn(move || {
            if let Err(error) = self.start(&url) {
                tracing::debug!(%error, "no browser could be opened");
                ui.note(advice);
            }
        });
    }

    fn start(&self, url: &str) -> io::Result<()> {
        if self.is_named() {
            let mut outcome = Err(io::ErrorKind::NotFound.into());
            for line in &self.lines {
                outcome = browsers::start(&browsers::filled(line, url));
                if outcome.is_ok() {
                    break;
                }
            }
            return outcome;
        }
        browsers::open_usual(url)
    }
}

/// A known name, or a command line.
fn lines(named: &str) -> Result<Vec<Vec<String>>> {
    let named = named.trim();
    if let Some(lines) = browsers::lines_of(named) {
        return Ok(lines);
    }
    match browsers::words(named) {
        Some(words) => Ok(vec![words]),
        None => Err(Error::new(Kind::Usage, "the browser's command line cannot be read")
            .because("it is empty, or a quote in it is not closed")
            .hint("write it as for a shell, `%s` for the address: `--browser 'firefox --new-window %s'`")),
    }
}

fn with_profile(line: &mut Vec<String>, profile: Option<&str>) -> Result<()> {
    let Some(profile) = profile else { return Ok(()) };
    let program = line.first().map(String::as_str).unwrap_or_default();
    let words = match browsers::family_of(program) {
        Some(Family::Chromium) => vec![format!("--profile-directory={profile}")],
        Some(Family::Firefox) => vec!["-P".to_owned(), profile.to_owned()],
        None => {
            return Err(Error::new(
                Kind::Usage,
                format!("how `{program}` is told its profile is not known"),
            )
            .hint("write it into the browser's command line yourself"));
        }
    };
    line.splice(1..1, words);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use daypass_core::resolve::{Origin, Sourced};

    const URL: &str = "https://example.com/?a=1&b=%20";

    fn made(named: Option<&str>, profile: Option<&str>, keys: &LoginKeys) -> Result<Vec<String>> {
        let browser = Browser::new(named, profile, keys, Some("/usr/bin/chromium --incognito"))?;
        let line = browser.lines.first().map(|line| browsers::filled(line, URL));
        Ok(line.unwrap_or_default().into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    fn keys(browser: &str, profile: &str) -> LoginKeys {
        let key =
            |text: &str| (!text.is_empty()).then(|| Sourced::new(text.to_owned(), Origin::Default));
        LoginKeys { device_code: None, browser: key(browser), browser_profile: key(profile) }
    }

    #[test]
    fn the_table_of_browsers() {
        let (none, work) = (keys("", ""), keys("firefox", "Work"));
        type Row<'a> = (Option<&'a str>, Option<&'a str>, &'a LoginKeys, &'a [&'a str]);
        let table: [Row<'_>; 9] = [
            (None, None, &none, &[]),
            (Some("my-browser"), None, &none, &["my-browser", URL]),
            (
                Some("open -a 'My Browser' --url=%s"),
                None,
                &none,
                &["open", "-a", "My Browser", "--url=https://example.com/?a=1&b=%20"],
            ),
            (Some("Firefox"), Some("Work"), &none, &["firefox", "-P", "Work", URL]),
            (
                Some("google-chrome --new-window"),
                Some("Profile 1"),
                &none,
                &["google-chrome", "--profile-directory=Profile 1", "--new-window", URL],
            ),
            (None, None, &work, &["firefox", "-P", "Work", URL]),
            (None, Some("Home"), &work, &["firefox", "-P", "Home", URL]),
            (Some("chromium"), None, &work, &["chromium", "--profile-directory=Work", URL]),
            // The variable's browser, since the profile can only be one of that.
            (
                None,
                Some("P"),
                &none,
                &["/usr/bin/chromium", "--profile-directory=P", "--incognito", URL],
            ),
        ];
        for (named, profile, keys, expected) in table {
            assert_eq!(made(named, profile, keys).unwrap(), expected, "{named:?} {profile:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let none = keys("", "");
        for (named, profile) in [("w3m", Some("Work")), ("'open", None), ("", None)] {
            assert_eq!(made(Some(named), profile, &none).unwrap_err().kind(), Kind::Usage);
        }
        let error = Browser::new(None, Some("Work"), &none, None).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
    }

    #[test]
    fn a_program_that_is_not_there_is_no_browser() {
        let missing = Browser { lines: vec![vec!["/nowhere/at/all".to_owned()]] };
        assert!(missing.start(URL).is_err());
        let second =
            Browser { lines: vec![vec!["/nowhere/at/all".to_owned()], vec!["true".to_owned()]] };
        assert_eq!(second.start(URL).is_ok(), cfg!(unix));
    }

    /// Ctrl-C goes to the whole group of what runs in a terminal.
    #[cfg(unix)]
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the browser leaves a note")]
    fn it_is_in_a_process_group_of_its_own() {
        use rustix::process::{Pid, Signal, getpgid, kill_process};
        let dir = tempfile::tempdir().unwrap();
        let note = dir.path().join("pid");
        let script =
            format!("echo $$ > '{0}.new'; mv '{0}.new' '{0}'; exec sleep 9", note.display());
        let line = ["sh", "-c", &script].map(str::to_owned);
        Browser { lines: vec![line.into()] }.start(URL).unwrap();
        let text = std::iter::repeat_with(|| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            std::fs::read_to_string(&note).ok()
        });
        let text = text.take(2000).flatten().next().expect("it starts");
        let pid = Pid::from_raw(text.trim().parse().unwrap()).unwrap();
        let group = getpgid(Some(pid));
        kill_process(pid, Signal::KILL).unwrap();
        assert_eq!(group, Ok(pid));
    }
}
