//! The instance metadata service, version 2, for clients that know nothing else.
//!
//! It has no bearer token: whoever can connect can ask. So it is served on request
//! only, to processes of this user.

use super::caller;
use super::desk::only_get;
use super::reply::{self, Reply};
use super::shelf::Shelf;
use daypass_core::{Error, Result};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const ROLES: &str = "meta-data/iam/security-credentials/";
/// As the real one: six hours.
const LONGEST: u32 = 21_600;
/// Session tokens that are good at a time; the oldest gives way.
const SESSIONS: usize = 256;

/// The metadata of an instance whose role is the first profile.
pub struct Imds {
    region: Option<String>,
    sessions: Mutex<BTreeMap<String, Timestamp>>,
}

impl Imds {
    pub fn new(region: Option<String>) -> Self {
        Self { region, sessions: Mutex::default() }
    }

    /// Whether a path is the metadata service's.
    pub fn owns(path: &str) -> bool {
        path.starts_with("/latest/")
    }

    pub async fn answer(
        &self,
        shelf: &Shelf,
        ask: &Parts,
        between: (SocketAddr, SocketAddr),
    ) -> Reply {
        // The real one does the same: a proxy that forwards blindly gets nothing.
        if ask.headers.contains_key("x-forwarded-for") {
            let message = "requests that were forwarded are not served";
            return reply::refusal(StatusCode::FORBIDDEN, "Forbidden", message);
        }
        if !caller::is_ours(between) {
            let message = "the metadata are for processes of the user who runs `daypass serve`";
            return reply::refusal(StatusCode::FORBIDDEN, "Forbidden", message);
        }
        match (&ask.method, ask.uri.path().trim_start_matches("/latest/")) {
            (&Method::PUT, "api/token") => self.begin(&ask.headers, shelf.now()),
            (&Method::GET, path) => self.look_up(shelf, path, &ask.headers).await,
            _ => only_get(),
        }
    }

    /// Begins a session.
    fn begin(&self, headers: &HeaderMap, now: Timestamp) -> Reply {
        let ttl = headers.get(&TTL).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        let Some(ttl) = ttl.filter(|ttl| (1..=LONGEST).contains(ttl)) else {
            let message = "X-aws-ec2-metadata-token-ttl-seconds must be from 1 to 21600";
            return reply::refusal(StatusCode::BAD_REQUEST, "BadRequest", message);
        };
        match self.remember(now, ttl) {
            Ok(token) => {
                let mut reply = reply::text(token);
                reply.headers_mut().insert(TTL, HeaderValue::from(ttl));
                reply
            }
            Err(error) => reply::failure(&error),
        }
    }

    fn remember(&self, now: Timestamp, ttl: u32) -> Result<String> {
        let token = super::random_token()?.expose().clone();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, end| *end > now);
        if sessions.len() >= SESSIONS
            && let Some(oldest) = sessions.iter().min_by_key(|(_, end)| **end)
        {
            let oldest = oldest.0.clone();
            sessions.remove(&oldest);
        }
        sessions.insert(token.clone(), now + SignedDuration::from_secs(ttl.into()));
        Ok(token)
    }

    fn is_session(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let token = headers.get(&TOKEN).and_then(|value| value.to_str().ok());
        token.and_then(|token| sessions.get(token)).is_some_and(|end| *end > now)
    }

    async fn look_up(&self, shelf: &Shelf, path: &str, headers: &HeaderMap) -> Reply {
        if !self.is_session(headers, shelf.now()) {
            let message = "only IMDSv2 is served: get a session token with PUT /latest/api/token";
            return reply::refusal(StatusCode::UNAUTHORIZED, "Unauthorized", message);
        }
        let role = role_name(shelf.first());
        match (path, &self.region) {
            (ROLES, _) => reply::text(role.to_owned()),
            ("meta-data/placement/region", Some(region)) => reply::text(region.clone()),
            // botocore reads the region off a zone's name; which zone says nothing here.
            (
                "meta-data/placement/availability-zone" | "meta-data/placement/availability-zone/",
                Some(region),
            ) => reply::text(format!("{region}a")),
            ("dynamic/instance-identity/document", Some(region)) => {
                reply::json(&json!({"region": region, "version": "2017-09-30"}))
            }
            _ if path.strip_prefix(ROLES) == Some(role) => credentials(shelf).await,
            _ if path.trim_end_matches('/') == ROLES.trim_end_matches('/') => {
                reply::text(role.to_owned())
            }
            _ => {
                let message = "daypass serves credentials and the region, no other metadata";
                reply::refusal(StatusCode::NOT_FOUND, "NotFound", message)
            }
        }
    }
}

async fn credentials(shelf: &Shelf) -> Reply {
    match shelf.take(shelf.first()).await {
        Some(Ok(held)) => reply::credentials(&held, shelf.now()),
        Some(Err(error)) => reply::failure(&error),
        None => reply::failure(&Error::new(daypass_core::Kind::Bug, "there is no profile")),
    }
}

/// The role's name is a part of a path that SDKs put together without escaping.
fn role_name(profile: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+=,".contains(c);
    if !profile.is_empty() && profile.chars().all(plain) { profile } else { "daypass" }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{body, credentials, runtime, time};
    use super::*;
    use daypass_core::host::Clock;
    use http::Request;
    use http_body_util::BodyExt;
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicI64, Ordering};

    static NOW: AtomicI64 = AtomicI64::new(0);

    /// One who asks, over a connection that really is: it must be ours.
    struct Talk(Imds, TcpStream, TcpListener);

    impl Talk {
        fn new() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            Self(Imds::new(Some("us-west-2".to_owned())), stream, listener)
        }

        fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
            let mut request = Request::builder().method(method).uri(path);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            let clock = Clock::new(|| time(NOW.load(Ordering::SeqCst)));
            let (shelf, supplies) = Shelf::new("dev", &[], clock);
            supplies[0].put(Ok(credentials(None)), time(0));
            let between = (self.1.local_addr().unwrap(), self.2.local_addr().unwrap());
            runtime().block_on(self.0.answer(&shelf, &parts, between))
        }

        fn session(&self, ttl: &str) -> String {
            let reply = self.ask("PUT", "/latest/api/token", &[(TTL.as_str(), ttl)]);
            assert_eq!(reply.status(), 200);
            assert_eq!(reply.headers()[&TTL], ttl);
            read(reply)
        }
    }

    fn read(reply: Reply) -> String {
        let bytes = runtime().block_on(reply.into_body().collect()).unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_session_leads_to_the_role_and_its_credentials() {
        let talk = Talk::new();
        let session = talk.session("21600");
        let get = |path: &str| talk.ask("GET", path, &[(TOKEN.as_str(), &session)]);
        assert_eq!(read(get("/latest/meta-data/iam/security-credentials/")), "dev");
        assert_eq!(read(get("/latest/meta-data/iam/security-credentials")), "dev");
        let json = body(get("/latest/meta-data/iam/security-credentials/dev"));
        assert_eq!((&json["Code"], &json["Type"]), (&json!("Success"), &json!("AWS-HMAC")));
        assert_eq!(json["SecretAccessKey"], "the-secret");
        assert_eq!(read(get("/latest/meta-data/placement/region")), "us-west-2");
        assert_eq!(read(get("/latest/meta-data/placement/availability-zone/")), "us-west-2a");
        assert_eq!(body(get("/latest/dynamic/instance-identity/document"))["region"], "us-west-2");
        assert_eq!(get("/latest/meta-data/iam/security-credentials/other").status(), 404);
        assert_eq!(get("/latest/user-data").status(), 404);
    }

    #[test]
    fn version_1_and_odd_requests_are_refused() {
        let talk = Talk::new();
        let roles = "/latest/meta-data/iam/security-credentials/";
        let ttl = "x-aws-ec2-metadata-token-ttl-seconds";
        for (method, path, headers, status) in [
            ("GET", roles, &[][..], 401),
            ("GET", roles, &[("x-aws-ec2-metadata-token", "made-up")], 401),
            ("GET", "/latest/api/token", &[], 401),
            ("PUT", "/latest/api/token", &[], 400),
            ("PUT", "/latest/api/token", &[(ttl, "0")], 400),
            ("PUT", "/latest/api/token", &[(ttl, "21601")], 400),
            ("PUT", "/latest/api/token", &[(ttl, "60"), ("x-forwarded-for", "10.0.0.1")], 403),
            ("PUT", roles, &[(ttl, "60")], 405),
            ("POST", "/latest/api/token", &[(ttl, "60")], 405),
        ] {
            assert_eq!(talk.ask(method, path, headers).status(), status, "{method} {path}");
        }
    }

    #[test]
    fn a_session_ends_and_the_oldest_gives_way() {
        let imds = Imds::new(None);
        let token = imds.remember(time(0), 60).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(TOKEN, HeaderValue::from_str(&token).unwrap());
        assert!(imds.is_session(&headers, time(59)));
        assert!(!imds.is_session(&headers, time(60)));
        for _ in 0..SESSIONS {
            imds.remember(time(1), 3600).unwrap();
        }
        assert!(!imds.is_session(&headers, time(2)));
        assert_eq!(imds.sessions.lock().unwrap().len(), SESSIONS);
    }

    #[test]
    fn a_profile_s_name_that_cannot_stand_in_a_path_is_not_the_role_s() {
        assert_eq!(role_name("disasters-sso"), "disasters-sso");
        assert_eq!(role_name("data team/ro"), "daypass");
    }
}
