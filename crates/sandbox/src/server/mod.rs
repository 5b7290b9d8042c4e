//! A running sandbox: four ports on 127.0.0.1, one thread of its own.
//!
//! Its own thread, because tests block: a person who clicks through pages on the
//! test's thread must not stop the server that answers.

mod connection;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use tokio::sync::watch;

use crate::control::Control;
use crate::options::Options;
use crate::room::{Room, Shared};
use crate::services::Service;
use crate::world::World;

/// The four services and the order of their ports.
const SERVICES: [Service; 4] = [Service::Oidc, Service::Portal, Service::Sts, Service::S3];

/// A local IAM Identity Center, not yet running.
#[derive(Debug)]
pub struct Sandbox;

/// It could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken, or 127.0.0.1 cannot be listened on.
    #[error("cannot listen on 127.0.0.1 port {port}")]
    Listen {
        /// The port asked for; 0 for any.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system gives no thread or no event loop.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] io::Error),
}

/// Where the services are: URLs without path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// sso-oidc and its web pages.
    pub sso_oidc: String,
    /// The access portal.
    pub sso: String,
    /// STS.
    pub sts: String,
    /// S3.
    pub s3: String,
}

/// A sandbox that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    endpoints: Endpoints,
    shared: Arc<Shared>,
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
        let listeners = listeners(options.port)?;
        let endpoints = endpoints(&listeners).map_err(StartError::Thread)?;
        let shared = Arc::new(Shared::new(Room::new(world, options, endpoints.clone())));
        let stop = watch::Sender::new(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StartError::Thread)?;
        let serving = connection::serve_all(listeners, Arc::clone(&shared), stop.subscribe());
        let thread = Builder::new().name("sandbox".into()).spawn(move || runtime.block_on(serving));
        let thread = Some(thread.map_err(StartError::Thread)?);
        Ok(Running { endpoints, shared, stop, thread })
    }
}

/// A listener for each service: ports in a row, or any free ones.
fn listeners(port: u16) -> Result<Vec<(Service, TcpListener)>, StartError> {
    let listen = |(service, nth): (Service, u16)| {
        let port = if port == 0 { 0 } else { port.saturating_add(nth) };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        listener
            .map(|listener| (service, listener))
            .map_err(|source| StartError::Listen { port, source })
    };
    SERVICES.into_iter().zip(0..).map(listen).collect()
}

fn endpoints(listeners: &[(Service, TcpListener)]) -> io::Result<Endpoints> {
    let url =
        |(_, listener): &(Service, TcpListener)| Ok(format!("http://{}", listener.local_addr()?));
    let mut urls = listeners.iter().map(url).collect::<io::Result<Vec<_>>>()?.into_iter();
    let mut next = || urls.next().unwrap_or_default();
    Ok(Endpoints { sso_oidc: next(), sso: next(), sts: next(), s3: next() })
}

impl Running {
    /// Where the services are.
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints.clone()
    }

    /// The variables that send the AWS CLI, SDKs and daypass here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let Endpoints { sso_oidc, sso, sts, s3 } = self.endpoints();
        let variables = [
            ("AWS_ENDPOINT_URL_SSO_OIDC", sso_oidc),
            ("AWS_ENDPOINT_URL_SSO", sso),
            ("AWS_ENDPOINT_URL_STS", sts),
            ("AWS_ENDPOINT_URL_S3", s3),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// The hand in it.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
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
