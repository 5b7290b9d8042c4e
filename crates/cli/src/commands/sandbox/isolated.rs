//! A command in a network of its own, where AWS's names lead to the sandbox and
//! nothing else exists.
//!
//! Twice this program: the outer one asks `unshare` to run the inner one in new
//! namespaces; the inner one brings the network up, puts files of its own in the
//! place of those that say how names are looked up, starts the sandbox, and runs the
//! command. The kernel takes the namespaces away with the last process in them, and
//! the mounts with them: nothing is left to undo.

use super::child;
use crate::report::Done;
use crate::vars;
use daypass_core::{Error, Kind, Result};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// What tells the inner program that it is inside.
pub const INSIDE: &str = "--inside";
const ISOLATED: &str = "--isolated";

/// New namespaces: as root, or as a user who becomes root within them.
const AS_ROOT: &[&str] = &["--net", "--mount"];
const AS_USER: &[&str] = &["--user", "--map-root-user", "--net", "--mount"];

/// Everything the inner program is going to need.
const PROBE: &str = "ip link set lo up && mount --bind /etc/passwd /etc/passwd";

/// How names are looked up, in the network that is nothing but the sandbox.
const FILES: [(&str, &str); 3] = [
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ("/etc/resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:2\n"),
    (
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    ),
];

/// Where systems keep whom they trust. Not every client can be told of another place.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Daemons of the machine outside that look names up for others: they must not be
/// asked.
const DAEMONS: [&str; 3] =
    ["/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve", "/run/dbus/system_bus_socket"];

/// Runs this very command line again, inside.
pub fn outer() -> Result<Done> {
    if !cfg!(target_os = "linux") {
        return Err(not_here("network namespaces are a thing of Linux")
            .hint("leave out `--isolated`: endpoint variables lead most clients to the sandbox"));
    }
    let daypass = std::env::current_exe().map_err(|error| not_here(&error.to_string()))?;
    let mut command = Command::new("unshare");
    command.args(namespaces()?).arg("--").arg(daypass).args(words());
    let status = child::run(command).map_err(|error| not_here(&error.to_string()))?;
    Ok(Done::Child(child::exit_code(status)))
}

/// Our own words, of which one changes.
fn words() -> Vec<OsString> {
    let mut words: Vec<_> = vars::arguments().into_iter().skip(1).collect();
    let ours = words.iter().position(|word| word == "--").unwrap_or(words.len());
    for word in words[..ours].iter_mut().filter(|word| *word == ISOLATED) {
        *word = INSIDE.into();
    }
    words
}

/// The first kind of namespaces that this machine gives us.
fn namespaces() -> Result<&'static [&'static str]> {
    let kinds: &[_] = if is_root() { &[AS_ROOT, AS_USER] } else { &[AS_USER] };
    let mut whys = Vec::new();
    for kind in kinds {
        match probe(kind) {
            Ok(()) => return Ok(kind),
            Err(why) if whys.contains(&why) => {}
            Err(why) => whys.push(why),
        }
    }
    let missing = whys.iter().any(|why| why.contains("not found") || why.contains("No such file"));
    let error = not_here(&whys.join("; "));
    Err(match missing {
        true => error.hint("install the packages `util-linux` and `iproute2`"),
        false => error.hint(
            "run it as root, in a container with `--cap-add SYS_ADMIN`, or allow user namespaces: \
             `sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
        ),
    })
}

/// Whether it works, in namespaces that end at once.
fn probe(kind: &[&str]) -> std::result::Result<(), String> {
    let mut command = Command::new("unshare");
    command.args(kind).args(["--", "sh", "-c", PROBE]).stdin(Stdio::null());
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("`unshare` is not found".to_owned())
        }
        Err(error) => Err(format!("`unshare`: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}

fn not_here(why: &str) -> Error {
    Error::new(Kind::Config, "this machine does not let a command run in isolation").because(why)
}

/// Brings the network of the namespace up, before anything listens in it. Refuses
/// in a network that has more than a loopback: that is not one of ours.
pub fn raise_network() -> Result<()> {
    let links = run("ip", &["-brief", "link"])?;
    if links.lines().count() != 1 || !links.starts_with("lo ") {
        let error = Error::new(Kind::Usage, format!("`{INSIDE}` is for `{ISOLATED}` alone"));
        return Err(error.hint(format!("say `{ISOLATED}`")));
    }
    run("ip", &["link", "set", "lo", "up"]).map(|_| ())
}

/// Puts our files over the machine's, for this namespace only: how names are looked
/// up, and that the sandbox's authority is trusted.
pub fn take_over(place: &Path, authority: &str) -> Result<()> {
    let bundles = BUNDLES.map(|file| (file, authority));
    for (file, text) in FILES.iter().chain(&bundles).filter(|(file, _)| Path::new(file).exists()) {
        let ours = place.join(file.replace('/', "-").trim_start_matches('-'));
        vault::write_private(&ours, text.as_bytes())
            .map_err(|error| not_here(&error.to_string()))?;
        readable_by_all(&ours).map_err(|error| not_here(&error.to_string()))?;
        run("mount", &["--bind", &ours.to_string_lossy(), file])?;
    }
    for daemon in DAEMONS.iter().filter(|daemon| Path::new(daemon).exists()) {
        run("mount", &["--bind", "/dev/null", daemon])?;
    }
    Ok(())
}

/// As the files are whose place they take: the command may become another user.
fn readable_by_all(file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let _ = file;
    Ok(())
}

fn run(program: &str, words: &[&str]) -> Result<String> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output();
    let output = output.map_err(|error| not_here(&format!("`{program}`: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(not_here(String::from_utf8_lossy(&output.stderr).trim()))
}
