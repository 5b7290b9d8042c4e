//! `s3://BUCKET/PREFIX`, split as the AWS CLI splits it.

use daypass_core::{Error, Kind, Result};

/// What can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The account's buckets.
    Buckets,
    /// Objects in a bucket.
    Within {
        /// The bucket's name, or an access point's ARN.
        bucket: String,
        /// How the keys begin.
        prefix: String,
    },
}

/// Reads what the user typed; `s3://` may be left out.
///
/// # Errors
/// [`Kind::Usage`] for names no bucket can have, and for ARNs of things that hold no
/// listable objects.
pub fn parse(text: &str) -> Result<Place> {
    let path = text.strip_prefix("s3://").unwrap_or(text);
    let (bucket, prefix) = split(path)?;
    if bucket.is_empty() {
        return Ok(Place::Buckets);
    }
    check(bucket)?;
    Ok(Place::Within { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

fn split(path: &str) -> Result<(&str, &str)> {
    match Arn::of(path).and_then(|arn| arn.split()) {
        Some(Split::At(end)) => {
            let (bucket, rest) = path.split_at(end);
            Ok((bucket, rest.strip_prefix(separators(bucket)).unwrap_or(rest)))
        }
        Some(Split::Refused(why)) => Err(Error::new(Kind::Usage, why)),
        None => Ok(path.split_once('/').unwrap_or((path, ""))),
    }
}

/// What may stand between an ARN and a key: outposts take a colon too.
fn separators(bucket: &str) -> &'static [char] {
    if bucket.contains(":s3-outposts:") { &['/', ':'] } else { &['/'] }
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, with whatever follows in RESOURCE.
#[derive(Clone, Copy, Debug)]
struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    resource: &'a str,
    /// Where RESOURCE begins.
    start: usize,
}

/// Where an ARN ends and the key begins, or why it cannot be listed.
enum Split {
    At(usize),
    Refused(&'static str),
}

impl<'a> Arn<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let fields: Vec<&str> = path.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = fields[..] else {
            return None;
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let well_formed = partition.starts_with("aws")
            && region.chars().all(plain)
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| Self { service, region, resource, start: path.len() - resource.len() })
    }

    fn split(self) -> Option<Split> {
        match self.service {
            "s3" => {
                let name = after(self.resource, "accesspoint")?;
                let length = name.find('/').unwrap_or(name.len());
                (length > 0).then(|| self.at(name, length))
            }
            "s3-outposts" => self.split_outpost(),
            "s3-object-lambda" => {
                named(after(self.resource, "accesspoint")?)?;
                Some(Split::Refused(
                    "s3 commands do not support S3 Object Lambda resources. Use s3api commands instead.",
                ))
            }
            _ => None,
        }
    }

    fn split_outpost(self) -> Option<Split> {
        let outpost = after(self.resource, "outpost")?;
        let kind = outpost[named(outpost)?..].strip_prefix(['/', ':'])?;
        if let Some(name) = after(kind, "accesspoint") {
            return Some(self.at(name, named(name)?));
        }
        named(after(kind, "bucket")?)?;
        Some(Split::Refused(
            "s3 commands do not support Outpost Bucket ARNs. Use s3control commands instead.",
        ))
    }

    /// The place `length` bytes into `name`, which is the end of RESOURCE.
    fn at(self, name: &str, length: usize) -> Split {
        Split::At(self.start + self.resource.len() - name.len() + length)
    }
}

/// What follows `word` and `/` or `:`.
fn after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.strip_prefix(word)?.strip_prefix(['/', ':'])
}

/// The length of the name at the start: 1 to 63 letters, digits and hyphens.
fn named(text: &str) -> Option<usize> {
    let length =
        text.bytes().take(63).take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
    Some(length).filter(|length| *length > 0)
}

fn check(bucket: &str) -> Result<()> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if (1..=255).contains(&bucket.len()) && bucket.bytes().all(letter) {
        return Ok(());
    }
    match Arn::of(bucket) {
        Some(arn) if arn.region.is_empty() => Err(Error::new(
            Kind::Usage,
            "multi-region access points are not supported: they need another kind of signature",
        )
        .hint("name one of the buckets behind it")),
        Some(arn) if arn.names_an_access_point() => Ok(()),
        _ => Err(invalid(bucket)),
    }
}

impl Arn<'_> {
    fn names_an_access_point(self) -> bool {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b);
        match after(self.resource, "accesspoint") {
            Some(name) => (1..=63).contains(&name.len()) && name.bytes().all(letter),
            None => self.service == "s3-outposts" && matches!(self.split(), Some(Split::At(_))),
        }
    }
}

fn invalid(bucket: &str) -> Error {
    let error = Error::new(
        Kind::Usage,
        format!("Parameter validation failed: Invalid bucket name \"{}\"", bucket.escape_debug()),
    )
    .because("a bucket's name has letters, digits, dots, hyphens and underscores");
    match bucket.eq_ignore_ascii_case("s3:") {
        true => error.hint("write it as `s3://BUCKET/PREFIX`, in lower case and with two slashes"),
        false => error.hint("`daypass s3 ls` lists your buckets"),
    }
}
