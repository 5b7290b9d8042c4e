//! S3 for reading (REST XML, 2006-03-01), path style and virtual-host style.

mod buckets;
mod list;
mod object;
mod redirect;

use super::auth::{Caller, Dialect, authenticate};
use super::xml::Xml;
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::world::Bucket;

const NAMESPACE: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

/// The bucket and key a request names, by host or by path.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    bucket: String,
    key: String,
}

impl Target {
    fn of(ask: &Ask) -> Self {
        let path = ask.decoded_path();
        let path = path.strip_prefix('/').unwrap_or(&path);
        if let Some(bucket) = ask.header("host").and_then(bucket_of_host) {
            return Self { bucket: bucket.to_owned(), key: path.to_owned() };
        }
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        Self { bucket: bucket.to_owned(), key: key.to_owned() }
    }
}

/// `BUCKET.s3.anything` and `BUCKET.localhost`, with or without a port.
fn bucket_of_host(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Some(bucket) = name.strip_suffix(".localhost").filter(|rest| !rest.contains("s3")) {
        return Some(bucket);
    }
    let at = name.find(".s3.").or_else(|| name.find(".s3-"))?;
    Some(&name[..at])
}

pub(super) fn operation(ask: &Ask) -> &'static str {
    let target = Target::of(ask);
    let (no_bucket, no_key) = (target.bucket.is_empty(), target.key.is_empty());
    match ask.method.as_str() {
        "GET" if no_bucket => "ListBuckets",
        "GET" if no_key && ask.parameter("location").is_some() => "GetBucketLocation",
        "GET" if no_key && ask.parameter("list-type") == Some("2") => "ListObjectsV2",
        "GET" if no_key => "ListObjects",
        "GET" => "GetObject",
        "HEAD" if !no_bucket && no_key => "HeadBucket",
        "HEAD" if !no_bucket => "HeadObject",
        _ => super::UNKNOWN,
    }
}

pub(super) fn answer(room: &mut Room, operation: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let target = Target::of(ask);
    let caller = authenticate(room, ask, Dialect::S3)?;
    if operation == "ListBuckets" {
        return buckets::list(room, &caller, ask);
    }
    if operation == super::UNKNOWN {
        let text = "The specified method is not allowed against this resource.";
        return Err(Refusal::new(405, "MethodNotAllowed", text));
    }
    room.journal.subject(format!("{}/{}", target.bucket, target.key));
    check_parameters(ask)?;
    let bucket = room.world.bucket(&target.bucket).ok_or_else(|| {
        let text = "The specified bucket does not exist";
        Refusal::new(404, "NoSuchBucket", text).detail("BucketName", &target.bucket)
    })?;
    if caller.region != bucket.region && operation != "GetBucketLocation" {
        return Err(redirect::refusal(
            room.options.redirect_style,
            operation,
            bucket,
            &caller.region,
        ));
    }
    permit(bucket, &caller, operation)?;
    let most = room.options.s3_page_size.clamp(1, 1000);
    match operation {
        "HeadBucket" => Ok(Answer::new(200).with("x-amz-bucket-region", &bucket.region)),
        "GetBucketLocation" => Ok(buckets::location(bucket)),
        "ListObjectsV2" | "ListObjects" => {
            list::list(bucket, ask, most, operation == "ListObjectsV2")
        }
        _ => object::read(bucket, &target.key, ask),
    }
}

/// Parameters that turn a request into another operation, which is not here: a
/// listing in place of an ACL would be a lie.
const SUBRESOURCES: [&str; 14] = [
    "acl",
    "cors",
    "encryption",
    "lifecycle",
    "logging",
    "notification",
    "policy",
    "replication",
    "tagging",
    "torrent",
    "uploads",
    "versioning",
    "versions",
    "website",
];

fn check_parameters(ask: &Ask) -> Result<(), Refusal> {
    let other = ask.query.iter().find(|(name, _)| SUBRESOURCES.contains(&name.as_str()));
    match other {
        Some((name, _)) => {
            Err(Refusal::new(501, "NotImplemented", format!("the sandbox has no `?{name}`")))
        }
        None => Ok(()),
    }
}

/// The owner's principals and those of the readers may read, unless denied.
fn permit(bucket: &Bucket, caller: &Caller, operation: &str) -> Result<(), Refusal> {
    let action = match operation {
        "GetObject" | "HeadObject" => "s3:GetObject",
        "GetBucketLocation" => "s3:GetBucketLocation",
        _ => "s3:ListBucket",
    };
    let account = &caller.principal.account;
    let reader = bucket.account == *account || bucket.readers.contains(account);
    if reader { allowed(caller, action) } else { Err(denied(caller, action)) }
}

fn allowed(caller: &Caller, action: &str) -> Result<(), Refusal> {
    if caller.principal.policy.may(action) { Ok(()) } else { Err(denied(caller, action)) }
}

fn denied(caller: &Caller, action: &str) -> Refusal {
    let who = &caller.principal.arn;
    let text = format!(
        "User: {who} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
    );
    Refusal::new(403, "AccessDenied", text)
}

pub(super) fn refuse(ask: &Ask, refusal: Refusal) -> Answer {
    let mut answer = Answer::new(refusal.status);
    // Answers to HEAD have no body: clients must do with status and headers.
    if ask.method != ::http::Method::HEAD {
        let mut xml = Xml::new();
        xml.open("Error", "").text("Code", &refusal.code).text("Message", &refusal.message);
        for (name, value) in &refusal.details {
            xml.text(name, value);
        }
        xml.text("RequestId", &random::request_id()).text("HostId", &random::id());
        answer = Answer::xml(refusal.status, "application/xml", xml.close("Error").finish());
    }
    refusal.finish(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_in_the_host() {
        assert_eq!(bucket_of_host("nasa-disasters.s3.localhost:4566"), Some("nasa-disasters"));
        assert_eq!(bucket_of_host("a.b.s3.us-west-2.amazonaws.com"), Some("a.b"));
        assert_eq!(bucket_of_host("nasa-disasters.localhost"), Some("nasa-disasters"));
        for host in ["127.0.0.1:80", "localhost", "s3.localhost:1", "s3.us-west-2.amazonaws.com"] {
            assert_eq!(bucket_of_host(host), None, "{host}");
        }
    }
}
