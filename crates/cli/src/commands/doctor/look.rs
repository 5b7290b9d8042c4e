//! Looking around: programs and their versions, addresses where nobody answers.

use crate::deliver::process_line;
use crate::vars;
use daypass_core::doctor::Scene;
use daypass_core::doctor::seen::{Program, Silent};
use std::io::Read as _;
use std::net::{IpAddr, TcpStream, ToSocketAddrs as _};
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
    let set = ADDRESSES.iter().filter_map(|name| Some((*name, scene.host.vars.get(name)?)));
    let dead = set.filter(|(_, url)| is_silent(url, offline));
    dead.map(|(variable, url)| Silent { variable, url: without_query(url) }).collect()
}

/// An address may carry a token behind its `?`.
fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Whether nobody listens there. This machine's own addresses are asked offline too.
fn is_silent(url: &str, offline: bool) -> bool {
    const PATIENCE: Duration = Duration::from_secs(2);
    let Ok(url) = url.parse::<http::Uri>() else { return false };
    let usual = if url.scheme_str() == Some("https") { 443 } else { 80 };
    let (Some(host), port) = (url.host(), url.port_u16().unwrap_or(usual)) else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let own = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if offline && !own {
        return false;
    }
    let Ok(addresses) = (host, port).to_socket_addrs() else { return true };
    let addresses: Vec<_> = addresses.take(3).collect();
    !addresses.iter().any(|address| TcpStream::connect_timeout(address, PATIENCE).is_ok())
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

    #[test]
    fn a_closed_port_is_silent_and_an_open_one_is_not() {
        let open = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = open.local_addr().unwrap().port();
        assert!(!is_silent(&format!("http://127.0.0.1:{port}/x?token=1"), true));
        drop(open);
        assert!(is_silent(&format!("http://127.0.0.1:{port}"), true));
        assert!(!is_silent("http://192.0.2.1", true), "not asked when offline");
        assert_eq!(without_query("http://h/p?t=1"), "http://h/p");
    }
}
