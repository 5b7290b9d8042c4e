//! Logging out: at the portal, and on this machine whatever the portal says.

use crate::aws::Aws;
use crate::files::{self, Files};
use crate::host::Host;
use crate::names::Region;
use crate::resolve::{Profile, SessionPlan};
use crate::start_url::StartUrl;
use crate::token::cache::{self, CachedToken, sha1_hex};
use crate::token::parse_time;
use crate::token::refresh::lock_name;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a log-out did, and what it could not do.
#[derive(Clone, Debug, Default)]
pub struct LoggedOut {
    /// Tokens removed from this machine.
    pub tokens: usize,
    /// Why the portal could not be told, by the region of each token it was not
    /// told about: those live on there until they expire.
    pub unrevoked: Vec<String>,
    /// Files that could not be removed, and why.
    pub left: Vec<String>,
    /// When the last of the AWS CLI's role credentials that were removed here
    /// ends: services accept copies of them until then.
    pub roles_live_until: Option<Timestamp>,
}

/// Ends every session in the shared cache, other tools' too, as the AWS CLI does.
pub async fn all(host: &Host, aws: &Aws) -> LoggedOut {
    let mut done = LoggedOut::default();
    for token in cache::list(&host.sso_cache()) {
        end(host, aws, &token, &mut done).await;
    }
    for path in files::json_files(&host.cli_cache()) {
        remove_role(&path, &mut done);
    }
    done
}

/// Ends one session; others stay.
pub async fn one(host: &Host, aws: &Aws, files: &Files, plan: &SessionPlan) -> LoggedOut {
    let mut done = LoggedOut::default();
    let paths = plan.token_key().paths(&host.sso_cache());
    for token in cache::list(&host.sso_cache()).iter().filter(|token| paths.contains(&token.path)) {
        end(host, aws, token, &mut done).await;
    }
    for path in role_files(host, files, plan) {
        remove_role(&path, &mut done);
    }
    done
}

async fn end(host: &Host, aws: &Aws, listed: &CachedToken, done: &mut LoggedOut) {
    // A refresh under way would put the token back; what it wrote is what lives.
    let _lock = host.locks.acquire(&lock_name(&listed.path), Duration::from_secs(20)).ok();
    let newer = cache::cached_token(listed.path.clone());
    let token = newer.as_ref().unwrap_or(listed);
    if let Some(region) = token.region.as_deref().and_then(|text| Region::parse(text).ok())
        && let Err(fault) = aws.portal_logout(&region, &token.access_token).await
        && !is_gone(fault.code(), fault.answer().map(|answer| answer.status))
    {
        done.unrevoked.push(format!("{region}: {}", fault.into_error(host.now())));
    }
    match files::remove(&token.path) {
        Ok(()) => done.tokens += 1,
        Err(error) => done.left.push(format!("{}: {error}", host.shorten(&token.path))),
    }
}

/// A token the portal no longer accepts needs no revoking.
fn is_gone(code: Option<&str>, status: Option<u16>) -> bool {
    status == Some(401) || code == Some("UnauthorizedException")
}

/// Removes role credentials that the AWS CLI got from Identity Center.
fn remove_role(path: &Path, done: &mut LoggedOut) {
    let read = files::read_small(path).ok().flatten();
    let value: Value =
        read.and_then(|file| serde_json::from_slice(&file.bytes).ok()).unwrap_or_default();
    if value.get("ProviderType").and_then(Value::as_str) != Some("sso") {
        return;
    }
    let ends =
        value.pointer("/Credentials/Expiration").and_then(Value::as_str).and_then(parse_time);
    match files::remove(path) {
        Ok(()) => done.roles_live_until = done.roles_live_until.max(ends),
        Err(error) => done.left.push(format!("{}: {error}", path.display())),
    }
}

/// The AWS CLI's files for every role that a profile of this login names.
fn role_files(host: &Host, files: &Files, plan: &SessionPlan) -> Vec<PathBuf> {
    let profiles = files.config.parsed.profiles();
    let names = profiles.filter_map(|name| role_file(&Profile::named(files, name), plan));
    names.map(|hash| host.cli_cache().join(format!("{hash}.json"))).collect()
}

fn role_file(profile: &Profile<'_>, plan: &SessionPlan) -> Option<String> {
    let get = |key| profile.get(key).map(|found| found.value);
    let (account, role) = (get("sso_account_id")?, get("sso_role_name")?);
    let key = match (&plan.name, get("sso_session")) {
        (Some(name), Some(session)) if session == name.as_str() => {
            json!({"accountId": account, "roleName": role, "sessionName": session})
        }
        (None, None) => {
            let url = get("sso_start_url")?;
            // Any spelling of it: the AWS CLI hashes the profile's own.
            let same = StartUrl::parse(url).is_ok_and(|parsed| parsed == plan.start_url.value);
            same.then(|| json!({"accountId": account, "roleName": role, "startUrl": url}))?
        }
        _ => return None,
    };
    Some(sha1_hex(&key.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_files_are_named_as_the_aws_cli_names_them() {
        let key = json!({"accountId": "867530900000", "roleName": "Project-Power-User", "sessionName": "disasters"});
        assert_eq!(sha1_hex(&key.to_string()), "1eb151091ab40dd47436e63b301afbeaffb39906");
    }
}
