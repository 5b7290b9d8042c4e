//! `ListBuckets` and `GetBucketLocation`.

use super::{Caller, NAMESPACE, allowed};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::services::xml::Xml;
use crate::world::Bucket;

/// The caller's account's buckets by name; a `max-buckets` makes it pages.
pub(super) fn list(room: &Room, caller: &Caller, ask: &Ask) -> Result<Answer, Refusal> {
    allowed(caller, "s3:ListAllMyBuckets")?;
    let prefix = ask.parameter("prefix").unwrap_or_default();
    let region = ask.parameter("bucket-region");
    let after = ask.parameter("continuation-token").unwrap_or_default();
    let most = most(ask)?;
    let mut buckets: Vec<_> =
        room.world.buckets.iter().filter(|b| b.account == caller.principal.account).collect();
    buckets
        .retain(|b| b.name.starts_with(prefix) && region.is_none_or(|region| b.region == region));
    buckets.retain(|b| b.name.as_str() > after);
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    let more = buckets.len() > most;
    buckets.truncate(most);
    Ok(document(caller, ask, &buckets, more))
}

fn most(ask: &Ask) -> Result<usize, Refusal> {
    let Some(asked) = ask.parameter("max-buckets") else { return Ok(10_000) };
    let asked = asked.parse().ok().filter(|most| (1..=10_000).contains(most));
    asked.ok_or_else(|| Refusal::new(400, "InvalidArgument", "max-buckets is not 1 to 10000"))
}

fn document(caller: &Caller, ask: &Ask, buckets: &[&Bucket], more: bool) -> Answer {
    let mut xml = Xml::new();
    xml.open("ListAllMyBucketsResult", NAMESPACE).open("Owner", "");
    xml.text("ID", &caller.principal.account).close("Owner").open("Buckets", "");
    // The region comes only with the newer parameters, as in S3.
    let paged = ["max-buckets", "prefix", "bucket-region", "continuation-token"];
    let paged = paged.iter().any(|name| ask.parameter(name).is_some());
    for bucket in buckets {
        let created = bucket.created.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        xml.open("Bucket", "").text("Name", &bucket.name).text("CreationDate", &created);
        xml.maybe("BucketRegion", paged.then_some(&bucket.region)).close("Bucket");
    }
    xml.close("Buckets").maybe("Prefix", ask.parameter("prefix"));
    let last = buckets.last().filter(|_| more).map(|bucket| bucket.name.as_str());
    Answer::xml(
        200,
        "application/xml",
        xml.maybe("ContinuationToken", last).close("ListAllMyBucketsResult").finish(),
    )
}

/// The bucket's region; nothing for us-east-1.
pub(super) fn location(bucket: &Bucket) -> Answer {
    let region = if bucket.region == "us-east-1" { "" } else { &bucket.region };
    let mut xml = Xml::new();
    xml.open("LocationConstraint", NAMESPACE);
    let open = xml.finish();
    Answer::xml(200, "application/xml", format!("{open}{region}</LocationConstraint>"))
}
