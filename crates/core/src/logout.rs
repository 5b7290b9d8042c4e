//! Logging out: at the portal, and on this machine whatever the portal says.

use crate::aws::Aws;
use crate::aws::oidc::Grant;
use crate::clocks::{self, Record};
use crate::directory;
use crate::error::Error;
use crate::files::{self, Files};
use crate::host::Host;
use crate::lock;
use crate::names::Region;
use crate::provide::{self, family};
use crate::resolve::{Profile, SessionPlan};
use crate::start_url::StartUrl;
use crate::token::cache::{self, CachedToken, sha1_hex};
use crate::token::{parse_time, shelf};
use hot::Family;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{RecordName, Secret, Store as _, StoreError, Vault};

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

/// The services, or why they cannot be reached at all. What is on this machine is
/// removed either way.
pub type Services<'a> = Result<&'a Aws, &'a Error>;

/// A token that is to be ended, wherever it lies.
struct Doomed {
    token: CachedToken,
    /// Its record, if it is in the store.
    record: Option<RecordName>,
}

/// Ends every session in the shared cache, other tools' too, as the AWS CLI does, and
/// every one in the store.
pub async fn all(host: &Host, services: Services<'_>) -> LoggedOut {
    let mut done = LoggedOut::default();
    let mut doomed = sealed(host, None, &mut done).await;
    doomed.extend(shared(host, |_| true));
    for path in files::json_files(&host.cli_cache()) {
        remove_role(&path, &mut done);
    }
    forget_roles(host, None, &mut done).await;
    forget_directory(host, None, &mut done);
    end(host, services, doomed, &mut done).await;
    // Somebody may have had the answer of the portal already, and kept it meanwhile.
    forget_roles(host, None, &mut done).await;
    // What the portal was not told of goes on there, and a login would inherit it.
    if done.unrevoked.is_empty() {
        clocks::note_all_logged_out(host);
    }
    forget_directory(host, None, &mut done);
    host.trail.logged_out(host.now(), None);
    done
}

/// Ends one session; others stay.
pub async fn one(
    host: &Host,
    services: Services<'_>,
    files: &Files,
    plan: &SessionPlan,
) -> LoggedOut {
    let mut done = LoggedOut::default();
    let paths = plan.token_key().paths(&host.sso_cache());
    let family = family(plan);
    let mut doomed = sealed(host, Some(&family), &mut done).await;
    doomed.extend(shared(host, |token| paths.contains(&token.path)));
    for path in role_files(host, files, plan) {
        remove_role(&path, &mut done);
    }
    forget_roles(host, Some(family.clone()), &mut done).await;
    forget_directory(host, Some(plan), &mut done);
    end(host, services, doomed, &mut done).await;
    forget_roles(host, Some(family), &mut done).await;
    if done.unrevoked.is_empty() {
        clocks::note(host, plan, Record::logged_out);
    }
    forget_directory(host, Some(plan), &mut done);
    host.trail.logged_out(host.now(), Some(plan));
    done
}

fn shared(host: &Host, wanted: impl Fn(&CachedToken) -> bool) -> Vec<Doomed> {
    let listed = cache::list(&host.sso_cache()).into_iter().filter(wanted);
    listed.map(|token| Doomed { token, record: None }).collect()
}

/// The tokens in the store. One that does not open stays, and is said to.
async fn sealed(host: &Host, family: Option<&Family>, done: &mut LoggedOut) -> Vec<Doomed> {
    let (dir, family) = (host.sso_cache(), family.cloned());
    let listed = host.store.on_thread(move |vault| {
        let mut doomed = Vec::new();
        for record in vault.names()?.into_iter().filter(shelf::is_token) {
            if family.as_ref().is_some_and(|family| !family.owns(&record)) {
                continue;
            }
            if let Some(token) = in_record(vault, &record, &dir)? {
                doomed.push(Doomed { token, record: Some(record) });
            }
        }
        Ok(doomed)
    });
    listed.await.unwrap_or_else(|error| {
        done.left.push(format!("the tokens in the store: {error}"));
        Vec::new()
    })
}

fn in_record(
    vault: &Vault,
    record: &RecordName,
    dir: &Path,
) -> Result<Option<CachedToken>, StoreError> {
    let found = shelf::load_record(vault, record)?;
    Ok(found.map(|(token, file)| CachedToken {
        path: dir.join(file),
        access_token: token.access_token,
        region: Some(token.region).filter(|region| !region.is_empty()),
        renewal: token.registration.zip(token.refresh_token),
    }))
}

async fn forget_roles(host: &Host, family: Option<Family>, done: &mut LoggedOut) {
    let forgotten = host.store.on_thread(move |vault| provide::forget(vault, family.as_ref()));
    match forgotten.await {
        Ok(ends) => done.roles_live_until = done.roles_live_until.max(ends),
        Err(error) => done.left.push(format!("the role credentials in the store: {error}")),
    }
}

/// Which accounts somebody reaches is nobody's business after the log-out.
fn forget_directory(host: &Host, plan: Option<&SessionPlan>, done: &mut LoggedOut) {
    done.left.extend(directory::forget(host, plan).err());
}

/// First this machine, then the portal: whoever loses patience with a network
/// that does not answer has logged out here at least.
async fn end(host: &Host, services: Services<'_>, listed: Vec<Doomed>, done: &mut LoggedOut) {
    vault::sweep_staged(&host.sso_cache(), Duration::from_secs(60));
    let mut removed = Vec::new();
    for doomed in listed {
        removed.push(remove_token(host, doomed, done).await);
    }
    let aws = match services {
        Ok(aws) => aws,
        Err(error) => {
            done.unrevoked.extend(removed.iter().map(|_| error.to_string()));
            return;
        }
    };
    // A mirror's token is that of the store once more, without what renews it: of two
    // alike the one that can be renewed is told about, or its refresh token would live on.
    removed.sort_by_key(|token| token.renewal.is_none());
    let mut told: Vec<&Secret<String>> = Vec::new();
    let mut revoking = tokio::task::JoinSet::new();
    for token in &removed {
        if told.contains(&&token.access_token) {
            continue;
        }
        told.push(&token.access_token);
        let token = token.clone();
        let aws = aws.clone();
        revoking.spawn(async move { revoke_in_time(&aws, &token).await });
    }
    while let Some(revoked) = revoking.join_next().await {
        if let Ok(Err(why)) = revoked {
            done.unrevoked.push(why);
        }
    }
}

/// Removes a token; gives back what it was at the end, since a refresh under way may
/// have replaced it.
async fn remove_token(host: &Host, doomed: Doomed, done: &mut LoggedOut) -> CachedToken {
    let Doomed { token, record } = doomed;
    let _lock = lock::token(host, &token.path, Duration::from_secs(20)).await.ok();
    let (token, removed) = match record {
        None => {
            let token = cache::cached_token(token.path.clone()).unwrap_or(token);
            let removed = files::remove(&token.path);
            (token, removed.map_err(|error| error.to_string()))
        }
        Some(record) => {
            let last = in_record(&host.store, &record, &host.sso_cache()).ok().flatten();
            let removed = host.store.remove(&record).map(drop);
            (last.unwrap_or(token), removed.map_err(|error| error.to_string()))
        }
    };
    match removed {
        Ok(()) => done.tokens += 1,
        Err(why) => done.left.push(format!("{}: {why}", host.shorten(&token.path))),
    }
    token
}

async fn revoke_in_time(aws: &Aws, token: &CachedToken) -> Result<(), String> {
    const PATIENCE: Duration = Duration::from_secs(10);
    match tokio::time::timeout(PATIENCE, revoke(aws, token)).await {
        Ok(outcome) => outcome,
        Err(_) => Err("the portal does not answer".to_owned()),
    }
}

/// Ends the session at the portal. It takes a living access token to do so: one
/// that has ended is refreshed for the purpose, or the refresh token would live on.
async fn revoke(aws: &Aws, token: &CachedToken) -> Result<(), String> {
    let now = || aws.clock().now();
    let Some(region) = token.region.as_deref().and_then(|text| Region::parse(text).ok()) else {
        return Err(format!("{} does not say which region it is of", token.path.display()));
    };
    let fault = match aws.portal_logout(&region, &token.access_token).await {
        Ok(()) => return Ok(()),
        Err(fault) => fault,
    };
    if !fault.is_refusal() {
        return Err(format!("{region}: {}", fault.into_error(now())));
    }
    let Some((registration, refresh_token)) = &token.renewal else { return Ok(()) };
    let grant = Grant::RefreshToken(refresh_token.clone());
    match aws.create_token(&region, registration, &grant).await {
        Ok(tokens) => {
            let ended = aws.portal_logout(&region, &tokens.access_token).await;
            ended.map_err(|fault| format!("{region}: {}", fault.into_error(now())))
        }
        // A session that cannot be refreshed has ended.
        Err(fault) if !fault.is_passing() => Ok(()),
        Err(fault) => Err(format!("{region}: {}", fault.into_error(now()))),
    }
}

/// Removes role credentials that the AWS CLI got from Identity Center.
pub(crate) fn remove_role(path: &Path, done: &mut LoggedOut) {
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

/// The AWS CLI's file of a profile's role, by its name without the ending.
pub(crate) fn role_file_of(profile: &Profile<'_>) -> Option<String> {
    let get = |key| profile.sso(key).map(|found| found.value);
    let (account, role) = (get("sso_account_id")?, get("sso_role_name")?);
    let key = match get("sso_session") {
        Some(name) => json!({"accountId": account, "roleName": role, "sessionName": name}),
        None => json!({"accountId": account, "roleName": role, "startUrl": get("sso_start_url")?}),
    };
    Some(sha1_hex(&key.to_string()))
}

fn role_file(profile: &Profile<'_>, plan: &SessionPlan) -> Option<String> {
    let get = |key| profile.sso(key).map(|found| found.value);
    let fits = match (&plan.name, get("sso_session")) {
        (Some(name), Some(session)) => session == name.as_str(),
        // Any spelling of it: the AWS CLI hashes the profile's own.
        (None, None) => StartUrl::parse(get("sso_start_url")?)
            .is_ok_and(|parsed| parsed == plan.start_url.value),
        _ => false,
    };
    fits.then(|| role_file_of(profile))?
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
