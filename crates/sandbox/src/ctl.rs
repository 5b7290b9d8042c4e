//! A client of the management, for other processes than the sandbox's own.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than the longest journal page.
const MOST_BYTES: u64 = 64 << 20;

/// The management of a sandbox: its address and its token.
#[derive(Clone)]
pub struct Ctl {
    url: Url,
    token: String,
}

/// It could not be asked, or said no.
#[derive(Debug, thiserror::Error)]
pub enum CtlError {
    /// The token is for this machine only.
    #[error("`{0}` is no http address of this machine")]
    Elsewhere(String),
    /// No sandbox answers.
    #[error("no sandbox answers at {address}")]
    Network {
        /// Host and port.
        address: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// What answers is not a sandbox.
    #[error("what answers at {0} is not a sandbox's management")]
    Stranger(String),
    /// It refused.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        message: String,
    },
}

impl fmt::Debug for Ctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctl").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Ctl {
    /// By the values of `DAYPASS_SANDBOX_CTL_URL` and `DAYPASS_SANDBOX_CTL_TOKEN`.
    pub fn new(url: &str, token: &str) -> Result<Self, CtlError> {
        let elsewhere = || CtlError::Elsewhere(url.to_owned());
        let url = Url::parse(url).map_err(|_| elsewhere())?;
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            _ => false,
        };
        // A line feed in the token would begin a header of its own.
        let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        if url.scheme() != "http" || !here || !plain {
            return Err(elsewhere());
        }
        Ok(Self { url, token: token.to_owned() })
    }

    /// Asks for one of the operations that `/openapi.json` describes. An answer
    /// without body is null.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, CtlError> {
        let address = self.url.authority().to_owned();
        let answer = self.exchange(method, path, body);
        let answer =
            answer.map_err(|source| CtlError::Network { address: address.clone(), source })?;
        let (status, body) = read(&answer).ok_or(CtlError::Stranger(address))?;
        if status < 400 {
            return Ok(body);
        }
        let message = body["message"].as_str().unwrap_or("it gives no reason").to_owned();
        Err(CtlError::Refused { status, message })
    }

    /// HTTP/1.0: no chunks, and the end of the connection is the end of the answer.
    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Vec<u8>> {
        let addresses = self.url.socket_addrs(|| Some(80))?;
        let mut stream = TcpStream::connect(addresses.as_slice())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {}{path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.url.path().trim_end_matches('/'),
            self.url.authority(),
            self.token,
            body.len(),
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(MOST_BYTES).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// Status and body of an answer, if it is one of ours.
fn read(answer: &[u8]) -> Option<(u16, Value)> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).ok()? };
    Some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stays_on_this_machine() {
        for good in ["http://127.0.0.1:4004", "http://localhost:1/w/course"] {
            assert!(Ctl::new(good, "abc").is_ok(), "{good}");
        }
        for bad in ["https://127.0.0.1:1", "http://example.com", "http://10.0.0.1", "x"] {
            assert!(Ctl::new(bad, "abc").is_err(), "{bad}");
        }
        assert!(Ctl::new("http://127.0.0.1:1", "a\r\nb: c").is_err());
        let ctl = Ctl::new("http://127.0.0.1:1", "abc").expect("good");
        assert!(!format!("{ctl:?}").contains("abc"));
    }

    #[test]
    fn answers() {
        let answer = b"HTTP/1.0 404 Not Found\r\na: b\r\n\r\n{\"message\":\"x\"}";
        assert_eq!(read(answer).map(|(status, _)| status), Some(404));
        assert_eq!(read(b"HTTP/1.0 204 No Content\r\n\r\n"), Some((204, Value::Null)));
        assert_eq!(read(b"HTTP/1.0 200 OK\r\n\r\n<html>"), None);
        assert_eq!(read(b"SSH-2.0-OpenSSH\r\n\r\n"), None);
    }
}
