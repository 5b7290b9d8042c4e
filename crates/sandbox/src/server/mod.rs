//! A running sandbox: four ports on 127.0.0.1 (with AWS's host names, five) and one
//! for its management, one thread of its own.
//!
//! Its own thread, because tests block: a person who clicks through pages on the
//! test's thread must not stop the server that answers.

mod body;
mod connection;
mod dns;
mod endpoints;
mod guard;
mod hosts;
mod tls;
mod turn;

use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use tokio::sync::watch;

use crate::clock;
use crate::control::Control;
use crate::options::Options;
use crate::room::Room;
use crate::rooms::{LodgeError, Rooms};
use crate::services::Service;
use crate::world::World;
use connection::{Door, House};
pub use endpoints::Endpoints;
use hosts::Hosts;
use tls::Authority;

/// The four services and the order of their ports.
const SERVICES: [Service; 4] = [Service::Oidc, Service::Portal, Service::Sts, Service::S3];

/// The variables by which clients learn whom to trust: the AWS CLI and SDKs,
/// OpenSSL and Go, curl, GDAL, Node.js, Python's requests.
const TRUST: [&str; 6] = [
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GDAL_CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
];

/// A local IAM Identity Center, not yet running.
#[derive(Debug)]
pub struct Sandbox;

/// It could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken, or the address cannot be listened on.
    #[error("cannot listen on {address} port {port}")]
    Listen {
        /// The address asked for.
        address: IpAddr,
        /// The port asked for; 0 for any.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No certificate authority could be made.
    #[error("cannot make a certificate authority: {0}")]
    Authority(String),
    /// AWS's names are served with TLS or not at all.
    #[error("AWS's host names need TLS")]
    Plain,
    /// The real service's names are served one by one, or not at all.
    #[error("`{0}` is a name of AWS's, not of the sandbox's")]
    NotOurs(String),
    /// The system gives no thread or no event loop.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] io::Error),
}

/// A sandbox that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    endpoints: Endpoints,
    isolated: bool,
    names_port: Option<u16>,
    house: Arc<House>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox. It runs on a thread of its own, not on the caller's
    /// runtime.
    pub async fn start(world: World, options: Options) -> Result<Running, StartError> {
        Self::start_blocking(world, options)
    }

    /// As `start`, for code that is not async.
    pub fn start_blocking(world: World, options: Options) -> Result<Running, StartError> {
        let hosts = Hosts { more: names(&options), vanity: options.vanity_host.clone() };
        hosts.check().map_err(StartError::NotOurs)?;
        let authority = authority(&hosts, &options)?.map(Arc::new);
        let listeners = listeners(&options)?;
        let resolver = options.dns_port.map(|port| resolver(options.address, port)).transpose()?;
        let endpoints = Endpoints::of(&listeners, &world, &options).map_err(StartError::Thread)?;
        let names = listeners.iter().find(|(door, _)| *door == Door::ByHost);
        let names_port = names.and_then(|(_, listener)| port(listener));
        let isolated = options.isolated;
        let manage = manage_url(&listeners).map_err(StartError::Thread)?;
        let rooms = Rooms::new(Room::new(world, options, endpoints.clone()), manage);
        let house = Arc::new(House { rooms, hosts, authority });
        let stop = watch::Sender::new(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StartError::Thread)?;
        let serving =
            connection::serve_all(listeners, resolver, Arc::clone(&house), stop.subscribe());
        let thread = Builder::new().name("sandbox".into()).spawn(move || runtime.block_on(serving));
        let thread = Some(thread.map_err(StartError::Thread)?);
        Ok(Running { endpoints, isolated, names_port, house, stop, thread })
    }
}

/// The names and the address it was told.
fn names(options: &Options) -> Vec<String> {
    let told = options.host_names.iter().map(|host| hosts::name(host));
    let address = Some(options.address).filter(|address| !address.is_unspecified());
    told.chain(address.map(|address| address.to_string())).collect()
}

fn authority(hosts: &Hosts, options: &Options) -> Result<Option<Authority>, StartError> {
    if !options.tls {
        let named = options.names_port.is_some() || options.isolated;
        return if named { Err(StartError::Plain) } else { Ok(None) };
    }
    let authority = Authority::new(hosts.clone(), options.isolated, clock::real_now());
    authority.map(Some).map_err(|error| StartError::Authority(error.to_string()))
}

/// A listener for each service and the management, with ports in a row or any free
/// ones, and one for AWS's names.
fn listeners(options: &Options) -> Result<Vec<(Door, TcpListener)>, StartError> {
    let nth = |nth: u16| if options.port == 0 { 0 } else { options.port.saturating_add(nth) };
    let services = SERVICES.into_iter().zip(0..).map(|(one, number)| (Door::One(one), nth(number)));
    let doors = services.chain(options.names_port.map(|port| (Door::ByHost, port)));
    let doors = doors.map(|(door, port)| Ok((door, listen(options.address, port)?)));
    // Whatever the services are open to, the management is for this machine.
    let manage = (Door::Manage, listen(Ipv4Addr::LOCALHOST.into(), nth(4))?);
    doors.chain([Ok(manage)]).collect()
}

fn manage_url(listeners: &[(Door, TcpListener)]) -> io::Result<String> {
    let found = listeners.iter().find(|(door, _)| *door == Door::Manage);
    let (_, listener) = found.ok_or(io::ErrorKind::NotFound)?;
    Ok(format!("http://{}", listener.local_addr()?))
}

fn listen(address: IpAddr, port: u16) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind((address, port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| StartError::Listen { address, port, source })
}

fn resolver(address: IpAddr, port: u16) -> Result<UdpSocket, StartError> {
    let socket = UdpSocket::bind((address, port)).and_then(|socket| {
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    socket.map_err(|source| StartError::Listen { address, port, source })
}

fn port(listener: &TcpListener) -> Option<u16> {
    listener.local_addr().ok().map(|address| address.port())
}

impl Running {
    /// Where the services are.
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints.clone()
    }

    /// The port that serves AWS's host names, if one does.
    pub fn names_port(&self) -> Option<u16> {
        self.names_port
    }

    /// The variables that send the AWS CLI, SDKs and daypass here. In isolation
    /// AWS's own names do that.
    pub fn environment(&self) -> Vec<(String, String)> {
        let endpoints = if self.isolated { Vec::new() } else { self.endpoints.environment() };
        self.house.rooms.environment(endpoints)
    }

    /// Where the management is.
    pub fn manage_url(&self) -> &str {
        self.house.rooms.manage_url()
    }

    /// What it asks for as `Authorization: Bearer TOKEN`.
    pub fn manage_token(&self) -> &str {
        self.house.rooms.token()
    }

    /// A world of its own beside the main one, behind `/w/NAME`, with state, clock,
    /// faults and journal of its own.
    pub fn lodge(&self, name: &str, world: World, options: Options) -> Result<Lodging, LodgeError> {
        let lodger = self.house.rooms.lodge(name, world, options)?;
        let environment = self.house.rooms.environment_of(name, &lodger);
        Ok(Lodging { environment, control: Control::new(lodger.shared) })
    }

    /// Ends such a world; says whether it was there.
    pub fn evict(&self, name: &str) -> bool {
        self.house.rooms.evict(name)
    }

    /// The certificate (PEM) of the authority that clients have to trust; with TLS.
    pub fn certificate_authority(&self) -> Option<&str> {
        self.house.authority.as_ref().map(|authority| authority.pem())
    }

    /// The variables that make clients trust the certificate in `file`.
    pub fn trust(file: &Path) -> Vec<(String, String)> {
        let file = file.display().to_string();
        TRUST.map(|name| (name.to_owned(), file.clone())).into()
    }

    /// The hand in it.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(self.house.rooms.main()))
    }
}

/// A world beside the main one.
#[derive(Debug, Clone)]
pub struct Lodging {
    environment: Vec<(String, String)>,
    control: Control,
}

impl Lodging {
    /// The variables that send clients to this world.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// The hand in it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
