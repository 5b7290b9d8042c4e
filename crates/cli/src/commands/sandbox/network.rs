//! How clients reach the sandbox: addresses, names, TLS.

use clap::Args;
use sandbox::{Options, Running};
use std::net::{IpAddr, Ipv4Addr};

/// The ports of https and of name servers, in a network of one's own.
const HTTPS: u16 = 443;
const DNS: u16 = 53;
/// What redirects to the start URL there.
const VANITY: &str = "login.disasters.example";

#[derive(Args, Debug, Clone)]
pub struct Network {
    /// Serve https, with certificates of a throw-away authority
    #[arg(long)]
    tls: bool,
    /// Serve AWS's own host names on one more port, each its service
    #[arg(long, value_name = "PORT", requires = "tls")]
    names_port: Option<u16>,
    /// A host name that redirects to the start URL, on the port of the names
    #[arg(long, value_name = "NAME", requires = "names_port")]
    vanity_host: Option<String>,
    /// Another name that clients call this machine by (may be repeated)
    #[arg(long, value_name = "NAME")]
    host_name: Vec<String>,
    /// Listen on this address instead of 127.0.0.1: other machines can then sign in
    #[arg(long, value_name = "ADDRESS")]
    allow_network_access: Option<IpAddr>,
}

impl Network {
    pub fn apply(&self, options: Options) -> Options {
        Options {
            tls: self.tls,
            names_port: self.names_port,
            vanity_host: self.vanity_host.clone(),
            host_names: self.host_name.clone(),
            address: self.allow_network_access.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ..options
        }
    }
}

/// What a person has to know of it beyond the printed variables.
pub fn notes(running: &Running, options: &Options) -> Vec<String> {
    let names = running.names_port().map(|port| {
        format!("# AWS's own host names are served on port {port}, once they lead to this machine.")
    });
    let open = Some(options.address).filter(|address| !address.is_loopback()).map(|address| {
        format!("# Other machines can reach it at {address}, with its made-up accounts and keys.")
    });
    names.into_iter().chain(open).collect()
}

/// All of a network that has nothing else in it.
pub fn alone(options: Options) -> Options {
    Options {
        tls: true,
        names_port: Some(HTTPS),
        dns_port: Some(DNS),
        vanity_host: options.vanity_host.or_else(|| Some(VANITY.to_owned())),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        isolated: true,
        ..options
    }
}
