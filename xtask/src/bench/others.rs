//! What daypass is measured beside: the AWS CLI, aws-sso-util, and curl for the wire.

use super::measure::{Job, median};
use super::world::{ACCOUNT, Home, ROLE, START_URL, Sandbox, well};
use crate::peers;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The name of the AWS CLI's row.
pub const AWS_CLI: &str = "the AWS CLI, cached";

/// The same credentials by other programs, which are installed below target/peers. Of
/// those that cannot be had it is said why.
pub fn jobs<'a>(root: &Path, target: &Path, home: &Home) -> Vec<Job<'a>> {
    let found = [
        peers::aws_cli_alone(target, root).map(|aws| {
            let words = ["configure", "export-credentials", "--format", "process"];
            let mut command = home.command(&aws, &words);
            command.args(["--profile", &home.profile]);
            Job::new(AWS_CLI, command)
        }),
        peers::aws_sso_util(target, root).and_then(|program| {
            legacy(home)?;
            let words = ["credential-process", "--profile", LEGACY];
            Ok(Job::new("aws-sso-util, cached", home.command(&program, &words)))
        }),
    ];
    let (ready, missing): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
    for reason in missing.into_iter().filter_map(Result::err) {
        println!("NOT RUN: {reason}");
    }
    let mut jobs: Vec<Job<'a>> = ready.into_iter().flatten().collect();
    // Their first run fetches what the others find in their caches.
    jobs.retain_mut(|job| {
        let first = well(&mut job.command);
        first.as_ref().err().into_iter().for_each(|reason| println!("NOT RUN: {reason}"));
        first.is_ok()
    });
    jobs
}

/// A profile without an sso-session: aws-sso-util knows no other.
const LEGACY: &str = "legacy";

fn legacy(home: &Home) -> Result<(), String> {
    let config = peers::read(&home.path().join(".aws/config"))?;
    let section = format!(
        "\n[profile {LEGACY}]\n\
         sso_start_url = {START_URL}\n\
         sso_region = us-east-1\n\
         sso_account_id = {ACCOUNT}\n\
         sso_role_name = {ROLE}\n"
    );
    home.write(".aws/config", &(config + &section))?;
    home.log_in(LEGACY)
}

/// How long GetRoleCredentials takes on the wire, connection and handshake included:
/// the middle of what curl says of itself.
pub fn wire(sandbox: &Sandbox, home: &Home, rounds: usize) -> Result<Duration, String> {
    let url = format!(
        "{}/federation/credentials?role_name={ROLE}&account_id={ACCOUNT}",
        sandbox.variable("AWS_ENDPOINT_URL_SSO")?
    );
    let token = format!("x-amz-sso_bearer_token: {}", home.access_token()?);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--output", "/dev/null", "--write-out", "%{time_total}"]);
    curl.args(["--cacert", sandbox.variable("AWS_CA_BUNDLE")?, "--header", &token, &url]);
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let said = well(&mut curl).map_err(|_| "curl cannot ask for the role".to_owned())?;
        let seconds = String::from_utf8_lossy(&said.stdout).trim().parse::<f64>();
        let seconds = seconds.map_err(|error| format!("curl's time: {error}"))?;
        times.push(Duration::from_secs_f64(seconds));
    }
    Ok(median(times))
}
