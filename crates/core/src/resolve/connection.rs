//! How services are reached: endpoints, certificates, proxies, time limits.

use super::profile::{self, Profile};
use super::{Origin, Request, Sourced};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use awsconfig::SectionName;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The services daypass calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The portal API of Identity Center.
    Sso,
    /// Its OpenID Connect API.
    SsoOidc,
    /// Security Token Service.
    Sts,
    /// Simple Storage Service.
    S3,
    /// The console's sign-in.
    Signin,
}

impl Service {
    pub(crate) const ALL: [Service; 5] =
        [Service::Sso, Service::SsoOidc, Service::Sts, Service::S3, Service::Signin];

    /// The variable that moves this service alone.
    fn variable(self) -> &'static str {
        match self {
            Service::Sso => "AWS_ENDPOINT_URL_SSO",
            Service::SsoOidc => "AWS_ENDPOINT_URL_SSO_OIDC",
            Service::Sts => "AWS_ENDPOINT_URL_STS",
            Service::S3 => "AWS_ENDPOINT_URL_S3",
            Service::Signin => "AWS_ENDPOINT_URL_SIGNIN",
        }
    }

    /// Its key in a `[services …]` section.
    fn key(self) -> &'static str {
        match self {
            Service::Sso => "sso",
            Service::SsoOidc => "sso_oidc",
            Service::Sts => "sts",
            Service::S3 => "s3",
            Service::Signin => "signin",
        }
    }

    /// Whether the settings for all services move it: people point
    /// `AWS_ENDPOINT_URL` at a local S3, and their login must not follow.
    fn follows_general(self) -> bool {
        matches!(self, Service::Sts | Service::S3)
    }
}

/// How services are reached.
#[derive(Clone, Default)]
pub struct Connection {
    /// Endpoints that were set by hand, by service.
    endpoints: [Option<Sourced<String>>; 5],
    /// PEM file of certificate authorities, instead of the system's.
    pub ca_bundle: Option<Sourced<PathBuf>>,
    /// `false` for `--no-verify-ssl`.
    pub verify_tls: bool,
    /// Time to connect; `None` waits for ever.
    pub connect_timeout: Option<Duration>,
    /// Time between bytes of an answer; `None` waits for ever.
    pub read_timeout: Option<Duration>,
    /// Proxy for http addresses.
    pub http_proxy: Option<String>,
    /// Proxy for https addresses.
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy.
    pub no_proxy: Option<String>,
    /// FIPS endpoints.
    pub fips: bool,
    /// Dual-stack (IPv6) endpoints.
    pub dual_stack: bool,
    /// How often a call is tried, the first time included.
    pub max_attempts: u32,
    /// Whether somebody has set that number: then it is meant.
    pub attempts_are_set: bool,
}

/// Proxies without the password that may be in their addresses.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("endpoints", &self.endpoints)
            .field("ca_bundle", &self.ca_bundle)
            .field("verify_tls", &self.verify_tls)
            .field("http_proxy", &self.http_proxy.as_deref().map(without_user))
            .field("https_proxy", &self.https_proxy.as_deref().map(without_user))
            .field("no_proxy", &self.no_proxy)
            .field("fips", &self.fips)
            .field("dual_stack", &self.dual_stack)
            .field("max_attempts", &self.max_attempts)
            .finish_non_exhaustive()
    }
}

fn without_user(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, place)| place)
}

impl Connection {
    /// The endpoint that was set for a service, if any.
    pub fn endpoint(&self, service: Service) -> Option<&Sourced<String>> {
        self.endpoints[service as usize].as_ref()
    }

    /// Sets a service's endpoint by `--endpoint-url`.
    pub fn override_endpoint(&mut self, service: Service, url: &str) {
        self.endpoints[service as usize] =
            Some(Sourced::new(url.to_owned(), Origin::Flag("--endpoint-url")));
    }
}

/// Collects the settings from options, variables and the profile.
///
/// # Errors
/// [`Kind::Profile`]: a `services` section that does not exist, an empty CA
/// bundle, a number that is none.
pub fn resolve(request: &Request, host: &Host, profile: &Profile<'_>) -> Result<Connection> {
    let flag = |variable: &str, key: &str| {
        host.vars.is_true(variable)
            || host.vars.get(variable).is_none()
                && profile.get(key).is_some_and(|v| v.value.eq_ignore_ascii_case("true"))
    };
    let no_proxy = proxy(host, &["no_proxy", "NO_PROXY"]);
    // The matcher below takes `*` for names only, not for addresses.
    let direct = no_proxy.as_deref().is_some_and(|hosts| hosts.split(',').any(|h| h.trim() == "*"));
    let proxy = |names: &[&str]| proxy(host, names).filter(|_| !direct);
    Ok(Connection {
        endpoints: endpoints(host, profile)?,
        ca_bundle: ca_bundle(request, host, profile)?,
        verify_tls: !request.no_verify_ssl,
        connect_timeout: limit(request.connect_timeout),
        read_timeout: limit(request.read_timeout),
        http_proxy: proxy(&["http_proxy", "HTTP_PROXY"]),
        https_proxy: proxy(&["https_proxy", "HTTPS_PROXY"]),
        no_proxy,
        fips: flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        dual_stack: flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
        max_attempts: max_attempts(host, profile)?,
        attempts_are_set: attempts_setting(host, profile).is_some(),
    })
}

fn limit(seconds: Option<u64>) -> Option<Duration> {
    const USUAL: u64 = 60;
    Some(seconds.unwrap_or(USUAL)).filter(|s| *s > 0).map(Duration::from_secs)
}

/// An address without a scheme is an http proxy, as everywhere.
fn proxy(host: &Host, names: &[&str]) -> Option<String> {
    let (name, value) = host.vars.first(names)?;
    let bare = !value.contains("://") && !name.eq_ignore_ascii_case("no_proxy");
    Some(if bare { format!("http://{value}") } else { value.to_owned() })
}

fn max_attempts(host: &Host, profile: &Profile<'_>) -> Result<u32> {
    const USUAL: u32 = 3;
    match attempts_setting(host, profile) {
        None => Ok(USUAL),
        Some(found) => found.value.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
            Error::new(Kind::Profile, "max_attempts must be a number above 0")
                .because(format!("it comes from {}", found.origin))
        }),
    }
}

fn attempts_setting<'v>(host: &'v Host, profile: &Profile<'v>) -> Option<Sourced<&'v str>> {
    let name = "AWS_MAX_ATTEMPTS";
    let variable = host.vars.get(name).map(|v| Sourced::new(v, Origin::Variable(name)));
    variable.or_else(|| profile.get("max_attempts"))
}

fn ca_bundle(
    request: &Request,
    host: &Host,
    profile: &Profile<'_>,
) -> Result<Option<Sourced<PathBuf>>> {
    let flag = request.ca_bundle.as_deref().map(|v| Sourced::new(v, Origin::Flag("--ca-bundle")));
    let variable =
        |name: &'static str| host.vars.get(name).map(|v| Sourced::new(v, Origin::Variable(name)));
    let found = flag
        .or_else(|| variable("AWS_CA_BUNDLE"))
        .or_else(|| profile.get("ca_bundle"))
        .or_else(|| variable("REQUESTS_CA_BUNDLE"));
    match found {
        Some(found) if found.value.trim().is_empty() => {
            Err(Error::new(Kind::Profile, "the CA bundle has an empty name")
                .because(format!("it comes from {}", found.origin)))
        }
        other => Ok(other.map(|found| found.map(|text| host.expand(text)))),
    }
}

fn endpoints(host: &Host, profile: &Profile<'_>) -> Result<[Option<Sourced<String>>; 5]> {
    if configured_endpoints_are_off(host, profile) {
        return Ok(Default::default());
    }
    let mut found: [Option<Sourced<String>>; 5] = Default::default();
    for service in Service::ALL {
        found[service as usize] = endpoint(host, profile, service)?;
    }
    Ok(found)
}

fn configured_endpoints_are_off(host: &Host, profile: &Profile<'_>) -> bool {
    let variable = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    match host.vars.get(variable) {
        Some(value) => value.eq_ignore_ascii_case("true"),
        None => profile
            .get("ignore_configured_endpoint_urls")
            .is_some_and(|v| v.value.eq_ignore_ascii_case("true")),
    }
}

/// Service variable, general variable, services section, profile: botocore's order.
fn endpoint(
    host: &Host,
    profile: &Profile<'_>,
    service: Service,
) -> Result<Option<Sourced<String>>> {
    let variable = |name: &'static str| {
        host.vars.get(name).map(|v| Sourced::new(v.to_owned(), Origin::Variable(name)))
    };
    if let Some(own) = variable(service.variable()) {
        return Ok(Some(own));
    }
    let general = service.follows_general();
    if let Some(all) = variable("AWS_ENDPOINT_URL").filter(|_| general) {
        return Ok(Some(all));
    }
    if let Some(section) = in_services_section(profile, service)? {
        return Ok(Some(section));
    }
    Ok(profile.get("endpoint_url").filter(|_| general).map(|v| v.map(str::to_owned)))
}

fn in_services_section(profile: &Profile<'_>, service: Service) -> Result<Option<Sourced<String>>> {
    let Some(name) = profile.get("services") else { return Ok(None) };
    let file = &profile.files().config;
    let section = SectionName::Services(name.value.to_owned());
    let Some(found) = file.parsed.section(&section) else {
        return Err(Error::new(
            Kind::Profile,
            format!(
                "The profile is configured to use the services section but the \"{}\" services configuration does not exist.",
                name.value
            ),
        )
        .because(format!("{} names it", name.origin)));
    };
    let url = profile::nested_in(found, file, service.key(), "endpoint_url");
    Ok(url.map(|v| v.map(str::to_owned)))
}
