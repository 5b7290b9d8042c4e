//! Where the services are.

use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use super::connection::Door;
use crate::options::Options;
use crate::world::World;

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
    /// The console's sign-in: `/federation`.
    pub signin: String,
}

impl Endpoints {
    /// Of listeners in the order of the fields, on an address clients can use.
    pub(super) fn of(
        listeners: &[(Door, TcpListener)],
        world: &World,
        options: &Options,
    ) -> io::Result<Self> {
        if options.isolated {
            return Ok(Self::aws(&world.region));
        }
        let scheme = if options.tls { "https" } else { "http" };
        let host = host(options);
        let url = |(_, listener): &(Door, TcpListener)| {
            Ok(format!("{scheme}://{host}:{}", listener.local_addr()?.port()))
        };
        let mut urls = listeners.iter().map(url).collect::<io::Result<Vec<_>>>()?.into_iter();
        let mut next = || urls.next().unwrap_or_default();
        let sso_oidc = next();
        let signin = sso_oidc.clone();
        Ok(Self { sso_oidc, sso: next(), sts: next(), s3: next(), signin })
    }

    /// Those of a world behind a prefix.
    pub(crate) fn under(self, prefix: &str) -> Self {
        let under = |url: String| format!("{url}{prefix}");
        Self {
            sso_oidc: under(self.sso_oidc),
            sso: under(self.sso),
            sts: under(self.sts),
            s3: under(self.s3),
            signin: under(self.signin),
        }
    }

    /// The variables that send the AWS CLI, SDKs and daypass here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ENDPOINT_URL_SSO_OIDC", &self.sso_oidc),
            ("AWS_ENDPOINT_URL_SSO", &self.sso),
            ("AWS_ENDPOINT_URL_STS", &self.sts),
            ("AWS_ENDPOINT_URL_S3", &self.s3),
            ("AWS_ENDPOINT_URL_SIGNIN", &self.signin),
        ];
        variables.map(|(name, url)| (name.to_owned(), url.clone())).into()
    }

    /// AWS's own, as an organization in that region has them.
    fn aws(region: &str) -> Self {
        Self {
            sso_oidc: format!("https://oidc.{region}.amazonaws.com"),
            sso: format!("https://portal.sso.{region}.amazonaws.com"),
            sts: format!("https://sts.{region}.amazonaws.com"),
            s3: format!("https://s3.{region}.amazonaws.com"),
            signin: "https://signin.aws.amazon.com".to_owned(),
        }
    }
}

/// A name for others if one was given, else the address, else this machine.
fn host(options: &Options) -> String {
    if let Some(name) = options.host_names.first() {
        return name.clone();
    }
    match options.address {
        any if any.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
        IpAddr::V4(address) => address.to_string(),
    }
}
