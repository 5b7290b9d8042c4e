//! Reading files: the user's two, and small ones that other tools also write.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads files")]

use crate::error::{Error, Kind, Result};
use crate::host::Host;
use awsconfig::scan::{self, scan_with_sessions};
use awsconfig::{FileKind, Parsed, SectionName};
use jiff::Timestamp;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One of the two files: where it is, and what it says.
pub struct LoadedFile {
    /// The file's place, `~` expanded.
    pub path: PathBuf,
    /// The place as it was configured (`~/.aws/config` by default), for people.
    pub shown: String,
    /// The text; empty where there is no file.
    pub text: String,
    /// What it says.
    pub parsed: Parsed,
}

/// The place alone: what the file says may be keys.
impl fmt::Debug for LoadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// `~/.aws/config` and `~/.aws/credentials`, or where the variables put them.
#[derive(Debug)]
pub struct Files {
    /// Profiles, sso-sessions, services.
    pub config: LoadedFile,
    /// Static keys, merged over the profiles key by key.
    pub credentials: LoadedFile,
}

impl Files {
    /// The same files, as if lines stood at the end of the config file: a profile for one
    /// command.
    ///
    /// # Errors
    /// [`Kind::Profile`] where the lines make no sense.
    pub fn with_lines(self, lines: &str) -> Result<Self> {
        let LoadedFile { path, shown, text, .. } = self.config;
        let text = format!("{}\n{lines}", text.trim_end());
        let config = LoadedFile::parse(FileKind::Config, path, shown, text)?;
        Ok(Self { config, credentials: self.credentials })
    }

    /// Reads both files; absent ones are empty.
    ///
    /// # Errors
    /// [`Kind::Profile`] naming file and line where one cannot be parsed, as
    /// botocore would refuse it for every command.
    pub fn load(host: &Host) -> Result<Self> {
        Ok(Self {
            config: load(host, FileKind::Config)?,
            credentials: load(host, FileKind::Credentials)?,
        })
    }
}

impl Files {
    /// What the files say of one profile and of those its credentials come from, with
    /// every sso-session: for whoever has no time for thousands of others. The texts are
    /// left out, and mistakes in other sections are not seen.
    ///
    /// # Errors
    /// As [`Files::load`], for what is looked at.
    pub fn of_profile(host: &Host, name: &str) -> Result<Self> {
        // More hops than any chain has.
        const DEEPEST: usize = 6;
        let mut names = vec![SectionName::Profile(name.to_owned())];
        let mut files = scanned(host, &names)?;
        for _ in 0..DEEPEST {
            let Some(last) = names.last() else { break };
            let get = |file: &LoadedFile| {
                let value = file.parsed.section(last)?.get("source_profile")?;
                value.as_str().map(|name| SectionName::Profile(name.to_owned()))
            };
            match get(&files.credentials).or_else(|| get(&files.config)) {
                Some(source) if !names.contains(&source) => names.push(source),
                _ => break,
            }
            files = scanned(host, &names)?;
        }
        Ok(files)
    }
}

fn scanned(host: &Host, names: &[SectionName]) -> Result<Files> {
    let one = |kind: FileKind| -> Result<LoadedFile> {
        let (path, shown) = place(host, kind);
        let bytes = read_text(&path, &shown)?;
        let parsed = match kind {
            FileKind::Config => scan_with_sessions(bytes.as_bytes(), kind, names),
            FileKind::Credentials => scan::scan(bytes.as_bytes(), kind, names),
        };
        let parsed = parsed.map_err(|error| {
            Error::new(Kind::Profile, format!("cannot read `{shown}`")).because(error.to_string())
        })?;
        Ok(LoadedFile { path, shown, text: String::new(), parsed })
    };
    Ok(Files { config: one(FileKind::Config)?, credentials: one(FileKind::Credentials)? })
}

/// Where one of the two files is, with the spelling people know it by.
pub fn place(host: &Host, kind: FileKind) -> (PathBuf, String) {
    let (variable, usual) = match kind {
        FileKind::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
        FileKind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    };
    let shown = host.vars.get(variable).unwrap_or(usual);
    (host.expand(shown), shown.to_owned())
}

fn load(host: &Host, kind: FileKind) -> Result<LoadedFile> {
    let (path, shown) = place(host, kind);
    let text = read_text(&path, &shown)?;
    tracing::debug!(path = %path.display(), bytes = text.len(), "read");
    LoadedFile::parse(kind, path, shown, text)
}

impl LoadedFile {
    /// A file with this text.
    ///
    /// # Errors
    /// [`Kind::Profile`] where botocore would refuse it.
    pub(crate) fn parse(
        kind: FileKind,
        path: PathBuf,
        shown: String,
        text: String,
    ) -> Result<Self> {
        let parsed = awsconfig::parse(kind, &text).map_err(|error| syntax_error(&path, &error))?;
        Ok(Self { path, shown, text, parsed })
    }
}

/// The error for a file that botocore would refuse: place and reason, never content.
pub(crate) fn syntax_error(path: &Path, error: &awsconfig::SyntaxError) -> Error {
    Error::new(Kind::Profile, format!("cannot parse `{}`, line {}", path.display(), error.line))
        .because(error.kind.to_string())
        .hint(format!(
            "mend line {} of {}; every AWS tool reads this file",
            error.line,
            path.display()
        ))
}

/// A whole text file; an absent one is empty.
pub(crate) fn read_text(path: &Path, shown: &str) -> Result<String> {
    Ok(read_if_there(path, shown)?.unwrap_or_default())
}

/// A whole text file; `None` where there is none.
pub(crate) fn read_if_there(path: &Path, shown: &str) -> Result<Option<String>> {
    let failed =
        |why: String| Error::new(Kind::Profile, format!("cannot read `{shown}`")).because(why);
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|e| {
            let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            failed(format!("line {line} is not UTF-8 text"))
                .hint(format!("save `{shown}` as UTF-8"))
        }),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(failed(error.to_string())
                .hint(format!("see with `ls -ld` who may read `{shown}` and its directory")))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A small file with the time it was written.
pub(crate) struct SmallFile {
    pub bytes: Vec<u8>,
    pub modified: Option<Timestamp>,
}

/// Reads at most 1 MiB of a regular file; `None` where there is none. Anything
/// may lie in a cache directory that several tools share.
pub(crate) fn read_small(path: &Path) -> io::Result<Option<SmallFile>> {
    const LIMIT: u64 = 1 << 20;
    // Asked before it is opened: opening a pipe waits for its writer.
    let meta = match fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta,
        Ok(_) => return Ok(None),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LIMIT).read_to_end(&mut bytes)?;
    let modified = meta.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok(Some(SmallFile { bytes, modified }))
}

/// A text file of at most 1 MiB; `None` where there is none, or something else.
///
/// # Errors
/// The system's own; bytes that are no text.
pub(crate) fn read_if_small(path: &Path) -> io::Result<Option<String>> {
    let Some(file) = read_small(path)? else { return Ok(None) };
    let no_text = |_| io::Error::other("it is not UTF-8 text");
    String::from_utf8(file.bytes).map(Some).map_err(no_text)
}

/// The files of a directory whose names fit, sorted; none where there is no directory.
pub(crate) fn matching(dir: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(&fits))
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// The `*.json` files of a directory, sorted; none where there is no directory.
pub(crate) fn json_files(dir: &Path) -> Vec<PathBuf> {
    with_extension(dir, "json")
}

/// The files of a directory with such an ending, sorted.
pub(crate) fn with_extension(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == ending))
        .collect();
    paths.sort();
    paths
}

/// Removes a file; one that somebody else removed first is as good.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Removes a person's text file; of a link, what it leads to.
pub(crate) fn remove_text(path: &Path) -> io::Result<()> {
    remove(&vault::follow_links(path)?)
}

/// Gives a file another name.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// The text of a config file, to be shown; an absent one is empty.
///
/// # Errors
/// [`Kind::Profile`] for one that cannot be read.
pub fn read_config_text(path: &Path) -> Result<String> {
    read_text(path, &path.display().to_string())
}
