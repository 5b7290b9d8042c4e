//! `PutObject`, `CopyObject`, `DeleteObject`, `DeleteObjects`.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use sha2::Digest as _;

use super::checksum::{self, Checksum};
use super::{Caller, NAMESPACE, Target, allowed, argument, found, missing_key, own, readable};
use crate::http::{Answer, Ask, Refusal};
use crate::random::hex;
use crate::room::Room;
use crate::services::xml::{self, Xml};
use crate::world::{Object, Upload};

/// Headers that come back as they were sent.
const KEPT: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];
/// Most bytes of keys and of metadata.
const MOST_KEY: usize = 1024;
const MOST_METADATA: usize = 2048;
/// Most keys of one `DeleteObjects`.
const MOST_DELETED: usize = 1000;
/// What would be promised and not kept.
const UNKEPT: [&str; 6] = [
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-legal-hold",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-write-offset-bytes",
];

/// What a request to write says of the object, but for its bytes.
pub(super) fn headers(ask: &Ask) -> Result<Vec<(String, String)>, Refusal> {
    if let Some(name) = UNKEPT.iter().find(|name| ask.header(name).is_some()) {
        return Err(Refusal::new(501, "NotImplemented", format!("the sandbox has no {name}")));
    }
    check_choice(ask, "x-amz-storage-class", &["STANDARD"], "InvalidStorageClass")?;
    check_choice(
        ask,
        "x-amz-server-side-encryption",
        &["AES256"],
        "InvalidEncryptionAlgorithmError",
    )?;
    let owners = ["private", "bucket-owner-full-control"];
    check_choice(ask, "x-amz-acl", &owners, "AccessControlListNotSupported")?;
    let kept = |name: &str| KEPT.contains(&name) || name.starts_with("x-amz-meta-");
    let text = |name: &str| Some((name.to_owned(), ask.header(name)?.to_owned()));
    let names = ask.headers.keys().map(|name| name.as_str()).filter(|name| kept(name));
    let mut headers: Vec<_> = names.filter_map(text).collect();
    unchunk(&mut headers);
    let metadata = headers.iter().filter(|(name, _)| name.starts_with("x-amz-meta-"));
    let length: usize =
        metadata.map(|(name, value)| name.len() - "x-amz-meta-".len() + value.len()).sum();
    if length > MOST_METADATA {
        let text = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Refusal::new(400, "MetadataTooLarge", text));
    }
    Ok(headers)
}

fn check_choice(ask: &Ask, name: &str, known: &[&str], code: &str) -> Result<(), Refusal> {
    match ask.header(name).filter(|asked| !known.contains(asked)) {
        Some(asked) => Err(Refusal::new(400, code, format!("the sandbox has no {name} `{asked}`"))),
        None => Ok(()),
    }
}

/// `aws-chunked` is how the body came, not what the object is.
fn unchunk(headers: &mut Vec<(String, String)>) {
    for (_, value) in headers.iter_mut().filter(|(name, _)| name == "content-encoding") {
        let parts = value.split(',').map(str::trim).filter(|part| *part != "aws-chunked");
        *value = parts.collect::<Vec<_>>().join(",");
    }
    headers.retain(|(name, value)| name != "content-encoding" || !value.is_empty());
}

pub(super) fn md5(bytes: &[u8]) -> String {
    hex(&md5::Md5::digest(bytes))
}

/// Stores an object, if the request's condition holds.
pub(super) fn store(
    room: &mut Room,
    target: &Target,
    ask: &Ask,
    upload: Upload,
) -> Result<(), Refusal> {
    if target.key.len() > MOST_KEY {
        return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"));
    }
    let now = room.now();
    let bucket = room.world.bucket_mut(&target.bucket).ok_or_else(super::missing_bucket)?;
    let there = bucket.objects.get(&target.key).map(|object| object.etag(&target.key));
    let fails = match (ask.header("if-none-match"), ask.header("if-match")) {
        (Some("*"), _) => there.is_some(),
        (Some(_), _) => return Err(argument("If-None-Match is not `*`")),
        (None, Some(wanted)) => there.as_deref() != Some(wanted),
        (None, None) => false,
    };
    if fails {
        let text = "At least one of the pre-conditions you specified did not hold";
        return Err(Refusal::new(412, "PreconditionFailed", text));
    }
    // S3 keeps whole seconds.
    let modified = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
    bucket.objects.insert(target.key.clone(), Object::uploaded(Arc::new(upload), modified));
    Ok(())
}

pub(super) fn put(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    let checksum = checksum::check(ask, &caller.payload)?;
    let upload = Upload {
        bytes: caller.payload.bytes.clone(),
        etag: format!("\"{}\"", md5(&caller.payload.bytes)),
        headers: headers(ask)?,
        checksum: Some(checksum.clone()),
    };
    let etag = upload.etag.clone();
    store(room, target, ask, upload)?;
    Ok(described(Answer::new(200).with("etag", etag), &checksum))
}

/// With what S3 says of every object it has stored.
pub(super) fn described(answer: Answer, checksum: &Checksum) -> Answer {
    answer
        .with("x-amz-server-side-encryption", "AES256")
        .with(checksum.algorithm.header(), &checksum.value)
        .with("x-amz-checksum-type", checksum.kind())
}

/// The object that `x-amz-copy-source` names, if the caller may read it.
pub(super) fn source<'a>(
    room: &'a Room,
    caller: &Caller,
    ask: &Ask,
) -> Result<(String, &'a Object), Refusal> {
    let named = ask.header("x-amz-copy-source").unwrap_or_default();
    let named = percent_decode_str(named).decode_utf8_lossy().into_owned();
    let (bucket, key) = named
        .trim_start_matches('/')
        .split_once('/')
        .ok_or_else(|| argument("the copy source is not BUCKET/KEY"))?;
    let bucket = found(room, bucket)?;
    readable(bucket, caller, "s3:GetObject")?;
    let object = bucket.objects.get(key).ok_or_else(|| missing_key(key))?;
    Ok((key.to_owned(), object))
}

pub(super) fn copy(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    let (key, object) = source(room, caller, ask)?;
    let bytes = object.bytes(&key, 0..object.size).map_err(|error| super::lost(&error))?;
    let replace = ask.header("x-amz-metadata-directive") == Some("REPLACE");
    let headers = if replace { headers(ask)? } else { object.headers().to_vec() };
    let etag = format!("\"{}\"", md5(&bytes));
    let checksum = checksum::Algorithm::Crc64nvme.compute(&bytes);
    let upload =
        Upload { bytes: bytes.into(), etag: etag.clone(), headers, checksum: Some(checksum) };
    store(room, target, ask, upload)?;
    let modified = room.now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let mut xml = Xml::new();
    xml.open("CopyObjectResult", NAMESPACE).text("ETag", &etag).text("LastModified", &modified);
    Ok(Answer::xml(200, "application/xml", xml.close("CopyObjectResult").finish()))
}

/// An object that is not there is as good as deleted.
pub(super) fn delete(room: &mut Room, target: &Target) -> Answer {
    if let Some(bucket) = room.world.bucket_mut(&target.bucket) {
        bucket.objects.remove(&target.key);
    }
    Answer::new(204)
}

pub(super) fn delete_many(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    if ask.header("content-md5").is_none()
        && !ask.headers.keys().any(|name| is_checksum(name.as_str()))
    {
        let text = "Missing required header for this request: Content-MD5 or a checksum";
        return Err(Refusal::new(400, "InvalidRequest", text));
    }
    checksum::check(ask, &caller.payload)?;
    let malformed =
        || Refusal::new(400, "MalformedXML", "The XML you provided was not well-formed");
    let document = xml::read(&caller.payload.bytes, "Delete").ok_or_else(malformed)?;
    let quiet = document.text("Quiet") == Some("true");
    let keys: Vec<_> = document.all("Object").filter_map(|object| object.text("Key")).collect();
    if keys.is_empty() || keys.len() > MOST_DELETED {
        return Err(malformed());
    }
    // Each key is answered for, so that one may be refused and another not.
    let may =
        own(found(room, &target.bucket)?, caller).and_then(|()| allowed(caller, "s3:DeleteObject"));
    let mut answer = Xml::new();
    answer.open("DeleteResult", NAMESPACE);
    for key in keys {
        match &may {
            Ok(()) => {
                delete(room, &Target { bucket: target.bucket.clone(), key: key.to_owned() });
                if !quiet {
                    answer.open("Deleted", "").text("Key", key).close("Deleted");
                }
            }
            Err(refusal) => {
                answer.open("Error", "").text("Key", key).text("Code", &refusal.code);
                answer.text("Message", &refusal.message).close("Error");
            }
        }
    }
    Ok(Answer::xml(200, "application/xml", answer.close("DeleteResult").finish()))
}

fn is_checksum(name: &str) -> bool {
    name.starts_with("x-amz-checksum-") || name == "x-amz-trailer"
}
