//! The region that one of AWS's hosts is named for, as `oidc.us-east-1.amazonaws.com`.

use crate::http::Ask;
use crate::room::Room;
use crate::world::is_region;

/// Domains of AWS's whose names have regions in them.
const DOMAINS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"];

/// The region in the request's `Host`; nothing for hosts without one.
pub(super) fn of_host(ask: &Ask) -> Option<&str> {
    in_name(ask.header("host")?)
}

fn in_name(host: &str) -> Option<&str> {
    let name = host.split(':').next()?;
    let front = DOMAINS.iter().find_map(|domain| name.strip_suffix(domain))?;
    // From the end, as far as the service: what comes before it is a bucket, whose
    // name can look like a region.
    let service = |label: &&str| {
        ["oidc", "portal", "sso", "sts", "s3"].contains(label) || label.starts_with("s3-")
    };
    front.split('.').rev().take_while(|label| !service(label)).find(|label| is_region(label))
}

/// Whether the request went to another region than the organization's.
pub(super) fn is_elsewhere(room: &Room, ask: &Ask) -> bool {
    of_host(ask).is_some_and(|region| region != room.world.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_hosts() {
        for (host, region) in [
            ("oidc.us-east-1.amazonaws.com", Some("us-east-1")),
            ("oidc-fips.us-gov-west-1.api.aws:443", Some("us-gov-west-1")),
            ("portal.sso.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("sts.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("b.s3.dualstack.us-west-2.amazonaws.com", Some("us-west-2")),
            ("sts.amazonaws.com", None),
            ("my-data-1.s3.amazonaws.com", None),
            ("my-data-1.s3.us-west-2.amazonaws.com", Some("us-west-2")),
            ("my-data-1.localhost:80", None),
            ("my-sandbox-1.internal", None),
            ("127.0.0.1:80", None),
        ] {
            assert_eq!(in_name(host), region, "{host}");
        }
    }
}
