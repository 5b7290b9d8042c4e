//! S3: listings, objects, and buckets elsewhere.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use std::time::{Duration, SystemTime};

use common::signing::Signing;
use common::{Client, Reply, pkce_registration, send, text};
use sandbox::world::Bucket;
use sandbox::{Options, RedirectStyle, World};

fn signed_in(world: World, options: Options) -> (Client, Signing) {
    let client = Client::of(world, options, &pkce_registration());
    let token = client.sign_in();
    let credentials = client.role_credentials(text(&token, "accessToken"));
    (client, Signing::with(&credentials, "s3", "us-west-2"))
}

fn guide() -> (Client, Signing) {
    signed_in(World::guide(), Options::default())
}

fn get(client: &Client, signing: &Signing, target: &str) -> Reply {
    signing.send(&client.running.endpoints().s3, "GET", target, "")
}

fn head(client: &Client, signing: &Signing, target: &str) -> Reply {
    signing.send(&client.running.endpoints().s3, "HEAD", target, "")
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.xml("Code").unwrap_or_default())
}

#[test]
fn the_guides_listing() {
    let (client, signing) = guide();
    let reply = get(
        &client,
        &signing,
        "/nasa-disasters?list-type=2&delimiter=%2F&prefix=&encoding-type=url",
    );
    assert_eq!(reply.status, 200, "{reply:?}");
    // The first is the echo of the request's prefix.
    assert_eq!(
        reply.all("Prefix"),
        ["", "browseui/", "california_wildfires_202501/", "disasters/"]
    );
    assert_eq!(reply.all("Key"), Vec::<&str>::new());
    assert_eq!(reply.xml("KeyCount"), Some("3"));
}

#[test]
fn a_prefix_is_not_a_directory() {
    let (client, signing) = guide();
    let reply = get(&client, &signing, "/nasa-disasters?list-type=2&delimiter=%2F&prefix=cali");
    assert_eq!(reply.all("Prefix"), ["cali", "california_wildfires_202501/"]);
    let reply =
        get(&client, &signing, "/nasa-disasters?list-type=2&delimiter=%2F&prefix=disasters%2F");
    assert_eq!(reply.all("Prefix"), ["disasters/", "disasters/2024/", "disasters/2025/"]);
    assert_eq!(reply.all("Key"), ["disasters/catalog.json"]);
    assert_eq!(reply.xml("LastModified"), Some("2025-04-02T10:00:00.000Z"));
}

#[test]
fn keys_are_encoded_when_asked() {
    let (client, signing) = guide();
    let target = "/nasa-disasters?list-type=2&prefix=disasters%2F2024%2Fhelene%2Fsar";
    assert_eq!(
        get(&client, &signing, target).all("Key"),
        ["disasters/2024/helene/sar change map.png"]
    );
    let encoded = get(&client, &signing, &format!("{target}&encoding-type=url"));
    assert_eq!(encoded.all("Key"), ["disasters/2024/helene/sar%20change%20map.png"]);
    assert_eq!(get(&client, &signing, &format!("{target}&encoding-type=rot13")).status, 400);
}

/// All keys and prefixes of a listing, page by page.
fn all(client: &Client, signing: &Signing, target: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut token) = (Vec::new(), 0, None::<String>);
    loop {
        let more = token.map(|token| {
            let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
            format!("&continuation-token={token}")
        });
        let reply = get(client, signing, &format!("{target}{}", more.unwrap_or_default()));
        assert_eq!(reply.status, 200, "{reply:?}");
        found.extend(reply.all("Key").into_iter().map(str::to_owned));
        found.extend(reply.all("Prefix").into_iter().skip(1).map(str::to_owned));
        pages += 1;
        token = reply.xml("NextContinuationToken").map(str::to_owned);
        assert_eq!(reply.xml("IsTruncated"), Some(if token.is_some() { "true" } else { "false" }));
        if token.is_none() {
            return (found, pages);
        }
    }
}

#[test]
fn a_hundred_thousand_keys() {
    let bucket =
        Bucket::new("large", "us-west-2", common::ACCOUNT).with_many_objects("x/", 100_000);
    let (client, signing) = signed_in(World::guide().with_bucket(bucket), Options::default());
    let (keys, pages) = all(&client, &signing, "/large?list-type=2");
    assert_eq!((keys.len(), pages), (100_000, 100));
    assert!(keys.is_sorted());
    assert_eq!(all(&client, &signing, "/large?list-type=2&delimiter=%2F"), (vec!["x/".into()], 1));
    let after = get(&client, &signing, "/large?list-type=2&start-after=x%2F099997");
    assert_eq!(after.all("Key"), ["x/099998", "x/099999"]);
}

#[test]
fn pages_of_prefixes_and_keys() {
    let (client, signing) = guide();
    let whole = all(&client, &signing, "/nasa-disasters?list-type=2&prefix=disasters%2F").0;
    let parts =
        all(&client, &signing, "/nasa-disasters?list-type=2&prefix=disasters%2F&max-keys=2");
    assert_eq!(parts, (whole, 3));
    let rolled = all(&client, &signing, "/nasa-disasters?list-type=2&delimiter=%2F&max-keys=1");
    assert_eq!(rolled.0, ["browseui/", "california_wildfires_202501/", "disasters/"]);
    assert_eq!(rolled.1, 3);
}

#[test]
fn the_older_listing_goes_on_from_a_marker() {
    let (client, signing) = guide();
    let reply = get(&client, &signing, "/nasa-disasters?delimiter=%2F&max-keys=2");
    assert_eq!(reply.xml("NextMarker"), Some("california_wildfires_202501/"));
    let reply = get(
        &client,
        &signing,
        "/nasa-disasters?delimiter=%2F&marker=california_wildfires_202501%2F",
    );
    assert_eq!(reply.all("Prefix"), ["", "disasters/"]);
}

#[test]
fn objects_whole_in_parts_and_not_at_all() {
    let (client, signing) = guide();
    let target = "/nasa-disasters/california_wildfires_202501/README.txt";
    let whole = get(&client, &signing, target);
    assert!(whole.body.starts_with("California wildfires"));
    assert_eq!(whole.header("last-modified"), Some("Thu, 09 Jan 2025 02:26:40 GMT"));
    let part = get(&client, &signing.clone().header("range", "bytes=11-19"), target);
    assert_eq!((part.status, part.body.as_str()), (206, "wildfires"));
    assert_eq!(
        part.header("content-range"),
        Some(format!("bytes 11-19/{}", whole.body.len()).as_str())
    );
    assert_eq!(get(&client, &signing.clone().header("range", "bytes=999-"), target).status, 416);
    let etag = whole.header("etag").expect("an etag");
    assert_eq!(get(&client, &signing.clone().header("if-none-match", etag), target).status, 304);
    let found = head(&client, &signing, target);
    assert_eq!((found.status, found.body.as_str()), (200, ""));
    assert_eq!(found.header("content-length"), Some(whole.body.len().to_string().as_str()));
    assert_eq!(error(&get(&client, &signing, "/nasa-disasters/none")), (404, "NoSuchKey"));
    assert_eq!(head(&client, &signing, "/nasa-disasters/none").status, 404);
    let blank =
        get(&client, &signing, "/nasa-disasters/disasters/2024/helene/sar%20change%20map.png");
    assert_eq!((blank.status, blank.body.len()), (200, 18330));
}

#[test]
fn buckets() {
    let (client, signing) = guide();
    let reply = get(&client, &Signing { region: "us-east-1", ..signing.clone() }, "/");
    assert_eq!(reply.all("Name"), ["disasters-scratch", "nasa-disasters"]);
    assert_eq!(reply.all("CreationDate"), ["2023-02-01T09:00:00.000Z", "2022-06-14T17:03:21.000Z"]);
    let page = get(&client, &signing, "/?max-buckets=1");
    assert_eq!(
        (page.all("Name"), page.xml("ContinuationToken")),
        (vec!["disasters-scratch"], Some("disasters-scratch"))
    );
    let page = get(&client, &signing, "/?max-buckets=1&continuation-token=disasters-scratch");
    assert_eq!((page.all("Name"), page.xml("ContinuationToken")), (vec!["nasa-disasters"], None));
    assert_eq!(get(&client, &signing, "/?bucket-region=us-west-2").all("Name"), ["nasa-disasters"]);
    assert_eq!(get(&client, &signing, "/?prefix=nasa").all("Name"), ["nasa-disasters"]);
    assert_eq!(error(&get(&client, &signing, "/nowhere?list-type=2")), (404, "NoSuchBucket"));
    let location = get(&client, &signing, "/nasa-disasters?location");
    assert!(location.body.contains(">us-west-2<"));
    assert_eq!(get(&client, &signing, "/nasa-disasters?acl").status, 501);
    let put = signing.send(&client.running.endpoints().s3, "PUT", "/nasa-disasters", "");
    assert_eq!(error(&put), (405, "MethodNotAllowed"));
}

#[test]
fn virtual_hosts() {
    let (client, signing) = guide();
    for host in ["nasa-disasters.s3.localhost:1234", "nasa-disasters.s3.us-west-2.amazonaws.com"] {
        let signing = Signing { host: Some(host.to_owned()), ..signing.clone() };
        let reply = get(&client, &signing, "/?list-type=2&delimiter=%2F");
        assert_eq!(reply.xml("Name"), Some("nasa-disasters"), "{host}");
    }
    let stranger = Signing { host: Some("nasa-disasters.s3.example.com".to_owned()), ..signing };
    assert_eq!(get(&client, &stranger, "/?list-type=2").status, 421);
}

#[test]
fn a_bucket_elsewhere() {
    let (client, west) = guide();
    let east = Signing { region: "us-east-1", ..west.clone() };
    let control = client.running.control();
    // Style; status of GET, region in its header, in its body; of HEAD, in its header.
    for (style, status, header, body, head_status, head_header) in [
        (RedirectStyle::Permanent, 301, true, true, 301, true),
        (RedirectStyle::Temporary, 307, true, true, 307, true),
        (RedirectStyle::Malformed, 400, false, true, 400, true),
        (RedirectStyle::Silent, 301, false, false, 301, true),
        (RedirectStyle::Mute, 301, false, false, 301, false),
    ] {
        control.set_options(Options { redirect_style: style, ..control.options() });
        let reply = get(&client, &east, "/nasa-disasters?list-type=2");
        let told = |reply: &Reply| reply.header("x-amz-bucket-region") == Some("us-west-2");
        assert_eq!((reply.status, told(&reply)), (status, header), "{style:?}");
        assert_eq!(reply.xml("Region") == Some("us-west-2"), body, "{style:?}");
        let reply = head(&client, &east, "/nasa-disasters");
        assert_eq!(
            (reply.status, told(&reply), reply.body.len()),
            (head_status, head_header, 0),
            "{style:?}"
        );
        assert_eq!(get(&client, &west, "/nasa-disasters?list-type=2").status, 200, "{style:?}");
    }
}

#[test]
fn a_redirect_needs_a_good_signature_too() {
    let (client, west) = guide();
    let mut east = Signing { region: "us-east-1", ..west };
    east.time = SystemTime::now() - Duration::from_secs(16 * 60);
    assert_eq!(
        error(&get(&client, &east, "/nasa-disasters?list-type=2")),
        (403, "RequestTimeTooSkewed")
    );
    let base = client.running.endpoints().s3;
    assert_eq!(
        error(&send(&base, "GET", "/nasa-disasters?list-type=2", &[], "")),
        (403, "AccessDenied")
    );
}

#[test]
fn keys_that_do_not_count() {
    let (client, good) = guide();
    let keys = &good.credentials;
    let with = |id: &str, secret: &str, token: Option<&str>| {
        let token = token.map(str::to_owned);
        let credentials = aws_credential_types::Credentials::new(id, secret, token, None, "test");
        let reply = get(&client, &Signing { credentials, ..good.clone() }, "/");
        (reply.status, reply.xml("Code").unwrap_or_default().to_owned())
    };
    let (id, secret, token) =
        (keys.access_key_id(), keys.secret_access_key(), keys.session_token());
    assert_eq!(with("ASIAAAAAAAAAAAAAAAAA", secret, token), (403, "InvalidAccessKeyId".into()));
    assert_eq!(with(id, secret, None), (403, "InvalidAccessKeyId".into()));
    assert_eq!(with(id, secret, Some("x")), (400, "InvalidToken".into()));
    assert_eq!(with(id, "x", token), (403, "SignatureDoesNotMatch".into()));
    client.running.control().advance(Duration::from_secs(8 * 3600));
    assert_eq!(with(id, secret, token), (400, "ExpiredToken".into()));
}

#[test]
fn presigned_urls() {
    let (client, signing) = guide();
    let base = client.running.endpoints().s3;
    let target = signing.presign(&base, "/nasa-disasters/disasters/catalog.json", 60);
    assert_eq!(send(&base, "GET", &target, &[], "").status, 200);
    let other = target.replace("catalog", "catalogue");
    assert_eq!(error(&send(&base, "GET", &other, &[], "")), (403, "SignatureDoesNotMatch"));
    let old = Signing { time: SystemTime::now() - Duration::from_secs(120), ..signing };
    let target = old.presign(&base, "/nasa-disasters/disasters/catalog.json", 60);
    assert_eq!(error(&send(&base, "GET", &target, &[], "")), (403, "AccessDenied"));
}

#[test]
fn what_a_permission_set_denies() {
    let mut world = World::guide().with_bucket(Bucket::new("others", "us-west-2", "111111111111"));
    for set in &mut world.permission_sets {
        set.policy.deny = vec!["s3:ListAllMyBuckets".into()];
    }
    let (client, signing) = signed_in(world, Options::default());
    let reply = get(&client, &signing, "/");
    assert_eq!(error(&reply), (403, "AccessDenied"));
    assert!(reply.xml("Message").is_some_and(|text| text.contains("s3:ListAllMyBuckets")));
    assert_eq!(get(&client, &signing, "/nasa-disasters?list-type=2").status, 200);
    assert_eq!(error(&get(&client, &signing, "/others?list-type=2")), (403, "AccessDenied"));
}
