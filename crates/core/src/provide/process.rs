//! `credential_process`: credentials that another program prints.

use crate::credentials::RoleCredentials;
use crate::error::{Error, Kind, Result, quoted};
use crate::host::Host;
use crate::resolve::credentials::ProcessPlan;
use crate::token::{format_time, parse_time};
use serde_json::Value;
use std::process::{Command, Stdio};
use vault::Secret;

/// The variable by which the AWS CLI notices that a process asks for its own
/// profile; we pass it on and obey it, so that a mixed loop ends too.
pub const CHAIN: &str = "_AWS_CLI_PROFILE_CHAIN";

/// A profile whose `credential_process` asks daypass for the same profile would
/// never end.
///
/// # Errors
/// [`Kind::Config`], showing the way round.
pub fn refuse_circle(host: &Host, profile: &str) -> Result<()> {
    let seen = waiting(host);
    if seen.contains(&profile) {
        let path = [seen.as_slice(), &[profile]].concat().join(" -> ");
        return Err(Error::new(
            Kind::Config,
            format!(
                "Credential process resolution detected an infinite loop, profile cycle: {path}"
            ),
        )
        .hint("give the inner command the profile that holds the real credentials"));
    }
    Ok(())
}

/// The profiles whose processes wait for this one.
fn waiting(host: &Host) -> Vec<&str> {
    let chain = host.vars.get(CHAIN).unwrap_or_default();
    chain.split(',').filter(|name| !name.is_empty()).collect()
}

/// Runs the command without a shell, as botocore does, and reads its answer.
pub(super) fn run(host: &Host, plan: &ProcessPlan) -> Result<RoleCredentials> {
    let failed = |why: String| {
        let message = format!("Error when retrieving credentials from custom-process: {why}");
        Error::new(Kind::Profile, message)
            .because(format!("credential_process comes from {}", plan.command.origin))
    };
    let chain = chain(host, &plan.profile)?;
    let words = shlex::split(&plan.command.value).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("the command line cannot be split into words".to_owned()));
    };
    let output = Command::new(program)
        .args(arguments)
        .env(CHAIN, chain)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(format!("cannot run {}: {error}", quoted(program))))?;
    if !output.status.success() {
        return Err(failed(first_lines(&output.stderr)));
    }
    let stdout = Secret::new(output.stdout);
    let keys = parse(stdout.expose())
        .ok_or_else(|| failed("its output is not the JSON of credentials, version 1".to_owned()))?;
    match keys.expiration {
        Some(end) if end <= host.now() => {
            Err(failed(format!("its credentials ended at {}", format_time(end))))
        }
        _ => Ok(keys),
    }
}

/// The profiles that wait for one another, this one last.
fn chain(host: &Host, profile: &str) -> Result<String> {
    const DEEPEST: usize = 4;
    let seen = waiting(host);
    let path = seen.iter().chain([&profile]).copied().collect::<Vec<_>>();
    if seen.contains(&profile) {
        return Err(Error::new(
            Kind::Config,
            "Credential process resolution detected an infinite loop, profile cycle",
        )
        .because(path.join(" -> ")));
    }
    if seen.len() >= DEEPEST {
        return Err(Error::new(
            Kind::Config,
            "Maximum recursive credential process resolution reached (4).",
        )
        .because(path.join(" -> ")));
    }
    Ok(path.join(","))
}

fn first_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(5)
        .map(|line| line.chars().filter(|c| !c.is_control()).collect())
        .collect();
    if lines.is_empty() { "the command failed without a word".to_owned() } else { lines.join("; ") }
}

pub(super) fn parse(stdout: &[u8]) -> Option<RoleCredentials> {
    let value: Value = serde_json::from_slice(stdout).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    (value.get("Version")? == 1).then_some(())?;
    // An end that cannot be read must not become "never".
    let expiration = match value.get("Expiration") {
        None | Some(Value::Null) => None,
        Some(end) => Some(parse_time(end.as_str()?)?),
    };
    Some(RoleCredentials {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: Secret::new(text("SecretAccessKey")?),
        session_token: text("SessionToken").map(Secret::new),
        expiration,
        account_id: text("AccountId"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_is_a_number() {
        assert!(parse(br#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S"}"#).is_some());
        assert!(
            parse(br#"{"Version": "1", "AccessKeyId": "A", "SecretAccessKey": "S"}"#).is_none()
        );
        assert!(parse(br#"{"Version": 1, "AccessKeyId": "A"}"#).is_none());
        assert!(parse(b"").is_none());
    }
}
