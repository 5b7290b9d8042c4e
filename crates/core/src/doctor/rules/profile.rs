//! Which profile is in force, and whether it can work at all.

use super::super::finding::{Finding, Severity, export, unset};
use super::super::mend::{Change, Mend};
use super::super::scene::Scene;
use super::files::config_out_of_reach;
use crate::resolve::profile::closest;
use crate::resolve::sso::shell_word;
use crate::resolve::{Origin, Sourced};
use awsconfig::{FileKind, SectionName};
use std::path::{Path, PathBuf};

/// Somebody names a profile that the files do not have.
pub(super) fn absent(scene: &Scene) -> Vec<Finding> {
    let chosen = scene.chosen();
    let is_there = chosen.profile.exists() || chosen.name.origin == Origin::Default;
    if is_there || config_out_of_reach(scene) {
        return Vec::new();
    }
    let name = &chosen.name.value;
    if let Some(bare) = without_prefix(scene, name) {
        return vec![bare];
    }
    let what = format!("there is no profile `{name}`, which {} names", chosen.name.origin);
    let why = "the AWS CLI, boto3, Go and Rust fail; JavaScript, Java and C++ go on to whatever \
               this machine has to offer";
    let near = closest(name, scene.profiles().into_iter()).or_else(|| only_login(scene));
    let finding = Finding::new("no-such-profile", Severity::Broken, what, why)
        .at([chosen.name.origin.clone()]);
    vec![finding.run(instead(&chosen.name, near))]
}

/// What to say where that name was said.
fn instead(name: &Sourced<String>, near: Option<&str>) -> String {
    let own = || format!("daypass configure sso --profile {}", shell_word(&name.value));
    match (&name.origin, near) {
        (Origin::Variable(variable), Some(near)) => export(variable, near),
        (Origin::Variable(variable), None) => unset(&[variable]),
        (_, Some(near)) => format!("daypass doctor --profile {}", shell_word(near)),
        (_, None) => own(),
    }
}

/// The profile with a login, if there is but one.
fn only_login(scene: &Scene) -> Option<&str> {
    let mut logins = scene.profiles().into_iter().filter(|name| {
        let profile = scene.profile(name);
        profile.sso("sso_account_id").is_some() || profile.sso("sso_role_name").is_some()
    });
    logins.next().filter(|_| logins.next().is_none())
}

/// `[name]` in the config file is no profile.
fn without_prefix(scene: &Scene, name: &str) -> Option<Finding> {
    let section = scene.files.config.parsed.section(&SectionName::Other(name.to_owned()))?;
    let line = section.header_line();
    let what = format!("the config file says [{name}] where it must say [profile {name}]");
    let why = "in the config file only `[default]` stands without `profile`: nearly every tool \
               overlooks the section";
    let change = Change::Line { kind: FileKind::Config, line, text: format!("[profile {name}]") };
    let finding = Finding::new("profile-prefix", Severity::Broken, what, why);
    Some(finding.at([scene.at(FileKind::Config, line)]).fix(Mend::safe([change])))
}

/// Whether variables give credentials without a profile.
pub(super) fn is_served(scene: &Scene) -> bool {
    let names = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ];
    scene.host.vars.first(&names).is_some()
}

/// Nobody names a profile, and `default` is not there.
pub(super) fn none_named(scene: &Scene) -> Vec<Finding> {
    let chosen = scene.chosen();
    let is_there = chosen.name.origin != Origin::Default || chosen.profile.exists();
    if is_there || is_served(scene) || config_out_of_reach(scene) {
        return Vec::new();
    }
    let profiles = scene.profiles();
    let Some(first) = only_login(scene).or_else(|| profiles.first().copied()) else {
        let what = "there is no profile at all";
        let why = "no tool finds credentials here";
        let finding = Finding::new("no-profile", Severity::Broken, what, why);
        return vec![finding.run("daypass configure sso")];
    };
    let what = "no profile is in force";
    let why = format!(
        "tools look for a profile `default`, which is not there; {} there",
        match profiles.len() {
            1 => "one other is".to_owned(),
            count => format!("{count} others are"),
        }
    );
    vec![Finding::new("no-profile", Severity::Risk, what, why).run(export("AWS_PROFILE", first))]
}

/// A `credential_process` whose program is not there.
pub(super) fn process(scene: &Scene) -> Vec<Finding> {
    let finding = |name: &str| {
        let profile = scene.profile(name);
        let command = profile.get("credential_process")?;
        let program = first_word(command.value)?;
        if is_there(scene, &program) {
            return None;
        }
        let severity =
            if scene.chosen().name.value == name { Severity::Broken } else { Severity::Risk };
        let what = format!("profile `{name}` runs {program}, which is not there");
        let why = "the AWS CLI and boto3 say why, JavaScript and C++ do not: they go on without \
                   credentials";
        let found =
            Finding::new("process-missing", severity, what, why).at([command.origin.clone()]);
        let ours = Path::new(&program).file_stem().is_some_and(|stem| stem == "daypass");
        let change = scene.seen.daypass.as_ref().filter(|_| ours).map(|own| Change::Set {
            kind: FileKind::Config,
            section: SectionName::Profile(name.to_owned()),
            key: "credential_process".to_owned(),
            value: command.value.replacen(&program, own, 1),
        });
        Some(match change {
            Some(change) => found.fix(Mend::safe([change])),
            None => found.run(format!("daypass configure sso --profile {}", shell_word(name))),
        })
    };
    scene.profiles().into_iter().filter_map(finding).collect()
}

/// The program of a command line, without its quotes.
fn first_word(command: &str) -> Option<String> {
    let command = command.trim_start();
    match command.strip_prefix('"') {
        Some(rest) => rest.split('"').next().map(str::to_owned),
        None => command.split_whitespace().next().map(str::to_owned),
    }
}

fn is_there(scene: &Scene, program: &str) -> bool {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.exists() || PathBuf::from(format!("{program}.exe")).exists();
    }
    scene
        .seen
        .path
        .iter()
        .any(|dir| dir.join(program).exists() || dir.join(format!("{program}.exe")).exists())
}

/// A role that wants an MFA code, and nobody knows of which device.
pub(super) fn mfa(scene: &Scene) -> Vec<Finding> {
    let chosen = scene.chosen();
    let Some(serial) = chosen.profile.get("mfa_serial") else { return Vec::new() };
    if chosen.profile.get("role_arn").is_none() {
        let what = format!("profile {} has an mfa_serial, which nothing asks for", chosen.shown());
        let why = "tools ask for a code only where a profile assumes a role: with keys alone \
                   the calls go out without MFA, and AWS may deny them";
        return vec![
            Finding::new("mfa-unused", Severity::Risk, what, why).at([serial.origin]).run(format!(
                "daypass vault add {} --from-credentials-file --mfa-serial {}",
                shell_word(&chosen.name.value),
                shell_word(serial.value)
            )),
        ];
    }
    let what = format!("profile {} wants an MFA code each time", chosen.shown());
    let why = "only programs on a terminal can ask: JavaScript, Go, Java and Rust fail, and so \
               does everything in a notebook. daypass asks once, and keeps the session";
    vec![Finding::new("mfa-asked", Severity::Note, what, why).at([serial.origin]).run(format!(
        "daypass configure process {}-by-daypass --profile {}",
        shell_word(&chosen.name.value),
        shell_word(&chosen.name.value)
    ))]
}
