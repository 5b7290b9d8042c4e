//! Start URLs on an organization's own domain, resolved as the AWS CLI does: one
//! request, at most one redirect, and the end must be one of AWS's own hosts.

use crate::aws::Aws;
use crate::error::{Error, Kind, Result, quoted};
use crate::names::Region;
use crate::start_url::StartUrl;

/// What a start URL leads to.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// What goes on the wire.
    pub url: StartUrl,
    /// Where that Identity Center lives, if an organization's own address led to a
    /// host that tells.
    pub region: Option<Region>,
    /// A word for the person, where the address was not taken as it was written.
    pub remark: Option<String>,
}

const SUFFIXES: [&str; 8] = [
    "app.aws",
    "portal.amazonaws.com",
    "portal.amazonaws.com.cn",
    "app.amazonwebservices.com.cn",
    "portal.amazonaws.eu",
    "api.amazonwebservices.eu",
    "awsapps.com",
    "awsapps.cn",
];

const HOSTS: [&str; 4] = [
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

/// Whether a host is one of AWS's own portals.
pub fn is_aws_host(host: &str) -> bool {
    let below = |suffix: &&str| host == *suffix || host.ends_with(&format!(".{suffix}"));
    HOSTS.contains(&host) || SUFFIXES.iter().any(below)
}

/// The region in the names of the newer portals' hosts.
pub fn region_of_host(host: &str) -> Option<Region> {
    const AFTER_PORTAL: [&str; 3] =
        [".app.aws", ".app.amazonwebservices.com.cn", ".api.amazonwebservices.eu"];
    const BEFORE_PORTAL: [&str; 3] =
        [".portal.amazonaws.com", ".portal.amazonaws.com.cn", ".portal.amazonaws.eu"];
    let after = AFTER_PORTAL.iter().find_map(|end| host.strip_suffix(end)?.split_once(".portal."));
    let before = BEFORE_PORTAL.iter().find_map(|end| host.strip_suffix(end)?.split_once('.'));
    let (_, region) = after.or(before)?;
    Region::parse(region).ok().filter(|region| region.as_str().contains('-'))
}

/// Resolves `url`; addresses of AWS's own are not asked.
///
/// # Errors
/// [`Kind::Config`] in the AWS CLI's words: not found, not AWS's, not https.
pub async fn resolve(aws: &Aws, url: &StartUrl) -> Result<Resolved> {
    let secure = if url.is_https() { url.clone() } else { url.over_https() };
    let asked_http = (!url.is_https()).then(|| format!("{url} was tried over https, as {secure}"));
    if is_aws_host(&secure.host()) {
        // An instance can be served in several regions: the configured one counts.
        return Ok(Resolved { url: secure, region: None, remark: asked_http });
    }
    let target = follow(aws, &secure).await.map_err(|error| match &asked_http {
        Some(remark) => error.because(remark.clone()),
        None => error,
    })?;
    let remark = format!("The start URL {url} leads to {}", target.canonical());
    Ok(Resolved { region: region_of_host(&target.host()), url: target, remark: Some(remark) })
}

async fn follow(aws: &Aws, url: &StartUrl) -> Result<StartUrl> {
    let bad = |why: String| {
        Error::new(Kind::Config, why).hint("check the start URL with your administrator")
    };
    let mut answer = aws.look_at(http::Method::HEAD, url.canonical()).await?;
    if matches!(answer.status, 405 | 501) {
        answer = aws.look_at(http::Method::GET, url.canonical()).await?;
    }
    let end = match answer.status {
        200..=299 => url.clone(),
        301 | 302 | 303 | 307 | 308 => {
            let location = answer
                .location
                .ok_or_else(|| bad("Redirect response missing Location header.".into()))?;
            joined(url, &location)
                .ok_or_else(|| bad(format!("Invalid sso_start_url: {}", quoted(&location))))?
        }
        status => return Err(bad(format!("Failed to resolve start URL: HTTP {status}"))),
    };
    if !end.is_https() {
        return Err(bad(format!("Resolved URL must use https. Got: '{}'", end.canonical())));
    }
    if !is_aws_host(&end.host()) {
        return Err(bad(format!(
            "Could not resolve start URL '{url}' to an AWS-owned endpoint. Final URL: '{}'",
            end.canonical()
        )));
    }
    StartUrl::parse(end.canonical())
}

fn joined(base: &StartUrl, location: &str) -> Option<StartUrl> {
    let joined = url::Url::parse(base.canonical()).ok()?.join(location).ok()?;
    StartUrl::parse(joined.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_s_own_hosts_and_no_look_alikes() {
        for host in [
            "d-9067c5bbc5.awsapps.com",
            "start.us-gov-home.awsapps.com",
            "ssoins-1.portal.us-east-1.app.aws",
            "awsapps.cn",
            "identitycenter.amazonaws.eu",
        ] {
            assert!(is_aws_host(host), "{host}");
        }
        for host in
            ["evilawsapps.com", "awsapps.com.evil.example", "amazonaws.com", "app.aws.example", ""]
        {
            assert!(!is_aws_host(host), "{host}");
        }
    }

    #[test]
    fn the_region_is_read_from_the_newer_hosts() {
        let table = [
            ("ssoins-1.portal.us-east-2.app.aws", Some("us-east-2")),
            ("x.eu-west-1.portal.amazonaws.com", Some("eu-west-1")),
            ("x.cn-north-1.portal.amazonaws.com.cn", Some("cn-north-1")),
            ("x.portal.cn-north-1.app.amazonwebservices.com.cn", Some("cn-north-1")),
            ("x.eusc-de-east-1.portal.amazonaws.eu", Some("eusc-de-east-1")),
            ("x.portal.eusc-de-east-1.api.amazonwebservices.eu", Some("eusc-de-east-1")),
            ("d-1.awsapps.com", None),
        ];
        for (host, region) in table {
            assert_eq!(region_of_host(host).as_ref().map(Region::as_str), region, "{host}");
        }
    }
}
