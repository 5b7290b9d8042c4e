//! Browsers by name: where they are, and how each opens a page in one of its profiles
//! or in a Firefox container.

use crate::vars;
use daypass_core::resolve::look::Color;
use daypass_core::{Error, Kind, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a browser is made of: that decides its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Chromium,
    Firefox,
}

struct Browser {
    name: &'static str,
    family: Family,
    /// Programs in the `PATH`.
    programs: &'static [&'static str],
    /// Below `/Applications`, on macOS.
    app: &'static str,
    /// Below `C:\Program Files`, on Windows.
    exe: &'static str,
}

/// In the order in which one is chosen when only a profile is named.
const KNOWN: &[Browser] = &[
    Browser {
        name: "chrome",
        family: Family::Chromium,
        programs: &["google-chrome", "google-chrome-stable", "chrome"],
        app: "Google Chrome.app/Contents/MacOS/Google Chrome",
        exe: r"Google\Chrome\Application\chrome.exe",
    },
    Browser {
        name: "chromium",
        family: Family::Chromium,
        programs: &["chromium", "chromium-browser"],
        app: "Chromium.app/Contents/MacOS/Chromium",
        exe: r"Chromium\Application\chrome.exe",
    },
    Browser {
        name: "brave",
        family: Family::Chromium,
        programs: &["brave-browser", "brave", "brave-browser-stable"],
        app: "Brave Browser.app/Contents/MacOS/Brave Browser",
        exe: r"BraveSoftware\Brave-Browser\Application\brave.exe",
    },
    Browser {
        name: "edge",
        family: Family::Chromium,
        programs: &["microsoft-edge", "microsoft-edge-stable"],
        app: "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        exe: r"Microsoft\Edge\Application\msedge.exe",
    },
    Browser {
        name: "vivaldi",
        family: Family::Chromium,
        programs: &["vivaldi", "vivaldi-stable"],
        app: "Vivaldi.app/Contents/MacOS/Vivaldi",
        exe: r"Vivaldi\Application\vivaldi.exe",
    },
    Browser {
        name: "firefox",
        family: Family::Firefox,
        programs: &["firefox", "firefox-esr", "firefox-developer-edition"],
        app: "Firefox.app/Contents/MacOS/firefox",
        exe: r"Mozilla Firefox\firefox.exe",
    },
    Browser {
        name: "librewolf",
        family: Family::Firefox,
        programs: &["librewolf"],
        app: "LibreWolf.app/Contents/MacOS/librewolf",
        exe: r"LibreWolf\librewolf.exe",
    },
];

/// A Firefox container, as the extension "Granted Containers" makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    pub color: Option<Color>,
    pub icon: Option<String>,
}

impl Container {
    /// The address by which the extension opens `url` in the container.
    fn address(&self, url: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let color = self.color.map_or("", Color::name);
        let icon = self.icon.as_deref().unwrap_or_default();
        format!(
            "ext+granted-containers:name={}&url={}&color={color}&icon={}",
            encoded(&self.name),
            encoded(url),
            encoded(icon)
        )
    }
}

/// Where in the browser a page is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// Where its user is.
    Usual,
    /// One of its profiles.
    Profile(String),
    /// A Firefox container.
    Container(Container),
}

/// A way to open pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opener {
    /// The program and its first words; none for the system's own choice, or `$BROWSER`.
    words: Vec<OsString>,
    family: Option<Family>,
    room: Room,
}

impl Opener {
    /// The browser called `name`, a program, or a command line as `$BROWSER` has them;
    /// without a name the usual one, or the first that has such rooms.
    ///
    /// # Errors
    /// [`Kind::Usage`]: it is not here, or has no such rooms.
    pub fn choose(name: Option<&str>, room: Room) -> Result<Self> {
        let found = match (name, &room) {
            (Some(name), _) => named(name)?,
            (None, Room::Usual) => (Vec::new(), None),
            (None, Room::Profile(_)) => first(|_| true)?,
            (None, Room::Container(_)) => first(|family| family == Family::Firefox)?,
        };
        let (words, family) = found;
        let fits = match (&room, family) {
            (Room::Usual, _) | (Room::Profile(_), Some(_)) => true,
            (Room::Container(_), family) => family == Some(Family::Firefox),
            (Room::Profile(_), None) => false,
        };
        match fits {
            true => Ok(Self { words, family, room }),
            false => Err(no_such_room(&words, &room)),
        }
    }

    /// Starts the browser at `url`. What it prints is nobody's business, and Ctrl-C is
    /// not for it. A browser that stays in the foreground is waited for.
    ///
    /// # Errors
    /// It could not be started.
    pub fn open(&self, url: &str) -> io::Result<()> {
        match self.words.is_empty() {
            false => start(&self.with(url)),
            true => open_usual(url),
        }
    }

    /// The whole command line.
    fn with(&self, url: &str) -> Vec<OsString> {
        let mut words = self.words.clone();
        let target = match (&self.room, self.family) {
            (Room::Container(container), _) => {
                words.push("--new-tab".into());
                container.address(url)
            }
            (Room::Profile(name), Some(Family::Firefox)) => {
                words.extend(["-P".into(), name.into()]);
                url.to_owned()
            }
            (Room::Profile(name), _) => {
                words.push(format!("--profile-directory={name}").into());
                url.to_owned()
            }
            (Room::Usual, _) => url.to_owned(),
        };
        filled(&words, &target)
    }
}

/// Opens `url` in the system's own choice, or in `$BROWSER`.
///
/// # Errors
/// It could not be started.
pub fn open_usual(url: &str) -> io::Result<()> {
    match vars::browser_on_windows() {
        Some(line) => start(&filled(&words(&line).unwrap_or_else(|| vec![line]), url)),
        None => webbrowser::open(url),
    }
}

/// The words of a command line, written as for a shell; none where it is empty, or a
/// quote in it is not closed. A path with blanks in it needs no quotes where there is
/// such a program.
pub fn words(line: &str) -> Option<Vec<String>> {
    if Path::new(line).is_file() {
        return Some(vec![line.to_owned()]);
    }
    // There they stand in every path, and quote nothing.
    let line = if cfg!(windows) { line.replace('\\', r"\\") } else { line.to_owned() };
    shlex::split(&line).filter(|words| !words.is_empty())
}

/// A command line with the address in place of `%s`, or last.
pub fn filled<W: AsRef<OsStr>>(words: &[W], url: &str) -> Vec<OsString> {
    let fill = |word: &W| {
        let text = word.as_ref().to_str().filter(|text| text.contains("%s"))?;
        Some(OsString::from(text.replace("%s", url)))
    };
    let has_place = words.iter().any(|word| fill(word).is_some());
    let told = words.iter().map(|word| fill(word).unwrap_or_else(|| word.as_ref().to_owned()));
    told.chain((!has_place).then(|| url.into())).collect()
}

/// Starts a program in a process group of its own: the Ctrl-C that ends us must not end
/// the browser as well.
///
/// # Errors
/// It could not be started.
pub fn start(words: &[OsString]) -> io::Result<()> {
    let Some((program, rest)) = words.split_first() else { return Ok(()) };
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}

/// The command lines of a browser that is known by name, to be tried in turn.
pub fn lines_of(name: &str) -> Option<Vec<Vec<String>>> {
    if let Some(words) = safari(name) {
        return Some(vec![words]);
    }
    let browser = KNOWN.iter().find(|browser| browser.name.eq_ignore_ascii_case(name))?;
    let installed = browser.installed().into_iter();
    let installed = installed.map(|path| path.to_string_lossy().into_owned());
    let programs = browser.programs.iter().map(|program| (*program).to_owned());
    Some(programs.chain(installed).map(|program| vec![program]).collect())
}

/// It has no profiles that a command line could choose.
fn safari(name: &str) -> Option<Vec<String>> {
    let is_meant = cfg!(target_os = "macos") && name.eq_ignore_ascii_case("safari");
    is_meant.then(|| ["open", "-a", "Safari"].map(str::to_owned).into())
}

type Found = (Vec<OsString>, Option<Family>);

fn named(name: &str) -> Result<Found> {
    if let Some(browser) = KNOWN.iter().find(|browser| browser.name.eq_ignore_ascii_case(name)) {
        let place = browser.place().ok_or_else(|| absent(name))?;
        return Ok((vec![place.into()], Some(browser.family)));
    }
    let words = safari(name).or_else(|| words(name)).ok_or_else(|| absent(name))?;
    let program = words.first().ok_or_else(|| absent(name))?;
    let family = family_of(program);
    match Path::new(program).is_file() || in_path(program).is_some() {
        true => Ok((words.into_iter().map(Into::into).collect(), family)),
        false => Err(absent(name)),
    }
}

/// The first browser here whose family fits.
fn first(fits: impl Fn(Family) -> bool) -> Result<Found> {
    let mut known = KNOWN.iter().filter(|browser| fits(browser.family));
    let found = known.find_map(|browser| Some((browser.place()?, browser.family)));
    found.map(|(place, family)| (vec![place.into()], Some(family))).ok_or_else(|| {
        Error::new(Kind::Usage, "no browser with such a room was found here")
            .hint("name it with --browser: a name such as `firefox`, or the path of its program")
    })
}

impl Browser {
    fn place(&self) -> Option<PathBuf> {
        let installed = self.installed().into_iter().find(|path| path.is_file());
        installed.or_else(|| self.programs.iter().find_map(|program| in_path(program)))
    }

    /// Where it is without being in the `PATH`.
    fn installed(&self) -> Vec<PathBuf> {
        if cfg!(target_os = "macos") {
            vec![Path::new("/Applications").join(self.app)]
        } else if cfg!(windows) {
            [r"C:\Program Files", r"C:\Program Files (x86)"]
                .map(|dir| Path::new(dir).join(self.exe))
                .into()
        } else {
            Vec::new()
        }
    }
}

fn in_path(program: &str) -> Option<PathBuf> {
    if program.contains(std::path::MAIN_SEPARATOR) {
        return None;
    }
    vars::path_dirs().into_iter().map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// By the program's name.
pub fn family_of(program: &str) -> Option<Family> {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if is(&["firefox", "librewolf", "waterfox"]) {
        return Some(Family::Firefox);
    }
    is(&["chrom", "brave", "edge", "vivaldi"]).then_some(Family::Chromium)
}

fn absent(name: &str) -> Error {
    let known: Vec<&str> = KNOWN.iter().map(|browser| browser.name).collect();
    Error::new(Kind::Usage, format!("there is no browser `{name}` here"))
        .because(format!("daypass knows {}", known.join(", ")))
        .hint("name one that is installed, or give the path of its program")
}

fn no_such_room(words: &[OsString], room: &Room) -> Error {
    let program = words.first().map(|word| word.to_string_lossy().into_owned());
    let (what, who) = match room {
        Room::Container(_) => ("containers", "Firefox with the extension Granted Containers"),
        _ => ("profiles", "Chromium, Firefox and their kin"),
    };
    let program = program.unwrap_or_default();
    Error::new(Kind::Usage, format!("`{program}` has no {what} that daypass could open"))
        .because(format!("{who} have them"))
        .hint("name another browser with --browser")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:4000/a?b";

    fn line(family: Option<Family>, words: &[&str], room: Room) -> Vec<String> {
        let words = words.iter().map(Into::into).collect();
        let line = Opener { words, family, room }.with(URL);
        line.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn each_family_has_its_words_for_a_profile() {
        let room = || Room::Profile("Disasters Prod".to_owned());
        let chrome = line(Some(Family::Chromium), &["chrome"], room());
        assert_eq!(chrome, ["chrome", "--profile-directory=Disasters Prod", URL]);
        let firefox = line(Some(Family::Firefox), &["firefox"], room());
        assert_eq!(firefox, ["firefox", "-P", "Disasters Prod", URL]);
        assert_eq!(
            line(None, &["w3m", "-o", "x=%s"], Room::Usual),
            ["w3m", "-o", &format!("x={URL}")]
        );
    }

    #[test]
    fn a_container_is_asked_of_the_extension() {
        let container = Container {
            name: "a&b c".to_owned(),
            color: Color::parse("cyan"),
            icon: Some("briefcase".to_owned()),
        };
        let words = line(Some(Family::Firefox), &["firefox"], Room::Container(container));
        let address = "ext+granted-containers:name=a%26b%20c&url=http%3A%2F%2F127%2E0%2E0%2E1%3A4000%2Fa%3Fb&color=turquoise&icon=briefcase";
        assert_eq!(words, ["firefox", "--new-tab", address]);
    }

    #[test]
    fn rooms_that_a_browser_has_not_are_refused() {
        let shell = if cfg!(windows) { "cmd.exe" } else { "sh" };
        let room = Room::Profile("x".to_owned());
        let error = Opener::choose(Some(shell), room).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains("profiles"), "{error}");
        let error = Opener::choose(Some("no-such-browser"), Room::Usual).unwrap_err();
        assert!(error.causes()[0].contains("firefox"), "{error}");
    }

    #[test]
    fn a_program_s_name_tells_its_family() {
        assert_eq!(family_of("/opt/google/chrome/google-chrome"), Some(Family::Chromium));
        assert_eq!(family_of("/usr/lib/firefox-esr"), Some(Family::Firefox));
        assert_eq!(family_of("/usr/bin/w3m"), None);
    }

    #[test]
    fn a_command_line_is_read_as_a_shell_reads_it() {
        assert_eq!(words("open -a 'My Browser' %s").unwrap(), ["open", "-a", "My Browser", "%s"]);
        assert_eq!((words("'open"), words(" ")), (None, None));
        let (room, shell) = (Room::Usual, if cfg!(windows) { "cmd.exe" } else { "sh" });
        let opener = Opener::choose(Some(&format!("{shell} 'a b'")), room).unwrap();
        assert_eq!(opener.with(URL), [shell, "a b", URL]);
    }
}
