//! Looking around: programs and their versions, addresses where nobody answers.

use crate::deliver::process_line;
use crate::vars;
use daypass_core::doctor::Scene;
use daypass_core::doctor::seen::{Program, Silent};
use daypass_core::host::Vars;
use http::Uri;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Fills in what the core does not look at by itself.
pub(super) fn around(scene: &mut Scene, tools: &[String], offline: bool) {
    scene.seen.path = vars::path_dirs();
    scene.seen.daypass = process_line::program_word();
    scene.seen.silent = silent(scene, offline);
    scene.seen.programs = programs(&scene.seen.path, tools);
}

const ADDRESSES: [&str; 6] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

fn silent(scene: &Scene, offline: bool) -> Vec<Silent> {
    let vars = &scene.host.vars;
    let only_own = offline || has_proxy(vars);
    let set = ADDRESSES.iter().filter_map(|name| Some((*name, vars.get(name)?)));
    let parsed = set.filter_map(|(name, url)| Some((name, url.parse::<Uri>().ok()?)));
    let dead = parsed.filter(|(_, url)| is_silent(url, only_own));
    dead.filter_map(|(variable, url)| Some(Silent { variable, url: place(&url)? })).collect()
}

/// What lies beyond a proxy answers through it, and often not to us.
fn has_proxy(vars: &Vars) -> bool {
    vars.first(&["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]).is_some()
}

/// Scheme, host and port: a user with a password may stand before them, a token behind.
fn place(url: &Uri) -> Option<String> {
    let port = url.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", url.scheme_str().unwrap_or("http"), url.host()?))
}

/// Whether nobody listens there, for sure: a name that nobody knows at the moment may
/// be known to a resolver that is slow, or out of reach. This machine's own addresses
/// are always asked.
fn is_silent(url: &Uri, only_own: bool) -> bool {
    const PATIENCE: Duration = Duration::from_secs(2);
    let usual = if url.scheme_str() == Some("https") { 443 } else { 80 };
    let (Some(host), port) = (url.host(), url.port_u16().unwrap_or(usual)) else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let own = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if only_own && !own {
        return false;
    }
    let addresses = resolved(host, port, PATIENCE);
    let answers = |at: &SocketAddr| TcpStream::connect_timeout(at, PATIENCE).is_ok();
    !addresses.is_empty() && !addresses.iter().take(3).any(answers)
}

/// The system's resolver has a patience of its own, so that it is asked on a thread that
/// may be left behind. None where it does not know.
fn resolved(host: &str, port: u16, patience: Duration) -> Vec<SocketAddr> {
    let (answer, asked) = std::sync::mpsc::channel();
    let host = host.to_owned();
    std::thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        let _ = answer.send(found.map(Iterator::collect).unwrap_or_default());
    });
    asked.recv_timeout(patience).unwrap_or_default()
}

/// The AWS CLI always; GDAL where somebody asks about it, since it may take seconds.
fn programs(path: &[PathBuf], tools: &[String]) -> Vec<Program> {
    let mut wanted = vec![("aws", "aws", vec!["--version"])];
    wanted.push(("gdal-config", "gdal-config", vec!["--version"]));
    if tools.iter().any(|tool| ["gdal", "rasterio", "pyogrio", "qgis"].contains(&tool.as_str())) {
        wanted.push(("GDAL of Python", "python3", vec!["-c", GDAL_OF_PYTHON]));
    }
    let asked = wanted.into_iter().filter_map(|(name, program, words)| {
        let program = path.iter().map(|dir| dir.join(program)).find(|path| path.is_file())?;
        let version = version(&said(&program, &words)?)?;
        Some(Program { name: name.to_owned(), path: program, version })
    });
    asked.collect()
}

/// The GDAL that this Python's programs would use, whichever package brings it.
const GDAL_OF_PYTHON: &str = "
def version():
    try:
        import rasterio
        return rasterio.__gdal_version__
    except ImportError:
        pass
    try:
        import pyogrio
        return '.'.join(map(str, pyogrio.__gdal_version__))
    except ImportError:
        pass
    from osgeo import gdal
    return gdal.__version__
print(version())
";

/// What a program prints, if it is soon done.
fn said(program: &Path, words: &[&str]) -> Option<String> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut text = String::new();
    child.stdout.take()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The first run of numbers between dots: `aws-cli/2.36.7 Python/…`, `3.10.3`.
fn version(text: &str) -> Option<Vec<u32>> {
    let words = text.split(|c: char| c.is_whitespace() || c == '/');
    let number = |word: &str| -> Option<Vec<u32>> {
        let parts: Vec<u32> = word
            .split('.')
            .map_while(|part| part.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok())
            .collect();
        (parts.len() >= 2).then_some(parts)
    };
    words.into_iter().find_map(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_programs_print_them() {
        assert_eq!(version("aws-cli/2.36.7 Python/3.13.1 Linux/6"), Some(vec![2, 36, 7]));
        assert_eq!(version("3.10.3\n"), Some(vec![3, 10, 3]));
        assert_eq!(version("aws-cli/1.22.34 Python/3.10"), Some(vec![1, 22, 34]));
        assert_eq!(version("3.12.0dev-abc"), Some(vec![3, 12, 0]));
        assert_eq!(version("no numbers"), None);
    }

    fn asked(url: &str, only_own: bool) -> bool {
        is_silent(&url.parse().unwrap(), only_own)
    }

    #[test]
    fn a_closed_port_is_silent_and_an_open_one_is_not() {
        let open = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = open.local_addr().unwrap();
        assert!(!asked(&format!("http://{at}/x?token=1"), true));
        // Nobody else gets the near end of a connection, and nobody listens at it.
        let near = TcpStream::connect(at).unwrap();
        assert!(asked(&format!("http://{}", near.local_addr().unwrap()), true));
        assert!(!asked("http://192.0.2.1", true), "only this machine is asked");
    }

    #[test]
    fn a_name_that_nobody_knows_may_be_known_elsewhere() {
        assert!(!asked("https://endpoint.invalid", false));
        let vars = |name: &str| -> Vars {
            [(name.to_owned(), "http://proxy:3128".to_owned())].into_iter().collect()
        };
        assert!(has_proxy(&vars("https_proxy")) && has_proxy(&vars("HTTP_PROXY")));
        assert!(!has_proxy(&vars("NO_PROXY")));
    }

    #[test]
    fn of_an_address_only_the_place_is_shown() {
        let shown = |url: &str| place(&url.parse().unwrap()).unwrap();
        assert_eq!(shown("https://ada:pass@h:8443/p?t=1"), "https://h:8443");
        assert_eq!(shown("http://[::1]:80/token"), "http://[::1]:80");
        assert_eq!(shown("https://h"), "https://h");
    }
}
