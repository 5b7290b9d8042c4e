//! Who is answered, and what.

use super::imds::Imds;
use super::reply::{self, Reply};
use super::shelf::Shelf;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use vault::Secret;

/// One path for each profile below it.
const PROFILES: &str = "/creds/";
/// The path of the EKS Pod Identity agent: the first profile.
const POD_IDENTITY: &str = "/v1/credentials";
/// What needs no escaping in a path.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a profile.
pub fn path_of(profile: &str) -> String {
    format!("{PROFILES}{}", utf8_percent_encode(profile, &ESCAPED))
}

/// What the server needs to answer.
pub struct Desk {
    pub shelf: Arc<Shelf>,
    pub token: Secret<String>,
    pub imds: Option<Imds>,
}

impl Desk {
    /// Answers one request, whose body is empty, from a connection between two
    /// addresses: the caller's and ours.
    pub async fn answer(&self, ask: &Parts, between: (SocketAddr, SocketAddr)) -> Reply {
        if let Some(refusal) = stranger(&ask.headers, &ask.uri) {
            return refusal;
        }
        if let Some(imds) = &self.imds
            && Imds::owns(ask.uri.path())
        {
            return imds.answer(&self.shelf, ask, between).await;
        }
        self.credentials(ask).await
    }

    async fn credentials(&self, ask: &Parts) -> Reply {
        // Before the path: whoever has no token learns no profile's name.
        if !self.is_bearer(&ask.headers) {
            let message = "the header Authorization is missing or not this server's token: \
                           take AWS_CONTAINER_AUTHORIZATION_TOKEN or its _FILE as daypass set them";
            return reply::refusal(StatusCode::UNAUTHORIZED, "InvalidToken", message);
        }
        if ask.method != Method::GET {
            return only_get();
        }
        let profile = match profile_of(ask.uri.path(), self.shelf.first()) {
            Some(Ok(profile)) => profile,
            None => return unknown(),
            Some(Err(_)) => {
                let message = "the profile's name in the path is not UTF-8 text";
                return reply::refusal(StatusCode::BAD_REQUEST, "BadRequest", message);
            }
        };
        match self.shelf.take(&profile).await {
            Some(Ok(held)) => reply::credentials(&held, self.shelf.now()),
            Some(Err(error)) => reply::failure(&error),
            None => unknown(),
        }
    }

    fn is_bearer(&self, headers: &HeaderMap) -> bool {
        only(headers, header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| Secret::from(value) == self.token)
    }
}

/// The header's value if it is there exactly once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Refuses what a web page can make a browser send: a request under the page's own
/// host name (DNS rebinding), or one with the marks that browsers add.
fn stranger(headers: &HeaderMap, uri: &Uri) -> Option<Reply> {
    let refuse = |message| Some(reply::refusal(StatusCode::FORBIDDEN, "Forbidden", message));
    if uri.authority().is_some() || uri.path() == "*" {
        let message = "this is no proxy: take 127.0.0.1 out of the proxy's reach (NO_PROXY)";
        return Some(reply::refusal(StatusCode::BAD_REQUEST, "BadRequest", message));
    }
    let host = only(headers, header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_this_machine) {
        return refuse("the header Host does not name this machine: use 127.0.0.1");
    }
    let marks = ["origin", "sec-fetch-site", "sec-fetch-mode"];
    if marks.iter().any(|mark| headers.contains_key(*mark)) {
        return refuse("web pages are not served");
    }
    None
}

/// `localhost` or a literal loopback address, with or without a port. Any port:
/// a forwarder in a container may have another than we.
fn is_this_machine(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    let v6 = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || v6.and_then(|ip| ip.parse::<Ipv6Addr>().ok()).is_some_and(|ip| ip.is_loopback())
}

/// The profile that a path means; `None` for a path of nobody's.
fn profile_of(path: &str, first: &str) -> Option<Result<String, std::str::Utf8Error>> {
    if path == POD_IDENTITY {
        return Some(Ok(first.to_owned()));
    }
    let name = path.strip_prefix(PROFILES)?;
    if name.is_empty() || name.contains('/') {
        return None;
    }
    Some(percent_decode_str(name).decode_utf8().map(std::borrow::Cow::into_owned))
}

fn unknown() -> Reply {
    let message = "this path has no credentials: name the profile with `daypass serve --profiles`";
    reply::refusal(StatusCode::NOT_FOUND, "NotFound", message)
}

/// For every method but the one.
pub fn only_get() -> Reply {
    let message = "only GET is answered here";
    let mut reply = reply::refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
    reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    reply
}

#[cfg(test)]
mod tests {
    use super::super::testing::{body, credentials, runtime, time};
    use super::*;
    use daypass_core::host::Clock;
    use http::Request;

    const TOKEN: &str = "0123456789abcdef";

    fn desk() -> (Desk, Vec<super::super::shelf::Supply>) {
        let others = ["data team/ro".to_owned()];
        let (shelf, supplies) = Shelf::new("dev", &others, Clock::new(|| time(0)));
        for supply in &supplies {
            supply.put(Ok(credentials(Some(3600))), time(0));
        }
        (Desk { shelf, token: Secret::from(TOKEN), imds: None }, supplies)
    }

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let here = SocketAddr::from(([127, 0, 0, 1], 1));
        let (desk, _supplies) = desk();
        runtime().block_on(desk.answer(&parts, (here, here)))
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:4000");
    const BEARER: (&str, &str) = ("authorization", TOKEN);

    #[test]
    fn the_token_opens_each_profile_s_path_and_the_pod_identity_one() {
        for path in ["/creds/dev", "/creds/data%20team%2Fro", "/v1/credentials"] {
            let reply = ask("GET", path, &[HOST, BEARER]);
            assert_eq!(reply.status(), 200, "{path}");
            assert_eq!(reply.headers()["cache-control"], "no-store");
            let json = body(reply);
            assert_eq!(json["AccessKeyId"], "ASIAEXAMPLE");
            assert_eq!(json["SecretAccessKey"], "the-secret");
            assert_eq!(json["Token"], "the-session-token");
            assert_eq!(json["Expiration"], "1970-01-01T01:00:00Z");
            assert_eq!(json["AccountId"], "867530900000");
        }
        assert_eq!(path_of("data team/ro"), "/creds/data%20team%2Fro");
    }

    #[test]
    fn every_other_request_is_refused() {
        let bearer = |value| ("authorization", value);
        for (method, path, headers, status) in [
            ("GET", "/creds/dev", &[HOST][..], 401),
            ("GET", "/creds/dev", &[HOST, bearer("")], 401),
            ("GET", "/creds/dev", &[HOST, bearer("0123456789abcdeF")], 401),
            ("GET", "/creds/dev", &[HOST, bearer("Bearer 0123456789abcdef")], 401),
            ("GET", "/creds/dev", &[HOST, BEARER, BEARER], 401),
            ("GET", "/nowhere", &[HOST], 401),
            ("GET", "/nowhere", &[HOST, BEARER], 404),
            ("GET", "/", &[HOST, BEARER], 404),
            ("GET", "/creds/", &[HOST, BEARER], 404),
            ("GET", "/creds/prod", &[HOST, BEARER], 404),
            ("GET", "/creds/dev/x", &[HOST, BEARER], 404),
            ("GET", "/creds/%FF", &[HOST, BEARER], 400),
            ("GET", "http://127.0.0.1/creds/dev", &[HOST, BEARER], 400),
            ("POST", "/creds/dev", &[HOST, BEARER], 405),
            ("HEAD", "/creds/dev", &[HOST, BEARER], 405),
            ("OPTIONS", "/creds/dev", &[HOST, BEARER], 405),
            ("GET", "/creds/dev", &[BEARER], 403),
            ("GET", "/creds/dev", &[HOST, HOST, BEARER], 403),
            ("GET", "/creds/dev", &[("host", "evil.example:4000"), BEARER], 403),
            ("GET", "/creds/dev", &[HOST, BEARER, ("origin", "null")], 403),
            ("GET", "/creds/dev", &[HOST, BEARER, ("sec-fetch-site", "cross-site")], 403),
            ("GET", "/latest/meta-data/", &[HOST, BEARER], 404),
        ] {
            let reply = ask(method, path, headers);
            assert_eq!(reply.status(), status, "{method} {path} {headers:?}");
            let json = body(reply);
            assert!(json["code"].is_string() && json["message"].is_string(), "{json}");
        }
    }

    #[test]
    fn only_loopback_names_are_this_machine() {
        for ours in [
            "127.0.0.1",
            "127.0.0.1:80",
            "127.1.2.3:1",
            "localhost:9",
            "LOCALHOST",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_this_machine(ours), "{ours}");
        }
        for other in [
            "",
            ":80",
            "0.0.0.0",
            "169.254.169.254",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "127.0.0.1:",
            "127.0.0.1:80:80",
            "127.0.0.1:x",
            "[::2]:80",
            "::1",
            "[::1",
            "user@127.0.0.1",
            "127.1",
            "2130706433",
        ] {
            assert!(!is_this_machine(other), "{other}");
        }
    }
}
