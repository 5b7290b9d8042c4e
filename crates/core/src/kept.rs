//! Long-lived access keys in the store, for those who still have them.
//!
//! What is handed out is never the key itself but session credentials that STS made
//! from it: they end by themselves, and a program that leaks them leaks an afternoon.

use crate::audit::KeyChange;
use crate::credentials::RoleCredentials;
use crate::error::{Error, Kind, Result, quoted};
use crate::host::Host;
use crate::resolve::credentials::KeptPlan;
use crate::resolve::sso::shell_word;
use hot::Family;
use serde_json::{Value, json};
use vault::{NEVER, RecordName, Secret, Store as _, Vault};

/// A long-lived access key.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Not a secret.
    pub id: String,
    /// The secret access key.
    pub secret: Secret<String>,
}

impl AccessKey {
    /// Takes a key of an IAM user.
    ///
    /// # Errors
    /// [`Kind::Config`] for temporary credentials, with the reason they can never
    /// work here, and for what is no key.
    pub fn parse(id: &str, secret: Secret<String>, session_token: bool) -> Result<Self> {
        let id = id.trim();
        if session_token || id.starts_with("ASIA") {
            return Err(temporary());
        }
        let plain = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain {
            return Err(Error::new(Kind::Config, "this is not an access key ID")
                .because("one has 20 letters and digits and begins with AKIA"));
        }
        if secret.expose().trim().is_empty() || secret.expose().contains(char::is_control) {
            return Err(Error::new(
                Kind::Config,
                "the secret access key is empty or no plain text",
            ));
        }
        Ok(Self { id: id.to_owned(), secret: Secret::from(secret.expose().trim()) })
    }
}

/// The commonest mistake with aws-vault, and why it can never work.
fn temporary() -> Error {
    Error::new(Kind::Config, "these are temporary credentials, and a store of keys cannot use them")
        .because("AWS makes session credentials from long-lived keys only: it refuses to make them from temporary ones")
        .because("they end by themselves within hours, and would have to be pasted again each time")
        .hint("IAM Identity Center gives you temporary credentials by itself: run `daypass configure sso`")
}

/// Puts a key into the store under a name, in place of an older one.
///
/// # Errors
/// [`Kind::Store`].
pub async fn add(host: &Host, name: &str, key: &AccessKey) -> Result<()> {
    let family = Family::of_keys(name);
    let body = json!({
        "name": name, "accessKeyId": key.id, "secretAccessKey": key.secret.expose(),
    });
    let body = Secret::new(body.to_string().into_bytes());
    let saved = host.store.on_thread(move |vault| {
        // Sessions of the key before it are no longer wanted.
        forget_sessions(vault, &family)?;
        vault.save_until(&family.record("keys"), &body, NEVER)
    });
    saved.await?;
    host.trail.keys(host.now(), KeyChange::Added { name, key_id: &key.id });
    Ok(())
}

/// Removes a key and the sessions made from it; `false` where there was none. What
/// `configure undo` keeps of the same key goes too, and nothing else.
///
/// # Errors
/// [`Kind::Store`].
pub async fn remove(host: &Host, name: &str) -> Result<bool> {
    let family = Family::of_keys(name);
    let removed = host.store.on_thread(move |vault| {
        forget_sessions(vault, &family)?;
        let record = family.record("keys");
        // One that cannot be opened can still be removed.
        let body = vault.load(&record).ok().flatten();
        if let Some(key) = body.and_then(|body| parse(body.expose())) {
            forget_sealed(vault, &key)?;
        }
        vault.remove(&record)
    });
    let there = removed.await?;
    if there {
        host.trail.keys(host.now(), KeyChange::Removed { name });
    }
    Ok(there)
}

/// What was taken out of files in a step of undo that had this key among it.
fn forget_sealed(vault: &Vault, key: &AccessKey) -> Result<(), vault::StoreError> {
    for name in vault.names()?.into_iter().filter(|name| name.as_str().starts_with("undo.")) {
        let body = vault.load(&name).ok().flatten();
        let texts: Option<Vec<String>> =
            body.and_then(|body| serde_json::from_slice(body.expose()).ok());
        let texts = texts.unwrap_or_default().into_iter().map(Secret::new);
        let holds = |text: Secret<String>| text.expose().contains(key.secret.expose().as_str());
        if texts.into_iter().any(holds) {
            vault.remove(&name)?;
        }
    }
    Ok(())
}

fn forget_sessions(vault: &Vault, family: &Family) -> Result<(), vault::StoreError> {
    let owned = |name: &RecordName| name.as_str().starts_with("keyed.") && family.owns(name);
    for name in vault.names()?.into_iter().filter(owned) {
        vault.remove(&name)?;
    }
    Ok(())
}

/// The IDs of the keys in the store, with the names they go by; none where it does not
/// open.
pub fn ids(host: &Host) -> Vec<(String, String)> {
    let names = host.store.names().unwrap_or_default();
    let keys = names.into_iter().filter(|name| name.as_str().starts_with("keys."));
    let id_and_name = |name: RecordName| {
        let body = host.store.load(&name).ok().flatten()?;
        let value: Value = serde_json::from_slice(body.expose()).ok()?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((text("accessKeyId")?, text("name")?))
    };
    keys.filter_map(id_and_name).collect()
}

/// The key that a profile names.
///
/// # Errors
/// [`Kind::Store`] where there is none, or the store does not give it.
pub(crate) async fn load(host: &Host, plan: &KeptPlan) -> Result<AccessKey> {
    let record = Family::of_keys(&plan.keys.value).record("keys");
    let found = host.store.on_thread(move |vault| vault.load(&record)).await?;
    found.and_then(|body| parse(body.expose())).ok_or_else(|| {
        let message = format!("the access key of {} is not in the store", quoted(&plan.keys.value));
        Error::new(Kind::Store, message)
            .because(format!("{} names it", plan.keys.origin))
            .because("a store whose key was lost, as in a restart, is empty")
            .hint(format!(
                "put it there again with `daypass vault add {}`",
                shell_word(&plan.profile)
            ))
    })
}

fn parse(body: &[u8]) -> Option<AccessKey> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Some(AccessKey {
        id: text("accessKeyId")?.to_owned(),
        secret: Secret::from(text("secretAccessKey")?),
    })
}

impl From<AccessKey> for RoleCredentials {
    fn from(key: AccessKey) -> Self {
        Self {
            access_key_id: key.id,
            secret_access_key: key.secret,
            session_token: None,
            expiration: None,
            account_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_keys_are_refused_with_the_reason() {
        for (id, token) in [("ASIAIOSFODNN7EXAMPLE", false), ("AKIAIOSFODNN7EXAMPLE", true)] {
            let error = AccessKey::parse(id, "x".into(), token).unwrap_err();
            assert!(error.message().contains("temporary"), "{error}");
            assert!(error.to_string().contains("long-lived keys only"), "{error}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for (id, secret) in
            [("", "x"), ("AKIA", "x"), ("AKIAIOSFODNN7EXAMPL!", "x"), ("AKIAIOSFODNN7EXAMPLE", " ")]
        {
            let error = AccessKey::parse(id, secret.into(), false).unwrap_err();
            assert!(!error.to_string().contains("IOSFO"), "{error}");
        }
        let key =
            AccessKey::parse(" AKIAIOSFODNN7EXAMPLE\n", " s \n".trim_end().into(), false).unwrap();
        assert_eq!((key.id.as_str(), key.secret.expose().as_str()), ("AKIAIOSFODNN7EXAMPLE", "s"));
    }
}
