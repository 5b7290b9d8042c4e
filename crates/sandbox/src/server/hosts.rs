//! Host names: which are ours, and whose they are.

use crate::services::Service;

/// Domains of AWS's whose names a test may lead here.
const DOMAINS: [&str; 8] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "app.aws",
    "awsapps.com",
    "signin.aws.amazon.com",
    "console.aws.amazon.com",
];

/// The names this sandbox answers to besides AWS's and this machine's.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts {
    /// Names it was told to answer to.
    pub(super) more: Vec<String>,
    /// The one that redirects to the start URL.
    pub(super) vanity: Option<String>,
}

/// Where a request by AWS's own names belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Service(Service),
    /// The vanity name: nothing but a redirect.
    Vanity,
}

impl Hosts {
    /// None may be one of AWS's, which have rules of their own; the error is its name.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut told = self.more.iter().chain(&self.vanity);
        told.find(|name| is_aws(name)).map_or(Ok(()), |name| Err(name.clone()))
    }

    /// Whether a request is meant for us: by this machine's name or by one of AWS's
    /// that a test maps here. A web page whose name is rebound to 127.0.0.1 is not.
    pub(super) fn are_ours(&self, host: &str) -> bool {
        let name = name(host);
        is_local(&name)
            || is_aws(&name)
            || self.more.contains(&name)
            || self.vanity.as_ref() == Some(&name)
    }

    /// Whose a name is; nothing for names that could be anybody's, as 127.0.0.1.
    pub(super) fn place(&self, host: &str) -> Option<Place> {
        let name = name(host);
        if self.vanity.as_ref() == Some(&name) {
            return Some(Place::Vanity);
        }
        let domain = DOMAINS.into_iter().find(|domain| is_under(&name, domain))?;
        let service = match domain {
            "awsapps.com" | "app.aws" | "signin.aws.amazon.com" | "console.aws.amazon.com" => {
                Service::Oidc
            }
            _ => service(name.strip_suffix(domain)?.trim_end_matches('.'))?,
        };
        Some(Place::Service(service))
    }
}

/// The service of what stands before AWS's domain, as `portal.sso.us-east-1`.
fn service(front: &str) -> Option<Service> {
    let labels: Vec<_> = front.split('.').collect();
    let s3 = |label: &&str| *label == "s3" || label.starts_with("s3-");
    match labels[..] {
        ["oidc" | "oidc-fips", ..] | ["device", "sso", ..] => Some(Service::Oidc),
        ["portal", "sso" | "sso-fips", ..] => Some(Service::Portal),
        ["sts" | "sts-fips", ..] => Some(Service::Sts),
        _ if labels.iter().any(s3) => Some(Service::S3),
        _ => None,
    }
}

/// A host without its port, in lower case.
pub(super) fn name(host: &str) -> String {
    let port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, end)| port(end)).map_or(host, |(name, _)| name);
    name.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// Whether the name is this machine's.
pub(super) fn is_local(name: &str) -> bool {
    name == "127.0.0.1" || name == "::1" || is_under(name, "localhost")
}

/// Whether the name is one of AWS's.
pub(super) fn is_aws(name: &str) -> bool {
    DOMAINS.into_iter().any(|domain| is_under(name, domain))
}

fn is_under(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_ours() {
        let hosts = Hosts { more: vec!["sandbox".into()], vanity: Some("login.example".into()) };
        for ours in [
            "127.0.0.1:80",
            "[::1]:80",
            "localhost",
            "LOCALHOST:1",
            "b.s3.localhost:1",
            "portal.sso.us-east-1.amazonaws.com",
            "d-9067c5bbc5.awsapps.com:443",
            "sandbox:4000",
            "login.example",
        ] {
            assert!(hosts.are_ours(ours), "{ours}");
        }
        for other in [
            "",
            "example.com",
            "127.0.0.1.example.com",
            "notlocalhost",
            "0.0.0.0:80",
            "aws.amazon.com",
            "notawsapps.com",
        ] {
            assert!(!hosts.are_ours(other), "{other}");
        }
    }

    #[test]
    fn whose_a_name_is() {
        let hosts = Hosts { more: Vec::new(), vanity: Some("login.example".into()) };
        let service = |host| match hosts.place(host) {
            Some(Place::Service(service)) => Some(service),
            _ => None,
        };
        for (host, expected) in [
            ("oidc.us-east-1.amazonaws.com", Service::Oidc),
            ("oidc-fips.us-gov-west-1.api.aws", Service::Oidc),
            ("d-9067c5bbc5.awsapps.com", Service::Oidc),
            ("us-east-1.signin.aws.amazon.com", Service::Oidc),
            ("signin.aws.amazon.com", Service::Oidc),
            ("portal.sso.eu-west-1.amazonaws.com", Service::Portal),
            ("sts.amazonaws.com:443", Service::Sts),
            ("sts.eu-west-1.amazonaws.com", Service::Sts),
            ("s3.amazonaws.com", Service::S3),
            ("nasa-disasters.s3.us-west-2.amazonaws.com", Service::S3),
            ("nasa-disasters.s3-us-west-2.amazonaws.com", Service::S3),
            ("a.b.s3.dualstack.us-west-2.amazonaws.com", Service::S3),
        ] {
            assert_eq!(service(host), Some(expected), "{host}");
        }
        assert_eq!(hosts.place("login.example"), Some(Place::Vanity));
        for other in ["127.0.0.1", "ec2.us-east-1.amazonaws.com", "amazonaws.com", "x.example"] {
            assert_eq!(hosts.place(other), None, "{other}");
        }
    }
}
