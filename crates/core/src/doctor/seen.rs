//! What was looked at besides variables and files: facts, without a judgement.

use jiff::SignedDuration;
use std::path::PathBuf;

/// The facts. What was not looked at is empty.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Files with secrets that others can read, with their modes.
    pub open: Vec<(PathBuf, u32)>,
    /// Files of the shared cache that tools stumble over.
    pub cache: Vec<Neighbour>,
    /// The file system of the home directory, if that lies on another machine.
    pub network_home: Option<String>,
    /// The store's key is out of reach: why, and the cure.
    pub key_gone: Option<(String, String)>,
    /// The tools that somebody asked about, by their IDs.
    pub asked: Vec<&'static str>,
    /// Programs and their versions.
    pub programs: Vec<Program>,
    /// Where nobody answers.
    pub silent: Vec<Silent>,
    /// How far the services' clock is ahead of ours.
    pub skew: Option<SignedDuration>,
    /// What the portal says about the profile's role.
    pub portal: Option<Portal>,
    /// Where the start URL answers, if not where the files say.
    pub region: Option<String>,
    /// How this daypass is called in a `credential_process`.
    pub daypass: Option<String>,
    /// The directories of `PATH`.
    pub path: Vec<PathBuf>,
    /// What the hub's own role can read.
    pub hub_reads: Option<String>,
}

/// A file of `~/.aws/sso/cache` that is not what it should be.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// The file.
    pub path: PathBuf,
    /// What about it.
    pub fault: Fault,
    /// Its text, made whole, where that is possible.
    pub whole: Option<vault::Secret<String>>,
}

/// What is wrong with a file of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A whole object, and more behind it.
    Trailing,
    /// No JSON object.
    NotJson,
    /// A time that some SDKs cannot read.
    Time,
    /// A `null`, which some SDKs cannot read.
    Null,
}

/// A program that was asked for its version.
#[derive(Clone, Debug)]
pub struct Program {
    /// `aws`, `gdal-config`, `rasterio`…
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its version's numbers.
    pub version: Vec<u32>,
}

impl Program {
    /// Whether it is older than that.
    pub fn is_before(&self, version: &[u32]) -> bool {
        self.version.as_slice() < version
    }

    /// The version as people write it.
    pub fn shown(&self) -> String {
        self.version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
    }
}

/// An address that does not answer.
#[derive(Clone, Debug)]
pub struct Silent {
    /// Who named it.
    pub variable: &'static str,
    /// The address.
    pub url: String,
}

/// What the portal says.
#[derive(Clone, Debug)]
pub enum Portal {
    /// The role is yours.
    Yours,
    /// The role is not yours any more; these are, in the same account.
    Gone(Vec<String>),
    /// The login is not accepted any more.
    LoggedOut,
    /// It cannot be asked: what happened.
    Unknown(String),
}
