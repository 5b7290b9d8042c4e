//! `s3 ls` against the sandbox, letter for letter.

use super::args::Ls;
use super::ls::{Desk, Found, list};
use super::uri::{Place, parse};
use clap::{Args, FromArgMatches};
use daypass_core::aws::Aws;
use daypass_core::aws::s3::Addressing;
use daypass_core::credentials::RoleCredentials;
use daypass_core::host::Clock;
use daypass_core::resolve::Connection;
use daypass_core::resolve::connection::Service;
use daypass_core::{Error, Kind};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandbox::world::{Bucket, IamKey};
use sandbox::{Options, Running, Sandbox, World};
use std::io::{self, Write};
use vault::Secret;

const ACCOUNT: &str = "867530900000";

fn asked(words: &[&str]) -> Result<Ls, clap::Error> {
    let command = Ls::augment_args(clap::Command::new("ls"));
    let matches = command.try_get_matches_from([&["ls"], words].concat())?;
    Ls::from_arg_matches(&matches)
}

fn place(text: &str) -> Result<Place, Error> {
    parse(text)
}

fn within(bucket: &str, prefix: &str) -> Place {
    Place::Within { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
}

fn world() -> World {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let written = at("2025-01-09T02:26:40Z");
    let mut bucket = Bucket::new("nasa-disasters", "us-west-2", ACCOUNT)
        .with_object("browseui/index.html", 500, written)
        .with_object("california_wildfires_202501/a.tif", 1_048_064, written)
        .with_object("california_wildfires_202501/sub/b.tif", 1, written)
        .with_object("catalog.json", 42, at("2025-07-02T10:00:00Z"))
        .with_object("esc\u{1b}[2J", 0, written);
    bucket.created = at("2022-06-14T17:03:21Z");
    let empty = Bucket::new("empty", "us-east-1", ACCOUNT);
    let many = Bucket::new("many", "us-east-1", ACCOUNT).with_many_objects("k", 2500);
    let key = IamKey {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "secret".to_owned(),
        user: "ada".to_owned(),
        account: ACCOUNT.to_owned(),
        ..IamKey::default()
    };
    let buckets = [bucket, empty, many];
    let world = World::new("https://d-9067c5bbc5.awsapps.com/start", "us-east-1");
    let world = world.with_account(ACCOUNT, "Disasters").with_iam_key(key);
    buckets.into_iter().fold(world, World::with_bucket)
}

struct Scene {
    running: Running,
    terminal: bool,
}

impl Scene {
    fn new() -> Self {
        let running = Sandbox::start_blocking(world(), Options::default()).unwrap();
        Self { running, terminal: false }
    }

    #[expect(clippy::disallowed_methods, reason = "signatures are held against the real clock")]
    fn list_to(&self, words: &[&str], out: &mut dyn Write) -> Result<Found, Error> {
        let mut connection = Connection::default();
        connection.max_attempts = 1;
        connection.override_endpoint(Service::S3, &self.running.endpoints().s3);
        let aws = Aws::new(connection, Clock::new(Timestamp::now))?;
        let keys = RoleCredentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: None,
            expiration: None,
            account_id: None,
        };
        let desk = Desk {
            s3: &aws.s3(None, Some(&keys), Addressing::Auto)?,
            zone: &TimeZone::get("America/Los_Angeles").unwrap(),
            terminal: self.terminal,
            explain: &|fault| fault.into_error(Timestamp::now()),
        };
        let asked = asked(words).unwrap();
        let place = asked.place(Some("s3://nasa-disasters"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(list(&desk, &asked, &place, out))
    }

    fn list(&self, words: &[&str]) -> (String, Found) {
        let mut out = Vec::new();
        let found = self.list_to(words, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), found)
    }
}

const TOP: &str = "                           PRE browseui/
                           PRE california_wildfires_202501/
2025-07-02 03:00:00         42 catalog.json
2025-01-08 18:26:40          0 esc\u{1b}[2J
";

#[test]
fn the_default_bucket_a_bucket_and_the_buckets() {
    let scene = Scene::new();
    assert_eq!(scene.list(&[]), (TOP.to_owned(), Found::Something));
    assert_eq!(scene.list(&["nasa-disasters"]).0, TOP);
    assert_eq!(scene.list(&["s3://nasa-disasters/"]).0, TOP);
    let buckets = "1969-12-31 16:00:00 empty
1969-12-31 16:00:00 many
2022-06-14 10:03:21 nasa-disasters
";
    assert_eq!(scene.list(&["s3://"]).0, buckets);
    assert_eq!(scene.list(&["--bucket-name-prefix", "na"]).0, &buckets[51..]);
    let none = "\nTotal Objects: 0\n   Total Size: 0\n".to_owned();
    assert_eq!(
        scene.list(&["--bucket-region", "eu-west-1", "--summarize"]),
        (none, Found::Something)
    );
}

#[test]
fn prefixes_match_letters_not_folders() {
    let scene = Scene::new();
    let wildfires = "                           PRE california_wildfires_202501/\n";
    assert_eq!(scene.list(&["nasa-disasters/cali"]).0, wildfires);
    let inside = "                           PRE sub/\n2025-01-08 18:26:40    1048064 a.tif\n";
    assert_eq!(scene.list(&["s3://nasa-disasters/california_wildfires_202501/"]).0, inside);
}

#[test]
fn everything_with_sizes_and_sums() {
    let scene = Scene::new();
    let words = ["nasa-disasters/cali", "--recursive", "--human-readable", "--summarize"];
    let all = "2025-01-08 18:26:40    1.0 MiB california_wildfires_202501/a.tif
2025-01-08 18:26:40     1 Byte california_wildfires_202501/sub/b.tif

Total Objects: 2
   Total Size: 1.0 MiB
";
    assert_eq!(scene.list(&words).0, all);
    let (text, _) = scene.list(&["many", "--summarize", "--page-size", "400"]);
    assert_eq!(text.lines().count(), 2503);
    assert!(text.ends_with("k002499\n\nTotal Objects: 2500\n   Total Size: 5623750\n"), "{text}");
}

#[test]
fn nothing_found_is_told_apart_from_nothing_there() {
    let scene = Scene::new();
    assert_eq!(scene.list(&["empty"]), (String::new(), Found::Something));
    assert_eq!(scene.list(&["empty/x"]), (String::new(), Found::Nothing));
    let sums = "\nTotal Objects: 0\n   Total Size: 0\n".to_owned();
    assert_eq!(scene.list(&["many/x", "--summarize"]), (sums, Found::Nothing));
}

#[test]
fn a_terminal_is_not_steered() {
    let scene = Scene { terminal: true, ..Scene::new() };
    let (text, _) = scene.list(&["nasa-disasters/esc"]);
    assert_eq!(text, "2025-01-08 18:26:40          0 esc\u{fffd}[2J\n");
}

#[test]
fn an_error_says_what_to_do() {
    let error = Scene::new().list_to(&["nowhere"], &mut io::sink()).unwrap_err();
    assert_eq!(
        error.message(),
        "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist"
    );
    assert!(error.next_step().unwrap_or_default().contains("`nowhere`"));
}

/// A reader that goes away after so many writes, for one reason or another.
struct Leaving(usize, io::ErrorKind);

impl Write for Leaving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).ok_or(self.1)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_ends_the_listing_quietly() {
    let scene = Scene::new();
    let mut reader = Leaving(1, io::ErrorKind::BrokenPipe);
    assert_eq!(scene.list_to(&["many"], &mut reader).unwrap(), Found::Something);
    assert_eq!(scene.running.control().count("ListObjectsV2"), 1, "no page is asked for in vain");
    let mut disk = Leaving(1, io::ErrorKind::StorageFull);
    assert_eq!(scene.list_to(&["many"], &mut disk).unwrap_err().kind(), Kind::Store);
}

#[test]
fn words_are_the_aws_clis() {
    let all = asked(&["b", "--page-size", "-1", "--request-payer", "--human-readable"]).unwrap();
    assert_eq!((all.page_size, all.request_payer.as_deref()), (Some(-1), Some("requester")));
    assert!(asked(&["b", "--request-payer", "requester"]).unwrap().request_payer.is_some());
    for wrong in [&["b", "c"][..], &["b", "--page-size", "x"], &["--request-payer", "b"]] {
        asked(wrong).unwrap_err();
    }
}

#[test]
fn a_default_uri_stands_in_for_none() {
    let default = Some("s3://data/maps/");
    let place = |words: &[&str]| asked(words).unwrap().place(default).unwrap();
    assert_eq!(place(&[]), within("data", "maps/"));
    assert_eq!(place(&["s3://"]), Place::Buckets);
    assert_eq!(place(&["--bucket-region", "us-west-2"]), Place::Buckets);
    assert_eq!(asked(&[]).unwrap().place(None).unwrap(), Place::Buckets);
    let error = asked(&[]).unwrap().place(Some("S3://x")).unwrap_err();
    assert!(error.to_string().contains("default_s3_uri"), "{error}");
}

#[test]
fn uris_are_split_as_the_aws_cli_does() {
    for text in ["", "s3://", "s3:///", "/", "s3:///x", "/tmp"] {
        assert_eq!(place(text).unwrap(), Place::Buckets, "{text}");
    }
    let point = "arn:aws:s3:us-west-2:123456789012:accesspoint/maps";
    let colon = "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:maps";
    let outpost = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/maps";
    let cases = [
        ("b", "b", ""),
        ("s3://b/", "b", ""),
        ("s3://b/a b/c", "b", "a b/c"),
        ("b//c", "b", "/c"),
        (point, point, ""),
        (&format!("s3://{point}/pre/x"), point, "pre/x"),
        (&format!("{colon}/pre"), colon, "pre"),
        (&format!("{outpost}/pre"), outpost, "pre"),
        (&format!("{outpost}:pre"), outpost, "pre"),
    ];
    for (text, bucket, prefix) in cases {
        assert_eq!(place(text).unwrap(), within(bucket, prefix), "{text}");
    }
}

#[test]
fn what_cannot_be_listed_is_refused() {
    let cases = [
        ("s3:/x", "s3://BUCKET"),
        ("S3://x", "s3://BUCKET"),
        ("Bad_Bucket!", "Invalid bucket name"),
        ("b\u{1b}c", "b\\u{1b}c"),
        ("arn:aws:s3:::bucket/key", "Invalid bucket name"),
        ("arn:aws:s3:us-west-2:123456789012:accesspoint:my:ap/x", "Invalid bucket name"),
        ("arn:aws:s3::123456789012:accesspoint/m.mrap/y", "multi-region"),
        ("arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/x/y", "Object Lambda"),
        ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-0/bucket/x/y", "Outpost Bucket"),
    ];
    for (text, words) in cases {
        let error = place(text).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        let shown = format!("{error} {}", error.next_step().unwrap_or_default());
        assert!(shown.contains(words), "{text}: {shown}");
    }
}
