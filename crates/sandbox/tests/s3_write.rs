//! S3: what is written, and who may.
#![allow(clippy::disallowed_methods, reason = "tests write their fixtures")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::signing::Signing;
use common::{ACCOUNT, Client, Reply, pkce_registration, text};
use sandbox::{Options, World};

const BUCKET: &str = "/nasa-disasters";

/// A client, signed in, with the credentials of a role.
fn with_role(world: World, role: &str) -> (Client, Signing) {
    let client = Client::of(world, Options::default(), &pkce_registration());
    let token = client.sign_in();
    let target = format!("/federation/credentials?role_name={role}&account_id={ACCOUNT}");
    let reply = client.portal("GET", &target, text(&token, "accessToken"));
    assert_eq!(reply.status, 200, "{reply:?}");
    let signing = Signing::with(&reply.json()["roleCredentials"], "s3", "us-west-2");
    (client, signing)
}

fn power_user() -> (Client, Signing) {
    with_role(World::guide(), "Project-Power-User")
}

fn ask(client: &Client, signing: &Signing, method: &str, path: &str, body: &str) -> Reply {
    signing.send(&client.running.endpoints().s3, method, &format!("{BUCKET}{path}"), body)
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.xml("Code").unwrap_or_default())
}

#[test]
fn what_is_put_comes_back() {
    let (client, signing) = power_user();
    let described = signing
        .clone()
        .header("content-type", "text/plain")
        .header("x-amz-meta-colour", "blue")
        .header("x-amz-checksum-crc32", "DUoRhQ==");
    let put = ask(&client, &described, "PUT", "/a%20b/c.txt", "hello world");
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(put.header("etag"), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
    assert_eq!(put.header("x-amz-checksum-crc32"), Some("DUoRhQ=="));
    let checked = signing.clone().header("x-amz-checksum-mode", "ENABLED");
    let get = ask(&client, &checked, "GET", "/a%20b/c.txt", "");
    assert_eq!((get.status, get.body.as_str()), (200, "hello world"));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("x-amz-meta-colour", "blue"),
        ("x-amz-checksum-crc32", "DUoRhQ=="),
        ("etag", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\""),
    ] {
        assert_eq!(get.header(name), Some(value), "{name}");
    }
    let listing = ask(&client, &signing, "GET", "?list-type=2&prefix=a", "");
    assert_eq!((listing.all("Key"), listing.xml("Size")), (vec!["a b/c.txt"], Some("11")));
    assert_eq!(ask(&client, &signing, "DELETE", "/a%20b/c.txt", "").status, 204);
    assert_eq!(ask(&client, &signing, "GET", "/a%20b/c.txt", "").status, 404);
    assert_eq!(ask(&client, &signing, "DELETE", "/a%20b/c.txt", "").status, 204);
}

#[test]
fn a_role_that_may_only_read_cannot_write() {
    let (client, signing) = with_role(World::guide(), "ReadOnlyAccess");
    let key = "/browseui/index.html";
    assert_eq!(ask(&client, &signing, "GET", key, "").status, 200);
    for (method, path) in [
        ("PUT", key),
        ("DELETE", key),
        ("POST", "/x?uploads"),
        ("PUT", "/x?partNumber=1&uploadId=x"),
    ] {
        let reply = ask(&client, &signing, method, path, "");
        assert_eq!(error(&reply), (403, "AccessDenied"), "{method} {path}");
    }
    let body = "<Delete><Object><Key>browseui/index.html</Key></Object></Delete>";
    let checked = signing.clone().header("content-md5", &md5(body));
    let many = ask(&client, &checked, "POST", "?delete", body);
    assert_eq!((many.status, many.xml("Code")), (200, Some("AccessDenied")), "{many:?}");
    assert_eq!(ask(&client, &signing, "GET", key, "").status, 200, "it is still there");
}

fn md5(text: &str) -> String {
    STANDARD.encode(<md5::Md5 as sha2::Digest>::digest(text))
}

#[test]
fn bodies_are_what_their_checksums_say() {
    let (client, signing) = power_user();
    for (name, value, code) in [
        ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==", ""),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"),
        ("content-md5", "short", "InvalidDigest"),
        ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", ""),
        ("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "BadDigest"),
        ("x-amz-checksum-xxhash64", "AAAAAAAAAAA=", "InvalidRequest"),
        ("x-amz-sdk-checksum-algorithm", "CRC32", "InvalidRequest"),
    ] {
        let reply = ask(&client, &signing.clone().header(name, value), "PUT", "/x", "hello world");
        assert_eq!(reply.xml("Code").unwrap_or_default(), code, "{name} {value}");
    }
}

#[test]
fn promises_that_would_not_be_kept_are_refused() {
    let (client, signing) = power_user();
    for (name, value, status) in [
        ("x-amz-acl", "public-read", 400),
        ("x-amz-acl", "bucket-owner-full-control", 200),
        ("x-amz-storage-class", "GLACIER", 400),
        ("x-amz-server-side-encryption", "aws:kms", 400),
        ("x-amz-tagging", "a=b", 501),
    ] {
        let reply = ask(&client, &signing.clone().header(name, value), "PUT", "/x", "1");
        assert_eq!(reply.status, status, "{name} {value}");
    }
    assert_eq!(ask(&client, &signing, "PUT", "/x?tagging", "").status, 501);
    let tags = ask(&client, &signing, "GET", "/x?tagging", "");
    assert!(tags.body.ends_with("<TagSet></TagSet></Tagging>"), "it has none: {tags:?}");
    assert_eq!(ask(&client, &signing, "GET", "/x?versionId=1", "").status, 501);
}

#[test]
fn conditions() {
    let (client, signing) = power_user();
    let once = signing.clone().header("if-none-match", "*");
    let put = ask(&client, &once, "PUT", "/lock", "1");
    assert_eq!(put.status, 200);
    assert_eq!(error(&ask(&client, &once, "PUT", "/lock", "2")), (412, "PreconditionFailed"));
    let etag = put.header("etag").expect("an ETag").to_owned();
    let other = signing.clone().header("if-match", "\"another\"");
    assert_eq!(error(&ask(&client, &other, "GET", "/lock", "")), (412, "PreconditionFailed"));
    assert_eq!(error(&ask(&client, &other, "PUT", "/lock", "2")), (412, "PreconditionFailed"));
    let same = signing.clone().header("if-match", &etag);
    assert_eq!(ask(&client, &same, "PUT", "/lock", "3").status, 200);
    let known = signing.clone().header("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT");
    assert_eq!(ask(&client, &known, "GET", "/lock", "").status, 304);
    let old = signing.clone().header("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT");
    assert_eq!(ask(&client, &old, "GET", "/lock", "").status, 412);
}

#[test]
fn copies() {
    let (client, signing) = power_user();
    let from = |source: &str| signing.clone().header("x-amz-copy-source", source);
    let good = from("nasa-disasters/disasters/2024/helene/sar%20change%20map.png");
    let copy = ask(&client, &good, "PUT", "/copy.png", "");
    assert_eq!(copy.status, 200, "{copy:?}");
    assert!(copy.xml("ETag").is_some_and(|etag| etag.len() > 32));
    assert_eq!(ask(&client, &signing, "GET", "/copy.png", "").body.len(), 18330);
    let absent = ask(&client, &from("/nasa-disasters/absent"), "PUT", "/copy.png", "");
    assert_eq!(error(&absent), (404, "NoSuchKey"));
    let nowhere = ask(&client, &from("nowhere/x"), "PUT", "/copy.png", "");
    assert_eq!(error(&nowhere), (404, "NoSuchBucket"));
}

#[test]
fn many_are_deleted_at_once() {
    let (client, signing) = power_user();
    let body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                <Object><Key>browseui/index.html</Key></Object><Object><Key>absent &amp; odd</Key></Object></Delete>";
    let bare = ask(&client, &signing, "POST", "?delete", body);
    assert_eq!(error(&bare), (400, "InvalidRequest"), "a checksum is asked for");
    let checked = signing.clone().header("content-md5", &md5(body));
    let reply = ask(&client, &checked, "POST", "?delete", body);
    assert_eq!(reply.all("Key"), ["browseui/index.html", "absent &amp; odd"]);
    assert_eq!(ask(&client, &signing, "GET", "/browseui/index.html", "").status, 404);
    let broken = signing.clone().header("content-md5", &md5("<Delete>"));
    assert_eq!(error(&ask(&client, &broken, "POST", "?delete", "<Delete>")), (400, "MalformedXML"));
}

#[test]
fn uploads_in_parts() {
    let (client, signing) = power_user();
    let ask = |method, path: &str, body: &str| ask(&client, &signing, method, path, body);
    let begun = ask("POST", "/big?uploads", "");
    let id = begun.xml("UploadId").expect("an ID").to_owned();
    let part = |number: u32, body: &str| {
        let reply = ask("PUT", &format!("/big?partNumber={number}&uploadId={id}"), body);
        reply.header("etag").expect("an ETag").to_owned()
    };
    let (first, second) = ("a".repeat(5 << 20), "b".repeat(10));
    let (one, two, small) = (part(1, &first), part(2, &second), part(3, "c"));
    let complete = |parts: &[(u32, &str)]| {
        let part = |(number, etag): &(u32, &str)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        };
        let parts: String = parts.iter().map(part).collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        ask("POST", &format!("/big?uploadId={id}"), &body)
    };
    assert_eq!(error(&complete(&[(2, &two), (1, &one)])), (400, "InvalidPartOrder"));
    assert_eq!(error(&complete(&[(1, &two)])), (400, "InvalidPart"));
    assert_eq!(error(&complete(&[])), (400, "InvalidPart"));
    assert_eq!(error(&complete(&[(2, &two), (3, &small)])), (400, "EntityTooSmall"));
    let listed = ask("GET", &format!("/big?uploadId={id}"), "");
    assert_eq!(listed.all("PartNumber"), ["1", "2", "3"]);
    assert_eq!(ask("GET", "?uploads", "").all("Key"), ["big"]);
    let done = complete(&[(1, &one), (2, &two)]);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(done.xml("ETag").is_some_and(|etag| etag.ends_with("-2&quot;")), "{done:?}");
    let whole = ask("GET", "/big", "");
    assert_eq!((whole.body.len(), whole.body.ends_with("abbbbbbbbbb")), ((5 << 20) + 10, true));
    assert_eq!(error(&complete(&[(1, &one)])), (404, "NoSuchUpload"), "once");
    let other = ask("POST", "/other?uploads", "");
    let id = other.xml("UploadId").expect("an ID");
    assert_eq!(ask("DELETE", &format!("/other?uploadId={id}"), "").status, 204);
    assert_eq!(ask("GET", "?uploads", "").all("Key"), Vec::<&str>::new());
}

#[test]
fn a_directory_is_a_bucket_that_is_never_written_to() {
    let place = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(place.path().join("deep")).expect("a directory");
    std::fs::write(place.path().join("deep/one.txt"), "one two three").expect("a file");
    let world = |directory: &str| {
        let text = format!(
            "{}\n[[bucket]]\nname = \"files\"\nregion = \"us-west-2\"\naccount = \"{ACCOUNT}\"\n\
             directory = \"{directory}\"\n",
            include_str!("../worlds/guide.toml")
        );
        std::fs::write(place.path().join("w.toml"), &text).expect("a file");
        let sent = World::from_toml(&text, "w.toml").expect_err("not from a file").to_string();
        assert!(sent.ends_with("worlds that are files on this machine themselves"), "{sent}");
        World::load(place.path().join("w.toml"))
    };
    let error = world("absent").expect_err("no such directory").to_string();
    assert!(error.contains("the directory `absent` cannot be read"), "{error}");
    let (client, signing) = with_role(world(".").expect("a world"), "Project-Power-User");
    let ask = |method, path: &str, body: &str| {
        signing.send(&client.running.endpoints().s3, method, &format!("/files{path}"), body)
    };
    assert_eq!(ask("GET", "?list-type=2&prefix=deep", "").all("Key"), ["deep/one.txt"]);
    let ranged = signing.clone().header("range", "bytes=4-6");
    let base = client.running.endpoints().s3;
    assert_eq!(ranged.send(&base, "GET", "/files/deep/one.txt", "").body, "two");
    assert_eq!(ask("PUT", "/deep/one.txt", "four").status, 200);
    assert_eq!(ask("GET", "/deep/one.txt", "").body, "four");
    let kept = std::fs::read_to_string(place.path().join("deep/one.txt"));
    assert_eq!(kept.expect("the file"), "one two three");
}
