//! A name server for a network that is nothing but the sandbox: its names lead to
//! 127.0.0.1, all others to nowhere. As much of RFC 1035 as stub resolvers use.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use super::connection::House;
use super::hosts::{Hosts, is_local};

/// Most bytes of a question over UDP.
const LIMIT: usize = 512;
const HEADER: usize = 12;
/// Seconds an answer may be kept.
const LIFE: u32 = 60;
/// The type of addresses and the class of the internet.
const A: u16 = 1;
const IN: u16 = 1;
const NO_SUCH_NAME: u8 = 3;

pub(super) async fn serve(socket: UdpSocket, house: Arc<House>) {
    let socket = match tokio::net::UdpSocket::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(%error, "cannot serve names"),
    };
    let mut packet = [0; LIMIT];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut packet).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        if let Some(reply) = answer(&packet[..length], &house.hosts) {
            let _ = socket.send_to(&reply, client).await;
        }
    }
}

/// The answer to one question; nothing for what is none.
fn answer(packet: &[u8], hosts: &Hosts) -> Option<Vec<u8>> {
    let (name, kind, end) = question(packet)?;
    let known = is_local(&name) || hosts.place(&name).is_some();
    let found = known && kind == (A, IN);
    let mut reply = packet[..end].to_vec();
    // A response to a query, authoritative, recursion as it was desired.
    reply[2] = 0x84 | (packet[2] & 0x01);
    reply[3] = 0x80 | if known { 0 } else { NO_SUCH_NAME };
    reply[4..HEADER].copy_from_slice(&[0, 1, 0, u8::from(found), 0, 0, 0, 0]);
    if found {
        // The name again, by reference to the question.
        reply.extend([0xC0, HEADER as u8]);
        reply.extend(A.to_be_bytes());
        reply.extend(IN.to_be_bytes());
        reply.extend(LIFE.to_be_bytes());
        reply.extend(4_u16.to_be_bytes());
        reply.extend(Ipv4Addr::LOCALHOST.octets());
    }
    Some(reply)
}

/// The name, type and class of the only question of a query, and where it ends.
fn question(packet: &[u8]) -> Option<(String, (u16, u16), usize)> {
    let query = packet.get(2)? & 0xF8 == 0;
    if !query || packet.get(4..6)? != [0, 1] {
        return None;
    }
    let (mut name, mut at) = (String::new(), HEADER);
    loop {
        let length = usize::from(*packet.get(at)?);
        let label = packet.get(at + 1..at + 1 + length).filter(|_| length < 64)?;
        at += 1 + length;
        if length == 0 {
            break;
        }
        name += std::str::from_utf8(label).ok()?;
        name.push('.');
    }
    let number = |at: usize| Some(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?));
    Some((name.trim_end_matches('.').to_ascii_lowercase(), (number(at)?, number(at + 2)?), at + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u8) -> Vec<u8> {
        let mut packet = vec![0xAB, 0xCD, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            packet.push(u8::try_from(label.len()).expect("a short label"));
            packet.extend(label.bytes());
        }
        packet.extend([0, 0, kind, 0, 1]);
        packet
    }

    #[test]
    fn our_names_lead_here_and_others_nowhere() {
        let hosts = Hosts { more: Vec::new(), vanity: Some("login.example".into()) };
        for name in
            ["localhost", "STS.amazonaws.com", "b.s3.us-west-2.amazonaws.com", "login.example"]
        {
            let reply = answer(&query(name, 1), &hosts).expect("an answer");
            assert_eq!(reply[..4], [0xAB, 0xCD, 0x85, 0x80], "{name}");
            assert_eq!(reply[reply.len() - 4..], [127, 0, 0, 1], "{name}");
            let other_kind = answer(&query(name, 28), &hosts).expect("an answer");
            assert_eq!((other_kind[3] & 0x0F, other_kind[7]), (0, 0), "{name}: no AAAA, no error");
        }
        for name in ["example.com", "ec2.us-east-1.amazonaws.com", "login.example.com"] {
            let reply = answer(&query(name, 1), &hosts).expect("an answer");
            assert_eq!((reply[3] & 0x0F, reply[7]), (NO_SUCH_NAME, 0), "{name}");
        }
    }

    #[test]
    fn extensions_are_left_out_of_the_answer() {
        let mut packet = query("localhost", 1);
        packet[11] = 1;
        packet.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        let reply = answer(&packet, &Hosts::default()).expect("an answer");
        assert_eq!(reply[10..12], [0, 0]);
        assert_eq!(reply[reply.len() - 4..], [127, 0, 0, 1]);
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let good = query("localhost", 1);
        for length in 0..good.len() {
            assert_eq!(answer(&good[..length], &Hosts::default()), None, "{length}");
        }
        let mut response = good.clone();
        response[2] = 0x80;
        assert_eq!(answer(&response, &Hosts::default()), None);
        let mut pointer = good;
        pointer[12] = 0xC0;
        assert_eq!(answer(&pointer, &Hosts::default()), None);
    }
}
