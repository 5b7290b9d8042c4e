//! The machine: its clock, its programs, its home directory.

use super::super::finding::{Finding, Severity, unset};
use super::super::scene::Scene;
use super::super::seen::Program;
use jiff::SignedDuration;

pub(super) fn store_key(scene: &Scene) -> Vec<Finding> {
    let Some((why, cure)) = &scene.seen.key_gone else { return Vec::new() };
    let what = "the key of daypass' store is out of reach";
    let kernel = why.contains("kernel");
    let place = if kernel { "memory-dir" } else { "kernel-keyring" };
    let command = format!("daypass vault use {place} --old-key-is-lost");
    let why = format!(
        "{why}. What is sealed there cannot be opened, so that profiles with a sealed login fail; {cure}"
    );
    vec![Finding::new("store-key", Severity::Broken, what, why).run(command)]
}

pub(super) fn clock(scene: &Scene) -> Vec<Finding> {
    const TOLERATED: SignedDuration = SignedDuration::from_mins(4);
    let Some(skew) = scene.seen.skew.filter(|skew| skew.abs() > TOLERATED) else {
        return Vec::new();
    };
    let direction = if skew.is_positive() { "behind" } else { "ahead" };
    let what = format!("this machine's clock is {} minutes {direction}", skew.abs().as_mins());
    let why = "AWS refuses signatures that are more than five minutes off \
               (SignatureDoesNotMatch, RequestTimeTooSkewed), and logins seem to have ended \
               while they live";
    let command = match () {
        () if cfg!(windows) => "w32tm /resync",
        () if cfg!(target_os = "macos") => "sudo sntp -sS time.apple.com",
        () => "sudo timedatectl set-ntp true",
    };
    vec![Finding::new("clock", Severity::Broken, what, why).run(command)]
}

pub(super) fn programs(scene: &Scene) -> Vec<Finding> {
    scene.seen.programs.iter().filter_map(|program| about(scene, program)).collect()
}

fn about(scene: &Scene, program: &Program) -> Option<Finding> {
    let shown = format!("{} at {}", program.shown(), program.path.display());
    match program.name.as_str() {
        "aws" if program.is_before(&[2]) => Some(first_cli(scene, &shown)),
        "aws" if program.is_before(&[2, 9]) => Some(old(
            "aws-cli-old",
            Severity::Risk,
            format!("the AWS CLI is version {shown}"),
            "sso-sessions are read since 2.9: it does not see the login of such a profile",
            "daypass vault on --policy process",
        )),
        name if name != "aws" && program.is_before(&[3, 12]) => Some(old_gdal(program, &shown)),
        _ => None,
    }
}

/// No command of ours makes it another version, and whoever does not use it misses nothing.
fn first_cli(scene: &Scene, shown: &str) -> Finding {
    let what = format!("the AWS CLI is version {shown}");
    let why = "version 1 knows no `aws sso login` and reads no sso-session; `daypass` in place of \
               `aws` does, and so does the AWS CLI 2";
    let severity = match scene.seen.asked.contains(&"aws-cli") {
        true => Severity::Risk,
        false => Severity::Note,
    };
    Finding::new("aws-cli-1", severity, what, why)
}

fn old(id: &'static str, severity: Severity, what: String, why: &str, command: &str) -> Finding {
    Finding::new(id, severity, what, why).run(command)
}

fn old_gdal(program: &Program, shown: &str) -> Finding {
    let what = format!("GDAL ({}) is version {shown}", program.name);
    let why = match program.is_before(&[3, 10]) {
        true => {
            "it knows neither sso-sessions nor credential_process: give it credentials by \
                 an endpoint (3.8 and later) or in variables"
        }
        false => {
            "it looks for the login of an sso-session in the wrong file, and knows no \
                  credential_process; both are mended in 3.12. Give it an endpoint"
        }
    };
    let command = match program.is_before(&[3, 8]) {
        true => "daypass exec --env -- $SHELL",
        false => "daypass exec --server -- $SHELL",
    };
    old("old-gdal", Severity::Note, what, why, command)
}

pub(super) fn network_home(scene: &Scene) -> Vec<Finding> {
    let Some(kind) = &scene.seen.network_home else { return Vec::new() };
    let what = format!("the home directory is on another machine ({kind})");
    let why = "locks may not hold between machines, so that two of them renew one login at once; \
               logins and keys are in the backups of that machine. daypass keeps a lock on this \
               machine, and can keep the login sealed";
    vec![Finding::new("network-home", Severity::Note, what, why).run("daypass vault on")]
}

/// Honesty: this tool is not needed everywhere.
pub(super) fn hub_is_enough(scene: &Scene) -> Vec<Finding> {
    let Some(bucket) = &scene.seen.hub_reads else { return Vec::new() };
    let what = format!("on this hub you may not need a login: its own role can read s3://{bucket}");
    let why = "programs without a profile get that role by themselves, and it is renewed for them";
    vec![
        Finding::new("hub-is-enough", Severity::Note, what, why)
            .run(unset(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])),
    ]
}
