//! The server at its socket.

use super::testing::{credentials, runtime, time};
use super::*;
use daypass_core::host::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TOKEN: &str = "0123456789abcdef";

/// A server with these limits, and what is done with its address.
fn with_server<T>(limits: Limits, work: impl AsyncFnOnce(SocketAddr) -> T) -> T {
    runtime().block_on(async {
        let server = Server::bind(0, limits).await.unwrap();
        let (shelf, supplies) = Shelf::new("dev", &[], Clock::new(|| time(0)));
        supplies[0].put(Ok(credentials(None)), time(0));
        let desk = Desk { shelf, token: Secret::from(TOKEN), imds: None };
        let address = server.address;
        tokio::select! {
            never = server.serve(Arc::new(desk)) => match never {},
            done = work(address) => done,
        }
    })
}

const ASK: &str =
    "GET /creds/dev HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: 0123456789abcdef\r\n\r\n";

/// Reads until so much of the answer has come, or the connection ends.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    let patience = Duration::from_secs(60);
    while !String::from_utf8_lossy(&text).contains(end) {
        let read = tokio::time::timeout(patience, stream.read(&mut part)).await;
        match read.expect("an answer or an end") {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend(&part[..count]),
        }
    }
    String::from_utf8(text).unwrap()
}

/// What a connection answers to these bytes, up to its end.
async fn say(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    read_until(&mut stream, "\u{0}").await
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    with_server(Limits::default(), async |address| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..3 {
            stream.write_all(ASK.as_bytes()).await.unwrap();
            let answer = read_until(&mut stream, "}").await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.to_lowercase().contains("\r\ncontent-length: "), "{answer}");
        }
    });
}

#[test]
fn a_connection_that_says_nothing_or_never_ends_is_closed() {
    let limits = Limits { silence: Duration::from_millis(50), ..Limits::default() };
    with_server(limits, async |address| {
        assert_eq!(say(address, "").await, "");
        let cut = say(address, "GET /creds/dev HTTP/1.1\r\nHost: 127").await;
        assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 408"), "{cut}");
        // One that has been served already is closed as well.
        let answer = say(address, ASK).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    });
}

#[test]
fn too_long_a_head_too_many_headers_and_a_body_are_refused() {
    let end = "\r\nConnection: close\r\n\r\n";
    with_server(Limits::default(), async |address| {
        let long = format!("GET /{} HTTP/1.1\r\nHost: 127.0.0.1{end}", "a".repeat(40_000));
        let many = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1{}{end}", "\r\nA: b".repeat(100));
        for text in [long, many] {
            let answer = say(address, &text).await;
            let refused = ["", "HTTP/1.1 414", "HTTP/1.1 431"];
            assert!(
                refused.iter().any(|start| answer.starts_with(start) && answer.len() < 400),
                "{answer}"
            );
            assert!(!answer.contains("200 OK"));
        }
        let body = format!("{}\r\nContent-Length: 5{end}hello", ASK.trim_end());
        let answer = say(address, &body).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    });
}

#[test]
fn silent_connections_do_not_keep_others_out_for_ever() {
    let limits = Limits { connections: 2, silence: Duration::from_millis(50), ..Limits::default() };
    with_server(limits, async |address| {
        let mut silent = Vec::new();
        for _ in 0..2 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let answer = say(address, &ASK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    });
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_way_out() {
    with_server(Limits::default(), async |address| {
        let error = Server::bind(address.port(), Limits::default()).await.err().unwrap();
        assert_eq!(error.kind(), Kind::Network);
        assert!(error.message().contains(&address.to_string()), "{error}");
        assert!(error.next_step().unwrap().contains("--port"));
    });
}

#[test]
fn tokens_are_long_and_never_the_same() {
    let (one, other) = (random_token().unwrap(), random_token().unwrap());
    assert_ne!(one, other);
    assert_eq!(one.expose().len(), 43);
}
