//! The two files themselves.

use super::super::finding::{Finding, Severity};
use super::super::mend::{Change, Mend};
use super::super::repair;
use super::super::scene::{Broken, Scene};
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
