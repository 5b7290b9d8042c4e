//! Our client registration, kept in the file the AWS CLI keeps its own in.

use crate::files;
use crate::names::SessionName;
use crate::pyjson;
use crate::resolve::SessionPlan;
use crate::token::cache::sha1_hex;
use crate::token::{ClientRegistration, format_time, parse_time};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use vault::Secret;

/// Registered without a port; RFC 8252 has servers ignore the port of loopback
/// addresses. The literal address, since `localhost` may mean ::1.
pub const REDIRECT_URI: &str = "http://127.0.0.1/oauth/callback";

/// The path of [`REDIRECT_URI`].
pub const CALLBACK_PATH: &str = "/oauth/callback";

/// How the person will sign in; a registration serves one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Authorization code with PKCE.
    Code,
    /// Device code.
    Device,
}

/// A registration this close to its end is not begun with.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// The registration's file: SHA-1 of what botocore hashes for the same session.
pub fn path(dir: &Path, plan: &SessionPlan) -> PathBuf {
    let key = json!({
        "region": plan.region.value.as_str(),
        "scopes": plan.scopes,
        "session_name": plan.name.as_ref().map(SessionName::as_str),
        "startUrl": plan.start_url.value.raw(),
        "tool": "botocore",
    });
    dir.join(format!("{}.json", sha1_hex(&pyjson::dumps(&key))))
}

/// A registration that can be used for `flow`; `None` if there is none, it is of
/// the other flow, or it ends soon.
pub fn load(path: &Path, flow: Flow, now: Timestamp) -> Option<ClientRegistration> {
    parse(&files::read_small(path).ok()??.bytes, flow, now)
}

/// As [`load`], of the file's text.
pub(crate) fn parse(text: &[u8], flow: Flow, now: Timestamp) -> Option<ClientRegistration> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let grants = value.get("grantTypes").and_then(Value::as_array);
    let for_code =
        grants.is_some_and(|list| list.iter().any(|grant| grant == "authorization_code"));
    let expires_at = text("expiresAt").and_then(parse_time)?;
    let fits = for_code == (flow == Flow::Code) && expires_at.duration_since(now) >= MARGIN;
    fits.then_some(())?;
    Some(ClientRegistration {
        client_id: text("clientId")?.to_owned(),
        client_secret: Secret::from(text("clientSecret")?),
        expires_at: Some(expires_at),
    })
}

/// When the registration in a file's text ends.
pub(crate) fn ends(text: &[u8]) -> Option<Timestamp> {
    let value: Value = serde_json::from_slice(text).ok()?;
    value.get("clientSecret")?;
    value.get("expiresAt").and_then(Value::as_str).and_then(parse_time)
}

/// The registration with the AWS CLI's keys, and when it ends; `None` for one whose
/// end is unknown.
pub(crate) fn to_json(
    registration: &ClientRegistration,
    flow: Flow,
    scopes: &[String],
) -> Option<(Timestamp, Secret<String>)> {
    let end = registration.expires_at?;
    let mut value = json!({
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret.expose(),
        "expiresAt": format_time(end),
    });
    if !scopes.is_empty() {
        value["scopes"] = json!(scopes);
    }
    if flow == Flow::Code {
        value["grantTypes"] = json!(["authorization_code", "refresh_token"]);
    }
    Some((end, Secret::new(pyjson::dumps(&value))))
}

/// Forgets a registration the service no longer knows.
pub fn forget(path: &Path) {
    if let Err(error) = files::remove(path) {
        tracing::debug!(%error, "cannot remove the client registration");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Region;
    use crate::resolve::{Origin, Sourced};
    use crate::start_url::StartUrl;

    fn plan(scopes: Option<&str>) -> SessionPlan {
        SessionPlan {
            name: Some(SessionName::parse("disasters").unwrap()),
            start_url: Sourced::new(
                StartUrl::parse("https://d-9067c5bbc5.awsapps.com/start/#").unwrap(),
                Origin::Default,
            ),
            region: Sourced::new(Region::parse("us-east-1").unwrap(), Origin::Default),
            scopes: scopes.map(crate::resolve::sso::split_scopes),
            keeping: crate::resolve::sso::Keeping::Shared,
            profile: None,
        }
    }

    #[test]
    fn the_file_is_the_aws_cli_s() {
        let dir = Path::new("/c");
        let name = "850432b7d2a581ebecb58a3fd538a9dbaf342f2f.json";
        assert_eq!(path(dir, &plan(Some("sso:account:access"))), dir.join(name));
    }

    #[test]
    fn a_registration_serves_its_own_flow_until_a_quarter_hour_before_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("r.json");
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let registration = ClientRegistration {
            client_id: "id".into(),
            client_secret: "secret".into(),
            expires_at: Some("2026-11-23T01:00:00Z".parse().unwrap()),
        };
        let save = |flow, scopes: &[String]| {
            let (_, text) = to_json(&registration, flow, scopes).unwrap();
            vault::write_private(&file, text.expose().as_bytes()).unwrap();
        };
        save(Flow::Code, &["sso:account:access".into()]);
        assert!(load(&file, Flow::Code, now).is_some());
        assert!(load(&file, Flow::Device, now).is_none());
        assert!(load(&file, Flow::Code, now + SignedDuration::from_mins(46)).is_none());
        save(Flow::Device, &[]);
        assert!(load(&file, Flow::Code, now).is_none());
        assert!(load(&file, Flow::Device, now).is_some());
        forget(&file);
        assert!(load(&file, Flow::Device, now).is_none());
    }
}
