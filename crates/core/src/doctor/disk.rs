//! Looking at what lies on the disk besides the two files.

use super::scene::Scene;
use super::seen::{Fault, Neighbour};
use crate::files;
use crate::pyjson;
use crate::resolve::sso::{self, Keeping};
use crate::token::{format_time, parse_time};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{KeyStatus, Secret};

/// Looks at the shared cache, at modes, at the file system and at the store.
pub fn look(scene: &mut Scene) {
    scene.seen.cache = neighbours(&scene.host.sso_cache());
    scene.seen.open = open_files(scene);
    scene.seen.network_home = network_home(&scene.host.home);
    scene.seen.key_gone = key_gone(scene);
}

fn neighbours(dir: &Path) -> Vec<Neighbour> {
    files::json_files(dir).into_iter().filter_map(neighbour).collect()
}

/// In-place writers truncate first: what is torn now may be whole a moment later.
pub(super) fn neighbour(path: PathBuf) -> Option<Neighbour> {
    const TRIES: u32 = 4;
    let mut last = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(50));
        }
        let file = files::read_small(&path).ok()??;
        last = Some(judge(&file.bytes)?);
    }
    let (fault, whole) = last?;
    Some(Neighbour { path, fault, whole })
}

/// What is wrong with a file's text, and the text made whole.
fn judge(bytes: &[u8]) -> Option<(Fault, Option<Secret<String>>)> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let Some(Ok(Value::Object(map))) = values.next() else { return Some((Fault::NotJson, None)) };
    let end = values.byte_offset();
    let rest = bytes.get(end..).unwrap_or_default();
    if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Some((Fault::Trailing, Some(text(map))));
    }
    if !map.contains_key("accessToken") {
        return None;
    }
    if map.values().any(Value::is_null) {
        return Some((Fault::Null, Some(text(map))));
    }
    TIMES.iter().any(|key| is_odd_time(&map, key)).then(|| (Fault::Time, Some(text(map))))
}

const TIMES: [&str; 2] = ["expiresAt", "registrationExpiresAt"];

fn is_odd_time(map: &Map<String, Value>, key: &str) -> bool {
    let time = map.get(key).and_then(Value::as_str);
    time.is_some_and(|text| !text.ends_with('Z') && parse_time(text).is_some())
}

/// The object as every SDK reads it: no `null`, times that end in `Z`.
fn text(mut map: Map<String, Value>) -> Secret<String> {
    map.retain(|_, value| !value.is_null());
    for key in TIMES {
        let time = map.get(key).and_then(Value::as_str).and_then(parse_time);
        if let Some(time) = time.filter(|_| is_odd_time(&map, key)) {
            map.insert(key.to_owned(), Value::from(format_time(time)));
        }
    }
    Secret::new(pyjson::dumps(&Value::Object(map)))
}

/// Files that hold keys or logins and that others can read.
#[cfg(unix)]
fn open_files(scene: &Scene) -> Vec<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut paths = vec![scene.files.credentials.path.clone()];
    if config_holds_keys(scene) {
        paths.push(scene.files.config.path.clone());
    }
    paths.extend(files::json_files(&scene.host.sso_cache()));
    paths.extend(files::json_files(&scene.host.cli_cache()));
    let open = paths.into_iter().filter_map(|path| {
        let mode = std::fs::metadata(&path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some((path, mode))
    });
    open.collect()
}

#[cfg(not(unix))]
fn open_files(_: &Scene) -> Vec<(PathBuf, u32)> {
    Vec::new()
}

#[cfg(unix)]
fn config_holds_keys(scene: &Scene) -> bool {
    let has_key = |name: &str| scene.profile(name).config_only("aws_secret_access_key").is_some();
    scene.files.config.parsed.profiles().any(has_key)
}

/// The kind of file system, if it is one of another machine.
fn network_home(home: &Path) -> Option<String> {
    let mounts = files::read_text(Path::new("/proc/self/mounts"), "mounts").ok()?;
    file_system(&mounts, home).filter(|kind| is_network(kind))
}

/// The kind of the mount that the path is below.
fn file_system(mounts: &str, path: &Path) -> Option<String> {
    let below = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?.replace("\\040", " "), words.next()?);
        path.starts_with(&place).then(|| (place.len(), kind.to_owned()))
    };
    let longest = mounts.lines().filter_map(below).max_by_key(|(length, _)| *length);
    longest.map(|(_, kind)| kind)
}

fn is_network(kind: &str) -> bool {
    const KINDS: [&str; 10] =
        ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "lustre", "ceph", "gpfs", "beegfs", "afs"];
    KINDS.contains(&kind)
}

/// Asked only where something is sealed: a passphrase may have to be typed.
fn key_gone(scene: &Scene) -> Option<(String, String)> {
    let config = &scene.files.config.parsed;
    let sealed = |name: &str| matches!(sso::keeping_of(&scene.files, name), Ok(Keeping::Sealed(_)));
    let kept = |name: &str| scene.profile(name).get(hot::keys::KEPT_KEYS).is_some();
    if !config.sso_sessions().any(sealed) && !config.profiles().any(kept) {
        return None;
    }
    let status = scene.host.store.status().ok()?;
    match status.key {
        KeyStatus::OutOfReach(error) => Some((error.to_string(), error.cure().to_owned())),
        KeyStatus::Absent if status.choice.is_some() => Some((
            "the store's key is gone, as after a restart".to_owned(),
            "log in, and there is a new one".to_owned(),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<(Fault, Option<String>)> {
        judge(text.as_bytes()).map(|(fault, whole)| (fault, whole.map(|t| t.expose().clone())))
    }

    #[test]
    fn what_tools_leave_behind_is_told_apart_and_made_whole() {
        let good = r#"{"accessToken": "a", "expiresAt": "2099-01-01T00:00:00Z"}"#;
        let whole = Some(good.to_owned());
        assert_eq!(fault(good), None);
        assert_eq!(fault(&format!("{good}\n")), None);
        assert_eq!(fault(&format!("{good}}}")), Some((Fault::Trailing, whole.clone())));
        let utc = good.replace("00Z", "00UTC");
        assert_eq!(fault(&utc), Some((Fault::Time, whole.clone())));
        let null = good.replace("\"a\",", "\"a\", \"region\": null,");
        assert_eq!(fault(&null), Some((Fault::Null, whole)));
        for garbage in ["", "[1]", "{\"accessToken\": "] {
            assert_eq!(fault(garbage), Some((Fault::NotJson, None)), "{garbage}");
        }
        // A client registration of an old AWS CLI: nobody but the AWS CLI reads it.
        assert_eq!(fault(r#"{"clientId": "c", "expiresAt": "2099-01-01T00:00:00UTC"}"#), None);
    }

    #[test]
    fn the_longest_mount_counts() {
        let mounts =
            "/dev/sda / ext4 rw 0 0\nfiler:/h /home nfs4 rw 0 0\n/dev/b /home/ada ext4 rw 0 0\n";
        let kind = |path: &str| file_system(mounts, Path::new(path)).unwrap();
        assert_eq!((kind("/home/bob").as_str(), kind("/home/ada/x").as_str()), ("nfs4", "ext4"));
        assert!(is_network("nfs4") && !is_network("ext4"));
        assert_eq!(file_system("", Path::new("/")), None);
    }
}
