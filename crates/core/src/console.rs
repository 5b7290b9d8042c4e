//! The web console: whose page is opened, and the link that signs in to it.

mod services;

pub use services::shortcuts;

use crate::error::{Error, Kind, Result, quoted};
use crate::names::Region;
use crate::partition::Partition;
use url::Url;
use url::form_urlencoded::Serializer;
use vault::Secret;

/// The page of the console that is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// The one the console begins with.
    Home,
    /// A service's, by a shortcut or by its name in the console's addresses.
    Service(&'a str),
    /// A bucket's, a folder's or an object's: `BUCKET`, `BUCKET/FOLDER/`, `BUCKET/KEY`.
    Bucket(&'a str),
    /// An address of the console.
    Address(&'a str),
}

impl Page<'_> {
    /// Its address.
    ///
    /// # Errors
    /// [`Kind::Usage`] for a name that cannot be a service or a bucket, and for an address
    /// that is not the console's: who follows a sign-in link trusts where it leads.
    pub fn address(self, partition: &Partition, region: Option<&Region>) -> Result<String> {
        let at = |path: &str, more: &[(&str, &str)]| address(partition, region, path, more);
        match self {
            Page::Home => Ok(at("console/home", &[])),
            Page::Service(word) => Ok(at(&service(word)?, &[])),
            Page::Bucket(path) => {
                let (path, prefix) = bucket(path)?;
                let more = prefix.map(|prefix| ("prefix", prefix));
                Ok(at(&path, more.as_slice()))
            }
            Page::Address(url) => checked(partition, url),
        }
    }
}

/// The host that every partition has; it leads on to the region's own.
fn address(
    partition: &Partition,
    region: Option<&Region>,
    path: &str,
    more: &[(&str, &str)],
) -> String {
    let (path, fragment) = path.split_once('#').map_or((path, None), |(p, f)| (p, Some(f)));
    let mut query = Serializer::new(String::new());
    if let Some(region) = region {
        query.append_pair("region", region.as_str());
    }
    let query = query.extend_pairs(more).finish();
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("https://{}/{path}{query}{fragment}", partition.console_host())
}

fn service(word: &str) -> Result<String> {
    let word = word.trim().to_ascii_lowercase();
    if let Some(path) = services::path(&word) {
        return Ok(path.to_owned());
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !word.is_empty() && word.len() <= 40 && word.chars().all(plain) {
        true => Ok(format!("{word}/home")),
        false => Err(Error::new(Kind::Usage, format!("{} is no service", quoted(&word)))
            .hint("name one such as `s3`, or give a page's address with --destination")),
    }
}

/// The page of a bucket, and what to show of it.
fn bucket(path: &str) -> Result<(String, Option<&str>)> {
    let path = path.strip_prefix("s3://").unwrap_or(path);
    let (name, key) = path.split_once('/').unwrap_or((path, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if !(3..=63).contains(&name.len()) || !name.chars().all(plain) {
        return Err(Error::new(Kind::Usage, format!("{} is no bucket", quoted(name)))
            .hint("write BUCKET, BUCKET/FOLDER/ or BUCKET/KEY"));
    }
    let is_object = !key.is_empty() && !key.ends_with('/');
    let page = if is_object { "object" } else { "buckets" };
    Ok((format!("s3/{page}/{name}"), Some(key).filter(|key| !key.is_empty())))
}

fn checked(partition: &Partition, text: &str) -> Result<String> {
    let refused = |why: String| {
        Error::new(Kind::Usage, "the destination is not a page of the console")
            .because(why)
            .hint(format!("copy the address of a page below https://{}/", partition.console_host()))
    };
    let url = Url::parse(text.trim()).map_err(|error| refused(error.to_string()))?;
    let host = url.host_str().unwrap_or_default();
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    match url.scheme() == "https" && bare && partition.is_console(host) {
        true => Ok(url.into()),
        false => Err(refused(format!(
            "{} is not https on a console host of the partition {}",
            quoted(&url[..url::Position::BeforePath]),
            partition.name
        ))),
    }
}

/// The link that signs a browser in and leads on to `destination`. Whoever has it in the
/// next quarter of an hour is signed in, so it is a secret.
///
/// `issuer` is where the console sends people whose session has ended.
pub fn link(
    base: &str,
    issuer: Option<&str>,
    destination: &str,
    token: &Secret<String>,
) -> Secret<String> {
    let mut query = Serializer::new(String::new());
    query.append_pair("Action", "login");
    if let Some(issuer) = issuer {
        query.append_pair("Issuer", issuer);
    }
    query.append_pair("Destination", destination).append_pair("SigninToken", token.expose());
    Secret::new(format!("{}/federation?{}", base.trim_end_matches('/'), query.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(page: Page<'_>) -> Result<String> {
        let region = Region::parse("us-west-2").unwrap();
        page.address(Partition::commercial(), Some(&region))
    }

    #[test]
    fn pages_have_addresses() {
        let base = "https://console.aws.amazon.com/";
        let table = [
            (Page::Home, "console/home?region=us-west-2"),
            (Page::Service("S3"), "s3/home?region=us-west-2"),
            (Page::Service("cfn"), "cloudformation/home?region=us-west-2"),
            (Page::Service("logs"), "cloudwatch/home?region=us-west-2#logsV2:log-groups"),
            (Page::Service("groundstation"), "groundstation/home?region=us-west-2"),
            (Page::Bucket("maps"), "s3/buckets/maps?region=us-west-2"),
            (Page::Bucket("s3://maps/a b/"), "s3/buckets/maps?region=us-west-2&prefix=a+b%2F"),
            (Page::Bucket("maps/x.tif"), "s3/object/maps?region=us-west-2&prefix=x.tif"),
        ];
        for (page, path) in table {
            assert_eq!(of(page).unwrap(), format!("{base}{path}"));
        }
        let nowhere = Page::Service("s3").address(Partition::of_arn("arn:aws-cn:").unwrap(), None);
        assert_eq!(nowhere.unwrap(), "https://console.amazonaws.cn/s3/home");
    }

    #[test]
    fn a_destination_is_the_console_or_nothing() {
        let good = "https://us-west-2.console.aws.amazon.com/ec2/home?region=us-west-2#Instances:";
        assert_eq!(of(Page::Address(good)).unwrap(), good);
        for bad in [
            "http://console.aws.amazon.com/",
            "https://console.aws.amazon.com.example/",
            "https://console.amazonaws.cn/",
            "https://console.aws.amazon.com:8443/",
            "https://console.aws.amazon.com@example.com/",
            "https://user@console.aws.amazon.com/",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(of(Page::Address(bad)).unwrap_err().kind(), Kind::Usage, "{bad}");
        }
    }

    #[test]
    fn nothing_is_smuggled_into_an_address() {
        for bad in ["", "s3/../iam", "s3?x", "s3#x", "ec2 "].map(|word| format!("{word}/")) {
            of(Page::Service(&bad)).unwrap_err();
        }
        for bad in ["", "a", "../x", "b?c/d", "a b"] {
            of(Page::Bucket(bad)).unwrap_err();
        }
    }

    #[test]
    fn a_link_holds_its_parts_apart() {
        let token = Secret::from("t&k=");
        let link =
            link("https://signin.aws.amazon.com", Some("https://x/#"), "https://y/?a", &token);
        let url = Url::parse(link.expose()).unwrap();
        let parts: Vec<_> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
        assert_eq!(parts, ["login", "https://x/#", "https://y/?a", "t&k="]);
        assert_eq!(url.path(), "/federation");
    }
}
