//! The two files themselves.

use super::super::finding::{Finding, Severity, unset};
use super::super::mend::{Change, Mend};
use super::super::repair;
use super::super::scene::{Broken, Scene};
use crate::resolve::Origin;
use awsconfig::FileKind;

/// What botocore refuses stops the AWS CLI and boto3 altogether.
pub(super) fn refused(scene: &Scene) -> Vec<Finding> {
    scene.broken.iter().map(|broken| finding(scene, broken)).collect()
}

fn finding(scene: &Scene, broken: &Broken) -> Finding {
    let why = "the AWS CLI and boto3 fail with every command and every profile, Rust, Java and \
               C++ with most mistakes; Go and JavaScript skip what they do not understand";
    let shown = &scene.file(broken.kind).shown;
    let Some(syntax) = &broken.syntax else {
        let what = broken.error.to_string();
        return Finding::new("file-unreadable", Severity::Broken, what, why).run(format!(
            "ls -ld {}",
            crate::resolve::sso::shell_word(&scene.file(broken.kind).path.display().to_string())
        ));
    };
    let what = format!("{shown}, line {}: {}", syntax.line, syntax.kind);
    let found = Finding::new("file-refused", Severity::Broken, what, why)
        .at([scene.at(broken.kind, syntax.line)]);
    match repair::without_refused(broken.kind, &scene.file(broken.kind).text) {
        Some(_) => found.fix(Mend::safe([Change::CommentRefused { kind: broken.kind }])),
        None => found,
    }
}

const VARIABLES: [(FileKind, &str); 2] =
    [(FileKind::Config, "AWS_CONFIG_FILE"), (FileKind::Credentials, "AWS_SHARED_CREDENTIALS_FILE")];

/// A variable names a file that is not there: the tools take it for an empty one.
pub(super) fn gone(scene: &Scene) -> Vec<Finding> {
    let gone = VARIABLES.into_iter().filter(|(kind, variable)| is_gone(scene, *kind, variable));
    gone.map(|(kind, variable)| {
        let what = format!("{variable} names {}, which is not there", scene.file(kind).shown);
        let why = "the tools say nothing of it, and find none of the profiles that you have";
        Finding::new("file-gone", how_bad(scene), what, why)
            .at([Origin::Variable(variable)])
            .run(unset(&[variable]))
    })
    .collect()
}

/// Some point the variable at nothing on purpose; that is their way as long as nobody
/// names a profile that is not found then.
fn how_bad(scene: &Scene) -> Severity {
    let chosen = scene.chosen();
    let is_missed = match chosen.name.origin {
        Origin::Default => scene.profiles().is_empty() && !super::profile::is_served(scene),
        _ => !chosen.profile.exists(),
    };
    if is_missed { Severity::Broken } else { Severity::Note }
}

fn is_gone(scene: &Scene, kind: FileKind, variable: &str) -> bool {
    let is_named = scene.host.vars.get(variable).is_some();
    let is_refused = scene.broken.iter().any(|broken| broken.kind == kind);
    is_named && !is_refused && !scene.file(kind).path.exists()
}

/// Whether nothing can be said of the profiles, since nobody knows what the file says.
pub(super) fn config_out_of_reach(scene: &Scene) -> bool {
    let is_unread = |broken: &Broken| broken.kind == FileKind::Config && broken.syntax.is_none();
    let (kind, variable) = VARIABLES[0];
    scene.broken.iter().any(is_unread) || is_gone(scene, kind, variable)
}

pub(super) fn open(scene: &Scene) -> Vec<Finding> {
    if scene.seen.open.is_empty() {
        return Vec::new();
    }
    let shown: Vec<String> =
        scene.seen.open.iter().map(|(path, _)| scene.host.shorten(path)).collect();
    let what = match shown.as_slice() {
        [one] => format!("other users of this machine can read {one}"),
        several => format!(
            "other users of this machine can read {} files, such as {}",
            several.len(),
            several[0]
        ),
    };
    let why = "they hold keys or logins, which work from anywhere";
    let changes = scene
        .seen
        .open
        .iter()
        .map(|(path, mode)| Change::Mode { path: path.clone(), mode: mode & 0o700 });
    vec![Finding::new("file-modes", Severity::Risk, what, why).fix(Mend::safe(changes))]
}

/// What some tools read otherwise than others.
pub(super) fn portable(scene: &Scene) -> Vec<Finding> {
    [FileKind::Config, FileKind::Credentials]
        .into_iter()
        .filter_map(|kind| lint(scene, kind))
        .collect()
}

fn lint(scene: &Scene, kind: FileKind) -> Option<Finding> {
    let file = scene.file(kind);
    let warnings = file.parsed.warnings();
    let first = warnings.first()?;
    let more = match warnings.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let what = format!("{}, line {}: {}{more}", file.shown, first.line, first.kind);
    let why = "the tools read this place differently";
    let origins = warnings.iter().map(|warning| scene.at(kind, warning.line));
    let found = Finding::new("not-portable", Severity::Note, what, why).at(origins);
    Some(found.run("daypass configure lint"))
}
