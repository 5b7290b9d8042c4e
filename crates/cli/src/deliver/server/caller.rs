//! Whose process is at the other end of a connection.
#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "the kernel's table of connections is read here")
)]

use std::net::SocketAddr;

/// Whether the caller is a process of this user, or root's, who could take
/// everything anyway. The addresses are the caller's and ours.
///
/// The kernel's table says so on Linux; elsewhere it cannot be asked without a
/// library, and the answer is yes.
pub fn is_ours((theirs, ours): (SocketAddr, SocketAddr)) -> bool {
    #[cfg(target_os = "linux")]
    {
        let me = rustix::process::geteuid().as_raw();
        ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().any(|path| {
            let table = std::fs::read_to_string(path).unwrap_or_default();
            owner(&table, theirs, ours).is_some_and(|uid| uid == me || uid == 0)
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (theirs, ours);
        true
    }
}

/// The user of the socket that is bound to `local` and connected to `remote`.
#[cfg(target_os = "linux")]
fn owner(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u32> {
    let (local, remote) = (shown(local)?, shown(remote)?);
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let found = is(fields.next()?, &local) && is(fields.next()?, &remote);
        found.then(|| fields.nth(4)?.parse().ok()).flatten()
    })
}

/// A socket for both families (Java's are) has IPv4 addresses in their IPv6 form.
#[cfg(target_os = "linux")]
fn is(field: &str, address: &str) -> bool {
    let mapped = format!("{:016X}{:08X}", 0, u32::from_ne_bytes([0, 0, 0xFF, 0xFF]));
    field.strip_prefix(&mapped).unwrap_or(field) == address
}

/// An address as the table has it: the bytes in the machine's order.
#[cfg(target_os = "linux")]
fn shown(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else { return None };
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_connection_of_our_own_is_ours_and_one_that_is_not_there_is_nobody_s() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = listener.local_addr().unwrap();
        let stream = TcpStream::connect(ours).unwrap();
        let theirs = stream.local_addr().unwrap();
        assert!(is_ours((theirs, ours)));
        drop((stream, listener));
        assert!(!is_ours((ours, theirs)));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_user_stands_in_the_eighth_column() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:8AE2 0100007F:0FA0 01 00000000:00000000 00:00000000 00000000  1234        0 2 1 0 20 4 30 10 -1\n";
        let (theirs, ours) =
            ("127.0.0.1:35554".parse().unwrap(), "127.0.0.1:4000".parse().unwrap());
        assert_eq!(owner(table, theirs, ours), Some(1234));
        assert_eq!(owner(table, ours, theirs), None);
    }

    #[test]
    fn a_socket_of_both_families_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = listener.local_addr().unwrap();
        let mapped = format!("[::ffff:127.0.0.1]:{}", ours.port());
        let Ok(stream) = TcpStream::connect(mapped) else { return };
        let port = stream.local_addr().unwrap().port();
        assert!(is_ours((SocketAddr::from(([127, 0, 0, 1], port)), ours)));
    }
}
