//! A client small enough to be sure of: requests by hand over TCP.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod signing;
pub mod tls;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::person::Person;
use sandbox::{Options, Running, Sandbox, World};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const START_URL: &str = "https://d-9067c5bbc5.awsapps.com/start/#";
pub const ACCOUNT: &str = "867530900000";
pub const ROLE: &str = "Project-Power-User";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An answer, or status 0 if the connection ended without one.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Status and the error's name from the header.
    pub fn error(&self) -> (u16, &str) {
        (self.status, self.header("x-amzn-errortype").unwrap_or_default())
    }

    /// The text of the first XML element of that name.
    pub fn xml(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split('<').next()
    }

    /// The texts of all XML elements of that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let tag = format!("<{name}>");
        let parts = self.body.split(&tag).skip(1);
        parts.map(|part| part.split('<').next().unwrap_or_default()).collect()
    }
}

/// One request on a connection of its own.
pub fn send(base: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let host = base.strip_prefix("http://").expect("an http endpoint");
    let mut text = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        text += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(host).expect("the sandbox listens");
    stream.write_all(text.as_bytes()).expect("the request goes out");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    parse(&String::from_utf8_lossy(&answer))
}

pub fn parse(text: &str) -> Reply {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Reply { status, headers, body: body.to_owned() }
}

/// A started sandbox and what a client knows of it.
pub struct Client {
    pub running: Running,
    pub id: String,
    pub secret: String,
}

impl Client {
    /// In the guide's world, registered as the AWS CLI does for PKCE.
    pub fn pkce(options: Options) -> Self {
        Self::of(World::guide(), options, &pkce_registration())
    }

    /// In the guide's world, registered as the AWS CLI does for device codes.
    pub fn device(options: Options) -> Self {
        Self::of(World::guide(), options, &device_registration())
    }

    pub fn of(world: World, options: Options, registration: &Value) -> Self {
        let running = Sandbox::start_blocking(world, options).expect("it starts");
        let mut client = Self { running, id: String::new(), secret: String::new() };
        let reply = client.register(registration);
        assert_eq!(reply.status, 200, "{reply:?}");
        let text = |name: &str| reply.json()[name].as_str().expect("a string").to_owned();
        (client.id, client.secret) = (text("clientId"), text("clientSecret"));
        client
    }

    pub fn oidc(&self, path: &str, body: &Value) -> Reply {
        let base = self.running.endpoints().sso_oidc;
        send(&base, "POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    pub fn register(&self, registration: &Value) -> Reply {
        self.oidc("/client/register", registration)
    }

    /// CreateToken with the client's ID and secret added.
    pub fn token(&self, mut body: Value) -> Reply {
        body["clientId"] = json!(self.id);
        body["clientSecret"] = json!(self.secret);
        self.oidc("/token", &body)
    }

    pub fn refresh(&self, token: &str) -> Reply {
        self.token(json!({ "grantType": "refresh_token", "refreshToken": token }))
    }

    pub fn poll(&self, code: &str) -> Reply {
        self.token(json!({ "grantType": DEVICE_GRANT, "deviceCode": code }))
    }

    pub fn start_device(&self) -> Value {
        let body =
            json!({ "clientId": self.id, "clientSecret": self.secret, "startUrl": START_URL });
        let reply = self.oidc("/device_authorization", &body);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// The link the client would open, with parameters changed or added.
    pub fn authorize_url(&self, redirect_uri: &str, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", redirect_uri),
            ("state", "the state"),
            ("code_challenge_method", "S256"),
            ("scopes", "sso:account:access"),
            ("code_challenge", &challenge),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            parameters.push((name, value));
        }
        let base = format!("{}/authorize", self.running.endpoints().sso_oidc);
        url::Url::parse_with_params(&base, parameters).expect("a URL").into()
    }

    /// Lets the person go through the pages; what the callback received.
    pub fn authorize(&self, person: &Person, changes: &[(&str, &str)]) -> Callback {
        let (uri, server) = callback();
        person.visit(&self.authorize_url(&uri, changes)).expect("the person gets through");
        Callback { redirect_uri: uri, parameters: server.join().expect("the callback is called") }
    }

    pub fn exchange(&self, callback: &Callback) -> Reply {
        let code = callback.parameter("code").expect("a code");
        self.token(json!({
            "grantType": "authorization_code",
            "code": code,
            "redirectUri": callback.redirect_uri,
            "codeVerifier": VERIFIER,
        }))
    }

    /// Signs ada in; the token answer.
    pub fn sign_in(&self) -> Value {
        let reply = self.exchange(&self.authorize(&Person::allowing("ada"), &[]));
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    pub fn portal(&self, method: &str, target: &str, token: &str) -> Reply {
        let base = self.running.endpoints().sso;
        send(&base, method, target, &[("x-amz-sso_bearer_token", token)], "")
    }

    pub fn role_credentials(&self, token: &str) -> Value {
        let target = format!("/federation/credentials?role_name={ROLE}&account_id={ACCOUNT}");
        let reply = self.portal("GET", &target, token);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["roleCredentials"].clone()
    }
}

pub fn pkce_registration() -> Value {
    json!({
        "clientName": "a test",
        "clientType": "public",
        "grantTypes": ["authorization_code", "refresh_token"],
        "redirectUris": ["http://127.0.0.1/oauth/callback"],
        "issuerUrl": START_URL,
        "scopes": ["sso:account:access"],
    })
}

pub fn device_registration() -> Value {
    json!({ "clientName": "a test", "clientType": "public", "scopes": ["sso:account:access"] })
}

/// What the browser brought back.
#[derive(Debug)]
pub struct Callback {
    pub redirect_uri: String,
    pub parameters: Vec<(String, String)>,
}

impl Callback {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Waits on a port of its own for one request; its redirect URI.
pub fn callback() -> (String, JoinHandle<Vec<(String, String)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a browser");
        let mut head = [0; 8192];
        let length = stream.read(&mut head).expect("a request");
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nthanks").expect("the page goes out");
        let target = head.split(' ').nth(1).expect("a target");
        let query = target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    });
    (format!("http://127.0.0.1:{port}/oauth/callback"), server)
}

/// A string member that must be there.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
