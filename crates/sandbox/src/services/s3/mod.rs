//! S3, a data bucket that is mostly read (REST XML, 2006-03-01), path style and
//! virtual-host style.

mod buckets;
mod checksum;
mod list;
mod multipart;
mod object;
mod redirect;
mod write;

pub(crate) use checksum::{Algorithm, Checksum};

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

/// Whether the bucket is in the host: then the path is a key from its first letter.
pub(super) fn is_virtual(ask: &Ask) -> bool {
    ask.header("host").and_then(bucket_of_host).is_some()
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
    let has = |name| ask.parameter(name).is_some();
    let copies = ask.header("x-amz-copy-source").is_some();
    match (ask.method.as_str(), target.bucket.is_empty(), target.key.is_empty()) {
        ("GET", true, _) => "ListBuckets",
        (_, true, _) => super::UNKNOWN,
        ("GET", _, true) if has("location") => "GetBucketLocation",
        ("GET", _, true) if has("uploads") => "ListMultipartUploads",
        ("GET", _, true) if ask.parameter("list-type") == Some("2") => "ListObjectsV2",
        ("GET", _, true) => "ListObjects",
        ("HEAD", _, true) => "HeadBucket",
        ("POST", _, true) if has("delete") => "DeleteObjects",
        (_, _, true) => super::UNKNOWN,
        ("GET", ..) if has("uploadId") => "ListParts",
        ("GET", ..) if has("tagging") => "GetObjectTagging",
        ("GET", ..) => "GetObject",
        ("HEAD", ..) => "HeadObject",
        ("PUT", ..) if has("uploadId") && copies => "UploadPartCopy",
        ("PUT", ..) if has("uploadId") => "UploadPart",
        ("PUT", ..) if copies => "CopyObject",
        ("PUT", ..) => "PutObject",
        ("DELETE", ..) if has("uploadId") => "AbortMultipartUpload",
        ("DELETE", ..) => "DeleteObject",
        ("POST", ..) if has("uploads") => "CreateMultipartUpload",
        ("POST", ..) if has("uploadId") => "CompleteMultipartUpload",
        _ => super::UNKNOWN,
    }
}

/// What a principal must be allowed to, and whether it changes something.
fn action(operation: &str) -> (&'static str, bool) {
    match operation {
        "GetObject" | "HeadObject" => ("s3:GetObject", false),
        "GetObjectTagging" => ("s3:GetObjectTagging", false),
        "GetBucketLocation" => ("s3:GetBucketLocation", false),
        "ListMultipartUploads" => ("s3:ListBucketMultipartUploads", false),
        "ListObjectsV2" | "ListObjects" | "HeadBucket" => ("s3:ListBucket", false),
        "ListParts" => ("s3:ListMultipartUploadParts", true),
        "DeleteObject" | "DeleteObjects" => ("s3:DeleteObject", true),
        "AbortMultipartUpload" => ("s3:AbortMultipartUpload", true),
        _ => ("s3:PutObject", true),
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
    check_parameters(ask, operation)?;
    let bucket = found(room, &target.bucket)?;
    if caller.region != bucket.region && operation != "GetBucketLocation" {
        return Err(redirect::refusal(
            room.options.redirect_style,
            operation,
            bucket,
            &caller.region,
        ));
    }
    match action(operation) {
        (action, false) => readable(bucket, &caller, action)?,
        // Its answer says for each key whether it was deleted.
        _ if operation == "DeleteObjects" => {}
        (action, true) => own(bucket, &caller).and_then(|()| allowed(&caller, action))?,
    }
    if matches!(action(operation), (_, true)) {
        return change(room, operation, &caller, &target, ask);
    }
    look(room, operation, &target, ask)
}

fn look(room: &Room, operation: &str, target: &Target, ask: &Ask) -> Result<Answer, Refusal> {
    let bucket = found(room, &target.bucket)?;
    let most = room.options.s3_page_size.clamp(1, 1000);
    match operation {
        "HeadBucket" => Ok(Answer::new(200).with("x-amz-bucket-region", &bucket.region)),
        "GetBucketLocation" => Ok(buckets::location(bucket)),
        "GetObjectTagging" => object::tags(bucket, &target.key),
        "ListMultipartUploads" => Ok(multipart::list_uploads(room, target, ask)),
        "ListObjectsV2" | "ListObjects" => {
            list::list(bucket, ask, most, operation == "ListObjectsV2")
        }
        _ => object::read(bucket, &target.key, ask),
    }
}

fn change(
    room: &mut Room,
    operation: &str,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    match operation {
        "PutObject" => write::put(room, caller, target, ask),
        "CopyObject" => write::copy(room, caller, target, ask),
        "DeleteObject" => Ok(write::delete(room, target)),
        "DeleteObjects" => write::delete_many(room, caller, target, ask),
        "CreateMultipartUpload" => multipart::create(room, target, ask),
        "UploadPart" => multipart::upload_part(room, caller, target, ask),
        "UploadPartCopy" => multipart::upload_part_copy(room, caller, target, ask),
        "CompleteMultipartUpload" => multipart::complete(room, caller, target, ask),
        "AbortMultipartUpload" => multipart::abort(room, target, ask),
        _ => multipart::list_parts(room, target, ask),
    }
}

/// Parameters that turn a request into another operation, which is not here: a
/// listing in place of an ACL would be a lie.
const SUBRESOURCES: [&str; 25] = [
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "versioning",
    "website",
];

fn check_parameters(ask: &Ask, operation: &str) -> Result<(), Refusal> {
    let versions = |name: &str| name == "versions" || name == "versionId";
    let part =
        |name: &str| name == "partNumber" && ["GetObject", "HeadObject"].contains(&operation);
    let tags = |name: &str| name == "tagging" && operation == "GetObjectTagging";
    let absent = |name: &str| SUBRESOURCES.contains(&name) || versions(name) || part(name);
    let other = ask.query.iter().find(|(name, _)| absent(name) && !tags(name));
    match other {
        Some((name, _)) => {
            Err(Refusal::new(501, "NotImplemented", format!("the sandbox has no `?{name}`")))
        }
        None => Ok(()),
    }
}

fn found<'a>(room: &'a Room, name: &str) -> Result<&'a Bucket, Refusal> {
    let bucket = room.world.bucket(name);
    bucket.ok_or_else(|| missing_bucket().detail("BucketName", name))
}

fn missing_bucket() -> Refusal {
    Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
}

fn missing_key(key: &str) -> Refusal {
    Refusal::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
}

fn argument(message: &str) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
}

/// A file of the world's that has gone or has changed.
fn lost(error: &std::io::Error) -> Refusal {
    Refusal::new(500, "InternalError", format!("the object's file cannot be read: {error}"))
}

/// The owner's principals and those of the readers may read, unless denied.
fn readable(bucket: &Bucket, caller: &Caller, action: &str) -> Result<(), Refusal> {
    let account = &caller.principal.account;
    let reader = bucket.account == *account || bucket.readers.contains(account);
    if reader { allowed(caller, action) } else { Err(denied(caller, action)) }
}

/// The owner's principals alone may write.
fn own(bucket: &Bucket, caller: &Caller) -> Result<(), Refusal> {
    let ours = bucket.account == caller.principal.account;
    if ours { Ok(()) } else { Err(denied(caller, "s3:PutObject")) }
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
