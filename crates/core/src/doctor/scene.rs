//! What doctor looks at: variables, both files, and who chose which profile.

use super::order::Order;
use super::repair;
use super::seen::Seen;
use crate::Error;
use crate::files::{self, Files, LoadedFile};
use crate::host::Host;
use crate::resolve::profile::{self, Chosen, Profile};
use crate::resolve::{Origin, Request};
use awsconfig::{FileKind, Parsed, SyntaxError};

/// The world of one examination.
#[derive(Debug)]
pub struct Scene {
    /// Home, variables, clock.
    pub host: Host,
    /// What the command line names.
    pub request: Request,
    /// Both files; of one that botocore refuses, what is left without the refused lines.
    pub files: Files,
    /// The same for GDAL, which looks for the credentials file somewhere else, where a
    /// variable has moved it.
    moved: Option<Files>,
    /// What botocore refuses.
    pub broken: Vec<Broken>,
    /// What was looked at besides.
    pub seen: Seen,
}

/// A file that botocore refuses.
#[derive(Debug)]
pub struct Broken {
    /// Which of the two.
    pub kind: FileKind,
    /// The first thing that is refused, if it is a matter of syntax.
    pub syntax: Option<SyntaxError>,
    /// The whole story, for people.
    pub error: Error,
}

impl Scene {
    /// Reads the files, whatever state they are in.
    pub fn new(host: &Host, request: &Request) -> Self {
        let mut broken = Vec::new();
        let mut read = |kind| lenient(host, kind, &mut broken);
        let files =
            Files { config: read(FileKind::Config), credentials: read(FileKind::Credentials) };
        let moved = moved(host, &mut broken);
        let seen = Seen::default();
        Self { host: host.clone(), request: request.clone(), files, moved, broken, seen }
    }

    /// The profile in force, as daypass chooses it.
    pub fn chosen(&self) -> Chosen<'_> {
        profile::choose(&self.request, &self.host, &self.files)
    }

    /// A profile by its name.
    pub fn profile(&self, name: &str) -> Profile<'_> {
        Profile::named(&self.files, name)
    }

    /// A profile as tools of this order find it.
    pub fn profile_for(&self, order: &Order, name: &str) -> Profile<'_> {
        let own = order.files.credentials_variable != CREDENTIALS;
        Profile::named(self.moved.as_ref().filter(|_| own).unwrap_or(&self.files), name)
    }

    /// One of the two files.
    pub fn file(&self, kind: FileKind) -> &LoadedFile {
        match kind {
            FileKind::Config => &self.files.config,
            FileKind::Credentials => &self.files.credentials,
        }
    }

    /// All profiles of both files, each once.
    pub fn profiles(&self) -> Vec<&str> {
        let config = self.files.config.parsed.profiles();
        let mut names: Vec<&str> = config.chain(self.files.credentials.parsed.profiles()).collect();
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }

    /// The variable's value, the empty one too.
    pub fn raw(&self, variable: &str) -> Option<&str> {
        self.host.vars.raw(variable)
    }

    /// A place of a file, for people.
    pub fn at(&self, kind: FileKind, line: usize) -> Origin {
        let file = self.file(kind);
        Origin::File { shown: file.shown.clone(), path: file.path.clone(), line }
    }
}

const CREDENTIALS: &str = "AWS_SHARED_CREDENTIALS_FILE";
const OF_GDAL: &str = "CPL_AWS_CREDENTIALS_FILE";

fn moved(host: &Host, broken: &mut Vec<Broken>) -> Option<Files> {
    let place = host.vars.get(OF_GDAL);
    if host.vars.get(CREDENTIALS) == place {
        return None;
    }
    let mut of_gdal = host.clone();
    of_gdal.vars = host.vars.with(CREDENTIALS, place.unwrap_or_default());
    let before = broken.len();
    let mut read = |kind| lenient(&of_gdal, kind, broken);
    let files = Files { config: read(FileKind::Config), credentials: read(FileKind::Credentials) };
    broken.truncate(before);
    Some(files)
}

/// The file as tools that skip what they do not understand would read it.
fn lenient(host: &Host, kind: FileKind, broken: &mut Vec<Broken>) -> LoadedFile {
    let (path, shown) = files::place(host, kind);
    let text = files::read_text(&path, &shown).unwrap_or_else(|error| {
        broken.push(Broken { kind, syntax: None, error });
        String::new()
    });
    let parsed = awsconfig::parse(kind, &text).or_else(|syntax| -> Result<Parsed, ()> {
        let error = files::syntax_error(&path, &syntax);
        broken.push(Broken { kind, syntax: Some(syntax), error });
        let rest = repair::without_refused(kind, &text).unwrap_or_default();
        awsconfig::parse(kind, &rest).map_err(drop)
    });
    let parsed = parsed.unwrap_or_else(|()| empty(kind));
    LoadedFile { path, shown, text, parsed }
}

fn empty(kind: FileKind) -> Parsed {
    awsconfig::parse(kind, "").expect("no text has no mistakes")
}
