//! The one door to the environment: every variable daypass reads.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment and the clock"
)]

use crate::caller::caller;
use daypass_core::audit::Trail;
use daypass_core::critical::Critical;
use daypass_core::host::{Clock, Host, Vars};
use daypass_core::store::Store;
use daypass_core::whereabouts::{self, Signs};
use daypass_core::{Error, Kind, Result};
use hot::{Ambient, trail};
use jiff::Timestamp;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use vault::{Ask, LockPlaces, Surroundings};

/// What daypass asks the environment for. Besides, libraries read some by
/// themselves: `BROWSER` the one that opens it, and the SDK's container provider
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN` and its `_FILE`.
pub const NAMES: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_DEFAULT_OUTPUT",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "CPL_AWS_CREDENTIALS_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_MAX_ATTEMPTS",
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "NO_COLOR",
    "TERM",
    daypass_core::provide::CHAIN,
    PROFILE,
    AUDIT,
    COPIES,
    USE_PREVIOUS,
    USE_KEPT,
    USE_REGION,
    CTL_URL,
    CTL_TOKEN,
];

/// What says where we are and what the terminal can show. One that is no text says
/// nothing, and is no reason to stop.
const HINTS: &[&str] =
    &["COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "TERM_PROGRAM", "TMUX", "USER"];

/// Set by the sandbox for its children: where its management is, and what opens it.
pub const CTL_URL: &str = "DAYPASS_SANDBOX_CTL_URL";
pub const CTL_TOKEN: &str = "DAYPASS_SANDBOX_CTL_TOKEN";

/// Set by `exec` and `env`: the profile that the credentials in force are of.
pub const PROFILE: &str = daypass_core::clocks::EXEC_PROFILE;

/// `off` keeps no audit trail.
pub const AUDIT: &str = "DAYPASS_AUDIT";

/// Set by `use`: the profile before this one, for `use -`.
pub const USE_PREVIOUS: &str = "DAYPASS_USE_PREVIOUS";

/// Given by the shell function to each `use`: the names of what it has set aside.
pub const USE_KEPT: &str = "DAYPASS_USE_KEPT";

/// Set by `use --region`, so that the next `use` can take it back.
pub const USE_REGION: &str = "DAYPASS_USE_REGION";

/// Set by `exec`: the directory of the files that its command reads in place of the
/// user's own.
pub const COPIES: &str = daypass_core::clocks::EXEC_COPIES;

/// What may name such a copy, and where `exec` keeps what was there before.
pub const COPIED: [(&str, &str); 3] = [
    ("AWS_CONFIG_FILE", "DAYPASS_AWS_CONFIG_FILE"),
    ("AWS_SHARED_CREDENTIALS_FILE", "DAYPASS_AWS_SHARED_CREDENTIALS_FILE"),
    ("CPL_AWS_CREDENTIALS_FILE", "DAYPASS_CPL_AWS_CREDENTIALS_FILE"),
];

/// The two that name files: like botocore, `$NAME` inside them is replaced.
const FILES: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];

/// Which files of the user's are meant, inside an `exec` that has put copies in
/// their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that every program in there reads.
    AsSet,
    /// The user's own.
    Own,
}

/// The world, read once.
///
/// # Errors
/// [`Kind::Config`]: no home directory, or a variable that is no text. Going on
/// without either could mean somebody else's files, or the wrong account.
pub fn host(files: Whose, ask: Ask) -> Result<Host> {
    let home = usable_home(std::env::home_dir())?;
    let vars: Vars = NAMES
        .iter()
        .filter_map(|name| {
            Some(value(name, files).transpose()?.map(|text| ((*name).to_owned(), text)))
        })
        .chain(hints().map(Ok))
        .collect::<Result<_>>()?;
    // No variable moves the locks: two processes that share `~/.aws` must meet.
    let locks = LockPlaces::for_user(&home.join(".aws").join("daypass").join("locks"));
    let clock = Clock::new(Timestamp::now);
    let mut around = Surroundings::for_user(&Store::place(&home), locks.clone());
    around.ask = ask;
    let store = Store::new(around);
    let trail = match audit_is_off_by(&vars).is_some() || trail::off_switch(&home).exists() {
        true => Trail::default(),
        false => Trail::new(&home, caller()),
    };
    Ok(Host { home, vars, clock, locks, store, critical: Critical::default(), trail })
}

/// What of the environment turns the audit trail off.
pub fn audit_is_off_by(vars: &Vars) -> Option<String> {
    let word = vars.get(AUDIT).filter(|word| is_off(word))?;
    Some(format!("{AUDIT} is {word}"))
}

fn is_off(word: &str) -> bool {
    ["off", "0", "no", "false"].iter().any(|off| word.eq_ignore_ascii_case(off))
}

fn hints() -> impl Iterator<Item = (String, String)> {
    let names = HINTS.iter().chain(whereabouts::VARIABLES);
    names.filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
}

/// What no variable tells of the place we are in.
pub fn signs() -> Signs {
    let marks = ["/.dockerenv", "/run/.containerenv"];
    Signs {
        container: marks.iter().any(|mark| Path::new(mark).exists()),
        wsl_network: wsl_network(),
        needs_display: cfg!(all(unix, not(target_os = "macos"))),
    }
}

fn wsl_network() -> Option<String> {
    std::env::var_os("WSL_DISTRO_NAME").filter(|name| !name.is_empty())?;
    let mut command = std::process::Command::new("wslinfo");
    let told = command.arg("--networking-mode").stdin(std::process::Stdio::null()).output().ok()?;
    String::from_utf8(told.stdout).ok()
}

/// The little that the fast lane asks for; `None` where a value needs the slow lane's
/// care.
pub fn ambient() -> Option<Ambient> {
    let home = usable_home(std::env::home_dir()).ok()?;
    // Inside an `exec` with copies of the files it takes a second look.
    if std::env::var_os(COPIES).is_some() {
        return None;
    }
    let get =
        |name| value(name, Whose::AsSet).ok().map(|text| text.filter(|text| !text.is_empty()));
    let place = |name, usual: &str| {
        let path = get(name)?;
        let Some(text) = path else { return Some(home.join(".aws").join(usual)) };
        match text.strip_prefix("~/") {
            Some(rest) => Some(home.join(rest)),
            None => Some(PathBuf::from(text)).filter(|path| path.is_absolute()),
        }
    };
    // Whether configured endpoints count is for the slow lane to find out.
    if get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.is_some() {
        return None;
    }
    Some(Ambient {
        config: place("AWS_CONFIG_FILE", "config")?,
        credentials: place("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
        sso_cache: home.join(".aws").join("sso").join("cache"),
        vault: Store::place(&home),
        profile: get("AWS_PROFILE")?.or(get("AWS_DEFAULT_PROFILE")?),
        chain: get(daypass_core::provide::CHAIN)?,
        sso_endpoint: get("AWS_ENDPOINT_URL_SSO")?,
        sts_endpoint: get("AWS_ENDPOINT_URL_STS")?.or(get("AWS_ENDPOINT_URL")?),
        trail: match get(AUDIT)?.is_some_and(|word| is_off(&word)) {
            true => None,
            false => Some(trail::place(&home)).filter(|_| !trail::off_switch(&home).exists()),
        },
        now: u64::try_from(Timestamp::now().as_second()).ok()?,
    })
}

/// A home directory that is missing, empty or relative would make the current
/// directory the place of `.aws/config`, and that names programs to run.
fn usable_home(found: Option<PathBuf>) -> Result<PathBuf> {
    let why = match found {
        Some(home) if home.is_absolute() => return Ok(home),
        Some(home) if !home.as_os_str().is_empty() => "the one that is set is no absolute path",
        _ => "none is set, and the system knows of none",
    };
    Err(Error::new(Kind::Config, "there is no home directory to find `~/.aws` in")
        .because(why)
        .hint(format!("set {HOME} to your home directory")))
}

const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

fn value(name: &str, files: Whose) -> Result<Option<String>> {
    let found = match files {
        _ if name == COPIES => copies(),
        Whose::Own => own(name),
        Whose::AsSet => std::env::var_os(name),
    };
    let text = text_of(name, found)?;
    match text {
        Some(text) if FILES.contains(&name) => {
            expanded(&text, |inner| text_of(inner, std::env::var_os(inner))).map(Some)
        }
        other => Ok(other),
    }
}

fn text_of(name: &str, value: Option<OsString>) -> Result<Option<String>> {
    value.map(OsString::into_string).transpose().map_err(|_| {
        Error::new(Kind::Config, format!("the variable {name} is not UTF-8 text"))
            .hint(format!("set it anew, or run `unset {name}`"))
    })
}

/// `$NAME` and `${NAME}` replaced; those that are not set stay as they are.
fn expanded(text: &str, lookup: impl Fn(&str) -> Result<Option<String>>) -> Result<String> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        let (name, whole) = variable(&after[1..]);
        let (reference, further) = after.split_at(1 + whole);
        done += before;
        done += lookup(name)?.as_deref().filter(|_| !name.is_empty()).unwrap_or(reference);
        rest = further;
    }
    Ok(done + rest)
}

/// The name after a `$`, and how many bytes it takes with its braces.
fn variable(text: &str) -> (&str, usize) {
    if let Some(inner) = text.strip_prefix('{')
        && let Some(end) = inner.find('}')
    {
        return (&inner[..end], end + 2);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (&text[..end], end)
}

/// The variable as it was before an outer `exec` put a copy in the file's place.
pub fn own(name: &str) -> Option<OsString> {
    let found = std::env::var_os(name)?;
    let kept = COPIED.iter().find(|(copied, _)| *copied == name);
    match (kept, std::env::var_os(COPIES).filter(|dir| !dir.is_empty())) {
        (Some((_, kept)), Some(dir)) if Path::new(&found).starts_with(&dir) => {
            std::env::var_os(kept)
        }
        _ => Some(found),
    }
}

/// The directory of the copies, while they are what is read: whoever names files of their
/// own inside the `exec` means those.
fn copies() -> Option<OsString> {
    let dir = std::env::var_os(COPIES).filter(|dir| !dir.is_empty())?;
    let mut read = FILES.iter().map(std::env::var_os);
    read.all(|file| file.is_some_and(|file| Path::new(&file).starts_with(&dir))).then_some(dir)
}

/// What the person is called on this machine.
pub fn user(vars: &Vars) -> Option<&str> {
    vars.first(&["USER", "LOGNAME"]).map(|(_, name)| name)
}

/// The user's shell.
pub fn shell() -> Option<OsString> {
    let name = if cfg!(windows) { "COMSPEC" } else { "SHELL" };
    std::env::var_os(name).filter(|shell| !shell.is_empty())
}

/// Whether whoever started us wants this signal to be ignored (`nohup`, a job in the
/// background of a script): then it is not ours to listen to.
#[cfg(unix)]
pub fn is_ignored(signal: i32) -> bool {
    static MASK: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let mask = MASK.get_or_init(|| {
        // Linux only; elsewhere nobody tells without unsafe code.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
    });
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).is_some_and(|m| m & 1 == 1))
}

/// The current directory.
pub fn current_dir() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// The words of the command line; those that are not UTF-8 keep their place.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// The names of the variables that are set and fit.
pub fn names(fits: impl Fn(&str) -> bool) -> Vec<String> {
    let all = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    all.filter(|name| fits(name)).collect()
}

/// The directories of `PATH`.
pub fn path_dirs() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

/// The `PATH` of a child that is to find the programs of `dir` first.
///
/// # Errors
/// A directory whose name cannot stand in a `PATH`.
pub fn path_with(dir: &Path) -> Result<OsString, std::env::JoinPathsError> {
    let known = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(dir.to_owned()).chain(std::env::split_paths(&known)))
}

/// `BROWSER` on Windows, where the library that opens browsers does not read it.
pub fn browser_on_windows() -> Option<String> {
    std::env::var("BROWSER").ok().filter(|text| cfg!(windows) && !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_absolute_home_is_one() {
        let absolute = std::env::temp_dir();
        assert_eq!(usable_home(Some(absolute.clone())).unwrap(), absolute);
        for bad in [None, Some(""), Some("."), Some("ada")] {
            let error = usable_home(bad.map(PathBuf::from)).unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.next_step().is_some_and(|hint| hint.starts_with("set ")), "{error}");
        }
    }

    #[test]
    fn variables_in_paths_are_replaced_as_python_does() {
        let lookup = |name: &str| {
            Ok(match name {
                "A" => Some("/one".to_owned()),
                "B_2" => Some("two".to_owned()),
                _ => None,
            })
        };
        for (text, path) in [
            ("$A/x", "/one/x"),
            ("${A}/$B_2.cfg", "/one/two.cfg"),
            ("~/$B_2", "~/two"),
            ("$NONE/${NONE}/$A", "$NONE/${NONE}//one"),
            ("$", "$"),
            ("a$/b${", "a$/b${"),
            ("${}", "${}"),
        ] {
            assert_eq!(expanded(text, lookup).unwrap(), path, "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named() {
        use std::os::unix::ffi::OsStringExt;
        let error = text_of("AWS_PROFILE", Some(OsString::from_vec(vec![0xff]))).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.message().contains("AWS_PROFILE"));
        assert_eq!(text_of("X", None).unwrap(), None);
    }
}
