//! The sandbox must not speak in AWS's name where that name is AWS.

use std::net::{IpAddr, UdpSocket};

/// Whether a name leads, on this machine, to an address that is another machine's.
/// A name that leads nowhere is nobody's.
pub(super) async fn leads_elsewhere(name: &str) -> bool {
    match tokio::net::lookup_host((name, 443)).await {
        Ok(mut addresses) => addresses.any(|address| !is_here(address.ip())),
        Err(_) => false,
    }
}

/// Only addresses of one's own can be bound to. Nothing is sent.
fn is_here(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_here() {
        assert!(is_here([127, 0, 0, 1].into()));
        // Documentation addresses (RFC 5737) are nobody's.
        assert!(!is_here([192, 0, 2, 1].into()));
    }

    #[tokio::test]
    async fn where_names_lead() {
        assert!(!leads_elsewhere("localhost").await);
        assert!(leads_elsewhere("192.0.2.1").await);
        assert!(!leads_elsewhere("nowhere.invalid").await);
    }
}
