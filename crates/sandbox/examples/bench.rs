//! How fast the sandbox is:
//!
//! ```text
//! cargo run --profile ci --example bench
//! ```
//!
//! Time from start to the first answer, and GetRoleCredentials a second over
//! connections that are kept, all on 127.0.0.1.
#![expect(clippy::print_stdout, reason = "the example's output")]

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use sandbox::{Options, Running, Sandbox, World};
use serde_json::{Value, json};

/// Connections, and requests on each.
const CONNECTIONS: usize = 4;
const REQUESTS: usize = 10_000;
/// Starts that the middle one is taken of.
const STARTS: usize = 21;

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    for name in World::BUILT_IN {
        let mut times = (0..STARTS).map(|_| first_answer(name)).collect::<Result<Vec<_>, _>>()?;
        times.sort();
        let (middle, worst) = (times[STARTS / 2], times[STARTS - 1]);
        println!("{name}: {middle:.1?} from start to first answer (worst {worst:.1?})");
    }
    let world = World::guide();
    let running = Sandbox::start_blocking(world, Options::default())?;
    let token = signed_in(&running)?;
    let rate = rate(&running, &token)?;
    println!("GetRoleCredentials: {rate:.0} a second over {CONNECTIONS} connections");
    Ok(())
}

fn first_answer(name: &str) -> Result<Duration, Failed> {
    let began = Instant::now();
    let world = World::built_in(name).ok_or("no such world")?;
    let running = Sandbox::start_blocking(world, Options::default())?;
    let mut line = Line::to(&running.endpoints().sso)?;
    line.ask("GET", "/assignment/accounts", &[], "")?;
    Ok(began.elapsed())
}

/// A device login that is approved at once; the access token.
fn signed_in(running: &Running) -> Result<String, Failed> {
    let mut line = Line::to(&running.endpoints().sso_oidc)?;
    let mut post = |path: &str, body: &Value| -> Result<Value, Failed> {
        let kind = [("content-type", "application/json")];
        Ok(serde_json::from_slice(&line.ask("POST", path, &kind, &body.to_string())?)?)
    };
    let registration =
        json!({ "clientName": "bench", "clientType": "public", "scopes": ["sso:account:access"] });
    let mut client = post("/client/register", &registration)?;
    let (id, secret) = (client["clientId"].take(), client["clientSecret"].take());
    let start = running.control().world().start_url;
    let body = json!({ "clientId": id, "clientSecret": secret, "startUrl": start });
    let device = post("/device_authorization", &body)?;
    running.control().approve_device(device["userCode"].as_str().unwrap_or_default());
    let body = json!({
        "clientId": id,
        "clientSecret": secret,
        "grantType": "urn:ietf:params:oauth:grant-type:device_code",
        "deviceCode": device["deviceCode"],
    });
    let token = post("/token", &body)?;
    Ok(token["accessToken"].as_str().ok_or("no token")?.to_owned())
}

fn rate(running: &Running, token: &str) -> Result<f64, Failed> {
    let (base, began) = (running.endpoints().sso, Instant::now());
    thread::scope(|scope| {
        let threads = [(); CONNECTIONS].map(|()| scope.spawn(|| ask_often(&base, token)));
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a panic")?)
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a number of requests")]
    let requests = (CONNECTIONS * REQUESTS) as f64;
    Ok(requests / began.elapsed().as_secs_f64())
}

fn ask_often(base: &str, token: &str) -> Result<(), Failed> {
    let mut line = Line::to(base)?;
    let target = "/federation/credentials?role_name=Project-Power-User&account_id=867530900000";
    for _ in 0..REQUESTS {
        line.ask("GET", target, &[("x-amz-sso_bearer_token", token)], "")?;
    }
    Ok(())
}

/// A connection that is kept.
struct Line {
    host: String,
    stream: BufReader<TcpStream>,
}

impl Line {
    fn to(base: &str) -> io::Result<Self> {
        let host = base.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host)?;
        stream.set_nodelay(true)?;
        Ok(Self { host, stream: BufReader::new(stream) })
    }

    fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Vec<u8>> {
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: {}\r\n{}content-length: {}\r\n\r\n{body}",
            self.host,
            headers.collect::<String>(),
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let lower = line.to_ascii_lowercase();
            if let Some(given) = lower.strip_prefix("content-length:") {
                length = given.trim().parse().map_err(io::Error::other)?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}
