//! A client of the credentials endpoint: HTTP by hand, so that every mistake can be
//! made on purpose.

use super::PATIENCE;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The access key, of an answer that holds one.
    #[track_caller]
    pub fn key(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["AccessKeyId"].as_str().expect("a key").to_owned()
    }
}

/// The address and the path of `http://ADDRESS/PATH`.
fn split(uri: &str) -> (&str, &str) {
    let rest = uri.strip_prefix("http://").expect("an address");
    let slash = rest.find('/').unwrap_or(rest.len());
    rest.split_at(slash)
}

/// One request on a connection of its own; `None` if nobody listens.
pub fn ask(method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    let (address, path) = split(uri);
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        text += &format!("Host: {address}\r\n");
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    stream.write_all((text + "\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// As an SDK asks.
pub fn credentials(uri: &str, token: &str) -> Option<Answer> {
    ask("GET", uri, &[("Authorization", token)])
}
