//! What the fuzz targets call: everything that reads bytes from outside.

use std::cell::OnceCell;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;

use crate::http::Ask;
use crate::manage;
use crate::options::Options;
use crate::room::Room;
use crate::rooms::Rooms;
use crate::server::Endpoints;
use crate::services::Service;
use crate::world::World;

thread_local! {
    static ROOMS: OnceCell<Rooms> = const { OnceCell::new() };
}

fn with_rooms(work: impl FnOnce(&Rooms)) {
    ROOMS.with(|rooms| work(rooms.get_or_init(rooms_of_the_guide)));
}

fn rooms_of_the_guide() -> Rooms {
    let here = || "http://127.0.0.1:1".to_owned();
    let endpoints =
        Endpoints { sso_oidc: here(), sso: here(), sts: here(), s3: here(), signin: here() };
    Rooms::new(Room::new(World::guide(), Options::default(), endpoints), here())
}

/// A request as it stands on the wire, as far as HTTP's own parser lets it through:
/// `METHOD TARGET`, lines of headers, an empty line, a body.
fn ask(bytes: &[u8]) -> Option<Ask> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let body = bytes.get(end + 2..).unwrap_or_default();
    let mut lines = std::str::from_utf8(&bytes[..end]).ok()?.split('\n');
    let (method, target) = lines.next()?.split_once(' ')?;
    let target: ::http::uri::PathAndQuery = target.parse().ok()?;
    let headers: HeaderMap = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((
                HeaderName::from_bytes(name.as_bytes()).ok()?,
                HeaderValue::from_bytes(value.trim().as_bytes()).ok()?,
            ))
        })
        .collect();
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    Some(Ask::new(method, target.as_str(), headers, Bytes::copy_from_slice(body)))
}

/// A request to every service: an answer comes, whatever was sent.
pub fn request(bytes: &[u8]) {
    let Some(mut ask) = ask(bytes) else { return };
    with_rooms(|rooms| {
        let Some(shared) = rooms.enter(Service::Oidc, &mut ask) else { return };
        for service in [Service::Oidc, Service::Portal, Service::Sts, Service::S3] {
            let operation = service.operation(&ask);
            let answer = service.answer(&mut shared.lock(), &operation, &ask);
            assert!((100..600).contains(&answer.behind("/w/x").status));
        }
    });
}

/// A request to the management, by whoever holds the token.
pub fn management(bytes: &[u8]) {
    let Some(mut ask) = ask(bytes) else { return };
    with_rooms(|rooms| {
        let bearer = format!("Bearer {}", rooms.token());
        ask.headers.insert("host", HeaderValue::from_static("127.0.0.1:1"));
        ask.headers.insert("authorization", bearer.parse().expect("a header's value"));
        let status = manage::answer(rooms, &ask).status;
        assert!((200..500).contains(&status), "{status}");
    });
}

/// A world file: read, or refused with a place.
pub fn world(text: &str) {
    if let Err(error) = World::from_toml(text, "w.toml") {
        assert!(error.place.starts_with("w.toml"), "{error}");
    }
}

/// A cookie header: what is found was there.
pub fn cookies(text: &str) {
    let Ok(value) = HeaderValue::from_str(text) else { return };
    let headers = HeaderMap::from_iter([(::http::header::COOKIE, value)]);
    let ask = Ask::new(Method::GET, "/", headers, Bytes::new());
    for name in ["daypass-sandbox", "a", ""] {
        let found = ask.cookie(name).map(|found| format!("{name}={found}"));
        assert!(found.is_none_or(|found| text.contains(&found)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entrances_lead_inside() {
        let text = b"GET /assignment/accounts?max_result=1\nx-amz-sso_bearer_token: x\n\n";
        let ask = ask(text).expect("a request");
        assert_eq!(Service::Portal.operation(&ask), "ListAccounts");
        assert_eq!(ask.header("x-amz-sso_bearer_token"), Some("x"));
        request(text);
        management(b"POST /clock/advance\ncontent-type: application/json\n\n{\"seconds\":1}");
        with_rooms(|rooms| {
            assert_eq!(rooms.main().lock().clock.advanced().as_secs(), 1);
        });
        world("[organization]\n");
        cookies("a=b; daypass-sandbox=c");
    }
}
