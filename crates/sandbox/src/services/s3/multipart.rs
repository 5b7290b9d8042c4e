//! Uploads in parts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::checksum::{self, Algorithm, Checksum};
use super::{Caller, NAMESPACE, Target, argument, object, write};
use crate::http::{Answer, Ask, Refusal};
use crate::random;
use crate::room::Room;
use crate::services::xml::{self, Element, Xml};
use crate::state::{Multipart, Part};
use crate::world::Upload;

/// Every part but the last has at least as many bytes.
const LEAST: usize = 5 << 20;
const MOST_PARTS: u32 = 10_000;

pub(super) fn create(room: &mut Room, target: &Target, ask: &Ask) -> Result<Answer, Refusal> {
    let algorithm = ask.header("x-amz-checksum-algorithm").map(Algorithm::parse).transpose()?;
    let full = matches!(algorithm, Some(Algorithm::Crc64nvme));
    let composite = match ask.header("x-amz-checksum-type") {
        None => !full,
        Some("FULL_OBJECT") => false,
        Some("COMPOSITE") if !full => true,
        Some(_) => return Err(argument("there is no such checksum type for the algorithm")),
    };
    let multipart = Multipart {
        bucket: target.bucket.clone(),
        key: target.key.clone(),
        headers: write::headers(ask)?,
        algorithm,
        composite,
        begun: room.now(),
        parts: BTreeMap::new(),
    };
    let id = random::id();
    room.state.multiparts.insert(id.clone(), multipart);
    let mut xml = Xml::new();
    xml.open("InitiateMultipartUploadResult", NAMESPACE).text("Bucket", &target.bucket);
    xml.text("Key", &target.key).text("UploadId", &id).close("InitiateMultipartUploadResult");
    let mut answer = Answer::xml(200, "application/xml", xml.finish())
        .with("x-amz-server-side-encryption", "AES256");
    if let Some(algorithm) = algorithm {
        let kind = if composite { "COMPOSITE" } else { "FULL_OBJECT" };
        answer = answer.with("x-amz-checksum-algorithm", algorithm.name());
        answer = answer.with("x-amz-checksum-type", kind);
    }
    Ok(answer)
}

fn no_such_upload() -> Refusal {
    let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                aborted or completed.";
    Refusal::new(404, "NoSuchUpload", text)
}

/// The upload that the request names, of this very object.
fn of<'a>(
    room: &'a mut Room,
    target: &Target,
    ask: &Ask,
) -> Result<(String, &'a mut Multipart), Refusal> {
    let id = ask.parameter("uploadId").unwrap_or_default();
    let multipart = room.state.multiparts.get_mut(id);
    let ours = multipart.filter(|one| one.bucket == target.bucket && one.key == target.key);
    ours.map(|multipart| (id.to_owned(), multipart)).ok_or_else(no_such_upload)
}

fn number(text: Option<&str>) -> Result<u32, Refusal> {
    let number = text.and_then(|text| text.parse().ok());
    number
        .filter(|number| (1..=MOST_PARTS).contains(number))
        .ok_or_else(|| argument("Part number must be an integer between 1 and 10000, inclusive"))
}

pub(super) fn upload_part(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    let number = number(ask.parameter("partNumber"))?;
    let checksum = checksum::check(ask, &caller.payload)?;
    let bytes = caller.payload.bytes.clone();
    let etag = format!("\"{}\"", write::md5(&bytes));
    let (_, multipart) = of(room, target, ask)?;
    let checksum = multipart.algorithm.map_or(checksum, |algorithm| algorithm.compute(&bytes));
    multipart.parts.insert(number, Part { bytes, etag: etag.clone() });
    Ok(Answer::new(200)
        .with("etag", etag)
        .with("x-amz-server-side-encryption", "AES256")
        .with(checksum.algorithm.header(), &checksum.value))
}

pub(super) fn upload_part_copy(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    let number = number(ask.parameter("partNumber"))?;
    let (key, source) = write::source(room, caller, ask)?;
    let range = ask.header("x-amz-copy-source-range");
    let range = range.and_then(|range| object::parse_range(range, source.size)).transpose()?;
    let bytes = source.bytes(&key, range.unwrap_or(0..source.size));
    let bytes: Bytes = bytes.map_err(|error| super::lost(&error))?.into();
    let etag = format!("\"{}\"", write::md5(&bytes));
    let (_, multipart) = of(room, target, ask)?;
    multipart.parts.insert(number, Part { bytes, etag: etag.clone() });
    let modified = room.now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let mut xml = Xml::new();
    xml.open("CopyPartResult", NAMESPACE).text("ETag", &etag).text("LastModified", &modified);
    Ok(Answer::xml(200, "application/xml", xml.close("CopyPartResult").finish()))
}

pub(super) fn abort(room: &mut Room, target: &Target, ask: &Ask) -> Result<Answer, Refusal> {
    let (id, _) = of(room, target, ask)?;
    room.state.multiparts.remove(&id);
    Ok(Answer::new(204))
}

pub(super) fn complete(
    room: &mut Room,
    caller: &Caller,
    target: &Target,
    ask: &Ask,
) -> Result<Answer, Refusal> {
    let malformed =
        || Refusal::new(400, "MalformedXML", "The XML you provided was not well-formed");
    let document = xml::read(&caller.payload.bytes, "CompleteMultipartUpload");
    let document = document.ok_or_else(malformed)?;
    let wanted: Vec<_> = document.all("Part").collect();
    let (id, multipart) = of(room, target, ask)?;
    let parts = chosen(multipart, &wanted)?;
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.bytes.iter().copied()).collect();
    let digests: Vec<u8> =
        parts.iter().flat_map(|part| <md5::Md5 as sha2::Digest>::digest(&part.bytes)).collect();
    let etag = format!("\"{}-{}\"", write::md5(&digests), parts.len());
    let checksum = checksum(multipart, &parts, &bytes);
    let said = ask.header(checksum.algorithm.header());
    if said.is_some_and(|said| said != checksum.value) {
        return Err(checksum::bad_digest(checksum.algorithm.name()));
    }
    let upload = Upload {
        bytes: bytes.into(),
        etag: etag.clone(),
        headers: multipart.headers.clone(),
        checksum: Some(checksum.clone()),
    };
    write::store(room, target, ask, upload)?;
    room.state.multiparts.remove(&id);
    Ok(completed(room, target, &etag, &checksum))
}

/// The parts that the client names, in order, each as it was sent.
fn chosen(multipart: &Multipart, wanted: &[&Element]) -> Result<Vec<Part>, Refusal> {
    let invalid = || {
        let text = "One or more of the specified parts could not be found. The part may not have been uploaded, or \
                    the specified entity tag may not match the part's entity tag.";
        Refusal::new(400, "InvalidPart", text)
    };
    let (mut parts, mut last) = (Vec::new(), 0);
    for part in wanted {
        let number = number(part.text("PartNumber"))?;
        if number <= last {
            let text = "The list of parts was not in ascending order.";
            return Err(Refusal::new(400, "InvalidPartOrder", text));
        }
        last = number;
        let known = multipart.parts.get(&number).ok_or_else(invalid)?;
        let etag = part.text("ETag").unwrap_or_default();
        if etag.trim_matches('"') != known.etag.trim_matches('"') {
            return Err(invalid());
        }
        parts.push(known.clone());
    }
    let Some((_, before)) = parts.split_last() else { return Err(invalid()) };
    if before.iter().any(|part| part.bytes.len() < LEAST) {
        let text = "Your proposed upload is smaller than the minimum allowed size";
        return Err(Refusal::new(400, "EntityTooSmall", text));
    }
    Ok(parts)
}

/// Of the whole object, or of the parts' checksums.
fn checksum(multipart: &Multipart, parts: &[Part], bytes: &[u8]) -> Checksum {
    let Some(algorithm) = multipart.algorithm else {
        return Algorithm::Crc64nvme.compute(bytes);
    };
    if !multipart.composite {
        return algorithm.compute(bytes);
    }
    let digests: Vec<u8> = parts.iter().flat_map(|part| algorithm.digest(&part.bytes)).collect();
    let value = format!("{}-{}", STANDARD.encode(algorithm.digest(&digests)), parts.len());
    Checksum { algorithm, value, composite: true }
}

fn completed(room: &Room, target: &Target, etag: &str, checksum: &Checksum) -> Answer {
    let location = format!("{}/{}/{}", room.endpoints.s3, target.bucket, target.key);
    let mut xml = Xml::new();
    xml.open("CompleteMultipartUploadResult", NAMESPACE).text("Location", &location);
    xml.text("Bucket", &target.bucket).text("Key", &target.key).text("ETag", etag);
    xml.text(&checksum.algorithm.element(), &checksum.value);
    xml.text("ChecksumType", checksum.kind()).close("CompleteMultipartUploadResult");
    Answer::xml(200, "application/xml", xml.finish()).with("x-amz-server-side-encryption", "AES256")
}

pub(super) fn list_parts(room: &mut Room, target: &Target, ask: &Ask) -> Result<Answer, Refusal> {
    let most = ask.parameter("max-parts").map_or(Ok(1000), str::parse);
    let most = most.map_err(|_| argument("max-parts is not a number"))?.min(1000);
    let after = ask.parameter("part-number-marker").map_or(Ok(0), str::parse::<u32>);
    let after = after.map_err(|_| argument("part-number-marker is not a number"))?;
    let modified = room.now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let (id, multipart) = of(room, target, ask)?;
    let mut parts = multipart.parts.range(after.saturating_add(1)..);
    let page: Vec<_> = parts.by_ref().take(most).collect();
    let mut xml = Xml::new();
    xml.open("ListPartsResult", NAMESPACE).text("Bucket", &target.bucket);
    xml.text("Key", &target.key).text("UploadId", &id);
    xml.text("PartNumberMarker", &after.to_string()).text("MaxParts", &most.to_string());
    let more = parts.next().is_some();
    let next = page.last().map(|(number, _)| number.to_string()).filter(|_| more);
    xml.maybe("NextPartNumberMarker", next.as_deref());
    xml.text("IsTruncated", if more { "true" } else { "false" });
    for (number, part) in page {
        xml.open("Part", "").text("PartNumber", &number.to_string()).text("ETag", &part.etag);
        xml.text("LastModified", &modified);
        xml.text("Size", &part.bytes.len().to_string()).close("Part");
    }
    xml.text("StorageClass", "STANDARD");
    Ok(Answer::xml(200, "application/xml", xml.close("ListPartsResult").finish()))
}

pub(super) fn list_uploads(room: &Room, target: &Target, ask: &Ask) -> Answer {
    let prefix = ask.parameter("prefix").unwrap_or_default();
    let mut uploads: Vec<_> = room.state.multiparts.iter().collect();
    uploads.retain(|(_, one)| one.bucket == target.bucket && one.key.starts_with(prefix));
    uploads.sort_by_key(|(id, one)| (one.key.clone(), one.begun, (*id).clone()));
    let mut xml = Xml::new();
    xml.open("ListMultipartUploadsResult", NAMESPACE).text("Bucket", &target.bucket);
    xml.maybe("Prefix", ask.parameter("prefix")).text("MaxUploads", "1000");
    xml.text("IsTruncated", "false");
    for (id, one) in uploads {
        let begun = one.begun.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        xml.open("Upload", "").text("Key", &one.key).text("UploadId", id);
        xml.text("StorageClass", "STANDARD").text("Initiated", &begun).close("Upload");
    }
    Answer::xml(200, "application/xml", xml.close("ListMultipartUploadsResult").finish())
}
